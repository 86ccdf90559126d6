// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/delays.h"
#include "inspector/model/flatslices.h"
#include "tests/support/sessionfeed.h"
#include "tests/support/testcase.h"

using namespace loopscope;
using namespace loopscope::model;
using namespace loopscope::test;
using trace::Kind;
using trace::Phase;
using trace::TraceRecord;

static constexpr qint64 ms = 1'000'000; // ns
static constexpr qint64 us = 1'000; // ns

// Sessions made by hand, one for each state that a request can be in, and for those that could be mistaken.
class tst_Delays : public TestCase {
    Q_OBJECT

private Q_SLOTS:
    void flatSlicesSeeEveryInstantOnce();
    void anUnknownRequestHasNoAccount();
    void whatRunsForItIsItsOwn();
    void aRequestThatWaitedToBeReadIsBehindWhoeverRan();
    void whatTheSystemDoesNotTellIsSaid();
    void theHeadThatComesInPiecesIsTheClients();
    void theHeadThatNeverCameIsTheClients();
    void theBodyThatComesSlowlyIsTheClients();
    void anAnswerThatIsNotTakenIsTheClients();
    void aTimerIsItsOwnUntilItIsDue();
    void aTimeLimitOfTheServersIsNoTimerOfIts();
    void aJobIsQueuedThenRunsThenWaitsForTheLoop();
    void whatAWorkerThreadHasNotToldIsItsOwn();
    void whatInterruptsAWorkerThreadDoesNotHideIt();
    void aQueuedJobIsBehindThoseOfItsWorker();
    void aJobThatRunsCountsBeforeOneThatIsQueued();
    void anImmediateIsReadyFromItsRegistration();
    void whatAnotherCallbackDidAtLastIsNamed();
    void whatInterruptsAWaitDoesNotHideThatItIsReady();
    void whatEndsWithItsClientWasHeldUpUntilThen();
    void aPipelinedRequestWaitsForTheOneBefore();
    void aCallbackThatServedTwoIsPartedBetweenThem();
    void othersAreAddedUpByRequest();
    void ofManyOthersTheRestIsOneSum();
    void aRunningRequestIsCountedUntilNow();
    void aDueTimerBehindWhatRunsNow();
    void whatNoRecordTellsIsUnaccounted();
    void evictedSlicesAreUnaccounted();
    void droppedRecordsMakeIdleTimeUnaccounted();
    void stepsGiveTheSameAsOneLook_data();
    void stepsGiveTheSameAsOneLook();

private:
    static void make(Session &session)
    {
        session.setLane(0, trace::Trace::LaneKind::Loop, "loop");
        session.setLane(1, trace::Trace::LaneKind::Worker, "pool 1");
        session.setLane(2, trace::Trace::LaneKind::Worker, "pool 2");
    }
    static Transcript &arrived(Transcript &t, quint64 request, quint64 connection, qint64 at, qint64 read, bool told = true)
    {
        TraceRecord r = Transcript::make(Kind::BytesArrived, told ? at : read, told ? read - at : 0, request, connection);
        r.value = told;
        return t.add(r);
    }
    static Transcript &backpressure(Transcript &t, quint64 request, quint64 connection, qint64 at, bool above)
    {
        TraceRecord r = Transcript::make(Kind::Backpressure, at, 0, request, connection);
        r.detail = above;
        return t.add(r);
    }
    static Transcript &timer(Transcript &t, quint64 id, qint64 at, qint64 due, quint64 request)
    {
        TraceRecord r = Transcript::make(Kind::Registered, at, 0, request);
        r.id = id;
        r.name = "setTimeout";
        r.value = due;
        return t.add(r);
    }
    static Transcript &fired(Transcript &t, quint64 id, qint64 start, qint64 duration, qint64 due, quint64 request,
                             quint64 connection)
    {
        TraceRecord r = Transcript::make(Kind::Callback, start, duration, request, connection);
        r.id = id;
        r.name = "setTimeout";
        r.phase = Phase::Timers;
        r.value = due;
        return t.add(r);
    }
    // Request 1 on connection 1 at 10 ms; read() ends the callback that reads it, 100 µs later.
    static Transcript begun(trace::BodyFraming framing = trace::BodyFraming::None)
    {
        Transcript t;
        t.begin(1, 1, 10 * ms, 10 * us, "GET /a HTTP/1.1\r\n\r\n", framing);
        return t;
    }
    static Transcript &read(Transcript &t) { return t.callback("readable", 10 * ms - us, 101 * us, 0, 1, 1); }
    static const DelayShare *find(const DelayAccount &account, DelayPart part, quint64 request = 0)
    {
        for (const DelayShare &share : account.shares) {
            if (share.part == part && share.request == request)
                return &share;
        }
        return nullptr;
    }
    static qint64 sum(const DelayAccount &account)
    {
        qint64 ns = 0;
        for (const DelayShare &share : account.shares)
            ns += share.ns;
        return ns;
    }
};

#define COMPARE_PARTS(account, ...) \
    do { \
        const std::map<DelayPart, qint64> expected __VA_ARGS__; \
        for (int i = 0; i < delayPartCount; ++i) { \
            const auto part = DelayPart(i); \
            const auto found = expected.find(part); \
            const qint64 wanted = found == expected.end() ? 0 : found->second; \
            QVERIFY2((account).of(part) == wanted, \
                     qPrintable(QStringLiteral("part %1: %2, not %3").arg(i).arg((account).of(part)).arg(wanted))); \
        } \
        QCOMPARE(sum(account), (account).total()); \
    } while (false)

void tst_Delays::flatSlicesSeeEveryInstantOnce()
{
    SliceStore store;
    const auto insert = [&](qint64 start, qint64 end, quint64 id) {
        Slice slice;
        slice.start = start;
        slice.duration = end - start;
        slice.id = id;
        store.insert(slice);
    };
    insert(12, 15, 3);
    insert(16, 20, 4);
    insert(10, 20, 2); // around both, and ends with the second
    insert(5, 30, 1);
    insert(40, 50, 5);
    QList<std::tuple<qint64, qint64, quint64>> seen;
    visitFlat(store, 0, 45, [&](qint64 from, qint64 to, const SliceStack &stack) {
        seen.append({from, to, stack.empty() ? 0 : store.at(stack.back()).id});
    });
    const QList<std::tuple<qint64, qint64, quint64>> expected{{0, 5, 0},   {5, 10, 1},  {10, 12, 2}, {12, 15, 3}, {15, 16, 2},
                                                              {16, 20, 4}, {20, 30, 1}, {30, 40, 0}, {40, 45, 5}};
    QCOMPARE(seen, expected);
    seen.clear();
    visitFlat(store, 13, 14, [&](qint64 from, qint64 to, const SliceStack &stack) {
        seen.append({from, to, store.at(stack.back()).id});
        QCOMPARE(stack.size(), std::size_t(3));
    });
    QCOMPARE(seen.size(), 1);
}

void tst_Delays::anUnknownRequestHasNoAccount()
{
    Session session;
    make(session);
    const DelayAccount account = accountFor(session, 7, 100);
    QCOMPARE(account.request, 0ULL);
    QCOMPARE(account.total(), 0);
    QVERIFY(account.shares.isEmpty());
}

void tst_Delays::whatRunsForItIsItsOwn()
{
    Session session;
    make(session);
    Transcript t;
    t.begin(1, 1, 10 * ms, 10 * us, "GET /a HTTP/1.1\r\n\r\n");
    t.span("writeFileSync", 10 * ms + 20 * us, 60 * us, 1).end(1, 1, 10 * ms, 100 * us, 200, 0);
    t.callback("readable", 10 * ms - us, 120 * us, 0, 1, 1);
    feed(session, t);
    const DelayAccount account = accountFor(session, 1, 20 * ms);
    QVERIFY(account.ended);
    QCOMPARE(account.total(), 100 * us);
    COMPARE_PARTS(account, {{DelayPart::Loop, 100 * us}});
    QCOMPARE(account.accountedShare(), 1.0);
    QCOMPARE(account.shares.first().ns, 60 * us); // the largest first, by its own name and site
    QCOMPARE(session.string(account.shares.first().name), QByteArray("writeFileSync"));
    QCOMPARE(account.shares.first().line, 60U);
    QVERIFY(session.slice(account.shares.first().slice));
}

// Its bytes came at 20 ms, while POST /message wrote a file from 10 to 110 ms.
void tst_Delays::aRequestThatWaitedToBeReadIsBehindWhoeverRan()
{
    Session session;
    make(session);
    Transcript t;
    t.begin(1, 1, 10 * ms, 10 * us, "POST /message HTTP/1.1\r\n\r\n").span("writeFileSync", 11 * ms, 98 * ms, 1);
    t.end(1, 1, 10 * ms, 100 * ms, 302, 0).callback("readable", 10 * ms, 100 * ms, 0, 1, 1);
    t.phase(Phase::Poll, 10 * ms, 100 * ms, 1).turn(1, 9 * ms, 102 * ms);
    t.wait(112 * ms, 5 * us);
    t.begin(2, 2, 113 * ms, 10 * us, "GET /healthz HTTP/1.1\r\n\r\n");
    arrived(t, 2, 2, 20 * ms, 113 * ms);
    t.end(2, 2, 113 * ms, 50 * us, 200, 2).callback("readable", 113 * ms - us, 60 * us, 0, 2, 2);
    t.phase(Phase::Poll, 113 * ms - us, 60 * us, 2).turn(2, 111 * ms, 3 * ms);
    feed(session, t);
    const DelayAccount account = accountFor(session, 2, 200 * ms);
    QCOMPARE(account.from, 20 * ms);
    QCOMPARE(account.readLate, 93 * ms);
    COMPARE_PARTS(account, {{DelayPart::BehindOthers, 90 * ms}, {DelayPart::LoopItself, 3 * ms - us}, {DelayPart::Loop, 51 * us}});
    const DelayShare *other = find(account, DelayPart::BehindOthers, 1);
    QVERIFY(other);
    QCOMPARE(other->ns, 90 * ms);
    QCOMPARE(session.string(other->name), QByteArray("writeFileSync"));
    QCOMPARE(session.string(other->file), QByteArray("server/practice/messages.cpp"));
    QCOMPARE(other->line, 60U);
    QCOMPARE(other->slice.kind, Kind::Span);
}

void tst_Delays::whatTheSystemDoesNotTellIsSaid()
{
    Session session;
    make(session);
    Transcript t;
    t.begin(1, 1, 10 * ms, 10 * us, "GET /a HTTP/1.1\r\n\r\n");
    arrived(t, 1, 1, 0, 10 * ms, false);
    t.end(1, 1, 10 * ms, 50 * us, 200, 0).callback("readable", 10 * ms, 60 * us, 0, 1, 1);
    feed(session, t);
    const DelayAccount account = accountFor(session, 1, 20 * ms);
    QVERIFY(account.arrivalNotTold);
    QCOMPARE(account.from, 10 * ms);
    QCOMPARE(account.readLate, 0);
}

void tst_Delays::theHeadThatComesInPiecesIsTheClients()
{
    Session session;
    make(session);
    Transcript t;
    t.callback("readable", 10 * ms, 50 * us, 7, 0, 1).wait(10 * ms + 60 * us, 30'940 * us);
    t.begin(1, 1, 10 * ms, 31 * ms, "GET /a HTTP/1.1\r\n\r\n").end(1, 1, 10 * ms, 31 * ms + 50 * us, 200, 0);
    t.callback("readable", 41 * ms, 60 * us, 7, 1, 1);
    feed(session, t);
    const DelayAccount account = accountFor(session, 1, 50 * ms);
    COMPARE_PARTS(account, {{DelayPart::Loop, 100 * us}, {DelayPart::ClientSend, 31 * ms - 50 * us}});
}

// The client closes its side in the middle of it, and is told so.
void tst_Delays::theHeadThatNeverCameIsTheClients()
{
    Session session;
    make(session);
    Transcript t;
    t.callback("readable", 10 * ms, 50 * us, 7, 0, 1).wait(10 * ms + 60 * us, 30'940 * us);
    t.responseHead(1, 1, 41 * ms + 30 * us, 400, "HTTP/1.1 400 Bad Request\r\n\r\n");
    t.end(1, 1, 10 * ms, 31 * ms + 50 * us, 400, 0).callback("readable", 41 * ms, 60 * us, 7, 1, 1);
    feed(session, t);
    const DelayAccount account = accountFor(session, 1, 50 * ms);
    QCOMPARE(account.from, 10 * ms);
    COMPARE_PARTS(account, {{DelayPart::Loop, 100 * us}, {DelayPart::ClientSend, 31 * ms - 50 * us}});
}

// Two pieces; before the second, poll had returned at 40 ms and another callback ran for 2 ms.
void tst_Delays::theBodyThatComesSlowlyIsTheClients()
{
    Session session;
    make(session);
    Transcript t = begun(trace::BodyFraming::ContentLength);
    read(t).phase(Phase::Poll, 10 * ms - us, 101 * us, 1);
    t.wait(10 * ms + 110 * us, 29'890 * us); // until 40 ms
    t.callback("readable", 40 * ms, 2 * ms, 8, 5, 5);
    t.bodyChunk(1, 1, 42 * ms + 5 * us, 0, "abc").complete(1, 1, 42 * ms + 5 * us, 3);
    t.end(1, 1, 10 * ms, 32 * ms + 50 * us, 200, 0).callback("readable", 42 * ms, 60 * us, 9, 1, 1);
    t.phase(Phase::Poll, 40 * ms, 2'060 * us, 2);
    feed(session, t);
    const DelayAccount account = accountFor(session, 1, 50 * ms);
    COMPARE_PARTS(account, {{DelayPart::Loop, 150 * us},
                            {DelayPart::ClientSend, 30 * ms - 100 * us},
                            {DelayPart::BehindOthers, 2 * ms}});
    QVERIFY(find(account, DelayPart::BehindOthers, 5));
}

void tst_Delays::anAnswerThatIsNotTakenIsTheClients()
{
    Session session;
    make(session);
    Transcript t = begun();
    backpressure(t, 1, 1, 10 * ms + 90 * us, true);
    read(t);
    t.wait(10 * ms + 110 * us, 20'040 * us);
    backpressure(t, 1, 1, 30 * ms + 200 * us, false);
    t.end(1, 1, 10 * ms, 20 * ms + 250 * us, 200, 0).callback("writable", 30 * ms + 150 * us, 110 * us, 9, 1, 1);
    feed(session, t);
    COMPARE_PARTS(accountFor(session, 1, 50 * ms), {{DelayPart::Loop, 200 * us}, {DelayPart::ClientTake, 20 * ms + 50 * us}});
    // one that runs, above the mark
    Session running;
    make(running);
    Transcript u = begun();
    backpressure(u, 1, 1, 10 * ms + 90 * us, true);
    read(u);
    feed(running, u);
    COMPARE_PARTS(accountFor(running, 1, 50 * ms), {{DelayPart::Loop, 100 * us}, {DelayPart::ClientTake, 40 * ms - 100 * us}});
}

// Due at 60 ms; the loop was held by another until 75 ms.
void tst_Delays::aTimerIsItsOwnUntilItIsDue()
{
    Session session;
    make(session);
    Transcript t = begun();
    timer(t, 20, 10 * ms + 50 * us, 60 * ms, 1);
    read(t);
    t.callback("setImmediate", 55 * ms, 20 * ms, 8, 5, 5, Phase::Check);
    t.end(1, 1, 10 * ms, 65 * ms + 50 * us, 200, 0);
    fired(t, 20, 75 * ms, 60 * us, 60 * ms, 1, 1);
    feed(session, t);
    const DelayAccount account = accountFor(session, 1, 100 * ms);
    COMPARE_PARTS(account, {{DelayPart::Loop, 150 * us},
                            {DelayPart::OwnTimer, 50 * ms - 100 * us},
                            {DelayPart::BehindOthers, 15 * ms}});
}

// The request timeout ends it: it had waited for the rest of the body.
void tst_Delays::aTimeLimitOfTheServersIsNoTimerOfIts()
{
    Session session;
    make(session);
    Transcript t = begun(trace::BodyFraming::ContentLength);
    timer(t, 20, 5 * ms, 60 * ms, 0);
    read(t);
    t.end(1, 1, 10 * ms, 50 * ms + 50 * us, 408, 0);
    fired(t, 20, 60 * ms, 60 * us, 60 * ms, 1, 1);
    feed(session, t);
    COMPARE_PARTS(accountFor(session, 1, 100 * ms), {{DelayPart::Loop, 150 * us}, {DelayPart::ClientSend, 50 * ms - 100 * us}});
}

void tst_Delays::aJobIsQueuedThenRunsThenWaitsForTheLoop()
{
    Session session;
    make(session);
    Transcript t = begun();
    t.jobQueued(9, "writeFile", 10 * ms + 50 * us, 1, 1);
    read(t);
    t.callback("readable", 28 * ms, 7 * ms, 8, 5, 5); // another holds the loop when the job is done
    t.end(1, 1, 10 * ms, 25 * ms + 50 * us, 200, 0).callback("writeFile", 35 * ms, 60 * us, 9, 1, 1);
    t.on(1).jobStarted(9, "writeFile", 12 * ms, 1).jobFinished(9, "writeFile", 12 * ms, 18 * ms, 1);
    feed(session, t);
    const DelayAccount account = accountFor(session, 1, 100 * ms);
    COMPARE_PARTS(account, {{DelayPart::Loop, 150 * us},
                            {DelayPart::PoolQueued, 2 * ms - 100 * us},
                            {DelayPart::PoolRunning, 18 * ms},
                            {DelayPart::BehindOthers, 5 * ms}});
    QCOMPARE(account.shares[2].part, DelayPart::PoolRunning);
    QCOMPARE(session.slice(account.shares[2].slice)->kind, Kind::JobFinished);
}

// Its thread says something at 20 ms, while another holds the loop, and ends at 40 ms.
void tst_Delays::whatAWorkerThreadHasNotToldIsItsOwn()
{
    Session session;
    make(session);
    Transcript t = begun();
    read(t);
    t.callback("message", 20 * ms, 50 * us, 30, 1, 1);
    t.callback("readable", 39 * ms, 2 * ms, 8, 5, 5);
    t.end(1, 1, 10 * ms, 31 * ms + 100 * us, 200, 0).callback("exit", 41 * ms, 150 * us, 31, 1, 1);
    feed(session, t);
    const DelayAccount account = accountFor(session, 1, 100 * ms);
    COMPARE_PARTS(account, {{DelayPart::Loop, 250 * us},
                            {DelayPart::WorkerThread, 9'900 * us + 20'950 * us}});
    const DelayShare *share = find(account, DelayPart::WorkerThread);
    QVERIFY(share);
    QCOMPARE(session.slice(share->slice)->kind, Kind::Callback);
    QCOMPARE(account.accountedShare(), 1.0);
}

// While a thread works for it, what its client sends next is read. A second thread was given up at once.
void tst_Delays::whatInterruptsAWorkerThreadDoesNotHideIt()
{
    Session session;
    make(session);
    Transcript t = begun();
    t.registered(31, "exit", 10 * ms + 50 * us, 1).registered(32, "exit", 10 * ms + 60 * us, 1);
    TraceRecord cleared = Transcript::make(Kind::Cleared, 10 * ms + 70 * us, 0, 1);
    cleared.id = 32;
    t.add(cleared);
    read(t).callback("readable", 20 * ms, 50 * us, 8, 0, 1).callback("exit", 41 * ms, 100 * us, 31, 1, 1);
    t.callback("readable", 60 * ms, 50 * us, 8, 0, 1); // no thread works any more
    t.end(1, 1, 10 * ms, 50 * ms + 50 * us, 200, 0);
    feed(session, t);
    COMPARE_PARTS(accountFor(session, 1, 100 * ms), {{DelayPart::Loop, 300 * us},
                                                    {DelayPart::WorkerThread, 9'900 * us + 20'950 * us},
                                                    {DelayPart::Unaccounted, 18'900 * us}});
}

void tst_Delays::aQueuedJobIsBehindThoseOfItsWorker()
{
    Session session;
    make(session);
    Transcript t = begun();
    t.jobQueued(7, "pbkdf2", 5 * ms, 1, 5).jobQueued(8, "stat", 6 * ms, 2, 6);
    t.jobQueued(9, "writeFile", 10 * ms + 50 * us, 1, 1);
    read(t);
    t.end(1, 1, 10 * ms, 30 * ms, 200, 0).callback("writeFile", 40 * ms - 50 * us, 60 * us, 9, 1, 1);
    t.on(1).jobFinished(7, "pbkdf2", 5 * ms, 20 * ms, 5).jobFinished(8, "stat", 26 * ms, 4 * ms, 6);
    t.jobFinished(9, "writeFile", 30 * ms, 9'950 * us, 1);
    feed(session, t);
    const DelayAccount account = accountFor(session, 1, 100 * ms);
    QCOMPARE(account.of(DelayPart::PoolQueued), 20 * ms - 100 * us);
    QCOMPARE(find(account, DelayPart::PoolQueued, 5)->ns, 15 * ms - 100 * us);
    QCOMPARE(session.string(find(account, DelayPart::PoolQueued, 5)->name), QByteArray("pbkdf2"));
    QCOMPARE(find(account, DelayPart::PoolQueued, 6)->ns, 4 * ms);
    QCOMPARE(find(account, DelayPart::PoolQueued)->ns, 1 * ms); // between the two jobs
    QCOMPARE(account.of(DelayPart::PoolRunning), 9'950 * us);
    QCOMPARE(sum(account), account.total());
}

void tst_Delays::aJobThatRunsCountsBeforeOneThatIsQueued()
{
    Session session;
    make(session);
    Transcript t = begun();
    t.jobQueued(8, "a", 10 * ms + 50 * us, 1, 1).jobQueued(9, "b", 10 * ms + 60 * us, 2, 1);
    read(t);
    t.callback("a", 30 * ms + 50 * us, 20 * us, 8, 1, 1);
    t.end(1, 1, 10 * ms, 30 * ms, 200, 0).callback("b", 40 * ms - 50 * us, 60 * us, 9, 1, 1);
    t.on(1).jobFinished(8, "a", 10 * ms + 50 * us, 20 * ms, 1).jobFinished(9, "b", 30 * ms + 50 * us, 9'900 * us, 1);
    feed(session, t);
    COMPARE_PARTS(accountFor(session, 1, 100 * ms), {{DelayPart::Loop, 170 * us}, {DelayPart::PoolRunning, 30 * ms - 170 * us}});
}

void tst_Delays::anImmediateIsReadyFromItsRegistration()
{
    Session session;
    make(session);
    Transcript t = begun();
    t.registered(30, "setImmediate", 10 * ms + 40 * us, 1);
    read(t);
    t.callback("setImmediate", 10 * ms + 200 * us, 3 * ms, 29, 4, 4, Phase::Check);
    t.end(1, 1, 10 * ms, 4 * ms, 200, 0).callback("setImmediate", 14 * ms - 100 * us, 110 * us, 30, 1, 1, Phase::Check);
    t.turn(1, 9 * ms, 6 * ms);
    feed(session, t);
    COMPARE_PARTS(accountFor(session, 1, 100 * ms), {{DelayPart::Loop, 200 * us},
                                                    {DelayPart::BehindOthers, 3 * ms},
                                                    {DelayPart::LoopItself, 800 * us}});
}

// It awaits what request 4 does at 30 ms: a microtask that this registers lets it run on.
void tst_Delays::whatAnotherCallbackDidAtLastIsNamed()
{
    Session session;
    make(session);
    Transcript t = begun();
    read(t);
    t.registered(30, "await", 30 * ms + 100 * us, 4, 29);
    t.callback("setTimeout", 30 * ms, 200 * us, 29, 4, 4, Phase::Timers);
    t.end(1, 1, 10 * ms, 20 * ms + 250 * us, 200, 0);
    t.callback("await", 30 * ms + 200 * us, 60 * us, 30, 1, 1, Phase::Microtask);
    feed(session, t);
    const DelayAccount account = accountFor(session, 1, 100 * ms);
    COMPARE_PARTS(account, {{DelayPart::Loop, 150 * us},
                            {DelayPart::OtherEvent, 20 * ms},
                            {DelayPart::BehindOthers, 100 * us}});
    QCOMPARE(session.string(find(account, DelayPart::OtherEvent, 4)->name), QByteArray("setTimeout"));
}

// Its immediate is queued, others run, and a notifier of its connection in between.
void tst_Delays::whatInterruptsAWaitDoesNotHideThatItIsReady()
{
    Session session;
    make(session);
    Transcript t = begun();
    t.registered(30, "setImmediate", 10 * ms + 50 * us, 1).registered(31, "setImmediate", 10 * ms + 55 * us, 1);
    TraceRecord cleared = Transcript::make(Kind::Cleared, 10 * ms + 60 * us, 0, 1);
    cleared.id = 31;
    t.add(cleared);
    read(t).callback("await", 10 * ms + 100 * us, 900 * us, 40, 4, 4, Phase::Microtask).callback("readable", 11 * ms, 50 * us, 41, 0, 1);
    t.callback("writeFile", 11 * ms + 50 * us, 1'950 * us, 42, 5, 5);
    timer(t, 50, 13 * ms + 10 * us, 20 * ms, 1).callback("setImmediate", 13 * ms, 100 * us, 30, 1, 1, Phase::Check);
    t.callback("readable", 14 * ms, 50 * us, 41, 0, 1); // the one that was cleared is no longer ready
    t.end(1, 1, 10 * ms, 10 * ms + 50 * us, 200, 0);
    fired(t, 50, 20 * ms, 60 * us, 20 * ms, 1, 1);
    feed(session, t);
    COMPARE_PARTS(accountFor(session, 1, 100 * ms), {{DelayPart::Loop, 350 * us},
                                                    {DelayPart::BehindOthers, 2'850 * us},
                                                    {DelayPart::OwnTimer, 6'850 * us}});
}

// Its immediate was queued, others ran, and in the callback of nobody's its client was found to have left.
void tst_Delays::whatEndsWithItsClientWasHeldUpUntilThen()
{
    Session session;
    make(session);
    Transcript t = begun();
    t.registered(30, "setImmediate", 10 * ms + 40 * us, 1);
    read(t).callback("setTimeout", 10 * ms + 200 * us, 3 * ms, 29, 4, 4, Phase::Timers);
    t.end(1, 1, 10 * ms, 3 * ms, 0, 0, trace::ResponseOutcome::ClientGone);
    t.callback("setImmediate", 14 * ms, 110 * us, 30, 1, 1, Phase::Check).turn(1, 9 * ms, 6 * ms);
    feed(session, t);
    COMPARE_PARTS(accountFor(session, 1, 100 * ms), {{DelayPart::Loop, 100 * us},
                                                    {DelayPart::BehindOthers, 2'800 * us},
                                                    {DelayPart::LoopItself, 100 * us}});
}

// Both were read at 10 ms; the first one sleeps until 50 ms.
void tst_Delays::aPipelinedRequestWaitsForTheOneBefore()
{
    Session session;
    make(session);
    Transcript t = begun();
    timer(t, 20, 10 * ms + 50 * us, 50 * ms, 1);
    read(t);
    t.end(1, 1, 10 * ms, 40 * ms + 20 * us, 200, 0);
    fired(t, 20, 50 * ms, 30 * us, 50 * ms, 1, 1);
    t.begin(2, 1, 10 * ms, 40 * ms + 40 * us, "GET /b HTTP/1.1\r\n\r\n").end(2, 1, 10 * ms, 40 * ms + 90 * us, 200, 0);
    t.callback("nextTick", 50 * ms + 30 * us, 70 * us, 21, 2, 1, Phase::NextTick);
    feed(session, t);
    COMPARE_PARTS(accountFor(session, 1, 100 * ms), {{DelayPart::Loop, 120 * us}, {DelayPart::OwnTimer, 40 * ms - 100 * us}});
    const DelayAccount second = accountFor(session, 2, 100 * ms);
    QCOMPARE(second.of(DelayPart::EarlierRequest), 40 * ms + 20 * us);
    QCOMPARE(find(second, DelayPart::EarlierRequest, 1)->ns, 40 * ms + 20 * us);
    QCOMPARE(second.of(DelayPart::Loop), 60 * us);
    QCOMPARE(sum(second), second.total());
}

// One read brought two requests; the callback ends with the context of the second.
void tst_Delays::aCallbackThatServedTwoIsPartedBetweenThem()
{
    Session session;
    make(session);
    Transcript t;
    t.begin(1, 1, 10 * ms, 10 * us, "GET /a HTTP/1.1\r\n\r\n").layer(1, 1, "a", 10 * ms + 20 * us, 100 * us);
    t.end(1, 1, 10 * ms, 110 * us, 200, 0);
    t.begin(2, 1, 10 * ms, 130 * us, "GET /b HTTP/1.1\r\n\r\n").layer(2, 1, "b", 10 * ms + 140 * us, 50 * us);
    t.end(2, 1, 10 * ms, 180 * us, 200, 0).callback("readable", 10 * ms - 5 * us, 200 * us, 7, 2, 1);
    feed(session, t);
    COMPARE_PARTS(accountFor(session, 1, 100 * ms), {{DelayPart::Loop, 110 * us}});
    COMPARE_PARTS(accountFor(session, 2, 100 * ms), {{DelayPart::EarlierRequest, 110 * us}, {DelayPart::BehindOthers, 10 * us}, {DelayPart::Loop, 60 * us}});
}

void tst_Delays::othersAreAddedUpByRequest()
{
    Session session;
    make(session);
    Transcript t;
    t.callback("readable", 0, 5 * ms, 7, 3, 3).callback("readable", 5 * ms, 1 * ms, 8, 4, 4);
    t.callback("await", 6 * ms, 3 * ms, 9, 3, 3, Phase::Microtask).callback("readable", 9 * ms, 500 * us, 5, 0, 0);
    t.begin(1, 1, 10 * ms, 10 * us, "GET /a HTTP/1.1\r\n\r\n");
    arrived(t, 1, 1, 1 * ms, 10 * ms);
    t.end(1, 1, 10 * ms, 50 * us, 200, 0).callback("readable", 10 * ms - us, 60 * us, 6, 1, 1).turn(1, 0, 11 * ms);
    feed(session, t);
    const DelayAccount account = accountFor(session, 1, 20 * ms);
    QCOMPARE(find(account, DelayPart::BehindOthers, 3)->ns, 7 * ms);
    QCOMPARE(find(account, DelayPart::BehindOthers, 3)->stretches, 2);
    QCOMPARE(find(account, DelayPart::BehindOthers, 4)->ns, 1 * ms);
    QCOMPARE(find(account, DelayPart::BehindOthers)->ns, 500 * us);
    QCOMPARE(sum(account), account.total());
    QVERIFY(account.shares.size() >= 4);
}

void tst_Delays::ofManyOthersTheRestIsOneSum()
{
    constexpr qint64 others = 6'000;
    Session session;
    make(session);
    Transcript t;
    for (qint64 i = 0; i < others; ++i)
        t.callback("readable", 1 * ms + i * us, us, quint64(100 + i), quint64(1'000 + i), 9);
    t.begin(1, 1, 10 * ms, 10 * us, "GET /a HTTP/1.1\r\n\r\n");
    arrived(t, 1, 1, 1 * ms, 10 * ms);
    t.end(1, 1, 10 * ms, 50 * us, 200, 0).callback("readable", 10 * ms, 60 * us, 6, 1, 1).turn(1, 0, 11 * ms);
    feed(session, t);
    const DelayAccount account = accountFor(session, 1, 20 * ms);
    QCOMPARE(account.of(DelayPart::BehindOthers), others * us);
    QVERIFY(account.shares.size() <= qsizetype(DelayAnalysis::maximumShares) + 2 * delayPartCount);
    const auto rest = std::find_if(account.shares.cbegin(), account.shares.cend(), 
                                   [](const DelayShare &s) { return s.others && s.part == DelayPart::BehindOthers; });
    QVERIFY(rest != account.shares.cend());
    QVERIFY2(rest->ns > 1'000 * us, qPrintable(QString::number(rest->ns)));
    QCOMPARE(sum(account), account.total());
}

void tst_Delays::aRunningRequestIsCountedUntilNow()
{
    Session session;
    make(session);
    Transcript t = begun();
    timer(t, 20, 10 * ms + 50 * us, 500 * ms, 1);
    read(t);
    feed(session, t);
    const DelayAccount sleeping = accountFor(session, 1, 100 * ms);
    QVERIFY(!sleeping.ended);
    COMPARE_PARTS(sleeping, {{DelayPart::Loop, 100 * us}, {DelayPart::OwnTimer, 90 * ms - 100 * us}});
    // its own callback runs at this moment
    session.beginBatch();
    session.setLive(0, {60 * ms, "GET /a", "a.cpp", 3, 1, Phase::Timers});
    session.endBatch();
    const DelayAccount live = accountFor(session, 1, 100 * ms);
    QCOMPARE(live.of(DelayPart::Loop), 40 * ms + 100 * us);
    QCOMPARE(sum(live), live.total());
}

void tst_Delays::aDueTimerBehindWhatRunsNow()
{
    Session session;
    make(session);
    Transcript t = begun();
    timer(t, 20, 10 * ms + 50 * us, 50 * ms, 1);
    read(t);
    feed(session, t);
    session.beginBatch();
    session.setLive(0, {40 * ms, "writeFileSync", "message.cpp", 57, 8, Phase::Poll});
    session.endBatch();
    const DelayAccount account = accountFor(session, 1, 100 * ms);
    COMPARE_PARTS(account, {{DelayPart::Loop, 100 * us}, {DelayPart::OwnTimer, 40 * ms - 100 * us}, {DelayPart::BehindOthers, 50 * ms}});
    const DelayShare *other = find(account, DelayPart::BehindOthers, 8);
    QCOMPARE(session.string(other->name), QByteArray("writeFileSync"));
    QVERIFY(!other->slice.isValid());
}

// It never calls next() and registers nothing: no record can say what it waits for.
void tst_Delays::whatNoRecordTellsIsUnaccounted()
{
    Session session;
    make(session);
    Transcript t = begun();
    read(t);
    feed(session, t);
    const DelayAccount account = accountFor(session, 1, 20 * ms);
    COMPARE_PARTS(account, {{DelayPart::Loop, 100 * us}, {DelayPart::Unaccounted, 10 * ms - 100 * us}});
    QVERIFY(account.accountedShare() < 0.02);
}

void tst_Delays::evictedSlicesAreUnaccounted()
{
    Session session(Session::Limits{.slices = 8 * 4'096});
    make(session);
    Transcript t = begun();
    read(t);
    qint64 at = 11 * ms;
    for (quint64 i = 0; i < 60'000; ++i, at += 2 * us)
        t.callback("readable", at, us, 100 + i, 9, 9);
    t.end(1, 1, 10 * ms, at - 10 * ms + 10 * us, 200, 0).callback("readable", at, 20 * us, 7, 1, 1);
    feed(session, t);
    const DelayAccount account = accountFor(session, 1, at + ms);
    QVERIFY(account.evicted);
    QVERIFY(account.of(DelayPart::Unaccounted) > 10 * ms);
    QCOMPARE(sum(account), account.total());
}

void tst_Delays::droppedRecordsMakeIdleTimeUnaccounted()
{
    Session session;
    make(session);
    Transcript t;
    t.begin(1, 1, 10 * ms, 10 * us, "GET /a HTTP/1.1\r\n\r\n");
    arrived(t, 1, 1, 5 * ms, 10 * ms);
    t.end(1, 1, 10 * ms, 50 * us, 200, 0).callback("readable", 10 * ms, 60 * us, 6, 1, 1).turn(1, 0, 11 * ms);
    feed(session, t);
    COMPARE_PARTS(accountFor(session, 1, 20 * ms), {{DelayPart::Loop, 50 * us}, {DelayPart::LoopItself, 5 * ms}});
    session.setDropped(3);
    const DelayAccount account = accountFor(session, 1, 20 * ms);
    QCOMPARE(account.dropped, 3ULL);
    COMPARE_PARTS(account, {{DelayPart::Loop, 50 * us}, {DelayPart::Unaccounted, 5 * ms}});
}

void tst_Delays::stepsGiveTheSameAsOneLook_data()
{
    QTest::addColumn<quint64>("most");
    QTest::newRow("one record a step") << quint64(1);
    QTest::newRow("two records a step") << quint64(2);
    QTest::newRow("seven records a step") << quint64(7);
}

void tst_Delays::stepsGiveTheSameAsOneLook()
{
    QFETCH(quint64, most);
    Session session;
    make(session);
    Transcript t = visitTranscript();
    t.jobQueued(209, "writeFile", 110 * ms, 1, 4);
    t.on(1).jobFinished(208, "hash", 105 * ms, 15 * ms, 7).jobFinished(209, "writeFile", 120 * ms, 20 * ms, 4).on(0);
    for (qint64 i = 0; i < 50; ++i)
        t.span("part", 150 * ms + i * us * 20, 10 * us, 4).callback("readable", 150 * ms + i * us * 20, 15 * us, quint64(300 + i), 4, 2);
    feed(session, t);
    for (quint64 request = 1; request <= 4; ++request) {
        const DelayAccount whole = accountFor(session, request, 400 * ms);
        DelayAnalysis steps(session, request, 400 * ms);
        int count = 1;
        while (!steps.advance(most))
            QVERIFY(++count < 10'000);
        QVERIFY(request != 4 || count > 10);
        for (int i = 0; i < delayPartCount; ++i)
            QCOMPARE(steps.account().of(DelayPart(i)), whole.of(DelayPart(i)));
        QCOMPARE(sum(whole), whole.total());
    }
}

QTEST_GUILESS_MAIN(tst_Delays)
#include "tst_delays.moc"
