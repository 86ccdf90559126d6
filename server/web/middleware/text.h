// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/web/handler.h"
#include "server/web/middleware/bodyreader.h"

namespace loopscope::web {

struct TextOptions {
    qint64 limit = defaultBodyBytes; // bytes; body-parser: limit '100kb'
    QByteArrayList types = {"text/plain"}; // as matchesType() has them; body-parser: type
    QByteArray defaultCharset = "utf-8"; // of a body that does not say; body-parser: defaultCharset
    // Bodies that are compressed with gzip, deflate or br are read too, else 415. body-parser: inflate.
    bool inflate = true;
};

// Reads a body of one of the types into Request::text, before it passes on; any other body is left alone.
// 413 beyond the limit; 415 "charset.unsupported" for charsets other than UTF-8, UTF-16, UTF-32, ISO-8859-1 and
// US-ASCII; of a compressed body what codingOf() and readBody() throw. What is malformed in its charset becomes U+FFFD.
// https://expressjs.com/en/5x/api.html#express.text
[[nodiscard]] Handler text(const TextOptions &options = {});

} // namespace loopscope::web
