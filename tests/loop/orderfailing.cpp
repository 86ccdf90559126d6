// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/orderprogram.h"

#include <memory>
#include <stdexcept>

// Coroutines within each other, how programs end, and what fails on the way.
namespace loopscope::test {

static void countMicrotasks(int from)
{
    queueMicrotask([from] {
        log(numbered("microtask ", from));
        if (from < 5)
            countMicrotasks(from + 1);
    });
}

static Task<> steps(QByteArray name)
{
    for (int i = 1; i <= 3; ++i) {
        nextTick(says(numbered("tick ", i) + " of " + name));
        co_await loop::resolved();
        log(name + numbered(" ", i));
    }
    queueMicrotask(says("microtask of " + name));
}

static void ticksAmongAwaits()
{
    nextTick([] {
        log("tick");
        steps("a").detach();
        nextTick(says("tick of the tick"));
        queueMicrotask(says("microtask of the tick"));
    });
    queueMicrotask([] {
        log("microtask");
        steps("b").detach();
    });
    log("script");
}

static Task<int> inner()
{
    co_await loop::resolved();
    log("inner");
    co_return 1;
}

static Task<int> middle()
{
    const int value = co_await inner() + 1;
    log("middle");
    co_return value;
}

static Task<> outer()
{
    log(numbered("outer: ", co_await middle() + 1));
}

static void awaitNestedThrice()
{
    outer().detach();
    countMicrotasks(1);
    nextTick(says("tick"));
}

static Task<> fails(QByteArray name, int hops)
{
    for (int i = 0; i < hops; ++i)
        co_await loop::resolved();
    throw std::runtime_error(name.toStdString());
}

static Task<> failsBetween()
{
    struct Finally {
        ~Finally() { log("finally"); }
    };
    const Finally finally;
    co_await fails("inner", 1);
}

static Task<> catches()
{
    try {
        co_await failsBetween();
    } catch (const std::exception &error) {
        log(QByteArray("caught: ") + error.what());
    }
    co_await loop::resolved();
    log("goes on");
}

static void awaitAnErrorThroughLevels()
{
    catches().detach();
    countMicrotasks(1);
}

static Task<> twoAwaits(QByteArray name)
{
    log(name);
    nextTick(says("tick of " + name));
    co_await loop::resolved();
    log(name + " goes on");
    setImmediate(says("immediate of " + name));
    co_await loop::resolved();
    log(name + " ends");
}

static void awaitInImmediates()
{
    for (const QByteArray name : {"a", "b"})
        setImmediate([name] { twoAwaits(name).detach(); });
}

// --- the end ---

static Task<> startsAnImmediate()
{
    co_await loop::resolved();
    log("microtask");
    setImmediate(says("immediate"));
}

static void beforeExitByIo()
{
    process().on(LoopRunner::beforeExitEvent, [times = 0]() mutable {
        log(numbered("beforeExit ", ++times));
        switch (times) {
        case 1: io(says("io")); break;
        case 2: closeHandle(says("close")); break;
        case 3: startsAnImmediate().detach(); break;
        default: queueMicrotask(says("last microtask")); break;
        }
    });
    process().on(LoopRunner::exitEvent, says("exit"));
}

static void beforeExitUnref()
{
    process().on(LoopRunner::beforeExitEvent, [times = 0]() mutable {
        log(numbered("beforeExit ", ++times));
        theLoop().setReferenced(setTimeout(says("never"), 1), false);
        theLoop().setReferenced(setImmediate(says("never")), false);
    });
    process().on(LoopRunner::exitEvent, says("exit"));
}

static void exitInBeforeExit()
{
    process().on(LoopRunner::beforeExitEvent, [] {
        log("beforeExit");
        setTimeout(says("never"), 1);
        nextTick(says("never"));
        process().exit(3);
    });
    process().on(LoopRunner::exitEvent, [](int code) {
        log(numbered("exit ", code));
        nextTick(says("never"));
    });
}

static void exitInAMicrotask()
{
    process().on(LoopRunner::exitEvent, [](int code) {
        log(numbered("exit ", code));
        process().setExitCode(4);
    });
    setImmediate([] {
        log("immediate");
        queueMicrotask([] {
            log("microtask");
            nextTick(says("never"));
            process().exit(6);
        });
        queueMicrotask(says("never"));
    });
    setImmediate(says("never"));
}

static void unrefInItsOwnCallback()
{
    const auto interval = std::make_shared<TimerId>();
    *interval = setInterval(
        [interval, runs = 0]() mutable {
            if (++runs == 1) {
                log("interval");
                theLoop().setReferenced(*interval, false);
                log(words(theLoop().isReferenced(*interval)));
            }
            if (runs > 1 && theLoop().isReferenced(*interval)) {
                log("again");
                clearTimeout(*interval);
            }
        },
        1);
    const TimerId gone = setInterval([] {}, 1);
    setTimeout(
        [interval, gone] {
            log("timeout");
            theLoop().setReferenced(*interval, true);
            theLoop().setReferenced(gone, false);
        },
        20);
    process().on(LoopRunner::exitEvent, says("exit"));
}

// --- what fails ---

static void rejectionsInOrder()
{
    process().on(LoopRunner::uncaughtExceptionEvent, [](const std::exception_ptr &error) {
        log("uncaught: " + messageOf(error));
        queueMicrotask(says("microtask of the handler"));
    });
    fails("after two", 2).detach();
    fails("after one", 1).detach();
    fails("at once", 0).detach();
    nextTick([] {
        log("tick");
        fails("of the tick", 0).detach();
    });
    setImmediate([] {
        log("immediate");
        fails("of the immediate", 1).detach();
    });
}

static void logExitCode()
{
    process().on(LoopRunner::exitEvent, [](int code) { log(numbered("exit ", code)); });
}

static void uncaughtOnce()
{
    process().once(LoopRunner::uncaughtExceptionEvent,
                   [](const std::exception_ptr &error) { log("uncaught: " + messageOf(error)); });
    logExitCode();
    for (const char *line : {"immediate", "second"}) {
        setImmediate([line] {
            log(line);
            throw std::runtime_error("timer");
        });
    }
    setImmediate(says("never"));
}

static void failInExit(const char *message)
{
    process().on(LoopRunner::exitEvent, [message](int code) {
        log(numbered("exit ", code));
        throw std::runtime_error(message);
    });
    process().on(LoopRunner::exitEvent, says("never"));
    setTimeout(says("timeout"), 1);
}

static void inAnExitListener()
{
    failInExit("timer");
}

static void inAnExitListenerHandled()
{
    process().on(LoopRunner::uncaughtExceptionEvent, [](const std::exception_ptr &error) {
        log("uncaught: " + messageOf(error));
        setTimeout(says("never"), 1);
    });
    failInExit("listener");
}

OrderPrograms failingPrograms()
{
    return {{"ticks-among-awaits", &ticksAmongAwaits},
            {"await-nested-thrice", &awaitNestedThrice},
            {"await-an-error-through-levels", &awaitAnErrorThroughLevels},
            {"await-in-immediates", &awaitInImmediates},
            {"exit-before-exit-by-io", &beforeExitByIo},
            {"exit-before-exit-unref", &beforeExitUnref},
            {"exit-in-before-exit", &exitInBeforeExit},
            {"exit-in-a-microtask", &exitInAMicrotask},
            {"unref-in-its-own-callback", &unrefInItsOwnCallback},
            {"uncaught-rejections-in-order", &rejectionsInOrder},
            {"uncaught-once", &uncaughtOnce},
            {"uncaught-in-an-exit-listener", &inAnExitListener},
            {"uncaught-in-an-exit-listener-handled", &inAnExitListenerHandled}};
}

} // namespace loopscope::test
