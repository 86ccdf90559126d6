// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/scope/slicemarks.h"

namespace loopscope::scope {

using model::Slice;

SliceMark SliceWalk::own(quint64 index) const
{
    const Slice &slice = m_store.at(index);
    const qreal x = m_geometry.toX(slice.start);
    return {.row = BusySums::rowOf(slice),
            .first = index,
            .count = 1,
            .x = x,
            .width = std::max(m_pixel, m_geometry.toX(slice.end()) - x),
            .busy = 1,
            .request = slice.request};
}

std::array<SliceMark, BusySums::rows> SliceWalk::merged(quint64 first, quint64 last, qreal left) const
{
    std::array<SliceMark, BusySums::rows> marks;
    for (int row = 0; row < BusySums::rows; ++row)
        marks[std::size_t(row)] = {.row = row, .first = first, .count = 0, .x = left, .width = m_pixel, .busy = 0};
    const double pixelNs = m_pixel * m_geometry.nsPerPixel();
    // Up to a block of slices is told apart one by one. Of more, sums tell how long they ran, and not for whom.
    constexpr quint64 fewEnough = BusySums::blockSize;
    constexpr quint64 firstLooks = 16; // for an example of each row
    const bool many = last - first > fewEnough;
    const quint64 scanned = many ? first + firstLooks : last;
    for (quint64 index = first; index < scanned; ++index) {
        const Slice &slice = m_store.at(index);
        if (isWide(slice))
            continue; // painted as its own
        SliceMark &mark = marks[std::size_t(BusySums::rowOf(slice))];
        if (mark.count == 0) {
            mark.first = index;
            mark.request = slice.request;
        } else if (mark.request != slice.request) {
            mark.request = SliceMark::mixedRequests;
        }
        ++mark.count;
        mark.busy += double(slice.duration) / pixelNs;
    }
    if (many) {
        BusySums::Sums sums = m_sums.between(m_store, first, last);
        for (quint64 around = last - 1; around != m_store.end() && around >= first; around = m_store.parent(around)) {
            if (isWide(m_store.at(around)))
                sums[std::size_t(BusySums::rowOf(m_store.at(around)))] -= m_store.at(around).duration;
        }
        for (SliceMark &mark : marks) {
            const qint64 ns = sums[std::size_t(mark.row)];
            if (ns > 0 || mark.count > 0) {
                mark.count = std::max(mark.count, quint64(2));
                mark.request = SliceMark::mixedRequests;
                mark.busy = double(ns) / pixelNs;
            }
        }
    }
    for (SliceMark &mark : marks)
        mark.busy = mark.count == 1 ? 1 : std::min(1.0, mark.busy);
    return marks;
}

} // namespace loopscope::scope
