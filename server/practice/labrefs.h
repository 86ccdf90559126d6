// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/task.h"
#include "server/practice/labrun.h"

// The experiment about what keeps a program alive. The server's thread.
namespace loopscope::practice::labrefs {

// A small program on a thread of its own, whose loop nobody else uses: it ends when its references are zero, or is
// terminated after `ms`. The answer's "steps" are its references by kind after each of its steps.
// https://nodejs.org/docs/latest-v20.x/api/timers.html#timeoutunref
[[nodiscard]] loop::Task<QJsonObject> refs(LabRun run);

} // namespace loopscope::practice::labrefs
