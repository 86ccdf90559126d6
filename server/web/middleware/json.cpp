// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/middleware/json.h"

#include "server/web/jsonfault.h"

#include <QtCore/QJsonObject>

namespace loopscope::web {

using namespace Qt::StringLiterals;

static QJsonDocument parseJson(const QByteArray &body)
{
    if (body.isEmpty())
        return QJsonDocument(QJsonObject());
    QJsonParseError error;
    QJsonDocument document = QJsonDocument::fromJson(body, &error);
    if (error.error != QJsonParseError::NoError)
        throw AppError(400,
                       u"The body is no JSON object or array: %1 at byte %2."_s.arg(error.errorString()).arg(error.offset),
                       "entity.parse.failed");
    if (const auto fault = findJsonFault(body))
        throw AppError(400,
                       u"The body is no JSON: %1 at byte %2."_s.arg(QString::fromLatin1(fault->what).chopped(1)).arg(fault->at),
                       "entity.parse.failed");
    return document;
}

Handler json(const JsonOptions &options)
{
    return makeHandler([options](Request &req, Response &, Next next) -> loop::Task<> {
        if (wantsBody(req, options.types)) {
            requireUtf8(req);
            const Coding coding = codingOf(req, options.inflate);
            const BodyLimit limit(req, options.limit);
            req.json = parseJson(co_await readBody(req, coding));
        }
        next();
    });
}

} // namespace loopscope::web
