// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/warnings.h"
#include "tests/support/sessionfeed.h"
#include "tests/support/testcase.h"

#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QSignalSpy>

using namespace loopscope;
using namespace loopscope::model;
using namespace loopscope::test;
using namespace Qt::StringLiterals;
using trace::Kind;
using trace::Phase;
using trace::TraceRecord;

Q_DECLARE_METATYPE(Transcript)

static constexpr qint64 ms = 1'000'000; // ns
static constexpr qint64 us = 1'000; // ns

// What raises a warning, and above all what does not.
class tst_Warnings : public TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aLongCallbackBlocksTheLoop();
    void whatIsNotBlocking_data();
    void whatIsNotBlocking();
    void aNestedCallbackIsNoWarningOfItsOwn();
    void aThreadWithoutAProcessorIsNoBlocker();
    void manyTicksStarveTheLoop();
    void aStarvationIsSeenWhileItGoesOn();
    void fewOrShortTicksAreNoStarvation();
    void aLongTickAmongThemBlocksAndDoesNotStarve();
    void aSaturatedPoolIsOneWarning();
    void aPoolWithAFreeWorkerIsNotSaturated();
    void aStoppedProcessDoesNotSaturateThePool_data();
    void aStoppedProcessDoesNotSaturateThePool();
    void whatWorkersHadAStopIsNoBusyTime();
    void aLongJobIsNeverBlocking();
    void theOldestGoAndAreCounted();
    void theUnseenAreCounted();
    void clearingForgets();

private:
    struct Lab {
        Session session;
        Warnings warnings;
        QAbstractItemModelTester tester;
        explicit Lab(int most = Warnings::defaultMost)
            : warnings(session, most)
            , tester(&warnings, QAbstractItemModelTester::FailureReportingMode::QtTest)
        {
            session.setLane(0, trace::Trace::LaneKind::Loop, "loop");
            session.setLane(1, trace::Trace::LaneKind::Worker, "pool 1");
            session.setLane(2, trace::Trace::LaneKind::Worker, "pool 2");
        }
        void feed(const Transcript &transcript) { test::feed(session, transcript); }
    };
    static Transcript &queued(Transcript &t, const char *name, qint64 start, qint64 duration, quint64 id, quint64 request = 0)
    {
        return t.callback(name, start, duration, id, request, 0, Phase::NextTick);
    }
};

void tst_Warnings::aLongCallbackBlocksTheLoop()
{
    Lab lab;
    QSignalSpy unseen(&lab.warnings, &Warnings::unseenChanged);
    Transcript t;
    t.begin(41, 3, 10 * ms, 10 * us, "POST /message?mode=sync HTTP/1.1\r\n\r\n");
    t.span("writeFileSync", 12 * ms, 400 * ms, 41).end(41, 3, 10 * ms, 410 * ms, 302, 0);
    t.layer(41, 1, "POST /message", 11 * ms, 408 * ms).callback("readable", 10 * ms, 412 * ms, 0, 41, 3);
    t.phase(Phase::Poll, 10 * ms, 412 * ms, 1);
    lab.feed(t);
    QCOMPARE(lab.warnings.count(), 0); // the turn is not over: it is not sure what stands inside what
    lab.feed(Transcript().turn(1, 9 * ms, 414 * ms));
    QCOMPARE(lab.warnings.count(), 1);
    const Warning &warning = lab.warnings.at(0);
    QCOMPARE(warning.kind, Warning::Kind::LoopBlocked);
    QCOMPARE(warning.to - warning.from, 412 * ms);
    QCOMPARE(warning.request, 41ULL);
    QCOMPARE(warning.slice.kind, Kind::Span);
    QCOMPARE(lab.warnings.who(warning), u"POST /message #41, writeFileSync"_s);
    QCOMPARE(lab.warnings.index(0, Warnings::Duration).data().toString(), u"412 ms"_s);
    QCOMPARE(lab.warnings.index(0, Warnings::Site).data().toString(), u"messages.cpp:60"_s);
    QVERIFY(Warnings::rule(warning).contains(u"50 ms"_s));
    QCOMPARE(unseen.count(), 1);
    lab.feed(Transcript().turn(2, 424 * ms, ms)); // it is not raised again
    QCOMPARE(lab.warnings.count(), 1);
}

void tst_Warnings::whatIsNotBlocking_data()
{
    QTest::addColumn<Transcript>("transcript");
    QTest::newRow("the loop slept") << Transcript().wait(10 * ms, 900 * ms).callback("readable", 910 * ms, ms, 0, 1, 1).turn(1, 9 * ms, 903 * ms);
    QTest::newRow("a callback of exactly the limit")
        << Transcript().callback("setTimeout", 10 * ms, 50 * ms, 3).turn(1, 9 * ms, 52 * ms);
    Transcript many;
    for (int i = 0; i < 100; ++i)
        many.callback("readable", (10 + i) * ms, ms, quint64(i + 1), quint64(i + 1), 1);
    many.turn(1, 9 * ms, 102 * ms);
    QTest::newRow("a turn of many short callbacks") << many;
}

void tst_Warnings::whatIsNotBlocking()
{
    QFETCH(Transcript, transcript);
    Lab lab;
    lab.feed(transcript);
    QCOMPARE(lab.warnings.count(), 0);
}

// A stream's event runs inside the callback that read the bytes, and is written first.
void tst_Warnings::aNestedCallbackIsNoWarningOfItsOwn()
{
    Lab lab;
    lab.feed(Transcript().callback("data", 11 * ms, 60 * ms, 5, 1, 1));
    lab.feed(Transcript().callback("readable", 10 * ms, 70 * ms, 4, 1, 1));
    lab.feed(Transcript().turn(1, 9 * ms, 72 * ms));
    QCOMPARE(lab.warnings.count(), 1);
    QCOMPARE(lab.warnings.at(0).to - lab.warnings.at(0).from, 70 * ms);
    QCOMPARE(lab.session.string(lab.warnings.at(0).name), QByteArray("data")); // it had most of it
}

void tst_Warnings::aThreadWithoutAProcessorIsNoBlocker()
{
    const auto blocked = [](quint32 noProcessorUs) {
        TraceRecord r = Transcript::make(Kind::Callback, 10 * ms, 80 * ms, 1, 1);
        r.name = "readable";
        r.phase = Phase::Poll;
        r.detail = noProcessorUs;
        Transcript t;
        t.add(r).turn(1, 9 * ms, 82 * ms);
        return t;
    };
    Lab without;
    without.feed(blocked(35'000)); // 45 ms of its own are left
    QCOMPARE(without.warnings.count(), 0);
    Lab with;
    with.feed(blocked(20'000));
    QCOMPARE(with.warnings.count(), 1);
    QVERIFY(Warnings::rule(with.warnings.at(0)).contains(u"20.0 ms"_s));
}

void tst_Warnings::manyTicksStarveTheLoop()
{
    Lab lab;
    Transcript t;
    t.callback("readable", 9 * ms, ms, 1, 7, 3);
    for (int i = 0; i < 120; ++i)
        queued(t, "nextTick", (10 + i) * ms, ms, quint64(10 + i), 7);
    t.turn(1, 9 * ms, 130 * ms);
    lab.feed(t);
    QCOMPARE(lab.warnings.count(), 1);
    const Warning &warning = lab.warnings.at(0);
    QCOMPARE(warning.kind, Warning::Kind::LoopStarved);
    QCOMPARE(warning.count, 120ULL);
    QCOMPARE(warning.to - warning.from, 120 * ms);
    QCOMPARE(warning.request, 7ULL);
    QVERIFY(lab.session.slice(warning.slice));
}

// Batch after batch, with no end of the turn; something nested is written before the tick around it.
void tst_Warnings::aStarvationIsSeenWhileItGoesOn()
{
    Lab lab;
    QSignalSpy changes(&lab.warnings, &Warnings::dataChanged);
    quint64 id = 10;
    qint64 at = 10 * ms;
    for (int batch = 0; batch < 20; ++batch) {
        Transcript t;
        for (int i = 0; i < 10; ++i, at += ms)
            queued(t, "queueMicrotask", at, ms, id++);
        t.callback("data", at + 100 * us, 100 * us, id + 50, 0, 0, Phase::NextTick); // inside the next
        lab.feed(t);
    }
    QCOMPARE(lab.warnings.count(), 1);
    QCOMPARE(lab.warnings.at(0).count, 200ULL);
    QCOMPARE(lab.warnings.at(0).to, 210 * ms);
    QVERIFY(changes.count() > 5);
    // the loop goes on, and starves again: that is another one
    Transcript t;
    t.callback("setImmediate", at, ms, 5, 0, 0, Phase::Check);
    for (int i = 0; i < 100; ++i)
        queued(t, "nextTick", at + (1 + i) * ms, ms, id++);
    lab.feed(t);
    QCOMPARE(lab.warnings.count(), 2);
    QCOMPARE(lab.warnings.at(0).count, 100ULL);
}

void tst_Warnings::fewOrShortTicksAreNoStarvation()
{
    Lab lab;
    Transcript few;
    for (int i = 0; i < 9; ++i)
        queued(few, "nextTick", (10 + 40 * i) * ms, 40 * ms, quint64(10 + i));
    few.callback("setImmediate", 400 * ms, ms, 5, 0, 0, Phase::Check);
    for (int i = 0; i < 1'000; ++i) // 49 ms
        queued(few, "nextTick", 401 * ms + i * 49 * us, 49 * us, quint64(1'000 + i));
    few.callback("setImmediate", 460 * ms, ms, 6, 0, 0, Phase::Check).turn(1, 9 * ms, 453 * ms);
    // an immediate that queues an immediate lets the loop go round
    for (int i = 0; i < 100; ++i)
        few.callback("setImmediate", (500 + i) * ms, ms, quint64(3'000 + i), 0, 0, Phase::Check).turn(quint64(2 + i), (500 + i) * ms, ms);
    lab.feed(few);
    QCOMPARE(lab.warnings.count(), 0);
}

void tst_Warnings::aLongTickAmongThemBlocksAndDoesNotStarve()
{
    Lab lab;
    Transcript t;
    for (int i = 0; i < 12; ++i)
        queued(t, "nextTick", (10 + i) * ms, ms, quint64(10 + i));
    queued(t, "nextTick", 22 * ms, 100 * ms, 40);
    t.turn(1, 9 * ms, 115 * ms);
    lab.feed(t);
    QCOMPARE(lab.warnings.count(), 1);
    QCOMPARE(lab.warnings.at(0).kind, Warning::Kind::LoopBlocked);
}

// Two workers have jobs of 200 ms; three more wait.
void tst_Warnings::aSaturatedPoolIsOneWarning()
{
    Lab lab;
    Transcript t;
    t.poolResized(2, ms);
    for (quint64 id = 1; id <= 5; ++id)
        t.jobQueued(id, "pbkdf2", qint64(9 + id) * ms, 1, 100 + id);
    t.on(1).jobStarted(1, "pbkdf2", 10 * ms, 101).jobFinished(1, "pbkdf2", 10 * ms, 200 * ms, 101);
    t.on(2).jobStarted(2, "pbkdf2", 11 * ms, 102).jobFinished(2, "pbkdf2", 11 * ms, 200 * ms, 102);
    t.on(1).jobStarted(3, "pbkdf2", 210 * ms, 103);
    lab.feed(t); // the third has begun
    QCOMPARE(lab.warnings.count(), 1);
    QCOMPARE(lab.warnings.at(0).kind, Warning::Kind::PoolSaturated);
    QCOMPARE(lab.warnings.at(0).count, 1ULL);
    Transcript u;
    u.on(2).jobStarted(4, "pbkdf2", 211 * ms, 104).jobFinished(4, "pbkdf2", 211 * ms, 200 * ms, 104);
    u.on(1).jobFinished(3, "pbkdf2", 210 * ms, 200 * ms, 103).jobStarted(5, "pbkdf2", 410 * ms, 105);
    u.on(1).jobFinished(5, "pbkdf2", 410 * ms, 200 * ms, 105);
    lab.feed(u);
    QCOMPARE(lab.warnings.count(), 1);
    const Warning &warning = lab.warnings.at(0);
    QCOMPARE(warning.count, 3ULL);
    QCOMPARE(warning.workers, 2);
    QCOMPARE(warning.longest, 396 * ms); // queued at 14, started at 410
    QCOMPARE(warning.request, 105ULL);
    QVERIFY(lab.session.slice(warning.slice));
    QVERIFY(Warnings::what(warning).contains(u"workers: 2"_s));
}

void tst_Warnings::aPoolWithAFreeWorkerIsNotSaturated()
{
    Lab lab;
    Transcript t;
    t.poolResized(2, ms).jobQueued(1, "pbkdf2", 10 * ms, 1).jobQueued(2, "pbkdf2", 10 * ms, 2);
    t.on(1).jobFinished(1, "pbkdf2", 10 * ms, 100 * ms).jobFinished(2, "pbkdf2", 110 * ms, 100 * ms); // pool 2 slept
    lab.feed(t);
    QCOMPARE(lab.warnings.count(), 0);
}

// Two workers have jobs while the process stands still for ten seconds, and a third job waits that long.
void tst_Warnings::aStoppedProcessDoesNotSaturateThePool_data()
{
    QTest::addColumn<bool>("runs");
    QTest::newRow("the job that waited runs") << true;
    QTest::newRow("the job that waited has ended") << false;
}

void tst_Warnings::aStoppedProcessDoesNotSaturateThePool()
{
    QFETCH(bool, runs);
    const auto waited = [runs](qint64 stopped) {
        Transcript t;
        t.poolResized(2, ms);
        for (quint64 id = 1; id <= 3; ++id)
            t.jobQueued(id, "pbkdf2", 10 * ms, 1, 100 + id);
        t.on(2).jobFinished(2, "pbkdf2", 10 * ms, 10'200 * ms, 102);
        t.on(1).jobFinished(1, "pbkdf2", 10 * ms, 10'045 * ms, 101);
        if (runs)
            t.jobStarted(3, "pbkdf2", 10'055 * ms, 103, stopped);
        else
            t.jobFinished(3, "pbkdf2", 10'055 * ms, 5 * ms, 103, trace::JobOutcome::Done, stopped);
        return t;
    };
    Lab lab;
    lab.feed(waited(10'000 * ms)); // 45 ms of waiting are left
    QCOMPARE(lab.warnings.count(), 0);
    Lab longer;
    longer.feed(waited(9'990 * ms)); // 55
    QCOMPARE(longer.warnings.count(), 1);
    const Warning &warning = longer.warnings.at(0);
    QCOMPARE(warning.longest, 10'045 * ms);
    QCOMPARE(warning.noProcessor, 9'990 * ms);
    QVERIFY2(Warnings::rule(warning).contains(u"Of that wait, up to 9.99 s the process was stopped."_s),
             qPrintable(Warnings::rule(warning)));
}

// Both were busy for those ten seconds, but one of them slept for half of the 200 ms in which anything could run.
void tst_Warnings::whatWorkersHadAStopIsNoBusyTime()
{
    Lab lab;
    Transcript t;
    t.poolResized(2, ms).jobQueued(1, "pbkdf2", 10 * ms, 1).jobQueued(2, "pbkdf2", 10 * ms, 2).jobQueued(3, "pbkdf2", 10 * ms, 3);
    t.on(1).jobFinished(1, "pbkdf2", 10 * ms, 10'200 * ms);
    t.on(2).jobFinished(2, "pbkdf2", 10 * ms, 10'100 * ms);
    t.on(1).jobFinished(3, "pbkdf2", 10'210 * ms, ms, 0, trace::JobOutcome::Done, 10'000 * ms);
    lab.feed(t);
    QCOMPARE(lab.warnings.count(), 0);
}

void tst_Warnings::aLongJobIsNeverBlocking()
{
    Lab lab;
    Transcript t;
    t.jobQueued(1, "pbkdf2", 10 * ms, 1).on(1).jobFinished(1, "pbkdf2", 10 * ms, 9'000 * ms).on(0);
    t.wait(10 * ms, 9'000 * ms).callback("pbkdf2", 9'010 * ms, ms, 1).turn(1, 9 * ms, 9'003 * ms);
    lab.feed(t);
    QCOMPARE(lab.warnings.count(), 0);
}

void tst_Warnings::theOldestGoAndAreCounted()
{
    Lab lab(3);
    Transcript t;
    for (qint64 i = 0; i < 5; ++i)
        t.callback("setTimeout", i * 100 * ms, 60 * ms, quint64(i + 1)).turn(quint64(i + 1), i * 100 * ms, 61 * ms);
    lab.feed(t);
    QCOMPARE(lab.warnings.count(), 3);
    QCOMPARE(lab.warnings.forgotten(), 2ULL);
    QCOMPARE(lab.warnings.at(0).from, 400 * ms); // the newest first
    QCOMPARE(lab.warnings.at(2).from, 200 * ms);
    QCOMPARE(lab.warnings.unseen(), 3);
}

void tst_Warnings::theUnseenAreCounted()
{
    Lab lab;
    QSignalSpy unseen(&lab.warnings, &Warnings::unseenChanged);
    lab.feed(Transcript().callback("setTimeout", 10 * ms, 60 * ms, 1).turn(1, 10 * ms, 61 * ms));
    lab.feed(Transcript().callback("setTimeout", 110 * ms, 60 * ms, 2).turn(2, 110 * ms, 61 * ms));
    QCOMPARE(lab.warnings.unseen(), 2);
    QCOMPARE(unseen.count(), 2);
    lab.warnings.markAllSeen();
    QCOMPARE(lab.warnings.unseen(), 0);
    QCOMPARE(unseen.last().first().toInt(), 0);
    lab.warnings.markAllSeen();
    QCOMPARE(unseen.count(), 3);
}

void tst_Warnings::clearingForgets()
{
    Lab lab;
    lab.feed(Transcript().callback("setTimeout", 10 * ms, 60 * ms, 1).turn(1, 10 * ms, 61 * ms));
    lab.session.clear();
    QCOMPARE(lab.warnings.count(), 0);
    QCOMPARE(lab.warnings.unseen(), 0);
    lab.feed(Transcript().callback("setTimeout", 110 * ms, 60 * ms, 2).turn(2, 110 * ms, 61 * ms));
    QCOMPARE(lab.warnings.count(), 1);
}

QTEST_GUILESS_MAIN(tst_Warnings)
#include "tst_warnings.moc"
