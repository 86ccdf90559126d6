// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/work/sort.h"

#include "server/work/rangeerror.h"

#include <algorithm>
#include <random>

namespace loopscope::work {

static void require(qint64 count)
{
    requireRange("count", count, 0, maximumSorted);
}

static QList<double> sorted(qint64 count, quint32 seed, JobProgress *job)
{
    constexpr qint64 parts = 2;
    std::mt19937_64 generator(seed);
    std::uniform_real_distribution<double> between;
    QList<double> numbers(count);
    for (double &number : numbers)
        number = between(generator);
    if (job) {
        job->throwIfCancelled();
        job->report(1, parts);
    }
    std::sort(numbers.begin(), numbers.end());
    if (job)
        job->report(parts, parts);
    return numbers;
}

Task<QList<double>> sortNumbers(qint64 count, quint32 seed, Progress progress, Site site)
{
    require(count);
    co_return co_await loop::runOnPool(
        "sortNumbers", [count, seed](JobProgress &job) { return sorted(count, seed, &job); }, std::move(progress), site);
}

JobId sortNumbers(qint64 count, quint32 seed, ErrorFirst<QList<double>> callback, Progress progress, Site site)
{
    require(count);
    return submitJob<QList<double>>(
        "sortNumbers", [count, seed](JobProgress &job) { return sorted(count, seed, &job); }, std::move(callback),
        std::move(progress), site);
}

QList<double> sortNumbersSync(qint64 count, quint32 seed, Site site)
{
    require(count);
    const loop::Span span("sortNumbersSync", site);
    return sorted(count, seed, nullptr);
}

} // namespace loopscope::work
