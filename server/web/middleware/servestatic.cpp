// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/middleware/servestatic.h"

namespace loopscope::web {

using namespace Qt::StringLiterals;

namespace {

void refuse(FileSender::Result result)
{
    switch (result) {
    case FileSender::Result::Answered: return;
    case FileSender::Result::BadRequest: throw AppError(400, u"The path is malformed."_s, "ERR_BAD_PATH");
    case FileSender::Result::Forbidden: throw AppError(403, u"This file is not for you."_s, "ERR_FORBIDDEN");
    case FileSender::Result::NotFound: throw AppError(404, u"There is no such file."_s, "ERR_NOT_FOUND");
    }
}

// A function with parameters of its own: the middleware may be gone when it runs on.
loop::Task<> serve(FileSender files, bool fallthrough, Request &req, Response &res, Next next)
{
    const FileSender::Result result
        = co_await files.sendUrl(req, res, req.path().sliced(req.baseUrl().size()));
    if (result == FileSender::Result::Answered)
        co_return;
    if (fallthrough)
        next();
    else
        refuse(result);
}

} // namespace

Handler serveStatic(const QString &root, const StaticOptions &options)
{
    return serveStatic(FileSender(root, options), options.fallthrough);
}

Handler serveStatic(const FileSender &files, bool fallthrough)
{
    return makeHandler([files, fallthrough](Request &req, Response &res, Next next) {
        if (req.method() == http::Method::Get || req.method() == http::Method::Head) {
            supervise(serve(files, fallthrough, req, res, next), next);
        } else if (fallthrough) {
            next();
        } else {
            res.set("Allow", "GET, HEAD");
            res.sendStatus(405);
        }
    });
}

} // namespace loopscope::web
