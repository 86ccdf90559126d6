// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/lab/experimentplan.h"
#include "app/lab/labwords.h"
#include "tests/support/testcase.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

using namespace loopscope;
using namespace loopscope::app;
using namespace loopscope::load;
using namespace Qt::StringLiterals;

// Plans out of experiments, and words, tables and files out of reports.
class tst_LabWords : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aPlanHasAllVariantsAndStandardParameters();
    void aPlanTakesWhatWasChosen();
    void whatTheExperimentDoesNotHaveIsRefused_data();
    void whatTheExperimentDoesNotHaveIsRefused();
    void theSentenceSaysTheShareAndTheRatio();
    void theTableHasUnitsAndAColumnForEachFigure();
    void theDocumentHasTheFigures();
    void theCurvesAreCsv();
    void ordersAreShownSideBySide();
    void aPredictionIsHeldAgainstWhatRan();
    void figuresOfTheAnswerAreShown();
    void anUnfinishedReportSaysNothingWrong();
    void whatCameFromAServerCannotSteerATerminal();
    void failuresAndALateGeneratorAreSaid();
    void theProgressSaysWhatRuns();
    void ratiosHaveAsManyDigitsAsTheyAreWorth();

private:
    static constexpr qint64 ms = 1'000'000;

    static practice::Experiment experiment()
    {
        practice::Experiment experiment;
        experiment.name = "write";
        experiment.title = u"Write a file"_s;
        experiment.kind = practice::Experiment::Kind::Latency;
        experiment.parameters = {{"mib", u"size"_s, 1, 128, 64, "MiB"}};
        experiment.variants = {{"blocking", u"on the loop"_s, false}, {"pool", u"on the pool"_s, true}};
        return experiment;
    }
    // 100 probes each: those of A take 1 … 100 ms beside 100 ms of work, those of B all 2 ms beside 80 ms.
    static LabReport report()
    {
        QString error;
        LabReport report;
        report.plan = *planOf(experiment(), {}, Target{u"127.0.0.1"_s, 3000}, error);
        for (const LabVariant &variant : report.plan.variants)
            report.results.append(LabResult{variant, {}, {}, {}, {}, {}});
        LabMeasurement run;
        run.sentNs = 1'000 * ms;
        run.answeredNs = 1'101 * ms;
        run.milliseconds = 100;
        run.probes = 100;
        run.p99Ns = 99 * ms;
        run.answer = {{u"milliseconds"_s, 100}, {u"bytes"_s, 5}};
        report.results[0].runs = {run};
        run.milliseconds = 80;
        run.p99Ns = 2 * ms;
        report.results[1].runs = {run};
        for (int i = 1; i <= 100; ++i) {
            report.results[0].during.add(i * ms);
            report.results[1].during.add(2 * ms);
            report.results[0].quiet.add(ms);
        }
        report.results[0].probes.due = 200;
        report.results[0].probes.answered = 200;
        return report;
    }
};

void tst_LabWords::aPlanHasAllVariantsAndStandardParameters()
{
    QString error;
    const auto plan = planOf(experiment(), {}, Target{u"::1"_s, 80}, error);
    QVERIFY2(plan, qPrintable(error));
    QCOMPARE(plan->variants.size(), 2);
    QCOMPARE(plan->variants[0].target, QByteArray("/lab/write?variant=blocking&mib=64"));
    QCOMPARE(plan->variants[1].target, QByteArray("/lab/write?variant=pool&mib=64"));
    QVERIFY(!plan->variants[0].right && plan->variants[1].right);
    QCOMPARE(plan->runs, defaultTimedRuns);
    QCOMPARE(plan->rate, 100);
    QCOMPARE(plan->probePath, QByteArray("/healthz"));
    QCOMPARE(plan->server.url(), u"http://[::1]:80"_s);
    QVERIFY(plan->kind == LabPlan::Kind::Latency);
    practice::Experiment order = experiment();
    order.kind = practice::Experiment::Kind::Order;
    QCOMPARE(planOf(order, {}, {}, error)->runs, defaultAnsweredRuns);
}

void tst_LabWords::aPlanTakesWhatWasChosen()
{
    LabChoices choices;
    choices.variants = {"pool", "pool"};
    choices.parameters = {{"mib", 8}};
    choices.probePath = "/users";
    choices.rate = 500;
    choices.seconds = 3;
    choices.runs = 2;
    QString error;
    const auto plan = planOf(experiment(), choices, {}, error);
    QVERIFY2(plan, qPrintable(error));
    QCOMPARE(plan->variants.size(), 2);
    QCOMPARE(plan->variants[1].target, QByteArray("/lab/write?variant=pool&mib=8"));
    QCOMPARE(plan->probePath, QByteArray("/users"));
    QCOMPARE(plan->rate, 500);
    QCOMPARE(plan->seconds, 3);
    QCOMPARE(plan->runs, 2);
    QCOMPARE(labSetting(*plan), u"mib = 8, 2 runs of each variant, GET /users at 500/s beside it"_s);
}

void tst_LabWords::whatTheExperimentDoesNotHaveIsRefused_data()
{
    QTest::addColumn<QByteArray>("variant");
    QTest::addColumn<QByteArray>("parameter");
    QTest::addColumn<int>("value");
    QTest::addColumn<QString>("error");
    QTest::newRow("a variant") << QByteArray("sync") << QByteArray("mib") << 1
                               << u"write has no variant \"sync\"; it has: blocking, pool"_s;
    QTest::newRow("a parameter") << QByteArray("pool") << QByteArray("size") << 1
                                 << u"write has no parameter \"size\"; it has: mib"_s;
    QTest::newRow("a value too large") << QByteArray("pool") << QByteArray("mib") << 129
                                       << u"the parameter mib of write is a number from 1 to 128"_s;
    QTest::newRow("a value too small") << QByteArray("pool") << QByteArray("mib") << 0
                                       << u"the parameter mib of write is a number from 1 to 128"_s;
}

void tst_LabWords::whatTheExperimentDoesNotHaveIsRefused()
{
    QFETCH(QByteArray, variant);
    QFETCH(QByteArray, parameter);
    QFETCH(int, value);
    QFETCH(QString, error);
    LabChoices choices;
    choices.variants = {variant};
    choices.parameters = {{parameter, value}};
    QString said;
    QVERIFY(!planOf(experiment(), choices, {}, said));
    QCOMPARE(said, error);
}

void tst_LabWords::theSentenceSaysTheShareAndTheRatio()
{
    QCOMPARE(labSentence(report()),
             u"p99 of GET /healthz meanwhile: blocking: 99.0 ms (in the median run 0.99 × its work, which takes 100 ms); "
             "pool: 2.00 ms (in the median run 0.03 × its work, which takes 80.0 ms). "
             "blocking made others wait 50 times as long as pool."_s);
    LabReport duration = report();
    duration.plan.kind = LabPlan::Kind::Duration;
    QCOMPARE(labSentence(duration),
             u"The work takes (median) blocking: 100 ms; pool: 80.0 ms. "
             "p99 of GET /healthz meanwhile: blocking: 99.0 ms; pool: 2.00 ms. "
             "blocking takes 1.3 times as long as pool."_s);
    LabReport alone = report();
    alone.results.removeLast();
    QCOMPARE(labSentence(alone),
             u"p99 of GET /healthz meanwhile: blocking: 99.0 ms (in the median run 0.99 × its work, which takes "
             "100 ms)."_s);
}

void tst_LabWords::theTableHasUnitsAndAColumnForEachFigure()
{
    const LabTable table = labTable(report());
    QCOMPARE(table.head,
             (QStringList{u"variant"_s, u"work"_s, u"p50"_s, u"p90"_s, u"p99"_s, u"p99.9"_s, u"max"_s, u"probes"_s,
                          u"quiet p99"_s, u"errors"_s, u"ratio"_s}));
    QCOMPARE(table.help.size(), table.head.size());
    QCOMPARE(table.isText.size(), table.head.size());
    QCOMPARE(table.rows[0],
             (QStringList{u"blocking"_s, u"100 ms"_s, u"50.0 ms"_s, u"90.0 ms"_s, u"99.0 ms"_s, u"100 ms"_s,
                          u"100 ms"_s, u"100"_s, u"1.00 ms"_s, u"0"_s, u"49.5"_s}));
    QCOMPARE(table.rows[1].last(), u"1.00"_s);
    const QStringList lines = asText(table).split(u'\n');
    QCOMPARE(lines.size(), 4);
    QVERIFY(lines[1].startsWith(u"blocking   100 ms"_s));
    // Right-aligned: the figures of a column end at the same place.
    QCOMPARE(lines[1].indexOf(u"99.0 ms"_s) + 7, lines[0].indexOf(u"p99"_s) + 3);
    QVERIFY(!lines[1].endsWith(u' '));
}

void tst_LabWords::theDocumentHasTheFigures()
{
    const QJsonObject json = labJson(report());
    QCOMPARE(json["experiment"_L1].toString(), u"write"_s);
    QCOMPARE(json["kind"_L1].toString(), u"latency"_s);
    QCOMPARE(json["url"_L1].toString(), u"http://127.0.0.1:3000"_s);
    QCOMPARE(json["unit"_L1].toString(), u"ms"_s);
    QCOMPARE(json["parameters"_L1]["mib"_L1].toInt(), 64);
    QCOMPARE(json["probe"_L1]["rate"_L1].toInt(), 100);
    QCOMPARE(json["reference"_L1].toString(), u"pool"_s);
    const QJsonArray variants = json["variants"_L1].toArray();
    QCOMPARE(variants.size(), 2);
    const QJsonObject blocking = variants[0].toObject();
    QCOMPARE(blocking["variant"_L1].toString(), u"blocking"_s);
    QCOMPARE(blocking["milliseconds"_L1].toDouble(), 100.0);
    QCOMPARE(blocking["clientMilliseconds"_L1].toDouble(), 101.0);
    QVERIFY(std::abs(blocking["latency"_L1]["p99"_L1].toDouble() - 99) < 0.1);
    QCOMPARE(blocking["latency"_L1]["count"_L1].toInt(), 100);
    QCOMPARE(blocking["latency"_L1]["max"_L1].toDouble(), 100.0);
    QVERIFY(std::abs(blocking["p99ShareOfWork"_L1].toDouble() - 0.99) < 0.001);
    QVERIFY(std::abs(blocking["ratio"_L1].toDouble() - 49.5) < 0.1);
    QCOMPARE(blocking["probes"_L1]["errors"_L1]["timeout"_L1].toInt(-1), 0);
    QCOMPARE(blocking["runs"_L1][0]["answer"_L1]["bytes"_L1].toInt(), 5);
    QVERIFY(blocking["curve"_L1].toArray().size() > 10);
    QVERIFY(!json.contains("error"_L1));
    LabReport failed = report();
    failed.error = u"it failed"_s;
    QCOMPARE(labJson(failed)["error"_L1].toString(), u"it failed"_s);
}

void tst_LabWords::theCurvesAreCsv()
{
    const QList<QByteArray> lines = labCsv(report()).split('\n');
    QCOMPARE(lines[0], QByteArray("variant,window,percentile,latency_ms,count\r"));
    QCOMPARE(lines[1], QByteArray("blocking,during,0.000000,1.000,1\r"));
    QVERIFY(lines.contains("blocking,during,100.000000,100.000,100\r"));
    QVERIFY(lines.contains("blocking,quiet,100.000000,1.000,100\r"));
    QVERIFY(lines.contains("pool,during,100.000000,2.000,100\r"));
    for (const QByteArray &line : lines)
        QVERIFY(line.isEmpty() || line.count(',') == 4);
}

void tst_LabWords::ordersAreShownSideBySide()
{
    LabReport order = report();
    order.plan.kind = LabPlan::Kind::Order;
    order.results[0].runs[0].order = {u"b"_s, u"a"_s};
    order.results[1].runs[0].order = {u"a"_s, u"b"_s};
    QCOMPARE(labTable(order).head.last(), u"ran"_s);
    QCOMPARE(labTable(order).rows[0].last(), u"b → a"_s);
    QCOMPARE(labSentence(order), u"The variants ran in different orders."_s);
    QCOMPARE(labJson(order)["sameOrder"_L1].toBool(true), false);
    QCOMPARE(labJson(order)["variants"_L1][0]["order"_L1].toArray(), (QJsonArray{u"b"_s, u"a"_s}));
    QVERIFY(!labJson(order)["variants"_L1][0].toObject().contains("latency"_L1));
    order.results[1].runs[0].order = order.results[0].runs[0].order;
    QCOMPARE(labSentence(order), u"The variants ran in the same order."_s);
}

void tst_LabWords::aPredictionIsHeldAgainstWhatRan()
{
    LabReport order = report();
    order.plan.kind = LabPlan::Kind::Order;
    for (LabResult &result : order.results) {
        result.runs[0].order = {u"a"_s, u"b"_s};
        const bool right = result.variant.right;
        result.runs[0].answer = {{u"milliseconds"_s, 1},
                                 {u"predicted"_s, right ? QJsonArray{u"a"_s, u"b"_s} : QJsonArray{u"b"_s, u"a"_s}},
                                 {u"agrees"_s, right}};
    }
    QCOMPARE(labTable(order).rows[0].mid(2), (QStringList{u"a → b"_s, u"b → a"_s, u"no"_s}));
    QCOMPARE(labTable(order).rows[1].mid(2), (QStringList{u"a → b"_s, u"a → b"_s, u"yes"_s}));
    QCOMPARE(labSentence(order),
             u"It ran: a → b. Of the predictions, blocking predicts something else; pool predicts what ran."_s);
}

void tst_LabWords::figuresOfTheAnswerAreShown()
{
    LabReport figures = report();
    figures.plan.kind = LabPlan::Kind::Report;
    const QJsonArray steps{QJsonObject{{u"step"_s, u"begins"_s}, {u"references"_s, 0}},
                           QJsonObject{{u"step"_s, u"setTimeout()"_s}, {u"references"_s, 1}}};
    figures.results[0].runs[0].answer = {{u"experiment"_s, u"write"_s},
                                         {u"variant"_s, u"x"_s},
                                         {u"milliseconds"_s, 1},
                                         {u"alive"_s, true},
                                         {u"turns"_s, 12},
                                         {u"names"_s, QJsonArray{u"a"_s}},
                                         {u"steps"_s, steps}};
    figures.results[1].runs[0].answer = {{u"milliseconds"_s, 1},
                                         {u"error"_s, QJsonObject{{u"message"_s, u"ENOENT: no such file"_s}}}};
    const LabTable table = labTable(figures);
    QCOMPARE(table.head.mid(2), (QStringList{u"alive"_s, u"turns"_s, u"error"_s, u"names"_s, u"steps"_s}));
    QCOMPARE(table.rows[0].mid(2),
             (QStringList{u"true"_s, u"12"_s, u"–"_s, u"[\"a\"]"_s, u"begins (0) → setTimeout() (1)"_s}));
    QCOMPARE(table.rows[1].mid(2), (QStringList{u"–"_s, u"–"_s, u"ENOENT: no such file"_s, u"–"_s, u"–"_s}));
    QCOMPARE(labSentence(figures), u"The figures are the server's own answers."_s);
    figures.results[0].runs[0].answer.insert(u"summary"_s, u"it went on for\never"_s);
    figures.results[1].runs[0].answer.insert(u"summary"_s, u"it ended"_s);
    QVERIFY2(labSentence(figures).startsWith(u"blocking: it went on for"_s), qPrintable(labSentence(figures)));
    QVERIFY2(labSentence(figures).endsWith(u"ever; pool: it ended."_s), qPrintable(labSentence(figures)));
    QVERIFY(!labSentence(figures).contains(u'\n'));
    QCOMPARE(labTable(figures).head.size(), table.head.size()); // the sentence says it
}

void tst_LabWords::anUnfinishedReportSaysNothingWrong()
{
    LabReport none = report();
    for (LabResult &result : none.results) {
        result.runs.clear();
        result.during.clear();
    }
    none.cancelled = true;
    QVERIFY(labSentence(none).isEmpty());
    QCOMPARE(labTable(none).rows[0][1], u"–"_s);
    QCOMPARE(labTable(none).rows[0].last(), u"–"_s);
    QCOMPARE(labJson(none)["cancelled"_L1].toBool(), true);
    QVERIFY(labCaution(none).isEmpty());
    QVERIFY(labJson(LabReport())["variants"_L1].toArray().isEmpty());
}

void tst_LabWords::whatCameFromAServerCannotSteerATerminal()
{
    LabReport order = report();
    order.plan.kind = LabPlan::Kind::Order;
    order.results[0].runs[0].order = {u"\u001b[2Ja\nb"_s};
    const QString cell = labTable(order).rows[0].last();
    QVERIFY2(!cell.contains(u'\u001b') && !cell.contains(u'\n'), qPrintable(cell));
}

void tst_LabWords::failuresAndALateGeneratorAreSaid()
{
    LabReport bad = report();
    QVERIFY(labCaution(bad).isEmpty());
    bad.results[0].probes.of(LoadError::Timeout) = 3;
    bad.results[1].lateness.add(ms);
    QCOMPARE(labCaution(bad),
             u"blocking: of 200 probes failed: 3 timeout. pool: this machine let the load generator itself "
             "be late by 1.00 ms (p99), which its latencies contain."_s);
    QCOMPARE(labTable(bad).rows[0][9], u"3 timeout"_s);
}

void tst_LabWords::theProgressSaysWhatRuns()
{
    LabPlan plan = report().plan;
    QCOMPARE(labProgress(plan, {}), u"Waiting for the first answer (GET /lab)"_s);
    QCOMPARE(labProgress(plan, {3, 10, "pool", 1'214, 0, 0.2}), u"Run 3 of 10: pool, 1,214 probes answered"_s);
    QCOMPARE(labProgress(plan, {3, 10, "po\x1bol", 2, 1, 0.2}).count(QChar(0x1b)), 0);
    QVERIFY(labProgress(plan, {3, 10, "pool", 2, 1, 0.2}).endsWith(u", 1 failed"_s));
    plan.kind = LabPlan::Kind::Order;
    QCOMPARE(labProgress(plan, {1, 2, "by-rule", 0, 0, 0}), u"Run 1 of 2: by-rule"_s);
}

void tst_LabWords::ratiosHaveAsManyDigitsAsTheyAreWorth()
{
    QCOMPARE(ratioWords(0.5), u"0.50 times"_s);
    QCOMPARE(ratioWords(1), u"1.0 times"_s);
    QCOMPARE(ratioWords(9.94), u"9.9 times"_s);
    QCOMPARE(ratioWords(9.96), u"10 times"_s);
    QCOMPARE(ratioWords(123.4), u"123 times"_s);
}

QTEST_GUILESS_MAIN(tst_LabWords)
#include "tst_labwords.moc"
