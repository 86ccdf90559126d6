// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <exception>

namespace loopscope::loop {

// What a pool job fails with when it did not fail by itself. A value; any thread.
class JobError : public std::exception {
public:
    enum class Code {
        Cancelled, // before it started, or while it ran and looked (JobProgress::throwIfCancelled())
        QueueFull, // WorkerPool::maximumQueued
    };
    explicit JobError(Code code) noexcept
        : m_code(code)
    {
    }
    [[nodiscard]] Code code() const noexcept { return m_code; }
    [[nodiscard]] const char *what() const noexcept override
    {
        return m_code == Code::Cancelled ? "the job was cancelled" : "the worker pool's queue is full";
    }

private:
    Code m_code;
};

} // namespace loopscope::loop
