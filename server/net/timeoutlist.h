// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

namespace loopscope::net {

// A member of one TimeoutList at a time. Leaves it when it dies.
class TimeoutEntry {
public:
    TimeoutEntry() = default;
    TimeoutEntry(const TimeoutEntry &) = delete;
    TimeoutEntry &operator=(const TimeoutEntry &) = delete;
    ~TimeoutEntry() { leave(); }

    void leave() noexcept
    {
        if (!m_next)
            return;
        m_next->m_previous = m_previous;
        m_previous->m_next = m_next;
        m_next = nullptr;
        m_previous = nullptr;
    }
    [[nodiscard]] bool isMember() const noexcept { return m_next != nullptr; }
    [[nodiscard]] std::chrono::milliseconds deadline() const noexcept { return m_deadline; }

private:
    friend class TimeoutList;
    TimeoutEntry *m_next = nullptr;
    TimeoutEntry *m_previous = nullptr;
    std::chrono::milliseconds m_deadline{};
};

// Entries that all wait equally long, the first to expire in front: entering, leaving and starting anew move a few
// pointers, so that thousands of connections need one timer. (Node keeps its timers in such lists.)
// One thread; entries are owned by others.
class TimeoutList {
public:
    // 0: nobody waits in it, for there is no limit.
    explicit TimeoutList(std::chrono::milliseconds timeout) noexcept
        : m_timeout(timeout)
    {
        m_ring.m_next = &m_ring;
        m_ring.m_previous = &m_ring;
    }
    ~TimeoutList();
    TimeoutList(const TimeoutList &) = delete;
    TimeoutList &operator=(const TimeoutList &) = delete;

    [[nodiscard]] std::chrono::milliseconds timeout() const noexcept { return m_timeout; }
    // (Re)starts the entry's time; takes it out of whatever list it was in. Without a timeout it is in none then.
    void start(TimeoutEntry &entry, std::chrono::milliseconds now) noexcept;
    // The first to expire, or null.
    [[nodiscard]] TimeoutEntry *front() noexcept { return m_ring.m_next == &m_ring ? nullptr : m_ring.m_next; }

private:
    const std::chrono::milliseconds m_timeout;
    TimeoutEntry m_ring;
};

} // namespace loopscope::net
