// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/middleware/json.h"

namespace loopscope::web {

using namespace Qt::StringLiterals;

Handler json(const JsonOptions &options)
{
    return makeHandler([options](Request &req, Response &, Next next) -> loop::Task<> {
        if (req.hasBody() && req.is("application/json")) {
            const qint64 routeLimit = req.maxBodyBytes();
            req.setMaxBodyBytes(options.maxBytes);
            const QByteArray body = co_await req.read();
            req.setMaxBodyBytes(routeLimit);
            QJsonParseError error;
            req.json = QJsonDocument::fromJson(body, &error);
            if (error.error != QJsonParseError::NoError)
                throw AppError(400, u"The body is no JSON object or array: %1."_s.arg(error.errorString()), "ERR_BAD_JSON");
        }
        next();
    });
}

} // namespace loopscope::web
