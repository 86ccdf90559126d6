// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/work/fibonacci.h"

#include "server/work/rangeerror.h"

namespace loopscope::work {

// A part of the progress: about 150,000 calls, less than a millisecond.
static constexpr int partOf = 24;

static quint64 naive(int n)
{
    return n < 2 ? quint64(n) : naive(n - 1) + naive(n - 2);
}

static qint64 partsOf(int n)
{
    return n <= partOf ? 1 : partsOf(n - 1) + partsOf(n - 2);
}

namespace {

// The same recursion, which looks up at each part.
struct Counted {
    JobProgress &job;
    qint64 total;
    qint64 done = 0;

    quint64 operator()(int n)
    {
        if (n > partOf)
            return (*this)(n - 1) + (*this)(n - 2);
        job.throwIfCancelled();
        const quint64 value = naive(n);
        job.report(++done, total);
        return value;
    }
};

} // namespace

static void require(int n)
{
    requireRange("n", n, 0, maximumFibonacci);
}

static auto workFor(int n)
{
    return [n](JobProgress &job) { return Counted{job, partsOf(n)}(n); };
}

Task<quint64> fibonacci(int n, Progress progress, Site site)
{
    require(n);
    co_return co_await loop::runOnPool("fibonacci", workFor(n), std::move(progress), site);
}

JobId fibonacci(int n, ErrorFirst<quint64> callback, Progress progress, Site site)
{
    require(n);
    return submitJob<quint64>("fibonacci", workFor(n), std::move(callback), std::move(progress), site);
}

quint64 fibonacciSync(int n, Site site)
{
    require(n);
    const loop::Span span("fibonacciSync", site);
    return naive(n);
}

} // namespace loopscope::work
