// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/web/handler.h"
#include "server/web/middleware/bodyreader.h"

namespace loopscope::web {

struct JsonOptions {
    qint64 limit = defaultBodyBytes; // bytes; body-parser: limit '100kb'
    // Media types that are read, as matchesType() has them. body-parser: type.
    QByteArrayList types = {"application/json"};
    // Bodies that are compressed with gzip, deflate or br are read too, else 415. body-parser: inflate.
    bool inflate = true;
};

// Reads a body of one of the types into Request::json, before it passes on; any other body is left alone, and an empty
// one is an empty object. https://expressjs.com/en/5x/api.html#express.json
// 400 "entity.parse.failed" with the position for what is no JSON object or array, or nests deeper than 1,024 levels
// (QJsonDocument's bound); 413 beyond the limit; 415 "charset.unsupported" for other charsets than UTF-8; of a compressed
// body what codingOf() and readBody() throw. A byte order mark is skipped. Of keys that come twice the last counts,
// as with JSON.parse().
// Deviation: `strict` is not an option but always so, for a QJsonDocument holds nothing else.
[[nodiscard]] Handler json(const JsonOptions &options = {});

} // namespace loopscope::web
