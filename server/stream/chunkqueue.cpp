// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/chunkqueue.h"

#include <cstring>

namespace loopscope::stream {

void ChunkQueue::append(QByteArray chunk)
{
    if (chunk.isEmpty())
        return;
    m_bytes += chunk.size();
    m_chunks.push_back(std::move(chunk));
}

void ChunkQueue::prepend(QByteArray chunk)
{
    if (chunk.isEmpty())
        return;
    if (m_offset > 0) { // what was taken of the first is gone
        m_chunks[m_first].remove(0, m_offset);
        m_offset = 0;
    }
    m_bytes += chunk.size();
    if (m_first > 0)
        m_chunks[--m_first] = std::move(chunk);
    else
        m_chunks.insert(m_chunks.begin(), std::move(chunk));
}

qsizetype ChunkQueue::firstBytes() const noexcept
{
    return m_bytes == 0 ? 0 : m_chunks[m_first].size() - m_offset;
}

QByteArray ChunkQueue::take(qsizetype bytes)
{
    Q_ASSERT(bytes > 0 && bytes <= m_bytes);
    return m_offset == 0 && bytes == firstBytes() ? takeFirst() : gather(bytes);
}

void ChunkQueue::clear()
{
    m_chunks.clear();
    m_first = 0;
    m_offset = 0;
    m_bytes = 0;
}

QByteArray ChunkQueue::takeFirst()
{
    QByteArray chunk = std::move(m_chunks[m_first]);
    m_bytes -= chunk.size() - m_offset;
    m_offset = 0;
    ++m_first;
    if (m_first == m_chunks.size()) {
        m_chunks.clear();
        m_first = 0;
    } else if (m_first > maximumTaken) {
        m_chunks.erase(m_chunks.begin(), m_chunks.begin() + std::ptrdiff_t(m_first));
        m_first = 0;
    }
    return chunk;
}

QByteArray ChunkQueue::gather(qsizetype bytes)
{
    QByteArray gathered(bytes, Qt::Uninitialized);
    for (qsizetype done = 0; done < bytes;) {
        const qsizetype part = qMin(bytes - done, firstBytes());
        std::memcpy(gathered.data() + done, m_chunks[m_first].constData() + m_offset, std::size_t(part));
        done += part;
        if (part == firstBytes()) {
            (void)takeFirst();
        } else {
            m_offset += part;
            m_bytes -= part;
        }
    }
    return gathered;
}

} // namespace loopscope::stream
