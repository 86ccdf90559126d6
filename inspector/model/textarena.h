// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/blockmemory.h"

#include <QtCore/QByteArrayView>
#include <QtCore/QtGlobal>

#include <deque>

namespace loopscope::model {

// Where a text lies in a TextArena.
struct TextRef {
    quint64 position = 0; // since the arena was made; 0 with bytes == 0: no text
    quint32 bytes = 0;
    friend bool operator==(const TextRef &, const TextRef &) = default;
};

// The bytes of a session (heads, first bytes of chunks, addresses), bounded. Owned by a Session; one thread.
// The oldest go first, a block at a time; a reference to what is gone reads as a null view, never as other bytes.
class TextArena {
public:
    // Bytes of a block; a longer text is cut to it (a trace record's text is 32 KiB at most).
    static constexpr quint32 blockBytes = quint32(256) << 10;

    // `limitBytes` is rounded up to whole blocks, two at least.
    explicit TextArena(quint64 limitBytes);

    // Copies `text`. An empty text gives an empty reference.
    TextRef add(QByteArrayView text);
    // Null if it was evicted (or never was); valid until the next add() or clear().
    [[nodiscard]] QByteArrayView view(TextRef ref) const noexcept;
    // True if `ref` had bytes and they are gone.
    [[nodiscard]] bool isEvicted(TextRef ref) const noexcept { return ref.bytes > 0 && ref.position < m_first; }

    [[nodiscard]] quint64 limitBytes() const noexcept { return m_limitBlocks * blockBytes; }
    [[nodiscard]] quint64 usedBytes() const noexcept { return m_end - m_first; }
    // Bytes dropped by the limit since clear().
    [[nodiscard]] quint64 evictedBytes() const noexcept { return m_evictedBytes; }
    void clear();

private:
    void addBlock();

    std::deque<Block> m_blocks;
    Block m_spare;
    quint64 m_limitBlocks;
    quint64 m_first = blockBytes; // multiple of blockBytes; never 0, so that position 0 is nowhere
    quint64 m_end = blockBytes;
    quint64 m_evictedBytes = 0;
};

} // namespace loopscope::model
