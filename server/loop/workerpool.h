// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/eventloop.h"
#include "server/loop/jobprogress.h"

#include <exception>
#include <memory>

namespace loopscope::loop {

// The threads on which slow work runs, so that the loop need not wait for it.
//
// Owned by an EventLoop; all functions are for that loop's thread. Jobs start in the order of submission; each
// completion is one callback in the poll phase of the loop, in the order in which the jobs ended.
// Node's is libuv's pool, fixed at UV_THREADPOOL_SIZE; this one can be resized while it runs.
// https://nodejs.org/docs/latest-v20.x/api/cli.html#uv_threadpool_sizesize
class WorkerPool {
public:
    static constexpr int defaultThreads = 4; // libuv's UV_THREADPOOL_SIZE
    static constexpr int minimumThreads = 1;
    static constexpr int maximumThreads = 64;
    // Jobs waiting at most; submit() beyond it completes with JobError::QueueFull, in the poll phase as any other.
    static constexpr int maximumQueued = 65'536;

    enum class JobId : quint64 { None = 0 };

    // Called on a worker. Must not touch QObjects of the loop's thread; what it captures belongs to it until `done`.
    using Work = UniqueFunction<void()>;
    // The same for work that says how far it is, and looks whether it is still wanted.
    using ProgressWork = UniqueFunction<void(JobProgress &)>;
    // Called on the loop, always exactly once; `error` is what `work` threw, or a JobError, or null.
    using Done = UniqueFunction<void(std::exception_ptr error)>;
    // Called on the loop, in the poll phase, any number of times before `done`; may be empty.
    using Progress = UniqueFunction<void(qint64 done, qint64 total)>;

    explicit WorkerPool(EventLoop &loop, int threads = defaultThreads);
    // Waits for running jobs, which are told that nobody wants them, and drops waiting ones (their `done` is not called any
    // more).
    ~WorkerPool();
    WorkerPool(const WorkerPool &) = delete;
    WorkerPool &operator=(const WorkerPool &) = delete;

    // `name` ("writeFile") must be a literal or interned.
    JobId submit(const char *name, Work work, Done done, Site site = Site::here());
    JobId submit(const char *name, ProgressWork work, Done done, Progress progress, Site site = Site::here());
    // True if the job was still waiting: its `done` comes with JobError::Cancelled. A running job is not stopped, but one of
    // ProgressWork is told (JobProgress::isCancelled()) and may end by itself.
    bool cancel(JobId id);

    // Clamped to the range above. Growing starts threads now; when shrinking, a busy thread ends after its job. Throws
    // std::system_error if the system gives no more threads: then the pool has those that it got, threads() says how many.
    void resize(int threads);
    [[nodiscard]] int threads() const noexcept;
    [[nodiscard]] int running() const noexcept;
    [[nodiscard]] int queued() const noexcept;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace loopscope::loop
