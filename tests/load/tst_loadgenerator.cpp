// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/labplan.h"
#include "load/loadgenerator.h"
#include "load/loadloop.h"
#include "tests/load/stubserver.h"
#include "tests/support/testcase.h"

#include <thread>

using namespace loopscope;
using namespace loopscope::load;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using test::StubServer;

class tst_LoadGenerator : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void everyRequestThatIsDueIsSentAndCounted();
    void requestsAreDueAtTheirRate();
    void aServerThatStandsStillIsChargedForAllThatWasDue();
    void connectionsAreKeptAndBounded();
    void anErrorIsCountedByItsKind_data();
    void anErrorIsCountedByItsKind();
    void aRefusedConnectionIsSaid();
    void aConnectionThatTheServerClosesIsReplaced_data();
    void aConnectionThatTheServerClosesIsReplaced();
    void whatWaitsForAConnectionTimesOutToo();
    void stoppingEndsTheWaitFromAnotherThread();
    void nothingIsDueAfterStop();

private:
    static constexpr qint64 ms = 1'000'000;

    // A load against a server, to its end.
    struct Load {
        LoadLoop loop;
        QList<LoadSample> samples;
        std::optional<LoadGenerator> generator;

        Load(quint16 port, const QByteArray &path, LoadOptions options)
        {
            const Target target{u"127.0.0.1"_s, port};
            options.request = requestBytes("GET", path, target);
            QString error;
            const auto address = resolve(loop, target, error);
            generator.emplace(loop, *address, options, [this](const LoadSample &sample) { samples.append(sample); });
        }
        void run(quint64 requests)
        {
            generator->start(requests);
            loop.runUntil([this] { return generator->isDone(); });
        }
    };
    static LoadOptions atRate(int rate)
    {
        LoadOptions options;
        options.rate = rate;
        options.timeout = std::chrono::milliseconds(test::patience);
        return options;
    }
};

void tst_LoadGenerator::everyRequestThatIsDueIsSentAndCounted()
{
    StubServer server;
    Load load(server.port(), "/healthz", atRate(2'000));
    load.run(1'000);
    const LoadTally tally = load.generator->tally();
    QCOMPARE(tally.due, quint64(1'000));
    QCOMPARE(tally.answered, quint64(1'000));
    QCOMPARE(tally.errorCount(), quint64(0));
    QCOMPARE(load.samples.size(), 1'000);
    QCOMPARE(server.requests(), 1'000);
}

void tst_LoadGenerator::requestsAreDueAtTheirRate()
{
    StubServer server;
    Load load(server.port(), "/healthz", atRate(300));
    load.run(100);
    std::sort(load.samples.begin(), load.samples.end(),
              [](const LoadSample &a, const LoadSample &b) { return a.dueNs < b.dueNs; });
    const qint64 start = load.samples.first().dueNs;
    for (int i = 0; i < 100; ++i) {
        QCOMPARE(load.samples[i].dueNs - start, i * 1'000 * ms / 300);
        QVERIFY(load.samples[i].endedNs > load.samples[i].dueNs); // never early
    }
}

// The point of an open loop: while the server stands still, the requests that should have been answered meanwhile wait,
// each as long as it has been due. A closed loop would have one slow request.
void tst_LoadGenerator::aServerThatStandsStillIsChargedForAllThatWasDue()
{
    StubServer server;
    Load load(server.port(), "/healthz", atRate(100));
    constexpr qint64 blockedMs = 500;
    load.generator->start();
    load.loop.runUntil([&] { return load.samples.size() >= 5; });
    const qint64 before = LoadLoop::nowNs();
    server.block(blockedMs);
    load.loop.runUntil([&] { return load.samples.last().dueNs > before + 2 * blockedMs * ms; });
    load.generator->stop();
    load.loop.runUntil([&] { return load.generator->isDone(); });
    LatencyHistogram latencies;
    for (const LoadSample &sample : load.samples)
        latencies.add(sample.latencyNs());
    // One was due every 10 ms of those 500: the first waited for nearly all of them, and all but the last few for long.
    QVERIFY(latencies.maximum() >= (blockedMs - 10) * ms);
    const auto waited = std::count_if(load.samples.begin(), load.samples.end(),
                                      [](const LoadSample &sample) { return sample.latencyNs() >= 50 * ms; });
    QVERIFY2(waited >= blockedMs / 10 - 10, qPrintable(QString::number(waited)));
}

void tst_LoadGenerator::connectionsAreKeptAndBounded()
{
    StubServer server;
    LoadOptions options = atRate(1'000);
    options.connections = 4;
    Load load(server.port(), "/healthz", options);
    server.hold();
    load.generator->start(500);
    load.loop.runUntil([&] { return load.generator->tally().due > 100; }); // meanwhile
    server.release();
    load.loop.runUntil([&] { return load.generator->isDone(); });
    QCOMPARE(load.generator->tally().answered, quint64(500));
    QCOMPARE(load.generator->tally().mostConnections, quint64(4));
    QCOMPARE(server.connections(), 4);
    QCOMPARE(server.mostOpen(), 4);
}

void tst_LoadGenerator::anErrorIsCountedByItsKind_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<int>("kind");
    QTest::newRow("an answer with an error's status") << QByteArray("/status/503") << int(LoadError::Status);
    QTest::newRow("a connection that ends without an answer") << QByteArray("/close") << int(LoadError::Closed);
    QTest::newRow("an answer that is no HTTP") << QByteArray("/garbage") << int(LoadError::Protocol);
    QTest::newRow("no answer") << QByteArray("/never") << int(LoadError::Timeout);
}

void tst_LoadGenerator::anErrorIsCountedByItsKind()
{
    QFETCH(QByteArray, path);
    QFETCH(int, kind);
    StubServer server;
    LoadOptions options = atRate(1'000);
    if (kind == int(LoadError::Timeout))
        options.timeout = 300ms;
    Load load(server.port(), path, options);
    load.run(20);
    const LoadTally tally = load.generator->tally();
    QCOMPARE(tally.of(LoadError(kind)), quint64(20));
    QCOMPARE(tally.errorCount(), quint64(20));
    QCOMPARE(tally.errorWords(), u"20 %1"_s.arg(QLatin1StringView(toString(LoadError(kind)))));
    // An answer is a latency; so is a time-out, which was waited for at least as long. The others measured nothing.
    const bool measured = kind == int(LoadError::Status) || kind == int(LoadError::Timeout);
    for (const LoadSample &sample : load.samples) {
        QCOMPARE(sample.error, kind);
        QCOMPARE(sample.hasLatency(), measured);
        if (kind == int(LoadError::Timeout))
            QVERIFY(sample.latencyNs() >= 300 * ms);
    }
}

void tst_LoadGenerator::aRefusedConnectionIsSaid()
{
    constexpr quint16 port = 1; // nobody's, and nobody gets it by chance
    Load load(port, "/healthz", atRate(1'000));
    load.run(10);
    QCOMPARE(load.generator->tally().of(LoadError::Connect), quint64(10));
    QCOMPARE(load.generator->tally().answered, quint64(0));
    QCOMPARE(load.generator->connectError(), QByteArray("connection refused"));
}

void tst_LoadGenerator::aConnectionThatTheServerClosesIsReplaced_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::newRow("it says so") << QByteArray("/once");
    QTest::newRow("it does not") << QByteArray("/hangup");
    QTest::newRow("its end is the answer's") << QByteArray("/until-end");
}

void tst_LoadGenerator::aConnectionThatTheServerClosesIsReplaced()
{
    QFETCH(QByteArray, path);
    StubServer server;
    Load load(server.port(), path, atRate(500));
    load.run(100);
    QCOMPARE(load.generator->tally().answered, quint64(100));
    QCOMPARE(load.generator->tally().errorCount(), quint64(0));
    QVERIFY(load.generator->tally().connections >= 100);
}

void tst_LoadGenerator::whatWaitsForAConnectionTimesOutToo()
{
    StubServer server;
    LoadOptions options = atRate(1'000);
    options.connections = 1;
    options.timeout = 200ms;
    Load load(server.port(), "/never", options);
    load.run(300);
    QCOMPARE(load.generator->tally().of(LoadError::Timeout), quint64(300));
    QVERIFY2(server.requests() <= 20, qPrintable(QString::number(server.requests()))); // hardly any was ever sent
    for (const LoadSample &sample : load.samples)
        QVERIFY(sample.latencyNs() >= 200 * ms);
}

void tst_LoadGenerator::stoppingEndsTheWaitFromAnotherThread()
{
    StubServer server;
    Load load(server.port(), "/never", atRate(100));
    load.generator->start();
    std::thread other([&load] { load.loop.stop(); });
    QVERIFY(!load.loop.runUntil([] { return false; }));
    other.join();
    QVERIFY(load.loop.isStopped());
}

void tst_LoadGenerator::nothingIsDueAfterStop()
{
    StubServer server;
    Load load(server.port(), "/healthz", atRate(1'000));
    load.generator->start();
    QVERIFY(load.loop.runUntil([&] { return load.samples.size() >= 50; }));
    QVERIFY(!load.generator->isDone());
    load.generator->stop();
    QVERIFY(load.loop.runUntil([&] { return load.generator->isDone(); }));
    const LoadTally tally = load.generator->tally();
    QCOMPARE(quint64(load.samples.size()), tally.due);
    QCOMPARE(tally.answered, tally.due);
    QVERIFY(load.generator->lateness().count() > 0);
}

QTEST_GUILESS_MAIN(tst_LoadGenerator)
#include "tst_loadgenerator.moc"
