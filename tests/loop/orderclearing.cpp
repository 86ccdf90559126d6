// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/orderprogram.h"

#include <memory>
#include <vector>

// Timers and immediates that others take back, start again or outlast.
namespace loopscope::test {

static void restartInOwnList()
{
    const auto second = std::make_shared<TimerId>();
    const auto third = std::make_shared<TimerId>();
    setTimeout(
        [second, third] {
            log("first");
            clearTimeout(*second);
            clearTimeout(*third);
            setTimeout(says("new"), 5);
            setTimeout(says("new, too"), 5);
            setImmediate(says("immediate"));
            spin(10);
        },
        5);
    *second = setTimeout(says("second"), 5);
    *third = setTimeout(says("third"), 5);
    spin(10);
}

static void clearFromAMicrotask()
{
    const auto second = std::make_shared<TimerId>();
    const auto third = std::make_shared<TimerId>();
    setTimeout(
        [second, third] {
            log("first");
            queueMicrotask([second, third] {
                log("microtask");
                clearTimeout(*second);
                nextTick([third] {
                    log("tick");
                    clearTimeout(*third);
                });
            });
        },
        5);
    *second = setTimeout(says("second"), 5);
    *third = setTimeout(says("third"), 5);
    setTimeout(says("fourth"), 5);
    spin(10);
}

static void overdueMeanwhile()
{
    setTimeout(
        [] {
            log("5");
            setImmediate(says("immediate"));
            spin(1100);
        },
        5);
    setTimeout(says("1000"), 1000);
}

static void startedMeanwhile()
{
    setTimeout(
        [] {
            log("first");
            setTimeout(says("nested"), 1);
            setImmediate(says("immediate"));
            spin(20);
        },
        1);
}

static void slowerThanItself()
{
    const auto interval = std::make_shared<TimerId>();
    *interval = setInterval(
        [interval, runs = 0]() mutable {
            const int run = ++runs;
            log(numbered("interval ", run));
            setImmediate(says(numbered("immediate ", run)));
            if (run == 3)
                clearTimeout(*interval);
            spin(10);
        },
        1);
}

static void runAndReplace(const std::shared_ptr<TimerId> &interval, const std::shared_ptr<int> &runs)
{
    log(numbered("run ", ++*runs));
    clearTimeout(*interval);
    if (*runs < 3)
        *interval = setInterval([interval, runs] { runAndReplace(interval, runs); }, 5);
}

static void replacedByItself()
{
    const auto interval = std::make_shared<TimerId>();
    const auto runs = std::make_shared<int>(0);
    setTimeout(says("timeout 1"), 5);
    *interval = setInterval([interval, runs] { runAndReplace(interval, runs); }, 5);
    setTimeout(
        [] {
            log("timeout 2");
            setTimeout(says("timeout 3"), 5);
        },
        5);
    spin(10);
}

// --- immediates ---

static void nestedThrice()
{
    setImmediate([] {
        log("first");
        setTimeout(says("timeout"), 1);
        setImmediate([] {
            log("of the first");
            setImmediate(says("of that"));
        });
        nextTick([] { setImmediate(says("of its tick")); });
        queueMicrotask([] { setImmediate(says("of its microtask")); });
        spin(10);
    });
    setImmediate(says("second"));
}

static void clearsAllOthers()
{
    const auto others = std::make_shared<std::vector<ImmediateId>>();
    setImmediate([others] {
        log("first");
        others->push_back(setImmediate(says("never, of the next turn")));
        for (const ImmediateId other : *others)
            clearImmediate(other);
        setImmediate(says("last"));
    });
    for (int i = 0; i < 3; ++i)
        others->push_back(setImmediate(says("never")));
}

static void unrefImmediate(const char *line)
{
    theLoop().setReferenced(setImmediate(says(line)), false);
}

static void unrefAmongOthers()
{
    setImmediate([] {
        log("first");
        unrefImmediate("unref");
        setImmediate([] {
            log("second");
            unrefImmediate("never");
        });
    });
    process().on(LoopRunner::exitEvent, says("exit"));
}

OrderPrograms clearingPrograms()
{
    return {{"timers-restart-in-own-list", &restartInOwnList},
            {"timers-clear-from-a-microtask", &clearFromAMicrotask},
            {"timers-overdue-meanwhile", &overdueMeanwhile},
            {"timers-started-meanwhile", &startedMeanwhile},
            {"interval-slower-than-itself", &slowerThanItself},
            {"interval-replaced-by-itself", &replacedByItself},
            {"immediate-nested-thrice", &nestedThrice},
            {"immediate-clears-all-others", &clearsAllOthers},
            {"immediate-unref-among-others", &unrefAmongOthers}};
}

} // namespace loopscope::test
