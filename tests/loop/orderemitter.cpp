// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/orderprogram.h"

#include <memory>
#include <stdexcept>

namespace loopscope::test {

using loop::Event;

static const Event<> event{"event"};
static const Event<> other{"other"};
static const Event<int> valueEvent{"event"};

static std::shared_ptr<EventEmitter> newEmitter()
{
    return std::make_shared<EventEmitter>();
}

static void isSynchronous()
{
    EventEmitter emitter;
    emitter.on(valueEvent, [](int value) {
        log(numbered("first ", value));
        nextTick(says("tick"));
    });
    emitter.addListener(valueEvent, [](int value) { log(numbered("second ", value)); });
    log("before");
    log(words(emitter.emit(valueEvent, 7)));
    log("after");
    log(words(emitter.emit(other)));
}

static void once()
{
    EventEmitter emitter;
    emitter.once(event, [&] {
        log(numbered("once, listeners left: ", int(emitter.listenerCount(event))));
        emitter.emit(event);
    });
    emitter.on(event, says("always"));
    emitter.emit(event);
    emitter.emit(event);
}

static void prepend()
{
    EventEmitter emitter;
    emitter.on(event, says("a"));
    emitter.prependListener(event, says("b"));
    emitter.prependOnceListener(event, says("c"));
    emitter.on(event, says("d"));
    emitter.emit(event);
    log("again");
    emitter.emit(event);
}

static void removeDuringEmit()
{
    EventEmitter emitter;
    EventEmitter::ListenerId second{};
    emitter.on(event, [&] {
        log("first");
        emitter.off(second);
    });
    second = emitter.on(event, says("second"));
    emitter.on(event, says("third"));
    emitter.emit(event);
    log("again");
    emitter.emit(event);
}

static void removeOnceDuringEmit()
{
    EventEmitter emitter;
    EventEmitter::ListenerId once{};
    emitter.on(event, [&] {
        log("first");
        emitter.removeListener(once);
        emitter.removeAllListeners();
        log(numbered("left: ", int(emitter.listenerCount(event))));
    });
    once = emitter.once(event, says("once"));
    emitter.on(event, says("last"));
    emitter.emit(event);
    log(words(emitter.emit(event)));
}

static void addDuringEmit()
{
    EventEmitter emitter;
    int added = 0;
    emitter.on(event, [&] {
        log("first");
        if (++added < 3)
            emitter.on(event, says(numbered("added ", added)));
    });
    emitter.emit(event);
    log("again");
    emitter.emit(event);
}

static void nestedEmit()
{
    EventEmitter emitter;
    int depth = 0;
    emitter.on(event, [&] {
        log(numbered("a", ++depth));
        if (depth < 3)
            emitter.emit(event);
        log("a ends");
    });
    emitter.once(event, says("once"));
    emitter.on(event, says("b"));
    emitter.emit(event);
}

static void newListener()
{
    EventEmitter emitter;
    emitter.once(EventEmitter::newListenerEvent, [&](const QByteArray &name) {
        log("new: " + name + numbered(", there are ", int(emitter.listenerCount(Event<>(name)))));
        emitter.on(Event<>(name), says("added by newListener"));
    });
    emitter.on(event, says("added"));
    emitter.emit(event);
    emitter.on(EventEmitter::newListenerEvent, [](const QByteArray &name) { log("new again: " + name); });
    emitter.on(EventEmitter::newListenerEvent, [](const QByteArray &name) { log("new, too: " + name); });
    emitter.once(event, says("third"));
    emitter.emit(event);
}

static void removeListenerEvent()
{
    EventEmitter emitter;
    emitter.on(EventEmitter::removeListenerEvent, [&](const QByteArray &name) {
        log("removed: " + name + numbered(", there are ", int(emitter.listenerCount(Event<>(name)))));
    });
    const auto a = emitter.on(event, says("a"));
    emitter.once(event, says("b"));
    emitter.on(event, says("c"));
    emitter.on(other, [] {});
    emitter.emit(event);
    emitter.off(a);
    emitter.off(a);
    emitter.removeAllListeners(event);
    emitter.on(event, says("a"));
    emitter.removeAllListeners();
    log(numbered("left: ", int(emitter.eventNames().size())));
}

static void show(const EventEmitter &emitter)
{
    QByteArrayList names;
    for (const QByteArray &name : emitter.eventNames())
        names << name + numbered(":", int(emitter.listenerCount(Event<>(name))));
    log(names.join(' '));
}

static void namesAndCounts()
{
    EventEmitter emitter;
    const Event<> a{"a"};
    const Event<> b{"b"};
    const Event<> c{"c"};
    const auto gone = emitter.on(a, [] {});
    emitter.once(b, [] {});
    emitter.on(a, [] {});
    emitter.on(c, [] {});
    show(emitter);
    emitter.emit(b);
    show(emitter);
    emitter.off(gone);
    show(emitter);
    emitter.removeAllListeners(a);
    emitter.on(b, [] {});
    emitter.on(a, [] {});
    show(emitter);
}

// --- errors ---

static void errorWithoutAListener()
{
    EventEmitter emitter;
    try {
        emitter.emit(EventEmitter::errorEvent, makeError("nobody listens"));
    } catch (const std::exception &error) {
        log(QByteArray("thrown: ") + error.what());
    }
    emitter.on(EventEmitter::errorEvent,
               [](const std::exception_ptr &error) { log("listener: " + messageOf(error)); });
    log(words(emitter.emit(EventEmitter::errorEvent, makeError("somebody does"))));
}

static void errorIsFatal()
{
    const auto emitter = newEmitter();
    process().on(LoopRunner::exitEvent, [](int code) { log(numbered("exit ", code)); });
    setImmediate([emitter] {
        log("immediate");
        emitter->emit(EventEmitter::errorEvent, makeError("nobody listens"));
        log("never");
    });
    setImmediate(says("never"));
}

static void errorMonitor()
{
    EventEmitter emitter;
    emitter.on(EventEmitter::errorMonitorEvent,
               [](const std::exception_ptr &error) { log("monitor: " + messageOf(error)); });
    try {
        emitter.emit(EventEmitter::errorEvent, makeError("first"));
    } catch (const std::exception &error) {
        log(QByteArray("thrown: ") + error.what());
    }
    emitter.prependListener(EventEmitter::errorEvent,
                            [](const std::exception_ptr &error) { log("listener: " + messageOf(error)); });
    emitter.emit(EventEmitter::errorEvent, makeError("second"));
}

static void listenerThrows()
{
    logUncaughtErrors();
    const auto emitter = newEmitter();
    emitter->on(event, says("first"));
    emitter->on(event, [] { throw std::runtime_error("second"); });
    emitter->on(event, says("never"));
    try {
        emitter->emit(event);
    } catch (const std::exception &error) {
        log(QByteArray("caught: ") + error.what());
    }
    setImmediate([emitter] { emitter->emit(event); });
    setImmediate(says("immediate"));
}

static void maxListeners()
{
    process().on(LoopRunner::warningEvent,
                 [](const loop::Warning &warning) { log(warning.name + ": " + warning.message.toUtf8()); });
    EventEmitter emitter;
    for (int i = 0; i < 13; ++i)
        emitter.on(event, [] {});
    for (int i = 0; i < 10; ++i)
        emitter.on(Event<>("few"), [] {});
    EventEmitter many;
    many.setMaxListeners(0);
    for (int i = 0; i < 20; ++i)
        many.on(event, [] {});
    log("script");
}

// --- listeners that are coroutines ---

static Task<> failsAtOnce()
{
    log("listener");
    throw std::runtime_error("async");
    co_return;
}

static Task<> logsLater()
{
    co_await loop::resolved();
    log("second listener");
}

static Task<> failsLater()
{
    log("listener");
    co_await loop::resolved();
    throw std::runtime_error("async");
}

static void captureRejections()
{
    const auto emitter = newEmitter();
    emitter->setCaptureRejections(true);
    emitter->on(event, [] { return failsAtOnce(); });
    emitter->on(event, [] { return logsLater(); });
    emitter->on(EventEmitter::errorEvent, [](const std::exception_ptr &error) { log("error: " + messageOf(error)); });
    emitter->emit(event);
    queueMicrotask([] {
        log("microtask");
        queueMicrotask(says("second microtask"));
    });
    nextTick([emitter] { log("tick"); });
    log("script");
    setImmediate([emitter] {}); // JavaScript's emitter lives as long as it is needed
}

static void asyncListener()
{
    logUncaughtErrors();
    EventEmitter emitter;
    emitter.on(event, [] { return failsLater(); });
    emitter.on(EventEmitter::errorEvent, says("never"));
    emitter.emit(event);
    log("script");
}

// --- events.once() ---

static void countMicrotasks(int from, int to)
{
    queueMicrotask([from, to] {
        log(numbered("microtask ", from));
        if (from < to)
            countMicrotasks(from + 1, to);
    });
}

static void logListeners(const EventEmitter &emitter)
{
    log(numbered("listeners: ", int(emitter.listenerCount(event)))
        + numbered(", ", int(emitter.listenerCount(EventEmitter::errorEvent))));
}

static Task<> awaitsValue(std::shared_ptr<EventEmitter> emitter)
{
    log("waits");
    const int value = co_await loop::events::once(*emitter, valueEvent);
    log(numbered("got ", value));
    logListeners(*emitter);
}

static void awaitedOnce()
{
    const auto emitter = newEmitter();
    awaitsValue(emitter).detach();
    logListeners(*emitter);
    setImmediate([emitter] {
        emitter->emit(valueEvent, 7);
        log("emitted");
        emitter->emit(valueEvent, 8);
        countMicrotasks(1, 4);
        nextTick(says("tick"));
    });
    log("script");
}

static Task<> awaitsNothing(std::shared_ptr<EventEmitter> emitter)
{
    co_await loop::events::once(*emitter, event);
    log("goes on");
}

static void awaitedAtOnce()
{
    const auto emitter = newEmitter();
    awaitsNothing(emitter).detach();
    emitter->emit(event);
    countMicrotasks(1, 5);
    log("script");
}

static Task<> awaitsErrors(std::shared_ptr<EventEmitter> emitter)
{
    try {
        co_await loop::events::once(*emitter, event);
        log("never");
    } catch (const std::exception &error) {
        log(QByteArray("caught: ") + error.what());
    }
    logListeners(*emitter);
    setImmediate([emitter] { emitter->emit(EventEmitter::errorEvent, makeError("second")); });
    const std::exception_ptr error = co_await loop::events::once(*emitter, EventEmitter::errorEvent);
    log("got: " + messageOf(error));
    logListeners(*emitter);
}

static void awaitedError()
{
    const auto emitter = newEmitter();
    awaitsErrors(emitter).detach();
    setImmediate([emitter] {
        emitter->emit(EventEmitter::errorEvent, makeError("first"));
        log("emitted");
        queueMicrotask(says("microtask"));
    });
}

OrderPrograms emitterPrograms()
{
    return {{"emitter-is-synchronous", &isSynchronous},
            {"emitter-once", &once},
            {"emitter-prepend", &prepend},
            {"emitter-remove-during-emit", &removeDuringEmit},
            {"emitter-remove-once-during-emit", &removeOnceDuringEmit},
            {"emitter-add-during-emit", &addDuringEmit},
            {"emitter-nested-emit", &nestedEmit},
            {"emitter-new-listener", &newListener},
            {"emitter-remove-listener-event", &removeListenerEvent},
            {"emitter-names-and-counts", &namesAndCounts},
            {"emitter-error-without-a-listener", &errorWithoutAListener},
            {"emitter-error-is-fatal", &errorIsFatal},
            {"emitter-error-monitor", &errorMonitor},
            {"emitter-listener-throws", &listenerThrows},
            {"emitter-max-listeners", &maxListeners},
            {"emitter-capture-rejections", &captureRejections},
            {"emitter-async-listener", &asyncListener},
            {"emitter-awaited-once", &awaitedOnce},
            {"emitter-awaited-at-once", &awaitedAtOnce},
            {"emitter-awaited-error", &awaitedError}};
}

} // namespace loopscope::test
