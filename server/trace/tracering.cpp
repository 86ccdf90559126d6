// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/trace/tracering.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

namespace loopscope::trace {

TraceRing::TraceRing(std::size_t capacityBytes)
{
    const std::size_t capacity = std::bit_ceil(std::clamp(capacityBytes, minimumBytes, maximumBytes));
    // Value-initialised: the pages are touched now, not on the loop. One record more than the capacity, always zero,
    // so that the consumer may read a whole record where only a short skip mark stands.
    m_buffer = std::make_unique<char[]>(capacity + sizeof(TraceRecord));
    m_mask = capacity - 1;
    m_maximumText = std::min(maximumTextBytes, capacity / 4);
}

bool TraceRing::makeRoom(std::size_t need, std::size_t &head) noexcept
{
    const std::size_t capacity = capacityBytes();
    const std::size_t toEnd = capacity - (head & m_mask);
    const bool wraps = toEnd < need;
    const std::size_t total = wraps ? toEnd + need : need;
    if (capacity - (head - m_tailSeen) < total) {
        m_tailSeen = m_tail.load(std::memory_order_acquire);
        if (capacity - (head - m_tailSeen) < total) {
            m_dropped.store(m_dropped.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
            return false;
        }
    }
    if (wraps) {
        std::memset(m_buffer.get() + (head & m_mask), 0, toEnd);
        head += toEnd;
    }
    return true;
}

} // namespace loopscope::trace
