// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace loopscope::model {

// A queue of plain values in blocks of 2^Shift, addressed by sequence number: 0 for the first ever appended, and
// never reused. Appending costs no allocation but one per block; the oldest go a block at a time, and an evicted
// block is used again for the next one. Owned by the stores of a Session; one thread; never shrinks by single values.
template<typename T, int Shift = 12>
class ChunkedDeque {
    static_assert(std::is_trivially_destructible_v<T> || std::is_nothrow_move_assignable_v<T>);

public:
    static constexpr quint64 blockSize = quint64(1) << Shift;

    // Sequence of the oldest value kept, and one past the newest.
    [[nodiscard]] quint64 first() const noexcept { return m_first; }
    [[nodiscard]] quint64 end() const noexcept { return m_end; }
    [[nodiscard]] quint64 size() const noexcept { return m_end - m_first; }
    [[nodiscard]] bool isEmpty() const noexcept { return m_end == m_first; }
    [[nodiscard]] bool contains(quint64 sequence) const noexcept { return sequence >= m_first && sequence < m_end; }

    // `sequence` must be contained.
    [[nodiscard]] const T &at(quint64 sequence) const noexcept
    {
        Q_ASSERT(contains(sequence));
        return m_blocks[std::size_t((sequence - m_first) >> Shift)][sequence & (blockSize - 1)];
    }
    [[nodiscard]] T &at(quint64 sequence) noexcept { return const_cast<T &>(std::as_const(*this).at(sequence)); }

    // Appends and returns its sequence.
    quint64 append(const T &value)
    {
        if (((m_end - m_first) >> Shift) == m_blocks.size())
            addBlock();
        const quint64 sequence = m_end++;
        at(sequence) = value;
        return sequence;
    }
    quint64 append(T &&value)
    {
        if (((m_end - m_first) >> Shift) == m_blocks.size())
            addBlock();
        const quint64 sequence = m_end++;
        at(sequence) = std::move(value);
        return sequence;
    }

    // Drops the oldest block (whole, or what there is of it) and returns how many values went.
    quint64 evictBlock()
    {
        if (isEmpty())
            return 0;
        const quint64 count = std::min(blockSize, size());
        if (count < blockSize) { // the only block: nothing is left, and the next value starts a fresh one
            m_first = m_end = (m_end + blockSize - 1) & ~(blockSize - 1);
        } else {
            m_first += blockSize;
        }
        m_spare = std::move(m_blocks.front());
        m_blocks.erase(m_blocks.begin());
        return count;
    }

    void clear()
    {
        m_blocks.clear();
        m_first = m_end = (m_end + blockSize - 1) & ~(blockSize - 1);
    }

private:
    void addBlock()
    {
        if (m_spare)
            m_blocks.push_back(std::move(m_spare));
        else
            m_blocks.push_back(std::make_unique<T[]>(blockSize));
    }

    std::vector<std::unique_ptr<T[]>> m_blocks;
    std::unique_ptr<T[]> m_spare;
    quint64 m_first = 0; // a multiple of blockSize
    quint64 m_end = 0;
};

} // namespace loopscope::model
