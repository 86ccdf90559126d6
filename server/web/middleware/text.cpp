// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/middleware/text.h"

#include <QtCore/QStringDecoder>

namespace loopscope::web {

using namespace Qt::StringLiterals;

// US-ASCII is a part of UTF-8, which replaces what is no ASCII.
static QStringConverter::Encoding encodingOf(const QByteArray &charset)
{
    const auto known = QStringConverter::encodingForName(charset == "us-ascii" ? "utf-8" : charset.constData());
    if (!known || charset == "system") // Qt's name for the server's own
        throw AppError(415, u"The body's charset is not supported."_s, "charset.unsupported");
    return *known;
}

Handler text(const TextOptions &options)
{
    return makeHandler([options](Request &req, Response &, Next next) -> loop::Task<> {
        if (wantsBody(req, options.types)) {
            const auto encoding = encodingOf(charsetOf(req, options.defaultCharset));
            const Coding coding = codingOf(req, options.inflate);
            const BodyLimit limit(req, options.limit);
            const QByteArray body = co_await readBody(req, coding);
            QStringDecoder decoder(encoding);
            req.text = decoder(body);
            if (req.text.isNull())
                req.text = u""_s;
        }
        next();
    });
}

} // namespace loopscope::web
