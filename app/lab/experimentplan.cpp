// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/lab/experimentplan.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::app {

namespace {

using practice::Experiment;
using practice::ExperimentParameter;
using practice::ExperimentVariant;

load::LabPlan::Kind kindOf(Experiment::Kind kind)
{
    switch (kind) {
    case Experiment::Kind::Latency: return load::LabPlan::Kind::Latency;
    case Experiment::Kind::Duration: return load::LabPlan::Kind::Duration;
    case Experiment::Kind::Order: return load::LabPlan::Kind::Order;
    case Experiment::Kind::Report: break;
    }
    return load::LabPlan::Kind::Report;
}

template<typename Named>
QString namesOf(const QList<Named> &list)
{
    QStringList names;
    for (const Named &one : list)
        names.append(QString::fromUtf8(one.name));
    return names.isEmpty() ? u"none"_s : names.join(u", "_s);
}

// The query behind "variant=NAME", and the values for the report. False: `error` says why.
bool readParameters(const Experiment &experiment, const LabChoices &choices, load::LabPlan &plan, QByteArray &query,
                    QString &error)
{
    for (const auto &[name, value] : choices.parameters) {
        const auto known = std::find_if(experiment.parameters.begin(), experiment.parameters.end(),
                                        [&](const ExperimentParameter &parameter) { return parameter.name == name; });
        if (known == experiment.parameters.end()) {
            error = u"%1 has no parameter \"%2\"; it has: %3"_s.arg(
                QString::fromUtf8(experiment.name), QString::fromUtf8(name), namesOf(experiment.parameters));
            return false;
        }
        if (value < known->minimum || value > known->maximum) {
            error = u"the parameter %1 of %2 is a number from %3 to %4"_s
                        .arg(QString::fromUtf8(name), QString::fromUtf8(experiment.name))
                        .arg(known->minimum)
                        .arg(known->maximum);
            return false;
        }
    }
    for (const ExperimentParameter &parameter : experiment.parameters) {
        qint64 value = parameter.standard;
        for (const auto &[name, chosen] : choices.parameters) {
            if (name == parameter.name)
                value = chosen;
        }
        plan.parameters.append({parameter.name, value});
        query += '&' + parameter.name + '=' + QByteArray::number(value);
    }
    return true;
}

} // namespace

int defaultRuns(Experiment::Kind kind)
{
    const bool timed = kind == Experiment::Kind::Latency || kind == Experiment::Kind::Duration;
    return timed ? defaultTimedRuns : defaultAnsweredRuns;
}

std::optional<load::LabPlan> planOf(const Experiment &experiment, const LabChoices &choices, const load::Target &server,
                                    QString &error)
{
    load::LabPlan plan;
    plan.name = experiment.name;
    plan.title = experiment.title;
    plan.kind = kindOf(experiment.kind);
    plan.method = experiment.method;
    plan.server = server;
    plan.runs = choices.runs.value_or(defaultRuns(experiment.kind));
    plan.rate = choices.rate.value_or(plan.rate);
    plan.seconds = choices.seconds.value_or(plan.seconds);
    if (!choices.probePath.isEmpty())
        plan.probePath = choices.probePath;
    QByteArray query;
    if (!readParameters(experiment, choices, plan, query, error))
        return {};
    QList<QByteArray> names = choices.variants;
    if (names.isEmpty()) {
        for (const ExperimentVariant &variant : experiment.variants)
            names.append(variant.name);
    }
    for (const QByteArray &name : std::as_const(names)) {
        const ExperimentVariant *variant = experiment.variant(name);
        if (!variant) {
            error = u"%1 has no variant \"%2\"; it has: %3"_s.arg(
                QString::fromUtf8(experiment.name), QString::fromUtf8(name), namesOf(experiment.variants));
            return {};
        }
        plan.variants.append(
            {name, variant->description, variant->right, experiment.path() + "?variant=" + name + query});
    }
    return plan;
}

} // namespace loopscope::app
