// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/slicestore.h"

#include <limits>
#include <utility>

namespace loopscope::model {

quint64 SliceStore::lowerBound(qint64 time, quint64 from) const noexcept
{
    // Gallop from `from`, then halve: a painter asks for near places, pixel after pixel.
    quint64 low = from;
    quint64 step = 1;
    while (low + step < end() && at(low + step).start < time) {
        low += step;
        step *= 2;
    }
    quint64 high = std::min(end(), low + step);
    while (low < high) {
        const quint64 middle = low + (high - low) / 2;
        if (at(middle).start < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

quint64 SliceStore::parent(quint64 index) const noexcept
{
    const quint32 distance = at(index).parentDistance;
    return distance == 0 || distance > index - first() ? end() : index - distance;
}

quint64 SliceStore::innermostAt(qint64 time) const noexcept
{
    const quint64 after = lowerBound(time + 1); // all before it start at or before `time`
    for (quint64 index = after == first() ? end() : after - 1; index != end(); index = parent(index)) {
        const Slice &slice = at(index);
        if (slice.end() > time || (slice.duration == 0 && slice.start == time))
            return index;
    }
    return end();
}

quint64 SliceStore::find(trace::Kind kind, qint64 start, quint64 id) const noexcept
{
    for (quint64 index = lowerBound(start); index < end() && at(index).start == start; ++index) {
        if (at(index).kind == kind && at(index).id == id)
            return index;
    }
    return end();
}

void SliceStore::insert(const Slice &slice)
{
    m_lastEnd = std::max(m_lastEnd, slice.end());
    const qint64 startBefore = std::exchange(m_lastStart, slice.start);
    quint64 place = m_slices.append(slice);
    if (startBefore < slice.start || place == m_slices.first())
        return; // nothing is inside it
    const quint64 last = place;
    while (place > m_slices.first() && m_slices.at(place - 1).start >= slice.start) {
        Slice &moved = m_slices.at(place);
        moved = m_slices.at(place - 1);
        if (moved.depth < std::numeric_limits<quint8>::max())
            ++moved.depth;
        m_maximumDepth = std::max(m_maximumDepth, int(moved.depth));
        --place;
    }
    Slice &inserted = m_slices.at(place);
    inserted = slice;
    inserted.descendants = quint32(last - place);
    // The outermost of those inside have this one around them from now on.
    for (quint64 child = place + 1; child <= last; child += m_slices.at(child).descendants + 1)
        m_slices.at(child).parentDistance = quint32(child - place);
    m_lastStart = startBefore; // what was at the end is there again
}

void SliceStore::clear()
{
    m_slices.clear();
    m_lastEnd = 0;
    m_lastStart = -1;
    m_maximumDepth = 0;
}

} // namespace loopscope::model
