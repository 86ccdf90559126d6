// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/orderprogram.h"

#include <QtCore/QElapsedTimer>

#include <climits>
#include <memory>

namespace loopscope::test {

static void sameExpiry()
{
    for (const QByteArray name : {"a", "b", "c"}) {
        setTimeout(
            [name] {
                log(name);
                nextTick(says("tick of " + name));
            },
            5);
    }
    spin(10);
}

static void byExpiry()
{
    QList<TimerId> timers;
    QElapsedTimer since;
    do {
        for (const TimerId timer : std::as_const(timers))
            clearTimeout(timer);
        timers.clear();
        since.start();
        for (const int ms : {15, 5, 10})
            timers << setTimeout(says(QByteArray::number(ms)), ms);
    } while (since.elapsed() > 2);
    spin(30);
}

static void listsRunWhole()
{
    setTimeout(says("5 a"), 5);
    setTimeout(says("10"), 10);
    spin(3);
    setTimeout(says("5 b"), 5);
    spin(20);
}

static void nested()
{
    setTimeout(
        [] {
            log("a");
            setTimeout(
                [] {
                    log("nested");
                    setTimeout(says("nested twice"), 5);
                },
                5);
        },
        5);
    setTimeout(says("b"), 5);
    spin(10);
}

static void zeroIsOne()
{
    setTimeout(says("0"), 0);
    setTimeout(says("1"), 1);
    setTimeout(says("-5"), -5);
    theLoop().setTimeout(says("2 ** 31"), std::chrono::milliseconds(qint64(INT_MAX) + 1));
    setTimeout(says("1 again"), 1);
}

static void clearInOwnList()
{
    const auto second = std::make_shared<TimerId>();
    setTimeout(
        [second] {
            log("first");
            clearTimeout(*second);
        },
        5);
    *second = setTimeout(says("second"), 5);
    setTimeout(says("third"), 5);
    spin(10);
}

static void clearFromATick()
{
    const auto second = std::make_shared<TimerId>();
    setTimeout(
        [second] {
            log("first");
            nextTick([second] {
                log("tick");
                clearTimeout(*second);
            });
        },
        5);
    *second = setTimeout(says("second"), 5);
    setTimeout(says("third"), 5);
    spin(10);
}

static void clearInALaterList()
{
    const auto other = std::make_shared<TimerId>();
    setTimeout(
        [other] {
            log("5");
            clearTimeout(*other);
        },
        5);
    *other = setTimeout(says("7"), 7);
    setTimeout(says("9"), 9);
    spin(20);
}

static void clearTwice()
{
    const auto own = std::make_shared<TimerId>();
    *own = setTimeout(
        [own] {
            log("own");
            clearTimeout(*own);
            clearTimeout(*own);
        },
        1);
    const TimerId never = setTimeout(says("never"), 1);
    clearTimeout(never);
    clearTimeout(never);
    setTimeout(
        [own] {
            clearTimeout(*own);
            log("later");
        },
        10);
}

static void timersTicksBetween()
{
    for (const QByteArray name : {"a", "b"}) {
        setTimeout(
            [name] {
                log(name);
                queueMicrotask(says("microtask of " + name));
                nextTick(says("tick of " + name));
            },
            5);
    }
    spin(10);
}

static void beforeImmediates()
{
    setImmediate(says("immediate"));
    setTimeout(says("timeout"), 1);
    spin(5);
}

// --- refresh ---

static void refresh()
{
    const TimerId first = setTimeout(says("first of 20"), 20);
    setTimeout(says("second of 20"), 20);
    const TimerId alone = setTimeout(says("alone of 25"), 25);
    setTimeout(says("30"), 30);
    spin(10);
    theLoop().refresh(first);
    setTimeout(says("third of 20"), 20);
    theLoop().refresh(first);
    theLoop().refresh(alone);
    spin(60);
}

static void refreshInItsCallback()
{
    const auto timeout = std::make_shared<TimerId>();
    *timeout = setTimeout(
        [timeout, runs = 0]() mutable {
            log(numbered("run ", ++runs));
            nextTick(says("tick"));
            setTimeout(says("before"), 5);
            if (runs < 3)
                theLoop().refresh(*timeout);
            setTimeout(says("behind"), 5);
            spin(10);
        },
        5);
}

static void refreshAfterClear()
{
    const TimerId cleared = setTimeout(says("never"), 5);
    clearTimeout(cleared);
    theLoop().refresh(cleared);
    const auto inItsCallback = std::make_shared<TimerId>();
    *inItsCallback = setTimeout(
        [inItsCallback] {
            log("once");
            clearTimeout(*inItsCallback);
            theLoop().refresh(*inItsCallback);
        },
        5);
    const auto both = std::make_shared<TimerId>();
    *both = setTimeout(
        [both] {
            log("once too");
            theLoop().refresh(*both);
            clearTimeout(*both);
        },
        5);
    spin(10);
    setTimeout(says("end"), 30);
}

// --- intervals ---

static void intervalRefresh()
{
    const auto interval = std::make_shared<TimerId>();
    *interval = setInterval(
        [interval, runs = 0]() mutable {
            log(numbered("run ", ++runs));
            theLoop().refresh(*interval);
            if (runs == 3)
                clearTimeout(*interval);
        },
        10);
    setTimeout(says("timeout of 10"), 10);
    spin(6);
    theLoop().refresh(*interval);
    setTimeout(says("timeout of 7"), 7);
    spin(20);
}

static void clearsItself()
{
    const auto interval = std::make_shared<TimerId>();
    *interval = setInterval(
        [interval, runs = 0]() mutable {
            log(numbered("run ", ++runs));
            if (runs == 3) {
                clearTimeout(*interval);
                setTimeout(says("timeout"), 2);
            }
        },
        2);
}

static void andTimeoutInAList()
{
    const auto interval = std::make_shared<TimerId>();
    setTimeout(says("timeout 1"), 5);
    *interval = setInterval(
        [interval, runs = 0]() mutable {
            log(numbered("interval ", ++runs));
            if (runs == 2)
                clearTimeout(*interval);
        },
        5);
    setTimeout(says("timeout 2"), 5);
    spin(10);
}

static void restartsBeforeTicks()
{
    const auto interval = std::make_shared<TimerId>();
    *interval = setInterval(
        [interval, runs = 0]() mutable {
            log(numbered("interval ", ++runs));
            if (runs == 2)
                clearTimeout(*interval);
            else
                nextTick([] { setTimeout(says("timeout"), 5); });
        },
        5);
}

static void clearedByATimeout()
{
    const auto interval = std::make_shared<TimerId>();
    setTimeout(
        [interval] {
            log("timeout");
            clearTimeout(*interval);
        },
        3);
    *interval = setInterval(says("interval"), 3);
    spin(8);
}

OrderPrograms timerPrograms()
{
    return {{"timers-same-expiry", &sameExpiry},
            {"timers-by-expiry", &byExpiry},
            {"timers-lists-run-whole", &listsRunWhole},
            {"timers-nested", &nested},
            {"timers-zero-is-one", &zeroIsOne},
            {"timers-clear-in-own-list", &clearInOwnList},
            {"timers-clear-from-a-tick", &clearFromATick},
            {"timers-clear-in-a-later-list", &clearInALaterList},
            {"timers-clear-twice", &clearTwice},
            {"timers-ticks-between", &timersTicksBetween},
            {"timers-before-immediates", &beforeImmediates},
            {"timers-refresh", &refresh},
            {"timers-refresh-in-its-callback", &refreshInItsCallback},
            {"timers-refresh-after-clear", &refreshAfterClear},
            {"interval-refresh", &intervalRefresh},
            {"interval-clears-itself", &clearsItself},
            {"interval-and-timeout-in-a-list", &andTimeoutInAList},
            {"interval-restarts-before-ticks", &restartsBeforeTicks},
            {"interval-cleared-by-a-timeout", &clearedByATimeout}};
}

} // namespace loopscope::test
