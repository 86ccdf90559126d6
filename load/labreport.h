// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "load/labplan.h"
#include "load/latencyhistogram.h"
#include "load/loadtally.h"

#include <QtCore/QJsonObject>
#include <QtCore/QMetaType>
#include <QtCore/QStringList>

namespace loopscope::load {

// One run of one variant. Times are ns on the monotonic clock of the process, which the records of a trace have too.
struct LabMeasurement {
    qint64 beganNs = 0; // the probe's first request was due
    qint64 sentNs = 0; // the experiment's request went to the kernel
    qint64 answeredNs = 0; // its answer was whole
    qint64 endedNs = 0; // all that was due had ended
    double milliseconds = 0; // what the answer says that its work took
    QJsonObject answer; // the whole of it
    QStringList order; // of an Order experiment
    // Of the probes of the window, ns.
    quint64 probes = 0;
    qint64 p99Ns = 0;
    qint64 maximumNs = 0;

    // As the client saw it.
    [[nodiscard]] qint64 durationNs() const noexcept { return answeredNs - sentNs; }
};

// All runs of one variant.
//
// The window of a run is the time from sentNs to answeredNs; `during` holds the probes that were under way in it: due
// no later than the answer, and ended no earlier than the sending. `quiet` holds all others, before and after: what the
// same server does for the same probe without the work.
struct LabResult {
    LabVariant variant;
    QList<LabMeasurement> runs;
    LatencyHistogram during;
    LatencyHistogram quiet;
    LatencyHistogram lateness; // LoadGenerator::lateness()
    LoadTally probes;

    // Of the runs, ms, as their answers say; 0 without runs.
    [[nodiscard]] double medianMilliseconds() const;
    // Of the runs, ns, as the client saw it.
    [[nodiscard]] qint64 medianDurationNs() const;
    // The p99 of a run's window as a share of that run's own work: the median of the runs that had probes in it. Run by
    // run, for one slow run would be held against the work of quick ones. 0 where there is none.
    [[nodiscard]] double shareOfWork() const;
};

// What a LabRun found out.
struct LabReport {
    // The percentile that variants are compared by.
    static constexpr double comparedPercent = 99;

    LabPlan plan;
    QList<LabResult> results; // of plan.variants, in their order
    QString error; // one sentence part; empty if all went well
    bool cancelled = false;

    [[nodiscard]] bool isComplete() const { return error.isEmpty() && !cancelled && !results.isEmpty(); }
    // The variant that others are compared with: the first right one, or the last of all; -1 without any.
    [[nodiscard]] int reference() const;
    // What is compared, of one variant, ns: the percentile above of the latencies, or the median duration. 0 in kinds
    // that have no figure.
    [[nodiscard]] qint64 comparedNs(const LabResult &result) const;
    // That of the result at `index` by that of the reference; 0 where one is missing.
    [[nodiscard]] double ratio(qsizetype index) const;
};

} // namespace loopscope::load

Q_DECLARE_METATYPE(loopscope::load::LabReport)
