// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/chunkeddeque.h"
#include "inspector/model/slice.h"

namespace loopscope::model {

// The slices of one track of one lane, in order of start, parents before children. Owned by a Session; one thread.
//
// Records come when a slice has ended, so children come before the slice around them. insert() puts a slice before
// those at the end that started no earlier: on one thread these are exactly the slices inside it. It deepens them by
// one and links the outermost to it. Every slice is so moved once for each slice around it, and never again.
//
// Indexes are sequence numbers (first() … end()-1). They are stable until the next insert(), and for all slices that
// no later slice can contain.
class SliceStore {
public:
    [[nodiscard]] quint64 first() const noexcept { return m_slices.first(); }
    [[nodiscard]] quint64 end() const noexcept { return m_slices.end(); }
    [[nodiscard]] quint64 size() const noexcept { return m_slices.size(); }
    [[nodiscard]] bool isEmpty() const noexcept { return m_slices.isEmpty(); }
    [[nodiscard]] const Slice &at(quint64 index) const noexcept { return m_slices.at(index); }

    // Index of the first slice that starts at or after `time`, or end(). O(log n).
    [[nodiscard]] quint64 lowerBound(qint64 time) const noexcept { return lowerBound(time, first()); }
    // The same for a time not before the start of the slice at `from`: quick when it is near.
    [[nodiscard]] quint64 lowerBound(qint64 time, quint64 from) const noexcept;

    // Index of the slice around this one, or end() (none, or evicted).
    [[nodiscard]] quint64 parent(quint64 index) const noexcept;
    // Index of the slice that follows this one and all that is inside it: its next sibling, or the end of its parent.
    [[nodiscard]] quint64 afterSubtree(quint64 index) const noexcept { return index + at(index).descendants + 1; }
    // Index of the innermost slice that contains `time` (start <= time < end; a slice of duration 0 contains its
    // start), or end(). O(log n + depth).
    [[nodiscard]] quint64 innermostAt(qint64 time) const noexcept;
    // The slice with this kind, start and id, or end().
    [[nodiscard]] quint64 find(trace::Kind kind, qint64 start, quint64 id) const noexcept;

    // Calls visit(quint64 index, const Slice &) for every slice that overlaps [from, to), in order of start: those
    // that started before `from` and reach into it (O(log n + depth) to find), then those that start within.
    template<typename Visit>
    void visit(qint64 from, qint64 to, Visit &&visit) const
    {
        const quint64 begin = lowerBound(from);
        visitAncestorsReaching(begin, from, visit);
        for (quint64 index = begin; index < end() && at(index).start < to; ++index)
            visit(index, at(index));
    }

    // The end of the slice that ended last, or 0.
    [[nodiscard]] qint64 lastEnd() const noexcept { return m_lastEnd; }
    // Largest depth ever seen, for a view's height: 0 if nothing was nested.
    [[nodiscard]] int maximumDepth() const noexcept { return m_maximumDepth; }

    // For the Session. The slice comes without depth, descendants and parentDistance.
    void insert(const Slice &slice);
    quint64 evictBlock() { return m_slices.evictBlock(); }
    void clear();

private:
    template<typename Visit>
    void visitAncestorsReaching(quint64 begin, qint64 time, Visit &visit) const
    {
        quint64 chain[256]; // depth is 255 at most
        int count = 0;
        for (quint64 index = begin == first() ? end() : begin - 1; index != end() && count < 256; index = parent(index)) {
            if (at(index).end() > time)
                chain[count++] = index;
        }
        while (count-- > 0)
            visit(chain[count], at(chain[count]));
    }

    ChunkedDeque<Slice> m_slices;
    qint64 m_lastEnd = 0;
    qint64 m_lastStart = -1; // ns; of the slice at the end
    int m_maximumDepth = 0;
};

} // namespace loopscope::model
