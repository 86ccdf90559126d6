// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/loopphasemodel.h"
#include "tests/support/sessionfeed.h"
#include "tests/support/testcase.h"

#include <QtTest/QAbstractItemModelTester>

using namespace loopscope;
using namespace loopscope::model;
using namespace Qt::StringLiterals;
using test::Transcript;
using trace::Phase;

static constexpr qint64 ms = 1'000'000;
static constexpr qint64 s = 1'000 * ms;

class tst_LoopPhaseModel : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void thePhasesStandInTheOrderOfATurn();
    void withoutALoopNothingIsMadeUp();
    void whatWaitsIsWhatTheLoopCounted();
    void timeGoesToThePhaseThatRan();
    void whatIsNestedIsCountedOnce();
    void aLongCallbackIsSharedOutAndWhatRunsCountsSoFar();
    void whatRunsNowIsMarkedInWordsToo();

private:
    static QString text(const LoopPhaseModel &model, int row, int column)
    {
        return model.index(row, column).data().toString();
    }
    static qint64 ns(const LoopPhaseModel &model, int row)
    {
        return model.index(row, 0).data(LoopPhaseModel::NsRole).toLongLong();
    }
};

void tst_LoopPhaseModel::thePhasesStandInTheOrderOfATurn()
{
    Session session;
    test::nameLanes(session);
    LoopPhaseModel model(session);
    const QAbstractItemModelTester tester(&model);
    model.tick(1 * s);
    QStringList names;
    for (int row = 0; row < model.rowCount(); ++row)
        names << text(model, row, LoopPhaseModel::Phase).trimmed();
    QCOMPARE(names, (QStringList{u"timers"_s, u"pending"_s, u"poll"_s, u"asleep in poll"_s, u"check"_s, u"close"_s,
                                 u"nextTick"_s, u"microtasks"_s, u"between"_s}));
    for (int row = 0; row < model.rowCount(); ++row)
        QVERIFY(!model.index(row, 0).data(Qt::ToolTipRole).toString().isEmpty());
}

void tst_LoopPhaseModel::withoutALoopNothingIsMadeUp()
{
    const Session session;
    LoopPhaseModel model(session);
    model.tick(5 * s);
    for (int row = 0; row < model.rowCount(); ++row) {
        QCOMPARE(text(model, row, LoopPhaseModel::Time), u"–"_s);
        QCOMPARE(model.index(row, 0).data(LoopPhaseModel::CountRole).toLongLong(), -1);
        QCOMPARE(model.index(row, 0).data(LoopPhaseModel::RunningRole).toBool(), false);
    }
}

void tst_LoopPhaseModel::whatWaitsIsWhatTheLoopCounted()
{
    Session session;
    test::nameLanes(session);
    trace::LiveCounts counts;
    counts.at = 4 * s;
    counts.nextTimer = 5 * s + 12 * ms;
    counts.timers = 3;
    counts.qtTimers = 2;
    counts.postedEvents = 1;
    counts.sockets = 12;
    counts.jobs = 1;
    counts.immediates = 4;
    counts.closing = 5;
    counts.ticks = 6;
    counts.microtasks = 1'204;
    session.setCounts(0, counts);
    LoopPhaseModel model(session);
    model.tick(5 * s);
    QCOMPARE(text(model, LoopPhaseModel::Timers, LoopPhaseModel::Waits), u"5, next in 12.0 ms"_s);
    QCOMPARE(text(model, LoopPhaseModel::Pending, LoopPhaseModel::Waits), u"posted events"_s);
    QCOMPARE(text(model, LoopPhaseModel::Poll, LoopPhaseModel::Waits), u"12 sockets, 1 job"_s);
    QCOMPARE(text(model, LoopPhaseModel::Asleep, LoopPhaseModel::Waits), QString());
    QCOMPARE(text(model, LoopPhaseModel::Check, LoopPhaseModel::Waits), u"4"_s);
    QCOMPARE(text(model, LoopPhaseModel::Close, LoopPhaseModel::Waits), u"5"_s);
    QCOMPARE(text(model, LoopPhaseModel::NextTick, LoopPhaseModel::Waits), u"6"_s);
    QCOMPARE(text(model, LoopPhaseModel::Microtask, LoopPhaseModel::Waits), u"1,204"_s);
    model.tick(5 * s + 15 * ms); // the loop is late
    QCOMPARE(text(model, LoopPhaseModel::Timers, LoopPhaseModel::Waits), u"5, due for 3.00 ms"_s);
    session.setCounts(0, {}); // recording is paused
    model.tick(6 * s);
    QCOMPARE(text(model, LoopPhaseModel::Timers, LoopPhaseModel::Waits), u"–"_s);
    session.setCounts(1, counts); // a worker has no phases
    QCOMPARE(session.lane(1).counts, trace::LiveCounts{});
}

void tst_LoopPhaseModel::timeGoesToThePhaseThatRan()
{
    Session session;
    test::nameLanes(session);
    Transcript t;
    t.callback("setImmediate", 1 * s, 100 * ms, 4, 0, 0, Phase::Check); // older than the second
    for (int i = 0; i < 100; ++i) { // each 10 ms: 6 asleep, 1 timers, 2 poll, half a millisecond of ticks
        const qint64 at = 2 * s + i * 10 * ms;
        t.wait(at, 6 * ms).callback("setTimeout", at + 6 * ms, 1 * ms, 1, 0, 0, Phase::Timers);
        t.callback("readable", at + 7 * ms, 2 * ms, 2).callback("nextTick", at + 9 * ms, ms / 2, 3, 0, 0, Phase::NextTick);
    }
    test::feed(session, t);
    LoopPhaseModel model(session);
    model.tick(3 * s);
    QCOMPARE(ns(model, LoopPhaseModel::Asleep), 600 * ms);
    QCOMPARE(ns(model, LoopPhaseModel::Timers), 100 * ms);
    QCOMPARE(ns(model, LoopPhaseModel::Poll), 200 * ms);
    QCOMPARE(ns(model, LoopPhaseModel::NextTick), 50 * ms);
    QCOMPARE(ns(model, LoopPhaseModel::Check), 0);
    QCOMPARE(ns(model, LoopPhaseModel::Between), 50 * ms); // so that the shares add up
    QCOMPARE(text(model, LoopPhaseModel::Poll, LoopPhaseModel::Share), u"20.0 %"_s);
    model.tick(5 * s); // all of it is older than a second
    QCOMPARE(ns(model, LoopPhaseModel::Poll), 0);
}

void tst_LoopPhaseModel::whatIsNestedIsCountedOnce()
{
    Session session;
    test::nameLanes(session);
    Transcript t; // the listener of a stream runs within the callback of its socket, and its record comes first
    t.callback("data", 2'101 * ms, 3 * ms, 8).callback("end", 2'105 * ms, 1 * ms, 9).callback("readable", 2'100 * ms, 10 * ms, 7);
    test::feed(session, t);
    LoopPhaseModel model(session);
    model.tick(3 * s);
    QCOMPARE(ns(model, LoopPhaseModel::Poll), 10 * ms);
}

void tst_LoopPhaseModel::aLongCallbackIsSharedOutAndWhatRunsCountsSoFar()
{
    Session session;
    test::nameLanes(session);
    test::feed(session, Transcript().callback("readable", 1 * s, 1'500 * ms, 7)); // until 2.5 s
    trace::LiveSlice live;
    live.since = 2'700 * ms;
    live.name = "setTimeout";
    live.phase = Phase::Timers;
    session.setLive(0, live);
    LoopPhaseModel model(session);
    model.tick(3 * s);
    QCOMPARE(ns(model, LoopPhaseModel::Poll), 500 * ms);
    QCOMPARE(ns(model, LoopPhaseModel::Timers), 300 * ms);
    live = {};
    live.since = 2'700 * ms;
    live.phase = Phase::Poll;
    live.sleeps = true;
    session.setLive(0, live);
    model.tick(3 * s);
    QCOMPARE(ns(model, LoopPhaseModel::Timers), 0);
    QCOMPARE(ns(model, LoopPhaseModel::Asleep), 300 * ms);
}

void tst_LoopPhaseModel::whatRunsNowIsMarkedInWordsToo()
{
    Session session;
    test::nameLanes(session);
    LoopPhaseModel model(session);
    trace::LiveSlice live;
    live.since = 1 * s;
    live.name = "setImmediate";
    live.phase = Phase::Check;
    session.setLive(0, live);
    model.tick(2 * s);
    for (int row = 0; row < model.rowCount(); ++row)
        QCOMPARE(model.index(row, 0).data(LoopPhaseModel::RunningRole).toBool(), row == LoopPhaseModel::Check);
    QCOMPARE(text(model, LoopPhaseModel::Check, LoopPhaseModel::Phase), u"▶ check"_s);
    QCOMPARE(model.index(LoopPhaseModel::Check, 0).data(Qt::AccessibleTextRole).toString(), u"check, runs now"_s);
    live = {};
    live.since = 1 * s;
    live.phase = Phase::Poll;
    live.sleeps = true;
    session.setLive(0, live);
    model.tick(2 * s);
    QCOMPARE(text(model, LoopPhaseModel::Poll, LoopPhaseModel::Phase), u"▶ poll"_s);
    QCOMPARE(text(model, LoopPhaseModel::Asleep, LoopPhaseModel::Phase), u"▶ asleep in poll"_s);
    QVERIFY(!session.lane(0).running.isRunning()); // asleep is not busy
}

QTEST_GUILESS_MAIN(tst_LoopPhaseModel)
#include "tst_loopphasemodel.moc"
