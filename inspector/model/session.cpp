// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/session.h"

#include "inspector/model/httphead.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace loopscope::model {

using trace::Kind;
using trace::TraceRecord;

namespace {

constexpr std::size_t registrationSlots = 262'144; // a power of two
constexpr std::size_t mostRedirects = 32; // waiting to be followed
constexpr qint64 redirectLifeNs = 30'000'000'000; // a client that follows one later is not linked
constexpr std::size_t mostJobStarts = 65'536; // as many as a pool's queue holds (WorkerPool::maximumQueued)
constexpr qint64 countStepNs = 10'000'000;
constexpr qint64 secondNs = 1'000'000'000;

// Where a chunk ends in its body. The id of a record is not trusted to be a sane offset.
qint64 endOffset(const TraceRecord &record)
{
    qint64 sum = 0;
    return qAddOverflow(qint64(record.id), record.value, &sum) ? std::numeric_limits<qint64>::max() : sum;
}

Session::Limits clamped(Session::Limits limits)
{
    limits.slices = std::max(limits.slices, 8 * ChunkedDeque<Slice>::blockSize);
    limits.events = std::max(limits.events, 2 * ChunkedDeque<Event>::blockSize);
    limits.requests = std::max(limits.requests, 2 * NumberedStore<Request>::Deque::blockSize);
    limits.connections = std::max(limits.connections, 2 * NumberedStore<Connection>::Deque::blockSize);
    return limits;
}

} // namespace

// The last turns of one loop: a ring.
struct Session::LoopSamples {
    static constexpr std::size_t size = 65'536;
    struct Turn {
        qint64 end = 0; // ns
        qint64 busy = 0; // ns
    };
    std::vector<Turn> turns;
    quint64 count = 0;
    qint64 waited = 0; // ns, in the turn that has not ended

    // Time by phase in steps of 10 ms, a ring: the last second and a little more.
    static constexpr qint64 steps = 128;
    static constexpr std::size_t asleep = 8; // behind the phases
    struct Step {
        qint64 number = -1; // time / countStepNs
        std::array<qint64, asleep + 1> ns{};
    };
    std::array<Step, std::size_t(steps)> times;

    void add(Turn turn)
    {
        if (turns.size() < size)
            turns.push_back(turn);
        else
            turns[count % size] = turn;
        ++count;
    }
    // Callbacks whose time is in `times`, and which one that ends later may yet turn out to contain.
    struct Stretch {
        std::size_t kind = 0;
        qint64 start = 0; // ns
        qint64 end = 0; // ns
    };
    static constexpr std::size_t mostStretches = 4'096; // one callback contains no more others in earnest
    std::vector<Stretch> stretches;

    void addCallback(std::size_t kind, qint64 start, qint64 end)
    {
        for (; !stretches.empty() && stretches.back().start >= start; stretches.pop_back())
            addTime(stretches.back().kind, stretches.back().start, stretches.back().end, -1); // it is counted as a part of this one
        addTime(kind, start, end);
        if (stretches.size() == mostStretches)
            stretches.erase(stretches.begin(), stretches.begin() + std::ptrdiff_t(mostStretches / 2));
        stretches.push_back({kind, start, end});
    }
    // Of a callback or a sleep from `start` to `end`; a long one is shared out among the steps that it covers.
    void addTime(std::size_t kind, qint64 start, qint64 end, int sign = 1)
    {
        if (start < 0 || end <= start)
            return;
        start = std::max(start, (end / countStepNs - steps + 1) * countStepNs);
        while (start < end) {
            const qint64 number = start / countStepNs;
            const qint64 until = std::min(end, (number + 1) * countStepNs);
            Step &step = times[std::size_t(number % steps)];
            if (step.number < number)
                step = {number, {}};
            if (step.number == number)
                step.ns[kind] += sign * (until - start);
            start = until;
        }
    }
};

Session::Session(const Limits &limits, QObject *parent)
    : QObject(parent)
    , m_limits(clamped(limits))
    , m_texts(limits.textBytes)
    , m_registrations(registrationSlots, 0)
    , m_requests(m_limits.requests)
    , m_connections(m_limits.connections)
{
}

Session::Session(QObject *parent)
    : Session(Limits{}, parent)
{
}

Session::~Session() = default;

// --- feeding ---

void Session::setLane(int lane, trace::Trace::LaneKind kind, const QByteArray &name)
{
    if (lane < 0 || lane >= trace::Trace::maximumLanes)
        return;
    Lane &known = laneFor(lane);
    if (known.kind == kind && known.name == name)
        return;
    known.kind = kind;
    known.name = name;
    m_change.lanes = true;
}

void Session::beginBatch()
{
    Q_ASSERT(QThread::currentThread() == thread());
    Q_ASSERT(!m_inBatch);
    m_inBatch = true;
    ++m_batch;
    m_requestsBefore = m_requests.all().size();
    m_connectionsBefore = m_connections.all().size();
    m_requestsGone = 0;
    m_connectionsGone = 0;
}

void Session::endBatch()
{
    Q_ASSERT(m_inBatch);
    m_inBatch = false;
    finishChange();
    if (m_change.records == 0 && !m_change.slices && !m_change.lanes && !m_change.server)
        return;
    const Change change = std::exchange(m_change, {});
    Q_EMIT changed(change);
}

void Session::finishChange()
{
    // Rows that came and went within the batch are in neither number.
    m_change.requestsEvicted = std::min(m_requestsGone, m_requestsBefore);
    m_change.requestsAppended = m_requests.all().size() - (m_requestsBefore - m_change.requestsEvicted);
    m_change.connectionsEvicted = std::min(m_connectionsGone, m_connectionsBefore);
    m_change.connectionsAppended = m_connections.all().size() - (m_connectionsBefore - m_change.connectionsEvicted);
    m_server.inFlightRequests = m_inFlight.size();
    m_server.poolQueued = std::max<qint64>(0, m_lastQueued - qint64(m_jobStarts.size()));
    updatePool();
    m_change.server = m_server != m_serverBefore;
    m_serverBefore = m_server;
}

void Session::updatePool()
{
    m_server.poolRunning = 0;
    int workers = 0;
    for (const auto &lane : m_lanes) {
        workers += lane->kind == trace::Trace::LaneKind::Worker;
        m_server.poolRunning += lane->kind == trace::Trace::LaneKind::Worker && lane->running.isRunning();
    }
    const int loop = firstLoop();
    const trace::LiveCounts counts = loop < 0 ? trace::LiveCounts{} : m_lanes[std::size_t(loop)]->counts;
    m_server.poolStarted = counts.at > 0 ? counts.poolStarted != 0 : workers > 0;
    if (counts.at > m_poolResizedAt && counts.at > 0)
        m_server.poolThreads = int(counts.poolThreads);
    else if (m_poolResizedAt < 0 && workers > 0)
        m_server.poolThreads = workers;
}

std::size_t Session::drain(trace::Trace &trace, std::size_t most)
{
    beginBatch();
    for (int lane = 0; lane < trace.laneCount(); ++lane) {
        if (lane >= laneCount() || m_lanes[std::size_t(lane)]->name.isEmpty()
            || m_lanes[std::size_t(lane)]->name.startsWith("lane ")) {
            const trace::Trace::Lane given = trace.lane(lane);
            setLane(lane, given.kind, given.name);
        }
    }
    const std::size_t count = trace.drain(
        [this](int lane, const TraceRecord &record, QByteArrayView text) { addRecord(lane, record, text); }, most);
    // After the records: what runs now has not been written yet.
    for (int lane = 0; lane < trace.laneCount(); ++lane) {
        setLive(lane, trace.live(lane));
        setCounts(lane, trace.counts(lane));
    }
    if (!trace.isEnabled())
        setPaused(trace.clock().now().count());
    setDropped(trace.dropped());
    endBatch();
    return count;
}

void Session::setDropped(quint64 records)
{
    if (records > m_server.droppedRecords)
        m_gapUntil = std::max(m_gapUntil, m_lastTime);
    m_server.droppedRecords = records;
}

void Session::setLive(int lane, const trace::LiveSlice &slice)
{
    if (lane < 0 || lane >= trace::Trace::maximumLanes)
        return;
    Lane &known = laneFor(lane);
    if (known.kind == trace::Trace::LaneKind::Worker) // its JobStarted says it
        return;
    Lane::Running running;
    if (slice.name) {
        running = {slice.since, m_strings.id(slice.name), m_strings.id(slice.file), slice.line, 0, slice.request,
                   slice.phase};
        seen(slice.since, slice.since);
    }
    const qint64 sleepsSince = slice.sleeps ? slice.since : -1;
    if (running == known.running && sleepsSince == known.sleepsSince)
        return;
    known.running = running;
    known.sleepsSince = sleepsSince;
    m_change.slices = true;
}

void Session::setCounts(int lane, const trace::LiveCounts &counts)
{
    if (lane < 0 || lane >= trace::Trace::maximumLanes)
        return;
    Lane &known = laneFor(lane);
    if (known.kind == trace::Trace::LaneKind::Loop)
        known.counts = counts;
}

// What clear() must not forget, with copies of its texts.
struct Session::StillOpen {
    struct Running {
        Request request;
        QByteArray head;
        QByteArray responseHead;
    };
    std::vector<Running> requests; // by number
    std::vector<std::pair<Connection, QByteArray>> connections; // with their peers, by number
};

Session::StillOpen Session::stillOpen() const
{
    StillOpen result;
    auto &running = result.requests;
    for (const quint64 number : m_inFlight) {
        if (const Request *found = request(number))
            running.push_back({*found, text(found->head).toByteArray(), text(found->responseHeadText).toByteArray()});
    }
    auto &open = result.connections;
    for (quint64 row = 0; row < connectionCount(); ++row) {
        if (connectionAt(row).isOpen())
            open.emplace_back(connectionAt(row), text(connectionAt(row).peer).toByteArray());
    }
    for (const Connection &old : std::as_const(m_oldConnections))
        open.emplace_back(old, text(old.peer).toByteArray());
    const auto byNumber = [](const auto &a, const auto &b) { return a.number < b.number; };
    std::sort(running.begin(), running.end(), [&](const StillOpen::Running &a, const StillOpen::Running &b) { return byNumber(a.request, b.request); });
    std::sort(open.begin(), open.end(), [&](const auto &a, const auto &b) { return byNumber(a.first, b.first); });
    return result;
}

void Session::clear()
{
    Q_ASSERT(!m_inBatch);
    StillOpen open = stillOpen();
    forgetAll();
    restore(open);
    m_change = {};
    m_server.finishedRequests = 0;
    m_serverBefore = m_server;
    Q_EMIT cleared();
}

void Session::forgetAll()
{
    for (const auto &lane : m_lanes) {
        for (SliceStore &track : lane->tracks)
            track.clear();
    }
    for (const auto &samples : m_samples) {
        if (samples)
            *samples = {};
    }
    m_sliceCount = 0;
    m_events.clear();
    std::fill(m_registrations.begin(), m_registrations.end(), 0);
    m_requests.clear();
    m_connections.clear();
    m_oldRequests.clear();
    m_oldConnections.clear();
    m_inFlight.clear();
    m_redirects.clear();
    m_texts.clear();
    m_endedCounts.fill(0);
    m_evicted = {};
    m_firstTime = -1;
}

void Session::restore(StillOpen &open)
{
    for (auto &[connection, peer] : open.connections) {
        connection.peer = m_texts.add(peer);
        connection.requests.clear();
        connection.firstRequest = 0;
        connection.inFlight = 0;
        if (m_connections.isFull())
            makeRoomForConnection();
        m_connections.add(std::move(connection));
    }
    for (StillOpen::Running &kept : open.requests) {
        kept.request.head = m_texts.add(kept.head);
        kept.request.responseHeadText = m_texts.add(kept.responseHead);
        kept.request.lastEvent = Event::none;
        kept.request.redirectedFrom = kept.request.redirectedTo = 0;
        if (m_requests.isFull())
            makeRoomForRequest();
        Request &again = m_requests.add(kept.request);
        again.inFlightIndex = quint32(m_inFlight.size());
        m_inFlight.push_back(again.number);
        seen(again.start, again.start);
        if (Connection *on = findConnection(again.connection)) {
            on->requests.push_back(again.number);
            ++on->inFlight;
        }
    }
}

void Session::add(int lane, const TraceRecord &record, QByteArrayView text)
{
    Q_ASSERT(m_inBatch);
    if (lane >= 0 && lane < trace::Trace::maximumLanes)
        addRecord(lane, record, text);
}

void Session::addRecord(int lane, const TraceRecord &record, QByteArrayView text)
{
    ++m_change.records;
    seen(record.start, record.start + record.duration);
    switch (record.kind) {
    case Kind::Invalid:
        return;
    case Kind::Turn:
    case Kind::Wait:
    case Kind::PhaseRun:
    case Kind::Callback:
    case Kind::Span:
    case Kind::Registered:
    case Kind::Cleared:
        return addLoopRecord(lane, record);
    case Kind::JobQueued:
    case Kind::JobStarted:
    case Kind::JobFinished:
    case Kind::PoolResized:
    case Kind::JobProgress:
        return addPoolRecord(lane, record);
    case Kind::ConnectionOpened:
    case Kind::ConnectionClosed:
    case Kind::ConnectionIdle:
    case Kind::ClientError:
    case Kind::Backpressure:
        return addConnectionRecord(lane, record, text);
    case Kind::RequestBegin:
    case Kind::BytesArrived:
    case Kind::BodyChunk:
    case Kind::RequestComplete:
    case Kind::Layer:
    case Kind::LayerNext:
    case Kind::LayerResumed:
        return addRequestRecord(lane, record, text);
    case Kind::Redirected:
    case Kind::ResponseHead:
    case Kind::ResponseChunk:
    case Kind::ResponseEnd:
        return addResponseRecord(lane, record, text);
    case Kind::Listening:
    case Kind::DrainBegan:
    case Kind::DrainEnded:
    case Kind::Log:
        return addServerRecord(lane, record, text);
    }
}

void Session::addLanes(int last)
{
    while (std::size_t(last) >= m_lanes.size()) {
        m_lanes.push_back(std::make_unique<Lane>());
        m_lanes.back()->name = "lane " + QByteArray::number(qsizetype(m_lanes.size() - 1));
        m_samples.emplace_back();
        m_change.lanes = true;
    }
}

// --- slices and events ---

void Session::addSlice(int lane, Track track, const TraceRecord &record)
{
    if (m_sliceCount >= m_limits.slices)
        makeRoomForSlice();
    Slice slice;
    slice.start = record.start;
    slice.duration = record.duration;
    slice.id = record.id;
    slice.request = record.request;
    slice.connection = record.connection;
    slice.value = record.value;
    slice.name = m_strings.id(record.name);
    slice.file = m_strings.id(record.file);
    slice.line = record.line;
    slice.detail = record.detail;
    slice.kind = record.kind;
    slice.phase = record.phase;
    laneFor(lane).tracks[std::size_t(track)].insert(slice);
    ++m_sliceCount;
    m_change.slices = true;
}

// Drops the block that begins earliest; of tracks that fill no block only when no other is left.
void Session::makeRoomForSlice()
{
    SliceStore *oldest = nullptr;
    const auto isFull = [](const SliceStore &store) { return store.size() >= ChunkedDeque<Slice>::blockSize; };
    for (const auto &lane : m_lanes) {
        for (SliceStore &store : lane->tracks) {
            if (store.isEmpty())
                continue;
            if (!oldest || isFull(store) > isFull(*oldest)
                || (isFull(store) == isFull(*oldest) && store.at(store.first()).start < oldest->at(oldest->first()).start)) {
                oldest = &store;
            }
        }
    }
    if (!oldest)
        return;
    const quint64 gone = oldest->evictBlock();
    m_sliceCount -= gone;
    m_evicted.slices += gone;
}

Event &Session::addEvent(int lane, const TraceRecord &record, QByteArrayView text)
{
    if (m_events.size() >= m_limits.events)
        m_evicted.events += m_events.evictBlock();
    Event &event = m_events.emplace();
    event.start = record.start;
    event.duration = record.duration;
    event.id = record.id;
    event.parent = record.parent;
    event.request = record.request;
    event.connection = record.connection;
    event.value = record.value;
    event.text = m_texts.add(text);
    event.name = m_strings.id(record.name);
    event.file = m_strings.id(record.file);
    event.line = record.line;
    event.detail = record.detail;
    event.lane = lane;
    event.kind = record.kind;
    event.phase = record.phase;
    return event;
}

void Session::addRequestEvent(int lane, const TraceRecord &record, QByteArrayView text)
{
    Event &event = addEvent(lane, record, text);
    if (record.request == 0)
        return;
    if (Request *request = findRequest(record.request)) {
        event.previous = std::exchange(request->lastEvent, m_events.end() - 1);
        touch(*request);
    }
}

void Session::addRegistration(int lane, const TraceRecord &record)
{
    addRequestEvent(lane, record, {});
    m_registrations[record.id & (registrationSlots - 1)] = m_events.end();
}

void Session::addLoopRecord(int lane, const TraceRecord &record)
{
    switch (record.kind) {
    case Kind::Turn:
        addTurn(lane, record);
        return addSlice(lane, Track::Turns, record);
    case Kind::Wait:
        samplesOf(lane).waited += record.duration;
        samplesOf(lane).addTime(LoopSamples::asleep, record.start, record.start + record.duration);
        return addSlice(lane, Track::Phases, record);
    case Kind::PhaseRun:
        return addSlice(lane, Track::Phases, record);
    case Kind::Registered:
        return addRegistration(lane, record);
    case Kind::Cleared:
        return addRequestEvent(lane, record, {});
    case Kind::Callback:
        samplesOf(lane).addCallback(std::min(std::size_t(record.phase), LoopSamples::asleep - 1), record.start,
                                    record.start + record.duration);
        [[fallthrough]];
    default:
        return addSlice(lane, Track::Run, record);
    }
}

Session::LoopSamples &Session::samplesOf(int lane)
{
    (void)laneFor(lane);
    auto &samples = m_samples[std::size_t(lane)];
    if (!samples)
        samples = std::make_unique<LoopSamples>();
    return *samples;
}

void Session::addTurn(int lane, const TraceRecord &record)
{
    LoopSamples &samples = samplesOf(lane);
    const qint64 waited = std::min(std::exchange(samples.waited, 0), record.duration);
    samples.add({record.start + record.duration, record.duration - waited});
}

// --- the pool ---

void Session::addPoolRecord(int lane, const TraceRecord &record)
{
    Lane &where = laneFor(lane);
    switch (record.kind) {
    case Kind::JobQueued:
        // Its count is the truth of that moment; jobs may have started since, on workers, which are drained first.
        m_lastQueued = record.value;
        m_jobStarts.erase(std::remove_if(m_jobStarts.begin(), m_jobStarts.end(),
                                         [&](qint64 time) { return time <= record.start; }),
                          m_jobStarts.end());
        return addRegistration(lane, record);
    case Kind::JobStarted:
        where.running = {record.start, m_strings.id(record.name), m_strings.id(record.file), record.line, record.id,
                         record.request, trace::Phase::None, record.value};
        jobLeftQueue(record.start);
        m_change.slices = true;
        return;
    case Kind::JobFinished:
        if (where.running.isRunning() && where.running.id == record.id)
            where.running = {};
        else if (trace::JobOutcome(record.detail) == trace::JobOutcome::Cancelled)
            jobLeftQueue(record.start + record.duration);
        return addSlice(lane, Track::Run, record);
    case Kind::JobProgress: // what shows it asks when it is ticked: sixty a second change nothing else
        where.progress = {record.id, record.value, qint64(record.parent)};
        return;
    default: // PoolResized
        m_server.poolThreads = int(record.value);
        m_poolResizedAt = record.start;
    }
}

void Session::jobLeftQueue(qint64 time)
{
    if (m_jobStarts.size() < mostJobStarts)
        m_jobStarts.push_back(time);
}

// --- requests and connections by number ---

const Request *Session::request(quint64 number) const noexcept
{
    if (const Request *found = m_requests.find(number))
        return found;
    if (m_oldRequests.isEmpty())
        return nullptr;
    const auto old = m_oldRequests.constFind(number);
    return old == m_oldRequests.constEnd() ? nullptr : &*old;
}

const Connection *Session::connection(quint64 number) const noexcept
{
    if (const Connection *found = m_connections.find(number))
        return found;
    if (m_oldConnections.isEmpty())
        return nullptr;
    const auto old = m_oldConnections.constFind(number);
    return old == m_oldConnections.constEnd() ? nullptr : &*old;
}

template<typename T>
static T *search(NumberedStore<T> &store, QHash<quint64, T> &old, quint64 number) noexcept
{
    if (T *const found = store.find(number))
        return found;
    const auto found = old.isEmpty() ? old.end() : old.find(number);
    return found == old.end() ? nullptr : &*found;
}

Request *Session::searchRequest(quint64 number) noexcept
{
    return search(m_requests, m_oldRequests, number);
}

Connection *Session::searchConnection(quint64 number) noexcept
{
    return search(m_connections, m_oldConnections, number);
}

qint64 Session::requestRow(quint64 number) const noexcept
{
    const quint64 sequence = m_requests.sequenceOf(number);
    return m_requests.all().contains(sequence) ? qint64(sequence - m_requests.all().first()) : -1;
}

qint64 Session::connectionRow(quint64 number) const noexcept
{
    const quint64 sequence = m_connections.sequenceOf(number);
    return m_connections.all().contains(sequence) ? qint64(sequence - m_connections.all().first()) : -1;
}

std::size_t Session::firstRequestEndingAfter(const Connection &connection, qint64 time) const
{
    const auto begin = connection.requests.cbegin() + std::ptrdiff_t(connection.firstRequest);
    const auto found = std::partition_point(begin, connection.requests.cend(), [&](quint64 number) {
        const Request *known = request(number);
        return !known || (!known->isRunning() && known->end <= time);
    });
    return std::size_t(found - begin);
}

void Session::makeRoomForRequest()
{
    m_scratch.clear();
    const quint64 gone = m_requests.evictBlock([this](Request &request) {
        if (request.isRunning() && quint64(m_oldRequests.size()) < m_limits.requests)
            m_oldRequests.insert(request.number, request);
        else if (request.isRunning())
            finish(request, request.start); // there is no place for it: it counts as gone
        m_highestEvicted = std::max(m_highestEvicted, request.number);
        m_scratch.push_back(request.connection);
    });
    m_requestsGone += gone;
    m_evicted.requests += gone;
    for (const quint64 connection : m_scratch)
        trimRequests(connection);
}

// Drops the numbers of evicted requests from the front of a connection's list.
void Session::trimRequests(quint64 number)
{
    Connection *connection = findConnection(number);
    if (!connection)
        return;
    while (connection->firstRequest < connection->requests.size()
           && !request(connection->requests[connection->firstRequest])) {
        ++connection->firstRequest;
    }
    if (connection->firstRequest * 2 > connection->requests.size()) {
        connection->requests.erase(connection->requests.begin(),
                                   connection->requests.begin() + std::ptrdiff_t(connection->firstRequest));
        connection->firstRequest = 0;
    }
}

void Session::makeRoomForConnection()
{
    const quint64 gone = m_connections.evictBlock([this](Connection &connection) {
        if (!connection.isOpen())
            return;
        if (quint64(m_oldConnections.size()) < m_limits.connections)
            m_oldConnections.insert(connection.number, std::move(connection));
        else
            --m_server.openConnections;
    });
    m_connectionsGone += gone;
    m_evicted.connections += gone;
}

Request &Session::createRequest(quint64 number, quint64 connection, qint64 start)
{
    if (m_requests.isFull())
        makeRoomForRequest();
    Request fresh;
    fresh.number = number;
    fresh.connection = connection;
    fresh.start = start;
    fresh.changedInBatch = m_batch; // as an appended row it is no updated one
    fresh.inFlightIndex = quint32(m_inFlight.size());
    m_inFlight.push_back(number);
    Request &request = m_requests.add(fresh);
    if (connection != 0) {
        Connection *known = findConnection(connection);
        Connection &on = known ? *known : createConnection(connection, start);
        on.requests.push_back(number);
        ++on.inFlight;
        on.lastRequest = number;
        on.idleSince = Connection::unknown;
        on.idleDue = 0;
        touch(on);
    }
    return request;
}

Connection &Session::createConnection(quint64 number, qint64 opened)
{
    if (m_connections.isFull())
        makeRoomForConnection();
    Connection fresh;
    fresh.number = number;
    fresh.opened = opened;
    fresh.changedInBatch = m_batch;
    ++m_server.openConnections;
    return m_connections.add(std::move(fresh));
}

// The record's request; a new one if the record that began it was dropped. Null: it is over and forgotten.
Request *Session::requestFor(const TraceRecord &record)
{
    if (record.request == 0)
        return nullptr;
    Request *request = findRequest(record.request);
    if (!request && record.request > m_highestEvicted)
        request = &createRequest(record.request, record.connection, record.start);
    if (request)
        touch(*request);
    return request;
}

Connection *Session::connectionFor(const TraceRecord &record)
{
    if (record.connection == 0)
        return nullptr;
    Connection *known = findConnection(record.connection);
    Connection &connection = known ? *known : createConnection(record.connection, record.start);
    touch(connection);
    return &connection;
}

// Takes it off the list of those that run. Not for one that has ended.
void Session::finish(Request &request, qint64 end)
{
    request.end = end;
    std::size_t place = request.inFlightIndex;
    if (place >= m_inFlight.size() || m_inFlight[place] != request.number)
        place = std::size_t(std::find(m_inFlight.begin(), m_inFlight.end(), request.number) - m_inFlight.begin());
    if (place < m_inFlight.size()) {
        const quint64 last = m_inFlight.back();
        m_inFlight[place] = last;
        m_inFlight.pop_back();
        if (Request *moved = last == request.number ? nullptr : findRequest(last))
            moved->inFlightIndex = quint32(place);
    }
    if (Connection *connection = findConnection(request.connection)) {
        connection->inFlight -= connection->inFlight > 0;
        ++connection->served;
        touch(*connection);
    }
    ++m_server.finishedRequests;
    const qint64 slot = end / countStepNs;
    const auto index = std::size_t(slot) % m_endedSlots.size();
    if (m_endedSlots[index] < slot) {
        m_endedSlots[index] = slot;
        m_endedCounts[index] = 0;
    }
    m_endedCounts[index] += m_endedSlots[index] == slot;
    touch(request);
    if (m_oldRequests.isEmpty())
        return;
    // One whose row is gone is forgotten when it ends. (`request` is not used any more.)
    const quint64 number = request.number;
    const quint64 connection = request.connection;
    if (m_oldRequests.remove(number))
        trimRequests(connection);
}

// The server says that nothing runs on the connection any more: what still does has lost its ResponseEnd.
void Session::finishAllOn(Connection &connection, qint64 time)
{
    const quint64 number = connection.number;
    for (std::size_t i = m_inFlight.size(); i-- > 0 && connection.inFlight > 0;) {
        Request *request = i < m_inFlight.size() ? findRequest(m_inFlight[i]) : nullptr;
        if (!request || request->connection != number)
            continue;
        request->endedWithoutResponse = true;
        finish(*request, std::max(time, request->start));
    }
}

// --- connections ---

void Session::addConnectionRecord(int lane, const TraceRecord &record, QByteArrayView text)
{
    switch (record.kind) {
    case Kind::ConnectionOpened: {
        Connection *known = findConnection(record.connection);
        if (known && (!known->isOpen() || known->peer.bytes != 0)) {
            lose(*known, record.start); // a server that was started again counts from 1 again
            known = nullptr;
        }
        Connection &fresh = known ? *known : createConnection(record.connection, record.start);
        fresh.opened = record.start;
        fresh.peer = m_texts.add(text);
        touch(fresh);
        return;
    }
    case Kind::ConnectionClosed:
        return close(record);
    case Kind::ConnectionIdle:
        if (Connection *idle = connectionFor(record)) {
            if (idle->inFlight > 0)
                finishAllOn(*idle, record.start);
            idle->idleSince = record.start;
            idle->idleDue = record.value;
            if (Request *last = findRequest(idle->lastRequest); last && last->connection == idle->number)
                last->idleSince = record.start;
        }
        return;
    case Kind::ClientError:
        if (Connection *erring = connectionFor(record))
            ++erring->clientErrors;
        if (Request *erring = findRequest(record.request))
            ++erring->clientErrors;
        return addRequestEvent(lane, record, text);
    default: // Backpressure
        return addRequestEvent(lane, record, text);
    }
}

void Session::close(const TraceRecord &record)
{
    Connection *connection = connectionFor(record);
    if (!connection || (!connection->isOpen() && !connection->endNotSeen))
        return;
    const qint64 time = record.start + record.duration;
    if (connection->inFlight > 0)
        finishAllOn(*connection, time);
    connection->opened = record.start;
    connection->closed = time;
    connection->reason = trace::CloseReason(record.detail);
    connection->served = record.value;
    connection->idleDue = 0;
    m_server.openConnections -= !connection->endNotSeen;
    connection->endNotSeen = false;
    m_oldConnections.remove(record.connection);
}

// It cannot be open any more, but no record says how it ended.
void Session::lose(Connection &connection, qint64 time)
{
    if (!connection.isOpen())
        return;
    if (connection.inFlight > 0)
        finishAllOn(connection, time);
    connection.closed = std::max(time, connection.opened);
    connection.endNotSeen = true;
    connection.idleDue = 0;
    --m_server.openConnections;
    touch(connection);
    m_oldConnections.remove(connection.number);
}

void Session::loseAllConnections(qint64 time)
{
    std::vector<quint64> open;
    for (auto old = m_oldConnections.cbegin(); old != m_oldConnections.cend(); ++old)
        open.push_back(old.key());
    for (quint64 row = 0; row < connectionCount(); ++row) {
        if (connectionAt(row).isOpen())
            open.push_back(connectionAt(row).number);
    }
    for (const quint64 number : open) {
        if (Connection *connection = findConnection(number))
            lose(*connection, time);
    }
}

// --- requests ---

void Session::begin(const TraceRecord &record, QByteArrayView head)
{
    if (record.request == 0)
        return;
    Request *request = findRequest(record.request);
    if (request && (request->headComplete != Request::unknown || !request->isRunning()))
        request = nullptr; // a server that was started again counts from 1 again
    if (!request) {
        if (Request *stale = findRequest(record.request); stale && stale->isRunning()) {
            stale->endedWithoutResponse = true;
            finish(*stale, std::max(stale->start, record.start));
        }
        request = &createRequest(record.request, record.connection, record.start);
    }
    request->start = record.start;
    request->headComplete = record.start + record.duration;
    request->framing = trace::BodyFraming(record.detail);
    request->head = m_texts.add(head);
    touch(*request);
    if (!m_redirects.empty())
        linkRedirect(*request, parseRequestLine(head).target);
}

void Session::addRequestRecord(int lane, const TraceRecord &record, QByteArrayView text)
{
    switch (record.kind) {
    case Kind::RequestBegin:
        return begin(record, text);
    case Kind::BytesArrived:
        if (Request *request = findRequest(record.request); request && record.start <= request->start) {
            request->arrivalNotTold = record.value == 0;
            if (record.value != 0)
                request->arrived = record.start;
        }
        return addRequestEvent(lane, record, text);
    case Kind::BodyChunk:
        if (Request *request = requestFor(record)) {
            ++request->chunks;
            request->bodyBytes = std::max(request->bodyBytes, endOffset(record));
        }
        return addRequestEvent(lane, record, text);
    case Kind::RequestComplete:
        if (Request *request = requestFor(record)) {
            request->bodyComplete = record.start;
            request->bodyBytes = record.value;
        }
        return;
    case Kind::Layer:
        if (Request *request = findRequest(record.request))
            ++request->layers;
        [[fallthrough]];
    case Kind::LayerResumed:
        addSlice(lane, Track::Run, record);
        [[fallthrough]];
    default: // LayerNext
        return addRequestEvent(lane, record, text);
    }
}

void Session::addResponseRecord(int lane, const TraceRecord &record, QByteArrayView text)
{
    Request *request = record.kind == Kind::Redirected ? findRequest(record.request) : requestFor(record);
    if (!request)
        return;
    touch(*request);
    switch (record.kind) {
    case Kind::Redirected:
        request->location = m_texts.add(text);
        m_redirects.push_back({record.request, record.start});
        if (m_redirects.size() > mostRedirects)
            m_redirects.pop_front();
        return;
    case Kind::ResponseHead:
        request->responseHead = record.start;
        request->status = quint16(record.value);
        request->responseFraming = trace::BodyFraming(record.detail);
        request->responseHeadText = m_texts.add(text);
        return;
    case Kind::ResponseChunk:
        ++request->responseChunks;
        request->responseBytes = std::max(request->responseBytes, endOffset(record));
        return addRequestEvent(lane, record, text);
    default: // ResponseEnd
        request->outcome = trace::ResponseOutcome(record.detail);
        request->responseBytes = record.value;
        if (record.id != 0)
            request->status = quint16(record.id);
        if (!request->isRunning()) {
            request->endedWithoutResponse = false;
            return;
        }
        request->start = record.start;
        finish(*request, record.start + record.duration);
    }
}

QByteArrayView Session::peerAddress(const Request &request) const noexcept
{
    const Connection *on = connection(request.connection);
    const QByteArrayView peer = on ? text(on->peer) : QByteArrayView();
    const qsizetype colon = peer.lastIndexOf(':'); // the port differs from connection to connection
    return colon < 0 ? peer : peer.first(colon);
}

// The path and query of a Location, which may be a whole URL (RFC 9110 §10.2.2).
static QByteArrayView locationTarget(QByteArrayView location)
{
    const qsizetype fragment = location.indexOf('#');
    if (fragment >= 0)
        location = location.first(fragment);
    const qsizetype scheme = location.indexOf("://");
    const qsizetype query = location.indexOf('?');
    if (scheme < 0 || (query >= 0 && query < scheme))
        return location;
    const qsizetype slash = location.indexOf('/', scheme + 3);
    return slash < 0 ? QByteArrayView("/") : location.sliced(slash);
}

// The next request from the same address for the target of a redirect is the one that follows it.
void Session::linkRedirect(Request &request, QByteArrayView target)
{
    while (!m_redirects.empty() && m_redirects.front().time + redirectLifeNs < request.start)
        m_redirects.pop_front();
    const QByteArrayView address = peerAddress(request);
    for (auto pending = m_redirects.begin(); pending != m_redirects.end(); ++pending) {
        Request *from = findRequest(pending->request);
        if (!from || from->number == request.number || pending->time > request.headComplete)
            continue;
        const bool samePeer = from->connection == request.connection
            || (!address.isEmpty() && peerAddress(*from) == address);
        if (!samePeer || target.isEmpty() || locationTarget(text(from->location)) != target)
            continue;
        from->redirectedTo = request.number;
        request.redirectedFrom = from->number;
        touch(*from);
        m_redirects.erase(pending);
        return;
    }
}

// --- the server ---

void Session::addServerRecord(int lane, const TraceRecord &record, QByteArrayView text)
{
    switch (record.kind) {
    case Kind::Listening:
        if (m_server.drainEnded >= 0) // another server: nothing of the one before is open
            loseAllConnections(m_server.drainEnded);
        m_server.address = text.toByteArray();
        m_server.port = int(record.value);
        m_server.listeningSince = record.start;
        m_server.drainBegan = m_server.drainEnded = -1;
        m_server.drainDeadline = m_server.cutConnections = 0;
        m_server.inFlightAtDrain = 0;
        m_highestEvicted = 0;
        break;
    case Kind::DrainBegan:
        m_server.drainBegan = record.start;
        m_server.drainDeadline = record.value;
        m_server.inFlightAtDrain = record.id;
        m_server.drainEnded = -1;
        m_server.cutConnections = 0;
        break;
    case Kind::DrainEnded:
        m_server.drainEnded = record.start + record.duration;
        m_server.cutConnections = record.value;
        break;
    default: // Log
        break;
    }
    addRequestEvent(lane, record, text);
}

// --- reading ---

const Slice *Session::slice(const SliceKey &key) const noexcept
{
    if (key.lane < 0 || key.lane >= laneCount())
        return nullptr;
    const SliceStore &store = slices(key.lane, key.track);
    const quint64 index = store.find(key.kind, key.start, key.id);
    return index == store.end() ? nullptr : &store.at(index);
}

QList<SliceKey> Session::slicesOfRequest(quint64 number) const
{
    QList<SliceKey> found;
    const Request *known = request(number);
    if (!known)
        return found;
    for (int lane = 0; lane < laneCount(); ++lane) {
        const SliceStore &store = slices(lane, Track::Run);
        store.visit(known->start, m_lastTime + 1, [&](quint64, const Slice &slice) {
            if (slice.request == number)
                found.append(keyOf(lane, Track::Run, slice));
        });
    }
    std::stable_sort(found.begin(), found.end(), [](const SliceKey &a, const SliceKey &b) { return a.start < b.start; });
    return found;
}

QList<Event> Session::eventsOfRequest(quint64 number) const
{
    QList<Event> events;
    const Request *known = request(number);
    for (quint64 at = known ? known->lastEvent : Event::none; m_events.contains(at); at = m_events.at(at).previous)
        events.append(m_events.at(at));
    std::reverse(events.begin(), events.end());
    return events;
}

QList<Chunk> Session::newestChunks(quint64 number, qint64 most) const
{
    QList<Chunk> result;
    const Request *known = request(number);
    for (quint64 at = known ? known->lastEvent : Event::none; m_events.contains(at); at = m_events.at(at).previous) {
        if (result.size() == most)
            break;
        const Event &event = m_events.at(at);
        if (event.kind != Kind::BodyChunk && event.kind != Kind::ResponseChunk)
            continue;
        Chunk chunk;
        chunk.time = event.start;
        chunk.bytes = event.value;
        chunk.offset = qint64(event.id);
        chunk.framing = trace::BodyFraming(event.detail);
        chunk.toClient = event.kind == Kind::ResponseChunk;
        chunk.firstBytes = text(event.text).toByteArray();
        result.append(chunk);
    }
    std::reverse(result.begin(), result.end());
    return result;
}

QList<LayerCall> Session::layers(quint64 number) const
{
    return layerCalls(eventsOfRequest(number));
}

const Event *Session::registration(quint64 id, int lane) const noexcept
{
    const quint64 sequence = m_registrations[id & (registrationSlots - 1)] - 1;
    if (!m_events.contains(sequence))
        return nullptr;
    const Event &event = m_events.at(sequence);
    const bool same = event.id == id && (lane < 0 || event.lane == lane)
        && (event.kind == Kind::Registered || event.kind == Kind::JobQueued);
    return same ? &event : nullptr;
}

int Session::firstLoop() const noexcept
{
    for (int i = 0; i < laneCount(); ++i) {
        if (m_lanes[std::size_t(i)]->kind == trace::Trace::LaneKind::Loop)
            return i;
    }
    return -1;
}

// The part of [start, end) that lies in [from, to).
static qint64 overlap(qint64 start, qint64 end, qint64 from, qint64 to)
{
    return std::max<qint64>(0, std::min(end, to) - std::max(start, from));
}

void Session::addPhaseTimes(LoopStatistics &result, int lane, qint64 now) const
{
    const qint64 to = now / countStepNs;
    const qint64 from = to - secondNs / countStepNs;
    if (const LoopSamples *samples = m_samples[std::size_t(lane)].get()) {
        for (const LoopSamples::Step &step : samples->times) {
            if (step.number < from || step.number >= to)
                continue;
            for (std::size_t phase = 0; phase < result.phaseNs.size(); ++phase)
                result.phaseNs[phase] += step.ns[phase];
            result.asleepNs += step.ns[LoopSamples::asleep];
        }
    }
    const qint64 fromNs = from * countStepNs;
    const qint64 toNs = to * countStepNs;
    const Lane &known = *m_lanes[std::size_t(lane)];
    if (known.running.isRunning())
        result.phaseNs[std::min(std::size_t(known.running.phase), LoopSamples::asleep - 1)] += overlap(known.running.since, toNs, fromNs, toNs);
    if (known.sleepsSince >= 0)
        result.asleepNs += overlap(known.sleepsSince, toNs, fromNs, toNs);
    qint64 sum = result.asleepNs;
    for (const qint64 ns : result.phaseNs)
        sum += ns;
    result.betweenNs = std::max<qint64>(0, overlap(firstTime(), toNs, fromNs, toNs) - sum);
}

LoopStatistics Session::loopStatistics(qint64 now, int lane) const
{
    LoopStatistics result;
    const qint64 from = now - secondNs;
    for (std::size_t i = 0; i < m_endedSlots.size(); ++i) {
        if (m_endedCounts[i] > 0 && m_endedSlots[i] >= from / countStepNs && m_endedSlots[i] < now / countStepNs)
            result.requestsPerSecond += m_endedCounts[i];
    }
    if (lane < 0)
        lane = firstLoop();
    if (lane < 0 || lane >= laneCount())
        return result;
    addPhaseTimes(result, lane, now);
    std::vector<qint64> busy;
    qint64 busySum = 0;
    if (const LoopSamples *samples = m_samples[std::size_t(lane)].get()) {
        const quint64 oldest = samples->count - samples->turns.size();
        for (quint64 i = samples->count; i-- > oldest;) {
            const LoopSamples::Turn &turn = samples->turns[i % LoopSamples::size];
            if (turn.end <= from)
                break;
            if (turn.end > now)
                continue;
            busy.push_back(turn.busy);
            busySum += std::min(turn.busy, turn.end - from);
        }
    }
    result.turns = qint64(busy.size());
    const Lane::Running &running = m_lanes[std::size_t(lane)]->running;
    if (running.isRunning() && now > running.since) {
        result.blockedFor = now - running.since;
        busy.push_back(result.blockedFor);
        busySum += std::min(result.blockedFor, secondNs);
    }
    result.busyShare = std::min(1.0, double(busySum) / double(secondNs));
    if (busy.empty())
        return result;
    result.lagMaximum = *std::max_element(busy.begin(), busy.end());
    const auto percentile = [&busy](double share) { // the nearest rank
        const auto rank = std::ptrdiff_t(std::ceil(double(busy.size()) * share)) - 1;
        std::nth_element(busy.begin(), busy.begin() + rank, busy.end());
        return busy[std::size_t(rank)];
    };
    result.lagP50 = percentile(0.5);
    result.lagP99 = percentile(0.99);
    return result;
}

Session::Evicted Session::evicted() const noexcept
{
    Evicted result = m_evicted;
    result.textBytes = m_texts.evictedBytes();
    return result;
}

} // namespace loopscope::model
