// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/blockmemory.h"

#include <QtCore/QtGlobal>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace loopscope::model {

// A queue of plain values in blocks of 2^Shift, addressed by sequence number: 0 for the first ever appended, and
// never reused. Appending costs no allocation but one per block, and writes no more memory than the value takes; the
// oldest go a block at a time, and an evicted block is used again for the next one. Values stay where they are until
// they go. Owned by the stores of a Session; one thread; never shrinks by single values.
template<typename T, int Shift = 12>
class ChunkedDeque {
    static_assert(alignof(T) <= alignof(std::max_align_t) && std::is_nothrow_destructible_v<T>);

public:
    static constexpr quint64 blockSize = quint64(1) << Shift;

    ChunkedDeque() = default;
    ~ChunkedDeque() { clear(); }
    ChunkedDeque(const ChunkedDeque &) = delete;
    ChunkedDeque &operator=(const ChunkedDeque &) = delete;

    // Sequence of the oldest value kept, and one past the newest.
    [[nodiscard]] quint64 first() const noexcept { return m_first; }
    [[nodiscard]] quint64 end() const noexcept { return m_end; }
    [[nodiscard]] quint64 size() const noexcept { return m_end - m_first; }
    [[nodiscard]] bool isEmpty() const noexcept { return m_end == m_first; }
    [[nodiscard]] bool contains(quint64 sequence) const noexcept { return sequence - m_first < m_end - m_first; }

    // `sequence` must be contained.
    [[nodiscard]] const T &at(quint64 sequence) const noexcept
    {
        Q_ASSERT(contains(sequence));
        return valuesOf(m_blocks[std::size_t((sequence - m_first) >> Shift)])[sequence & (blockSize - 1)];
    }
    [[nodiscard]] T &at(quint64 sequence) noexcept { return const_cast<T &>(std::as_const(*this).at(sequence)); }

    // Makes a value of `arguments` at the end; its sequence is end() - 1 then.
    template<typename... Arguments>
    T &emplace(Arguments &&...arguments)
    {
        if (m_next == m_blockEnd)
            addBlock();
        T *made = std::construct_at(m_next, std::forward<Arguments>(arguments)...);
        ++m_next;
        ++m_end;
        return *made;
    }
    // Appends and returns its sequence.
    quint64 append(const T &value)
    {
        emplace(value);
        return m_end - 1;
    }

    // Drops the oldest block (whole, or what there is of it) and returns how many values went.
    quint64 evictBlock()
    {
        if (isEmpty())
            return 0;
        const quint64 count = std::min(blockSize, size());
        destroy(m_blocks.front(), count);
        if (count < blockSize) { // the only block: nothing is left, and the next value starts a fresh one
            m_first = m_end = (m_end + blockSize - 1) & ~(blockSize - 1);
            m_next = m_blockEnd = nullptr;
        } else {
            m_first += blockSize;
        }
        m_spare = std::move(m_blocks.front());
        m_blocks.erase(m_blocks.begin());
        return count;
    }

    void clear()
    {
        for (std::size_t i = 0; i < m_blocks.size(); ++i)
            destroy(m_blocks[i], std::min(blockSize, size() - i * blockSize));
        m_blocks.clear();
        m_next = m_blockEnd = nullptr;
        m_first = m_end = (m_end + blockSize - 1) & ~(blockSize - 1);
    }

private:
    [[nodiscard]] static T *valuesOf(const Block &block) noexcept { return static_cast<T *>(block.get()); }
    static void destroy(const Block &block, quint64 count) noexcept { std::destroy_n(valuesOf(block), count); }

    void addBlock()
    {
        m_blocks.push_back(m_spare ? std::move(m_spare) : takeBlock(sizeof(T) << Shift));
        m_next = valuesOf(m_blocks.back());
        m_blockEnd = m_next + blockSize;
    }

    std::vector<Block> m_blocks;
    Block m_spare;
    T *m_next = nullptr; // where the next value goes; m_blockEnd: into a new block
    T *m_blockEnd = nullptr;
    quint64 m_first = 0; // a multiple of blockSize
    quint64 m_end = 0;
};

} // namespace loopscope::model
