// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

namespace loopscope::loop {

// How long a thread was ready to run while the system ran others: what tells a callback that took long from one whose
// thread got no processor. Linux only (/proc/thread-self/schedstat, field 2: "time spent waiting on a runqueue",
// https://docs.kernel.org/scheduler/sched-stats.html); elsewhere it is not told.
//
// Belongs to the thread that calls it first. One system call a question.
class CpuWait {
public:
    CpuWait() = default;
    ~CpuWait();
    CpuWait(const CpuWait &) = delete;
    CpuWait &operator=(const CpuWait &) = delete;

    // ns since the thread began; -1: the system does not tell.
    [[nodiscard]] qint64 waitedNs() noexcept;

private:
    static constexpr int notOpened = -2;
    int m_file = notOpened; // -1: cannot be opened
};

} // namespace loopscope::loop
