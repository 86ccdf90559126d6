// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/web/handler.h"

namespace loopscope::web {

// Writes a line to the log (web::log) when the answer is out or the client is gone: "GET /users 200". Express: morgan.
[[nodiscard]] Handler logger();

} // namespace loopscope::web
