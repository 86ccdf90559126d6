// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/timeoutlist.h"

namespace loopscope::net {

TimeoutList::~TimeoutList()
{
    while (TimeoutEntry *entry = front())
        entry->leave();
}

void TimeoutList::start(TimeoutEntry &entry, std::chrono::milliseconds now) noexcept
{
    entry.leave();
    if (m_timeout == std::chrono::milliseconds::zero())
        return;
    entry.m_deadline = now + m_timeout;
    entry.m_next = &m_ring;
    entry.m_previous = m_ring.m_previous;
    m_ring.m_previous->m_next = &entry;
    m_ring.m_previous = &entry;
}

} // namespace loopscope::net
