// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/replay.h"

#include <algorithm>
#include <limits>

namespace loopscope::model {

using trace::Kind;
using trace::Phase;

// Room for the callbacks of other requests between those of one.
static constexpr std::size_t maximumRan = 20 * Replay::maximumSteps;

std::optional<ReplayQueue> Replay::queueOf(Kind kind, const QByteArray &name, qint64 dueNs)
{
    if (kind == Kind::JobQueued)
        return ReplayQueue::Jobs;
    if (dueNs != 0 || name == "setTimeout" || name == "setInterval")
        return ReplayQueue::Timers;
    if (name == "setImmediate")
        return ReplayQueue::Immediates;
    if (name == "nextTick")
        return ReplayQueue::Ticks;
    if (name == "queueMicrotask" || name == "await")
        return ReplayQueue::Microtasks;
    if (name == "close")
        return ReplayQueue::Closing;
    return std::nullopt;
}

// --- loading ---

bool Replay::loadRange(TimeRange range, int lane)
{
    return load(range, lane, 0);
}

bool Replay::loadRequest(quint64 number)
{
    const Request *request = m_session.request(number);
    if (!request) {
        clear();
        return false;
    }
    // A callback may have begun before the request's first byte was read in it, and run on after its end.
    qint64 from = request->start;
    qint64 to = from;
    int lane = -1;
    for (const SliceKey &key : m_session.slicesOfRequest(number)) {
        if (key.kind != Kind::Callback || (lane >= 0 && key.lane != lane))
            continue;
        lane = key.lane;
        from = std::min(from, key.start);
        to = std::max(to, key.start + 1);
    }
    return load({from, to}, lane, number);
}

void Replay::clear()
{
    m_ran.clear();
    m_steps.clear();
    m_waiting.clear();
    m_byId.clear();
    m_missing = {};
}

int Replay::firstLoop() const
{
    for (int lane = 0; lane < m_session.laneCount(); ++lane) {
        if (m_session.lane(lane).kind == trace::Trace::LaneKind::Loop)
            return lane;
    }
    return -1;
}

bool Replay::load(TimeRange range, int lane, quint64 request)
{
    clear();
    m_lane = lane >= 0 ? lane : firstLoop();
    if (m_lane < 0 || m_lane >= m_session.laneCount())
        return false;
    m_missing.droppedRecords = m_session.server().droppedRecords;
    const Session::Evicted evicted = m_session.evicted();
    m_missing.evicted = evicted.events > 0 || evicted.slices > 0;
    collectSteps(range, request);
    if (m_steps.empty()) {
        clear();
        return false;
    }
    collectEntries();
    readJobs();
    return true;
}

void Replay::collectSteps(TimeRange range, quint64 request)
{
    const SliceStore &store = m_session.slices(m_lane, Track::Run);
    for (quint64 index = store.lowerBound(range.from); index < store.end(); ++index) {
        const Slice &slice = store.at(index);
        if (slice.start >= range.to)
            break;
        if (slice.kind != Kind::Callback)
            continue;
        if (m_steps.size() == maximumSteps || m_ran.size() == maximumRan) {
            m_missing.steps = true;
            break;
        }
        m_ran.push_back({Session::keyOf(m_lane, Track::Run, slice), slice.start, slice.duration, slice.phase, slice.name,
                         slice.file, slice.line, slice.id, slice.request, slice.value, m_ran.size()});
        if (request == 0 || slice.request == request)
            m_steps.push_back(m_ran.back());
    }
}

// The first callback that began after it was recorded. What is registered at the very beginning of a callback, on a
// clock that has not moved on, names that callback as its parent.
std::size_t Replay::ordinalAfter(const Event &event) const
{
    const auto byStart = [](const ReplayStep &step, qint64 time) { return step.start < time; };
    auto step = std::lower_bound(m_ran.begin(), m_ran.end(), event.start, byStart);
    for (auto same = step; same != m_ran.end() && same->start == event.start; ++same) {
        if (event.parent != 0 && same->id == event.parent)
            step = same + 1;
    }
    return std::size_t(step - m_ran.begin());
}

quint64 Replay::firstEventToLookAt() const
{
    const ChunkedDeque<Event> &events = m_session.events();
    // Events of other lanes come in between, and a lane's come in order: the oldest that may count is good enough.
    quint64 low = events.first();
    quint64 high = events.end();
    while (low < high) {
        const quint64 middle = low + (high - low) / 2;
        if (events.at(middle).start < m_ran.front().start)
            low = middle + 1;
        else
            high = middle;
    }
    return low - events.first() > lookBackEvents ? low - lookBackEvents : events.first();
}

// In the order of time: registrations and what they came to, those from before the first step included.
void Replay::collectEntries()
{
    const ChunkedDeque<Event> &events = m_session.events();
    quint64 event = firstEventToLookAt();
    m_missing.lookedBackOnly = event > events.first();
    // of all slices, or of those since a little before the first event that is looked at: they are not quite in order
    constexpr qint64 marginNs = 1'000'000'000;
    const qint64 since = m_missing.lookedBackOnly ? events.at(event).start - marginNs : 0;
    const SliceStore &store = m_session.slices(m_lane, Track::Run);
    for (quint64 index = store.lowerBound(since); index < store.end(); ++index) {
        const Slice &slice = store.at(index);
        if (slice.start >= m_ran.front().start)
            break;
        if (slice.kind != Kind::Callback)
            continue;
        addEventsUntil(event, slice.start);
        runBefore(slice.id);
    }
    for (const ReplayStep &step : m_ran) {
        addEventsUntil(event, step.start);
        run(step);
    }
    m_byId.clear();
}

// A lane's events are in order, but not those of several lanes.
void Replay::addEventsUntil(quint64 &next, qint64 time)
{
    const ChunkedDeque<Event> &events = m_session.events();
    for (; next < events.end(); ++next) {
        const Event &event = events.at(next);
        if (event.lane != m_lane)
            continue;
        if (event.start > time)
            return;
        addEvent(event);
    }
}

void Replay::addEvent(const Event &event)
{
    if (event.kind == Kind::Cleared) {
        const auto found = m_byId.constFind(event.id);
        if (found != m_byId.constEnd()) {
            m_waiting[*found].gone = ordinalAfter(event);
            m_byId.erase(found);
        }
        return;
    }
    if (event.kind != Kind::Registered && event.kind != Kind::JobQueued)
        return;
    const QByteArray &name = m_session.string(event.name);
    const std::optional<ReplayQueue> queue = queueOf(event.kind, name, event.value);
    if (!queue)
        return;
    if (m_waiting.size() == maximumEntries)
        dropGone();
    if (m_missing.entries)
        return;
    Waiting waiting;
    waiting.entry.id = event.id;
    waiting.entry.name = event.name;
    waiting.entry.file = event.file;
    waiting.entry.line = event.line;
    waiting.entry.request = event.request;
    waiting.entry.registered = event.start;
    if (*queue == ReplayQueue::Timers && event.value != 0)
        waiting.entry.due = event.value;
    waiting.queue = *queue;
    waiting.repeats = *queue == ReplayQueue::Timers && name != "setTimeout";
    waiting.born = ordinalAfter(event);
    if (const auto same = m_byId.constFind(event.id); same != m_byId.constEnd())
        m_waiting[*same].gone = waiting.born; // of another loop on this lane, which counts from 1 again
    m_byId.insert(event.id, m_waiting.size());
    m_waiting.push_back(std::move(waiting));
}

// Before the first step.
void Replay::runBefore(quint64 id)
{
    const auto found = m_byId.constFind(id);
    if (found == m_byId.constEnd())
        return;
    Waiting &waiting = m_waiting[*found];
    if (waiting.repeats) {
        waiting.entry.due.reset(); // that of its next run is another
        return;
    }
    waiting.gone = 0;
    m_byId.erase(found);
}

// What it was registered as waits no longer, unless it repeats.
void Replay::run(const ReplayStep &step)
{
    if (step.id == 0)
        return;
    const auto found = m_byId.constFind(step.id);
    if (found == m_byId.constEnd()) {
        // what is polled, or runs between turns, may never have been registered
        m_missing.unregistered += step.phase != Phase::Poll && step.phase != Phase::None;
        return;
    }
    Waiting &waiting = m_waiting[*found];
    if (waiting.repeats) {
        waiting.runs.push_back({step.ordinal, step.due});
        return;
    }
    waiting.gone = step.ordinal + 1;
    m_byId.erase(found);
}

// Makes room: forgets those that were gone before the first step.
void Replay::dropGone()
{
    const auto isGone = [](const Waiting &waiting) { return waiting.gone == 0; };
    m_waiting.erase(std::remove_if(m_waiting.begin(), m_waiting.end(), isGone), m_waiting.end());
    m_byId.clear();
    for (std::size_t i = 0; i < m_waiting.size(); ++i) {
        if (m_waiting[i].gone == never)
            m_byId.insert(m_waiting[i].entry.id, i);
    }
    m_missing.entries = m_waiting.size() > maximumEntries / 4 * 3; // it is not worth while to come again for the rest
}

// When the jobs that wait ran on their workers.
void Replay::readJobs()
{
    QHash<quint64, std::size_t> jobs;
    qint64 since = std::numeric_limits<qint64>::max();
    for (std::size_t i = 0; i < m_waiting.size(); ++i) {
        if (m_waiting[i].queue != ReplayQueue::Jobs || m_waiting[i].gone == 0)
            continue;
        jobs.insert(m_waiting[i].entry.id, i);
        since = std::min(since, m_waiting[i].entry.registered);
    }
    if (jobs.isEmpty())
        return;
    for (int lane = 0; lane < m_session.laneCount(); ++lane) {
        const Lane &worker = m_session.lane(lane);
        if (worker.running.id != 0 && worker.kind == trace::Trace::LaneKind::Worker) {
            if (const auto found = jobs.constFind(worker.running.id); found != jobs.constEnd())
                m_waiting[*found].jobStart = worker.running.since;
        }
        const SliceStore &store = worker.track(Track::Run);
        for (quint64 index = store.lowerBound(since); index < store.end(); ++index) {
            const Slice &slice = store.at(index);
            if (slice.start > m_ran.back().start)
                break;
            const auto found = slice.kind == Kind::JobFinished ? jobs.constFind(slice.id) : jobs.constEnd();
            if (found == jobs.constEnd() || slice.start < m_waiting[*found].entry.registered)
                continue;
            m_waiting[*found].jobStart = slice.start;
            m_waiting[*found].jobEnd = slice.end();
        }
    }
}

// --- looking ---

qsizetype Replay::stepOf(const SliceKey &slice) const noexcept
{
    const auto byStart = [](const ReplayStep &step, qint64 time) { return step.start < time; };
    auto step = std::lower_bound(m_steps.begin(), m_steps.end(), slice.start, byStart);
    for (; step != m_steps.end() && step->start == slice.start; ++step) {
        if (step->key == slice)
            return step - m_steps.begin();
    }
    return -1;
}

QList<ReplayEntry> Replay::queueBefore(std::size_t step, ReplayQueue queue) const
{
    QList<ReplayEntry> entries;
    const ReplayStep &now = m_steps.at(step);
    for (const Waiting &waiting : m_waiting) {
        if (waiting.queue != queue || now.ordinal < waiting.born || now.ordinal >= waiting.gone)
            continue;
        ReplayEntry entry = waiting.entry;
        entry.runsNow = entry.id == now.id;
        if (waiting.repeats && !waiting.runs.empty()) {
            const auto next = std::lower_bound(waiting.runs.begin(), waiting.runs.end(), now.ordinal,
                                               [](const Run &run, std::size_t ordinal) { return run.ordinal < ordinal; });
            entry.due = next == waiting.runs.end() ? std::nullopt : std::optional<qint64>(next->due);
        }
        if (queue == ReplayQueue::Jobs) {
            const bool started = waiting.jobStart >= 0 && waiting.jobStart <= now.start;
            const bool ended = started && waiting.jobEnd >= 0 && waiting.jobEnd <= now.start;
            entry.job = ended ? ReplayEntry::Job::Ended : started ? ReplayEntry::Job::Running : ReplayEntry::Job::Waiting;
            if (entry.runsNow)
                entry.job = ReplayEntry::Job::Ended;
        }
        entries.append(entry);
    }
    if (queue == ReplayQueue::Timers) {
        static constexpr qint64 unknown = std::numeric_limits<qint64>::max();
        std::stable_sort(entries.begin(), entries.end(), [](const ReplayEntry &a, const ReplayEntry &b) {
            return a.due.value_or(unknown) < b.due.value_or(unknown);
        });
    }
    return entries;
}

} // namespace loopscope::model
