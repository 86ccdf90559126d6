// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/experiment.h"

#include <QtCore/QJsonArray>

#include <algorithm>

namespace loopscope::practice {

using namespace Qt::StringLiterals;

static QString toString(Experiment::Kind kind)
{
    switch (kind) {
    case Experiment::Kind::Latency: return u"latency"_s;
    case Experiment::Kind::Duration: return u"duration"_s;
    case Experiment::Kind::Order: return u"order"_s;
    case Experiment::Kind::Report: return u"report"_s;
    }
    return {};
}

static QJsonObject toJson(const ExperimentParameter &parameter)
{
    return {{u"name"_s, QString::fromUtf8(parameter.name)},
            {u"description"_s, parameter.description},
            {u"minimum"_s, parameter.minimum},
            {u"maximum"_s, parameter.maximum},
            {u"default"_s, parameter.standard},
            {u"unit"_s, QString::fromUtf8(parameter.unit)}};
}

static QJsonObject toJson(const ExperimentVariant &variant)
{
    return {{u"name"_s, QString::fromUtf8(variant.name)},
            {u"description"_s, variant.description},
            {u"right"_s, variant.right}};
}

const ExperimentVariant *Experiment::variant(QByteArrayView variantName) const
{
    const auto found = std::find_if(variants.begin(), variants.end(),
                                    [&](const ExperimentVariant &one) { return one.name == variantName; });
    return found == variants.end() ? nullptr : &*found;
}

QJsonObject Experiment::toJson() const
{
    QJsonArray numbers;
    for (const ExperimentParameter &parameter : parameters)
        numbers.append(practice::toJson(parameter));
    QJsonArray ways;
    for (const ExperimentVariant &one : variants)
        ways.append(practice::toJson(one));
    QJsonArray rows;
    for (const QByteArray &row : concepts)
        rows.append(QString::fromUtf8(row));
    return {{u"name"_s, QString::fromUtf8(name)},
            {u"title"_s, title},
            {u"description"_s, description},
            {u"concepts"_s, rows},
            {u"kind"_s, toString(kind)},
            {u"method"_s, QString::fromUtf8(method)},
            {u"path"_s, QString::fromUtf8(path())},
            {u"parameters"_s, numbers},
            {u"variants"_s, ways}};
}

const Experiment *findExperiment(QByteArrayView name)
{
    const QList<Experiment> &all = experiments();
    const auto found
        = std::find_if(all.begin(), all.end(), [&](const Experiment &one) { return one.name == name; });
    return found == all.end() ? nullptr : &*found;
}

} // namespace loopscope::practice
