// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/scope/busysums.h"
#include "inspector/scope/scopegeometry.h"

namespace loopscope::scope {

// What the timeline paints of a track at one place: one slice, or all slices of a row that fall on one device pixel.
struct SliceMark {
    static constexpr quint64 mixedRequests = ~quint64(0);

    int row = 0; // BusySums::rowOf()
    quint64 first = 0; // sequence in the store; of a merged mark the first slice on the pixel, in whatever row
    quint64 count = 1; // above 1: merged
    qreal x = 0;
    qreal width = 0;
    qreal busy = 1; // 0 to 1: share of the mark's width in which slices of this row ran
    quint64 request = 0; // for whom it ran, or mixedRequests

    friend bool operator==(const SliceMark &, const SliceMark &) = default;
};

// Walks a track from left to right. A slice at least a device pixel wide is a mark of its own, and its children are
// walked; of all that starts on one pixel and is narrower there is one mark a row, found by a jump to the next pixel.
// So the cost grows with the number of pixels, not of slices.
class SliceWalk {
public:
    // `pixel` is the width of a device pixel in logical ones.
    SliceWalk(const model::SliceStore &store, const BusySums &sums, const ScopeGeometry &geometry, qreal pixel)
        : m_store(store)
        , m_sums(sums)
        , m_geometry(geometry)
        , m_pixel(pixel)
    {
    }

    // Calls sink(const SliceMark &).
    template<typename Sink>
    void run(Sink &&sink) const
    {
        const qint64 endNs = m_geometry.endNs();
        quint64 index = m_store.lowerBound(m_geometry.startNs());
        if (index > m_store.first())
            visitChain(index - 1, m_store.first(), m_geometry.startNs(), sink);
        while (index < m_store.end() && m_store.at(index).start <= endNs) {
            const model::Slice &slice = m_store.at(index);
            if (isWide(slice)) {
                sink(own(index));
                ++index;
                continue;
            }
            const qreal left = std::floor(m_geometry.toX(slice.start) / m_pixel) * m_pixel;
            const qint64 pixelEnd = std::max(slice.start + 1, m_geometry.toNsRightOf(left + m_pixel));
            const quint64 next = m_store.lowerBound(pixelEnd, index);
            for (const SliceMark &mark : merged(index, next, left)) {
                if (mark.count > 0)
                    sink(mark);
            }
            // What starts on this pixel and reaches beyond it lies around the last slice that starts here.
            for (quint64 around = next - 1; around != m_store.end() && around >= index; around = m_store.parent(around)) {
                if (isWide(m_store.at(around)))
                    sink(own(around));
            }
            index = next;
        }
    }

private:
    [[nodiscard]] bool isWide(const model::Slice &slice) const
    {
        return double(slice.duration) >= m_pixel * m_geometry.nsPerPixel();
    }
    [[nodiscard]] SliceMark own(quint64 index) const;
    // By row; count 0 where there is nothing.
    [[nodiscard]] std::array<SliceMark, BusySums::rows> merged(quint64 first, quint64 last, qreal left) const;

    // The slice at `from` and those around it that reach beyond `ns`.
    template<typename Sink>
    void visitChain(quint64 from, quint64 first, qint64 ns, Sink &sink) const
    {
        for (quint64 index = from; index != m_store.end() && index >= first; index = m_store.parent(index)) {
            if (m_store.at(index).end() > ns)
                sink(own(index));
        }
    }

    const model::SliceStore &m_store;
    const BusySums &m_sums;
    const ScopeGeometry &m_geometry;
    const qreal m_pixel;
};

} // namespace loopscope::scope
