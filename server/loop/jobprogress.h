// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/joberror.h"

#include <QtCore/QtGlobal>

#include <atomic>
#include <chrono>
#include <functional>

namespace loopscope::loop {

// What a running pool job says of itself, and hears: how far it is, and whether it is still wanted.
//
// Made by the WorkerPool for one job, which gets it as its argument. All functions are for the worker that runs the job,
// but cancel(). Reports are not queued: one that the loop has not taken yet is replaced by the next, so that a job may
// report as often as it likes and the loop hears at most one a minimumInterval, and the last.
class JobProgress {
public:
    // Between two reports of a job that go out: sixty a second, as often as a screen could show them.
    static constexpr std::chrono::milliseconds minimumInterval{16};

    // Takes a report that goes out, on the worker.
    using Sink = std::function<void(qint64 done, qint64 total)>;
    explicit JobProgress(Sink sink)
        : m_sink(std::move(sink))
    {
    }
    JobProgress(const JobProgress &) = delete;
    JobProgress &operator=(const JobProgress &) = delete;

    // `done` of `total` parts, whatever a part is; `total` 0: nobody knows. The first report and the one of the end go out at
    // once.
    void report(qint64 done, qint64 total);
    // WorkerPool::cancel() was called, or the pool ends.
    [[nodiscard]] bool isCancelled() const noexcept { return m_cancelled.load(std::memory_order_relaxed); }
    // JobError::Cancelled, with which the job then ends.
    void throwIfCancelled() const
    {
        if (isCancelled())
            throw JobError(JobError::Code::Cancelled);
    }
    // Any thread.
    void cancel() noexcept { m_cancelled.store(true, std::memory_order_relaxed); }

private:
    const Sink m_sink;
    std::atomic<bool> m_cancelled = false;
    std::chrono::steady_clock::time_point m_last; // of the last report that went out
    bool m_reported = false;
    bool m_ended = false; // the report of the end went out
};

} // namespace loopscope::loop
