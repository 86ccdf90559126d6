// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/task.h"
#include "server/practice/labrun.h"

// The experiments with work for the processor: "blocking" on the loop against "pool". The server's thread.
namespace loopscope::practice::labcpu {

[[nodiscard]] loop::Task<QJsonObject> fibonacci(LabRun run);
[[nodiscard]] loop::Task<QJsonObject> pbkdf2(LabRun run);
[[nodiscard]] loop::Task<QJsonObject> image(LabRun run);
[[nodiscard]] loop::Task<QJsonObject> sort(LabRun run);
[[nodiscard]] loop::Task<QJsonObject> hash(LabRun run);

} // namespace loopscope::practice::labcpu
