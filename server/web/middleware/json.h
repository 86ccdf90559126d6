// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/web/handler.h"

namespace loopscope::web {

struct JsonOptions {
    qint64 maxBytes = 100 * 1024; // Express: express.json({limit: '100kb'})
};

// Reads a body of application/json into Request::json, before it passes on; any other body is left alone. 400 for what
// is no JSON object or array (Express: strict), 413 beyond the limit.
// https://expressjs.com/en/5x/api.html#express.json
[[nodiscard]] Handler json(const JsonOptions &options = {});

} // namespace loopscope::web
