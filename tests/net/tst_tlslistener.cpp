// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/httpserver.h"
#include "server/net/tlsfiles.h"
#include "server/web/application.h"
#include "tests/support/loopmain.h"
#include "tests/support/patientserver.h"
#include "tests/support/rawclient.h"
#include "tests/support/testcase.h"

#include <QtNetwork/QHostAddress>
#include <QtNetwork/QNetworkProxy>
#include <QtNetwork/QSslCertificate>
#include <QtNetwork/QSslConfiguration>
#include <QtNetwork/QSslSocket>
#include <QtNetwork/QTcpServer>
#include <QtTest/QSignalSpy>

using namespace loopscope;
using namespace loopscope::net;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using test::RawClient;

// HTTP over TLS: the handshake, and what is different about the connection behind it.
class tst_TlsListener : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aConnectionServesManyRequests();
    void aClientOfAnotherProtocolIsServed();
    void everyOrderlyEndIsSaid_data();
    void everyOrderlyEndIsSaid();
    void theApplicationKnowsThatItIsSecure();
    void whatCameWithTheHandshakeIsRead();
    void anUploadComesWhole();
    void aSlowReaderStopsTheWriter();
    void anAnswerThatEndsWithTheConnectionIsNotTruncated();
    void aRefusedUploadGetsItsAnswer();
    void aSlowRequestIsRefused();
    void connectionsAreLimited();
    void aClientThatLeavesIsNoticed();
    void drainFinishesWhatIsInFlight();
    void aClientWithoutTlsIsClosedAndTraced();
    void aHandshakeIsBoundedInTime();
    void handshakesAreBoundedInNumber();
    void aClientMayLeaveInTheHandshake();
};

namespace {

struct Lab {
    explicit Lab(ServerOptions options = test::patientOptions())
        : server(app, options)
    {
        app.get("/", [](web::Request &, web::Response &res) { res.send(QByteArray("Hello, World!")); });
        app.get("/secure", [](web::Request &req, web::Response &res) {
            res.send(QByteArray(req.protocol().toByteArray() + (req.secure() ? " secure" : " plain")));
        });
        app.get("/slow", [](web::Request &, web::Response &res) -> loop::Task<> {
            co_await loop::sleep(50ms);
            res.send(QByteArray("slow"));
        });
        app.get("/hang", [this](web::Request &req, web::Response &res) {
            held = req.hold();
            hanging = true;
            res.onClose([this] { hanging = false; });
        });
        app.post("/echo", [](web::Request &req, web::Response &res) -> loop::Task<> { res.send(co_await req.read()); });
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
        QSslConfiguration configuration;
        const QString folder = QStringLiteral(LOOPSCOPE_SOURCE) % u"/tests/support/tls/";
        if (loadTlsFiles(folder + u"cert.pem", folder + u"key.pem", configuration, error)) {
            server.setTls(configuration);
            listening = server.listen(QHostAddress::LocalHost, 0);
        }
        test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) { });
    }
    [[nodiscard]] bool serves() const;

    web::Application app;
    HttpServer server;
    QString error;
    bool listening = false;
    net::ExchangeRef held;
    bool hanging = false;
    int floodBlocks = 0;
    int floodStops = 0;
};

class TlsClient {
public:
    explicit TlsClient(quint16 port, const QList<QByteArray> &protocols = {"h2", "http/1.1"},
                       QSsl::SslProtocol version = QSsl::TlsV1_2OrLater)
    {
        QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
        configuration.setAllowedNextProtocols(protocols);
        configuration.setCaCertificates(
            QSslCertificate::fromPath(QStringLiteral(LOOPSCOPE_SOURCE) % u"/tests/support/tls/cert.pem"));
        configuration.setProtocol(version);
        m_socket.setSslConfiguration(configuration);
        m_socket.setProxy(QNetworkProxy::NoProxy);
        m_socket.connectToHostEncrypted(u"127.0.0.1"_s, port);
    }
    [[nodiscard]] bool encrypted()
    {
        return RawClient::until([&] { return m_socket.isEncrypted(); });
    }
    void send(const QByteArray &bytes) { m_socket.write(bytes); }
    const QByteArray &received() { return m_received += m_socket.readAll(); }
    [[nodiscard]] bool waitFor(const QByteArray &text)
    {
        return RawClient::until([&] { return received().contains(text); });
    }
    [[nodiscard]] bool waitForClose()
    {
        return RawClient::until([&] {
            received();
            return m_socket.state() == QAbstractSocket::UnconnectedState;
        });
    }
    QSslSocket &socket() { return m_socket; }

private:
    QSslSocket m_socket;
    QByteArray m_received;
};

QByteArray get(const char *path, const QByteArray &more = {})
{
    return QByteArray("GET ") + path + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n";
}

bool Lab::serves() const
{
    TlsClient client(server.port());
    client.send(get("/"));
    return client.waitFor("Hello, World!");
}

QList<QByteArray> clientErrors()
{
    QList<QByteArray> errors;
    test::theTrace().drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
        if (record.kind == trace::Kind::ClientError)
            errors += record.name;
    });
    return errors;
}

} // namespace

void tst_TlsListener::aConnectionServesManyRequests()
{
    Lab lab;
    QVERIFY2(lab.listening, qPrintable(lab.error + lab.server.errorString()));
    TlsClient client(lab.server.port());
    QVERIFY2(client.encrypted(), qPrintable(client.socket().errorString()));
    QVERIFY(client.socket().sessionProtocol() >= QSsl::TlsV1_2);
    for (int i = 1; i <= 3; ++i) {
        client.send(get("/"));
        QVERIFY(RawClient::until([&] { return client.received().count("Hello, World!") == i; }));
    }
    client.send(get("/slow") + get("/") + get("/slow", "Connection: close\r\n"));
    QVERIFY(client.waitForClose());
    QCOMPARE(client.received().count("HTTP/1.1 200"), 6);
    QVERIFY(client.received().endsWith("slow"));
    QVERIFY(RawClient::until([&] { return lab.server.connections() == 0; }));
}

// RFC 7301 §3.2: a server may not name a protocol that was not offered.
void tst_TlsListener::aClientOfAnotherProtocolIsServed()
{
    Lab lab;
    for (const QList<QByteArray> &offered : {QList<QByteArray>{"h2"}, {"http/1.0"}, {}}) {
        TlsClient client(lab.server.port(), offered);
        QVERIFY2(client.encrypted(), qPrintable(client.socket().errorString()));
        client.send(get("/"));
        QVERIFY(client.waitFor("Hello, World!"));
    }
}

// Between a client and the server: keeps what the server sends, as TLS records on the wire.
class Tap {
public:
    explicit Tap(quint16 server)
    {
        m_listener.setProxy(QNetworkProxy::NoProxy);
        m_server.setProxy(QNetworkProxy::NoProxy);
        m_listener.listen(QHostAddress::LocalHost);
        QObject::connect(&m_listener, &QTcpServer::newConnection, &m_server, [this, server] {
            m_client = m_listener.nextPendingConnection();
            m_server.connectToHost(QHostAddress::LocalHost, server);
            QObject::connect(m_client, &QTcpSocket::readyRead, &m_server, [this] { m_server.write(m_client->readAll()); });
        });
        QObject::connect(&m_server, &QTcpSocket::connected, &m_server, [this] { m_server.write(m_client->readAll()); });
        QObject::connect(&m_server, &QTcpSocket::readyRead, &m_server, [this] {
            const QByteArray bytes = m_server.readAll();
            m_sent += bytes;
            m_client->write(bytes);
        });
        QObject::connect(&m_server, &QTcpSocket::disconnected, &m_server, [this] { m_client->disconnectFromHost(); });
    }
    [[nodiscard]] quint16 port() const { return m_listener.serverPort(); }
    // Of the last record that the server sent (RFC 5246 §6.2.1): 21 alert, 22 handshake, 23 application data. -1: half of one.
    [[nodiscard]] int lastType() const
    {
        int type = -1;
        qsizetype at = 0;
        while (at + 5 <= m_sent.size()) {
            type = quint8(m_sent[at]);
            at += 5 + quint8(m_sent[at + 3]) * 256 + quint8(m_sent[at + 4]);
        }
        return at == m_sent.size() ? type : -1;
    }

private:
    QTcpServer m_listener;
    QTcpSocket m_server;
    QTcpSocket *m_client = nullptr; // m_listener's
    QByteArray m_sent;
};

void tst_TlsListener::everyOrderlyEndIsSaid_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::newRow("Connection: close") << get("/", "Connection: close\r\n");
    QTest::newRow("the end is the answer's") << QByteArray("GET /flood HTTP/1.0\r\n\r\n");
    QTest::newRow("the keep-alive timeout") << get("/");
    QTest::newRow("no request") << QByteArray();
}

// RFC 9112 §9.8: close_notify comes before the connection ends. (A QSslSocket cannot tell that from an end without.)
void tst_TlsListener::everyOrderlyEndIsSaid()
{
    QFETCH(QByteArray, request);
    ServerOptions options = test::patientOptions();
    options.timeouts.keepAlive = 50ms;
    options.timeouts.header = request.isEmpty() ? 50ms : options.timeouts.header;
    Lab lab(options);
    Tap tap(lab.server.port());
    TlsClient client(tap.port(), {}, QSsl::TlsV1_2); // with 1.3 every record looks like data
    QVERIFY2(client.encrypted(), qPrintable(client.socket().errorString()));
    if (!request.isEmpty())
        client.send(request);
    QVERIFY(client.waitForClose());
    QCOMPARE(tap.lastType(), 21);
}

// Everything comes at once, before the server has its connection.
void tst_TlsListener::theApplicationKnowsThatItIsSecure()
{
    Lab lab;
    TlsClient client(lab.server.port());
    client.send(get("/secure"));
    QVERIFY2(client.waitFor("\r\n\r\nhttps secure"), client.received().constData());
    HttpServer plain(lab.app);
    QVERIFY(plain.listen(QHostAddress::LocalHost, 0));
    RawClient open(plain.port());
    open.send(get("/secure"));
    QVERIFY2(open.waitFor("\r\n\r\nhttp plain"), open.received().constData());
}

void tst_TlsListener::whatCameWithTheHandshakeIsRead()
{
    Lab lab;
    TlsClient client(lab.server.port());
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + QByteArray(200'000, 'x'));
    QVERIFY(RawClient::until([&] { return client.received().endsWith(QByteArray(200'000, 'x')); }));
}

void tst_TlsListener::anUploadComesWhole()
{
    Lab lab;
    QByteArray body(1'000'000, Qt::Uninitialized);
    for (qsizetype i = 0; i < body.size(); ++i)
        body[i] = char((i * 7919) >> 4);
    TlsClient client(lab.server.port());
    QVERIFY(client.encrypted());
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + body);
    QVERIFY(RawClient::until([&] { return client.received().size() > body.size(); }));
    QVERIFY(RawClient::until([&] { return client.received().endsWith(body); }));
}

void tst_TlsListener::aSlowReaderStopsTheWriter()
{
    Lab lab;
    TlsClient client(lab.server.port());
    QVERIFY(client.encrypted());
    client.socket().setReadBufferSize(1024);
    client.send(get("/flood"));
    // nothing more is written while nobody reads
    QVERIFY(RawClient::untilSteady([&] { return lab.floodBlocks; }));
    QVERIFY(lab.floodStops > 0);
    QVERIFY2(lab.floodBlocks < 512, "the writer never had to wait");
    client.socket().setReadBufferSize(0);
    QVERIFY(client.waitFor("\r\n0\r\n\r\n"));
    QCOMPARE(lab.floodBlocks, 512);
    QCOMPARE(client.received().count('x'), 512 * 64 * 1024);
    client.send(get("/")); // and the connection goes on
    QVERIFY(client.waitFor("Hello"));
}

void tst_TlsListener::anAnswerThatEndsWithTheConnectionIsNotTruncated()
{
    Lab lab;
    TlsClient client(lab.server.port());
    client.send("GET /flood HTTP/1.0\r\n\r\n");
    QVERIFY(client.waitForClose());
    QCOMPARE(client.received().count('x'), 512 * 64 * 1024);
    QCOMPARE(client.socket().error(), QAbstractSocket::RemoteHostClosedError); // close_notify, and no reset
}

void tst_TlsListener::aRefusedUploadGetsItsAnswer()
{
    constexpr int sent = 300'000;
    ServerOptions options = test::patientOptions();
    options.maxLingerBytes = sent / 2; // it closes when so much of it is read away, and what is left is on its way
    Lab lab(options);
    TlsClient client(lab.server.port());
    QVERIFY(client.encrypted());
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n" + QByteArray(sent, 'x'));
    QVERIFY(client.waitForClose());
    QVERIFY2(client.received().startsWith("HTTP/1.1 413 "), client.received().constData());
}

void tst_TlsListener::aSlowRequestIsRefused()
{
    ServerOptions options = test::patientOptions();
    options.timeouts.rateWindow = 50ms;
    options.limits.minimumRate = 10'000;
    options.lingerTimeout = 50ms;
    Lab lab(options);
    TlsClient client(lab.server.port());
    QVERIFY(client.encrypted());
    client.send("GET / HTTP/1.1\r\n");
    QVERIFY(client.waitForClose());
    QVERIFY2(client.received().startsWith("HTTP/1.1 408 "), client.received().constData());
    QCOMPARE(clientErrors(), QList<QByteArray>{"RequestTooSlow"});
}

void tst_TlsListener::connectionsAreLimited()
{
    ServerOptions options = test::patientOptions();
    options.maxConnections = 1;
    options.lingerTimeout = 50ms;
    Lab lab(options);
    TlsClient first(lab.server.port());
    first.send(get("/"));
    QVERIFY(first.waitFor("Hello"));
    TlsClient second(lab.server.port());
    QVERIFY(second.waitForClose());
    QVERIFY2(second.received().startsWith("HTTP/1.1 503 "), second.received().constData());
    QCOMPARE(lab.server.refusedConnections(), 1u);
    first.socket().abort();
    QVERIFY(RawClient::until([&] { return lab.server.connections() == 0; }));
    QVERIFY(lab.serves());
}

void tst_TlsListener::aClientThatLeavesIsNoticed()
{
    Lab lab;
    for (const bool resets : {false, true}) {
        TlsClient client(lab.server.port());
        client.send(get("/hang"));
        QVERIFY(RawClient::until([&] { return lab.hanging; }));
        if (resets)
            client.socket().abort();
        else
            client.socket().disconnectFromHost();
        QVERIFY(RawClient::until([&] { return !lab.hanging && lab.server.connections() == 0; }));
    }
}

void tst_TlsListener::drainFinishesWhatIsInFlight()
{
    Lab lab;
    TlsClient idle(lab.server.port());
    idle.send(get("/"));
    QVERIFY(idle.waitFor("Hello"));
    TlsClient busy(lab.server.port());
    busy.send(get("/slow"));
    QVERIFY(RawClient::until([&] { return lab.server.inFlight() == 1; }));
    RawClient silent(lab.server.port()); // in its handshake
    QVERIFY(silent.connected());
    QSignalSpy drained(&lab.server, &HttpServer::drained);
    lab.server.drain(10s);
    QVERIFY(idle.waitForClose());
    QVERIFY(busy.waitForClose());
    QVERIFY(silent.waitForClose());
    QVERIFY(busy.received().contains("Connection: close\r\n") && busy.received().endsWith("slow"));
    QVERIFY(RawClient::until([&] { return drained.size() == 1; }));
    QVERIFY(drained.front().front().value<QList<CutConnection>>().isEmpty());
}

void tst_TlsListener::aClientWithoutTlsIsClosedAndTraced()
{
    Lab lab;
    RawClient plain(lab.server.port());
    QVERIFY(plain.exchange(get("/")).isEmpty());
    QVERIFY(RawClient::until([&] { return lab.server.acceptedConnections() == 1; }));
    QList<QByteArray> story;
    test::theTrace().drain([&](int, const trace::TraceRecord &record, QByteArrayView text) {
        if (record.connection == 0)
            return;
        QCOMPARE(record.connection, 1u);
        story += QByteArray(trace::toString(record.kind)) + (record.name ? ' ' + QByteArray(record.name) : QByteArray());
        if (record.kind == trace::Kind::ConnectionOpened)
            QVERIFY(text.startsWith("127.0.0.1:"));
    });
    QCOMPARE(story, (QList<QByteArray>{"ConnectionOpened", "ClientError TlsHandshakeFailed", "ConnectionClosed"}));
    QVERIFY(lab.serves());
}

void tst_TlsListener::aHandshakeIsBoundedInTime()
{
    ServerOptions options = test::patientOptions();
    options.timeouts.handshake = 50ms;
    Lab lab(options);
    RawClient silent(lab.server.port());
    QVERIFY(silent.waitForClose());
    QVERIFY(RawClient::until([&] { return clientErrors().contains("TlsHandshakeFailed"); }));
}

void tst_TlsListener::handshakesAreBoundedInNumber()
{
    ServerOptions options = test::patientOptions();
    options.maxHandshakes = 1;
    Lab lab(options);
    {
        RawClient silent(lab.server.port());
        QVERIFY(silent.connected());
        RawClient second(lab.server.port());
        QVERIFY(second.waitForClose());
        QCOMPARE(lab.server.refusedConnections(), 1u);
    }
    QVERIFY(RawClient::until([&] { return lab.server.acceptedConnections() == 1; })); // the first has failed
    QVERIFY(lab.serves());
}

void tst_TlsListener::aClientMayLeaveInTheHandshake()
{
    Lab lab;
    QByteArray hello; // as a client sends it
    {
        QTcpServer listener;
        QVERIFY(listener.listen(QHostAddress::LocalHost));
        TlsClient client(listener.serverPort());
        QVERIFY(RawClient::until([&] { return listener.hasPendingConnections(); }));
        QTcpSocket *peer = listener.nextPendingConnection();
        QVERIFY(RawClient::until([&] { return peer->bytesAvailable() > 100; }));
        hello = peer->readAll();
    }
    for (qsizetype sent = 1; sent <= hello.size(); sent += 7) {
        RawClient client(lab.server.port());
        client.send(hello.first(sent));
        client.socket().disconnectFromHost();
        QVERIFY(client.waitForClose());
    }
    const auto tried = quint64((hello.size() + 6) / 7);
    QVERIFY(RawClient::until([&] { return lab.server.acceptedConnections() == tried; }));
    QVERIFY(lab.serves());
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_TlsListener)
#include "tst_tlslistener.moc"
