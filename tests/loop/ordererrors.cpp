// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/workerpool.h"
#include "tests/loop/orderprogram.h"

#include <memory>
#include <stdexcept>

namespace loopscope::test {

[[noreturn]] static void fail(const QByteArray &message)
{
    throw std::runtime_error(message.toStdString());
}

static void logErrorsAndTick()
{
    process().on(LoopRunner::uncaughtExceptionEvent, [](const std::exception_ptr &error) {
        log("uncaught: " + messageOf(error));
        nextTick(says("tick of the handler"));
    });
}

static void logExitCode()
{
    process().on(LoopRunner::exitEvent, [](int code) { log(numbered("exit ", code)); });
}

static void inTheScript()
{
    logUncaughtErrors();
    nextTick(says("tick"));
    setTimeout(says("timeout"), 1);
    spin(5);
    fail("script");
}

static void inATimer()
{
    logErrorsAndTick();
    setTimeout(
        [] {
            nextTick(says("tick"));
            queueMicrotask(says("microtask"));
            fail("first");
        },
        5);
    setTimeout(says("second"), 5);
    setTimeout(says("third"), 7);
    setImmediate(says("immediate"));
    spin(15);
}

static void inTheLastTimer()
{
    logUncaughtErrors();
    setTimeout(
        [] {
            nextTick(says("tick"));
            fail("timer");
        },
        1);
    setImmediate(says("immediate"));
    spin(5);
}

static void inAnInterval()
{
    logUncaughtErrors();
    const auto interval = std::make_shared<TimerId>();
    *interval = setInterval(
        [interval, runs = 0]() mutable {
            if (++runs == 3)
                clearTimeout(*interval);
            fail(numbered("run ", runs));
        },
        2);
}

static void inAnImmediate()
{
    logUncaughtErrors();
    setImmediate([] {
        nextTick(says("tick"));
        setImmediate(says("queued by the first"));
        setTimeout(says("timeout"), 1);
        spin(5);
        fail("first");
    });
    setImmediate(says("second"));
    setImmediate(says("third"));
}

static void inTheLastImmediate()
{
    logUncaughtErrors();
    setImmediate([] {
        nextTick(says("tick"));
        setImmediate([] {
            log("queued");
            setImmediate(says("queued later"));
        });
        setTimeout(says("timeout"), 1);
        spin(5);
        fail("immediate");
    });
}

static void immediateAgain(int run)
{
    if (run < 4)
        setImmediate([run] { immediateAgain(run + 1); });
    fail(numbered("run ", run));
}

static void inAnImmediateAgain()
{
    logUncaughtErrors();
    setTimeout(says("timeout"), 1);
    setImmediate([] {
        setTimeout(says("second timeout"), 2);
        spin(5);
    });
    setImmediate([] { immediateAgain(1); });
    spin(5);
}

static void inATick()
{
    logUncaughtErrors();
    nextTick([] { fail("tick"); });
    nextTick(says("second tick"));
    queueMicrotask(says("microtask"));
    setTimeout(says("timeout"), 1);
    setTimeout(says("second timeout"), 2);
    setImmediate(says("immediate"));
    spin(5);
}

static void inEachTick()
{
    logUncaughtErrors();
    for (int i = 1; i <= 4; ++i) {
        nextTick([i] {
            log(numbered("tick ", i));
            if (i != 3)
                fail(numbered("tick ", i));
        });
    }
    process().on(LoopRunner::exitEvent, says("exit"));
}

static void inAMicrotask()
{
    logUncaughtErrors();
    queueMicrotask([] {
        nextTick(says("tick"));
        fail("microtask");
    });
    queueMicrotask(says("second microtask"));
}

static void inACloseCallback()
{
    logUncaughtErrors();
    closeHandle([] {
        nextTick(says("tick"));
        setTimeout(says("timeout"), 1);
        spin(5);
        fail("close");
    });
}

static void inOneOfTwoCloseCallbacks()
{
    logUncaughtErrors();
    closeHandle(says("first"));
    closeHandle([] {
        nextTick(says("tick"));
        fail("second");
    });
}

static void inIo()
{
    logUncaughtErrors();
    io([] {
        nextTick(says("tick"));
        setImmediate(says("immediate"));
        fail("io");
    });
}

static void inOneOfTwoCompletions()
{
    theLoop().pool().resize(1);
    logUncaughtErrors();
    io([] {
        nextTick(says("tick"));
        setImmediate(says("immediate"));
        fail("first");
    });
    io(says("second"));
    spin(20);
}

static Task<> fails(QByteArray name, bool late = false)
{
    if (late)
        co_await loop::resolved();
    fail(name);
}

static void inAnAsyncFunction()
{
    logErrorsAndTick();
    fails("first").detach();
    fails("second", true).detach();
    nextTick(says("tick"));
    queueMicrotask(says("microtask"));
    log("script");
}

static Task<> catches(std::shared_ptr<Task<>> task)
{
    try {
        co_await *task;
    } catch (const std::exception &error) {
        log(QByteArray("caught: ") + error.what());
    }
}

static void butAwaitedInTime()
{
    logUncaughtErrors();
    const auto task = std::make_shared<Task<>>(fails("fails"));
    queueMicrotask([task] { catches(task).detach(); });
}

static void isFatal()
{
    process().on(LoopRunner::beforeExitEvent, says("beforeExit"));
    logExitCode();
    setTimeout(
        [] {
            log("first");
            nextTick(says("tick"));
            fail("timer");
        },
        5);
    setTimeout(says("second"), 5);
    setImmediate(says("immediate"));
    spin(10);
}

static void rejectionIsFatal()
{
    logExitCode();
    fails("async").detach();
    nextTick(says("tick"));
    queueMicrotask(says("microtask"));
    setImmediate(says("immediate"));
}

static void inTheHandler()
{
    logExitCode();
    process().on(LoopRunner::uncaughtExceptionEvent, [](const std::exception_ptr &error) {
        log("uncaught: " + messageOf(error));
        fail("again");
    });
    setTimeout([] { fail("timer"); }, 1);
    setTimeout(says("never"), 10);
}

static void inBeforeExit()
{
    logUncaughtErrors();
    process().on(LoopRunner::beforeExitEvent, [times = 0]() mutable {
        log(numbered("beforeExit ", ++times));
        if (times == 1) {
            setTimeout(says("timeout"), 1);
            fail("listener");
        }
    });
    logExitCode();
}

OrderPrograms errorPrograms()
{
    return {{"uncaught-in-the-script", &inTheScript},
            {"uncaught-in-a-timer", &inATimer},
            {"uncaught-in-the-last-timer", &inTheLastTimer},
            {"uncaught-in-an-interval", &inAnInterval},
            {"uncaught-in-an-immediate", &inAnImmediate},
            {"uncaught-in-the-last-immediate", &inTheLastImmediate},
            {"uncaught-in-an-immediate-again", &inAnImmediateAgain},
            {"uncaught-in-a-tick", &inATick},
            {"uncaught-in-each-tick", &inEachTick},
            {"uncaught-in-a-microtask", &inAMicrotask},
            {"uncaught-in-a-close-callback", &inACloseCallback},
            {"uncaught-in-one-of-two-close-callbacks", &inOneOfTwoCloseCallbacks},
            {"uncaught-in-io", &inIo},
            {"uncaught-in-one-of-two-completions", &inOneOfTwoCompletions},
            {"uncaught-in-an-async-function", &inAnAsyncFunction},
            {"uncaught-but-awaited-in-time", &butAwaitedInTime},
            {"uncaught-is-fatal", &isFatal},
            {"uncaught-rejection-is-fatal", &rejectionIsFatal},
            {"uncaught-in-the-handler", &inTheHandler},
            {"uncaught-in-before-exit", &inBeforeExit}};
}

} // namespace loopscope::test
