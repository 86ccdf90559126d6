// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/middleware/raw.h"

namespace loopscope::web {

Handler raw(const RawOptions &options)
{
    return makeHandler([options](Request &req, Response &, Next next) -> loop::Task<> {
        if (wantsBody(req, options.types)) {
            const Coding coding = codingOf(req, options.inflate);
            const BodyLimit limit(req, options.limit);
            req.raw = co_await readBody(req, coding);
            if (req.raw.isNull())
                req.raw = "";
        }
        next();
    });
}

} // namespace loopscope::web
