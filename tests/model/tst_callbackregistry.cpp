// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/callbackregistry.h"
#include "tests/support/sessionfeed.h"
#include "tests/support/testcase.h"

#include <QtCore/QElapsedTimer>
#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QSignalSpy>

using namespace loopscope;
using namespace loopscope::model;
using namespace Qt::StringLiterals;
using test::Transcript;
using trace::Phase;

static constexpr qint64 ms = 1'000'000;

class tst_CallbackRegistry : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void aTimerIsFollowedFromItsRegistrationToItsRun();
    void whatWaitsSaysWhenItIsDue();
    void intervalsAndSocketsStayUntilTheyAreCleared();
    void aTimerThatClearsItselfHasRun();
    void aJobIsFollowedFromTheQueueToItsCompletion();
    void listenersOfAStreamGoWithTheirRequest();
    void aNestedCallbackIsFoundWhenWhatIsAroundItHasEnded();
    void whatRanWithoutARecordedRegistrationIsShownAsThat();
    void numbersMayStartAgain();
    void recordsThatAreMissingMakeItUncertain();
    void theFilterFindsKindsPlacesAndRequests();
    void liveOnlyLosesWhatHasRun();
    void liveOnlySurvivesABurst();
    void bothEndsAndTheSliceOfTheRegistrationAreGiven();
    void theLimitHoldsAndWhatIsLiveStays();
    void clearingTheSessionKeepsWhatIsLive();
    void aHiddenOneCatchesUpInSteps();
    void aMillionRowsCostNoMoreABatchThanTen();

private:
    // A session that is read each 200 ms.
    struct Fixture {
        Session session;
        CallbackRegistry model;
        QAbstractItemModelTester tester;
        qint64 now = 0;

        explicit Fixture(const Session::Limits &limits = {})
            : session(limits)
            , model(session)
            , tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal)
        {
            test::nameLanes(session);
        }
        // With the end of the turn in which it happened.
        void feed(Transcript transcript, qint64 until)
        {
            transcript.on(0).turn(++turn, 0, until);
            test::feed(session, transcript);
            tick();
        }
        void tick()
        {
            now += 200 * ms;
            model.tick(now);
        }
        QString text(int row, int column) const { return model.index(row, column).data().toString(); }
        quint64 turn = 0;
    };
    static Transcript &timer(Transcript &t, quint64 id, const char *name, qint64 at, qint64 due, quint64 request = 0,
                             quint64 parent = 0)
    {
        trace::TraceRecord r;
        r.kind = trace::Kind::Registered;
        r.start = at;
        r.id = id;
        r.name = name;
        r.file = "server/practice/messages.cpp";
        r.line = 42;
        r.request = request;
        r.parent = parent;
        r.value = due;
        return t.add(r);
    }
    static Transcript &cleared(Transcript &t, quint64 id, qint64 at, quint64 parent = 0)
    {
        trace::TraceRecord r;
        r.kind = trace::Kind::Cleared;
        r.start = at;
        r.id = id;
        r.parent = parent;
        return t.add(r);
    }
    // As Qt's own: without a place.
    static Transcript &ran(Transcript &t, quint64 id, const char *name, qint64 at, qint64 took, Phase phase)
    {
        trace::TraceRecord r;
        r.kind = trace::Kind::Callback;
        r.start = at;
        r.duration = took;
        r.id = id;
        r.name = name;
        r.phase = phase;
        return t.add(r);
    }
    static Transcript &registeredByQt(Transcript &t, quint64 id, const char *name, qint64 at)
    {
        trace::TraceRecord r;
        r.kind = trace::Kind::Registered;
        r.start = at;
        r.id = id;
        r.name = name;
        return t.add(r);
    }
};

void tst_CallbackRegistry::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); // as TestCase::init(), which this hides
}

void tst_CallbackRegistry::aTimerIsFollowedFromItsRegistrationToItsRun()
{
    Fixture f;
    Transcript t;
    t.callback("readable", 10 * ms, 4 * ms, 5, 3, 9);
    timer(t, 7, "setTimeout", 12 * ms, 32 * ms, 3, 5);
    f.feed(t, 20 * ms);
    QCOMPARE(f.model.rowCount(), 2); // and the socket, whose registration was not recorded
    QCOMPARE(f.text(0, CallbackRegistry::Kind), u"setTimeout"_s);
    QCOMPARE(f.text(0, CallbackRegistry::State), u"waits"_s);
    QCOMPARE(f.text(0, CallbackRegistry::Where), u"messages.cpp:42"_s);
    QCOMPARE(f.text(0, CallbackRegistry::RequestNumber), u"#3"_s);
    QCOMPARE(f.text(0, CallbackRegistry::In), u"readable #3"_s);
    QCOMPARE(f.text(0, CallbackRegistry::Took), QString());
    QVERIFY(f.model.index(0, 0).data(CallbackRegistry::LiveRole).toBool());

    Transcript run;
    run.callback("setTimeout", 33 * ms, 2 * ms, 7, 3, 9, Phase::Timers);
    f.feed(run, 40 * ms);
    QCOMPARE(f.text(0, CallbackRegistry::State), u"ran"_s);
    QCOMPARE(f.text(0, CallbackRegistry::Took), u"2.00 ms"_s);
    QCOMPARE(f.text(0, CallbackRegistry::Ran), u"+0.033 s"_s);
    QVERIFY(!f.model.index(0, 0).data(CallbackRegistry::LiveRole).toBool());
    QVERIFY(f.model.index(0, 0).data(Qt::ToolTipRole).toString().contains(u"registered at server/practice/messages.cpp:42"_s));
}

void tst_CallbackRegistry::whatWaitsSaysWhenItIsDue()
{
    Fixture f;
    Transcript t;
    timer(t, 7, "setTimeout", 1 * ms, 500 * ms);
    f.feed(t, 2 * ms);
    QCOMPARE(f.text(0, CallbackRegistry::Due), u"in 300 ms"_s);
    f.tick();
    f.tick();
    QCOMPARE(f.text(0, CallbackRegistry::Due), u"for 100 ms"_s);
}

void tst_CallbackRegistry::intervalsAndSocketsStayUntilTheyAreCleared()
{
    Fixture f;
    Transcript t;
    timer(t, 7, "setInterval", 1 * ms, 11 * ms);
    registeredByQt(t, 8, "readable", 2 * ms);
    registeredByQt(t, 9, "QTimer", 3 * ms);
    for (int i = 1; i <= 3; ++i) {
        ran(t, 7, "setInterval", i * 10 * ms, ms, Phase::Timers);
        ran(t, 8, "readable", i * 10 * ms + 2 * ms, ms, Phase::Poll);
        ran(t, 9, "QTimer", i * 10 * ms + 4 * ms, ms, Phase::Timers);
    }
    f.feed(t, 50 * ms);
    QCOMPARE(f.model.rowCount(), 3);
    QCOMPARE(f.model.liveCount(), 3u);
    for (int row = 0; row < 3; ++row) {
        QCOMPARE(f.text(row, CallbackRegistry::State), u"ran 3 times"_s);
        QCOMPARE(f.model.index(row, 0).data(CallbackRegistry::RunsRole).toInt(), 3);
    }
    QCOMPARE(f.text(0, CallbackRegistry::Ran), u"+0.030 s"_s); // the last
    Transcript end;
    for (quint64 id : {7, 8, 9})
        cleared(end, id, 60 * ms);
    f.feed(end, 70 * ms);
    QCOMPARE(f.text(1, CallbackRegistry::State), u"ran 3 times, cleared"_s);
    QCOMPARE(f.model.liveCount(), 0u);
    Transcript never;
    timer(never, 10, "setTimeout", 80 * ms, 90 * ms);
    cleared(never, 10, 81 * ms);
    f.feed(never, 90 * ms);
    QCOMPARE(f.text(3, CallbackRegistry::State), u"cleared"_s);
}

void tst_CallbackRegistry::aTimerThatClearsItselfHasRun()
{
    Fixture f;
    Transcript t;
    registeredByQt(t, 9, "QTimer", 3 * ms);
    cleared(t, 9, 10'100'000, 9); // within its callback, whose record comes later
    f.feed(t, 5 * ms);
    QCOMPARE(f.text(0, CallbackRegistry::State), u"cleared"_s);
    Transcript run;
    ran(run, 9, "QTimer", 10 * ms, ms, Phase::Timers);
    f.feed(run, 20 * ms);
    QCOMPARE(f.model.rowCount(), 1);
    QCOMPARE(f.text(0, CallbackRegistry::State), u"ran"_s);
}

void tst_CallbackRegistry::aJobIsFollowedFromTheQueueToItsCompletion()
{
    Fixture f;
    Transcript t;
    t.jobQueued(21, "writeFile", 10 * ms, 1, 3);
    f.feed(t, 11 * ms);
    QCOMPARE(f.text(0, CallbackRegistry::Kind), u"writeFile"_s);
    QCOMPARE(f.text(0, CallbackRegistry::State), u"waits"_s);
    Transcript started;
    started.on(1).jobStarted(21, "writeFile", 12 * ms, 3);
    f.feed(started, 13 * ms);
    QCOMPARE(f.text(0, CallbackRegistry::State), u"runs on pool 1"_s);
    Transcript done;
    done.on(1).jobFinished(21, "writeFile", 12 * ms, 20 * ms, 3).on(0).callback("writeFile", 33 * ms, ms, 21, 3);
    f.feed(done, 40 * ms);
    QCOMPARE(f.text(0, CallbackRegistry::State), u"ran"_s); // its completion, once
    QCOMPARE(f.text(0, CallbackRegistry::Took), u"1.00 ms"_s);
    QCOMPARE(f.model.rowCount(), 1);
}

void tst_CallbackRegistry::listenersOfAStreamGoWithTheirRequest()
{
    Fixture f;
    Transcript t;
    t.opened(1, 1 * ms, "127.0.0.1:50001").begin(4, 1, 2 * ms, 1, "POST / HTTP/1.1\r\n\r\n");
    t.registered(30, "data", 3 * ms, 4).registered(31, "end", 3 * ms, 4);
    t.callback("data", 4 * ms, ms, 30, 4).callback("data", 6 * ms, ms, 30, 4);
    f.feed(t, 10 * ms);
    QCOMPARE(f.text(0, CallbackRegistry::State), u"ran 2 times"_s);
    QCOMPARE(f.model.liveCount(), 2u);
    f.feed(Transcript().end(4, 1, 2 * ms, 10 * ms, 200, 1), 20 * ms);
    f.tick();
    QCOMPARE(f.model.liveCount(), 0u);
    QCOMPARE(f.text(0, CallbackRegistry::State), u"ran 2 times"_s);
    QCOMPARE(f.text(1, CallbackRegistry::State), u"did not run"_s);
}

void tst_CallbackRegistry::aNestedCallbackIsFoundWhenWhatIsAroundItHasEnded()
{
    Fixture f;
    Transcript t;
    registeredByQt(t, 8, "readable", 1 * ms);
    t.opened(1, 1 * ms, "127.0.0.1:50001").begin(4, 1, 2 * ms, 1, "GET / HTTP/1.1\r\n\r\n");
    t.registered(30, "drain", 2 * ms, 4);
    t.callback("drain", 12 * ms, ms, 30); // within the socket's, which has not ended
    test::feed(f.session, t);
    f.tick();
    Transcript around;
    around.end(4, 1, 2 * ms, 12 * ms, 200, 1); // the request is over before its last callback is known
    ran(around, 8, "readable", 10 * ms, 5 * ms, Phase::Poll);
    f.feed(around, 20 * ms);
    QCOMPARE(f.model.index(0, 0).data(CallbackRegistry::RunsRole).toInt(), 1);
    QCOMPARE(f.model.index(1, 0).data(CallbackRegistry::RunsRole).toInt(), 1);
    QCOMPARE(f.model.rowCount(), 2);
}

void tst_CallbackRegistry::whatRanWithoutARecordedRegistrationIsShownAsThat()
{
    Fixture f;
    Transcript t;
    ran(t, 99, "QTimer", 10 * ms, ms, Phase::Timers);
    ran(t, 99, "QTimer", 20 * ms, ms, Phase::Timers);
    ran(t, 0, "posted events", 30 * ms, ms, Phase::Pending); // nobody registers these
    f.feed(t, 40 * ms);
    QCOMPARE(f.model.rowCount(), 1);
    QCOMPARE(f.text(0, CallbackRegistry::Registered), u"(not recorded)"_s);
    QCOMPARE(f.text(0, CallbackRegistry::State), u"ran 2 times"_s);
}

void tst_CallbackRegistry::numbersMayStartAgain()
{
    Fixture f;
    Transcript t;
    timer(t, 7, "setTimeout", 1 * ms, 50 * ms);
    f.feed(t, 2 * ms);
    Transcript again;
    timer(again, 7, "setImmediate", 100 * ms, 0);
    again.callback("setImmediate", 110 * ms, ms, 7, 0, 0, Phase::Check);
    f.feed(again, 120 * ms);
    QCOMPARE(f.text(0, CallbackRegistry::State), u"not known"_s);
    QCOMPARE(f.text(1, CallbackRegistry::State), u"ran"_s);
}

void tst_CallbackRegistry::recordsThatAreMissingMakeItUncertain()
{
    Fixture f;
    Transcript t;
    timer(t, 7, "setTimeout", 1 * ms, 50 * ms);
    f.feed(t, 2 * ms);
    QCOMPARE(f.text(0, CallbackRegistry::State), u"waits"_s);
    f.session.beginBatch();
    f.session.setDropped(3);
    f.session.endBatch();
    QCOMPARE(f.text(0, CallbackRegistry::State), u"waits?"_s);
    Transcript later;
    timer(later, 8, "setTimeout", 300 * ms, 900 * ms);
    f.feed(later, 301 * ms);
    QCOMPARE(f.text(1, CallbackRegistry::State), u"waits"_s);
}

void tst_CallbackRegistry::theFilterFindsKindsPlacesAndRequests()
{
    Fixture f;
    Transcript t;
    timer(t, 7, "setTimeout", 1 * ms, 50 * ms, 3);
    timer(t, 8, "setImmediate", 2 * ms, 0, 12);
    registeredByQt(t, 9, "readable", 3 * ms);
    f.feed(t, 4 * ms);
    const auto shown = [&f](const QString &filter) {
        f.model.setFilter(filter);
        return f.model.rowCount();
    };
    QCOMPARE(shown(u"settime"_s), 1);
    QCOMPARE(shown(u"SET"_s), 2);
    QCOMPARE(shown(u"messages.cpp:42"_s), 2);
    QCOMPARE(shown(u"#12"_s), 1);
    QCOMPARE(f.text(0, CallbackRegistry::Kind), u"setImmediate"_s);
    QCOMPARE(shown(u"nothing"_s), 0);
    Transcript more;
    timer(more, 10, "setTimeout", 5 * ms, 50 * ms);
    f.feed(more, 6 * ms);
    QCOMPARE(f.model.rowCount(), 0); // nor what comes
    QCOMPARE(f.model.totalCount(), 4u);
    QCOMPARE(shown(u" "_s), 4);
}

void tst_CallbackRegistry::liveOnlyLosesWhatHasRun()
{
    Fixture f;
    f.model.setLiveOnly(true);
    Transcript t;
    for (quint64 id = 1; id <= 5; ++id)
        timer(t, id, "setTimeout", qint64(id) * ms, 50 * ms);
    t.callback("setTimeout", 6 * ms, 1, 2, 0, 0, Phase::Timers); // never shown
    f.feed(t, 10 * ms);
    QCOMPARE(f.model.rowCount(), 4);
    Transcript run;
    run.callback("setTimeout", 20 * ms, 1, 3, 0, 0, Phase::Timers).callback("setTimeout", 21 * ms, 1, 4, 0, 0, Phase::Timers);
    cleared(run, 1, 22 * ms);
    f.feed(run, 30 * ms);
    QCOMPARE(f.model.rowCount(), 1);
    QCOMPARE(f.model.entryAt(0)->id, 5u);
    f.model.setLiveOnly(false);
    QCOMPARE(f.model.rowCount(), 5);
}

void tst_CallbackRegistry::liveOnlySurvivesABurst()
{
    Fixture f;
    f.model.setLiveOnly(true);
    Transcript t;
    for (quint64 id = 1; id <= 2'000; ++id)
        timer(t, id, "setTimeout", qint64(id), 50 * ms);
    f.feed(t, 10 * ms);
    QCOMPARE(f.model.rowCount(), 2'000);
    Transcript run;
    for (quint64 id = 1; id < 2'000; id += 2)
        run.callback("setTimeout", 20 * ms + qint64(id), 1, id, 0, 0, Phase::Timers);
    f.feed(run, 30 * ms);
    QCOMPARE(f.model.rowCount(), 1'000);
    QCOMPARE(f.model.entryAt(999)->id, 2'000u);
    QCOMPARE(f.model.liveCount(), 1'000u);
}

void tst_CallbackRegistry::bothEndsAndTheSliceOfTheRegistrationAreGiven()
{
    Fixture f;
    Transcript t;
    t.opened(9, 1 * ms, "127.0.0.1:50001").begin(3, 9, 2 * ms, 1, "GET / HTTP/1.1\r\n\r\n");
    timer(t, 7, "setTimeout", 12 * ms, 32 * ms, 3, 5);
    t.span("readFileSync", 13 * ms, ms, 3).callback("readable", 10 * ms, 6 * ms, 5, 3, 9);
    f.feed(t, 20 * ms);
    CallbackRegistry::Ends ends = f.model.ends(0);
    QCOMPARE(ends.from, 12 * ms);
    QCOMPARE(ends.to, 12 * ms);
    QCOMPARE(ends.request, 3u);
    QCOMPARE(ends.connection, 9u);
    QCOMPARE(ends.slice, (SliceKey{0, Track::Run, trace::Kind::Callback, 10 * ms, 5})); // where it was registered
    f.feed(Transcript().callback("setTimeout", 33 * ms, 2 * ms, 7, 3, 9, Phase::Timers), 40 * ms);
    ends = f.model.ends(0);
    QCOMPARE(ends.to, 35 * ms);
    const SliceKey ran{0, Track::Run, trace::Kind::Callback, 33 * ms, 7};
    QCOMPARE(ends.slice, ran);
    QCOMPARE(f.model.rowOfSlice(ran), 0);
    QCOMPARE(f.model.rowOfSlice({}), -1);
    QCOMPARE(f.model.ends(77).from, 0);
}

void tst_CallbackRegistry::theLimitHoldsAndWhatIsLiveStays()
{
    Session::Limits limits;
    limits.events = 8'192;
    Fixture f(limits);
    Transcript first;
    timer(first, 1, "setInterval", 1, 50 * ms);
    first.registered(2, "setTimeout", 2);
    f.feed(first, 3);
    const quint64 key = f.model.index(0, 0).data(CallbackRegistry::KeyRole).toULongLong();
    for (quint64 batch = 0; batch < 10; ++batch) {
        Transcript t;
        for (quint64 i = 0; i < 2'000; ++i) {
            const quint64 id = 10 + batch * 2'000 + i;
            t.registered(id, "setImmediate", qint64(id) * 10).callback("setImmediate", qint64(id) * 10 + 5, 1, id, 0, 0, Phase::Check);
        }
        f.feed(t, qint64(20 + batch * 2'000 + 2'000) * 10);
    }
    QVERIFY2(f.model.rowCount() <= 8'192 + 2, qPrintable(QString::number(f.model.rowCount())));
    QVERIFY(f.model.rowCount() > 4'000);
    QCOMPARE(f.text(0, CallbackRegistry::Kind), u"setInterval"_s);
    QCOMPARE(f.text(1, CallbackRegistry::Kind), u"setTimeout"_s);
    QCOMPARE(f.model.rowOf(key), 0);
    QCOMPARE(f.model.liveCount(), 2u);
    Transcript end; // it is still known by its number
    ran(end, 1, "setInterval", 1'000 * ms, ms, Phase::Timers);
    f.feed(end, 1'002 * ms);
    QCOMPARE(f.text(0, CallbackRegistry::State), u"ran, stays"_s);
}

void tst_CallbackRegistry::clearingTheSessionKeepsWhatIsLive()
{
    Fixture f;
    Transcript t;
    timer(t, 1, "setInterval", 1 * ms, 50 * ms);
    timer(t, 2, "setTimeout", 2 * ms, 50 * ms);
    t.callback("setTimeout", 5 * ms, ms, 2, 0, 0, Phase::Timers);
    f.feed(t, 10 * ms);
    QCOMPARE(f.model.rowCount(), 2);
    f.session.clear();
    QCOMPARE(f.model.rowCount(), 1);
    Transcript run;
    ran(run, 1, "setInterval", 60 * ms, ms, Phase::Timers);
    timer(run, 3, "setTimeout", 62 * ms, 90 * ms);
    f.feed(run, 70 * ms);
    QCOMPARE(f.model.rowCount(), 2);
    QCOMPARE(f.text(0, CallbackRegistry::State), u"ran, stays"_s);
    QCOMPARE(f.text(1, CallbackRegistry::Kind), u"setTimeout"_s);
}

// One session of `count` registrations, an immediate each.
static void fill(Session &session, quint64 first, quint64 count)
{
    session.beginBatch();
    for (quint64 id = first; id < first + count; ++id) {
        trace::TraceRecord r;
        r.kind = trace::Kind::Registered;
        r.start = qint64(id) * 10;
        r.id = id;
        r.name = "setImmediate";
        session.add(0, r, {});
        r.kind = trace::Kind::Callback;
        r.start += 5;
        r.duration = 1;
        r.phase = Phase::Check;
        session.add(0, r, {});
    }
    trace::TraceRecord turn;
    turn.kind = trace::Kind::Turn;
    turn.start = qint64(first) * 10;
    turn.duration = qint64(count) * 10;
    session.add(0, turn, {});
    session.endBatch();
}

void tst_CallbackRegistry::aHiddenOneCatchesUpInSteps()
{
    Session session;
    test::nameLanes(session);
    CallbackRegistry model(session);
    fill(session, 1, 120'000);
    QCOMPARE(model.rowCount(), 0);
    model.tick(1);
    QCOMPARE(model.rowCount(), int(CallbackRegistry::mostPerTick));
    for (qint64 now = 2; now < 10; ++now) // behind: it does not wait
        model.tick(now);
    QCOMPARE(model.rowCount(), 120'000);
    QCOMPARE(model.liveCount(), 0u);
    for (int row = 0; row < model.rowCount(); row += 7'919)
        QCOMPARE(model.index(row, 0).data(CallbackRegistry::RunsRole).toInt(), 1);
}

void tst_CallbackRegistry::aMillionRowsCostNoMoreABatchThanTen()
{
    Session::Limits limits;
    limits.events = 1'100'000;
    limits.slices = 1'200'000;
    Session session(limits);
    test::nameLanes(session);
    CallbackRegistry model(session);
    qint64 now = 0;
    for (quint64 first = 1; first <= 1'000'000; first += CallbackRegistry::mostPerTick) {
        fill(session, first, CallbackRegistry::mostPerTick);
        model.tick(now += 200 * ms);
    }
    QCOMPARE(model.rowCount(), 1'000'000);
    QCOMPARE(model.index(999'999, 0).data(CallbackRegistry::RunsRole).toInt(), 1);
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    fill(session, 1'000'001, 10);
    model.tick(now += 200 * ms);
    QCOMPARE(inserted.count(), 1);
    QCOMPARE(inserted[0][1].toInt(), 1'000'000);
    QCOMPARE(inserted[0][2].toInt(), 1'000'009);
    QCOMPARE(reset.count(), 0);
}

QTEST_GUILESS_MAIN(tst_CallbackRegistry)
#include "tst_callbackregistry.moc"
