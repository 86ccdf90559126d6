// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/middleware/urlencoded.h"

namespace loopscope::web {

using namespace Qt::StringLiterals;

// Lives in the frame of a coroutine, which keeps the request.
static loop::Task<FormData> receiveForm(Request &req, Coding coding, int parameterLimit)
{
    UrlencodedParser parser(parameterLimit);
    const auto check = [parameterLimit](bool ok) {
        if (!ok)
            throw AppError(413, u"The form has more than %1 fields."_s.arg(parameterLimit), "parameters.too.many");
    };
    if (coding == Coding::Identity)
        co_await receiveBody(req, [&](QByteArrayView piece) { check(parser.feed(piece)); });
    else
        check(parser.feed(co_await readBody(req, coding)));
    check(parser.finish());
    co_return parser.takeFields();
}

Handler urlencoded(const UrlencodedOptions &options)
{
    return makeHandler([options](Request &req, Response &, Next next) -> loop::Task<> {
        if (wantsBody(req, options.types)) {
            requireUtf8(req);
            const Coding coding = codingOf(req, options.inflate);
            const BodyLimit limit(req, options.limit);
            req.form = co_await receiveForm(req, coding, options.parameterLimit);
        }
        next();
    });
}

} // namespace loopscope::web
