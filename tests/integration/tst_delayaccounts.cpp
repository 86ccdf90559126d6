// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/delays.h"
#include "inspector/model/httphead.h"
#include "inspector/model/warnings.h"
#include "server/loop/uveventdispatcher.h"
#include "server/net/httpserver.h"
#include "server/practice/practicesite.h"
#include "server/trace/trace.h"
#include "tests/support/patientserver.h"
#include "tests/support/testcase.h"

#include <QtCore/QDeadlineTimer>
#include <QtCore/QRandomGenerator>
#include <QtCore/QTemporaryDir>
#include <QtCore/QThread>
#include <QtNetwork/QHostAddress>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <thread>
#include <vector>

using namespace loopscope;
using namespace loopscope::model;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

static constexpr qint64 ms = 1'000'000; // ns
static constexpr qint64 tick = 10 * ms; // the coarsest clock tick of a kernel, which is how exact an arrival is
static constexpr quint64 wanted = 10'000; // requests

namespace {

// A server on a thread of its own, as the desktop has it, recorded.
class Served {
public:
    explicit Served(const std::function<web::Application &()> &makeApplication)
    {
        m_thread.setEventDispatcher(new loop::UvEventDispatcher(&trace));
        m_there.moveToThread(&m_thread);
        m_thread.start();
        onServer([&] {
            m_server = std::make_unique<net::HttpServer>(makeApplication(), test::patientOptions());
            if (m_server->listen(QHostAddress::LocalHost, 0))
                port = m_server->port();
        });
    }
    // `last` runs on the server's thread when the server is gone.
    void stop(const std::function<void()> &last)
    {
        onServer([&] {
            m_server.reset();
            last();
        });
        m_thread.quit();
        m_thread.wait();
    }

    trace::Trace trace; // older than the thread that writes to it
    quint16 port = 0;

private:
    template<typename Function>
    void onServer(Function &&function)
    {
        QMetaObject::invokeMethod(&m_there, std::forward<Function>(function), Qt::BlockingQueuedConnection);
    }
    QObject m_there;
    QThread m_thread;
    std::unique_ptr<net::HttpServer> m_server;
};

// A client of plain, blocking system calls, for a thread of its own.
class BlockingClient {
public:
    explicit BlockingClient(quint16 port)
        : m_port(port)
    {
    }
    ~BlockingClient() { disconnect(); }
    BlockingClient(const BlockingClient &) = delete;
    BlockingClient &operator=(const BlockingClient &) = delete;

    bool connect()
    {
        disconnect();
        m_socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(m_port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int on = 1;
        ::setsockopt(m_socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const timeval patience{test::patience / 1'000, 0}; // a server that never answers is a failure, no test that never ends
        ::setsockopt(m_socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        m_received.clear();
        return ::connect(m_socket, reinterpret_cast<const sockaddr *>(&to), sizeof to) == 0;
    }
    void disconnect()
    {
        if (m_socket >= 0)
            ::close(std::exchange(m_socket, -1));
    }
    bool send(QByteArrayView bytes)
    {
        while (!bytes.isEmpty()) {
            const ssize_t sent = ::send(m_socket, bytes.data(), std::size_t(bytes.size()), MSG_NOSIGNAL);
            if (sent <= 0)
                return false;
            bytes = bytes.sliced(sent);
        }
        return true;
    }
    // One answer with a Content-Length; false: it did not come. `pause`: between two reads, as of a slow reader.
    bool receive(std::chrono::milliseconds pause = 0ms)
    {
        qsizetype wanted = -1;
        QByteArray buffer(256 * 1024, Qt::Uninitialized);
        for (;;) {
            if (const qsizetype head = m_received.indexOf("\r\n\r\n"); wanted < 0 && head >= 0)
                wanted = head + 4 + headerValue(m_received, "Content-Length").toByteArray().toLongLong();
            if (wanted >= 0 && m_received.size() >= wanted) {
                m_received.remove(0, wanted);
                return true;
            }
            const ssize_t got = ::recv(m_socket, buffer.data(), std::size_t(buffer.size()), 0);
            if (got <= 0)
                return false;
            m_received.append(buffer.constData(), got);
            if (pause > 0ms)
                std::this_thread::sleep_for(pause);
        }
    }
    bool exchange(QByteArrayView request) { return send(request) && receive(); }

private:
    const quint16 m_port;
    int m_socket = -1;
    QByteArray m_received; // and not taken
};

QByteArray post(const QByteArray &target, qsizetype bytes)
{
    return "POST " + target + " HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: " + QByteArray::number(bytes)
        + "\r\n\r\n" + QByteArray(bytes, 'm');
}

QByteArray get(const QByteArray &target)
{
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

// In so many pieces, with pauses as a slow client makes them.
bool sendSlowly(BlockingClient &client, const QByteArray &request, int pieces, std::chrono::milliseconds pause)
{
    const qsizetype step = request.size() / pieces + 1;
    for (qsizetype at = 0; at < request.size(); at += step) {
        if (at > 0)
            std::this_thread::sleep_for(pause);
        if (!client.send(QByteArrayView(request).sliced(at, qMin(step, request.size() - at))))
            return false;
    }
    return true;
}

// What one client does, out of `dice`: mostly short questions, and of everything that takes time some.
bool ask(BlockingClient &client, quint32 dice)
{
    const quint32 kind = dice % 1'000;
    const auto some = [dice](quint32 most) { return int(1 + dice / 1'000 % most); };
    if (kind < 10)
        return client.exchange(post("/message?mode=sync", some(20) * 100'000));
    if (kind < 60)
        return client.exchange(post("/message", some(20) * 1'000));
    if (kind < 80)
        return client.send(get("/download?mb=" + QByteArray::number(some(8)))) && client.receive(kind < 70 ? 1ms : 0ms);
    if (kind < 95)
        return sendSlowly(client, post("/message", some(20) * 1'000), 3, 3ms) && client.receive();
    if (kind < 110)
        return sendSlowly(client, get("/healthz"), 2, 2ms) && client.receive();
    if (kind < 125)
        return client.exchange(get("/delay/0.01"));
    if (kind < 140)
        return client.exchange(get("/drip?duration=0.02&numbytes=5"));
    if (kind < 150) // two at once
        return client.send(QByteArray(get("/delay/0.003") + get("/healthz"))) && client.receive() && client.receive();
    return client.exchange(get("/healthz"));
}

QString described(const Session &session, const DelayAccount &account)
{
    QString text = u"#%1 %2: %3 ns"_s.arg(account.request)
                       .arg(QString::fromUtf8(session.text(session.request(account.request)->head).toByteArray().left(40)))
                       .arg(account.total());
    for (int i = 0; i < delayPartCount; ++i)
        text += u", part %1: %2"_s.arg(i).arg(account.of(DelayPart(i)));
    return text;
}

// A server with GET /hold, which holds the loop until somebody waits for it, and for `heldNs` more.
struct Holding {
    static constexpr qint64 heldNs = 300 * ms;

    std::unique_ptr<web::Application> app;
    std::atomic<bool> begun = false;
    std::atomic<bool> waited = false;
    Served served{[this]() -> web::Application & {
        app = std::make_unique<web::Application>();
        app->get("/", [](web::Request &, web::Response &res) { res.send(QByteArray("Hello")); });
        app->get("/hold", [this](web::Request &, web::Response &res) {
            const loop::Span span("holding");
            begun = true;
            while (!waited) { }
            const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(heldNs);
            while (std::chrono::steady_clock::now() < until) { }
            res.send(QByteArray("held"));
        });
        return *app;
    }};
};

// The slice of the loop in which something else stands.
const Slice &outermost(const SliceStore &run, qint64 at)
{
    quint64 outer = run.innermostAt(at);
    while (run.parent(outer) != run.end())
        outer = run.parent(outer);
    return run.at(outer);
}

// Without the time for which the system kept the loop's thread from its processor.
qint64 ownNs(const Slice &slice)
{
    return slice.duration - qint64(slice.detail) * 1'000;
}

int blockedBy(const char *name, const Session &session, const Warnings &warnings)
{
    int blocked = 0;
    for (int row = 0; row < warnings.count(); ++row) {
        const Warning &warning = warnings.at(row);
        blocked += warning.kind == Warning::Kind::LoopBlocked && session.string(warning.name) == name;
    }
    return blocked;
}

// Requests of several clients at once, which wait for the session: a record that the ring has no room for is lost.
bool askMuch(Served &served, Session &session)
{
    constexpr int clients = 8;
    constexpr int ofAConnection = 50;
    constexpr quint64 ahead = 1'000; // requests that the session has not seen
    std::atomic<quint64> asked = 0;
    std::atomic<quint64> seen = 0;
    std::atomic<int> failures = 0;
    std::atomic<int> running = clients;
    std::vector<std::thread> threads;
    for (quint32 i = 0; i < clients; ++i) {
        threads.emplace_back([&, i] {
            QRandomGenerator dice(1'000 + i);
            BlockingClient client(served.port);
            for (int n = 0; failures == 0 && asked++ < wanted; ++n) {
                while (asked > seen + ahead && failures == 0)
                    std::this_thread::sleep_for(1ms);
                if ((n % ofAConnection == 0 && !client.connect()) || !ask(client, dice.generate()))
                    ++failures;
            }
            --running;
        });
    }
    const auto give = QDeadlineTimer(2 * test::patience);
    while (running > 0 && !give.hasExpired()) {
        session.drain(served.trace);
        seen = session.requestCount();
        std::this_thread::sleep_for(2ms); // as a window does, which drains once a frame
    }
    failures += running;
    for (std::thread &thread : threads)
        thread.join();
    return failures == 0;
}

} // namespace

// Who delayed whom, by a real server's records.
class tst_DelayAccounts : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void bytesThatWaitedForTheLoopAreAccountedFor_data();
    void bytesThatWaitedForTheLoopAreAccountedFor();
    void tenThousandMixedRequestsAreAccountedFor();
};

void tst_DelayAccounts::bytesThatWaitedForTheLoopAreAccountedFor_data()
{
    QTest::addColumn<bool>("isNew");
    QTest::newRow("on a connection that was open") << false;
    QTest::newRow("on a new connection, which waited in the backlog") << true;
}

// While one request holds the loop, another is sent: the time until it is read is the first one's fault.
void tst_DelayAccounts::bytesThatWaitedForTheLoopAreAccountedFor()
{
    QFETCH(bool, isNew);
    Holding holding;
    BlockingClient holder(holding.served.port);
    BlockingClient waiter(holding.served.port);
    QVERIFY(holder.connect());
    QVERIFY(isNew || (waiter.connect() && waiter.exchange(get("/"))));
    QVERIFY(holder.send(get("/hold")));
    while (!holding.begun)
        std::this_thread::yield();
    const qint64 sentAfter = holding.served.trace.clock().now().count();
    QVERIFY(!isNew || waiter.connect());
    QVERIFY(waiter.send(get("/?late")));
    holding.waited = true;
    QVERIFY(waiter.receive());
    QVERIFY(holder.receive());
    Session session;
    const Warnings warnings(session);
    holding.served.stop([&] { holding.app.reset(); });
    session.drain(holding.served.trace);
    const Request &late = session.requestAt(session.requestCount() - 1);
    QVERIFY(session.text(late.head).startsWith("GET /?late"));
    QVERIFY2(late.arrived != Request::unknown, "the system told nothing");
    QVERIFY(late.arrived >= sentAfter - tick);
    const DelayAccount account = accountFor(session, late.number, session.lastTime());
    const QByteArray told = described(session, account).toUtf8();
    QVERIFY2(account.of(DelayPart::BehindOthers) >= Holding::heldNs - tick, told.constData());
    QVERIFY2(account.accountedShare() > 0.95, told.constData());
    const auto other = std::find_if(account.shares.cbegin(), account.shares.cend(), [](const DelayShare &share) {
        return share.part == DelayPart::BehindOthers && share.request != 0;
    });
    QVERIFY2(other != account.shares.cend(), told.constData());
    QCOMPARE(session.string(other->name), QByteArray("holding"));
    QCOMPARE(session.string(other->file), QByteArray("tests/integration/tst_delayaccounts.cpp"));
    const Slice *span = session.slice(other->slice);
    QVERIFY(span && span->duration >= Holding::heldNs);
    const SliceStore &run = session.slices(other->slice.lane, Track::Run);
    const Slice &outer = outermost(run, span->start + 1);
    QVERIFY2(other->ns <= outer.duration, told.constData());
    QCOMPARE(blockedBy("holding", session, warnings), ownNs(outer) > Warnings::blockedNs ? 1 : 0);
}

// The bar: at least 95 % of the time of each, and never more than there was.
void tst_DelayAccounts::tenThousandMixedRequestsAreAccountedFor()
{
    QTemporaryDir directory;
    std::unique_ptr<practice::PracticeSite> site;
    Served served([&]() -> web::Application & {
        site = std::make_unique<practice::PracticeSite>(practice::PracticeOptions{.directory = directory.path()});
        return site->application();
    });
    QVERIFY(served.port != 0);
    served.trace.capture.chunkBytes = 16;
    Session session;
    QVERIFY(askMuch(served, session));
    served.stop([&] { site.reset(); });
    session.drain(served.trace);
    QCOMPARE(session.server().droppedRecords, 0ULL);
    QVERIFY(session.requestCount() >= wanted);

    double lowest = 1;
    QString lowestOf;
    std::array<qint64, delayPartCount> sums{};
    int late = 0;
    for (quint64 row = 0; row < session.requestCount(); ++row) {
        const DelayAccount account = accountFor(session, session.requestAt(row).number, session.lastTime());
        qint64 sum = 0;
        for (const DelayShare &share : account.shares) {
            QVERIFY2(share.ns > 0, qPrintable(described(session, account)));
            sum += share.ns;
            sums[std::size_t(share.part)] += share.ns;
        }
        QVERIFY2(sum <= account.total(), qPrintable(described(session, account)));
        if (account.accountedShare() < lowest) {
            lowest = account.accountedShare();
            lowestOf = described(session, account);
        }
        late += account.readLate > 0;
    }
    qInfo().noquote() << "lowest share of" << session.requestCount() << "requests:" << lowest << lowestOf;
    qInfo().noquote() << "ms by part:";
    for (int i = 0; i < delayPartCount; ++i)
        qInfo() << i << sums[std::size_t(i)] / ms;
    qInfo() << "read late:" << late;
    QVERIFY2(lowest >= 0.95, qPrintable(lowestOf));
}

QTEST_GUILESS_MAIN(tst_DelayAccounts)
#include "tst_delayaccounts.moc"
