// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/web/handler.h"
#include "server/web/middleware/bodyreader.h"

namespace loopscope::web {

struct RawOptions {
    qint64 limit = defaultBodyBytes; // bytes; body-parser: limit '100kb'
    QByteArrayList types = {"application/octet-stream"}; // as matchesType() has them; body-parser: type
    // Bodies that are compressed with gzip, deflate or br are read too, else 415. body-parser: inflate.
    bool inflate = true;
};

// Reads a body of one of the types into Request::raw, before it passes on; any other body is left alone. 413 beyond the
// limit; of a compressed body what codingOf() and readBody() throw. https://expressjs.com/en/5x/api.html#express.raw
[[nodiscard]] Handler raw(const RawOptions &options = {});

} // namespace loopscope::web
