// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/task.h"
#include "server/practice/labfiles.h"
#include "server/practice/labrun.h"

// The experiments about what runs when. Each runs one program, whatever the variant: that is the prediction with which the
// answer's "order" is compared ("predicted", "agrees"). `folder` is one of the site's. The server's thread.
// https://nodejs.org/en/learn/asynchronous-work/event-loop-timers-and-nexttick
namespace loopscope::practice::laborder {

[[nodiscard]] loop::Task<QJsonObject> order(LabRun run, QString folder);
[[nodiscard]] loop::Task<QJsonObject> phases(LabRun run);
[[nodiscard]] loop::Task<QJsonObject> phasesIo(LabRun run, QString folder);
// No prediction: a chain of ticks against a chain of immediates, and how late a timer runs beside them.
[[nodiscard]] loop::Task<QJsonObject> starvation(LabRun run);

} // namespace loopscope::practice::laborder
