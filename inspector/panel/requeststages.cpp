// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/requeststages.h"

#include <QtCore/QHash>

#include <algorithm>

namespace loopscope::panel {

using model::Request;

namespace {

void append(QList<StageInterval> &intervals, Stage stage, qint64 from, qint64 to)
{
    if (to <= from)
        return;
    if (!intervals.isEmpty() && intervals.last().stage == stage && intervals.last().to == from)
        intervals.last().to = to;
    else
        intervals.append({stage, from, to});
}

// `time`, or `missing` if it is unknown, but never outside [low, high]: records of one request are in order, and this
// keeps the partition whole where some are missing.
qint64 boundary(qint64 time, qint64 missing, qint64 low, qint64 high)
{
    return std::clamp(time == Request::unknown ? missing : time, low, high);
}

// Between the request's arrival and its response: at each moment the foremost of Loop, Pool, PoolQueue, Waiting.
void appendAnswering(QList<StageInterval> &intervals, const QList<Activity> &activities, qint64 from, qint64 to)
{
    struct Edge {
        qint64 time = 0;
        int kind = 0; // index into `open`
        int step = 0; // +1 begins, -1 ends
    };
    std::vector<Edge> edges;
    edges.reserve(std::size_t(activities.size()) * 2);
    for (const Activity &activity : activities) {
        const qint64 begin = std::max(activity.from, from);
        const qint64 end = std::min(activity.to, to);
        if (begin >= end)
            continue;
        const int kind = int(activity.stage) - int(Stage::Loop);
        Q_ASSERT(kind >= 0 && kind < 3);
        edges.push_back({begin, kind, 1});
        edges.push_back({end, kind, -1});
    }
    std::sort(edges.begin(), edges.end(), [](const Edge &a, const Edge &b) { return a.time < b.time; });
    int open[3] = {0, 0, 0};
    qint64 at = from;
    for (const Edge &edge : edges) {
        const Stage stage = open[0] ? Stage::Loop : open[1] ? Stage::Pool : open[2] ? Stage::PoolQueue : Stage::Waiting;
        append(intervals, stage, at, edge.time);
        at = edge.time;
        open[edge.kind] += edge.step;
    }
    append(intervals, Stage::Waiting, at, to);
}

} // namespace

QList<StageInterval> stagesOf(const Request &request, const QList<Activity> &activities, qint64 now)
{
    const qint64 end = request.start + request.durationAt(now);
    const qint64 responseHead = boundary(request.responseHead, end, request.start, end);
    const qint64 head = boundary(request.headComplete, request.start, request.start, responseHead);
    // A body that has not ended is still read; one that never came (no RequestComplete, none declared) takes no time.
    const bool readsOn = request.isRunning() && request.framing != trace::BodyFraming::None;
    const qint64 body = boundary(request.bodyComplete, readsOn ? responseHead : head, head, responseHead);
    QList<StageInterval> intervals;
    append(intervals, Stage::ReadingHead, request.start, head);
    append(intervals, Stage::ReadingBody, head, body);
    appendAnswering(intervals, activities, body, responseHead);
    append(intervals, Stage::Sending, responseHead, end);
    return intervals;
}

QList<Activity> activitiesOf(const model::Session &session, quint64 number, qint64 now)
{
    QList<Activity> activities;
    QHash<quint64, qint64> queued; // job → when
    const QList<model::Event> events = session.eventsOfRequest(number);
    for (const model::Event &event : events) {
        if (event.kind == trace::Kind::JobQueued)
            queued.insert(event.id, event.start);
    }
    const auto leftQueue = [&](quint64 job, qint64 at) {
        if (const auto found = queued.constFind(job); found != queued.constEnd()) {
            activities.append({Stage::PoolQueue, *found, at});
            queued.erase(found);
        }
    };
    const QList<model::SliceKey> keys = session.slicesOfRequest(number);
    for (const model::SliceKey &key : keys) {
        const model::Slice *slice = session.slice(key);
        if (!slice)
            continue;
        const bool worker = session.lane(key.lane).kind == trace::Trace::LaneKind::Worker;
        activities.append({worker ? Stage::Pool : Stage::Loop, slice->start, slice->end()});
        if (worker)
            leftQueue(slice->id, slice->start);
    }
    for (int i = 0; i < session.laneCount(); ++i) { // what runs at this moment has no slice yet
        const model::Lane::Running &running = session.lane(i).running;
        if (!running.isRunning() || running.request != number)
            continue;
        const bool worker = session.lane(i).kind == trace::Trace::LaneKind::Worker;
        activities.append({worker ? Stage::Pool : Stage::Loop, running.since, now});
        if (worker)
            leftQueue(running.id, running.since);
    }
    for (auto it = queued.constBegin(); it != queued.constEnd(); ++it)
        activities.append({Stage::PoolQueue, it.value(), now});
    return activities;
}

std::array<qint64, stageCount> stageTotals(const QList<StageInterval> &intervals)
{
    std::array<qint64, stageCount> totals{};
    for (const StageInterval &interval : intervals)
        totals[std::size_t(interval.stage)] += interval.to - interval.from;
    return totals;
}

} // namespace loopscope::panel
