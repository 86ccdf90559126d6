// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/connection.h"
#include "server/web/application.h"
#include "tests/support/loopmain.h"
#include "tests/support/patientserver.h"
#include "tests/support/rawclient.h"
#include "tests/support/testcase.h"

#include <QtNetwork/QHostAddress>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace loopscope;
using namespace loopscope::net;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using test::RawClient;

// Clients that leave at every point of an exchange.
class tst_Connection : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aClientMayLeaveAfterEveryByteItSends_data();
    void aClientMayLeaveAfterEveryByteItSends();
    void aClientMayLeaveWhileItReceives_data();
    void aClientMayLeaveWhileItReceives();
    void littleIsCopiedForAClientThatReadsNothing();
};

namespace {

enum class Leaving { Close, Reset };
enum class When { AtOnce, AfterTheServerHasSeenIt };

constexpr int downloadBlocks = 256; // of 64 KiB: more than the kernel keeps on both sides

struct Lab {
    Lab()
        : server(app, test::patientOptions())
    {
        app.get("/", [](web::Request &, web::Response &res) { res.send(QByteArray("Hello, World!")); });
        app.get("/slow", [](web::Request &, web::Response &res) -> loop::Task<> {
            co_await loop::sleep(1ms);
            res.send(QByteArray("slow"));
        });
        app.post("/upload", [](web::Request &req, web::Response &res) -> loop::Task<> {
            co_await loop::sleep(1ms);
            const QByteArray body = co_await req.read();
            co_await loop::sleep(1ms);
            res.send(body);
        });
        app.get("/download", [this](web::Request &, web::Response &res) { return download(res, &downloadedBlocks); });
        listening = server.listen(QHostAddress::LocalHost, 0);
    }
    static loop::Task<> download(web::Response &res, int *written)
    {
        const QByteArray block(64 * 1024, 'x');
        for (int i = 0; i < downloadBlocks && res.isWritable(); ++i) {
            ++*written;
            if (!res.write(block))
                co_await res.drained();
        }
        if (res.isWritable())
            res.end();
    }
    // Nobody is left of `accepted` connections, and the next client is served.
    [[nodiscard]] bool isWell(quint64 accepted)
    {
        const auto nobodyLeft = [&] { return server.acceptedConnections() >= accepted && server.connections() == 0; };
        if (!RawClient::until(nobodyLeft))
            return false;
        {
            RawClient client(server.port());
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            if (!client.waitFor("Hello, World!"))
                return false;
        }
        return RawClient::until([&] { return server.connections() == 0; });
    }

    int downloadedBlocks = 0; // given to the response
    web::Application app;
    HttpServer server;
    bool listening = false;
};

// A socket of the system, for a QTcpSocket would not leave in the middle.
class Leaver {
public:
    // `receiveBuffer`: bytes that the kernel keeps for it; 0: its default.
    explicit Leaver(quint16 port, int receiveBuffer = 0)
        : m_descriptor(::socket(AF_INET, SOCK_STREAM, 0))
    {
        if (receiveBuffer > 0)
            ::setsockopt(m_descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, sizeof receiveBuffer);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        m_connected = ::connect(m_descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
    }
    ~Leaver() { ::close(m_descriptor); }
    Leaver(const Leaver &) = delete;
    Leaver &operator=(const Leaver &) = delete;

    [[nodiscard]] bool send(QByteArrayView bytes) const
    {
        return m_connected
            && ::send(m_descriptor, bytes.data(), std::size_t(bytes.size()), MSG_NOSIGNAL) == bytes.size();
    }
    // Takes `bytes` of the answer, letting the server run meanwhile.
    [[nodiscard]] bool receive(qsizetype bytes) const
    {
        return RawClient::until([&] {
            char buffer[64 * 1024];
            const qsizetype most = qMin(bytes, qsizetype(sizeof buffer));
            const ssize_t got = most > 0 ? ::recv(m_descriptor, buffer, std::size_t(most), MSG_DONTWAIT) : 0;
            bytes -= qMax<ssize_t>(got, 0);
            return bytes == 0;
        });
    }
    void resetOnClose() const
    {
        const linger atOnce{1, 0};
        ::setsockopt(m_descriptor, SOL_SOCKET, SO_LINGER, &atOnce, sizeof atOnce);
    }

private:
    const int m_descriptor;
    bool m_connected = false;
};

const QByteArray downloadRequest = "GET /download HTTP/1.1\r\nHost: a\r\n\r\n";

} // namespace

void tst_Connection::aClientMayLeaveAfterEveryByteItSends_data()
{
    QTest::addColumn<QByteArray>("script");
    QTest::addColumn<Leaving>("leaving");
    QTest::addColumn<When>("when");
    const struct {
        const char *name;
        QByteArray script;
    } scripts[] = {
        {"a GET", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {"a chunked upload, slowly read", "POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                                          "3\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n"},
        {"a download", downloadRequest},
        {"two at once", "GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
    };
    for (const auto &[name, script] : scripts) {
        for (const When when : {When::AtOnce, When::AfterTheServerHasSeenIt}) {
            const char *at = when == When::AtOnce ? "at once" : "after the server has seen it";
            QTest::addRow("%s, closed %s", name, at) << script << Leaving::Close << when;
            QTest::addRow("%s, reset %s", name, at) << script << Leaving::Reset << when;
        }
    }
}

void tst_Connection::aClientMayLeaveAfterEveryByteItSends()
{
    QFETCH(QByteArray, script);
    QFETCH(Leaving, leaving);
    QFETCH(When, when);
    Lab lab;
    QVERIFY(lab.listening);
    for (qsizetype sent = 0; sent <= script.size(); ++sent) {
        const quint64 accepted = lab.server.acceptedConnections() + 1;
        {
            const Leaver client(lab.server.port());
            QVERIFY(client.send(QByteArrayView(script).first(sent)));
            if (when == When::AfterTheServerHasSeenIt) {
                QVERIFY(RawClient::until([&] { return lab.server.acceptedConnections() == accepted; }));
                QCoreApplication::processEvents(QEventLoop::AllEvents); // a turn, which reads what was sent
            }
            if (leaving == Leaving::Reset)
                client.resetOnClose();
        }
        QVERIFY2(lab.isWell(accepted), qPrintable(u"after %1 bytes"_s.arg(sent)));
    }
}

void tst_Connection::aClientMayLeaveWhileItReceives_data()
{
    QTest::addColumn<QByteArray>("script");
    QTest::addColumn<qsizetype>("bytes");
    QTest::addColumn<Leaving>("leaving");
    const qsizetype points[] = {0, 1, 17, 200, 64 * 1024, 1024 * 1024, downloadBlocks * 64 * 1024};
    for (const qsizetype bytes : points) {
        for (const Leaving leaving : {Leaving::Close, Leaving::Reset}) {
            const char *how = leaving == Leaving::Close ? "closed" : "reset";
            QTest::addRow("a download, %s after %d bytes", how, int(bytes)) << downloadRequest << bytes << leaving;
            QTest::addRow("two downloads, %s after %d bytes", how, int(bytes))
                << QByteArray(downloadRequest + downloadRequest) << bytes << leaving;
        }
    }
}

void tst_Connection::aClientMayLeaveWhileItReceives()
{
    QFETCH(QByteArray, script);
    QFETCH(qsizetype, bytes);
    QFETCH(Leaving, leaving);
    Lab lab;
    {
        const Leaver client(lab.server.port());
        QVERIFY(client.send(script));
        QVERIFY(RawClient::until([&] { return lab.server.inFlight() == 1; }));
        QVERIFY(client.receive(bytes));
        if (leaving == Leaving::Reset)
            client.resetOnClose();
    }
    QVERIFY(lab.isWell(1));
}

// Without the limit of unsent bytes the kernel takes megabytes at once (connection.cpp, unsentBytes).
void tst_Connection::littleIsCopiedForAClientThatReadsNothing()
{
    Lab lab;
    const Leaver client(lab.server.port(), 4096);
    QVERIFY(client.send(downloadRequest));
    QVERIFY(RawClient::untilSteady([&] { return lab.downloadedBlocks; }));
    // 256 KiB that are not sent, 64 KiB of the high-water mark, the client's window, and a block that goes beyond
    QVERIFY2(lab.downloadedBlocks * 64 <= 256 + 64 + 64 + 64, qPrintable(QString::number(lab.downloadedBlocks)));
    const int before = lab.downloadedBlocks;
    QVERIFY(client.receive(512 * 1024)); // and when it reads, it goes on
    QVERIFY(RawClient::until([&] { return lab.downloadedBlocks > before; }));
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_Connection)
#include "tst_connection.moc"
