// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/labrun.h"
#include "load/promptwakeup.h"
#include "server/trace/clock.h"
#include "tests/load/stubserver.h"
#include "tests/support/testcase.h"

#include <QtTest/QSignalSpy>

#include <thread>

#ifdef Q_OS_LINUX
#include <sched.h>
#include <sys/resource.h>
#endif

using namespace loopscope;
using namespace loopscope::load;
using namespace Qt::StringLiterals;
using test::StubServer;

class tst_LabRun : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void theBlockingVariantMakesTheProbeWaitForItsWholeTime();
    void aPromptThreadKeepsItsPriority();
    void theTimesAreOnTheTracesClock();
    void anOrderIsReadWithoutAProbe();
    void variantsTakeTurns();
    void aRunThatFailsSaysWhy_data();
    void aRunThatFailsSaysWhy();
    void aServerThatIsNotThereIsSaid();
    void aServerThatNeverAnswersIsGivenUp_data();
    void aServerThatNeverAnswersIsGivenUp();
    void theFirstQuestionTakesAnyAnswer();
    void cancellingEndsSoonAndKeepsWhatWasMeasured();
    void destroyingARunThatGoesOnEndsIt();

private:
    static constexpr qint64 ms = 1'000'000;

    static LabPlan plan(quint16 port, int workMs)
    {
        LabPlan plan;
        plan.name = "x";
        plan.server = {u"127.0.0.1"_s, port};
        const QByteArray work = "&ms=" + QByteArray::number(workMs);
        plan.variants = {{"blocking", {}, false, "/lab/x?variant=blocking" + work},
                         {"right", {}, true, "/lab/x?variant=right" + work}};
        return plan;
    }
    static LabReport run(const LabPlan &plan)
    {
        LabRun run;
        LabReport report;
        bool ended = false;
        QObject::connect(&run, &LabRun::finished, &run, [&](const LabReport &result) {
            report = result;
            ended = true;
        });
        run.start(plan);
        if (!test::waitFor([&] { return ended; }))
            report.error = u"it did not end"_s;
        return report;
    }
};

void tst_LabRun::theBlockingVariantMakesTheProbeWaitForItsWholeTime()
{
    StubServer server;
    LabPlan plan = this->plan(server.port(), 300);
    plan.runs = 2;
    const LabReport report = run(plan);
    QVERIFY2(report.isComplete(), qPrintable(report.error));
    QCOMPARE(report.results.size(), 2);
    const LabResult &blocking = report.results[0];
    const LabResult &right = report.results[1];
    QCOMPARE(blocking.runs.size(), 2);
    QVERIFY(blocking.medianMilliseconds() >= 300);
    QVERIFY(blocking.medianDurationNs() >= 300 * ms);
    // A probe is due every 10 ms, so that the first of the window waits for all of it but 10 ms. This needs no fast
    // machine.
    QVERIFY2(blocking.shareOfWork() >= 0.8,
             qPrintable(QString::number(blocking.shareOfWork())));
    QVERIFY2(blocking.during.count() >= 50, qPrintable(QString::number(blocking.during.count())));
    QVERIFY(blocking.quiet.count() > 50);
    QCOMPARE(blocking.probes.errorCount(), quint64(0));
    QCOMPARE(blocking.probes.due, blocking.during.count() + blocking.quiet.count());
    QVERIFY(right.during.count() >= 50);
    QCOMPARE(report.reference(), 1);
    QCOMPARE(report.ratio(1), 1.0);
    // how large it is, is the machine's: nobody knows how long a probe of a busy one takes without the work
    const auto compared = [](const LabResult &result) { return double(result.during.percentile(LabReport::comparedPercent)); };
    QCOMPARE(report.ratio(0), compared(blocking) / compared(right));
    for (const LabMeasurement &one : blocking.runs) {
        QVERIFY(one.sentNs - one.beganNs >= 200 * ms); // it settled
        QVERIFY(one.endedNs - one.beganNs >= 1'000 * ms); // a second at least
        QVERIFY(one.maximumNs >= one.p99Ns && one.p99Ns > 0 && one.probes > 0);
        QVERIFY(one.durationNs() >= qint64(one.milliseconds * 1e6));
    }
}

// It asks for the next turn, not for more of them: whoever started the process chose that.
void tst_LabRun::aPromptThreadKeepsItsPriority()
{
#ifdef Q_OS_LINUX
    int before = -1;
    int after = -1;
    int policy = -1;
    std::thread([&] {
        before = ::getpriority(PRIO_PROCESS, 0);
        askForPromptWakeup();
        after = ::getpriority(PRIO_PROCESS, 0);
        policy = ::sched_getscheduler(0);
    }).join();
    QCOMPARE(after, before);
    QCOMPARE(policy, ::sched_getscheduler(0));
#else
    QSKIP("Priorities are those of Linux");
#endif
}

void tst_LabRun::theTimesAreOnTheTracesClock()
{
    StubServer server;
    const trace::Clock clock;
    const qint64 before = clock.now().count();
    const LabReport report = run(plan(server.port(), 10));
    const qint64 after = clock.now().count();
    QVERIFY2(report.isComplete(), qPrintable(report.error));
    for (const LabResult &result : report.results) {
        const LabMeasurement &one = result.runs.first();
        QVERIFY(before < one.beganNs && one.beganNs < one.sentNs && one.sentNs < one.answeredNs
                && one.answeredNs < one.endedNs && one.endedNs < after);
    }
}

void tst_LabRun::anOrderIsReadWithoutAProbe()
{
    StubServer server;
    LabPlan plan = this->plan(server.port(), 0);
    plan.kind = LabPlan::Kind::Order;
    plan.variants = {{"wrong", {}, false, "/lab/order?variant=wrong"}, {"right", {}, true, "/lab/order?variant=right"}};
    const LabReport report = run(plan);
    QVERIFY2(report.isComplete(), qPrintable(report.error));
    QCOMPARE(report.results[0].runs.first().order, (QStringList{u"b"_s, u"a"_s}));
    QCOMPARE(report.results[1].runs.first().order, (QStringList{u"a"_s, u"b"_s}));
    QCOMPARE(report.results[0].runs.first().milliseconds, 0.5);
    QCOMPARE(server.requests(), 3); // with the first question
    QCOMPARE(report.ratio(0), 0.0); // nothing to compare by number
}

void tst_LabRun::variantsTakeTurns()
{
    StubServer server;
    LabPlan plan = this->plan(server.port(), 1);
    plan.kind = LabPlan::Kind::Report;
    plan.runs = 2;
    const LabReport report = run(plan);
    QVERIFY2(report.isComplete(), qPrintable(report.error));
    QVERIFY(report.results[0].runs[0].answeredNs <= report.results[1].runs[0].sentNs);
    QVERIFY(report.results[1].runs[0].answeredNs <= report.results[0].runs[1].sentNs);
    QVERIFY(report.results[0].runs[1].answeredNs <= report.results[1].runs[1].sentNs);
}

void tst_LabRun::aRunThatFailsSaysWhy_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("probe");
    QTest::addColumn<QString>("error");
    QTest::newRow("an error's status") << QByteArray("/status/400") << QByteArray("/healthz")
                                       << u"POST /status/400: the server answered 400: The stub says no"_s;
    QTest::newRow("a connection that ends") << QByteArray("/close") << QByteArray("/healthz")
                                            << u"POST /close: the server closed the connection before it answered"_s;
    QTest::newRow("no HTTP") << QByteArray("/garbage") << QByteArray("/healthz")
                             << u"POST /garbage: the server answered with something that is no HTTP/1.1"_s;
    QTest::newRow("no experiment") << QByteArray("/healthz") << QByteArray("/healthz")
                                   << u"POST /healthz: the answer is no experiment's: it says no milliseconds"_s;
    QTest::newRow("a probe that is refused")
        << QByteArray("/healthz") << QByteArray("/status/404") << u"GET /status/404 of "_s;
}

void tst_LabRun::aRunThatFailsSaysWhy()
{
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, probe);
    QFETCH(QString, error);
    StubServer server;
    LabPlan plan = this->plan(server.port(), 0);
    plan.variants = {{"wrong", {}, false, target}};
    plan.probePath = probe;
    const LabReport report = run(plan);
    QVERIFY(!report.isComplete());
    QVERIFY2(report.error.startsWith(error), qPrintable(report.error));
    QVERIFY(report.results.first().runs.isEmpty());
}

void tst_LabRun::aServerThatIsNotThereIsSaid()
{
    constexpr quint16 port = 1; // nobody's, and nobody gets it by chance
    const LabReport report = run(plan(port, 0));
    QCOMPARE(report.error, u"http://127.0.0.1:%1 cannot be reached: connection refused"_s.arg(port));
}

// The system takes the connection, and the bytes, in the place of a server that stands still.
void tst_LabRun::aServerThatNeverAnswersIsGivenUp_data()
{
    QTest::addColumn<int>("kind");
    QTest::newRow("beside a probe") << int(LabPlan::Kind::Latency);
    QTest::newRow("without one") << int(LabPlan::Kind::Order);
}

void tst_LabRun::aServerThatNeverAnswersIsGivenUp()
{
    QFETCH(int, kind);
    QTcpServer silent;
    silent.setProxy(QNetworkProxy::NoProxy);
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    LabPlan plan = this->plan(silent.serverPort(), 0);
    plan.kind = LabPlan::Kind(kind);
    QCOMPARE(plan.firstAnswerTimeout, std::chrono::seconds(10));
    plan.firstAnswerTimeout = std::chrono::milliseconds(500);
    const LabReport report = run(plan);
    QCOMPARE(report.error, u"http://127.0.0.1:%1 did not answer GET /lab within 0.5 s"_s.arg(silent.serverPort()));
    QVERIFY(!report.cancelled);
    QVERIFY(report.results.first().runs.isEmpty());
}

void tst_LabRun::theFirstQuestionTakesAnyAnswer()
{
    StubServer server(404);
    LabPlan plan = this->plan(server.port(), 1);
    plan.kind = LabPlan::Kind::Report;
    const LabReport report = run(plan);
    QVERIFY2(report.isComplete(), qPrintable(report.error));
}

void tst_LabRun::cancellingEndsSoonAndKeepsWhatWasMeasured()
{
    StubServer server;
    LabRun run;
    QSignalSpy progressed(&run, &LabRun::progressed);
    LabReport report;
    bool ended = false;
    connect(&run, &LabRun::finished, &run, [&](const LabReport &result) {
        report = result;
        ended = true;
    });
    LabPlan plan = this->plan(server.port(), 1);
    plan.seconds = LabPlan::maximumSeconds;
    run.start(plan);
    QVERIFY(run.isRunning());
    LabProgress progress;
    QVERIFY(test::waitFor([&] {
        if (!progressed.isEmpty())
            progress = progressed.last().first().value<LabProgress>();
        return progressed.size() >= 3 && progress.answered > 0;
    }));
    QCOMPARE(progress.run, 1);
    QCOMPARE(progress.runs, 2);
    QCOMPARE(progress.variant, QByteArray("blocking"));
    QVERIFY(progress.share > 0 && progress.share < 1);
    run.cancel();
    QVERIFY(test::waitFor([&] { return ended; }));
    QVERIFY(report.cancelled);
    QVERIFY(!report.isComplete());
    QVERIFY(report.error.isEmpty());
    QVERIFY(!run.isRunning());
}

void tst_LabRun::destroyingARunThatGoesOnEndsIt()
{
    StubServer server;
    LabPlan plan = this->plan(server.port(), 1);
    plan.seconds = LabPlan::maximumSeconds;
    QElapsedTimer timer;
    timer.start();
    { // hangs for as long as the run takes, if it does not end it
        LabRun run;
        QSignalSpy progressed(&run, &LabRun::progressed);
        run.start(plan);
        QVERIFY(test::waitFor([&] { return !progressed.isEmpty(); }));
    }
    QVERIFY(timer.elapsed() < qint64(1'000) * LabPlan::maximumSeconds);
}

QTEST_GUILESS_MAIN(tst_LabRun)
#include "tst_labrun.moc"
