// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/orderprogram.h"

#include <memory>
#include <stdexcept>

// Listeners that add, remove and fail while they are called.
namespace loopscope::test {

using loop::Event;

static const Event<> event{"event"};
static const Event<int> valueEvent{"event"};

static void logThrown(const std::exception &error)
{
    log(QByteArray("thrown: ") + error.what());
}

static void prependDuringEmit()
{
    EventEmitter emitter;
    emitter.once(event, [&] {
        log("once");
        emitter.prependListener(event, says("prepended"));
        emitter.prependOnceListener(event, says("prepended once"));
    });
    emitter.on(event, says("always"));
    for (int i = 0; i < 3; ++i) {
        log("emit");
        emitter.emit(event);
    }
}

static void logRemoved(EventEmitter &emitter)
{
    emitter.on(EventEmitter::removeListenerEvent, [&emitter](const QByteArray &name) {
        log("removed: " + name + numbered(", there are ", int(emitter.listenerCount(Event<>(name)))));
    });
}

static void onceThrows()
{
    EventEmitter emitter;
    logRemoved(emitter);
    emitter.once(event, [] {
        log("once");
        throw std::runtime_error("first");
    });
    emitter.on(event, says("second"));
    for (int i = 0; i < 2; ++i) {
        try {
            log(words(emitter.emit(event)));
        } catch (const std::exception &error) {
            logThrown(error);
        }
    }
}

static void newListenerRemoves()
{
    EventEmitter emitter;
    const auto first = emitter.on(event, says("first"));
    emitter.on(EventEmitter::newListenerEvent, [&](const QByteArray &name) {
        log("new: " + name + numbered(", there are ", int(emitter.listenerCount(Event<>(name)))));
        if (name == event.name())
            emitter.off(first);
    });
    logRemoved(emitter);
    emitter.once(event, says("once"));
    emitter.prependOnceListener(event, says("prepended once"));
    emitter.emit(event);
    log(words(emitter.emit(event)));
}

static void errorInAnErrorListener()
{
    EventEmitter emitter;
    emitter.on(EventEmitter::errorEvent, [&, depth = 0](const std::exception_ptr &error) mutable {
        log("first: " + messageOf(error));
        if (++depth < 3)
            emitter.emit(EventEmitter::errorEvent, makeError(numbered("again ", depth).constData()));
        else
            throw std::runtime_error("enough");
    });
    emitter.on(EventEmitter::errorEvent, says("never"));
    try {
        emitter.emit(EventEmitter::errorEvent, makeError("one"));
    } catch (const std::exception &error) {
        logThrown(error);
    }
    emitter.removeAllListeners(EventEmitter::errorEvent);
    try {
        emitter.emit(EventEmitter::errorEvent, makeError("two"));
    } catch (const std::exception &error) {
        logThrown(error);
    }
}

static Task<> failsLater(int value)
{
    co_await loop::resolved();
    throw std::runtime_error("listener " + std::to_string(value));
}

static void capturedWithoutAListener()
{
    logUncaughtErrors();
    const auto emitter = std::make_shared<EventEmitter>();
    emitter->setCaptureRejections(true);
    emitter->on(valueEvent, [](int value) { return failsLater(value); });
    emitter->emit(valueEvent, 1);
    emitter->emit(valueEvent, 2);
    setImmediate(says("immediate"));
    setTimeout([emitter] { log("timeout"); }, 20);
}

static void inIo()
{
    logUncaughtErrors();
    const auto emitter = std::make_shared<EventEmitter>();
    emitter->on(event, [] {
        log("first");
        nextTick(says("tick"));
    });
    emitter->on(event, [] {
        queueMicrotask(says("microtask"));
        throw std::runtime_error("second");
    });
    emitter->on(event, says("never"));
    io([emitter] {
        setImmediate(says("immediate"));
        emitter->emit(event);
        log("never");
    });
}

OrderPrograms listenerPrograms()
{
    return {{"emitter-prepend-during-emit", &prependDuringEmit},
            {"emitter-once-throws", &onceThrows},
            {"emitter-new-listener-removes", &newListenerRemoves},
            {"emitter-error-in-an-error-listener", &errorInAnErrorListener},
            {"emitter-captured-without-a-listener", &capturedWithoutAListener},
            {"emitter-in-io", &inIo}};
}

} // namespace loopscope::test
