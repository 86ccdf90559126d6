// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace loopscope::loop {

// A first-in-first-out queue in one block of memory that is reused: pushing costs an allocation only while the queue
// grows beyond its longest so far. After a burst the block is given back, once the queue is empty.
// It belongs to one thread. T moves without throwing and its default value owns nothing.
template<typename T>
class RingQueue {
public:
    static constexpr std::size_t initialCapacity = 64;
    // A larger block is freed when the queue runs empty.
    static constexpr std::size_t keptCapacity = 4'096;

    [[nodiscard]] bool isEmpty() const noexcept { return m_head == m_tail; }
    [[nodiscard]] std::size_t size() const noexcept { return m_tail - m_head; }
    [[nodiscard]] std::size_t capacity() const noexcept { return m_slots.size(); }

    void push(T &&value)
    {
        if (size() == m_slots.size())
            grow();
        m_slots[m_tail++ & (m_slots.size() - 1)] = std::move(value);
    }

    // Undefined while the queue is empty.
    [[nodiscard]] T takeFirst()
    {
        T value = std::exchange(m_slots[m_head++ & (m_slots.size() - 1)], T());
        if (isEmpty() && m_slots.size() > keptCapacity) {
            m_slots = std::vector<T>();
            m_head = m_tail = 0;
        }
        return value;
    }

private:
    void grow()
    {
        std::vector<T> larger(m_slots.empty() ? initialCapacity : 2 * m_slots.size());
        const std::size_t count = size();
        for (std::size_t i = 0; i < count; ++i)
            larger[i] = std::move(m_slots[(m_head + i) & (m_slots.size() - 1)]);
        m_slots = std::move(larger);
        m_head = 0;
        m_tail = count;
    }

    std::vector<T> m_slots; // its size is zero or a power of two
    std::size_t m_head = 0; // both grow without end; & (size - 1) is the place
    std::size_t m_tail = 0;
};

} // namespace loopscope::loop
