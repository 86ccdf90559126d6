// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/replay.h"
#include "server/loop/looprunner.h"
#include "server/loop/uveventdispatcher.h"
#include "server/loop/workerpool.h"
#include "tests/support/sessionfeed.h"
#include "tests/support/testcase.h"

#include <memory>

using namespace loopscope;
using namespace loopscope::model;
using namespace loopscope::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using trace::Phase;

class tst_Replay : public TestCase {
    Q_OBJECT

private Q_SLOTS:
    void stepsAreTheCallbacksOfTheRange();
    void queuesStandAsTheyStood();
    void whatIsClearedIsGone();
    void whatABeginningRegistersComesAfterIt();
    void anIntervalStaysWithItsNextDueTime();
    void jobsWaitRunAndEnd();
    void whatWaitedBeforeTheRangeIsThere();
    void aRequestsStepsStandInTheWholeLoop();
    void whatIsMissingIsSaid();
    void aRecordedProgramReplays();
    void itIsBounded();

private:
    // "setTimeout 7, nextTick 3" of the ids that wait; those that run now with a star.
    static QString waiting(const Replay &replay, std::size_t step, ReplayQueue queue)
    {
        QStringList words;
        for (const ReplayEntry &entry : replay.queueBefore(step, queue))
            words << QString::number(entry.id) + (entry.runsNow ? u"*"_s : u""_s);
        return words.join(u' ');
    }
    static QString names(const Replay &replay)
    {
        QStringList words;
        for (const ReplayStep &step : replay.steps())
            words << QString::fromUtf8(replay.session().string(step.name));
        return words.join(u' ');
    }
    static void timer(Transcript &t, quint64 id, const char *name, qint64 at, qint64 due, quint64 parent = 0)
    {
        trace::TraceRecord r = Transcript::make(trace::Kind::Registered, at);
        r.id = id;
        r.name = name;
        r.value = due;
        r.parent = parent;
        t.add(r);
    }
    static void cleared(Transcript &t, quint64 id, qint64 at, quint64 parent = 0)
    {
        trace::TraceRecord r = Transcript::make(trace::Kind::Cleared, at);
        r.id = id;
        r.parent = parent;
        t.add(r);
    }
    // A slice that a timer runs, with its due time.
    static void timerRan(Transcript &t, quint64 id, const char *name, qint64 start, qint64 duration, qint64 due)
    {
        trace::TraceRecord r = Transcript::make(trace::Kind::Callback, start, duration);
        r.id = id;
        r.name = name;
        r.value = due;
        r.phase = Phase::Timers;
        t.add(r);
    }
    // main [100, 200) registers timers 2 (due 400) and 3 (due 300), immediate 4, tick 5, microtask 6; then these run.
    static Transcript program()
    {
        Transcript t;
        timer(t, 2, "setTimeout", 110, 400, 1);
        timer(t, 3, "setTimeout", 120, 300, 1);
        t.registered(4, "setImmediate", 130, 0, 1).registered(5, "nextTick", 140, 0, 1);
        t.registered(6, "queueMicrotask", 150, 0, 1);
        t.callback("main", 100, 100, 1, 0, 0, Phase::None);
        t.callback("nextTick", 200, 10, 5, 0, 0, Phase::NextTick);
        t.callback("queueMicrotask", 210, 10, 6, 0, 0, Phase::Microtask);
        t.callback("setImmediate", 250, 10, 4, 0, 0, Phase::Check);
        timerRan(t, 3, "setTimeout", 310, 10, 300);
        timerRan(t, 2, "setTimeout", 410, 10, 400);
        return t;
    }
};

void tst_Replay::stepsAreTheCallbacksOfTheRange()
{
    Session session;
    nameLanes(session);
    Transcript t = program();
    t.span("writeFileSync", 415, 2); // within the last: no step of its own
    feed(session, t);
    Replay replay(session);
    QVERIFY(replay.loadRange({0, 1000}));
    QCOMPARE(names(replay), u"main nextTick queueMicrotask setImmediate setTimeout setTimeout"_s);
    QVERIFY(replay.missing().isNothing());
    const ReplayStep &step = replay.steps()[3];
    QCOMPARE(step.phase, Phase::Check);
    QCOMPARE(step.start, 250);
    QCOMPARE(step.duration, 10);
    QCOMPARE(step.line, 42u);
    QCOMPARE(replay.stepOf(step.key), 3);
    QCOMPARE(replay.stepOf({}), -1);
    QVERIFY(replay.loadRange({200, 251}));
    QCOMPARE(names(replay), u"nextTick queueMicrotask setImmediate"_s);
    QVERIFY(!replay.loadRange({500, 600}));
    QVERIFY(replay.isEmpty());
    QVERIFY(!replay.loadRange({0, 1000}, 7));
    QVERIFY(!replay.loadRequest(3));
}

void tst_Replay::queuesStandAsTheyStood()
{
    Session session;
    nameLanes(session);
    feed(session, program());
    Replay replay(session);
    QVERIFY(replay.loadRange({0, 1000}));
    for (int queue = 0; queue < replayQueueCount; ++queue)
        QVERIFY(replay.queueBefore(0, ReplayQueue(queue)).isEmpty());
    QCOMPARE(waiting(replay, 1, ReplayQueue::Timers), u"3 2"_s); // by due time
    QCOMPARE(waiting(replay, 1, ReplayQueue::Ticks), u"5*"_s);
    QCOMPARE(waiting(replay, 1, ReplayQueue::Microtasks), u"6"_s);
    QCOMPARE(waiting(replay, 1, ReplayQueue::Immediates), u"4"_s);
    QCOMPARE(waiting(replay, 2, ReplayQueue::Ticks), u""_s);
    QCOMPARE(waiting(replay, 2, ReplayQueue::Microtasks), u"6*"_s);
    QCOMPARE(waiting(replay, 3, ReplayQueue::Immediates), u"4*"_s);
    QCOMPARE(waiting(replay, 4, ReplayQueue::Timers), u"3* 2"_s);
    QCOMPARE(waiting(replay, 5, ReplayQueue::Timers), u"2*"_s);
    QCOMPARE(replay.queueBefore(1, ReplayQueue::Timers).first().due, std::optional<qint64>(300));
    QCOMPARE(replay.queueBefore(1, ReplayQueue::Timers).first().registered, 120);
}

void tst_Replay::whatIsClearedIsGone()
{
    Session session;
    nameLanes(session);
    Transcript t;
    timer(t, 1, "setTimeout", 10, 900);
    t.registered(2, "setImmediate", 20).registered(3, "setImmediate", 30).registered(4, "close", 40);
    cleared(t, 1, 110, 2);
    cleared(t, 3, 120, 2);
    t.callback("setImmediate", 100, 50, 2, 0, 0, Phase::Check);
    t.callback("close", 200, 50, 4, 0, 0, Phase::Close);
    feed(session, t);
    Replay replay(session);
    QVERIFY(replay.loadRange({0, 1000}));
    QCOMPARE(waiting(replay, 0, ReplayQueue::Timers), u"1"_s);
    QCOMPARE(waiting(replay, 0, ReplayQueue::Immediates), u"2* 3"_s);
    QCOMPARE(waiting(replay, 1, ReplayQueue::Timers), u""_s);
    QCOMPARE(waiting(replay, 1, ReplayQueue::Immediates), u""_s);
    QCOMPARE(waiting(replay, 1, ReplayQueue::Closing), u"4*"_s);
}

// A callback begins where the last one ended, and what it registers at once has that time as well.
void tst_Replay::whatABeginningRegistersComesAfterIt()
{
    Session session;
    nameLanes(session);
    Transcript t;
    t.registered(2, "nextTick", 100, 0, 1).callback("main", 100, 1, 1, 0, 0, Phase::None);
    t.registered(3, "nextTick", 101, 0, 2).callback("nextTick", 101, 1, 2, 0, 0, Phase::NextTick);
    t.callback("nextTick", 102, 1, 3, 0, 0, Phase::NextTick);
    feed(session, t);
    Replay replay(session);
    QVERIFY(replay.loadRange({0, 1000}));
    QCOMPARE(replay.steps().size(), 3u);
    QCOMPARE(waiting(replay, 0, ReplayQueue::Ticks), u""_s);
    QCOMPARE(waiting(replay, 1, ReplayQueue::Ticks), u"2*"_s);
    QCOMPARE(waiting(replay, 2, ReplayQueue::Ticks), u"3*"_s);
}

void tst_Replay::anIntervalStaysWithItsNextDueTime()
{
    Session session;
    nameLanes(session);
    Transcript t;
    timer(t, 1, "setInterval", 10, 100);
    timerRan(t, 1, "setInterval", 101, 5, 100);
    timerRan(t, 1, "setInterval", 202, 5, 201);
    t.callback("readable", 210, 5, 9);
    cleared(t, 1, 212, 9);
    t.callback("readable", 220, 5, 9);
    feed(session, t);
    Replay replay(session);
    QVERIFY(replay.loadRange({0, 1000}));
    const auto due = [&](std::size_t step) {
        const QList<ReplayEntry> timers = replay.queueBefore(step, ReplayQueue::Timers);
        return timers.isEmpty() ? -2 : timers.first().due.value_or(-1);
    };
    QCOMPARE(due(0), 100);
    QCOMPARE(due(1), 201);
    QCOMPARE(due(2), -1); // no record says when it would have run again
    QCOMPARE(due(3), -2);
    QVERIFY(replay.loadRange({150, 1000}));
    QCOMPARE(due(0), 201);
}

void tst_Replay::jobsWaitRunAndEnd()
{
    Session session;
    nameLanes(session);
    Transcript t;
    t.jobQueued(1, "pbkdf2", 10, 1).jobQueued(2, "pbkdf2", 11, 2);
    t.callback("setImmediate", 20, 5, 0, 0, 0, Phase::Check).callback("setImmediate", 50, 5, 0, 0, 0, Phase::Check);
    t.callback("setImmediate", 150, 5, 0, 0, 0, Phase::Check).callback("pbkdf2", 180, 5, 1);
    t.on(1).jobFinished(1, "pbkdf2", 40, 100).jobFinished(2, "pbkdf2", 140, 100);
    feed(session, t);
    Replay replay(session);
    QVERIFY(replay.loadRange({0, 1000}));
    using Job = ReplayEntry::Job;
    const auto jobs = [&](std::size_t step) {
        QList<Job> states;
        for (const ReplayEntry &entry : replay.queueBefore(step, ReplayQueue::Jobs))
            states << entry.job;
        return states;
    };
    QCOMPARE(jobs(0), (QList<Job>{Job::Waiting, Job::Waiting}));
    QCOMPARE(jobs(1), (QList<Job>{Job::Running, Job::Waiting}));
    QCOMPARE(jobs(2), (QList<Job>{Job::Ended, Job::Running}));
    QCOMPARE(waiting(replay, 3, ReplayQueue::Jobs), u"1* 2"_s);
}

void tst_Replay::whatWaitedBeforeTheRangeIsThere()
{
    Session session;
    nameLanes(session);
    feed(session, program());
    Replay replay(session);
    QVERIFY(replay.loadRange({300, 1000}));
    QCOMPARE(names(replay), u"setTimeout setTimeout"_s);
    QCOMPARE(waiting(replay, 0, ReplayQueue::Timers), u"3* 2"_s);
    QCOMPARE(waiting(replay, 0, ReplayQueue::Immediates), u""_s); // it has run
    QCOMPARE(waiting(replay, 1, ReplayQueue::Timers), u"2*"_s);
    QVERIFY(replay.missing().isNothing());
}

void tst_Replay::aRequestsStepsStandInTheWholeLoop()
{
    Session session;
    nameLanes(session);
    Transcript t;
    t.opened(1, 50, "127.0.0.1:50001").begin(1, 1, 100, 10, "GET /lab/order HTTP/1.1\r\n\r\n");
    t.registered(2, "setImmediate", 120, 1, 1).registered(3, "setImmediate", 130);
    t.callback("readable", 95, 50, 1, 1, 1);
    t.end(1, 1, 100, 40, 200, 0);
    t.callback("setImmediate", 150, 5, 3, 0, 0, Phase::Check).callback("setImmediate", 160, 5, 2, 1, 1, Phase::Check);
    feed(session, t);
    Replay replay(session);
    QVERIFY(replay.loadRequest(1));
    QCOMPARE(names(replay), u"readable setImmediate"_s); // the one after its response, too
    QCOMPARE(waiting(replay, 1, ReplayQueue::Immediates), u"2*"_s); // 3 has run in between
    QVERIFY(replay.loadRange({90, 1000}));
    QCOMPARE(waiting(replay, 1, ReplayQueue::Immediates), u"2 3*"_s);
}

void tst_Replay::whatIsMissingIsSaid()
{
    Session session;
    nameLanes(session);
    Transcript t;
    t.callback("nextTick", 100, 5, 7, 0, 0, Phase::NextTick); // recording began after it was queued
    feed(session, t);
    session.setDropped(12);
    Replay replay(session);
    QVERIFY(replay.loadRange({0, 1000}));
    QCOMPARE(replay.missing().unregistered, 1u);
    QCOMPARE(replay.missing().droppedRecords, 12u);
    QVERIFY(!replay.missing().evicted);
    QVERIFY(!replay.missing().isNothing());
    replay.clear();
    QVERIFY(replay.missing().isNothing());
}

// What a real loop records of a real program.
void tst_Replay::aRecordedProgramReplays()
{
    trace::Trace trace;
    const std::unique_ptr<QThread> thread(QThread::create([] {
        loop::EventLoop &loop = *loop::EventLoop::current();
        loop::LoopRunner runner(loop);
        runner.run([&loop] {
            loop.setTimeout([&loop] { loop.nextTick([] {}); }, 2ms);
            loop.setTimeout([] {}, 1ms);
            loop.setImmediate([&loop] { loop.queueMicrotask([] {}); });
            loop.pool().submit("job", [] {}, [](std::exception_ptr) {});
            loop.onClose([] {});
            loop.nextTick([] {});
            loop.queueMicrotask([] {});
        });
    }));
    thread->setEventDispatcher(new loop::UvEventDispatcher(&trace));
    thread->start();
    QVERIFY(thread->wait());
    Session session;
    session.drain(trace);
    Replay replay(session);
    QVERIFY(replay.loadRange({0, session.lastTime() + 1}));
    QVERIFY(replay.missing().isNothing());
    QVERIFY(names(replay).startsWith(u"main nextTick queueMicrotask "_s));
    QCOMPARE(replay.queueBefore(1, ReplayQueue::Timers).size(), 2);
    for (const ReplayQueue queue : {ReplayQueue::Jobs, ReplayQueue::Immediates, ReplayQueue::Closing, ReplayQueue::Ticks,
                                    ReplayQueue::Microtasks})
        QCOMPARE(replay.queueBefore(1, queue).size(), 1);
    // Everything that ran waited until then, at the head of its queue, and nowhere else.
    int found = 0;
    for (std::size_t step = 0; step < replay.steps().size(); ++step) {
        for (int queue = 0; queue < replayQueueCount; ++queue) {
            const QList<ReplayEntry> entries = replay.queueBefore(step, ReplayQueue(queue));
            for (qsizetype i = 0; i < entries.size(); ++i) {
                if (entries[i].runsNow) {
                    QCOMPARE(i, 0);
                    ++found;
                }
            }
        }
    }
    QCOMPARE(found, 9); // nine were registered
    for (int queue = 0; queue < replayQueueCount; ++queue)
        QVERIFY(replay.queueBefore(replay.steps().size() - 1, ReplayQueue(queue)).isEmpty());
}

void tst_Replay::itIsBounded()
{
    Session session;
    nameLanes(session);
    Transcript t;
    const quint64 count = Replay::maximumSteps + 100;
    for (quint64 i = 1; i <= count; ++i)
        t.registered(i, "nextTick", qint64(10 * i)).callback("nextTick", qint64(10 * i + 5), 1, i, 0, 0, Phase::NextTick);
    feed(session, t);
    Replay replay(session);
    QVERIFY(replay.loadRange({0, 1'000'000'000}));
    QCOMPARE(replay.steps().size(), Replay::maximumSteps);
    QVERIFY(replay.missing().steps);
    QCOMPARE(waiting(replay, Replay::maximumSteps - 1, ReplayQueue::Ticks), QString::number(Replay::maximumSteps) + u'*');
}

QTEST_GUILESS_MAIN(tst_Replay)
#include "tst_replay.moc"
