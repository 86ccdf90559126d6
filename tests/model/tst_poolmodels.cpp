// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/pooljobmodel.h"
#include "inspector/model/poolqueuemodel.h"
#include "inspector/model/poolworkermodel.h"
#include "tests/support/sessionfeed.h"
#include "tests/support/testcase.h"

#include <QtTest/QAbstractItemModelTester>

using namespace loopscope;
using namespace loopscope::model;
using namespace Qt::StringLiterals;
using test::Transcript;

static constexpr qint64 ms = 1'000'000;
static constexpr qint64 s = 1'000 * ms;

class tst_PoolModels : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aPoolHasItsSizeBeforeItsFirstUse();
    void aResizeIsNewerThanACount();
    void eachWorkerTellsWhatItRuns();
    void aJobSaysHowFarItIs();
    void aThreadThatWasLetGoStaysUntilItsJobHasEnded();
    void theQueueIsInTheOrderOfSubmission();
    void aCancelledJobLeavesTheQueueWhereverItStood();
    void manyAreCancelledAtOnce();
    void aStartWhoseRecordWasDroppedIsKnownFromALaterOne();
    void theQueueOfAnotherLoopStartsAfresh();
    void waitsAndRunsAreCountedByName();
    void onlyRecentJobsCount();
    void jobsPerSecondAreThoseOfTheLastSecond();

private:
    static QString text(const QAbstractItemModel &model, int row, int column)
    {
        return model.index(row, column).data().toString();
    }
    static trace::LiveCounts countOf(quint32 threads, bool started, qint64 at)
    {
        trace::LiveCounts counts;
        counts.at = at;
        counts.poolThreads = threads;
        counts.poolStarted = started;
        return counts;
    }
    static void nameLanes(Session &session, int workers)
    {
        session.setLane(0, trace::Trace::LaneKind::Loop, "loop");
        for (int i = 1; i <= workers; ++i)
            session.setLane(i, trace::Trace::LaneKind::Worker, "pool " + QByteArray::number(i));
    }
};

void tst_PoolModels::aPoolHasItsSizeBeforeItsFirstUse()
{
    Session session;
    nameLanes(session, 0);
    PoolWorkerModel model(session);
    const QAbstractItemModelTester tester(&model);
    session.setCounts(0, countOf(4, false, 1 * ms));
    test::feed(session, Transcript().turn(1, 0, 1 * ms));
    QCOMPARE(session.server().poolThreads, 4);
    QVERIFY(!session.server().poolStarted);
    model.tick(2 * ms);
    QCOMPARE(model.rowCount(), 0);
    nameLanes(session, 4);
    session.setCounts(0, countOf(4, true, 3 * ms));
    test::feed(session, Transcript().turn(2, 2 * ms, 1 * ms));
    QVERIFY(session.server().poolStarted);
    model.tick(4 * ms);
    QCOMPARE(model.rowCount(), 4);
    QCOMPARE(text(model, 3, PoolWorkerModel::Worker).trimmed(), u"pool 4"_s);
    QCOMPARE(text(model, 3, PoolWorkerModel::Job), u"free"_s);
}

void tst_PoolModels::aResizeIsNewerThanACount()
{
    Session session;
    nameLanes(session, 4);
    session.setCounts(0, countOf(4, true, 10 * ms));
    test::feed(session, Transcript().poolResized(8, 11 * ms));
    QCOMPARE(session.server().poolThreads, 8);
    session.setCounts(0, countOf(2, true, 12 * ms)); // a resize whose record was dropped
    test::feed(session, Transcript().turn(1, 11 * ms, 1 * ms));
    QCOMPARE(session.server().poolThreads, 2);
}

void tst_PoolModels::eachWorkerTellsWhatItRuns()
{
    Session session;
    nameLanes(session, 2);
    test::feed(session, Transcript().poolResized(2, 1 * ms).on(2).jobStarted(21, "writeFile", 10 * ms, 3));
    PoolWorkerModel model(session);
    const QAbstractItemModelTester tester(&model);
    model.tick(22 * ms);
    QCOMPARE(text(model, 0, PoolWorkerModel::Job), u"free"_s);
    QCOMPARE(text(model, 1, PoolWorkerModel::Worker), u"▶ pool 2"_s);
    QCOMPARE(text(model, 1, PoolWorkerModel::Job), u"writeFile"_s);
    QCOMPARE(text(model, 1, PoolWorkerModel::RequestNumber), u"#3"_s);
    QCOMPARE(text(model, 1, PoolWorkerModel::Since), u"12.0 ms"_s);
    QVERIFY(model.index(1, 0).data(PoolWorkerModel::RunningRole).toBool());
    test::feed(session, Transcript().on(2).jobFinished(21, "writeFile", 10 * ms, 20 * ms, 3));
    model.tick(40 * ms);
    QCOMPARE(text(model, 1, PoolWorkerModel::Job), u"free"_s);
}

void tst_PoolModels::aJobSaysHowFarItIs()
{
    Session session;
    nameLanes(session, 1);
    test::feed(session, Transcript().poolResized(1, 1 * ms).on(1).jobStarted(21, "hash", 10 * ms, 3));
    PoolWorkerModel model(session);
    const QAbstractItemModelTester tester(&model);
    const auto say = [&](quint64 id, qint64 done, quint64 total) {
        trace::TraceRecord record;
        record.kind = trace::Kind::JobProgress;
        record.start = 15 * ms;
        record.id = id;
        record.value = done;
        record.parent = total;
        session.beginBatch();
        session.add(1, record, {});
        session.endBatch();
    };
    const auto shown = [&](qint64 now) {
        model.tick(now);
        const QVariant share = model.index(0, 0).data(PoolWorkerModel::ProgressRole);
        return std::pair(text(model, 0, PoolWorkerModel::Progress), share.isValid() ? share.toDouble() : -1.0);
    };
    QCOMPARE(shown(11 * ms), std::pair(QString(), -1.0)); // it has said nothing
    say(21, 3, 8);
    QCOMPARE(shown(16 * ms), std::pair(u"3 of 8"_s, 0.375));
    QVERIFY(model.index(0, 0).data(Qt::ToolTipRole).toString().contains(u"3 of 8"_s));
    say(21, 9, 8);
    QCOMPARE(shown(16 * ms), std::pair(u"9 of 8"_s, 1.0)); // what it says; a bar has an end
    say(21, 1'200, 0); // nobody knows of how many
    QCOMPARE(shown(16 * ms), std::pair(u"1,200 done"_s, -1.0));
    test::feed(session, Transcript().on(1).jobFinished(21, "hash", 10 * ms, 10 * ms, 3));
    QCOMPARE(shown(21 * ms), std::pair(QString(), -1.0));
    test::feed(session, Transcript().on(1).jobStarted(22, "hash", 22 * ms, 4));
    QCOMPARE(shown(23 * ms), std::pair(QString(), -1.0)); // what the job before said is not its
}

void tst_PoolModels::aThreadThatWasLetGoStaysUntilItsJobHasEnded()
{
    Session session;
    nameLanes(session, 4);
    test::feed(session, Transcript().on(4).jobStarted(21, "hash", 10 * ms).on(0).poolResized(2, 11 * ms));
    PoolWorkerModel model(session);
    const QAbstractItemModelTester tester(&model);
    model.tick(20 * ms);
    QCOMPARE(model.rowCount(), 3); // pool 1, pool 2, and pool 4 with its job
    QCOMPARE(model.index(2, 0).data(PoolWorkerModel::LaneRole).toInt(), 4);
    test::feed(session, Transcript().on(4).jobFinished(21, "hash", 10 * ms, 20 * ms));
    model.tick(40 * ms);
    QCOMPARE(model.rowCount(), 2);
}

void tst_PoolModels::theQueueIsInTheOrderOfSubmission()
{
    Session session;
    nameLanes(session, 1);
    PoolQueueModel model(session);
    const QAbstractItemModelTester tester(&model);
    Transcript t;
    t.on(1).jobStarted(1, "first", 11 * ms).on(0);
    for (quint64 id = 1; id <= 4; ++id)
        t.jobQueued(id, id == 1 ? "first" : "next", qint64(10 + id) * ms, qint64(id), id);
    test::feed(session, t);
    model.tick(1 * s);
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(model.index(0, 0).data(PoolQueueModel::IdRole).toInt(), 2);
    QCOMPARE(text(model, 0, PoolQueueModel::Job), u"next"_s);
    QCOMPARE(text(model, 0, PoolQueueModel::RequestNumber), u"#2"_s);
    QCOMPARE(text(model, 0, PoolQueueModel::Waits), u"988 ms"_s);
    // 1 and 2 end between two looks, 3 runs
    t = Transcript();
    t.on(1).jobFinished(1, "first", 11 * ms, ms).jobFinished(2, "next", 13 * ms, ms).jobStarted(3, "next", 15 * ms);
    t.on(0).jobQueued(9, "late", 30 * ms, 2);
    test::feed(session, t);
    model.tick(2 * s);
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.index(0, 0).data(PoolQueueModel::IdRole).toInt(), 4);
    QCOMPARE(model.index(1, 0).data(PoolQueueModel::IdRole).toInt(), 9);
}

void tst_PoolModels::aCancelledJobLeavesTheQueueWhereverItStood()
{
    Session session;
    nameLanes(session, 1);
    PoolQueueModel model(session);
    const QAbstractItemModelTester tester(&model);
    Transcript t;
    for (quint64 id = 1; id <= 4; ++id)
        t.jobQueued(id, "job", qint64(id) * ms, qint64(id));
    test::feed(session, t);
    model.tick(1 * s);
    QCOMPARE(model.rowCount(), 4);
    t = Transcript();
    t.jobFinished(3, "job", 10 * ms, 0, 0, trace::JobOutcome::Cancelled).callback("readable", 9 * ms, 2 * ms);
    t.jobQueued(5, "job", 10 * ms, 4).jobFinished(5, "job", 10'500'000, 0, 0, trace::JobOutcome::Cancelled);
    t.turn(1, 8 * ms, 4 * ms);
    test::feed(session, t);
    model.tick(2 * s);
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(model.index(2, 0).data(PoolQueueModel::IdRole).toInt(), 4);
}

void tst_PoolModels::manyAreCancelledAtOnce()
{
    Session session;
    nameLanes(session, 1);
    PoolQueueModel model(session);
    const QAbstractItemModelTester tester(&model);
    Transcript t;
    for (quint64 id = 1; id <= 1'000; ++id)
        t.jobQueued(id, "job", qint64(id), qint64(id));
    test::feed(session, t);
    model.tick(1 * s);
    t = Transcript();
    for (quint64 id = 1; id <= 1'000; id += 2)
        t.jobFinished(id, "job", 10 * ms + qint64(id), 0, 0, trace::JobOutcome::Cancelled);
    t.turn(1, 9 * ms, 4 * ms);
    test::feed(session, t);
    model.tick(2 * s);
    QCOMPARE(model.rowCount(), 500);
    QCOMPARE(model.index(0, 0).data(PoolQueueModel::IdRole).toInt(), 2);
}

void tst_PoolModels::aStartWhoseRecordWasDroppedIsKnownFromALaterOne()
{
    Session session;
    nameLanes(session, 2);
    PoolQueueModel model(session);
    Transcript t;
    t.jobQueued(1, "a", 1 * ms, 1).jobQueued(2, "b", 2 * ms, 2).jobQueued(3, "c", 3 * ms, 3);
    t.on(2).jobStarted(2, "b", 4 * ms);
    test::feed(session, t);
    model.tick(1 * s);
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(text(model, 0, PoolQueueModel::Job), u"c"_s);
}

void tst_PoolModels::theQueueOfAnotherLoopStartsAfresh()
{
    Session session;
    nameLanes(session, 1);
    PoolQueueModel model(session);
    const QAbstractItemModelTester tester(&model);
    test::feed(session, Transcript().jobQueued(40, "old", 1 * ms, 1).jobQueued(41, "old", 2 * ms, 2));
    model.tick(1 * s);
    test::feed(session, Transcript().jobQueued(5, "new", 100 * ms, 1));
    model.tick(2 * s);
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(text(model, 0, PoolQueueModel::Job), u"new"_s);
}

void tst_PoolModels::waitsAndRunsAreCountedByName()
{
    Session session;
    nameLanes(session, 2);
    PoolJobModel model(session);
    const QAbstractItemModelTester tester(&model);
    Transcript t;
    t.jobQueued(1, "hash", 10 * ms, 1).jobQueued(2, "hash", 10 * ms, 2).jobQueued(3, "gzip", 10 * ms, 3);
    t.on(1).jobFinished(1, "hash", 12 * ms, 10 * ms).jobFinished(3, "gzip", 22 * ms, 4 * ms);
    t.on(2).jobFinished(2, "hash", 14 * ms, 30 * ms).jobFinished(99, "hash", 60 * ms, 2 * ms); // queued, but not recorded
    t.on(0).jobFinished(4, "hash", 61 * ms, 0, 0, trace::JobOutcome::Cancelled).turn(1, 60 * ms, 3 * ms);
    test::feed(session, t);
    model.tick(1 * s);
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(text(model, 0, PoolJobModel::Job), u"hash"_s);
    QCOMPARE(text(model, 0, PoolJobModel::Count), u"3"_s); // without the cancelled one: it did not run
    QCOMPARE(model.index(0, 0).data(PoolJobModel::MeanWaitRole).toLongLong(), 3 * ms);
    QCOMPARE(model.index(0, 0).data(PoolJobModel::MeanRunRole).toLongLong(), 14 * ms);
    QCOMPARE(text(model, 0, PoolJobModel::Longest), u"30.0 ms"_s);
    QCOMPARE(text(model, 1, PoolJobModel::Wait), u"12.0 ms"_s);
    QVERIFY(qAbs(model.index(0, 0).data(PoolJobModel::WaitShareRole).toDouble() - 3.0 / 17) < 1e-6);
    QVERIFY(qAbs(model.index(0, 0).data(PoolJobModel::RunShareRole).toDouble() - 14.0 / 17) < 1e-6);
    session.clear();
    model.tick(2 * s);
    QCOMPARE(model.rowCount(), 0);
}

void tst_PoolModels::onlyRecentJobsCount()
{
    Session session;
    nameLanes(session, 1);
    PoolJobModel model(session);
    const QAbstractItemModelTester tester(&model);
    Transcript t;
    t.on(1).jobFinished(1, "old", 1 * ms, 1 * ms);
    for (quint64 id = 2; id < 2 + PoolJobModel::recentJobs; ++id)
        t.jobFinished(id, "new", qint64(id) * ms, ms / 2);
    Transcript first;
    first.on(1).jobFinished(0, "old", 0, 1 * ms);
    test::feed(session, first);
    model.tick(1 * s);
    QCOMPARE(text(model, 0, PoolJobModel::Job), u"old"_s);
    test::feed(session, t);
    model.tick(2 * s);
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(text(model, 0, PoolJobModel::Job), u"new"_s);
    QCOMPARE(text(model, 0, PoolJobModel::Count), u"1,000"_s);
}

void tst_PoolModels::jobsPerSecondAreThoseOfTheLastSecond()
{
    Session session;
    nameLanes(session, 1);
    PoolJobModel model(session);
    Transcript t;
    t.on(1);
    for (int i = 0; i < 50; ++i)
        t.jobFinished(quint64(i), "job", 1 * s + i * 20 * ms, ms);
    test::feed(session, t);
    model.tick(2 * s);
    QCOMPARE(model.jobsPerSecond(), 50.0);
    model.tick(2 * s + 500 * ms);
    QCOMPARE(model.jobsPerSecond(), 25.0);
    model.tick(4 * s);
    QCOMPARE(model.jobsPerSecond(), 0.0);
}

QTEST_GUILESS_MAIN(tst_PoolModels)
#include "tst_poolmodels.moc"
