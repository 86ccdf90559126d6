// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/labrun.h"

#include "server/practice/numbers.h"
#include "server/web/apperror.h"
#include "server/web/urlencodedparser.h"

#include <algorithm>

namespace loopscope::practice {

using namespace Qt::StringLiterals;
using web::AppError;

// A name that is misspelt would leave its parameter as it is, and the answer would be that of another experiment.
static void requireKnownNames(const Experiment &experiment, const web::Request &req)
{
    web::UrlencodedParser query;
    if (!query.feed(req.queryString()) || !query.finish())
        throw AppError(400, u"The query has too many names."_s, "ERR_UNKNOWN_PARAMETER");
    QStringList known{u"variant"_s};
    for (const ExperimentParameter &parameter : experiment.parameters)
        known.append(QString::fromUtf8(parameter.name));
    QStringList seen;
    for (const auto &[name, value] : query.fields().entries()) {
        if (!known.contains(name))
            throw AppError(400, u"The query knows these names: %1."_s.arg(known.join(u", "_s)), "ERR_UNKNOWN_PARAMETER");
        if (seen.contains(name))
            throw AppError(400, u"%1 is given twice."_s.arg(name), "ERR_UNKNOWN_PARAMETER");
        seen.append(name);
    }
}

static qint64 numberOf(const ExperimentParameter &parameter, const web::Request &req)
{
    const QString name = QString::fromUtf8(parameter.name);
    const QString text = req.query(name);
    if (text.isNull())
        return parameter.standard;
    bool ok = false;
    const qint64 number = toWholeNumber(text, &ok);
    if (ok && number >= parameter.minimum && number <= parameter.maximum)
        return number;
    const QString unit = parameter.unit.isEmpty() ? QString() : u" of "_s + QString::fromUtf8(parameter.unit);
    throw AppError(400,
                   u"%1 is a whole number%2 from %3 to %4."_s.arg(name, unit).arg(parameter.minimum).arg(parameter.maximum),
                   "ERR_OUT_OF_RANGE");
}

static QByteArray variantOf(const Experiment &experiment, const web::Request &req)
{
    const QByteArray wanted = req.query(u"variant"_s).toUtf8();
    if (wanted.isNull()) {
        return std::find_if(experiment.variants.begin(), experiment.variants.end(),
                            [](const ExperimentVariant &one) { return one.right; })
            ->name;
    }
    if (experiment.variant(wanted))
        return wanted;
    QStringList names;
    for (const ExperimentVariant &one : experiment.variants)
        names.append(QString::fromUtf8(one.name));
    throw AppError(400, u"variant is one of %1."_s.arg(names.join(u", "_s)), "ERR_UNKNOWN_VARIANT");
}

LabRun::LabRun(const Experiment &experiment, const web::Request &req)
    : m_variant(variantOf(experiment, req))
{
    requireKnownNames(experiment, req);
    for (const ExperimentParameter &parameter : experiment.parameters)
        m_numbers.insert(parameter.name, numberOf(parameter, req));
}

} // namespace loopscope::practice
