// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "load/labreport.h"
#include "load/labrun.h"

#include <QtCore/QJsonObject>
#include <QtCore/QStringList>

// What a LabReport says, in words, figures and files: the same for `loopscope lab run` and the window's comparison.
// Pure functions, any thread. Whatever came from a server is made printable.
namespace loopscope::app {

struct LabTable {
    QStringList head;
    QStringList help; // what each column means
    QList<bool> isText; // of each column: words, to be read from the left, and not a figure
    QList<QStringList> rows; // one a variant, as many cells as the head
};

// What is run: "64 MiB, 5 runs of each variant, GET /healthz at 100/s beside them".
[[nodiscard]] QString labSetting(const load::LabPlan &plan);
// How far a run has come: "Run 3 of 10: blocking, 214 probes answered".
[[nodiscard]] QString labProgress(const load::LabPlan &plan, const load::LabProgress &progress);
// The figures, with units. The first column is the variant's name.
[[nodiscard]] LabTable labTable(const load::LabReport &report);
// What it shows, in a sentence or two; empty for a report that is not complete.
[[nodiscard]] QString labSentence(const load::LabReport &report);
// What the machine and the load themselves got wrong, which the figures contain: failed requests, a generator that was
// late. Empty if nothing is worth saying.
[[nodiscard]] QString labCaution(const load::LabReport &report);
// "33 times", "1.2 times".
[[nodiscard]] QString ratioWords(double ratio);

// The whole of it as one document. Its keys are stable: scripts depend on them.
[[nodiscard]] QJsonObject labJson(const load::LabReport &report);
// The latency curves: "variant,window,percentile,latency_ms,count", RFC 4180 with a header line.
[[nodiscard]] QByteArray labCsv(const load::LabReport &report);
// The table for a terminal: columns aligned, a line a row.
[[nodiscard]] QString asText(const LabTable &table);

} // namespace loopscope::app
