// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/session.h"
#include "tests/support/sessionfeed.h"
#include "tests/support/testcase.h"

#include <QtCore/QElapsedTimer>
#include <QtTest/QSignalSpy>

#include <cstdlib>

using namespace loopscope;
using namespace loopscope::model;
using namespace loopscope::trace;
using test::Transcript;

constexpr qint64 us = 1'000;
constexpr qint64 ms = 1'000'000;

class tst_Session : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aVisitIsPutTogether();
    void theRedirectLinksBothRequests();
    void aRedirectIsNotLinkedToAnotherClient();
    void everySliceOfARequestIsFound();
    void aRegistrationIsFoundFromItsCallback();
    void whatRunsIsKnownBeforeItEnds();
    void theQueueIsRightWhateverOrderLanesAreDrainedIn();
    void aConnectionTellsItsState();
    void aDrainIsFollowed();
    void aBatchIsAnnouncedOnce();
    void aRequestWithoutItsBeginningIsKnownFromItsEnd();
    void aRequestEndsWithItsConnection();
    void numbersMayStartAgain();
    void aConnectionWhoseEndWasDroppedIsNotOpenForever();
    void limitsHoldAndAreCounted();
    void whatRunsOutlivesItsRow();
    void whatComesLateForAForgottenRequestMakesNone();
    void clearKeepsWhatIsStillOpen();
    void loopStatisticsCountTheLastSecond();
    void hostileRecordsAreSurvived();
    void aTraceIsDrainedWhole();
    void aThreadOfItsOwnAndAJobsProgressChangeNothingOfThePool();
    void ingestionIsCheap();
};

static Session::Limits smallLimits()
{
    Session::Limits limits;
    limits.slices = limits.events = limits.requests = limits.connections = limits.textBytes = 1; // the least there is
    return limits;
}

void tst_Session::aVisitIsPutTogether()
{
    Session session;
    test::nameLanes(session);
    test::feed(session, test::visitTranscript());
    QCOMPARE(session.requestCount(), 4u);
    const Request &get = *session.request(1);
    QCOMPARE(get.connection, 1u);
    QCOMPARE(get.start, 2 * ms);
    QCOMPARE(get.headComplete, 2 * ms + 20 * us);
    QCOMPARE(get.end, 2 * ms + 250 * us);
    QCOMPARE(get.status, quint16(200));
    QCOMPARE(get.responseBytes, 11);
    QCOMPARE(get.idleSince, get.end);
    QVERIFY(session.text(get.head).startsWith("GET / HTTP/1.1\r\n"));
    QVERIFY(session.text(get.responseHeadText).startsWith("HTTP/1.1 200 OK\r\n"));
    const Request &post = *session.request(2);
    QCOMPARE(post.bodyBytes, 23);
    QCOMPARE(post.chunks, 2u);
    QCOMPARE(post.bodyComplete, 55 * ms);
    QCOMPARE(post.responseHead, 93 * ms + 110 * us);
    QCOMPARE(post.framing, BodyFraming::ContentLength);
    const QList<Chunk> chunks = session.chunks(2);
    QCOMPARE(chunks.size(), 2);
    QCOMPARE(chunks[0].time, 5 * ms + 30 * us);
    QCOMPARE(chunks[0].firstBytes, QByteArray("name=Ann&te"));
    QCOMPARE(chunks[1].offset, 11);
    QCOMPARE(chunks[1].bytes, 12);
    QVERIFY(!chunks[1].toClient);
    const Request &download = *session.request(4);
    QVERIFY(download.isRunning());
    QCOMPARE(download.durationAt(200 * ms), 100 * ms);
    QCOMPARE(session.inFlight(), std::vector<quint64>{4});
    QCOMPARE(session.chunks(4).at(0).bytes, 65'536);
    QVERIFY(session.chunks(4).at(0).toClient);
    QCOMPARE(session.newestChunks(2, 1).at(0).offset, 11);
    QCOMPARE(session.server().address, QByteArray("127.0.0.1:3000"));
    QCOMPARE(session.server().port, 3000);
    QCOMPARE(session.server().poolThreads, 4);
    QCOMPARE(session.server().finishedRequests, 3u);
    QCOMPARE(session.server().inFlightRequests, 1u);
    QCOMPARE(session.server().openConnections, 2u);
    QCOMPARE(session.slices(0, Track::Turns).size(), 6u);
    QCOMPARE(session.slices(0, Track::Phases).size(), 12u);
    QCOMPARE(session.slices(1, Track::Run).size(), 1u);
    QCOMPARE(session.firstTime(), 1 * ms);
}

void tst_Session::theRedirectLinksBothRequests()
{
    Session session;
    test::feed(session, test::visitTranscript());
    QCOMPARE(session.request(2)->redirectedTo, 3u);
    QCOMPARE(session.request(3)->redirectedFrom, 2u);
    QCOMPARE(session.text(session.request(2)->location).toByteArray(), QByteArray("/users"));
    QCOMPARE(session.request(1)->redirectedTo, 0u);
    QCOMPARE(session.request(4)->redirectedFrom, 0u);
}

void tst_Session::aRedirectIsNotLinkedToAnotherClient()
{
    Transcript t;
    t.opened(1, 1, "10.0.0.1:5000").opened(2, 1, "10.0.0.2:5000").opened(3, 1, "10.0.0.1:5001");
    t.begin(1, 1, 10, 1, "POST /a HTTP/1.1\r\n\r\n").redirected(1, 12, "http://host/b?x=1#top").end(1, 1, 10, 3, 302, 0);
    t.begin(2, 2, 20, 1, "GET /b?x=1 HTTP/1.1\r\n\r\n"); // another client
    t.begin(3, 3, 21, 1, "GET /b HTTP/1.1\r\n\r\n"); // another target
    Session session;
    test::feed(session, t);
    QCOMPARE(session.request(1)->redirectedTo, 0u);
    test::feed(session, Transcript().begin(4, 3, 30, 1, "GET /b?x=1 HTTP/1.1\r\n\r\n"));
    QCOMPARE(session.request(1)->redirectedTo, 4u);
    test::feed(session, Transcript().begin(5, 3, 40, 1, "GET /b?x=1 HTTP/1.1\r\n\r\n")); // it is followed once
    QCOMPARE(session.request(5)->redirectedFrom, 0u);
}

void tst_Session::everySliceOfARequestIsFound()
{
    Session session;
    test::nameLanes(session);
    test::feed(session, test::visitTranscript());
    QStringList names;
    for (const SliceKey &key : session.slicesOfRequest(2)) {
        const Slice *slice = session.slice(key);
        QVERIFY(slice);
        names.append(QString::fromUtf8(session.lane(key.lane).name + ' ' + session.string(slice->name)));
    }
    QCOMPARE(names, (QStringList{QStringLiteral("loop readable"), QStringLiteral("loop logger"), QStringLiteral("loop saveMessage"),
                                 QStringLiteral("loop readable"), QStringLiteral("loop saveMessage"), QStringLiteral("pool 1 writeFile"),
                                 QStringLiteral("loop writeFile"), QStringLiteral("loop saveMessage")}));
    QVERIFY(session.slicesOfRequest(99).isEmpty());
    QVERIFY(!session.slice({}));
    QVERIFY(!session.slice({0, Track::Run, Kind::Callback, 3, 0}));
}

void tst_Session::aRegistrationIsFoundFromItsCallback()
{
    Session session;
    test::feed(session, test::visitTranscript());
    const Event *queued = session.registration(9);
    QVERIFY(queued);
    QCOMPARE(queued->kind, Kind::JobQueued);
    QCOMPARE(queued->request, 2u);
    QVERIFY(!session.registration(10));
    QVERIFY(!session.registration(9, 5));
    QVERIFY(!session.registration(9 + 262'144)); // the same slot
}

void tst_Session::whatRunsIsKnownBeforeItEnds()
{
    Session session;
    test::nameLanes(session);
    test::feed(session, Transcript().on(1).jobStarted(3, "readFile", 100, 7));
    QVERIFY(session.lane(1).running.isRunning());
    QCOMPARE(session.lane(1).running.since, 100);
    QCOMPARE(session.string(session.lane(1).running.name), QByteArray("readFile"));
    QCOMPARE(session.server().poolRunning, 1);
    test::feed(session, Transcript().on(1).jobFinished(3, "readFile", 100, 50, 7));
    QVERIFY(!session.lane(1).running.isRunning());
    QCOMPARE(session.server().poolRunning, 0);

    LiveSlice live;
    live.since = 500;
    live.name = "readable";
    live.request = 9;
    session.setLive(0, live);
    QCOMPARE(session.lane(0).running.request, 9u);
    session.setLive(1, live); // a worker's records are the truth
    QVERIFY(!session.lane(1).running.isRunning());
    QSignalSpy spy(&session, &Session::changed);
    session.beginBatch();
    session.endBatch();
    QCOMPARE(spy.count(), 1);
    QVERIFY(spy[0][0].value<Session::Change>().slices);
}

void tst_Session::theQueueIsRightWhateverOrderLanesAreDrainedIn()
{
    Session session;
    test::nameLanes(session);
    Transcript t;
    t.on(1).jobStarted(1, "a", 20); // drained before the loop's records, though later
    t.on(0).jobQueued(1, "a", 10, 1).jobQueued(2, "b", 30, 1).jobQueued(3, "c", 31, 2);
    test::feed(session, t);
    QCOMPARE(session.server().poolQueued, 2);
    test::feed(session, Transcript().on(1).jobFinished(1, "a", 20, 20).jobStarted(2, "b", 41));
    QCOMPARE(session.server().poolQueued, 1);
    test::feed(session, Transcript().on(1).jobFinished(3, "c", 50, 0, 0, JobOutcome::Cancelled));
    QCOMPARE(session.server().poolQueued, 0);
}

void tst_Session::aConnectionTellsItsState()
{
    Session session;
    test::feed(session, test::visitTranscript());
    const Connection &first = *session.connection(1);
    QCOMPARE(session.text(first.peer).toByteArray(), QByteArray("127.0.0.1:50001"));
    QCOMPARE(first.state(), Connection::State::Idle);
    QCOMPARE(first.served, 2);
    QCOMPARE(first.idleDue, 5'093 * ms);
    QCOMPARE(first.requestCount(), std::size_t(2));
    const Connection &second = *session.connection(2);
    QCOMPARE(second.state(), Connection::State::InFlight);
    QCOMPARE(second.idleDue, 0);
    QCOMPARE(second.requestAt(1), 4u);
    QCOMPARE(session.firstRequestEndingAfter(second, 0), std::size_t(0));
    QCOMPARE(session.firstRequestEndingAfter(second, 99 * ms), std::size_t(1));
    QCOMPARE(session.firstRequestEndingAfter(first, 99 * ms), std::size_t(2));
    test::feed(session, Transcript().closed(1, 2 * ms, 200 * ms, CloseReason::IdleTimeout, 2));
    QCOMPARE(session.connection(1)->state(), Connection::State::Closed);
    QCOMPARE(session.connection(1)->closed, 202 * ms);
    QCOMPARE(session.connection(1)->reason, CloseReason::IdleTimeout);
    QCOMPARE(session.server().openConnections, 1u);
}

void tst_Session::aDrainIsFollowed()
{
    Session session;
    test::feed(session, test::visitTranscript());
    test::feed(session, Transcript().drainBegan(200 * ms, 10'200 * ms, 1).closed(1, 2 * ms, 198 * ms, CloseReason::Drained, 2));
    QVERIFY(session.server().isDraining());
    QCOMPARE(session.server().drainDeadline, 10'200 * ms);
    QCOMPARE(session.server().inFlightAtDrain, 1u);
    test::feed(session, Transcript().closed(2, 95 * ms, 10'105 * ms, CloseReason::Cut, 1).drainEnded(200 * ms, 10'000 * ms, 1));
    QVERIFY(!session.server().isDraining());
    QCOMPARE(session.server().drainEnded, 10'200 * ms);
    QCOMPARE(session.server().cutConnections, 1);
    QCOMPARE(session.server().openConnections, 0u);
    QVERIFY(session.request(4)->endedWithoutResponse);
    test::feed(session, Transcript().listening(20'000 * ms, 4000, "127.0.0.1:4000"));
    QCOMPARE(session.server().drainBegan, -1);
}

void tst_Session::aBatchIsAnnouncedOnce()
{
    Session session;
    QSignalSpy spy(&session, &Session::changed);
    session.beginBatch();
    session.endBatch();
    QCOMPARE(spy.count(), 0); // nothing is nothing
    test::feed(session, test::visitTranscript());
    QCOMPARE(spy.count(), 1);
    auto change = spy.takeFirst().at(0).value<Session::Change>();
    QCOMPARE(change.requestsAppended, 4u);
    QCOMPARE(change.requestsEvicted, 0u);
    QVERIFY(change.requestsUpdated.isEmpty()); // a new row is no updated one
    QCOMPARE(change.connectionsAppended, 2u);
    QVERIFY(change.slices && change.lanes && change.server);
    QCOMPARE(change.records, quint64(test::visitTranscript().entries().size()));
    Transcript t;
    t.responseChunk(4, 2, 110 * ms, 65'536, "b", 10).responseChunk(4, 2, 111 * ms, 65'546, "b", 10).end(4, 2, 100 * ms, 20 * ms, 200, 65'556);
    test::feed(session, t);
    change = spy.takeFirst().at(0).value<Session::Change>();
    QCOMPARE(change.requestsUpdated, QList<quint64>{4});
    QCOMPARE(change.connectionsUpdated, QList<quint64>{2});
    QCOMPARE(change.requestsAppended, 0u);
    QVERIFY(!change.lanes);
}

void tst_Session::aRequestWithoutItsBeginningIsKnownFromItsEnd()
{
    Session session;
    test::feed(session, Transcript().end(7, 3, 1'000, 500, 204, 0));
    const Request *request = session.request(7);
    QVERIFY(request);
    QCOMPARE(request->start, 1'000);
    QCOMPARE(request->end, 1'500);
    QCOMPARE(request->status, quint16(204));
    QCOMPARE(request->headComplete, Request::unknown);
    QVERIFY(session.connection(3));
    QCOMPARE(session.connection(3)->served, 1);
    // A layer or a log line alone does not make a request: nobody would ever end it.
    test::feed(session, Transcript().layer(8, 1, "logger", 2'000, 10).log(2'000, LogLevel::Info, "hi", 9));
    QVERIFY(!session.request(8));
    QVERIFY(!session.request(9));
}

void tst_Session::aRequestEndsWithItsConnection()
{
    Session session;
    test::feed(session, Transcript().opened(1, 1, "c:1").begin(1, 1, 10, 1, "GET /a HTTP/1.1\r\n\r\n"));
    test::feed(session, Transcript().idle(1, 50, 0)); // nothing in flight: its end was dropped
    QVERIFY(!session.request(1)->isRunning());
    QVERIFY(session.request(1)->endedWithoutResponse);
    QCOMPARE(session.request(1)->end, 50);
    test::feed(session, Transcript().begin(2, 1, 60, 1, "GET /b HTTP/1.1\r\n\r\n").closed(1, 1, 99, CloseReason::ByPeer, 1));
    QCOMPARE(session.request(2)->end, 100);
    QVERIFY(session.inFlight().empty());
    test::feed(session, Transcript().end(2, 1, 60, 41, 200, 5)); // it was only late
    QVERIFY(!session.request(2)->endedWithoutResponse);
    QCOMPARE(session.server().finishedRequests, 2u);
}

void tst_Session::numbersMayStartAgain()
{
    Session session;
    const Transcript once = Transcript().opened(1, 1, "c:1").begin(1, 1, 10, 1, "GET /old HTTP/1.1\r\n\r\n")
                                .end(1, 1, 10, 5, 200, 1).closed(1, 1, 20, CloseReason::Drained, 1);
    test::feed(session, once);
    test::feed(session, Transcript().opened(1, 100, "c:2").begin(1, 1, 110, 1, "GET /new HTTP/1.1\r\n\r\n"));
    QCOMPARE(session.requestCount(), 2u);
    QVERIFY(session.text(session.request(1)->head).startsWith("GET /new"));
    QVERIFY(session.text(session.requestAt(0).head).startsWith("GET /old"));
    QCOMPARE(session.connectionCount(), 2u);
    QVERIFY(session.connection(1)->isOpen());
}

void tst_Session::aConnectionWhoseEndWasDroppedIsNotOpenForever()
{
    Session session;
    test::feed(session, Transcript().listening(1, 80, "s:80").opened(1, 2, "c:1").opened(2, 3, "c:2").begin(1, 2, 4, 1, "GET / HTTP/1.1\r\n\r\n"));
    test::feed(session, Transcript().drainBegan(10, 0, 1).closed(1, 2, 9, CloseReason::Drained, 0).drainEnded(10, 10, 0));
    QCOMPARE(session.server().openConnections, 1u);
    test::feed(session, Transcript().listening(30, 80, "s:80"));
    QCOMPARE(session.server().openConnections, 0u);
    QVERIFY(session.connection(2)->endNotSeen);
    QCOMPARE(session.connection(2)->closed, 20);
    QVERIFY(session.request(1)->endedWithoutResponse);
    QVERIFY(!session.connection(1)->endNotSeen);
    test::feed(session, Transcript().closed(2, 3, 16, CloseReason::Cut, 0)); // it was only late
    QVERIFY(!session.connection(2)->endNotSeen);
    QCOMPARE(session.server().openConnections, 0u);
}

void tst_Session::limitsHoldAndAreCounted()
{
    Session session(smallLimits());
    QSignalSpy spy(&session, &Session::changed);
    quint64 rows = 0;
    quint64 total = 0;
    for (quint64 batch = 0; batch < 40; ++batch) {
        Transcript t;
        for (quint64 i = 1; i <= 300; ++i) {
            const quint64 n = batch * 300 + i;
            const auto at = qint64(n * 1'000);
            t.opened(n, at, "127.0.0.1:1").begin(n, n, at, 1, QByteArray("GET /a/long/path/to/fill/the/arena/with HTTP/1.1\r\n\r\n" + QByteArray(100, 'x')));
            t.bodyChunk(n, n, at + 1, 0, "abc").callback("readable", at, 10, n, n, n).callback("tick", at + 20, 10);
            t.end(n, n, at, 100, 200, 1).closed(n, at, 200, CloseReason::ByPeer, 1);
        }
        test::feed(session, t);
        const auto change = spy.takeFirst().at(0).value<Session::Change>();
        rows = rows - change.requestsEvicted + change.requestsAppended;
        total += change.requestsAppended;
        QCOMPARE(rows, session.requestCount());
        QVERIFY(session.requestCount() <= session.limits().requests);
        QVERIFY(session.connectionCount() <= session.limits().connections);
        QVERIFY(session.events().size() <= session.limits().events);
        QVERIFY(session.slices(0, Track::Run).size() <= session.limits().slices);
    }
    QCOMPARE(total, 12'000u);
    const Session::Evicted evicted = session.evicted();
    QCOMPARE(evicted.requests + session.requestCount(), 12'000u);
    QCOMPARE(evicted.connections + session.connectionCount(), 12'000u);
    QCOMPARE(evicted.events + session.events().size(), 12'000u);
    QVERIFY(evicted.slices > 0 || session.slices(0, Track::Run).size() == 24'000);
    QVERIFY(evicted.textBytes > 0);
    QVERIFY(!session.request(1));
    QCOMPARE(session.requestRow(1), -1);
    QCOMPARE(session.requestRow(12'000), qint64(session.requestCount()) - 1);
    QVERIFY(session.chunks(1).isEmpty());
    for (quint64 row = 0; row < session.requestCount(); ++row) { // every one left copes with what is gone
        const Request &request = session.requestAt(row);
        const QByteArrayView head = session.text(request.head);
        QVERIFY(head.startsWith("GET /a/") || (head.isNull() && session.isEvicted(request.head)));
        QVERIFY(session.chunks(request.number).size() <= 1);
    }
}

void tst_Session::whatRunsOutlivesItsRow()
{
    Session session(smallLimits());
    test::feed(session, Transcript().opened(1, 1, "c:1").begin(1, 1, 1, 1, "GET /download HTTP/1.1\r\n\r\n"));
    for (quint64 batch = 0; batch < 10; ++batch) {
        Transcript t;
        for (quint64 i = 0; i < 500; ++i) {
            const quint64 n = 2 + batch * 500 + i;
            t.opened(n, qint64(n), "c:2").begin(n, n, qint64(n), 1, "GET / HTTP/1.1\r\n\r\n").end(n, n, qint64(n), 2, 200, 1);
            t.closed(n, qint64(n), 3, CloseReason::ByPeer, 1);
        }
        test::feed(session, t);
    }
    QCOMPARE(session.requestRow(1), -1);
    const Request *old = session.request(1);
    QVERIFY(old && old->isRunning());
    QCOMPARE(session.inFlight(), std::vector<quint64>{1});
    QVERIFY(session.connection(1) && session.connection(1)->isOpen());
    QCOMPARE(session.connectionRow(1), -1);
    QCOMPARE(session.connection(1)->requestCount(), std::size_t(1));
    QCOMPARE(session.server().openConnections, 1u);
    test::feed(session, Transcript().end(1, 1, 1, 9'000, 200, 5).closed(1, 1, 9'001, CloseReason::ByServer, 1));
    QVERIFY(!session.request(1)); // over, and no row keeps it
    QVERIFY(session.inFlight().empty());
    QVERIFY(!session.connection(1));
    QCOMPARE(session.server().openConnections, 0u);
    QCOMPARE(session.server().finishedRequests, 5'001u);
}

void tst_Session::whatComesLateForAForgottenRequestMakesNone()
{
    Session session(smallLimits());
    Transcript t;
    for (quint64 n = 1; n <= 4'000; ++n)
        t.begin(n, 1, qint64(n), 1, "GET / HTTP/1.1\r\n\r\n").end(n, 1, qint64(n), 1, 200, 1);
    test::feed(session, t);
    QVERIFY(!session.request(1));
    const quint64 before = session.requestCount();
    test::feed(session, Transcript().responseChunk(1, 1, 9'000, 0, "x").end(1, 1, 1, 9'000, 200, 1));
    QCOMPARE(session.requestCount(), before);
    QVERIFY(session.inFlight().empty());
}

void tst_Session::clearKeepsWhatIsStillOpen()
{
    Session session;
    test::nameLanes(session);
    test::feed(session, test::visitTranscript());
    QSignalSpy cleared(&session, &Session::cleared);
    session.clear();
    QCOMPARE(cleared.count(), 1);
    QCOMPARE(session.requestCount(), 1u);
    QVERIFY(session.text(session.request(4)->head).startsWith("GET /download"));
    QVERIFY(!session.request(1));
    QCOMPARE(session.connectionCount(), 2u);
    QCOMPARE(session.connection(2)->state(), Connection::State::InFlight);
    QCOMPARE(session.text(session.connection(1)->peer).toByteArray(), QByteArray("127.0.0.1:50001"));
    QVERIFY(session.slices(0, Track::Run).isEmpty());
    QCOMPARE(session.lane(1).name, QByteArray("pool 1"));
    QCOMPARE(session.server().address, QByteArray("127.0.0.1:3000"));
    test::feed(session, Transcript().end(4, 2, 100 * ms, 20 * ms, 200, 65'536).closed(2, 95 * ms, 30 * ms, CloseReason::ByPeer, 2));
    QVERIFY(!session.request(4)->isRunning());
    QCOMPARE(session.server().inFlightRequests, 0u);
    QCOMPARE(session.server().openConnections, 1u);
}

void tst_Session::loopStatisticsCountTheLastSecond()
{
    constexpr qint64 s = 1'000 * ms;
    Session session;
    test::nameLanes(session);
    QCOMPARE(session.loopStatistics(0).turns, 0);
    Transcript t;
    t.turn(1, 1 * s, 100 * ms); // older than the second
    for (quint64 i = 0; i < 100; ++i) { // 8 ms asleep, 2 ms busy, each
        const qint64 start = 2 * s + qint64(i) * 10 * ms;
        t.wait(start, 8 * ms).turn(i + 2, start, i == 50 ? 10 * ms + 1 : 10 * ms);
        t.end(i + 1, 1, start, 9 * ms, 200, 1);
    }
    test::feed(session, t);
    const LoopStatistics got = session.loopStatistics(3 * s);
    QCOMPARE(got.turns, 100);
    QCOMPARE(got.lagP99, 2 * ms);
    QCOMPARE(got.lagMaximum, 2 * ms + 1);
    QVERIFY(qAbs(got.busyShare - 0.2) < 0.001);
    QCOMPARE(got.requestsPerSecond, 100.0);
    QCOMPARE(got.blockedFor, 0);
    QCOMPARE(session.loopStatistics(5 * s).turns, 0);
    QCOMPARE(session.loopStatistics(5 * s).requestsPerSecond, 0.0);
    LiveSlice live;
    live.since = 3 * s;
    live.name = "readable";
    session.setLive(0, live); // it blocks, and no record says so yet
    QCOMPARE(session.loopStatistics(5 * s).blockedFor, 2 * s);
    QCOMPARE(session.loopStatistics(5 * s).lagMaximum, 2 * s);
    QCOMPARE(session.loopStatistics(5 * s).busyShare, 1.0);
}

void tst_Session::hostileRecordsAreSurvived()
{
    Session session(smallLimits());
    std::srand(3);
    session.beginBatch();
    for (int i = 0; i < 200'000; ++i) {
        TraceRecord r;
        const auto wide = [] { return (quint64(std::rand()) << 40) ^ (quint64(std::rand()) << 16) ^ quint64(std::rand()); };
        r.kind = Kind(std::rand() % 40);
        r.start = qint64(wide() >> 4);
        r.duration = std::rand() % 1'000;
        r.request = std::rand() % 3 ? quint64(std::rand() % 50) : wide();
        r.connection = std::rand() % 3 ? quint64(std::rand() % 20) : wide();
        r.id = std::rand() % 3 ? quint64(std::rand() % 50) : wide();
        r.value = qint64(wide() >> 8);
        r.detail = quint32(std::rand() % 10);
        r.phase = Phase(std::rand() % 8);
        session.add(std::rand() % 4 - (std::rand() % 100 == 0 ? 2 : 0), r, std::rand() % 2 ? QByteArrayView("x\0\xff", 3) : QByteArrayView());
        if (i % 1'000 == 999) {
            session.endBatch();
            for (quint64 row = 0; row < session.requestCount(); row += 97)
                (void)session.layers(session.requestAt(row).number);
            if (i % 50'000 == 49'999)
                session.clear();
            session.beginBatch();
        }
    }
    session.endBatch();
    (void)session.loopStatistics(session.lastTime());
    QVERIFY(session.requestCount() <= session.limits().requests);
    QVERIFY(session.inFlight().size() <= 2 * session.limits().requests);
}

void tst_Session::aTraceIsDrainedWhole()
{
    Session session;
    {
        Trace trace;
        Recorder *loop = trace.addRecorder(Trace::LaneKind::Loop, "loop");
        Recorder *worker = trace.addRecorder(Trace::LaneKind::Worker, "pool 1", Trace::workerRingBytes);
        test::visitTranscript().replay([&](int lane, const TraceRecord &record, QByteArrayView text) {
            TraceRecord copy = record;
            copy.name = record.name ? trace.intern(record.name) : nullptr;
            QVERIFY((lane == 0 ? loop : worker)->write(copy, text));
        });
        loop->setLive({.since = 120 * ms, .name = "readable", .file = nullptr, .line = 0, .request = 4, .phase = Phase::Poll});
        QCOMPARE(session.drain(trace), std::size_t(test::visitTranscript().entries().size()));
        session.forgetPointers();
    }
    QCOMPARE(session.lane(1).name, QByteArray("pool 1"));
    QCOMPARE(session.lane(0).running.request, 4u);
    QCOMPARE(session.requestCount(), 4u);
    QCOMPARE(session.string(session.slices(1, Track::Run).at(0).name), QByteArray("writeFile")); // the trace is gone
    QCOMPARE(session.server().droppedRecords, 0u);
}

void tst_Session::aThreadOfItsOwnAndAJobsProgressChangeNothingOfThePool()
{
    Trace trace;
    Session session;
    (void)trace.addRecorder(Trace::LaneKind::Loop, "loop");
    Recorder *worker = trace.addRecorder(Trace::LaneKind::Worker, "pool 1", Trace::workerRingBytes);
    Recorder *thread = trace.takeRecorder(Trace::LaneKind::Thread, "worker", Trace::workerRingBytes);
    TraceRecord progress;
    progress.kind = Kind::JobProgress;
    progress.value = 99;
    progress.parent = 100;
    QVERIFY(worker->write(progress));
    thread->setLive({.since = 5, .name = "main", .file = nullptr, .line = 0, .request = 0, .phase = Phase::None});
    session.drain(trace);
    QCOMPARE(session.server().poolThreads, 1);
    QCOMPARE(session.server().poolRunning, 0);
    QVERIFY(session.lane(2).running.isRunning()); // what it does right now is shown as a loop's is
    session.forgetPointers();
}

// Prints ns per record, while the session fills up (its memory is touched for the first time) and when it is full.
// It asserts no time: no test fails because a machine is slow.
void tst_Session::ingestionIsCheap()
{
    Transcript t; // what a server writes for one small GET, roughly
    t.wait(0, 1).begin(1, 1, 2, 1, "GET /users HTTP/1.1\r\nHost: localhost:3000\r\nAccept: */*\r\n\r\n");
    t.complete(1, 1, 3, 0).responseHead(1, 1, 5, 200, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\n");
    t.responseChunk(1, 1, 5, 0, "Hello, world!").end(1, 1, 2, 4, 200, 13).idle(1, 6, 100);
    t.layer(1, 2, "hello", 4, 2).layer(1, 1, "logger", 3, 4, 1).callback("readable", 2, 6, 5, 1, 1).phase(Phase::Poll, 0, 9, 1).turn(1, 0, 10);
    Session::Limits limits;
    limits.slices = 400'000;
    limits.events = 200'000;
    limits.requests = 60'000;
    limits.textBytes = quint64(16) << 20;
    Session session(limits);
    test::nameLanes(session);
    constexpr qint64 rounds = 200'000;
    qint64 halfNs = 0;
    QElapsedTimer timer;
    timer.start();
    for (qint64 round = 0; round < rounds; ++round) {
        if (round == rounds / 2)
            halfNs = timer.nsecsElapsed();
        if (round % 1'000 == 0)
            session.beginBatch();
        for (const Transcript::Entry &entry : t.entries()) {
            TraceRecord record = entry.record;
            record.start += round * 20;
            record.request = record.request ? quint64(round + 1) : 0;
            record.connection = record.connection ? quint64(1 + round % 64) : 0;
            session.add(0, record, entry.text);
        }
        if (round % 1'000 == 999)
            session.endBatch();
    }
    const double half = double(rounds / 2 * t.entries().size());
    qInfo("filling %.0f ns, full %.0f ns a record", double(halfNs) / half, double(timer.nsecsElapsed() - halfNs) / half);
    QVERIFY(session.evicted().slices > 0 && session.evicted().requests > 0);
    QCOMPARE(session.server().finishedRequests, quint64(rounds));
}

QTEST_GUILESS_MAIN(tst_Session)
#include "tst_session.moc"
