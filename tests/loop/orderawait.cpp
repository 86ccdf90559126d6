// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/promise.h"
#include "tests/loop/orderprogram.h"

#include <memory>
#include <stdexcept>

namespace loopscope::test {

// Says how many microtasks have run.
static void countMicrotasks(int from, int to)
{
    queueMicrotask([from, to] {
        log(numbered("microtask ", from));
        if (from < to)
            countMicrotasks(from + 1, to);
    });
}

static Task<> ended()
{
    co_return;
}

// async (name, turns) => { for (…) await null; …; return name; }
static Task<QByteArray> work(QByteArray name, int turns, bool fails = false)
{
    for (int i = 0; i < turns; ++i)
        co_await loop::resolved();
    log(name + " ends");
    if (fails)
        throw std::runtime_error(name.toStdString());
    co_return name;
}

static std::vector<Task<QByteArray>> started(Task<QByteArray> a, Task<QByteArray> b, Task<QByteArray> c)
{
    std::vector<Task<QByteArray>> tasks;
    tasks.push_back(std::move(a));
    tasks.push_back(std::move(b));
    tasks.push_back(std::move(c));
    return tasks;
}

static Task<> awaitsPlain(QByteArray name)
{
    log(name + " starts");
    co_await loop::resolved(1);
    log(name + " goes on");
    co_await loop::resolved(1);
    log(name + " ends");
}

static Task<> awaitsEndedTasks(QByteArray name)
{
    log(name + " starts");
    co_await ended();
    log(name + " goes on");
    co_await ended();
    log(name + " ends");
}

static void aValue()
{
    awaitsPlain("plain").detach();
    queueMicrotask(says("microtask"));
    awaitsEndedTasks("promise").detach();
    queueMicrotask(says("second microtask"));
    log("script");
}

static Task<> logsInner()
{
    log("inner");
    co_return;
}

static Task<> logsOuter()
{
    log("outer");
    co_await logsInner();
    log("outer goes on");
}

static void anEndedFunction()
{
    logsOuter().detach();
    nextTick(says("tick"));
    queueMicrotask(says("microtask"));
    log("script");
}

static Task<> inner()
{
    co_await loop::resolved();
    log("inner ends");
}

static Task<> middle()
{
    co_await inner();
    log("middle ends");
}

static Task<> outer()
{
    co_await middle();
    log("outer ends");
}

static void aChain()
{
    outer().detach();
    countMicrotasks(1, 5);
}

static Task<> threeTurns(QByteArray name)
{
    for (int i = 1; i <= 3; ++i) {
        log(name + QByteArray::number(i));
        co_await loop::resolved();
    }
}

static Task<> thenLogs(Task<> first, QByteArray line) // first.then(() => log(line))
{
    co_await first;
    log(line);
}

static void interleaved()
{
    thenLogs(threeTurns("a"), "a ended").detach();
    thenLogs(threeTurns("b"), "b ended").detach();
}

static Task<> logsWhatIsAwaited(std::shared_ptr<loop::Deferred<QByteArray>> promise)
{
    log("awaited: " + co_await *promise);
}

static void whatATimerSettles()
{
    const auto promise = std::make_shared<loop::Deferred<QByteArray>>();
    logsWhatIsAwaited(promise).detach();
    setTimeout(
        [promise] {
            queueMicrotask(says("microtask before"));
            promise->resolve("value");
            queueMicrotask(says("microtask after"));
            nextTick(says("tick"));
            log("timeout");
        },
        1);
}

static Task<> logsNumber(std::shared_ptr<loop::Deferred<int>> promise)
{
    log(QByteArray::number(co_await *promise));
}

static void settledOnce()
{
    const auto promise = std::make_shared<loop::Deferred<int>>();
    promise->resolve(1);
    promise->resolve(2);
    promise->reject(makeError("too late"));
    logsNumber(promise).detach();
    log("script");
}

static Task<> fails(bool late)
{
    if (late)
        co_await loop::resolved();
    throw std::runtime_error(late ? "late" : "at once");
}

static Task<> catches(bool late)
{
    try {
        co_await fails(late);
        log("never");
    } catch (const std::exception &error) {
        log(QByteArray("caught: ") + error.what());
    }
    log("finally");
}

static void anError()
{
    catches(false).detach();
    catches(true).detach();
    queueMicrotask(says("microtask"));
    log("script");
}

static Task<> queuesATick(QByteArray name)
{
    co_await loop::resolved();
    nextTick(says("tick of " + name));
    log(name);
    co_await loop::resolved();
    log(name + " again");
}

static void andTicks()
{
    queuesATick("a").detach();
    queuesATick("b").detach();
    nextTick(says("tick of the script"));
}

static Task<> awaitsInATick()
{
    log("tick");
    co_await loop::resolved();
    log("tick goes on");
}

static void inATick()
{
    nextTick([] { awaitsInATick().detach(); });
    nextTick(says("second tick"));
    queueMicrotask(says("microtask"));
}

static Task<> awaitsATurn()
{
    co_await loop::nextTurn();
    log("awaited");
    setImmediate(says("queued after the await"));
}

static void anImmediate()
{
    awaitsATurn().detach();
    setImmediate(says("immediate"));
}

static Task<> sleeps()
{
    co_await loop::sleep(std::chrono::milliseconds(5));
    log("slept");
    co_await loop::sleep(std::chrono::milliseconds(5));
    log("slept again");
}

static void timers()
{
    sleeps().detach();
    setTimeout(says("timeout"), 5);
    spin(10);
}

static Task<> startsTwo()
{
    Task<QByteArray> slow = work("slow", 4);
    Task<QByteArray> quick = work("quick", 1);
    log("started");
    log("got " + co_await slow);
    log("got " + co_await quick);
}

static void aStartedFunction()
{
    startsTwo().detach();
}

// --- several ---

static Task<> awaitsAll()
{
    const std::vector<QByteArray> all = co_await loop::all(started(work("a", 3), work("b", 0), work("c", 1)));
    log(QByteArrayList(all.begin(), all.end()).join(' '));
}

static void all()
{
    awaitsAll().detach();
    countMicrotasks(1, 6);
}

static Task<> awaitsEnded(int tasks, QByteArray line)
{
    std::vector<Task<>> all;
    for (int i = 0; i < tasks; ++i)
        all.push_back(ended());
    co_await loop::all(std::move(all));
    log(line);
}

static void allEnded()
{
    awaitsEnded(0, "none").detach();
    awaitsEnded(3, "three").detach();
    countMicrotasks(1, 4);
}

static Task<> awaitsFailing()
{
    try {
        (void)co_await loop::all(started(work("slow", 9), work("late error", 3, true), work("error", 1, true)));
    } catch (const std::exception &error) {
        log(QByteArray("failed: ") + error.what());
    }
}

static void allFails()
{
    awaitsFailing().detach();
}

static Task<> awaitsFirst()
{
    log("first: " + co_await loop::race(started(work("slow", 5), work("quick", 1), work("middle", 3))));
}

static void race()
{
    awaitsFirst().detach();
}

OrderPrograms awaitPrograms()
{
    return {{"await-a-value", &aValue},
            {"await-an-ended-function", &anEndedFunction},
            {"await-a-chain", &aChain},
            {"await-interleaved", &interleaved},
            {"await-what-a-timer-settles", &whatATimerSettles},
            {"await-settled-once", &settledOnce},
            {"await-an-error", &anError},
            {"await-and-ticks", &andTicks},
            {"await-in-a-tick", &inATick},
            {"await-an-immediate", &anImmediate},
            {"await-timers", &timers},
            {"await-a-started-function", &aStartedFunction},
            {"await-all", &all},
            {"await-all-ended", &allEnded},
            {"await-all-fails", &allFails},
            {"await-race", &race}};
}

} // namespace loopscope::test
