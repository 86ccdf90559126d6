// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/lab/labwords.h"

#include "inspector/model/formatting.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace loopscope::app {

namespace {

using load::LabMeasurement;
using load::LabPlan;
using load::LabReport;
using load::LabResult;
using load::LatencyHistogram;

constexpr double nsPerMillisecond = 1e6;
// The generator's own lateness is worth a word when it may have made up so much of the figure that is compared.
constexpr double lateShare = 0.2;

struct Percentile {
    double percent;
    const char *name;
};
constexpr std::array<Percentile, 4> shown{{{50, "p50"}, {90, "p90"}, {99, "p99"}, {99.9, "p99.9"}}};

QString tr(const char *text)
{
    return QCoreApplication::translate("loopscope::app::LabWords", text);
}

QString nameOf(const LabResult &result)
{
    return model::printable(result.variant.name);
}

QString latencyText(const LatencyHistogram &latencies, double percent)
{
    return latencies.isEmpty() ? u"–"_s : model::formatDuration(latencies.percentile(percent));
}

QString millisecondsText(double milliseconds)
{
    return model::formatDuration(qint64(milliseconds * nsPerMillisecond));
}

double milliseconds(qint64 ns)
{
    return double(ns) / nsPerMillisecond;
}

// --- sentences ---

QString probeWords(const LabPlan &plan)
{
    return u"GET "_s + model::printable(plan.probePath);
}

QString latencySentence(const LabReport &report)
{
    QStringList parts;
    for (const LabResult &result : report.results) {
        if (result.during.isEmpty()) {
            parts.append(tr("%1: the work was over (%2) before a probe was due")
                             .arg(nameOf(result), millisecondsText(result.medianMilliseconds())));
            continue;
        }
        //: a variant's name, a latency, the share of the work's time, the work's time
        parts.append(tr("%1: %2 (in the median run %3 × its work, which takes %4)")
                         .arg(nameOf(result), latencyText(result.during, LabReport::comparedPercent),
                              QString::number(result.shareOfWork(), 'f', 2),
                              millisecondsText(result.medianMilliseconds())));
    }
    return tr("p99 of %1 meanwhile: %2.").arg(probeWords(report.plan), parts.join(u"; "_s));
}

QString durationSentence(const LabReport &report)
{
    QStringList parts;
    QStringList waits;
    for (const LabResult &result : report.results) {
        parts.append(tr("%1: %2").arg(nameOf(result), millisecondsText(result.medianMilliseconds())));
        if (!result.during.isEmpty())
            waits.append(
                tr("%1: %2").arg(nameOf(result), latencyText(result.during, LabReport::comparedPercent)));
    }
    QString text = tr("The work takes (median) %1.").arg(parts.join(u"; "_s));
    if (!waits.isEmpty())
        text += u' ' + tr("p99 of %1 meanwhile: %2.").arg(probeWords(report.plan), waits.join(u"; "_s));
    return text;
}

QString arrows(const QStringList &steps)
{
    QStringList printable;
    for (const QString &step : steps)
        printable.append(model::printable(step.toUtf8()));
    return printable.join(u" → "_s);
}

QJsonObject firstAnswer(const LabResult &result)
{
    return result.runs.isEmpty() ? QJsonObject() : result.runs.first().answer;
}

QString orderText(const LabResult &result)
{
    return result.runs.isEmpty() ? QString() : arrows(result.runs.first().order);
}

// Variants of an Order experiment may be predictions of the order, which the answer holds against what ran.
QString predictionText(const LabResult &result)
{
    QStringList steps;
    for (const QJsonValue &step : firstAnswer(result).value("predicted"_L1).toArray())
        steps.append(step.toString());
    return arrows(steps);
}

bool predicts(const LabReport &report)
{
    return std::any_of(report.results.begin(), report.results.end(),
                       [](const LabResult &result) { return firstAnswer(result).contains("agrees"_L1); });
}

bool sameOrders(const LabReport &report)
{
    return std::all_of(report.results.begin(), report.results.end(),
                       [&](const LabResult &result) { return orderText(result) == orderText(report.results.first()); });
}

// " forgotten: it did not end; unref: it ended." What the answers say of themselves; empty if they do not.
QString summaries(const LabReport &report)
{
    QStringList parts;
    for (const LabResult &result : report.results) {
        const QString summary = firstAnswer(result).value("summary"_L1).toString();
        if (!summary.isEmpty())
            parts.append(tr("%1: %2").arg(nameOf(result), model::printable(summary.toUtf8())));
    }
    return parts.isEmpty() ? QString() : u' ' + parts.join(u"; "_s) + u'.';
}

QString orderSentence(const LabReport &report)
{
    if (predicts(report)) {
        QStringList parts;
        for (const LabResult &result : report.results) {
            const bool agrees = firstAnswer(result).value("agrees"_L1).toBool();
            parts.append((agrees ? tr("%1 predicts what ran") : tr("%1 predicts something else")).arg(nameOf(result)));
        }
        return tr("It ran: %1. Of the predictions, %2.").arg(orderText(report.results.first()), parts.join(u"; "_s));
    }
    if (report.results.size() < 2)
        return tr("It ran in the order that is shown.") + summaries(report);
    return (sameOrders(report) ? tr("The variants ran in the same order.") : tr("The variants ran in different orders."))
        + summaries(report);
}

// "blocking made others wait 33 times as long as pool."
QString comparison(const LabReport &report)
{
    const int reference = report.reference();
    QStringList parts;
    for (qsizetype i = 0; i < report.results.size(); ++i) {
        const double ratio = report.ratio(i);
        if (i == reference || ratio <= 0)
            continue;
        const QString words = report.plan.kind == LabPlan::Kind::Latency ? tr("%1 made others wait %2 as long as %3")
                                                                         : tr("%1 takes %2 as long as %3");
        parts.append(words.arg(nameOf(report.results[i]), ratioWords(ratio), nameOf(report.results[reference])));
    }
    return parts.isEmpty() ? QString() : u' ' + parts.join(u"; "_s) + u'.';
}

// --- the answer of a Report experiment ---

// [{"step": "setTimeout()", "references": 1}, …]: how many references there were after each step.
QString stepsText(const QJsonArray &steps)
{
    QStringList parts;
    for (const QJsonValue &step : steps)
        parts.append(tr("%1 (%2)").arg(step["step"_L1].toString()).arg(step["references"_L1].toInt()));
    return parts.join(u" → "_s);
}

QString valueText(const QJsonValue &value)
{
    const QJsonArray array = value.toArray();
    if (!array.isEmpty() && array.first().toObject().contains("references"_L1))
        return stepsText(array);
    if (value.isArray())
        return QString::fromUtf8(QJsonDocument(array).toJson(QJsonDocument::Compact));
    if (value.isObject() && value["message"_L1].isString())
        return value["message"_L1].toString(); // an error
    if (value.isObject())
        return QString::fromUtf8(QJsonDocument(value.toObject()).toJson(QJsonDocument::Compact));
    return value.toVariant().toString();
}

QString answerHelp(const QString &key)
{
    return key == "steps"_L1 ? tr("What the program did, and how many references kept it alive then")
                             : tr("As the experiment's answer says");
}

// Of all answers, without what stands elsewhere; the longest last.
QStringList answerKeys(const LabReport &report)
{
    QStringList keys;
    QStringList lists;
    for (const LabResult &result : report.results) {
        const QJsonObject answer = firstAnswer(result);
        for (auto at = answer.begin(); at != answer.end(); ++at) {
            static const QStringList elsewhere{u"experiment"_s, u"variant"_s, u"milliseconds"_s, u"summary"_s};
            QStringList &into = at.value().isArray() ? lists : keys;
            if (!elsewhere.contains(at.key()) && !into.contains(at.key()))
                into.append(at.key());
        }
    }
    return keys + lists;
}

// --- JSON ---

QJsonObject latencyJson(const LatencyHistogram &latencies)
{
    QJsonObject json{{u"count"_s, double(latencies.count())}};
    if (latencies.isEmpty())
        return json;
    json.insert(u"min"_s, milliseconds(latencies.minimum()));
    json.insert(u"mean"_s, latencies.mean() / nsPerMillisecond);
    for (const Percentile &percentile : shown)
        json.insert(QString::fromLatin1(percentile.name), milliseconds(latencies.percentile(percentile.percent)));
    json.insert(u"max"_s, milliseconds(latencies.maximum()));
    return json;
}

QJsonArray curveJson(const LatencyHistogram &latencies)
{
    QJsonArray points;
    const QList<LatencyHistogram::Point> curve = latencies.percentiles();
    for (const LatencyHistogram::Point &point : curve)
        points.append(QJsonArray{point.percentile, milliseconds(point.latencyNs), double(point.count)});
    return points;
}

QJsonObject tallyJson(const load::LoadTally &tally)
{
    QJsonObject errors;
    for (int i = 0; i < load::loadErrorCount; ++i)
        errors.insert(QString::fromLatin1(load::toString(load::LoadError(i))), double(tally.errors[std::size_t(i)]));
    return {{u"due"_s, double(tally.due)},
            {u"answered"_s, double(tally.answered)},
            {u"errors"_s, errors},
            {u"connections"_s, double(tally.connections)},
            {u"mostConnections"_s, double(tally.mostConnections)}};
}

QJsonObject runJson(const LabPlan &plan, const LabMeasurement &run)
{
    QJsonObject json{{u"milliseconds"_s, run.milliseconds},
                     {u"clientMilliseconds"_s, milliseconds(run.durationNs())},
                     {u"answer"_s, run.answer}};
    if (plan.hasProbe()) {
        json.insert(u"probes"_s, double(run.probes));
        json.insert(u"p99"_s, milliseconds(run.p99Ns));
        json.insert(u"max"_s, milliseconds(run.maximumNs));
    }
    return json;
}

QJsonObject resultJson(const LabReport &report, qsizetype index)
{
    const LabResult &result = report.results[index];
    QJsonObject json{{u"variant"_s, QString::fromUtf8(result.variant.name)},
                     {u"description"_s, result.variant.description},
                     {u"right"_s, result.variant.right},
                     {u"target"_s, QString::fromUtf8(result.variant.target)},
                     {u"milliseconds"_s, result.medianMilliseconds()},
                     {u"clientMilliseconds"_s, milliseconds(result.medianDurationNs())}};
    QJsonArray runs;
    for (const LabMeasurement &run : result.runs)
        runs.append(runJson(report.plan, run));
    json.insert(u"runs"_s, runs);
    if (report.plan.kind == LabPlan::Kind::Order && !result.runs.isEmpty())
        json.insert(u"order"_s, QJsonArray::fromStringList(result.runs.first().order));
    if (!report.plan.hasProbe())
        return json;
    json.insert(u"latency"_s, latencyJson(result.during));
    json.insert(u"quietLatency"_s, latencyJson(result.quiet));
    json.insert(u"curve"_s, curveJson(result.during));
    json.insert(u"generatorLateness"_s, latencyJson(result.lateness));
    json.insert(u"probes"_s, tallyJson(result.probes));
    if (report.plan.kind == LabPlan::Kind::Latency)
        json.insert(u"p99ShareOfWork"_s, result.shareOfWork());
    if (report.ratio(index) > 0)
        json.insert(u"ratio"_s, report.ratio(index));
    return json;
}

// --- the table ---

template<typename Add>
void addLatencyColumns(const LabPlan &plan, Add column)
{
    const QString window = tr("of the probes that were under way between the experiment's sending and its answer, all "
                              "runs together, counted from when each was due");
    column(tr("p50"), tr("Half took no longer, %1").arg(window));
    column(tr("p90"), tr("90 of 100 took no longer, %1").arg(window));
    column(tr("p99"), tr("99 of 100 took no longer, %1").arg(window));
    column(tr("p99.9"), tr("999 of 1,000 took no longer, %1").arg(window));
    column(tr("max"), tr("The longest, %1").arg(window));
    column(tr("probes"), tr("How many there were in that window"));
    column(tr("quiet p99"), tr("99 of 100 took no longer, of the probes before and after the work"));
    column(tr("errors"), tr("Probes that failed, by kind"));
    column(tr("ratio"),
           plan.kind == LabPlan::Kind::Latency ? tr("p99 by that of the first right variant")
                                               : tr("The work's time by that of the first right variant"));
}

QStringList latencyCells(const LabReport &report, qsizetype index)
{
    const LabResult &result = report.results[index];
    QStringList cells;
    for (const Percentile &percentile : shown)
        cells.append(latencyText(result.during, percentile.percent));
    const double ratio = report.ratio(index);
    cells.append({latencyText(result.during, 100), model::formatCount(qint64(result.during.count())),
                  latencyText(result.quiet, LabReport::comparedPercent),
                  result.probes.errorCount() == 0 ? u"0"_s : result.probes.errorWords(),
                  ratio > 0 ? QString::number(ratio, 'f', ratio < 10 ? 2 : 1) : u"–"_s});
    return cells;
}

QStringList rowOf(const LabReport &report, qsizetype index)
{
    const LabResult &result = report.results[index];
    QStringList row{nameOf(result)};
    row.append(result.runs.isEmpty() ? u"–"_s : millisecondsText(result.medianMilliseconds()));
    switch (report.plan.kind) {
    case LabPlan::Kind::Latency:
    case LabPlan::Kind::Duration: return row + latencyCells(report, index);
    case LabPlan::Kind::Report:
        for (const QString &key : answerKeys(report)) {
            const QJsonValue value = firstAnswer(result).value(key);
            row.append(value.isUndefined() ? u"–"_s : model::printable(valueText(value).toUtf8()));
        }
        return row;
    case LabPlan::Kind::Order: break;
    }
    row.append(orderText(result));
    if (predicts(report)) {
        row.append(predictionText(result));
        row.append(firstAnswer(result).value("agrees"_L1).toBool() ? tr("yes") : tr("no"));
    }
    return row;
}

QString padded(const QString &text, qsizetype width, bool left)
{
    return left ? text.leftJustified(width) : text.rightJustified(width);
}

} // namespace

QString ratioWords(double ratio)
{
    const int decimals = ratio < 0.995 ? 2 : ratio < 9.95 ? 1 : 0;
    return tr("%1 times").arg(QString::number(ratio, 'f', decimals));
}

QString labSetting(const LabPlan &plan)
{
    QStringList parts;
    for (const auto &[name, value] : plan.parameters)
        parts.append(u"%1 = %2"_s.arg(QString::fromUtf8(name)).arg(value));
    parts.append(plan.runs == 1 ? tr("1 run of each variant") : tr("%1 runs of each variant").arg(plan.runs));
    if (plan.hasProbe())
        parts.append(tr("%1 at %2/s beside it").arg(probeWords(plan)).arg(plan.rate));
    return parts.join(u", "_s);
}

QString labProgress(const LabPlan &plan, const load::LabProgress &progress)
{
    if (progress.run == 0)
        return tr("Waiting for the first answer (GET %1)").arg(QString::fromUtf8(LabPlan::firstPath));
    QString text =
        tr("Run %1 of %2: %3").arg(progress.run).arg(progress.runs).arg(model::printable(progress.variant));
    if (plan.hasProbe())
        text += tr(", %1 probes answered").arg(model::formatCount(qint64(progress.answered)));
    if (progress.errors > 0)
        text += tr(", %1 failed").arg(model::formatCount(qint64(progress.errors)));
    return text;
}

LabTable labTable(const LabReport &report)
{
    LabTable table;
    const auto column = [&table](const QString &name, const QString &help, bool isText = false) {
        table.head.append(name);
        table.help.append(help);
        table.isText.append(isText);
    };
    column(tr("variant"), tr("The way the work was done"), true);
    column(tr("work"), tr("How long the work took on the server, as its answer says: the median of the runs"));
    switch (report.plan.kind) {
    case LabPlan::Kind::Latency:
    case LabPlan::Kind::Duration: addLatencyColumns(report.plan, column); break;
    case LabPlan::Kind::Order:
        column(tr("ran"), tr("What ran, in the order in which it ran"), true);
        if (predicts(report)) {
            column(tr("predicted"), tr("What the variant predicts"), true);
            column(tr("agrees"), tr("Whether the two are the same"), true);
        }
        break;
    case LabPlan::Kind::Report:
        for (const QString &key : answerKeys(report))
            column(model::printable(key.toUtf8()), answerHelp(key), true);
        break;
    }
    for (qsizetype i = 0; i < report.results.size(); ++i)
        table.rows.append(rowOf(report, i));
    return table;
}

QString labSentence(const LabReport &report)
{
    if (!report.isComplete())
        return {};
    switch (report.plan.kind) {
    case LabPlan::Kind::Latency: return latencySentence(report) + comparison(report);
    case LabPlan::Kind::Duration: return durationSentence(report) + comparison(report);
    case LabPlan::Kind::Order: return orderSentence(report);
    case LabPlan::Kind::Report: break;
    }
    const QString said = summaries(report).trimmed();
    return said.isEmpty() ? tr("The figures are the server's own answers.") : said;
}

QString labCaution(const LabReport &report)
{
    QStringList parts;
    for (const LabResult &result : report.results) {
        if (result.probes.errorCount() > 0)
            parts.append(
                tr("%1: of %2 probes failed: %3.")
                    .arg(nameOf(result), model::formatCount(qint64(result.probes.due)), result.probes.errorWords()));
        const qint64 late = result.lateness.percentile(LabReport::comparedPercent);
        const qint64 compared = result.during.percentile(LabReport::comparedPercent);
        if (report.plan.kind == LabPlan::Kind::Latency && double(late) > lateShare * double(compared) && compared > 0)
            parts.append(tr("%1: this machine let the load generator itself be late by %2 (p99), which its latencies "
                            "contain.")
                             .arg(nameOf(result), model::formatDuration(late)));
    }
    return parts.join(u' ');
}

QJsonObject labJson(const LabReport &report)
{
    const LabPlan &plan = report.plan;
    QJsonObject parameters;
    for (const auto &[name, value] : plan.parameters)
        parameters.insert(QString::fromUtf8(name), double(value));
    QJsonObject json{{u"experiment"_s, QString::fromUtf8(plan.name)},
                     {u"title"_s, plan.title},
                     {u"kind"_s, QString::fromLatin1(load::toString(plan.kind))},
                     {u"url"_s, plan.server.url()},
                     {u"parameters"_s, parameters},
                     {u"runs"_s, plan.runs},
                     {u"unit"_s, u"ms"_s},
                     {u"cancelled"_s, report.cancelled},
                     {u"sentence"_s, labSentence(report)},
                     {u"caution"_s, labCaution(report)}};
    if (!report.error.isEmpty())
        json.insert(u"error"_s, report.error);
    if (plan.hasProbe()) {
        json.insert(u"probe"_s,
                    QJsonObject{{u"method"_s, u"GET"_s},
                                {u"path"_s, QString::fromUtf8(plan.probePath)},
                                {u"rate"_s, plan.rate},
                                {u"seconds"_s, plan.seconds}});
    }
    if (report.reference() >= 0)
        json.insert(u"reference"_s, QString::fromUtf8(report.results[report.reference()].variant.name));
    if (plan.kind == LabPlan::Kind::Order)
        json.insert(u"sameOrder"_s, sameOrders(report));
    QJsonArray variants;
    for (qsizetype i = 0; i < report.results.size(); ++i)
        variants.append(resultJson(report, i));
    json.insert(u"variants"_s, variants);
    return json;
}

QByteArray labCsv(const LabReport &report)
{
    QByteArray csv = "variant,window,percentile,latency_ms,count\r\n";
    for (const LabResult &result : report.results) {
        for (const auto &[window, latencies] :
             {std::pair("during", &result.during), std::pair("quiet", &result.quiet)}) {
            const QList<LatencyHistogram::Point> curve = latencies->percentiles();
            for (const LatencyHistogram::Point &point : curve) {
                // Names of variants are words of the experiment's code: nothing in them needs quotes.
                csv += result.variant.name + ',' + window + ',' + QByteArray::number(point.percentile, 'f', 6) + ','
                    + QByteArray::number(milliseconds(point.latencyNs), 'f', 3) + ',' + QByteArray::number(point.count)
                    + "\r\n";
            }
        }
    }
    return csv;
}

QString asText(const LabTable &table)
{
    QList<qsizetype> widths;
    for (qsizetype column = 0; column < table.head.size(); ++column) {
        qsizetype width = table.head[column].size();
        for (const QStringList &row : table.rows)
            width = std::max(width, row[column].size());
        widths.append(width);
    }
    QString text;
    for (const QStringList &row : QList<QStringList>{table.head} + table.rows) {
        QString line;
        for (qsizetype column = 0; column < row.size(); ++column) {
            line += padded(row[column], widths[column], table.isText[column]) + u"  "_s;
        }
        while (line.endsWith(u' '))
            line.chop(1);
        text += line + u'\n';
    }
    return text;
}

} // namespace loopscope::app
