// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/labreport.h"

#include <algorithm>
#include <vector>

namespace loopscope::load {

namespace {

template<typename T, typename Get>
T median(const QList<LabMeasurement> &runs, Get get)
{
    if (runs.isEmpty())
        return {};
    std::vector<T> values;
    for (const LabMeasurement &run : runs)
        values.push_back(get(run));
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

constexpr double nsPerMillisecond = 1e6;

} // namespace

double LabResult::medianMilliseconds() const
{
    return median<double>(runs, [](const LabMeasurement &run) { return run.milliseconds; });
}

qint64 LabResult::medianDurationNs() const
{
    return median<qint64>(runs, [](const LabMeasurement &run) { return run.durationNs(); });
}

double LabResult::shareOfWork() const
{
    QList<LabMeasurement> probed;
    for (const LabMeasurement &run : runs) {
        if (run.probes > 0 && run.milliseconds > 0)
            probed.append(run);
    }
    return median<double>(
        probed, [](const LabMeasurement &run) { return double(run.p99Ns) / (run.milliseconds * nsPerMillisecond); });
}

int LabReport::reference() const
{
    const auto right =
        std::find_if(results.begin(), results.end(), [](const LabResult &result) { return result.variant.right; });
    return right != results.end() ? int(right - results.begin()) : int(results.size()) - 1;
}

qint64 LabReport::comparedNs(const LabResult &result) const
{
    switch (plan.kind) {
    case LabPlan::Kind::Latency: return result.during.percentile(comparedPercent);
    case LabPlan::Kind::Duration: return qint64(result.medianMilliseconds() * nsPerMillisecond);
    case LabPlan::Kind::Order:
    case LabPlan::Kind::Report: break;
    }
    return 0;
}

double LabReport::ratio(qsizetype index) const
{
    const int with = reference();
    if (with < 0 || index < 0 || index >= results.size())
        return 0;
    const qint64 by = comparedNs(results[with]);
    return by > 0 ? double(comparedNs(results[index])) / double(by) : 0;
}

} // namespace loopscope::load
