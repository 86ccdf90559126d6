// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/delays.h"
#include "server/net/tlsfiles.h"
#include "server/practice/practicesite.h"
#include "tests/integration/blockingclient.h"
#include "tests/integration/describedaccount.h"
#include "tests/integration/practicequestions.h"
#include "tests/integration/servedtrace.h"
#include "tests/support/testcase.h"

#include <QtCore/QDeadlineTimer>
#include <QtCore/QDir>
#include <QtCore/QTemporaryDir>
#include <QtNetwork/QSslCertificate>

#include <array>
#include <atomic>
#include <mutex>
#include <vector>

using namespace loopscope;
using namespace loopscope::model;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using test::BlockingClient;
using test::Question;

namespace {

// How a question is asked.
enum class Way : quint8 {
    Whole,
    Pieces, // with pauses
    Chunked, // its body
    ChunkedPieces,
    Continue, // its body, when the server has said so
    Pipelined, // between two others
    Http10,
    SlowReader,
    HalfClosed,
    LeavesInHead,
    LeavesInBody,
    LeavesAtOnce,
    LeavesInAnswer,
};
constexpr int wayCount = 13;

constexpr auto simple = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr int smallBuffer = 4'096; // bytes

QByteArray chunked(const QByteArray &body)
{
    constexpr qsizetype most = 40'000;
    QByteArray all;
    for (qsizetype at = 0; at < body.size(); at += most) {
        const QByteArray piece = body.mid(at, most);
        all += QByteArray::number(piece.size(), 16) + "\r\n" + piece + "\r\n";
    }
    return all + "0\r\n\r\n";
}

QByteArray headOf(const Question &question, Way way)
{
    if (question.malformed)
        return question.target;
    QByteArray head = question.method + ' ' + question.target + (way == Way::Http10 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n")
        + "Host: a\r\n" + question.fields;
    if (question.body && (way == Way::Chunked || way == Way::ChunkedPieces))
        head += "Transfer-Encoding: chunked\r\n";
    else if (question.body)
        head += "Content-Length: " + QByteArray::number(question.body->size()) + "\r\n";
    if (way == Way::Continue && question.body)
        head += "Expect: 100-continue\r\n";
    return head + "\r\n";
}

QByteArray bodyOf(const Question &question, Way way)
{
    if (!question.body)
        return {};
    return way == Way::Chunked || way == Way::ChunkedPieces ? chunked(*question.body) : *question.body;
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

// One of the clients, on a thread of its own. Its connection is kept from one question to the next where it can be.
class Asker {
public:
    Asker(quint16 port, const std::optional<QSslConfiguration> &tls)
        : m_client(port, tls)
        , m_isSecure(tls)
    {
    }

    bool askSimply() { return connected() && m_client.send(simple) && m_client.receive(); }
    // False: an answer that had to come did not.
    bool ask(const Question &question, Way way)
    {
        m_head = headOf(question, way);
        m_body = bodyOf(question, way);
        m_toHead = question.method == "HEAD";
        if (way == Way::SlowReader && !m_client.connect(m_isSecure ? 0 : smallBuffer))
            return false;
        if (!connected())
            return false;
        const bool went = ask(way);
        const bool isOver = way == Way::SlowReader || way == Way::Http10 || way >= Way::HalfClosed;
        if (isOver || question.malformed || m_client.answer().closes)
            m_client.disconnect();
        return went;
    }

private:
    bool connected() { return m_client.isConnected() || m_client.connect(); }
    bool ask(Way way)
    {
        switch (way) {
        case Way::Whole:
        case Way::Chunked:
        case Way::Http10: sendAll(); return m_client.receive(m_toHead);
        case Way::Pieces:
        case Way::ChunkedPieces: (void)sendSlowly(m_client, m_head + m_body, 3, 2ms); return m_client.receive(m_toHead);
        case Way::Continue: return askWithLeave();
        case Way::Pipelined: return askBetween();
        case Way::SlowReader: sendAll(); return m_client.receive(m_toHead, 64 * 1024, 1ms);
        case Way::HalfClosed:
            sendAll();
            if (!m_isSecure)
                m_client.finishSending();
            (void)m_client.receive(m_toHead); // the server may take it for one who has left
            return true;
        case Way::LeavesInHead: return m_client.send(m_head.first(m_head.size() / 2));
        case Way::LeavesInBody: (void)m_client.send(QByteArray(m_head + m_body.first(m_body.size() / 2))); return true;
        case Way::LeavesAtOnce: sendAll(); return true;
        case Way::LeavesInAnswer: sendAll(); return m_client.receiveSome(256);
        }
        return false;
    }
    // What is refused before it is all there may not be taken any more: the answer says.
    void sendAll() { (void)m_client.send(QByteArray(m_head + m_body)); }
    bool askWithLeave()
    {
        if (!m_client.send(m_head))
            return false;
        if (!m_body.isEmpty() && m_client.receiveContinue())
            (void)m_client.send(m_body);
        return m_client.receive(m_toHead);
    }
    bool askBetween()
    {
        (void)m_client.send(QByteArray(simple + m_head + m_body + simple));
        if (!m_client.receive() || !m_client.receive(m_toHead))
            return false;
        return m_client.answer().closes || m_client.receive();
    }

    BlockingClient m_client;
    const bool m_isSecure;
    QByteArray m_head;
    QByteArray m_body;
    bool m_toHead = false;
};

// Requests of several clients at once: of every `nth` the next question in the next way, else a simple one.
class Mix {
public:
    static constexpr int clients = 8;
    static constexpr int aheadOfTheSession = 16; // requests of a client: a record that the ring has no room for is lost

    Mix(int requests, int nth)
        : m_requests(requests)
        , m_nth(nth)
    {
    }
    // What went wrong, or empty.
    QString run(test::ServedTrace &served, const std::optional<QSslConfiguration> &tls, Session &session)
    {
        std::vector<std::thread> threads;
        m_running = clients;
        for (int i = 0; i < clients; ++i) {
            threads.emplace_back([&] {
                askAll(served.port, tls);
                --m_running;
            });
        }
        const auto give = QDeadlineTimer(2 * test::patience);
        while (m_running > 0 && !give.hasExpired()) {
            session.drain(served.trace);
            ++m_drains;
            std::this_thread::sleep_for(2ms); // as a window does, which drains once a frame
        }
        if (m_running > 0)
            fail(u"it takes too long"_s);
        for (std::thread &thread : threads)
            thread.join();
        return m_failure;
    }

private:
    void askAll(quint16 port, const std::optional<QSslConfiguration> &tls)
    {
        Asker asker(port, tls);
        for (int own = 1, n = m_asked++; n < m_requests && !m_failed; n = m_asked++, ++own) {
            if (n % m_nth != 0) {
                if (!asker.askSimply())
                    fail(u"no answer to a simple one"_s);
            } else {
                const auto [question, way] = at(n / m_nth);
                if (!asker.ask(question, way))
                    fail(u"%1 %2, way %3"_s
                             .arg(QString::fromLatin1(question.method), QString::fromLatin1(question.target.left(80)))
                             .arg(int(way)));
            }
            for (const int now = m_drains; own % aheadOfTheSession == 0 && m_drains < now + 2 && !m_failed;)
                std::this_thread::sleep_for(1ms);
        }
    }
    // Once through all questions with ways that differ, then again with the next.
    std::pair<Question, Way> at(int index) const
    {
        const int round = index / int(m_questions.size());
        const int place = index % int(m_questions.size());
        return {m_questions[place], Way((place + round) % wayCount)};
    }
    void fail(const QString &why)
    {
        const std::lock_guard lock(m_mutex);
        m_failed = true;
        if (m_failure.isEmpty())
            m_failure = why;
    }

    const int m_requests;
    const int m_nth;
    const QList<Question> m_questions = test::practiceQuestions();
    std::atomic<int> m_asked = 0;
    std::atomic<int> m_drains = 0;
    std::atomic<int> m_running = 0;
    std::atomic<bool> m_failed = false;
    std::mutex m_mutex; // of m_failure
    QString m_failure;
};

std::optional<QSslConfiguration> serverTls(bool isSecure)
{
    QSslConfiguration configuration;
    QString error;
    const QString folder = QStringLiteral(LOOPSCOPE_SOURCE) % u"/tests/support/tls/";
    if (isSecure && net::loadTlsFiles(folder + u"cert.pem", folder + u"key.pem", configuration, error))
        return configuration;
    return std::nullopt;
}

std::optional<QSslConfiguration> clientTls(bool isSecure)
{
    if (!isSecure)
        return std::nullopt;
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setCaCertificates(
        QSslCertificate::fromPath(QStringLiteral(LOOPSCOPE_SOURCE) % u"/tests/support/tls/cert.pem"));
    return configuration;
}

// How often each layer was called.
QHash<QByteArray, int> layersCalled(const Session &session)
{
    QHash<QByteArray, int> calls;
    for (int lane = 0; lane < session.laneCount(); ++lane) {
        const SliceStore &run = session.slices(lane, Track::Run);
        for (quint64 index = run.first(); index < run.end(); ++index) {
            if (run.at(index).kind == trace::Kind::Layer)
                ++calls[session.string(run.at(index).name)];
        }
    }
    return calls;
}

// A failure of the practice site is nothing that a test may log: /uncaught is one.
void ignoreUncaught()
{
    loop::EventLoop::current()->setUncaughtHandler([](const std::exception_ptr &) {});
}

} // namespace

// Who delayed whom, of all that the practice site can be asked for.
class tst_DelayRoutes : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void everyRequestIsAccountedFor_data();
    void everyRequestIsAccountedFor();

private:
    void checkAccounts(const Session &session);
};

void tst_DelayRoutes::everyRequestIsAccountedFor_data()
{
    QTest::addColumn<bool>("isSecure");
    QTest::addColumn<int>("requests");
    QTest::addColumn<int>("nth");
    QTest::addColumn<int>("callsOfARoute"); // at least
    QTest::newRow("ten thousand over http") << false << 10'000 << 5 << 4;
    QTest::newRow("some over https") << true << 800 << 2 << 1;
}

void tst_DelayRoutes::everyRequestIsAccountedFor()
{
    QFETCH(bool, isSecure);
    QFETCH(int, requests);
    QFETCH(int, nth);
    QFETCH(int, callsOfARoute);
    QTemporaryDir directory;
    const QString folder = directory.filePath(u"static"_s);
    QVERIFY(test::makeStaticFiles(folder));
    std::unique_ptr<practice::PracticeSite> site;
    QList<QByteArray> routes;
    test::ServedTrace served(
        [&]() -> web::Application & {
            ignoreUncaught();
            site = std::make_unique<practice::PracticeSite>(
                practice::PracticeOptions{.environment = web::Application::Environment::Development,
                                          .directory = directory.path(),
                                          .staticRoot = folder});
            routes = test::routesOf(site->application());
            return site->application();
        },
        serverTls(isSecure));
    QVERIFY(served.port != 0);
    served.trace.capture.chunkBytes = 16;
    Session session;
    const QString failure = Mix(requests, nth).run(served, clientTls(isSecure), session);
    served.stop([&] { site.reset(); });
    session.drain(served.trace);
    QVERIFY2(failure.isEmpty(), qPrintable(failure));
    QCOMPARE(session.server().droppedRecords, 0ULL);
    QVERIFY(session.evicted() == Session::Evicted());
    QVERIFY(session.requestCount() >= quint64(requests));
    const QHash<QByteArray, int> calls = layersCalled(session);
    QVERIFY(!routes.isEmpty());
    for (const QByteArray &route : std::as_const(routes)) {
        const QByteArray missed = route + ": a question to it belongs into practicequestions.cpp";
        QVERIFY2(calls.value(route) >= callsOfARoute, missed.constData());
    }
    checkAccounts(session);
}

// The bar: at least 95 % of the time of each, and never more than there was.
void tst_DelayRoutes::checkAccounts(const Session &session)
{
    double lowest = 1;
    QString lowestOf;
    std::array<qint64, delayPartCount> sums{};
    for (quint64 row = 0; row < session.requestCount(); ++row) {
        const DelayAccount account = accountFor(session, session.requestAt(row).number, session.lastTime());
        qint64 sum = 0;
        for (const DelayShare &share : account.shares) {
            QVERIFY2(share.ns > 0, qPrintable(test::described(session, account)));
            sum += share.ns;
            sums[std::size_t(share.part)] += share.ns;
        }
        QVERIFY2(sum <= account.total(), qPrintable(test::described(session, account)));
        if (account.accountedShare() < lowest) {
            lowest = account.accountedShare();
            lowestOf = test::described(session, account);
        }
    }
    qInfo().noquote() << "lowest share of" << session.requestCount() << "requests:" << lowest << lowestOf;
    for (int i = 0; i < delayPartCount; ++i)
        qInfo() << "ms of part" << i << sums[std::size_t(i)] / 1'000'000;
    QVERIFY2(lowest >= 0.95, qPrintable(lowestOf));
}

QTEST_GUILESS_MAIN(tst_DelayRoutes)
#include "tst_delayroutes.moc"
