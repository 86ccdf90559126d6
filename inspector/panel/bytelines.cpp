// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/bytelines.h"

#include <algorithm>

namespace loopscope::panel {

ByteLines::ByteLines(const QList<BytePiece> &pieces, qint64 totalBytes, int bytesPerLine)
    : m_bytesPerLine(bytesPerLine)
{
    Q_ASSERT(bytesPerLine >= 1);
    qint64 end = 0;
    bool open = false; // the last section is one of bytes, and ends at `end`
    for (const BytePiece &piece : pieces) {
        if (piece.bytes.isEmpty())
            continue;
        if (piece.offset > end) {
            addGap(end, piece.offset - end);
            open = false;
        }
        if (!open)
            m_sections.push_back({.firstLine = 0, .offset = piece.offset, .bytes = {}, .missingBytes = 0});
        m_sections.back().bytes.append(piece.bytes);
        open = true;
        end = piece.offset + piece.bytes.size();
        m_keptBytes += piece.bytes.size();
    }
    if (totalBytes > end)
        addGap(end, totalBytes - end);
    for (Section &section : m_sections) {
        section.firstLine = m_count;
        m_count += section.missingBytes > 0 ? 1 : int((section.bytes.size() + m_bytesPerLine - 1) / m_bytesPerLine);
    }
}

ByteLines::Line ByteLines::at(int index) const
{
    Q_ASSERT(index >= 0 && index < m_count);
    const auto after = std::upper_bound(m_sections.begin(), m_sections.end(), index,
                                        [](int line, const Section &section) { return line < section.firstLine; });
    const Section &section = *(after - 1);
    if (section.missingBytes > 0)
        return {.offset = section.offset, .bytes = {}, .missingBytes = section.missingBytes};
    const qsizetype from = qsizetype(index - section.firstLine) * m_bytesPerLine;
    const qsizetype bytes = std::min<qsizetype>(m_bytesPerLine, section.bytes.size() - from);
    return {.offset = section.offset + from, .bytes = QByteArrayView(section.bytes).sliced(from, bytes), .missingBytes = 0};
}

void ByteLines::addGap(qint64 offset, qint64 missingBytes)
{
    m_sections.push_back({.firstLine = 0, .offset = offset, .bytes = {}, .missingBytes = missingBytes});
}

} // namespace loopscope::panel
