// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>

#include <vector>

namespace loopscope::stream {

// The chunks that a Readable has ready, in order. A plain value of one thread.
//
// A whole chunk goes in and out as it is, without a copy. A part of one, or more than one at a time, is copied once.
class ChunkQueue {
public:
    void append(QByteArray chunk);
    void prepend(QByteArray chunk);

    // All that is there.
    [[nodiscard]] qsizetype bytes() const noexcept { return m_bytes; }
    [[nodiscard]] bool isEmpty() const noexcept { return m_bytes == 0; }
    // Of the first chunk; 0 if there is none.
    [[nodiscard]] qsizetype firstBytes() const noexcept;

    // The first `bytes`, from 1 to bytes().
    [[nodiscard]] QByteArray take(qsizetype bytes);
    void clear();

private:
    // Chunks already taken that may stand before m_first until the list is moved up; Node's lists wait for 1,024.
    static constexpr std::size_t maximumTaken = 256;

    [[nodiscard]] QByteArray takeFirst();
    [[nodiscard]] QByteArray gather(qsizetype bytes);

    std::vector<QByteArray> m_chunks; // none is empty
    std::size_t m_first = 0; // index of the first that is still there
    qsizetype m_offset = 0; // bytes of that one which were taken
    qsizetype m_bytes = 0;
};

} // namespace loopscope::stream
