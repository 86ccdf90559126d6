// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/chunkeddeque.h"

#include <vector>

namespace loopscope::model {

// Things that the server numbers (requests, connections), kept in the order in which they became known, found by
// their number in constant time; the one that was found last at once, for records come in bursts about one. T has a member
// `quint64 number`. Owned by a Session; one thread.
//
// Numbers may come out of order and with gaps (a head that took long, records that were dropped): nothing is made up
// for them. Two numbers further apart than the limit may share a slot; the newer one is then found.
template<typename T>
class NumberedStore {
public:
    using Deque = ChunkedDeque<T, 10>;

    // Keeps `limit` at most (rounded up to whole blocks, two at least).
    explicit NumberedStore(quint64 limit)
        : m_limit(std::max(limit, 2 * Deque::blockSize))
    {
        std::size_t slots = 1;
        while (slots < m_limit * 2)
            slots *= 2;
        m_slots.assign(slots, 0);
    }

    [[nodiscard]] const Deque &all() const noexcept { return m_all; }
    // Null if it was never seen or has been evicted.
    [[nodiscard]] T *find(quint64 number) noexcept
    {
        T *const found = const_cast<T *>(std::as_const(*this).find(number));
        if (found)
            m_last = found;
        return found;
    }
    // The same, if it is the one that was found or added last; else null.
    [[nodiscard]] T *lastFound(quint64 number) noexcept
    {
        return m_last && m_last->number == number ? m_last : nullptr;
    }
    [[nodiscard]] const T *find(quint64 number) const noexcept
    {
        const quint64 sequence = m_slots[number & (m_slots.size() - 1)] - 1; // 0 wraps: not contained
        if (!m_all.contains(sequence))
            return nullptr;
        const T &found = m_all.at(sequence);
        return found.number == number ? &found : nullptr;
    }
    // Sequence in all(), or all().end() if it is not there.
    [[nodiscard]] quint64 sequenceOf(quint64 number) const noexcept
    {
        return find(number) ? m_slots[number & (m_slots.size() - 1)] - 1 : m_all.end();
    }
    [[nodiscard]] bool isFull() const noexcept { return m_all.size() >= m_limit; }

    // Appends `value` under its number. Evict first if isFull().
    T &add(T value)
    {
        T &added = m_all.emplace(std::move(value));
        m_slots[added.number & (m_slots.size() - 1)] = m_all.end(); // its sequence + 1
        m_last = &added;
        return added;
    }
    // Calls gone(T &) for each of the oldest block, then drops it.
    template<typename Gone>
    quint64 evictBlock(Gone &&gone)
    {
        const quint64 last = m_all.first() + std::min(Deque::blockSize, m_all.size());
        for (quint64 sequence = m_all.first(); sequence < last; ++sequence)
            gone(m_all.at(sequence));
        m_last = nullptr;
        return m_all.evictBlock();
    }
    void clear()
    {
        m_last = nullptr;
        m_all.clear();
        std::fill(m_slots.begin(), m_slots.end(), 0);
    }

private:
    Deque m_all;
    quint64 m_limit;
    std::vector<quint64> m_slots; // number modulo size → sequence + 1
    T *m_last = nullptr; // found or added last
};

} // namespace loopscope::model
