// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "load/labplan.h"
#include "server/practice/experiment.h"

#include <optional>

namespace loopscope::app {

// What a person chose for a run. Nothing and empty: the experiment's own.
struct LabChoices {
    QList<QByteArray> variants; // all of them when empty; in this order
    QList<std::pair<QByteArray, qint64>> parameters;
    QByteArray probePath;
    std::optional<int> rate; // a second
    std::optional<int> seconds;
    std::optional<int> runs;
};

// Runs of each variant where the variants differ by how long something takes: enough for a median.
inline constexpr int defaultTimedRuns = 5;
// And where one answer says it all.
inline constexpr int defaultAnsweredRuns = 1;
[[nodiscard]] int defaultRuns(practice::Experiment::Kind kind);

// The experiment as LabRun takes it: where load/, which knows no server, meets server/practice. Nothing if the choices
// do not fit the experiment; `error` then says why, in one sentence part. Any thread.
[[nodiscard]] std::optional<load::LabPlan> planOf(const practice::Experiment &experiment, const LabChoices &choices,
                                                  const load::Target &server, QString &error);

} // namespace loopscope::app
