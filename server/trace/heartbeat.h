// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/trace/clock.h"

#include <QtCore/QtGlobal>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace loopscope::trace {

// For how long the whole process stood still while its clock went on: in a debugger, after SIGSTOP, in a container or a
// machine that was paused. No callback is to blame for that.
//
// A thread of its own does nothing but sleep, and sees how much too late it wakes. Owned by the Trace, which must not watch
// a ManualClock. Any thread may ask.
class Heartbeat {
public:
    static constexpr std::chrono::milliseconds period{20};
    // Lateness up to which it may be a loaded system that did not wake the thread in time: that is no stop.
    static constexpr std::chrono::milliseconds tolerance{100};

    // `clock` must outlive it.
    explicit Heartbeat(const Clock &clock);
    ~Heartbeat();
    Heartbeat(const Heartbeat &) = delete;
    Heartbeat &operator=(const Heartbeat &) = delete;

    // ns since this was made, with what a stop that has just ended comes to: its thread need not have woken since.
    [[nodiscard]] qint64 stoppedNs() const noexcept;

private:
    void run();
    // How much too late a beat at `now` is, ns; 0: within the tolerance.
    [[nodiscard]] static qint64 latenessNs(qint64 last, qint64 now) noexcept;
    [[nodiscard]] qint64 nowNs() const noexcept { return m_clock.now().count(); }

    const Clock &m_clock;
    std::atomic<qint64> m_stoppedNs = 0;
    std::atomic<qint64> m_lastBeat; // ns on the clock
    std::mutex m_mutex; // guards m_ends
    std::condition_variable m_wake;
    bool m_ends = false;
    std::thread m_thread; // the last: it uses all of the above
};

} // namespace loopscope::trace
