// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <chrono>

namespace loopscope::trace {

// The one clock of a process. Every time in a record, a timeout or a view comes from it.
//
// It is monotonic (CLOCK_MONOTONIC, the clock of libuv's uv_hrtime()), so times never run backwards and have no
// meaning as a date. A test makes a ManualClock and drives it by hand. Any thread may call now().
class Clock {
public:
    Clock() = default;
    Clock(const Clock &) = delete;
    Clock &operator=(const Clock &) = delete;

    // Time since an arbitrary fixed point, in nanoseconds. Never smaller than an earlier result.
    [[nodiscard]] std::chrono::nanoseconds now() const noexcept
    {
        if (m_manual) [[unlikely]]
            return std::chrono::nanoseconds(m_manual->load(std::memory_order_relaxed));
        return std::chrono::steady_clock::now().time_since_epoch();
    }

protected:
    explicit Clock(const std::atomic<long long> *manual)
        : m_manual(manual)
    {
    }

private:
    const std::atomic<long long> *m_manual = nullptr;
};

// A clock that stands still until advance() is called. Any thread may read it; one thread, the test's, drives it.
class ManualClock final : public Clock {
public:
    ManualClock()
        : Clock(&m_now)
    {
    }
    // `by` must not be negative.
    void advance(std::chrono::nanoseconds by) noexcept { m_now.fetch_add(by.count(), std::memory_order_relaxed); }

private:
    std::atomic<long long> m_now = 0;
};

} // namespace loopscope::trace
