// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/web/handler.h"
#include "server/web/middleware/bodyreader.h"
#include "server/web/urlencodedparser.h"

namespace loopscope::web {

struct UrlencodedOptions {
    qint64 limit = defaultBodyBytes; // bytes; body-parser: limit '100kb'
    int parameterLimit = UrlencodedParser::defaultMaximumFields; // body-parser: parameterLimit 1000
    // Media types that are read, as matchesType() has them. body-parser: type.
    QByteArrayList types = {"application/x-www-form-urlencoded"};
    // Bodies that are compressed with gzip, deflate or br are read too, else 415. body-parser: inflate.
    bool inflate = true;
};

// Reads a form into Request::form as it arrives, before it passes on; any other body is left alone. Malformed percent
// encoding stands for itself (see UrlencodedParser). 413 beyond the limit, and "parameters.too.many"; 415
// "charset.unsupported" for other charsets than UTF-8; of a compressed body what codingOf() and readBody() throw.
// https://expressjs.com/en/5x/api.html#express.urlencoded
[[nodiscard]] Handler urlencoded(const UrlencodedOptions &options = {});

} // namespace loopscope::web
