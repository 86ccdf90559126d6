// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/trace/recorder.h"

namespace loopscope::trace {

LiveSlice Recorder::live() const noexcept
{
    constexpr int tries = 16;
    for (int i = 0; i < tries; ++i) {
        const quint32 before = m_sequence.load(std::memory_order_acquire);
        LiveSlice slice;
        slice.since = m_since.load(std::memory_order_relaxed);
        slice.name = m_name.load(std::memory_order_relaxed);
        slice.file = m_file.load(std::memory_order_relaxed);
        slice.line = m_line.load(std::memory_order_relaxed);
        slice.request = m_request.load(std::memory_order_relaxed);
        slice.phase = m_phase.load(std::memory_order_relaxed);
        slice.sleeps = m_sleeps.load(std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_acquire);
        if ((before & 1) == 0 && m_sequence.load(std::memory_order_relaxed) == before)
            return slice;
    }
    return {};
}

} // namespace loopscope::trace
