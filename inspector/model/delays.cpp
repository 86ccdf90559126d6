// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/delays.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace loopscope::model {

using trace::Kind;
using trace::Phase;

namespace {

// Of one wait: jobs that are looked at beside each other. A handler that has more under way at once is rare.
constexpr std::size_t maximumJobsAtOnce = 256;
// Records of the phases track that are looked at to find when a poll returned: its own and the sleep before it.
constexpr int phasesBack = 3;

// The slice whose request the stack runs for, or null: nobody's.
const Slice *ownerOf(const SliceStore &store, const SliceStack &stack)
{
    for (auto index = stack.rbegin(); index != stack.rend(); ++index) {
        if (store.at(*index).request != 0)
            return &store.at(*index);
    }
    return nullptr;
}

// Of what is registered without a time, what the loop runs as soon as it comes to it; a stream's events and sockets wait for
// something else first.
bool runsSoon(const QByteArray &name)
{
    return name == "setImmediate" || name == "nextTick" || name == "queueMicrotask" || name == "await" || name == "close";
}

// What a WorkerThread's parent is called back with (server/work/workerthread.h).
bool toldByAThread(const QByteArray &name)
{
    return name == "online" || name == "message" || name == "error" || name == "exit";
}

} // namespace

qint64 DelayAccount::of(DelayPart part) const noexcept
{
    return std::accumulate(shares.cbegin(), shares.cend(), qint64(0), [part](qint64 sum, const DelayShare &share) {
        return sum + (share.part == part ? share.ns : 0);
    });
}

double DelayAccount::accountedShare() const noexcept
{
    return total() > 0 ? 1.0 - double(of(DelayPart::Unaccounted)) / double(total()) : 1.0;
}

DelayAnalysis::DelayAnalysis(const Session &session, quint64 request, qint64 now)
    : m_session(session)
    , m_number(request)
{
    const Request *known = session.request(request);
    if (!known) {
        m_stage = Stage::Done;
        return;
    }
    m_request = *known;
    m_account.request = request;
    m_account.from = m_request.start;
    if (m_request.arrived != Request::unknown && m_request.arrived < m_request.start) {
        m_account.from = m_request.arrived;
        m_account.readLate = m_request.start - m_request.arrived;
    }
    m_account.ended = !m_request.isRunning();
    m_account.to = std::max(m_account.from, m_request.isRunning() ? now : m_request.end);
    m_account.arrivalNotTold = m_request.arrivalNotTold;
    m_account.dropped = session.server().droppedRecords;
    m_nextEvent = m_request.lastEvent;
    m_at = m_ownEnd = m_account.from;
    if (const Connection *on = session.connection(m_request.connection)) {
        const auto begin = on->requests.cbegin() + std::ptrdiff_t(on->firstRequest);
        const auto self = std::find(begin, on->requests.cend(), request);
        const Request *earlier = self != begin && self != on->requests.cend() ? session.request(*(self - 1)) : nullptr;
        if (earlier && (earlier->isRunning() || earlier->end > m_account.from)) {
            m_earlier = earlier->number;
            m_earlierEnd = earlier->isRunning() ? m_account.to : earlier->end;
        }
    }
}

bool DelayAnalysis::advance(quint64 most)
{
    quint64 budget = std::max<quint64>(most, 1);
    if (m_stage == Stage::Events)
        readEvents(budget);
    if (m_stage == Stage::Workers && budget > 0)
        readWorkers(budget);
    if (m_stage == Stage::Loop && budget > 0)
        readLoop(budget);
    return isDone();
}

// --- reading ---

void DelayAnalysis::readEvents(quint64 &budget)
{
    const auto &events = m_session.events();
    for (; budget > 0 && events.contains(m_nextEvent); --budget) {
        const Event &event = events.at(m_nextEvent);
        takeEvent(event);
        m_nextEvent = event.previous;
    }
    if (events.contains(m_nextEvent))
        return;
    m_account.evicted = m_account.evicted || m_nextEvent != Event::none;
    for (int lane = 0; m_lane < 0 && lane < m_session.laneCount(); ++lane) {
        if (m_session.lane(lane).kind == trace::Trace::LaneKind::Loop)
            m_lane = lane;
    }
    sortEvents();
    m_stage = Stage::Workers;
}

// Newest first, as they are chained.
void DelayAnalysis::takeEvent(const Event &event)
{
    if (m_lane < 0 && m_session.lane(event.lane).kind == trace::Trace::LaneKind::Loop)
        m_lane = event.lane;
    switch (event.kind) {
    case Kind::JobQueued:
        if (m_jobs.size() < maximumJobs) {
            m_jobById[event.id] = m_jobs.size();
            Job queued;
            queued.id = event.id;
            queued.queued = event.start;
            queued.name = event.name;
            queued.file = event.file;
            queued.line = event.line;
            m_jobs.push_back(queued);
        }
        break;
    case Kind::Backpressure: // its end comes before its beginning
        if (event.detail == 0)
            m_backpressure.push_back({m_account.from, event.start});
        else if (!m_backpressure.empty() && m_backpressure.back().from == m_account.from)
            m_backpressure.back().from = event.start;
        else
            m_backpressure.push_back({event.start, m_account.to});
        break;
    case Kind::BytesArrived:
        if (event.value != 0)
            m_arrivals.push_back({event.start, event.start + event.duration});
        break;
    case Kind::Registered:
        if (event.value > 0)
            m_timers.push_back({event.start, event.id, event.value, 0});
        else if (runsSoon(m_session.string(event.name)))
            m_ready.push_back({event.start, event.id});
        else if (m_session.string(event.name) == "exit")
            m_threads.push_back({event.start, event.id});
        break;
    case Kind::Cleared:
        m_cleared.insert(event.id, event.start);
        break;
    default:
        break;
    }
}

void DelayAnalysis::sortEvents()
{
    std::reverse(m_backpressure.begin(), m_backpressure.end());
    std::reverse(m_arrivals.begin(), m_arrivals.end());
    std::reverse(m_timers.begin(), m_timers.end());
    qint64 latest = 0;
    for (Timer &timer : m_timers) {
        const qint64 cleared = m_cleared.value(timer.id, timer.due);
        timer.latestDue = latest = std::max(latest, std::min(timer.due, cleared));
    }
}

DelayAnalysis::Job *DelayAnalysis::job(quint64 id)
{
    const auto found = m_jobById.find(id);
    return found == m_jobById.end() ? nullptr : &m_jobs[*found];
}

void DelayAnalysis::readWorkers(quint64 &budget)
{
    for (; m_nextLane < m_session.laneCount() && budget > 0; ++m_nextLane, m_at = m_account.from) {
        if (m_session.lane(m_nextLane).kind != trace::Trace::LaneKind::Worker)
            continue;
        const SliceStore &store = m_session.slices(m_nextLane, Track::Run);
        const quint64 first = store.lowerBound(m_at);
        const bool whole = first + budget >= store.end();
        const qint64 until = whole ? m_account.to : std::max(store.at(first + budget).start, m_at + 1);
        store.visit(m_at, until, [&](quint64, const Slice &slice) {
            if (slice.request != m_number || slice.kind != Kind::JobFinished || m_jobs.size() >= maximumJobs)
                return;
            Job *ran = job(slice.id);
            if (!ran) { // the record of its queuing is gone
                m_jobById[slice.id] = m_jobs.size();
                ran = &m_jobs.emplace_back();
                ran->id = slice.id;
                ran->queued = slice.start;
                ran->name = slice.name;
            }
            ran->started = slice.start;
            ran->finished = slice.end();
            ran->lane = m_nextLane;
            ran->slice = Session::keyOf(m_nextLane, Track::Run, slice);
        });
        budget -= std::min<quint64>(budget, store.end() - std::min(first, store.end()) + 1);
        if (!whole && until < m_account.to) {
            m_at = until;
            return;
        }
    }
    if (m_nextLane < m_session.laneCount())
        return;
    readRunningJobs();
    collectReady();
    m_at = m_account.from;
    m_stage = Stage::Loop;
}

void DelayAnalysis::readRunningJobs()
{
    for (int lane = 0; lane < m_session.laneCount(); ++lane) {
        const Lane &worker = m_session.lane(lane);
        if (worker.kind != trace::Trace::LaneKind::Worker || !worker.running.isRunning())
            continue;
        if (Job *runs = worker.running.request == m_number ? job(worker.running.id) : nullptr;
            runs && runs->started == Request::unknown) {
            runs->started = worker.running.since;
            runs->lane = lane;
        }
    }
    std::sort(m_jobs.begin(), m_jobs.end(), [](const Job &a, const Job &b) { return a.queued < b.queued; });
    m_jobById.clear();
    for (std::size_t i = 0; i < m_jobs.size(); ++i)
        m_jobById[m_jobs[i].id] = i;
}

void DelayAnalysis::collectReady()
{
    for (const Timer &timer : m_timers)
        m_ready.push_back({timer.due, timer.id});
    for (const Job &done : m_jobs) {
        if (done.finished != Request::unknown)
            m_ready.push_back({done.finished, done.id});
    }
    std::sort(m_ready.begin(), m_ready.end(), [](const Ready &a, const Ready &b) { return a.at < b.at; });
    for (const Ready &ready : m_ready)
        m_notRun.insert(ready.id);
    for (const Ready &thread : m_threads)
        m_notRun.insert(thread.id);
}

void DelayAnalysis::readLoop(quint64 &budget)
{
    if (m_lane < 0) {
        finish();
        return;
    }
    const SliceStore &store = run();
    if (store.first() > 0) { // evicted, or cleared; between two steps, too
        const qint64 known = store.isEmpty() ? m_account.to : std::min(store.at(store.first()).start, m_account.to);
        if (known > m_at) {
            m_account.evicted = true;
            add(DelayPart::Unaccounted, m_ownEnd, known);
            m_at = m_ownEnd = known;
        }
    }
    while (budget > 0 && m_at < m_account.to) {
        const quint64 first = store.lowerBound(m_at);
        const bool whole = first + budget >= store.end();
        const qint64 until = whole ? m_account.to
                                   : std::min(m_account.to, std::max(store.at(first + budget).start, m_at + 1));
        visitFlat(store, m_at, until,
                  [this](qint64 from, qint64 to, const SliceStack &stack) { takeStretch(from, to, stack); });
        const quint64 read = store.lowerBound(until) - first + 1;
        budget -= std::min(budget, read);
        m_at = until;
    }
    if (m_at >= m_account.to)
        finish();
}

void DelayAnalysis::takeStretch(qint64 from, qint64 to, const SliceStack &stack)
{
    if (from < m_earlierEnd && to > m_earlierEnd) { // what the one before has of it ends within
        const qint64 answered = m_earlierEnd;
        takeStretch(from, answered, stack);
        takeStretch(answered, to, stack);
        return;
    }
    if (stack.empty())
        return;
    const bool own = isOwn(stack, from);
    if (own && from > m_ownEnd) {
        Cause cause = causeOf(stack, m_ownEnd, from);
        cause.ready = std::min(cause.ready, pendingSince(from));
        addGap(m_ownEnd, from, cause);
    }
    if (!m_notRun.isEmpty())
        m_notRun.remove(run().at(stack.front()).id);
    if (!own)
        return;
    const Slice &inner = run().at(stack.back());
    add(DelayPart::Loop, from, to, inner, Session::keyOf(m_lane, Track::Run, inner), 0);
    m_ownEnd = to;
}

void DelayAnalysis::finish()
{
    addTail();
    for (const auto &[key, share] : m_shares)
        m_account.shares.append(share);
    std::stable_sort(m_account.shares.begin(), m_account.shares.end(), [](const DelayShare &a, const DelayShare &b) {
        return a.part != b.part ? a.part < b.part : a.ns > b.ns;
    });
    m_stage = Stage::Done;
}

// --- judging ---

// A callback of its connection is its own even where no request is named (a part of a head was read), or a later one (the
// callback went on to what was pipelined behind it).
bool DelayAnalysis::isOwn(const SliceStack &stack, qint64 at) const
{
    const Slice *owner = ownerOf(run(), stack);
    const Slice &outer = run().at(stack.front());
    if (owner && owner->request == m_number)
        return owner != &outer || at >= m_earlierEnd; // a callback has the number of the last that it served
    if (m_request.connection == 0 || at < m_request.start)
        return false;
    if (outer.kind != Kind::Callback || outer.connection != m_request.connection)
        return false;
    return !owner || (owner == &outer && owner->request > m_number);
}

DelayAnalysis::Cause DelayAnalysis::causeOf(const SliceStack &stack, qint64 gapFrom, qint64 at)
{
    const Slice &outer = run().at(stack.front());
    Cause cause;
    cause.ready = at;
    if (outer.start <= gapFrom) { // something of another request ran within a callback of this one
        cause.ready = gapFrom;
        return cause;
    }
    if (!isOwn({stack.front()}, at)) { // called from another's callback
        cause.known = true;
        cause.part = DelayPart::OtherEvent;
        cause.who = &outer;
        cause.whoKey = Session::keyOf(m_lane, Track::Run, outer);
        return cause;
    }
    if (outer.phase == Phase::Poll)
        return causeInPoll(outer, at);
    const Event *registered = outer.id != 0 ? m_session.registration(outer.id, m_lane) : nullptr;
    if (outer.phase == Phase::Timers) {
        if (outer.value <= 0 || (registered && registered->request != m_number)) // a time limit of the server's
            return cause;
        cause.ready = outer.value;
        cause.known = true;
        cause.part = DelayPart::OwnTimer;
        return cause;
    }
    if (!registered)
        return cause;
    cause.ready = registered->start;
    const quint64 by = run().innermostAt(registered->start);
    if (registered->start > gapFrom && by != run().end()) {
        cause.known = true;
        cause.part = DelayPart::OtherEvent;
        cause.who = &run().at(by);
        cause.whoKey = Session::keyOf(m_lane, Track::Run, *cause.who);
    }
    return cause;
}

DelayAnalysis::Cause DelayAnalysis::causeInPoll(const Slice &slice, qint64 at)
{
    Cause cause;
    cause.ready = std::min(at, pollReturned(slice.start));
    if (Job *completed = slice.id != 0 ? job(slice.id) : nullptr) {
        if (completed->finished == Request::unknown) // it was cancelled, or its worker's record is missing
            completed->finished = cause.ready;
        cause.ready = completed->finished;
        return cause;
    }
    const auto arrival = std::find_if(m_arrivals.begin(), m_arrivals.end(),
                                      [&](const Interval &interval) { return interval.to >= slice.start; });
    if (arrival != m_arrivals.end() && arrival->to <= slice.end())
        cause.ready = std::min(cause.ready, arrival->from);
    const QByteArray &name = m_session.string(slice.name);
    cause.known = true;
    if (name == "writable") {
        cause.part = DelayPart::ClientTake;
    } else if (name == "readable" && owesBytes(m_ownEnd)) {
        cause.part = DelayPart::ClientSend;
    } else if (toldByAThread(name)) {
        cause.part = DelayPart::WorkerThread;
        cause.who = &slice;
        cause.whoKey = Session::keyOf(m_lane, Track::Run, slice);
    } else {
        cause.known = false;
    }
    return cause;
}

// When the poll had returned in whose phase `at` lies; `at` if no record tells.
qint64 DelayAnalysis::pollReturned(qint64 at) const
{
    const SliceStore &phases = m_session.slices(m_lane, Track::Phases);
    qint64 returned = -1;
    quint64 index = phases.lowerBound(at + 1);
    for (int back = 0; back < phasesBack && index > phases.first(); ++back) {
        const Slice &phase = phases.at(--index);
        if (phase.kind == Kind::PhaseRun && phase.phase != Phase::Poll)
            break;
        const qint64 time = phase.kind == Kind::Wait ? phase.end() : phase.start;
        if (time <= at && (phase.kind == Kind::Wait || phase.end() >= at))
            returned = std::max(returned, time);
    }
    return returned < 0 ? at : returned;
}

// Whether the client has something to send still.
bool DelayAnalysis::owesBytes(qint64 at) const noexcept
{
    if (m_request.headComplete == Request::unknown) // if it was answered, then because no more came, or nothing good
        return m_request.responseHead == Request::unknown || m_request.responseHead > at;
    if (m_request.headComplete > at)
        return true;
    return m_request.framing != trace::BodyFraming::None
        && (m_request.bodyComplete == Request::unknown || m_request.bodyComplete > at);
}

// What a wait was for that no callback of its own has ended.
DelayPart DelayAnalysis::outstanding(qint64 from, qint64 to) const
{
    const auto later = std::upper_bound(m_backpressure.begin(), m_backpressure.end(), from,
                                        [](qint64 time, const Interval &interval) { return time < interval.from; });
    if (later != m_backpressure.begin() && (later - 1)->to > from)
        return DelayPart::ClientTake;
    if (owesBytes(from))
        return DelayPart::ClientSend;
    const auto timer = std::upper_bound(m_timers.begin(), m_timers.end(), from,
                                        [](qint64 time, const Timer &known) { return time < known.registered; });
    if (timer != m_timers.begin() && (timer - 1)->latestDue >= to)
        return DelayPart::OwnTimer;
    const bool threadWorks = std::any_of(m_threads.cbegin(), m_threads.cend(), [&](const Ready &thread) {
        return thread.at <= from && m_notRun.contains(thread.id) && m_cleared.value(thread.id, to) >= to;
    });
    return threadWorks ? DelayPart::WorkerThread : DelayPart::Unaccounted;
}

// Since when something of its own could have run that has not run yet; `before` if nothing could.
qint64 DelayAnalysis::pendingSince(qint64 before)
{
    for (; m_nextReady < m_ready.size() && m_ready[m_nextReady].at < before; ++m_nextReady)
        m_pending.push_back(m_ready[m_nextReady]);
    std::erase_if(m_pending, [&](const Ready &ready) {
        return !m_notRun.contains(ready.id) || m_cleared.value(ready.id, before) < before;
    });
    return m_pending.empty() ? before : m_pending.front().at;
}

// --- adding up ---

void DelayAnalysis::addGap(qint64 from, qint64 to, const Cause &cause)
{
    if (m_earlierEnd > from) {
        const qint64 until = std::min(to, m_earlierEnd);
        DelayShare &behind = share({DelayPart::EarlierRequest, m_earlier, 0, 0, 0});
        behind.ns += until - from;
        ++behind.stretches;
        from = until;
    }
    if (from >= to)
        return;
    const qint64 ready = std::clamp(cause.ready, from, to);
    addWait(from, ready, cause);
    addHeldUp(ready, to);
}

// [from, to), in which it could not go on: with its jobs where there were any, else by what ended it.
void DelayAnalysis::addWait(qint64 from, qint64 to, const Cause &cause)
{
    if (from >= to)
        return;
    const auto isOver = [from](const Job &job) { return job.finished != Request::unknown && job.finished <= from; };
    while (m_firstJob < m_jobs.size() && isOver(m_jobs[m_firstJob]))
        ++m_firstJob;
    std::vector<const Job *> jobs;
    std::vector<qint64> cuts{from, to};
    for (std::size_t i = m_firstJob; i < m_jobs.size() && m_jobs[i].queued < to && jobs.size() < maximumJobsAtOnce; ++i) {
        if (isOver(m_jobs[i]))
            continue;
        jobs.push_back(&m_jobs[i]);
        for (const qint64 time : {m_jobs[i].queued, m_jobs[i].started, m_jobs[i].finished}) {
            if (time > from && time < to)
                cuts.push_back(time);
        }
    }
    std::sort(cuts.begin(), cuts.end());
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
        const qint64 at = cuts[i];
        const auto covers = [at](const Job *job) {
            return job->queued <= at && (job->finished == Request::unknown || job->finished > at);
        };
        const auto runs = [&](const Job *job) {
            return covers(job) && job->started != Request::unknown && job->started <= at;
        };
        auto found = std::find_if(jobs.begin(), jobs.end(), runs);
        if (found == jobs.end())
            found = std::find_if(jobs.begin(), jobs.end(), covers);
        if (found != jobs.end())
            addJob(**found, at, cuts[i + 1]);
        else if (cause.who)
            add(cause.part, at, cuts[i + 1], *cause.who, cause.whoKey, cause.who->request == m_number ? 0 : cause.who->request);
        else
            add(cause.known ? cause.part : outstanding(at, cuts[i + 1]), at, cuts[i + 1]);
    }
}

void DelayAnalysis::addJob(const Job &job, qint64 from, qint64 to)
{
    if (from >= to)
        return;
    if (job.started != Request::unknown && job.started <= from) {
        Slice ran;
        ran.name = job.name;
        ran.file = job.file;
        ran.line = job.line;
        add(DelayPart::PoolRunning, from, to, ran, job.slice, 0);
        return;
    }
    if (job.lane < 0) { // no worker has taken it: whom it waits for is not decided
        add(DelayPart::PoolQueued, from, to);
        return;
    }
    const SliceStore &store = m_session.slices(job.lane, Track::Run);
    visitFlat(store, from, to, [&](qint64 at, qint64 until, const SliceStack &stack) {
        if (stack.empty()) {
            add(DelayPart::PoolQueued, at, until);
            return;
        }
        Slice other = store.at(stack.back());
        if (const Event *queued = m_session.registration(other.id)) {
            other.file = queued->file;
            other.line = queued->line;
        }
        add(DelayPart::PoolQueued, at, until, other, Session::keyOf(job.lane, Track::Run, other), other.request);
    });
}

// [from, to), in which it could have gone on.
void DelayAnalysis::addHeldUp(qint64 from, qint64 to)
{
    if (from >= to)
        return;
    const SliceStore &store = run();
    visitFlat(store, from, to, [&](qint64 at, qint64 until, const SliceStack &stack) {
        if (stack.empty()) {
            addIdle(at, until);
            return;
        }
        const Slice &inner = store.at(stack.back());
        const Slice *owner = ownerOf(store, stack);
        add(DelayPart::BehindOthers, at, until, inner, Session::keyOf(m_lane, Track::Run, inner),
            owner ? owner->request : 0);
    });
}

// No callback ran. Where records are missing, one may have.
void DelayAnalysis::addIdle(qint64 from, qint64 to)
{
    const SliceStore &turns = m_session.slices(m_lane, Track::Turns);
    const bool inTurn = from >= turns.lastEnd() || turns.innermostAt(from) != turns.end()
        || turns.innermostAt(to - 1) != turns.end();
    add(inTurn && m_account.dropped == 0 ? DelayPart::LoopItself : DelayPart::Unaccounted, from, to);
}

void DelayAnalysis::addTail()
{
    const qint64 from = m_ownEnd;
    const qint64 to = m_account.to;
    if (from >= to)
        return;
    Cause cause;
    cause.ready = to;
    const Lane::Running running = m_lane < 0 || m_account.ended ? Lane::Running() : m_session.lane(m_lane).running;
    if (m_lane < 0 || m_account.ended) { // in a callback of nobody's, as when its client has left, or of which no record is left
        cause.ready = pendingSince(to);
        addGap(from, to, cause);
        return;
    }
    const qint64 since = running.isRunning() ? std::clamp(running.since, from, to) : to;
    const bool own = running.isRunning() && running.request == m_number;
    const qint64 ready = own ? since : std::max(from, pendingSince(to));
    cause.ready = ready;
    addGap(from, std::max(ready, since), cause);
    Slice live; // has no end yet, so nothing to select
    live.name = running.name;
    live.file = running.file;
    live.line = running.line;
    if (running.isRunning())
        add(own ? DelayPart::Loop : DelayPart::BehindOthers, std::max(ready, since), to, live, {},
            own ? 0 : running.request);
}

void DelayAnalysis::add(DelayPart part, qint64 from, qint64 to)
{
    if (from >= to)
        return;
    DelayShare &sum = share({part, 0, 0, 0, 0});
    sum.ns += to - from;
    ++sum.stretches;
}

void DelayAnalysis::add(DelayPart part, qint64 from, qint64 to, const Slice &who, const SliceKey &key, quint64 request)
{
    if (from >= to)
        return;
    const ShareKey of = request != 0 ? ShareKey{part, request, 0, 0, 0} : ShareKey{part, 0, who.name, who.file, who.line};
    DelayShare &sum = share(of);
    sum.ns += to - from;
    ++sum.stretches;
    if (!sum.others)
        noteLongest(sum, of, to - from, who, key);
}

void DelayAnalysis::noteLongest(DelayShare &share, const ShareKey &key, qint64 ns, const Slice &who,
                                const SliceKey &slice)
{
    qint64 &longest = m_longest[key];
    if (ns <= longest)
        return;
    longest = ns;
    share.name = who.name;
    share.file = who.file;
    share.line = who.line;
    share.slice = slice;
}

DelayShare &DelayAnalysis::share(const ShareKey &key)
{
    const auto found = m_shares.find(key);
    if (found != m_shares.end())
        return found->second;
    const DelayPart part = std::get<DelayPart>(key);
    const bool isNamed = key != ShareKey{part, 0, 0, 0, 0};
    std::size_t &known = m_sharesOf[std::size_t(part)];
    if (isNamed && known >= maximumShares) {
        DelayShare &rest = m_shares[{part, std::numeric_limits<quint64>::max(), 0, 0, 0}];
        rest.part = part;
        rest.others = true;
        return rest;
    }
    ++known;
    DelayShare &fresh = m_shares[key];
    fresh.part = part;
    fresh.request = std::get<1>(key);
    return fresh;
}

DelayAccount accountFor(const Session &session, quint64 request, qint64 now)
{
    DelayAnalysis analysis(session, request, now);
    while (!analysis.advance(std::numeric_limits<quint32>::max())) { }
    return analysis.account();
}

} // namespace loopscope::model
