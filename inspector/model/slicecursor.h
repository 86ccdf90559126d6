// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/lane.h"

#include <algorithm>
#include <limits>

namespace loopscope::model {

// A reader's place in the slices of a lane: gives each slice of one kind once, in order of start, as they come. Owned by
// whoever follows a Session; one thread; keeps nothing of the store.
//
// A slice that may yet get a slice around it would move: it is given when it can no more (settledUntil()).
class SliceCursor {
public:
    // Slices that start before this time, ns, have everything around them: on a loop those before the end of the last
    // phase, turn or wait, on a worker those before the job that runs.
    [[nodiscard]] static qint64 settledUntil(const Lane &lane) noexcept
    {
        if (lane.kind == trace::Trace::LaneKind::Worker)
            return lane.running.isRunning() ? lane.running.since : std::numeric_limits<qint64>::max();
        return std::max(lane.track(Track::Phases).lastEnd(), lane.track(Track::Turns).lastEnd());
    }

    // Calls visit(const Slice &) for those of `lane`'s track Run that start before `until` (or settledUntil()), `most` at
    // most. False: there are more of them. O(new slices).
    template<typename Visit>
    bool read(const Lane &lane, trace::Kind kind, qint64 until, quint64 most, Visit &&visit)
    {
        const SliceStore &store = lane.track(Track::Run);
        until = std::min(until, settledUntil(lane));
        m_next = std::max(m_next, store.first());
        for (; m_next < store.end() && store.at(m_next).start < until; ++m_next) {
            if (store.at(m_next).kind != kind)
                continue;
            if (most-- == 0)
                return false;
            visit(store.at(m_next));
        }
        return true;
    }

private:
    quint64 m_next = 0; // sequence in the store
};

} // namespace loopscope::model
