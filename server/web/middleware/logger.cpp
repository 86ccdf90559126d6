// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/middleware/logger.h"

#include "server/web/log.h"

namespace loopscope::web {

Handler logger()
{
    return [](Request &req, Response &res, Next next) {
        // The callback belongs to the response and dies with it: it needs no hold of its own.
        res.onClose([&req, &res] {
            const QByteArray line = http::toString(req.method()).toByteArray() + ' '
                + req.originalUrl().toByteArray() + ' ' + QByteArray::number(res.statusCode())
                + (res.isEnded() ? "" : " (not finished)");
            log(res.isEnded() ? trace::LogLevel::Info : trace::LogLevel::Warning, line);
        });
        next();
    };
}

} // namespace loopscope::web
