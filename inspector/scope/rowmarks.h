// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/scope/scopegeometry.h"

#include <QtCore/QtGlobal>

namespace loopscope::scope {

// What one row of the timeline paints at one place: a slice of its own, or all slices that fall on one device pixel.
struct Mark {
    qsizetype first = 0; // index in the row
    qsizetype count = 1;
    qreal x = 0;
    qreal width = 0;

    friend bool operator==(const Mark &, const Mark &) = default;
};

// A Row is anything with
//     qsizetype count() const;
//     qint64 startNs(qsizetype) const, endNs(qsizetype) const;        both ascending: slices of a row do not overlap

// Index of the first slice at or after `from` that starts at or after `ns`. Gallops: the cost grows with the logarithm
// of the distance, so that stepping through a row pixel by pixel stays cheap.
template<typename Row>
[[nodiscard]] qsizetype firstStartingAt(const Row &row, qint64 ns, qsizetype from = 0)
{
    const qsizetype count = row.count();
    qsizetype step = 1;
    qsizetype low = from;
    qsizetype high = from;
    while (high < count && row.startNs(high) < ns) {
        low = high + 1;
        high += step;
        step *= 2;
    }
    high = std::min(high, count);
    while (low < high) {
        const qsizetype middle = low + (high - low) / 2;
        if (row.startNs(middle) < ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// Index of the first slice that ends after `ns`: the first one to be seen in a view that begins there.
template<typename Row>
[[nodiscard]] qsizetype firstEndingAfter(const Row &row, qint64 ns)
{
    qsizetype low = 0;
    qsizetype high = row.count();
    while (low < high) {
        const qsizetype middle = low + (high - low) / 2;
        if (row.endNs(middle) <= ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// Index of the slice at `ns`, or of the nearest within `toleranceNs`; -1 if there is none.
template<typename Row>
[[nodiscard]] qsizetype sliceAt(const Row &row, qint64 ns, qint64 toleranceNs)
{
    const qsizetype next = firstEndingAfter(row, ns);
    qsizetype best = -1;
    qint64 distance = toleranceNs + 1;
    for (const qsizetype i : {next, next - 1}) {
        if (i < 0 || i >= row.count())
            continue;
        const qint64 away = std::max({qint64(0), row.startNs(i) - ns, ns - row.endNs(i)});
        if (away < distance) {
            distance = away;
            best = i;
        }
    }
    return best;
}

// Calls sink(const Mark &) for what is seen of a row, from left to right. `pixel` is the width of a device pixel in
// logical ones. The cost grows with the number of pixels, not of slices.
template<typename Row, typename Sink>
void forEachMark(const Row &row, const ScopeGeometry &geometry, qreal pixel, Sink &&sink)
{
    const qint64 endNs = geometry.endNs();
    const qsizetype count = row.count();
    qsizetype i = firstEndingAfter(row, geometry.startNs() - 1);
    while (i < count && row.startNs(i) <= endNs) {
        const qint64 start = row.startNs(i);
        const qreal x = geometry.toX(start);
        const qreal width = geometry.toX(row.endNs(i)) - x;
        if (width >= pixel) {
            sink(Mark{i, 1, x, width});
            ++i;
            continue;
        }
        const qreal left = std::floor(x / pixel) * pixel;
        qsizetype next = firstStartingAt(row, std::max(geometry.toNsRightOf(left + pixel), start + 1), i + 1);
        // Only the last of them can reach beyond the pixel; if it is wide it gets a mark of its own.
        if (next - i > 1 && geometry.toX(row.endNs(next - 1)) - geometry.toX(row.startNs(next - 1)) >= pixel)
            --next;
        sink(Mark{i, next - i, left, pixel});
        i = next;
    }
}

} // namespace loopscope::scope
