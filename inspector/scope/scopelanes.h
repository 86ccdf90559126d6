// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"
#include "inspector/model/viewstate.h"
#include "inspector/scope/busysums.h"
#include "inspector/scope/scopegeometry.h"
#include "inspector/scope/scopestyle.h"

#include <deque>
#include <vector>

namespace loopscope::scope {

// A lane as the timeline lists it: a thread of the trace, or a connection.
struct ScopeLane {
    enum class Kind { Loop, Worker, Connection };

    Kind kind = Kind::Loop;
    int thread = -1; // index of the session's lane, of a loop or worker
    quint64 connection = 0; // number, of a connection
    bool active = true; // a connection: a request of it is in view
    friend bool operator==(const ScopeLane &, const ScopeLane &) = default;
};

// Which lanes there are, in which order, with what sums below their pixels. Owned by a ScopeView.
//
// Loops come first, then the workers; then the connections that had a request in the time in view, then, lower, those
// that were open in it and idle. One that was not open then is left out.
class ScopeLanes {
public:
    // Row of a loop's lane with its phases; the callbacks and what is nested in them follow.
    static constexpr int phaseRow = 0;
    static constexpr int runRow = 1;

    // Takes in what is new in the session.
    void updateSums(const model::Session &session);
    // Forgets all sums; after the session was cleared.
    void clear() { m_sums.clear(); }

    // Lists and lays out the lanes for a time range. O(lanes + connections kept).
    [[nodiscard]] QList<LaneBox> layOut(const model::Session &session, model::TimeRange range, const ScopeStyle &style);
    // LaneBox::lane is an index into it.
    [[nodiscard]] const std::vector<ScopeLane> &all() const noexcept { return m_lanes; }
    [[nodiscard]] int indexOfThread(int thread) const;
    [[nodiscard]] int indexOfConnection(quint64 connection) const;

    [[nodiscard]] const BusySums &phases(int thread) const { return m_sums[std::size_t(thread)].phases; }
    [[nodiscard]] const BusySums &run(int thread) const { return m_sums[std::size_t(thread)].run; }

private:
    struct ThreadSums {
        BusySums phases;
        BusySums run;
    };

    std::vector<ScopeLane> m_lanes;
    std::deque<ThreadSums> m_sums; // by thread
};

} // namespace loopscope::scope
