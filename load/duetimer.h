// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

#include <functional>

struct uv_loop_s;

namespace loopscope::load {

// Calls back at a time on the monotonic clock, as exactly as the system can: a libuv timer knows milliseconds only,
// which would count as latency. On Linux it is a timerfd, elsewhere a libuv timer that is rounded down and set anew.
//
// Lives on the loop's thread; the loop outlives it by a turn. Never waits.
class DueTimer final {
public:
    // `due` is called from the loop, once for each start().
    DueTimer(uv_loop_s *loop, std::function<void()> due);
    ~DueTimer();
    DueTimer(const DueTimer &) = delete;
    DueTimer &operator=(const DueTimer &) = delete;

    // In place of an earlier time. One that has passed is due at once, with the next turn.
    void start(qint64 atNs);
    void stop();

private:
    struct Handle;
    Handle *m_handle; // libuv's until its close callback, which deletes it
};

} // namespace loopscope::load
