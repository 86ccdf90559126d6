// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/task.h"

#include <memory>
#include <optional>

// Slow work in three forms, as Node's crypto has it:
//
//   const quint64 value = co_await fibonacci(40);                              // throws what the work threw
//   fibonacci(40, [](std::exception_ptr error, quint64 value) { … });          // error-first
//   const quint64 value = fibonacciSync(40);                                   // the caller's thread waits
//
// The first two are a job of the pool of the calling thread's loop, named as the function. The second gives the job's
// number, with which WorkerPool::cancel() takes it back; its callback then gets a JobError. The third is traced as a Span.
// `progress`, where there is one, is called on the loop. Arguments are checked before anything runs: a RangeError is thrown
// by the call itself, or by co_await.
namespace loopscope::work {

using loop::JobProgress;
using loop::Site;
using loop::Task;
using JobId = loop::WorkerPool::JobId;
using Progress = loop::WorkerPool::Progress;

// `value` is T() if there is an error.
template<typename T>
using ErrorFirst = loop::UniqueFunction<void(std::exception_ptr error, T value)>;

// Runs `work`, a function of (JobProgress &) that gives a T, as a job; then `callback` on the loop.
template<typename T, typename Work>
JobId submitJob(const char *name, Work work, ErrorFirst<T> callback, Progress progress, Site site)
{
    auto result = std::make_shared<std::optional<T>>();
    return loop::EventLoop::current()->pool().submit(
        name, [work = std::move(work), result](JobProgress &job) mutable { result->emplace(work(job)); },
        [result, callback = std::move(callback)](std::exception_ptr error) mutable {
            T value = error ? T() : std::move(**result);
            callback(std::move(error), std::move(value));
        },
        std::move(progress), site);
}

} // namespace loopscope::work
