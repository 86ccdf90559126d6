// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/textarena.h"

#include <algorithm>
#include <cstring>

namespace loopscope::model {

TextArena::TextArena(quint64 limitBytes)
    : m_limitBlocks(std::max<quint64>(2, (limitBytes + blockBytes - 1) / blockBytes))
{
}

TextRef TextArena::add(QByteArrayView text)
{
    if (text.isEmpty())
        return {};
    const auto bytes = quint32(std::min<qsizetype>(text.size(), blockBytes));
    const quint32 used = m_end & (blockBytes - 1);
    if (used + bytes > blockBytes) // a text never crosses a block
        m_end += blockBytes - used;
    if ((m_end & (blockBytes - 1)) == 0 && m_end - m_first == quint64(m_blocks.size()) * blockBytes)
        addBlock();
    const TextRef ref{m_end, bytes};
    std::memcpy(static_cast<char *>(m_blocks.back().get()) + (m_end & (blockBytes - 1)), text.data(), bytes);
    m_end += bytes;
    return ref;
}

void TextArena::addBlock()
{
    if (m_blocks.size() == m_limitBlocks) {
        m_spare = std::move(m_blocks.front());
        m_blocks.pop_front();
        m_first += blockBytes;
        m_evictedBytes += blockBytes;
    }
    m_blocks.push_back(m_spare ? std::move(m_spare) : takeBlock(blockBytes));
}

QByteArrayView TextArena::view(TextRef ref) const noexcept
{
    if (ref.bytes == 0 || ref.position < m_first || ref.position + ref.bytes > m_end)
        return {};
    const auto block = std::size_t((ref.position - m_first) / blockBytes);
    return {static_cast<const char *>(m_blocks[block].get()) + (ref.position & (blockBytes - 1)), qsizetype(ref.bytes)};
}

void TextArena::clear()
{
    m_blocks.clear();
    m_first = m_end = (m_end + blockBytes - 1) & ~quint64(blockBytes - 1);
    m_evictedBytes = 0;
}

} // namespace loopscope::model
