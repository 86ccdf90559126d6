// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/orderprogram.h"

#include <memory>

namespace loopscope::test {

// --- immediates ---

static void oncePerTurn()
{
    setImmediate([] {
        log("first");
        setImmediate(says("queued by the first"));
        setTimeout(says("timeout"), 1);
        spin(5);
    });
    setImmediate(says("second"));
}

static void clearsAnother()
{
    const auto second = std::make_shared<ImmediateId>();
    setImmediate([second] {
        log("first");
        clearImmediate(*second);
        const ImmediateId fresh = setImmediate(says("never"));
        clearImmediate(fresh);
    });
    *second = setImmediate(says("second"));
    setImmediate(says("third"));
}

static void clearedByATick()
{
    const auto second = std::make_shared<ImmediateId>();
    setImmediate([second] {
        log("first");
        nextTick([second] {
            log("tick");
            clearImmediate(*second);
        });
    });
    *second = setImmediate(says("second"));
    setImmediate(says("third"));
}

static void immediateTicksBetween()
{
    for (const QByteArray name : {"a", "b"}) {
        setImmediate([name] {
            log(name);
            queueMicrotask(says("microtask of " + name));
            nextTick(says("tick of " + name));
        });
    }
}

// --- ticks and microtasks ---

static Task<> resolvedThenLogs() // Promise.resolve().then(…)
{
    co_await loop::resolved();
    log("promise");
}

static void beforeMicrotasks()
{
    queueMicrotask(says("microtask"));
    nextTick(says("tick"));
    resolvedThenLogs().detach();
    nextTick(says("second tick"));
    log("script");
}

static void ticksNested()
{
    queueMicrotask(says("microtask"));
    nextTick([] {
        log("tick");
        nextTick([] {
            log("nested");
            nextTick(says("nested twice"));
        });
    });
    nextTick(says("second tick"));
}

static void microtasksBeforeTheirTicks()
{
    queueMicrotask([] {
        log("first");
        nextTick(says("tick of the first"));
        queueMicrotask(says("nested"));
    });
    queueMicrotask(says("second"));
}

static void alternatingTick(int left)
{
    nextTick([left] {
        log(numbered("tick ", left));
        queueMicrotask([left] {
            log(numbered("microtask ", left));
            if (left > 0)
                alternatingTick(left - 1);
        });
    });
}

static void alternate()
{
    alternatingTick(2);
    alternatingTick(1);
    setImmediate(says("immediate"));
}

static void tickAgain(int left)
{
    if (left > 1)
        nextTick([left] { tickAgain(left - 1); });
    else
        log("the last tick");
}

static void starveTheLoop()
{
    setImmediate(says("immediate"));
    setTimeout(says("timeout"), 1);
    spin(5);
    nextTick([] { tickAgain(1000); });
}

OrderPrograms tickPrograms()
{
    return {{"immediate-once-per-turn", &oncePerTurn},
            {"immediate-clears-another", &clearsAnother},
            {"immediate-cleared-by-a-tick", &clearedByATick},
            {"immediate-ticks-between", &immediateTicksBetween},
            {"ticks-before-microtasks", &beforeMicrotasks},
            {"ticks-nested", &ticksNested},
            {"microtasks-before-their-ticks", &microtasksBeforeTheirTicks},
            {"ticks-and-microtasks-alternate", &alternate},
            {"ticks-starve-the-loop", &starveTheLoop}};
}

} // namespace loopscope::test
