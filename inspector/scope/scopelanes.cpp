// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/scope/scopelanes.h"

namespace loopscope::scope {

using model::Track;

void ScopeLanes::updateSums(const model::Session &session)
{
    m_sums.resize(std::size_t(session.laneCount()));
    for (int thread = 0; thread < session.laneCount(); ++thread) {
        m_sums[std::size_t(thread)].phases.update(session.slices(thread, Track::Phases));
        m_sums[std::size_t(thread)].run.update(session.slices(thread, Track::Run));
    }
}

QList<LaneBox> ScopeLanes::layOut(const model::Session &session, model::TimeRange range, const ScopeStyle &style)
{
    m_lanes.clear();
    for (const bool loops : {true, false}) {
        for (int thread = 0; thread < session.laneCount(); ++thread) {
            const bool isLoop = session.lane(thread).kind != trace::Trace::LaneKind::Worker;
            if (isLoop == loops)
                m_lanes.push_back({.kind = isLoop ? ScopeLane::Kind::Loop : ScopeLane::Kind::Worker, .thread = thread});
        }
    }
    std::vector<ScopeLane> idle;
    for (quint64 row = 0; row < session.connectionCount(); ++row) {
        const model::Connection &connection = session.connectionAt(row);
        if (connection.opened > range.to || (!connection.isOpen() && connection.closed < range.from))
            continue;
        ScopeLane lane{.kind = ScopeLane::Kind::Connection, .connection = connection.number};
        const std::size_t next = session.firstRequestEndingAfter(connection, range.from);
        const model::Request *request
            = next < connection.requestCount() ? session.request(connection.requestAt(next)) : nullptr;
        lane.active = request && request->start <= range.to;
        (lane.active ? m_lanes : idle).push_back(lane);
    }
    m_lanes.insert(m_lanes.end(), idle.begin(), idle.end());

    QList<LaneBox> boxes;
    boxes.reserve(qsizetype(m_lanes.size()));
    for (std::size_t i = 0; i < m_lanes.size(); ++i) {
        const ScopeLane &lane = m_lanes[i];
        LaneBox box{.lane = int(i), .rows = 1, .rowHeight = lane.active ? style.connectionHeight : style.idleHeight};
        if (lane.kind != ScopeLane::Kind::Connection) {
            box.rowHeight = style.rowHeight;
            const int depth = session.slices(lane.thread, Track::Run).maximumDepth() + 1;
            box.rows = lane.kind == ScopeLane::Kind::Loop ? runRow + std::clamp(depth, 2, BusySums::runRows)
                                                          : std::clamp(depth, 1, BusySums::runRows);
        }
        boxes.append(box);
    }
    return boxes;
}

int ScopeLanes::indexOfThread(int thread) const
{
    const auto it = std::find_if(m_lanes.begin(), m_lanes.end(), [&](const ScopeLane &l) { return l.thread == thread; });
    return it == m_lanes.end() || thread < 0 ? -1 : int(it - m_lanes.begin());
}

int ScopeLanes::indexOfConnection(quint64 connection) const
{
    const auto it = std::find_if(m_lanes.begin(), m_lanes.end(), [&](const ScopeLane &l) { return l.connection == connection; });
    return it == m_lanes.end() || connection == 0 ? -1 : int(it - m_lanes.begin());
}

} // namespace loopscope::scope
