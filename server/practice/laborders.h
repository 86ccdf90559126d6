// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/task.h"
#include "server/practice/labrun.h"

// The experiment about listeners. The server's thread.
namespace loopscope::practice::laborders {

// An order service on a thread of its own, which an error that nobody hears ends. The answer's "order" is what its listeners
// did, in that order; "exitCode" 0, or 1 with the "error" that ended it.
// https://nodejs.org/docs/latest-v20.x/api/events.html#error-events
[[nodiscard]] loop::Task<QJsonObject> orders(LabRun run);

} // namespace loopscope::practice::laborders
