// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/pacedrequest.h"
#include "tests/support/testcase.h"

#include <QtNetwork/QTcpServer>
#include <QtTest/QSignalSpy>

#include <deque>
#include <numeric>

using namespace loopscope::app;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

// A peer that keeps what it got, read by read with times, and answers each connection with the next script once it
// has seen `until` on it.
class ScriptedServer : public QTcpServer {
public:
    struct Script {
        QByteArray until; // answers when the received bytes end with this
        QByteArrayList answer; // written one after the other, each flushed
        bool thenClose = true;
    };
    struct Arrival {
        qint64 atNs;
        QByteArray bytes;
    };

    explicit ScriptedServer(std::deque<Script> scripts)
        : m_scripts(std::move(scripts))
    {
        m_clock.start();
        listen(QHostAddress::LocalHost);
        connect(this, &QTcpServer::newConnection, this, [this] {
            QTcpSocket *socket = nextPendingConnection();
            const Script script = m_scripts.empty() ? Script{} : m_scripts.front();
            if (!m_scripts.empty())
                m_scripts.pop_front();
            auto received = std::make_shared<QByteArray>();
            auto answered = std::make_shared<bool>(false);
            connect(socket, &QTcpSocket::readyRead, this, [=, this] {
                const QByteArray bytes = socket->readAll();
                arrivals.append({m_clock.nsecsElapsed(), bytes});
                received->append(bytes);
                if (*answered || script.until.isEmpty() || !received->endsWith(script.until))
                    return;
                *answered = true;
                for (const QByteArray &part : script.answer) {
                    socket->write(part);
                    socket->flush();
                }
                if (script.thenClose)
                    socket->disconnectFromHost();
            });
        });
    }
    [[nodiscard]] QByteArray received() const
    {
        return std::accumulate(arrivals.begin(), arrivals.end(), QByteArray(),
                               [](const QByteArray &all, const Arrival &a) { return QByteArray(all + a.bytes); });
    }

    QList<Arrival> arrivals;

private:
    std::deque<Script> m_scripts;
    QElapsedTimer m_clock;
};

PacedRequest::Request to(const QTcpServer &server, const QByteArray &method = "GET", const QByteArray &target = "/")
{
    PacedRequest::Request request;
    request.method = method;
    request.target = target;
    request.port = server.serverPort();
    return request;
}

using Scripts = std::deque<ScriptedServer::Script>;

// Waits for the one ending that is expected; any other ending is printed.
bool ends(PacedRequest &request, void (PacedRequest::*how)(std::chrono::nanoseconds))
{
    QString failure;
    QObject::connect(&request, &PacedRequest::failed, &request, [&](const QString &why) { failure = why; });
    QSignalSpy spy(&request, how);
    request.start();
    const bool ended = loopscope::test::waitFor([&] { return !spy.isEmpty() || !failure.isEmpty(); });
    if (!failure.isEmpty())
        qInfo().noquote() << failure;
    return ended && failure.isEmpty();
}

QString failureOf(PacedRequest &request)
{
    QSignalSpy failed(&request, &PacedRequest::failed);
    request.start();
    if (!loopscope::test::waitFor([&] { return !failed.isEmpty(); }))
        return {};
    return failed.first().first().toString();
}

} // namespace

class tst_PacedRequest : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void splittingLosesNoByteAndDiffersByOneAtMost();
    void theHeadCarriesWhatIsMissing();
    void chunkedPiecesAreChunks();
    void piecesArriveApartAndInOrder();
    void aRequestWithoutBodyHasItsHeadCut();
    void theAnswerComesPartByPart();
    void anAnswerUntilCloseIsComplete();
    void interimAnswersComeBeforeTheFinalOne();
    void headAnswersHaveNoBody();
    void aRedirectIsFollowedAsAGet();
    void aRedirectIsShownWhenItIsNotFollowed();
    void endlessRedirectsAreGivenUp();
    void theBodyKeptIsBounded();
    void failuresAreSentences_data();
    void failuresAreSentences();
    void whatCannotBeSentIsRefused_data();
    void whatCannotBeSentIsRefused();
    void aSilentServerTimesOut();
    void cancelEndsItAtOnce();
    void itMayDieInItsOwnSignal();
};

void tst_PacedRequest::splittingLosesNoByteAndDiffersByOneAtMost()
{
    const QByteArray bytes("abcdefghij");
    for (int pieces = 1; pieces <= 12; ++pieces) {
        const QByteArrayList parts = PacedRequest::split(bytes, pieces);
        QCOMPARE(parts.size(), std::min(pieces, 10));
        QCOMPARE(parts.join(), bytes);
        const auto [least, most] = std::minmax_element(parts.begin(), parts.end(), [](const auto &a, const auto &b) {
            return a.size() < b.size();
        });
        QVERIFY(most->size() - least->size() <= 1);
    }
    QCOMPARE(PacedRequest::split({}, 3), QByteArrayList{QByteArray()});
}

void tst_PacedRequest::theHeadCarriesWhatIsMissing()
{
    PacedRequest::Request request;
    request.port = 8080;
    QCOMPARE(PacedRequest::serialise(request).join(),
             QByteArray("GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nConnection: close\r\n\r\n"));
    request.method = "POST";
    request.headers = {{"host", "lab"}, {"Content-Type", "text/plain"}, {"connection", "keep-alive"}};
    request.body = "hello";
    QCOMPARE(PacedRequest::serialise(request).join(),
             QByteArray("POST / HTTP/1.1\r\nhost: lab\r\nContent-Type: text/plain\r\nconnection: keep-alive\r\n"
                        "Content-Length: 5\r\n\r\nhello"));
}

void tst_PacedRequest::chunkedPiecesAreChunks()
{
    PacedRequest::Request request;
    request.method = "POST";
    request.host = u"::1"_s;
    request.port = 1;
    request.headers = {{"Transfer-Encoding", "chunked"}};
    request.body = "0123456789abcdefghij";
    request.pieces = 2;
    const QByteArrayList parts = PacedRequest::serialise(request);
    QCOMPARE(parts.size(), 2);
    QCOMPARE(parts.at(0),
             QByteArray("POST / HTTP/1.1\r\nHost: [::1]:1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                        "a\r\n0123456789\r\n"));
    QCOMPARE(parts.at(1), QByteArray("a\r\nabcdefghij\r\n0\r\n\r\n"));
}

void tst_PacedRequest::piecesArriveApartAndInOrder()
{
    ScriptedServer server(Scripts{{"field=0123456789", {"HTTP/1.1 204 No Content\r\n\r\n"}}});
    auto wanted = to(server, "POST", "/message");
    wanted.body = "field=0123456789";
    wanted.pieces = 4;
    wanted.pause = 30ms;
    PacedRequest request(wanted);
    QSignalSpy sent(&request, &PacedRequest::pieceSent);
    QVERIFY(ends(request, &PacedRequest::finished));

    QCOMPARE(request.responseHead().status, 204);
    QCOMPARE(sent.size(), 4);
    for (int i = 0; i < 4; ++i) {
        QCOMPARE(sent.at(i).at(0).toInt(), i + 1);
        QCOMPARE(sent.at(i).at(1).toInt(), 4);
    }
    QCOMPARE(server.arrivals.size(), 4);
    QVERIFY(server.arrivals.at(0).bytes.endsWith("\r\n\r\nfiel"));
    QCOMPARE(server.arrivals.at(1).bytes, QByteArray("d=01"));
    QCOMPARE(server.arrivals.at(2).bytes, QByteArray("2345"));
    QCOMPARE(server.arrivals.at(3).bytes, QByteArray("6789"));
    // Sender's times: at least the pause apart. (A busy machine may be late, so there is no upper bound; and one
    // that reads late sees less than the pause, so the receiver's whole is compared with a single pause.)
    for (int i = 1; i < 4; ++i) {
        const auto gap = sent.at(i).at(3).value<std::chrono::nanoseconds>()
            - sent.at(i - 1).at(3).value<std::chrono::nanoseconds>();
        QVERIFY(gap >= 29ms);
    }
    QVERIFY(server.arrivals.at(3).atNs - server.arrivals.at(0).atNs >= 29'000'000);
}

void tst_PacedRequest::aRequestWithoutBodyHasItsHeadCut()
{
    ScriptedServer server(Scripts{{"\r\n\r\n", {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}}});
    auto wanted = to(server);
    wanted.pieces = 3;
    wanted.pause = 5ms;
    PacedRequest request(wanted);
    QSignalSpy sent(&request, &PacedRequest::pieceSent);
    QVERIFY(ends(request, &PacedRequest::finished));
    QCOMPARE(sent.size(), 3);
    QCOMPARE(server.received(), PacedRequest::serialise(wanted).join());
}

void tst_PacedRequest::theAnswerComesPartByPart()
{
    ScriptedServer server(Scripts{{"\r\n\r\n",
                            {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\nx-a: 2\r\n\r\n", "3\r\nabc\r\n",
                             "2\r\nde\r\n0\r\n\r\n"},
                            false}});
    PacedRequest request(to(server));
    QSignalSpy body(&request, &PacedRequest::bodyReceived);
    QVERIFY(ends(request, &PacedRequest::finished));
    QCOMPARE(request.responseHead().statusLine(), QByteArray("HTTP/1.1 200 OK"));
    QCOMPARE(request.responseHead().headers,
             (QList<HeaderField>{{"Transfer-Encoding", "chunked"}, {"X-A", "1"}, {"x-a", "2"}}));
    QCOMPARE(request.body(), QByteArray("abcde"));
    QCOMPARE(body.size(), 2);
    QCOMPARE(body.at(0).at(0).toByteArray(), QByteArray("abc"));
}

void tst_PacedRequest::anAnswerUntilCloseIsComplete()
{
    ScriptedServer server(Scripts{{"\r\n\r\n", {"HTTP/1.0 200 OK\r\n\r\nall of ", "it"}}});
    PacedRequest request(to(server));
    QVERIFY(ends(request, &PacedRequest::finished));
    QCOMPARE(request.body(), QByteArray("all of it"));
}

void tst_PacedRequest::interimAnswersComeBeforeTheFinalOne()
{
    ScriptedServer server(Scripts{{"hi", {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"}}});
    auto wanted = to(server, "POST");
    wanted.headers = {{"Expect", "100-continue"}};
    wanted.body = "hi";
    PacedRequest request(wanted);
    QList<int> statuses;
    connect(&request, &PacedRequest::headReceived, this, [&](const ResponseHead &head) { statuses << head.status; });
    QVERIFY(ends(request, &PacedRequest::finished));
    QCOMPARE(statuses, (QList<int>{100, 200}));
    QCOMPARE(request.body(), QByteArray("x"));
}

void tst_PacedRequest::headAnswersHaveNoBody()
{
    ScriptedServer server(Scripts{{"\r\n\r\n", {"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"}, false}});
    PacedRequest request(to(server, "HEAD"));
    QVERIFY(ends(request, &PacedRequest::finished));
    QCOMPARE(request.bodyBytes(), 0);
}

void tst_PacedRequest::aRedirectIsFollowedAsAGet()
{
    ScriptedServer server(Scripts{{"a=b", {"HTTP/1.1 302 Found\r\nLocation: ../users?x=1\r\nContent-Length: 0\r\n\r\n"}},
                           {"\r\n\r\n", {"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlist"}}});
    auto wanted = to(server, "POST", "/a/create-user");
    wanted.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"X-Keep", "1"}};
    wanted.body = "a=b";
    PacedRequest request(wanted);
    QSignalSpy redirected(&request, &PacedRequest::redirected);
    QVERIFY(ends(request, &PacedRequest::finished));
    QCOMPARE(redirected.size(), 1);
    QCOMPARE(redirected.first().at(1).toByteArray(), QByteArray("/users?x=1"));
    QCOMPARE(request.body(), QByteArray("list"));
    QVERIFY(server.received().contains("GET /users?x=1 HTTP/1.1\r\n"));
    const QByteArray second = server.received().sliced(server.received().indexOf("GET "));
    QVERIFY(second.contains("X-Keep: 1\r\n"));
    QVERIFY(!second.contains("Content-Type"));
    QVERIFY(second.endsWith("\r\n\r\n"));
}

void tst_PacedRequest::aRedirectIsShownWhenItIsNotFollowed()
{
    const QByteArray away("HTTP/1.1 302 Found\r\nLocation: http://example.com/\r\nContent-Length: 0\r\n\r\n");
    const QByteArray here("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
    ScriptedServer server(Scripts{{"\r\n\r\n", {away}}, {"\r\n\r\n", {here}}});
    PacedRequest elsewhere(to(server));
    QVERIFY(ends(elsewhere, &PacedRequest::finished));
    QCOMPARE(elsewhere.responseHead().status, 302);
    auto wanted = to(server);
    wanted.followRedirects = false;
    PacedRequest unfollowed(wanted);
    QVERIFY(ends(unfollowed, &PacedRequest::finished));
    QCOMPARE(unfollowed.responseHead().header("location"), QByteArray("/"));
}

void tst_PacedRequest::endlessRedirectsAreGivenUp()
{
    Scripts scripts;
    for (int i = 0; i < 10; ++i)
        scripts.push_back({"\r\n\r\n", {"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"}});
    ScriptedServer server(scripts);
    PacedRequest request(to(server));
    QCOMPARE(failureOf(request), u"The server answered with more than 5 redirects in a row."_s);
    QCOMPARE(server.received().count("GET / "), 6);
}

void tst_PacedRequest::theBodyKeptIsBounded()
{
    const QByteArray large(3 * 1024 * 1024, 'x');
    ScriptedServer server(
        Scripts{{"\r\n\r\n", {"HTTP/1.1 200 OK\r\nContent-Length: " + QByteArray::number(large.size()) + "\r\n\r\n", large}}});
    PacedRequest request(to(server));
    QVERIFY(ends(request, &PacedRequest::finished));
    QCOMPARE(request.body().size(), PacedRequest::maximumKeptBytes);
    QCOMPARE(request.bodyBytes(), qint64(large.size()));
}

void tst_PacedRequest::failuresAreSentences_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("closed without an answer")
        << QByteArray() << u"The server closed the connection without an answer."_s;
    QTest::newRow("cut in the middle")
        << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        << u"The server closed the connection in the middle of the answer: 3 of 10 bytes arrived."_s;
    QTest::newRow("not HTTP") << QByteArray("SSH-2.0-OpenSSH\r\n") << u"The answer is not HTTP/1: Expected HTTP/."_s;
    QTest::newRow("a head without end") << QByteArray("HTTP/1.1 200 OK\r\nX: " + QByteArray(70'000, 'x'))
                                        << u"The answer is not HTTP/1: its head is longer than 64 KiB."_s;
}

void tst_PacedRequest::failuresAreSentences()
{
    QFETCH(QByteArray, answer);
    QFETCH(QString, sentence);
    ScriptedServer server(Scripts{{"\r\n\r\n", {answer}}});
    PacedRequest request(to(server));
    QCOMPARE(failureOf(request), sentence);
}

void tst_PacedRequest::whatCannotBeSentIsRefused_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<int>("port");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("a method with a space") << QByteArray("GE T") << QByteArray("/") << QByteArray() << 1
                                           << u"“GE T” is no HTTP method."_s;
    QTest::newRow("a path that smuggles a line")
        << QByteArray("GET") << QByteArray("/\r\nX: y") << QByteArray() << 1
        << u"A path has no spaces and no control characters: write them as %20 and the like."_s;
    QTest::newRow("a header that smuggles a line")
        << QByteArray("GET") << QByteArray("/") << QByteArray("a\r\nb: c") << 1
        << u"The header “X” has a line break or a control character in its value."_s;
    QTest::newRow("no server") << QByteArray("GET") << QByteArray("/") << QByteArray() << 0
                               << u"There is no server to send this to: start the server first."_s;
}

void tst_PacedRequest::whatCannotBeSentIsRefused()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, value);
    QFETCH(int, port);
    QFETCH(QString, sentence);
    PacedRequest::Request wanted;
    wanted.method = method;
    wanted.target = target;
    wanted.headers = {{"X", value}};
    wanted.port = quint16(port);
    PacedRequest request(wanted);
    QCOMPARE(failureOf(request), sentence);
}

void tst_PacedRequest::aSilentServerTimesOut()
{
    ScriptedServer server(Scripts{});
    auto wanted = to(server);
    wanted.timeout = 50ms;
    PacedRequest request(wanted);
    QCOMPARE(failureOf(request), u"Nothing was heard from the server for 0.05 s."_s);
    QVERIFY(request.elapsed() >= 49ms);

    wanted.port = 1; // nobody's, and nobody gets it by chance
    wanted.timeout = std::chrono::milliseconds(loopscope::test::patience);
    PacedRequest refused(wanted);
    QCOMPARE(failureOf(refused),
             u"Nothing listens on 127.0.0.1:%1: start the server first."_s.arg(wanted.port));
}

void tst_PacedRequest::cancelEndsItAtOnce()
{
    ScriptedServer server(Scripts{});
    PacedRequest request(to(server));
    QSignalSpy sent(&request, &PacedRequest::pieceSent);
    QSignalSpy cancelled(&request, &PacedRequest::cancelled);
    QSignalSpy failed(&request, &PacedRequest::failed);
    request.start();
    QVERIFY(loopscope::test::waitFor([&] { return !sent.isEmpty(); }));
    QVERIFY(request.isRunning());
    request.cancel();
    request.cancel();
    QCOMPARE(cancelled.size(), 1);
    QVERIFY(!request.isRunning());
    QCoreApplication::processEvents();
    QVERIFY(failed.isEmpty());
}

void tst_PacedRequest::itMayDieInItsOwnSignal()
{
    ScriptedServer server(Scripts{{"\r\n\r\n", {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"}}});
    auto *request = new PacedRequest(to(server));
    bool done = false;
    connect(request, &PacedRequest::finished, this, [&] {
        done = true;
        request->deleteLater();
    });
    QPointer<PacedRequest> alive(request);
    request->start();
    QVERIFY(loopscope::test::waitFor([&] { return done && !alive; }));
}

QTEST_GUILESS_MAIN(tst_PacedRequest)
#include "tst_pacedrequest.moc"
