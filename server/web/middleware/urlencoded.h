// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/web/handler.h"

namespace loopscope::web {

struct UrlencodedOptions {
    qint64 maxBytes = 100 * 1024; // Express: express.urlencoded({limit: '100kb'})
    int maxFields = 1'000; // Express: parameterLimit
};

// Reads a body of application/x-www-form-urlencoded into Request::form, before it passes on; any other body is left
// alone. 413 for a body or a number of fields beyond the limits.
// https://expressjs.com/en/5x/api.html#express.urlencoded
[[nodiscard]] Handler urlencoded(const UrlencodedOptions &options = {});

} // namespace loopscope::web
