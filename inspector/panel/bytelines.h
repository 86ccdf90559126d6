// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QList>

#include <vector>

namespace loopscope::panel {

// A stretch of a body of which the bytes were kept.
struct BytePiece {
    qint64 offset = 0; // in the body
    QByteArray bytes;

    friend bool operator==(const BytePiece &, const BytePiece &) = default;
};

// The geometry of a dump: which bytes stand in which line, and where bytes were not kept. Pure; a value.
//
// Pieces that meet are joined, so that a line never breaks where only a chunk ends; between pieces, and behind the
// last up to the body's true size, one line says how many bytes are missing.
class ByteLines {
public:
    struct Line {
        qint64 offset = 0; // in the body
        QByteArrayView bytes; // empty: a gap
        qint64 missingBytes = 0; // of a gap

        friend bool operator==(const Line &a, const Line &b) noexcept
        {
            return a.offset == b.offset && a.bytes == b.bytes && a.missingBytes == b.missingBytes;
        }
    };

    ByteLines() = default;
    // `pieces` in the order of their offsets, not overlapping; `totalBytes` is the true size of the body;
    // `bytesPerLine` ≥ 1.
    ByteLines(const QList<BytePiece> &pieces, qint64 totalBytes, int bytesPerLine);

    [[nodiscard]] int count() const noexcept { return m_count; }
    // `index` in 0 … count() - 1. The view is valid as long as this object.
    [[nodiscard]] Line at(int index) const;
    [[nodiscard]] qint64 keptBytes() const noexcept { return m_keptBytes; }

private:
    struct Section {
        int firstLine = 0;
        qint64 offset = 0;
        QByteArray bytes;
        qint64 missingBytes = 0;
    };
    void addGap(qint64 offset, qint64 missingBytes);

    std::vector<Section> m_sections;
    int m_count = 0;
    int m_bytesPerLine = 16;
    qint64 m_keptBytes = 0;
};

} // namespace loopscope::panel
