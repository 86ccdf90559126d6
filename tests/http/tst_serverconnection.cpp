// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/serverconnection.h"
#include "tests/support/testcase.h"

using namespace loopscope::http;

// Each test reads as a transcript: what the client sent, what the server said, what happens then.
class tst_ServerConnection : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void answersInTheOrderOfRequests();
    void framing_data();
    void framing();
    void continueIsSentOnceAndOnlyToWhomWaits();
    void anAnswerWithoutTheExpectedBodyCloses();
    void aBodyThatDoesNotMatchItsLengthCloses();
    void onlyAPieceThatNeedsNoFramingGoesUnframed();
    void nothingIsConsumedAfterABadRequest();
    void drainingSaysClose();
};

static QByteArray answer(ServerConnection &connection, int status, qint64 length, const char *body)
{
    QByteArray out;
    connection.sendHead(status, {}, length, {}, out);
    connection.sendData(QByteArrayView(body), out);
    connection.sendEnd(out);
    return out;
}

void tst_ServerConnection::answersInTheOrderOfRequests()
{
    ServerConnection connection{Limits()};
    const QByteArray bytes = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
    EventList events;
    const qsizetype first = connection.feed(bytes, events);
    QCOMPARE(first, bytes.size() / 2);
    QCOMPARE(connection.feed(QByteArrayView(bytes).sliced(first), events), 0);
    QCOMPARE(answer(connection, 200, 2, "ok"), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    QVERIFY(connection.isReadyForNext());
    connection.nextRequest();
    QVERIFY(connection.isIdle());
    QCOMPARE(connection.feed(QByteArrayView(bytes).sliced(first), events), first);
    QCOMPARE(connection.head().target(), QByteArrayView("/2"));
}

void tst_ServerConnection::framing_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<int>("status");
    QTest::addColumn<int>("length");
    QTest::addColumn<QByteArray>("expected");
    QTest::addColumn<bool>("closes");
    const QByteArray http11 = " / HTTP/1.1\r\nHost: a\r\n\r\n";
    QTest::newRow("a known length") << "GET" + http11 << 200 << 2
                                    << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") << false;
    QTest::newRow("an unknown length is chunked")
        << "GET" + http11 << 200 << -1
        << QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n") << false;
    QTest::newRow("HEAD says the length and sends nothing")
        << "HEAD" + http11 << 200 << 2 << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n") << false;
    QTest::newRow("204 has neither length nor body")
        << "GET" + http11 << 204 << 2 << QByteArray("HTTP/1.1 204 No Content\r\n\r\n") << false;
    QTest::newRow("304 has no body") << "GET" + http11 << 304 << -1 << QByteArray("HTTP/1.1 304 Not Modified\r\n\r\n")
                                     << false;
    QTest::newRow("HTTP/1.0 of unknown length ends by closing")
        << QByteArray("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n") << 200 << -1
        << QByteArray("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok") << true;
    QTest::newRow("HTTP/1.0 is told that the connection stays")
        << QByteArray("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n") << 200 << 2
        << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok") << false;
    QTest::newRow("a client that wants to close")
        << QByteArray("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") << 200 << 2
        << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok") << true;
}

void tst_ServerConnection::framing()
{
    QFETCH(QByteArray, request);
    QFETCH(int, status);
    QFETCH(int, length);
    QFETCH(QByteArray, expected);
    QFETCH(bool, closes);
    ServerConnection connection{Limits()};
    EventList events;
    connection.feed(request, events);
    QCOMPARE(answer(connection, status, length, "ok"), expected);
    QCOMPARE(connection.mustClose(), closes);
    QCOMPARE(connection.isReadyForNext(), !closes);
}

static const char expecting[] = "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";

void tst_ServerConnection::continueIsSentOnceAndOnlyToWhomWaits()
{
    ServerConnection connection{Limits()};
    EventList events;
    QByteArray out;
    connection.feed(expecting, events);
    connection.sendContinue(out);
    connection.sendContinue(out);
    QCOMPARE(out, QByteArray("HTTP/1.1 100 Continue\r\n\r\n"));
    connection.feed("ok", events);
    QCOMPARE(answer(connection, 200, 0, ""), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    QVERIFY(connection.isReadyForNext());

    connection.nextRequest();
    out.clear();
    connection.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n", events);
    connection.sendContinue(out);
    QVERIFY(out.isEmpty());
}

void tst_ServerConnection::anAnswerWithoutTheExpectedBodyCloses()
{
    ServerConnection connection{Limits()};
    EventList events;
    connection.feed(expecting, events);
    QCOMPARE(answer(connection, 401, 0, ""),
             "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    QVERIFY(connection.mustClose());
}

void tst_ServerConnection::aBodyThatDoesNotMatchItsLengthCloses()
{
    for (const char *body : {"o", "okay"}) {
        ServerConnection connection{Limits()};
        EventList events;
        connection.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n", events);
        QByteArray out;
        connection.sendHead(200, {}, 2, {}, out);
        const bool fits = connection.sendData(body, out);
        const bool whole = connection.sendEnd(out);
        QCOMPARE(fits, qstrlen(body) <= 2);
        QCOMPARE(whole, qstrlen(body) >= 2);
        QVERIFY(connection.mustClose());
        QVERIFY(!out.contains("oka"));
    }
}

void tst_ServerConnection::onlyAPieceThatNeedsNoFramingGoesUnframed()
{
    const auto sends = [](const QByteArray &method, qint64 length, qsizetype bytes) {
        ServerConnection connection{Limits()};
        EventList events;
        connection.feed(QByteArray(method + " / HTTP/1.1\r\nHost: a\r\n\r\n"), events);
        QByteArray out;
        connection.sendHead(200, {}, length, {}, out);
        const bool unframed = connection.sendDataUnframed(bytes);
        return unframed && connection.sentBodyBytes() == bytes && connection.sendEnd(out) == (bytes == length);
    };
    QVERIFY(sends("GET", 10, 10));
    QVERIFY(sends("GET", 10, 9));
    QVERIFY(!sends("GET", 10, 11)); // clipped
    QVERIFY(!sends("GET", -1, 10)); // chunked
    QVERIFY(!sends("HEAD", 10, 10)); // left out
}

void tst_ServerConnection::nothingIsConsumedAfterABadRequest()
{
    ServerConnection connection{Limits()};
    EventList events;
    connection.feed("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", events);
    QCOMPARE(events.size(), 1u);
    QCOMPARE(events.front().error, Error::MissingHost);
    QCOMPARE(connection.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n", events), 0);
    QCOMPARE(answer(connection, 400, 2, "no"),
             "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    QVERIFY(connection.mustClose());
}

void tst_ServerConnection::drainingSaysClose()
{
    ServerConnection connection{Limits()};
    EventList events;
    connection.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n", events);
    connection.setDraining();
    QVERIFY(answer(connection, 200, 0, "").contains("\r\nConnection: close\r\n"));
    QVERIFY(connection.mustClose());
}

QTEST_GUILESS_MAIN(tst_ServerConnection)
#include "tst_serverconnection.moc"
