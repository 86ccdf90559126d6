// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/work/job.h"

#include <QtCore/QList>

namespace loopscope::work {

// So many random numbers from 0 to 1, the same for the same seed, sorted. The job's progress has two parts, making and sorting.
//
// Numbers at most: 80 MB, a second or two of one core.
constexpr qint64 maximumSorted = 10'000'000;

Task<QList<double>> sortNumbers(qint64 count, quint32 seed, Progress progress = nullptr, Site site = Site::here());
JobId sortNumbers(qint64 count, quint32 seed, ErrorFirst<QList<double>> callback, Progress progress = nullptr,
                  Site site = Site::here());
[[nodiscard]] QList<double> sortNumbersSync(qint64 count, quint32 seed, Site site = Site::here());

} // namespace loopscope::work
