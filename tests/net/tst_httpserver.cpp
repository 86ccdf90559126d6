// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/httpserver.h"
#include "server/web/application.h"
#include "tests/support/loopmain.h"
#include "tests/support/patientserver.h"
#include "tests/support/rawclient.h"
#include "tests/support/testcase.h"

#include <QtCore/QTimer>
#include <QtNetwork/QHostAddress>
#include <QtTest/QSignalSpy>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

using namespace loopscope;
using namespace loopscope::net;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using test::RawClient;

// The server over real sockets: what goes over the wire, and when connections end.
class tst_HttpServer : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aConnectionServesManyRequests();
    void pipelinedRequestsAreAnsweredInTheirOrder();
    void http10ClosesAfterTheAnswer();
    void badRequestsAreRefusedAndTheConnectionEnds_data();
    void badRequestsAreRefusedAndTheConnectionEnds();
    void nothingThatWaitedBehindABadRequestIsTakenForOne();
    void aBodyIsDeliveredAsItArrives();
    void continueIsSentWhenTheBodyIsWanted();
    void aRefusedBodyGets413AndTheConnectionEnds();
    void aBodyThatNobodyReadIsReadAway();
    void emptyLinesBeginNoRequest();
    void anAnswerInPiecesIsChunked();
    void aClientThatFinishedSendingGetsItsAnswer();
    void aSlowReaderStopsTheWriter();
    void aClientThatLeavesIsNoticed();
    void headerTimeout();
    void requestTimeout();
    void keepAliveTimeout();
    void sendTimeout();
    void noTimeoutIsNone();
    void aHeldLoopIsNoLateClient();
    void aReaderBelowTheSendRateIsCut();
    void aReaderThatKeepsTheSendRateIsServed();
    void pipelinedBytesAreLimited();
    void whatFollowsARefusalIsReadAwayWithinALimit();
    void theServersOwnWorkIsNoRequests();
    void whatRunsForAConnectionCarriesItsNumber();
    void aContinuationIsNotOfTheLayerThatHasAnswered();
    void numbersGoOnAfterAnEarlierServer();
    void aServerAndItsConnectionsKeepTheLoopAlive();
    void pipelinedRequestsLetOthersIn();
    void aPipelinedRequestBeganWhenItsBytesCame();
    void anyIPv6AddressIsAnyIPv4AddressToo();
    void aBodyThatNobodyReadsIsReadAway();
    void aBodyTooLongToBeReadAwayEndsTheConnection();
    void aCutUploadIsNamed();
    void connectionsAreLimited();
    void refusalsAreLimitedToo();
    void connectionsOfAnAddressAreLimited();
    void requestsOfAConnectionAreLimited();
    void aSlowRequestIsRefused_data();
    void aSlowRequestIsRefused();
    void aClientThatKeepsTheRateIsServed();
    void whoeverWaitsForTheServerIsNotSlow();
    void theRequestTimeCannotBeStretched();
    void theTimeInWhichTheServerDoesNotReadIsNotTheClients();
    void drainFinishesWhatIsInFlightAndClosesTheIdle();
    void drainCutsAtTheDeadlineAndNamesWhatItCut();
    void aPortInUseIsSaidInOneSentence();
    void aRequestIsTracedFromEndToEnd();
};

// An application with the routes that these tests need, and its server.
struct Lab {
    explicit Lab(ServerOptions options = {})
        : server(app, options)
    {
        app.get("/", [](web::Request &, web::Response &res) { res.type("text/plain").send(QByteArray("Hello, World!")); });
        app.post("/echo", [](web::Request &req, web::Response &res) -> loop::Task<> { res.send(co_await req.read()); });
        app.get("/slow/:ms", [](web::Request &req, web::Response &res) -> loop::Task<> {
            co_await loop::sleep(std::chrono::milliseconds(req.param("ms").toInt()));
            res.send(QByteArray("slow"));
        });
        app.get("/hang", [this](web::Request &req, web::Response &res) {
            held = req.hold();
            hanging = &res;
            res.onClose([this] { hanging = nullptr; });
        });
        app.get("/pieces", [](web::Request &, web::Response &res) -> loop::Task<> {
            res.write("one");
            co_await loop::nextTurn();
            res.write("two");
            res.end();
        });
        app.get("/flood", [this](web::Request &, web::Response &res) -> loop::Task<> {
            const QByteArray block(64 * 1024, 'x');
            for (int i = 0; i < 512 && res.isWritable(); ++i) {
                ++floodBlocks;
                if (!res.write(block)) {
                    ++floodStops;
                    co_await res.drained();
                }
            }
            if (res.isWritable())
                res.end();
        });
        app.post("/pieces", [this](web::Request &req, web::Response &res) {
            req.onData([this](QByteArrayView piece) { received += piece; });
            req.onEnd([&res] { res.send(QByteArray("done")); });
            req.onAborted([this] { aborted = true; });
        });
        app.get("/tick", [this](web::Request &, web::Response &res) -> loop::Task<> {
            ++ticks;
            loop::Deferred<> ready;
            ready.resolver().resolve();
            co_await ready;
            res.send(QByteArray("tick"));
        });
        app.post("/paused", [this](web::Request &req, web::Response &res) {
            req.onData([this, &req](QByteArrayView piece) {
                received += piece;
                req.pause();
                paused = &req;
            });
            req.onEnd([&res] { res.send(QByteArray("done")); });
        });
        app.post("/stretch", [](web::Request &req, web::Response &res) {
            req.onData([&req](QByteArrayView) {
                req.pause();
                loop::EventLoop::current()->setImmediate([&req, held = req.hold()] { req.resume(); });
            });
            req.onEnd([&res] { res.send(QByteArray("done")); });
        });
        app.post("/later", [](web::Request &req, web::Response &res) -> loop::Task<> {
            co_await loop::sleep(600ms);
            res.send(co_await req.read());
        });
        listening = server.listen(QHostAddress::LocalHost, 0);
    }

    web::Application app;
    HttpServer server;
    bool listening = false;
    net::ExchangeRef held;
    web::Response *hanging = nullptr;
    web::Request *paused = nullptr;
    QByteArray received;
    bool aborted = false;
    int floodBlocks = 0;
    int floodStops = 0;
    int ticks = 0;
};

// Sends `piece` again and again as long as it stands and the client is connected.
class Dripping {
public:
    Dripping(RawClient &client, const QByteArray &piece, std::chrono::milliseconds interval)
    {
        QObject::connect(&m_timer, &QTimer::timeout, &client.socket(), [&client, piece] {
            if (client.socket().state() == QAbstractSocket::ConnectedState)
                client.socket().write(piece);
        });
        m_timer.start(interval);
    }

private:
    QTimer m_timer;
};

// A connected socket that does nothing by itself. The caller closes it. `buffers`: bytes that the kernel keeps for it,
// each way; 0: its default.
static int openSocket(quint16 port, int buffers = 0)
{
    const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
    for (const int option : {SO_RCVBUF, SO_SNDBUF}) {
        if (buffers > 0)
            ::setsockopt(descriptor, SOL_SOCKET, option, &buffers, sizeof buffers);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return ::connect(descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0 ? descriptor : -1;
}

// A client with a small receive buffer that asks for /flood and takes `bytes` of it each 5 ms.
class SlowReader {
public:
    SlowReader(quint16 port, qsizetype bytes)
        : m_descriptor(openSocket(port, 4096))
    {
        const QByteArray request = "GET /flood HTTP/1.1\r\nHost: a\r\n\r\n";
        ::send(m_descriptor, request.data(), std::size_t(request.size()), MSG_NOSIGNAL);
        QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this, bytes] {
            QByteArray taken(bytes, Qt::Uninitialized);
            m_received += qMax<ssize_t>(0, ::recv(m_descriptor, taken.data(), std::size_t(bytes), MSG_DONTWAIT));
        });
        m_timer.start(5ms);
    }
    ~SlowReader() { ::close(m_descriptor); }
    SlowReader(const SlowReader &) = delete;
    SlowReader &operator=(const SlowReader &) = delete;

    [[nodiscard]] qint64 received() const noexcept { return m_received; }

private:
    const int m_descriptor;
    qint64 m_received = 0;
    QTimer m_timer;
};

// Why connections were closed since the trace was drained last.
static QList<QByteArray> closeReasons()
{
    QList<QByteArray> reasons;
    test::theTrace().drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
        if (record.kind == trace::Kind::ConnectionClosed)
            reasons += toString(static_cast<trace::CloseReason>(record.detail));
    });
    return reasons;
}

// The refusals since the trace was drained last: "RequestTooSlow 408".
static QList<QByteArray> clientErrors()
{
    QList<QByteArray> errors;
    test::theTrace().drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
        if (record.kind == trace::Kind::ClientError)
            errors += record.name + (' ' + QByteArray::number(record.value));
    });
    return errors;
}

static QByteArray get(const char *path, const QByteArray &more = {})
{
    return QByteArray("GET ") + path + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n";
}

void tst_HttpServer::aConnectionServesManyRequests()
{
    Lab lab;
    QVERIFY(lab.listening);
    RawClient client(lab.server.port());
    for (int i = 1; i <= 3; ++i) {
        client.send(get("/"));
        QVERIFY(RawClient::until([&] { return client.received().count("Hello, World!") == i; }));
    }
    const QByteArray first = client.received().left(client.received().indexOf("Hello"));
    QVERIFY2(first.startsWith("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: "), first.constData());
    QVERIFY2(first.endsWith(" GMT\r\nContent-Length: 13\r\n\r\n"), first.constData());
    QCOMPARE(lab.server.connections(), 1);
    QCOMPARE(lab.server.requests(), 3u);
}

void tst_HttpServer::pipelinedRequestsAreAnsweredInTheirOrder()
{
    Lab lab;
    RawClient client(lab.server.port());
    const QByteArray answers = client.exchange(get("/slow/30") + get("/") + get("/slow/5")
                                               + get("/", "Connection: close\r\n") + get("/never"));
    QCOMPARE(answers.count("HTTP/1.1 200"), 4);
    const qsizetype slow = answers.indexOf("slow");
    const qsizetype hello = answers.indexOf("Hello");
    QVERIFY(slow > 0 && slow < hello && hello < answers.indexOf("slow", hello));
    QVERIFY(!answers.contains("404"));
}

void tst_HttpServer::http10ClosesAfterTheAnswer()
{
    Lab lab;
    RawClient client(lab.server.port());
    const QByteArray answer = client.exchange("GET /pieces HTTP/1.0\r\n\r\n");
    QVERIFY2(answer.endsWith("Connection: close\r\n\r\nonetwo"), answer.constData());
}

void tst_HttpServer::badRequestsAreRefusedAndTheConnectionEnds_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("status");
    QTest::newRow("malformed") << QByteArray("nonsense\r\n\r\n") << 400;
    QTest::newRow("no Host") << QByteArray("GET / HTTP/1.1\r\n\r\n") << 400;
    QTest::newRow("a long target") << "GET /" + QByteArray(9000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n" << 414;
    QTest::newRow("large headers") << get("/", "X: " + QByteArray(17'000, 'x') + "\r\n") << 431;
    QTest::newRow("many headers") << get("/", QByteArray("X: 1\r\n").repeated(100)) << 431;
    QTest::newRow("an unknown method") << QByteArray("BREW / HTTP/1.1\r\nHost: a\r\n\r\n") << 501;
    QTest::newRow("a later version") << QByteArray("GET / HTTP/2.0\r\nHost: a\r\n\r\n") << 505;
    QTest::newRow("an expectation that nobody meets") << get("/", "Expect: magic\r\n") << 417;
    QTest::newRow("a chunk that is none") << QByteArray("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n") << 400;
}

void tst_HttpServer::badRequestsAreRefusedAndTheConnectionEnds()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, status);
    Lab lab;
    RawClient client(lab.server.port());
    const QByteArray answer = client.exchange(bytes + get("/")); // nothing is answered after a bad request
    QVERIFY2(answer.startsWith(QByteArray("HTTP/1.1 " + QByteArray::number(status) + ' ')), answer.constData());
    QVERIFY(answer.contains("Connection: close\r\n"));
    QCOMPARE(answer.count("\r\nDate: "), 1);
    RawClient other(lab.server.port());
    other.send(get("/"));
    QVERIFY(other.waitFor("Hello, World!"));
}

void tst_HttpServer::nothingThatWaitedBehindABadRequestIsTakenForOne()
{
    Lab lab;
    RawClient client(lab.server.port());
    // all of it has come before the first is answered
    const QByteArray answers = client.exchange(get("/slow/20") + "GET / HTTP/1.1\r\n\r\n" + get("/"));
    QVERIFY2(answers.startsWith("HTTP/1.1 200 ") && answers.contains("slowHTTP/1.1 400 "), answers.constData());
    QCOMPARE(answers.count("HTTP/1.1 "), 3); // the refusal's text names it once
    QVERIFY(!answers.contains("Hello"));
}

void tst_HttpServer::aBodyIsDeliveredAsItArrives()
{
    Lab lab;
    RawClient client(lab.server.port());
    client.send("POST /pieces HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
    QVERIFY(RawClient::until([&] { return lab.received == "abc"; }));
    QVERIFY(client.received().isEmpty());
    client.send("def");
    QVERIFY(client.waitFor("done"));
    QCOMPARE(lab.received, QByteArray("abcdef"));
}

void tst_HttpServer::continueIsSentWhenTheBodyIsWanted()
{
    Lab lab;
    RawClient client(lab.server.port());
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    QVERIFY(client.waitFor("HTTP/1.1 100 Continue\r\n\r\n"));
    client.send("abc");
    QVERIFY(client.waitFor("\r\n\r\nabc"));

    RawClient refused(lab.server.port());
    const QByteArray answer = refused.exchange(
        "POST /nobody HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    QVERIFY2(answer.startsWith("HTTP/1.1 404 "), answer.constData());
}

void tst_HttpServer::aRefusedBodyGets413AndTheConnectionEnds()
{
    Lab lab;
    RawClient client(lab.server.port());
    const QByteArray answer = client.exchange("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n"
                                              + QByteArray(300'000, 'x'));
    QVERIFY2(answer.startsWith("HTTP/1.1 413 "), answer.constData());
    QVERIFY(answer.contains("Connection: close\r\n"));
}

void tst_HttpServer::aBodyThatNobodyReadIsReadAway()
{
    Lab lab;
    RawClient client(lab.server.port());
    // more than is kept for a handler that does not ask for it, and answered before it has come whole
    client.send("GET /slow/30 HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n" + QByteArray(200'000, 'x'));
    QVERIFY(client.waitFor("\r\n\r\nslow"));
    client.send(QByteArray(300'000, 'x') + get("/"));
    QVERIFY(client.waitFor("Hello, World!"));

    ServerOptions options;
    options.timeouts.request = 50ms;
    Lab impatient(options);
    RawClient stuck(impatient.server.port());
    stuck.send("GET /slow/30 HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n" + QByteArray(200'000, 'x'));
    QVERIFY(stuck.waitForClose());
    QVERIFY(stuck.received().endsWith("slow"));
}

void tst_HttpServer::emptyLinesBeginNoRequest()
{
    Lab lab;
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) { });
    RawClient client(lab.server.port());
    client.send("\r\n");
    QList<qint64> begun;
    int reads = 0; // of the listening socket, then of the connection
    const auto look = [&] {
        test::theTrace().drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
            if (record.kind == trace::Kind::RequestBegin)
                begun += record.start;
            reads += record.kind == trace::Kind::Callback && record.name == QByteArrayView("readable");
        });
        return reads > 1;
    };
    QVERIFY(RawClient::until(look));
    const qint64 sent = test::theTrace().clock().now().count();
    client.send(get("/"));
    QVERIFY(client.waitFor("Hello"));
    look();
    QCOMPARE(begun.size(), 1);
    QVERIFY(begun.first() >= sent);
}

void tst_HttpServer::anAnswerInPiecesIsChunked()
{
    Lab lab;
    RawClient client(lab.server.port());
    client.send(get("/pieces"));
    QVERIFY(client.waitFor("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"));
    client.send(get("/")); // and the connection goes on
    QVERIFY(client.waitFor("Hello, World!"));
}

void tst_HttpServer::aClientThatFinishedSendingGetsItsAnswer()
{
    Lab lab;
    RawClient client(lab.server.port());
    client.send(get("/slow/30") + get("/"));
    ::shutdown(int(client.socket().socketDescriptor()), SHUT_WR);
    QVERIFY(client.waitForClose());
    QCOMPARE(client.received().count("HTTP/1.1 200"), 2);
    QVERIFY(client.received().endsWith("Hello, World!"));
}

void tst_HttpServer::aSlowReaderStopsTheWriter()
{
    Lab lab;
    RawClient client(lab.server.port());
    client.socket().setReadBufferSize(1024);
    client.send(get("/flood"));
    // nothing more is written while nobody reads
    QVERIFY(RawClient::untilSteady([&] { return lab.floodBlocks; }));
    QVERIFY(lab.floodStops > 0);
    QVERIFY2(lab.floodBlocks < 512, "the writer never had to wait");
    client.socket().setReadBufferSize(0);
    QVERIFY(client.waitFor("0\r\n\r\n"));
    QCOMPARE(lab.floodBlocks, 512);
}

void tst_HttpServer::aClientThatLeavesIsNoticed()
{
    Lab lab;
    {
        RawClient client(lab.server.port());
        client.send("POST /pieces HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
        QVERIFY(RawClient::until([&] { return lab.received == "abc"; }));
    }
    QVERIFY(RawClient::until([&] { return lab.aborted && lab.server.connections() == 0; }));
}

void tst_HttpServer::headerTimeout()
{
    ServerOptions options;
    options.timeouts.header = 50ms;
    Lab lab(options);
    RawClient slow(lab.server.port());
    slow.send("GET / HTTP/1.1\r\nHo");
    QVERIFY(slow.waitForClose());
    QVERIFY2(slow.received().startsWith("HTTP/1.1 408 "), slow.received().constData());
    RawClient silent(lab.server.port());
    QVERIFY(silent.connected());
    QVERIFY(silent.waitForClose());
    QVERIFY(silent.received().isEmpty());
}

void tst_HttpServer::requestTimeout()
{
    ServerOptions options;
    options.timeouts.request = 50ms;
    Lab lab(options);
    RawClient client(lab.server.port());
    client.send("POST /pieces HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
    QVERIFY(client.waitForClose());
    QVERIFY2(client.received().startsWith("HTTP/1.1 408 "), client.received().constData());
    QVERIFY(lab.aborted);
    // a handler that takes long is no slow client
    RawClient patient(lab.server.port());
    patient.send(get("/slow/200"));
    QVERIFY(patient.waitFor("slow"));
}

void tst_HttpServer::keepAliveTimeout()
{
    ServerOptions options;
    options.timeouts.keepAlive = 50ms;
    Lab lab(options);
    RawClient client(lab.server.port());
    client.send(get("/"));
    QVERIFY(client.waitForClose());
    QVERIFY(client.received().endsWith("Hello, World!"));
}

void tst_HttpServer::sendTimeout()
{
    ServerOptions options;
    options.timeouts.send = 50ms;
    Lab lab(options);
    RawClient client(lab.server.port());
    client.socket().setReadBufferSize(1024); // and nobody reads it
    client.send(get("/flood"));
    QVERIFY(RawClient::until([&] { return lab.floodStops > 0; }));
    QVERIFY(RawClient::until([&] { return lab.server.connections() == 0; }));
    QVERIFY(lab.floodBlocks < 512);
}

// The rest comes while a callback holds the loop for longer than each client has; it is read before they are judged.
void tst_HttpServer::aHeldLoopIsNoLateClient()
{
    struct Client {
        QByteArray before;
        QByteArray after;
        QByteArray answer;
        int descriptor = -1;
        QByteArray received = {};
    };
    const QByteArray post = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n";
    Client clients[] = {{"GET / HTTP/1.1\r\nHo", "st: a\r\n\r\n", "Hello, World!"},
                        {post + "abc", "def", "abcdef"},
                        {get("/pieces"), get("/"), "Hello, World!"}}; // the last is idle in between
    constexpr auto limit = 2s;
    ServerOptions options;
    options.timeouts.header = options.timeouts.request = options.timeouts.keepAlive = limit;
    options.timeouts.rateWindow = limit;
    options.limits.minimumRate = 1;
    Lab lab(options);
    const auto receive = [](Client &client) {
        char buffer[4096];
        const ssize_t got = ::recv(client.descriptor, buffer, sizeof buffer, MSG_DONTWAIT);
        client.received.append(buffer, qMax<ssize_t>(got, 0));
        return got == 0;
    };
    for (Client &client : clients) {
        client.descriptor = openSocket(lab.server.port());
        (void)::send(client.descriptor, client.before.data(), std::size_t(client.before.size()), MSG_NOSIGNAL);
    }
    QVERIFY(RawClient::until([&] {
        return lab.server.inFlight() == 2 && !receive(clients[2]) && clients[2].received.endsWith("0\r\n\r\n");
    }));
    bool held = false;
    loop::EventLoop::current()->setImmediate([&] {
        const auto begin = std::chrono::steady_clock::now();
        for (const Client &client : clients)
            (void)::send(client.descriptor, client.after.data(), std::size_t(client.after.size()), MSG_NOSIGNAL);
        std::this_thread::sleep_until(begin + limit + 100ms);
        held = true;
    });
    QVERIFY(RawClient::until([&] { return held; }));
    for (Client &client : clients) {
        QVERIFY(RawClient::until([&] { return receive(client) || client.received.endsWith(client.answer); }));
        QVERIFY2(client.received.endsWith(client.answer), client.received.constData());
        ::close(client.descriptor);
    }
}

// The timer that watches the others shows that time has passed for these, too.
void tst_HttpServer::noTimeoutIsNone()
{
    ServerOptions options;
    options.timeouts.header = options.timeouts.request = options.timeouts.keepAlive = options.timeouts.send = 0ms;
    Lab lab(options);
    ServerOptions limited = options;
    limited.timeouts.header = 50ms;
    Lab other(limited);
    RawClient silent(lab.server.port());
    QVERIFY(silent.connected());
    RawClient head(lab.server.port());
    head.send("GET / HTTP/1.1\r\n");
    RawClient body(lab.server.port());
    body.send("POST /paused HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
    QVERIFY(RawClient::until([&] { return lab.paused != nullptr; }));
    lab.paused->resume(); // its time stood still, and runs again
    RawClient idle(lab.server.port());
    idle.send(get("/"));
    QVERIFY(idle.waitFor("Hello"));
    RawClient reader(lab.server.port());
    reader.socket().setReadBufferSize(1024);
    reader.send(get("/flood"));
    QVERIFY(RawClient::until([&] { return lab.floodStops > 0; }));
    for (int i = 0; i < 3; ++i) {
        RawClient cut(other.server.port());
        QVERIFY(cut.connected());
        QVERIFY(cut.waitForClose());
    }
    QCOMPARE(lab.server.connections(), 5);
    silent.send(get("/"));
    QVERIFY(silent.waitFor("Hello"));
    head.send("Host: a\r\n\r\n");
    QVERIFY(head.waitFor("Hello"));
    body.send("def");
    QVERIFY(RawClient::until([&] { return lab.received == "abcdef"; }));
    lab.paused->resume();
    QVERIFY(body.waitFor("done"));
    idle.send(get("/"));
    QVERIFY(RawClient::until([&] { return idle.received().count("Hello") == 2; }));
    reader.socket().setReadBufferSize(0);
    QVERIFY(reader.waitFor("0\r\n\r\n"));
}

void tst_HttpServer::aReaderBelowTheSendRateIsCut()
{
    ServerOptions options;
    options.timeouts.rateWindow = 100ms;
    options.limits.minimumSendRate = 10'000;
    Lab lab(options);
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) { });
    const SlowReader slow(lab.server.port(), 1); // 200 bytes a second at the most, and never nothing for send's 60 s
    QVERIFY(RawClient::until([&] { return lab.floodStops > 0; }));
    RawClient idle(lab.server.port()); // nothing waits for this one
    idle.send(get("/"));
    QVERIFY(idle.waitFor("Hello"));
    QVERIFY(RawClient::until([&] { return lab.server.connections() == 1; }));
    QCOMPARE(closeReasons(), QList<QByteArray>{"send timeout"});
    QVERIFY(lab.floodBlocks < 512);
    idle.send(get("/"));
    QVERIFY(RawClient::until([&] { return idle.received().count("Hello") == 2; }));
}

// Many windows pass in which the server's own system takes nothing more, for its buffer is large and the client slow.
void tst_HttpServer::aReaderThatKeepsTheSendRateIsServed()
{
    ServerOptions options;
    options.timeouts.rateWindow = 100ms;
    options.limits.minimumSendRate = 1'000;
    Lab lab(options);
    const SlowReader reader(lab.server.port(), 1024); // 200 KiB a second at the most
    QVERIFY(RawClient::until([&] { return reader.received() > 256 * 1024; }));
    QCOMPARE(lab.server.connections(), 1);
    QVERIFY(lab.floodStops > 0);
}

// Beyond it the socket is not read, so the client comes to a stop; and goes on when it is answered.
void tst_HttpServer::pipelinedBytesAreLimited()
{
    ServerOptions options;
    options.maxPipelinedBytes = 16 * 1024;
    Lab lab(options);
    const int client = openSocket(lab.server.port(), 4096);
    QByteArray bytes = get("/hang");
    constexpr int requests = 2'048;
    const QByteArray padded = get("/", "X: " + QByteArray(8 * 1024, 'x') + "\r\n");
    for (int i = 0; i < requests; ++i)
        bytes += padded;
    qsizetype sent = 0;
    const auto sendSome = [&] {
        const qsizetype most = qMin<qsizetype>(64 * 1024, bytes.size() - sent);
        sent += qMax<ssize_t>(0, ::send(client, bytes.data() + sent, std::size_t(most), MSG_DONTWAIT | MSG_NOSIGNAL));
        return sent;
    };
    QVERIFY(RawClient::untilSteady(sendSome));
    QVERIFY(lab.hanging);
    // what the systems keep of it on both sides is not the server's
    QVERIFY2(sent < 8 * 1024 * 1024, qPrintable(u"%1 of %2 bytes"_s.arg(sent).arg(bytes.size())));
    lab.hanging->send(QByteArray("enough"));
    lab.held = {};
    QByteArray received;
    QVERIFY(RawClient::until([&] {
        sendSome();
        QByteArray some(64 * 1024, Qt::Uninitialized);
        received += some.first(qMax<ssize_t>(0, ::recv(client, some.data(), std::size_t(some.size()), MSG_DONTWAIT)));
        return received.count("Hello, World!") == requests;
    }));
    QVERIFY(received.contains("enough"));
    ::close(client);
}

void tst_HttpServer::whatFollowsARefusalIsReadAwayWithinALimit()
{
    ServerOptions options;
    options.lingerTimeout = 60s;
    options.maxLingerBytes = 100'000;
    Lab lab(options);
    // a socket of the system, for a QTcpSocket closes both ways at the FIN behind the refusal
    const int other = openSocket(lab.server.port());
    const QByteArray begin = "GET / HTTP/1.1\r\n\r\n" + QByteArray(50'000, 'x');
    QCOMPARE(::send(other, begin.data(), std::size_t(begin.size()), MSG_NOSIGNAL), ssize_t(begin.size()));
    QByteArray answer(1024, Qt::Uninitialized);
    QVERIFY(RawClient::until(
        [&] { return ::recv(other, answer.data(), std::size_t(answer.size()), MSG_DONTWAIT) > 0; }));
    QVERIFY(RawClient::untilSteady([&] { return lab.server.connections(); })); // within the limit it is read away
    QVERIFY(RawClient::until([&] {
        (void)::send(other, begin.data(), std::size_t(begin.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
        return lab.server.connections() == 0;
    }));
    ::close(other);
}

// As Node's listen("::").
void tst_HttpServer::anyIPv6AddressIsAnyIPv4AddressToo()
{
    web::Application app;
    app.get("/ip", [](web::Request &req, web::Response &res) { res.send(req.ip()); });
    HttpServer server(app, test::patientOptions());
    QVERIFY2(server.listen(QHostAddress::AnyIPv6, 0), qPrintable(server.errorString()));
    RawClient client(server.port());
    client.send(get("/ip"));
    QVERIFY2(client.waitFor("\r\n\r\n127.0.0.1"), client.received().constData());
}

static QByteArray unreadPost(qsizetype bytes)
{
    return "POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: " + QByteArray::number(bytes) + "\r\n\r\n"
        + QByteArray(bytes, 'x');
}

void tst_HttpServer::aBodyThatNobodyReadsIsReadAway()
{
    Lab lab(test::patientOptions());
    RawClient client(lab.server.port());
    client.send(unreadPost(3'000'000) + get("/"));
    QVERIFY(client.waitFor("Hello, World!"));
    QVERIFY(client.received().startsWith("HTTP/1.1 404 "));
    QVERIFY(!client.received().contains("Connection: close"));
}

// RFC 9112 §9.6: the answer says so, for the next request would be lost.
void tst_HttpServer::aBodyTooLongToBeReadAwayEndsTheConnection()
{
    ServerOptions options = test::patientOptions();
    options.maxLingerBytes = 100'000;
    options.lingerTimeout = 50ms;
    Lab lab(options);
    const QByteArray answer = RawClient(lab.server.port()).exchange(unreadPost(100'001));
    QVERIFY2(answer.startsWith("HTTP/1.1 404 "), answer.constData());
    QVERIFY2(answer.contains("\r\nConnection: close\r\n"), answer.constData());
    RawClient kept(lab.server.port());
    kept.send(unreadPost(100'000) + get("/"));
    QVERIFY(kept.waitFor("Hello, World!"));
}

void tst_HttpServer::theServersOwnWorkIsNoRequests()
{
    ServerOptions options;
    options.timeouts.keepAlive = 30ms;
    Lab lab(options);
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) { });
    RawClient first(lab.server.port());
    RawClient second(lab.server.port());
    for (RawClient *client : {&first, &second})
        client->send(get("/"));
    QVERIFY(first.waitForClose() && second.waitForClose());
    QVERIFY(RawClient::until([&] { return lab.server.connections() == 0; }));
    int timers = 0;
    int closes = 0;
    QList<quint64> requests;
    test::theTrace().drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
        if (record.kind != trace::Kind::Callback)
            return;
        timers += record.name == QByteArrayView("setTimeout");
        closes += record.name == QByteArrayView("close");
        if (record.request != 0 && record.name != QByteArrayView("readable"))
            requests += record.request;
    });
    QVERIFY(timers > 0);
    QVERIFY(closes > 0);
    QCOMPARE(requests, QList<quint64>());
}

// A head in two pieces; a body that nobody reads, in two.
void tst_HttpServer::whatRunsForAConnectionCarriesItsNumber()
{
    Lab lab;
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) { });
    RawClient client(lab.server.port());
    const auto ofConnection = [] {
        QList<quint64> requests;
        test::theTrace().drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
            if (record.kind == trace::Kind::Callback && record.connection == 1 && record.name == QByteArrayView("readable"))
                requests += record.request;
        });
        return requests;
    };
    client.send("POST /nowhere HTTP/1.1\r\nHo");
    QList<quint64> readable;
    QVERIFY(RawClient::until([&] { return !(readable += ofConnection()).isEmpty(); }));
    QCOMPARE(readable, QList<quint64>{0}); // a request without a number yet, but the connection's
    readable.clear();
    client.send("st: a\r\nContent-Length: 6\r\n\r\n");
    QVERIFY(client.waitFor("404 Not Found"));
    QVERIFY(RawClient::until([&] { return !(readable += ofConnection()).isEmpty(); }));
    QCOMPARE(readable, QList<quint64>{1});
    readable.clear();
    client.send("abc"); // it is answered: this is the connection's alone
    QVERIFY(RawClient::until([&] { return !(readable += ofConnection()).isEmpty(); }));
    QCOMPARE(readable, QList<quint64>{0});
}

void tst_HttpServer::aContinuationIsNotOfTheLayerThatHasAnswered()
{
    Lab lab;
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) { });
    RawClient client(lab.server.port());
    client.send(get("/slow/5") + get("/"));
    QVERIFY(client.waitFor("Hello"));
    QVERIFY(RawClient::until([&] { return lab.server.inFlight() == 0; }));
    QCoreApplication::processEvents();
    QList<qint64> resumed; // when layers ran on
    QList<qint64> continued; // when the connection did
    test::theTrace().drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
        if (record.kind == trace::Kind::LayerResumed)
            resumed += record.start;
        if (record.kind == trace::Kind::Callback && record.name == QByteArrayView("nextTick") && record.request == 2)
            continued += record.start;
    });
    QVERIFY(!resumed.isEmpty());
    QCOMPARE(continued.size(), 1);
    QVERIFY(!resumed.contains(continued.first()));
}

void tst_HttpServer::numbersGoOnAfterAnEarlierServer()
{
    ServerOptions options;
    options.lastConnection = 6;
    options.lastRequest = 41;
    Lab lab(options);
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) { });
    RawClient client(lab.server.port());
    client.send(get("/"));
    QVERIFY(client.waitFor("Hello"));
    QCOMPARE(lab.server.requests(), 1u);
    QCOMPARE(lab.server.lastRequest(), 42u);
    QCOMPARE(lab.server.lastConnection(), 7u);
    bool found = false;
    test::theTrace().drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
        found = found || (record.kind == trace::Kind::RequestBegin && record.request == 42 && record.connection == 7);
    });
    QVERIFY(found);
}

void tst_HttpServer::aServerAndItsConnectionsKeepTheLoopAlive()
{
    const auto handles = [] { return loop::EventLoop::current()->referencesByKind().handles; };
    const qsizetype before = handles();
    {
        Lab lab;
        QCOMPARE(handles(), before + 1);
        RawClient client(lab.server.port());
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        QVERIFY(client.waitFor("Hello, World!"));
        QCOMPARE(handles(), before + 2);
        client.socket().disconnectFromHost();
        QTRY_COMPARE(handles(), before + 1);
    }
    QCOMPARE(handles(), before);
}

void tst_HttpServer::pipelinedRequestsLetOthersIn()
{
    constexpr int requests = 2'000;
    Lab lab;
    loop::EventLoop *loop = loop::EventLoop::current();
    int most = 0; // answered between two checks
    bool done = false;
    bool ended = false;
    std::function<void()> check = [&] {
        most = std::max(most, std::exchange(lab.ticks, 0));
        if (done)
            ended = true;
        else
            loop->setImmediate([&] { check(); });
    };
    loop->setImmediate([&] { check(); });
    RawClient client(lab.server.port());
    client.send(get("/tick").repeated(requests));
    QVERIFY(RawClient::until([&] { return client.received().count("tick") == requests; }));
    done = true;
    QVERIFY(RawClient::until([&] { return ended; })); // it refers to what stands here
    QVERIFY2(most > 1 && most <= 40, qPrintable(QString::number(most)));
}

void tst_HttpServer::aPipelinedRequestBeganWhenItsBytesCame()
{
    trace::Trace &trace = test::theTrace();
    Lab lab;
    trace.drain([](int, const trace::TraceRecord &, QByteArrayView) { });
    RawClient client(lab.server.port());
    client.send(get("/slow/60") + get("/"));
    QVERIFY(client.waitFor("Hello"));
    QList<qint64> begins;
    QList<qint64> ends;
    trace.drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
        if (record.kind == trace::Kind::RequestBegin)
            begins += record.start;
        if (record.kind == trace::Kind::ResponseEnd)
            ends += record.start + record.duration;
    });
    QCOMPARE(begins.size(), 2);
    QCOMPARE(ends.size(), 2);
    QCOMPARE(begins[1], begins[0]); // they came with the same read
    QVERIFY(ends[0] - begins[1] >= 59'000'000);
}

// The answer is complete, and the client goes on sending what nobody wants.
void tst_HttpServer::aCutUploadIsNamed()
{
    Lab lab;
    RawClient client(lab.server.port());
    client.send("POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 600000\r\n\r\nabc");
    QVERIFY(client.waitFor("404 Not Found"));
    QSignalSpy drained(&lab.server, &HttpServer::drained);
    lab.server.drain(20ms);
    QVERIFY(RawClient::until([&] { return drained.size() == 1; }));
    const auto cut = drained[0][0].value<QList<CutConnection>>();
    QCOMPARE(cut.size(), 1);
    QCOMPARE(cut[0].requestLine, QByteArray("POST /nowhere"));
    QVERIFY(cut[0].request > 0);
}

void tst_HttpServer::connectionsAreLimited()
{
    ServerOptions options;
    options.maxConnections = 1;
    Lab lab(options);
    RawClient first(lab.server.port());
    first.send(get("/"));
    QVERIFY(first.waitFor("Hello"));
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) { });
    RawClient second(lab.server.port());
    QVERIFY(second.waitForClose());
    const QByteArray &answer = second.received();
    QVERIFY2(answer.startsWith("HTTP/1.1 503 Service Unavailable\r\n"), answer.constData());
    QVERIFY(answer.contains("Retry-After: 1\r\n") && answer.contains("Connection: close\r\n"));
    QCOMPARE(lab.server.refusedConnections(), 1u);
    QCOMPARE(lab.server.requests(), 1u);
    QCOMPARE(clientErrors(), (QList<QByteArray>{"TooManyConnections 503"}));
    first.send(get("/")); // it goes on
    QVERIFY(RawClient::until([&] { return first.received().count("Hello") == 2; }));
    first.socket().disconnectFromHost();
    QVERIFY(RawClient::until([&] { return lab.server.connections() == 0; }));
    RawClient third(lab.server.port());
    third.send(get("/"));
    QVERIFY(third.waitFor("Hello"));
}

void tst_HttpServer::refusalsAreLimitedToo()
{
    ServerOptions options;
    options.maxConnections = 1;
    options.maxRefusals = 1;
    options.lingerTimeout = 10s;
    Lab lab(options);
    RawClient first(lab.server.port());
    first.send(get("/"));
    QVERIFY(first.waitFor("Hello"));
    const int lingering = openSocket(lab.server.port()); // it never closes its side
    QVERIFY(RawClient::until([&] { return lab.server.connections() == 2; }));
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) { });
    RawClient third(lab.server.port());
    QVERIFY(third.waitForClose());
    QVERIFY(third.received().isEmpty());
    QCOMPARE(lab.server.refusedConnections(), 2u);
    QCOMPARE(clientErrors(), (QList<QByteArray>{"TooManyConnections 0"}));
    ::close(lingering);
    QVERIFY(RawClient::until([&] { return lab.server.connections() == 1; }));
    RawClient fourth(lab.server.port()); // the reserve is free again
    QVERIFY(fourth.waitFor("503"));
}

void tst_HttpServer::connectionsOfAnAddressAreLimited()
{
    ServerOptions options;
    options.maxConnectionsPerAddress = 1;
    Lab lab(options);
    RawClient first(lab.server.port());
    first.send(get("/"));
    QVERIFY(first.waitFor("Hello"));
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) { });
    RawClient second(lab.server.port());
    QVERIFY(second.waitForClose());
    const QByteArray &answer = second.received();
    QVERIFY2(answer.startsWith("HTTP/1.1 429 Too Many Requests\r\n"), answer.constData());
    QVERIFY(answer.contains("Retry-After: 1\r\n") && answer.contains("Connection: close\r\n"));
    QCOMPARE(clientErrors(), (QList<QByteArray>{"TooManyConnectionsOfAddress 429"}));
    QTcpSocket elsewhere;
    QVERIFY(elsewhere.bind(QHostAddress(u"127.0.0.2"_s)));
    elsewhere.setProxy(QNetworkProxy::NoProxy);
    elsewhere.connectToHost(QHostAddress::LocalHost, lab.server.port());
    elsewhere.write(get("/"));
    QByteArray received;
    QVERIFY(RawClient::until([&] { return (received += elsewhere.readAll()).contains("Hello"); }));
    first.socket().disconnectFromHost();
    QVERIFY(RawClient::until([&] { return lab.server.connections() == 1; }));
    RawClient third(lab.server.port());
    third.send(get("/"));
    QVERIFY(third.waitFor("Hello"));
}

void tst_HttpServer::requestsOfAConnectionAreLimited()
{
    ServerOptions options;
    options.maxRequestsPerConnection = 2;
    Lab lab(options);
    RawClient client(lab.server.port());
    client.send(get("/"));
    QVERIFY(client.waitFor("Hello"));
    QVERIFY(!client.received().contains("Connection: close"));
    const QByteArray answers = client.exchange(get("/") + get("/"));
    QCOMPARE(answers.count("HTTP/1.1 200"), 2);
    QCOMPARE(answers.count("Connection: close\r\n"), 1);
}

void tst_HttpServer::aSlowRequestIsRefused_data()
{
    QTest::addColumn<QByteArray>("begin");
    QTest::newRow("a head") << QByteArray("GET / HTTP/1.1\r\nHost: a\r\nX: ");
    QTest::newRow("a body") << QByteArray("POST /pieces HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
    QTest::newRow("a body that nobody reads")
        << QByteArray("POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
}

void tst_HttpServer::aSlowRequestIsRefused()
{
    QFETCH(QByteArray, begin);
    ServerOptions options;
    options.timeouts.rateWindow = 100ms;
    options.limits.minimumRate = 10'000;
    Lab lab(options);
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) { });
    RawClient slow(lab.server.port());
    slow.send(begin);
    const Dripping dripping(slow, "x", 5ms); // 200 bytes a second at the most
    RawClient other(lab.server.port());
    QVERIFY(slow.waitForClose());
    const bool answered = begin.contains("/nowhere");
    QVERIFY2(slow.received().startsWith(answered ? "HTTP/1.1 404 " : "HTTP/1.1 408 "), slow.received().constData());
    QCOMPARE(clientErrors(), (QList<QByteArray>{"RequestTooSlow 408"}));
    other.send(get("/"));
    QVERIFY(other.waitFor("Hello")); // it had sent nothing, which is no rate
}

void tst_HttpServer::aClientThatKeepsTheRateIsServed()
{
    ServerOptions options;
    options.timeouts.rateWindow = 1s;
    options.limits.minimumRate = 1; // so that one piece in a window is enough, however busy the machine is
    Lab lab(options);
    RawClient client(lab.server.port());
    client.send("POST /pieces HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    {
        const Dripping dripping(client, "1\r\nx\r\n", 5ms);
        QTest::qWait(2'500); // windows pass
    }
    QVERIFY(lab.received.size() > 1);
    client.send("0\r\n\r\n");
    QVERIFY(client.waitFor("done"));
}

void tst_HttpServer::whoeverWaitsForTheServerIsNotSlow()
{
    ServerOptions options;
    options.timeouts.rateWindow = 400ms;
    options.timeouts.request = 400ms;
    options.limits.minimumRate = 1'000'000;
    Lab lab(options);
    RawClient expecting(lab.server.port()); // the handler asks for the body after 600 ms
    expecting.send("POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    QVERIFY(expecting.waitFor("HTTP/1.1 100 Continue\r\n\r\n"));
    expecting.send("abc");
    QVERIFY(expecting.waitFor("\r\n\r\nabc"));
    RawClient patient(lab.server.port()); // and so does an answer that takes long
    patient.send(get("/slow/600"));
    QVERIFY(patient.waitFor("slow"));
    RawClient idle(lab.server.port());
    idle.send(get("/"));
    QVERIFY(idle.waitFor("Hello"));
    QTest::qWait(500);
    idle.send(get("/"));
    QVERIFY(RawClient::until([&] { return idle.received().count("Hello") == 2; }));
}

void tst_HttpServer::theRequestTimeCannotBeStretched()
{
    ServerOptions options;
    options.timeouts.request = 100ms;
    Lab lab(options);
    RawClient client(lab.server.port());
    client.send("POST /stretch HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    const Dripping dripping(client, "1\r\nx\r\n", 5ms); // each piece pauses and resumes
    QVERIFY(client.waitForClose());
    QVERIFY2(client.received().startsWith("HTTP/1.1 408 "), client.received().constData());
}

void tst_HttpServer::theTimeInWhichTheServerDoesNotReadIsNotTheClients()
{
    ServerOptions options;
    options.timeouts.request = 300ms;
    options.timeouts.rateWindow = 300ms;
    Lab lab(options);
    RawClient client(lab.server.port());
    client.send("POST /paused HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
    QVERIFY(RawClient::until([&] { return lab.paused != nullptr; }));
    client.send("def");
    QTest::qWait(700);
    QVERIFY(client.received().isEmpty());
    lab.paused->resume();
    QVERIFY(RawClient::until([&] { return lab.received == "abcdef"; }));
    lab.paused->resume();
    QVERIFY(client.waitFor("done"));
}

void tst_HttpServer::drainFinishesWhatIsInFlightAndClosesTheIdle()
{
    Lab lab;
    RawClient idle(lab.server.port());
    idle.send(get("/"));
    QVERIFY(idle.waitFor("Hello"));
    RawClient busy(lab.server.port());
    busy.send(get("/slow/50"));
    QVERIFY(RawClient::until([&] { return lab.server.inFlight() == 1; }));
    const quint16 port = lab.server.port();

    QSignalSpy drained(&lab.server, &HttpServer::drained);
    lab.server.drain(10s);
    QVERIFY(!lab.server.isListening());
    QVERIFY(idle.waitForClose());
    RawClient late(port);
    QVERIFY(RawClient::until([&] { return late.socket().error() == QAbstractSocket::ConnectionRefusedError; }));
    QVERIFY(busy.waitForClose());
    QVERIFY(busy.received().contains("Connection: close\r\n"));
    QVERIFY(busy.received().endsWith("slow"));
    QVERIFY(RawClient::until([&] { return drained.size() == 1; }));
    QVERIFY(drained.front().front().value<QList<CutConnection>>().isEmpty());
}

void tst_HttpServer::drainCutsAtTheDeadlineAndNamesWhatItCut()
{
    Lab lab;
    RawClient client(lab.server.port());
    client.send(get("/hang?a=1"));
    QVERIFY(RawClient::until([&] { return lab.hanging != nullptr; }));
    QSignalSpy drained(&lab.server, &HttpServer::drained);
    lab.server.drain(20ms);
    QVERIFY(client.waitForClose());
    QVERIFY(client.received().isEmpty());
    QVERIFY(!lab.hanging);
    QVERIFY(RawClient::until([&] { return drained.size() == 1; }));
    const auto cut = drained.front().front().value<QList<CutConnection>>();
    QCOMPARE(cut.size(), 1);
    QCOMPARE(cut.front().requestLine, QByteArray("GET /hang?a=1"));
    QVERIFY(cut.front().peer.startsWith("127.0.0.1:"));
}

void tst_HttpServer::aPortInUseIsSaidInOneSentence()
{
    Lab lab;
    HttpServer second(lab.app);
    QVERIFY(!second.listen(QHostAddress::LocalHost, lab.server.port()));
    QCOMPARE(second.errorString(), QString(u"127.0.0.1:%1 is in use by another program."_s.arg(lab.server.port())));
}

void tst_HttpServer::aRequestIsTracedFromEndToEnd()
{
    Lab lab;
    trace::Trace &trace = test::theTrace();
    trace.drain([](int, const trace::TraceRecord &, QByteArrayView) { });
    RawClient client(lab.server.port());
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
    QVERIFY(RawClient::until([&] { return lab.server.inFlight() == 1; }));
    client.send("def");
    QVERIFY(client.waitFor("abcdef"));
    QList<QByteArray> story;
    qint64 bytesIn = 0;
    bool polled = false;
    int resumed = 0;
    trace.drain([&](int, const trace::TraceRecord &record, QByteArrayView text) {
        using trace::Kind;
        if (record.kind == Kind::Callback && record.phase == trace::Phase::Poll && record.request != 0)
            polled = true;
        switch (record.kind) {
        case Kind::ConnectionOpened: QVERIFY(text.startsWith("127.0.0.1:")); break;
        case Kind::RequestBegin:
            QVERIFY(text.startsWith("POST /echo HTTP/1.1\r\n") && text.endsWith("\r\n\r\n"));
            QCOMPARE(record.value, qint64(text.size()));
            break;
        case Kind::BodyChunk:
            QCOMPARE(record.id, quint64(bytesIn));
            bytesIn += record.value;
            break;
        case Kind::ResponseEnd:
            QCOMPARE(record.value, 6);
            QVERIFY(record.duration > 0);
            QCOMPARE(record.request, lab.server.requests());
            break;
        case Kind::RequestComplete: QCOMPARE(record.value, 6); break;
        case Kind::LayerResumed: // the handler ran on when it had the body
            QCOMPARE(record.id, 1u);
            QCOMPARE(record.request, lab.server.requests());
            ++resumed;
            return;
        case Kind::Layer:
        case Kind::ResponseHead:
        case Kind::ResponseChunk:
        case Kind::ConnectionIdle: break;
        default: return;
        }
        story.append(trace::toString(record.kind));
    });
    QCOMPARE(story, (QList<QByteArray>{"ConnectionOpened", "RequestBegin", "Layer", "BodyChunk", "BodyChunk",
                                       "RequestComplete", "ResponseHead", "ResponseChunk", "ResponseEnd",
                                       "ConnectionIdle"}));
    QCOMPARE(bytesIn, 6);
    QVERIFY(polled);
    QVERIFY(resumed > 0);
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_HttpServer)
#include "tst_httpserver.moc"
