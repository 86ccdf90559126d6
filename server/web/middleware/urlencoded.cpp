// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/middleware/urlencoded.h"

namespace loopscope::web {

using namespace Qt::StringLiterals;

Handler urlencoded(const UrlencodedOptions &options)
{
    return makeHandler([options](Request &req, Response &, Next next) -> loop::Task<> {
        if (req.hasBody() && req.is("application/x-www-form-urlencoded")) {
            const qint64 routeLimit = req.maxBodyBytes();
            req.setMaxBodyBytes(options.maxBytes);
            QByteArray body = co_await req.read();
            req.setMaxBodyBytes(routeLimit);
            if (body.count('&') >= options.maxFields)
                throw AppError(413, u"The form has more than %1 fields."_s.arg(options.maxFields), "ERR_TOO_MANY_FIELDS");
            body.replace('+', "%20");
            req.form = QUrlQuery(QString::fromUtf8(body));
        }
        next();
    });
}

} // namespace loopscope::web
