// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/orderprogram.h"

namespace loopscope::test {

static void logBoth()
{
    process().on(LoopRunner::beforeExitEvent, [](int code) { log(numbered("beforeExit ", code)); });
    process().on(LoopRunner::exitEvent, [](int code) { log(numbered("exit ", code)); });
}

static void empty()
{
    logBoth();
    log("script");
}

static void goesOn()
{
    process().on(LoopRunner::beforeExitEvent, [times = 0]() mutable {
        log(numbered("beforeExit ", ++times));
        if (times == 1)
            setTimeout(says("timeout"), 1);
        else if (times == 2)
            setImmediate(says("immediate"));
        else
            nextTick(says("tick"));
    });
    process().on(LoopRunner::exitEvent, says("exit"));
}

static void synchronous()
{
    process().on(LoopRunner::exitEvent, [] {
        log("exit");
        setTimeout(says("timeout"), 0);
        setImmediate(says("immediate"));
        nextTick(says("tick"));
        queueMicrotask(says("microtask"));
    });
    process().on(LoopRunner::exitEvent, says("second listener"));
}

static void exitCode()
{
    process().setExitCode(3);
    process().on(LoopRunner::beforeExitEvent, [](int code) { log(numbered("beforeExit ", code)); });
    process().on(LoopRunner::exitEvent, [](int code) {
        log(numbered("exit ", code));
        process().setExitCode(4);
    });
}

static void now()
{
    process().on(LoopRunner::beforeExitEvent, says("beforeExit"));
    process().on(LoopRunner::exitEvent, [](int code) { log(numbered("exit ", code)); });
    setTimeout(
        [] {
            log("first");
            nextTick(says("tick"));
            process().exit(5);
        },
        5);
    setTimeout(says("second"), 5);
    setImmediate(says("immediate"));
    spin(10);
}

OrderPrograms exitPrograms()
{
    return {{"exit-empty", &empty},
            {"exit-before-exit-goes-on", &goesOn},
            {"exit-is-synchronous", &synchronous},
            {"exit-code", &exitCode},
            {"exit-now", &now}};
}

} // namespace loopscope::test
