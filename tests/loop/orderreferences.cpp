// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/handlereference.h"
#include "tests/loop/orderprogram.h"

#include <memory>

namespace loopscope::test {

static void unref(TimerId id)
{
    theLoop().setReferenced(id, false);
}

static void logExit()
{
    process().on(LoopRunner::exitEvent, says("exit"));
}

static void unrefTimer()
{
    unref(setTimeout(says("never"), 3'600'000));
    setTimeout(says("last"), 2);
    logExit();
}

static void unrefTimerAlone()
{
    unref(setTimeout(says("never"), 1));
    logExit();
    spin(5);
}

static void unrefTimerDue()
{
    setImmediate([] {
        log("immediate");
        unref(setTimeout(
            [] {
                log("not referenced");
                setImmediate(says("and goes on"));
            },
            5));
        spin(20);
    });
}

static void unrefAndRefAgain()
{
    const TimerId timer = setTimeout(says("timer"), 5);
    unref(timer);
    unref(timer);
    log(words(theLoop().isReferenced(timer)));
    theLoop().setReferenced(timer, true);
    theLoop().setReferenced(timer, true);
    log(words(theLoop().isReferenced(timer)));
    logExit();
}

static void unrefInterval()
{
    unref(setInterval(
        [runs = 0]() mutable {
            if (++runs == 1)
                log("interval");
        },
        2));
    setTimeout(says("timeout"), 20);
    logExit();
}

static void unrefImmediate()
{
    theLoop().setReferenced(setImmediate(says("not referenced")), false);
    setTimeout(says("timeout"), 1);
    spin(5);
}

static void unrefImmediateAlone()
{
    theLoop().setReferenced(setImmediate(says("never")), false);
    logExit();
}

static void keepAliveByAHandle()
{
    const auto server = std::make_shared<loop::HandleReference>(theLoop());
    nextTick(says("listening")); // as net.Server does
    setTimeout(
        [server] {
            log("closing");
            server->unref();
            nextTick(says("closed"));
        },
        20);
    logExit();
}

static void unrefHandle()
{
    const auto server = std::make_shared<loop::HandleReference>(theLoop());
    nextTick([server] { log("listening"); });
    server->unref();
    logExit();
}

static void refreshKeepsTheReference()
{
    const auto held = std::make_shared<TimerId>();
    *held = setTimeout(
        [held, runs = 0]() mutable {
            log(numbered("held ", ++runs));
            if (runs < 3)
                theLoop().refresh(*held);
        },
        5);
    const TimerId loose = setTimeout(says("never"), 2000);
    unref(loose);
    theLoop().refresh(loose);
    log("has a reference: " + words(theLoop().isReferenced(loose)) + ", " + words(theLoop().isReferenced(*held)));
    logExit();
}

OrderPrograms referencePrograms()
{
    return {{"unref-timer", &unrefTimer},
            {"unref-timer-alone", &unrefTimerAlone},
            {"unref-timer-due", &unrefTimerDue},
            {"unref-and-ref-again", &unrefAndRefAgain},
            {"unref-interval", &unrefInterval},
            {"unref-immediate", &unrefImmediate},
            {"unref-immediate-alone", &unrefImmediateAlone},
            {"keep-alive-by-a-handle", &keepAliveByAHandle},
            {"unref-handle", &unrefHandle},
            {"timers-refresh-unref", &refreshKeepsTheReference}};
}

} // namespace loopscope::test
