// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/slicestore.h"

#include <array>
#include <deque>

namespace loopscope::scope {

// How long the slices of a store ran in sum, by depth: what a pixel shows under which thousands of them lie. One
// checkpoint for every 64 slices, less than a byte a slice. Owned by a ScopeView, one for each track it paints.
class BusySums {
public:
    // Rows that a lane has at most; what is nested deeper is painted and summed in the last.
    static constexpr int runRows = 6;
    // Waits are summed in a row of their own, wherever they are nested: time in which nothing ran.
    static constexpr int waitRow = runRows;
    static constexpr int rows = runRows + 1;
    [[nodiscard]] static int rowOf(const model::Slice &slice) noexcept
    {
        return slice.kind == trace::Kind::Wait ? waitRow : std::min<int>(slice.depth, runRows - 1);
    }
    static constexpr quint64 blockSize = 64;
    using Sums = std::array<qint64, rows>;

    // Takes in what is new in the store and will not move any more; forgets what was evicted. O(new slices).
    void update(const model::SliceStore &store);

    // Sum of the durations of [first, last) by row, ns. Reads 2 × blockSize slices of the store at most, and those at
    // its end that update() could not take in yet.
    [[nodiscard]] Sums between(const model::SliceStore &store, quint64 first, quint64 last) const;

private:
    [[nodiscard]] static quint64 settledEnd(const model::SliceStore &store);

    // m_sums[k]: the sums of all slices before sequence (m_firstBlock + k) × blockSize, since counting began.
    std::deque<Sums> m_sums;
    quint64 m_firstBlock = 0;
};

} // namespace loopscope::scope
