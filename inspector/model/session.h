// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/connection.h"
#include "inspector/model/event.h"
#include "inspector/model/lane.h"
#include "inspector/model/layercall.h"
#include "inspector/model/numberedstore.h"
#include "inspector/model/request.h"
#include "inspector/model/serverstate.h"
#include "server/trace/trace.h"

#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QThread>

#include <array>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

namespace loopscope::model {

// A recorded session: what records said, put together, bounded, and readable at random.
//
// Made and owned by app/ (or a test, or the benchmark), which feeds it in batches:
//     session.drain(trace);                                  // or, by hand:
//     session.beginBatch(); session.add(lane, record, text); …; session.endBatch();
// All functions are for the session's own thread. It owns no socket, no timer and no thread, knows no clock (a time
// "now" is always given) and makes nothing up: what was not recorded is missing here too.
//
// Adding a record allocates nothing but a block now and then, and emits nothing; changed() comes once a batch, from
// endBatch(). What is read (pointers, references, views of text) is valid until the next batch.
class Session final : public QObject {
    Q_OBJECT

public:
    // What is kept. When a limit is reached the oldest go first, in blocks, and are counted (evicted()). With the
    // defaults a session takes 350 MB at most: hours of a learner's clicks, a few seconds of a server at full load.
    // Everything may be set at construction only.
    struct Limits {
        quint64 slices = 1'500'000; // of all lanes together, 80 bytes each; at least 8 blocks of 4,096
        quint64 events = 1'000'000; // 112 bytes each; at least 2 blocks of 4,096
        quint64 requests = 200'000; // about 200 bytes each; at least 2 blocks of 1,024
        quint64 connections = 65'536; // about 120 bytes each; at least 2 blocks of 1,024
        quint64 textBytes = quint64(96) << 20; // heads and first bytes of chunks
    };
    // What limits have dropped since clear().
    struct Evicted {
        quint64 slices = 0;
        quint64 events = 0;
        quint64 requests = 0;
        quint64 connections = 0;
        quint64 textBytes = 0;
        friend bool operator==(const Evicted &, const Evicted &) = default;
    };
    // What one batch did. Requests and connections count by row: Session::requestAt(row), row 0 the oldest kept.
    // Rows of a batch change in this order: first the oldest go, then new ones are appended.
    struct Change {
        quint64 requestsEvicted = 0; // rows that went from the front
        quint64 requestsAppended = 0; // rows that came at the end
        QList<quint64> requestsUpdated; // numbers of older, kept requests of which something changed; each once
        quint64 connectionsEvicted = 0;
        quint64 connectionsAppended = 0;
        QList<quint64> connectionsUpdated; // as requestsUpdated
        bool slices = false; // slices were added or evicted, or what runs on a lane changed
        bool lanes = false; // lanes were added or renamed
        bool server = false; // server() changed
        quint64 records = 0; // in the batch
    };

    explicit Session(const Limits &limits, QObject *parent = nullptr);
    explicit Session(QObject *parent = nullptr);
    ~Session() override;

    // --- feeding ---

    // Names a lane; the index is Trace's. A lane that was not named before its first record is called "lane N".
    void setLane(int lane, trace::Trace::LaneKind kind, const QByteArray &name);
    void beginBatch();
    // Between beginBatch() and endBatch(). `text` is copied. A lane outside 0 … Trace::maximumLanes-1 is ignored.
    void add(int lane, const trace::TraceRecord &record, QByteArrayView text);
    // Emits changed() if there was anything.
    void endBatch();
    // One batch from `trace`: its lanes, at most `most` records of each, its live slices, its count of dropped
    // records. Returns how many records there were. Call forgetPointers() before another trace than last time.
    std::size_t drain(trace::Trace &trace, std::size_t most = std::size_t(-1));
    // Inside a batch or out of it (then changed() comes with the next batch).
    void setDropped(quint64 records);
    // What a loop's thread does right now; ignored for workers, whose records tell it.
    void setLive(int lane, const trace::LiveSlice &slice);
    // What waits in a loop's phases right now; empty: not known. Ignored for workers.
    void setCounts(int lane, const trace::LiveCounts &counts);
    // Records up to this time may be missing: some were dropped, or recording was paused. -1: none is.
    [[nodiscard]] qint64 gapUntil() const noexcept { return m_gapUntil; }
    // Recording is paused at `now`, ns.
    void setPaused(qint64 now) noexcept { m_gapUntil = std::max(m_gapUntil, now); }
    // Before the trace that was read so far is destroyed: its strings may be elsewhere in the next one.
    void forgetPointers() { m_strings.forgetPointers(); }
    // Forgets what has ended: slices, events, finished requests, closed connections. Requests that run and connections
    // that are open stay as rows (without their chunks and layers so far), and so does server(). Not within a batch.
    // Emits cleared(): whatever follows the session reads it anew.
    void clear();

    // --- time ---

    // Earliest start and latest end of anything seen since clear(), ns. When nothing was: both the end of what clear()
    // forgot, so that a time axis goes on from there; 0 at first.
    [[nodiscard]] qint64 firstTime() const noexcept { return m_firstTime < 0 ? m_lastTime : m_firstTime; }
    [[nodiscard]] qint64 lastTime() const noexcept { return m_lastTime; }
    [[nodiscard]] bool isEmpty() const noexcept { return m_firstTime < 0; }

    // --- lanes and slices ---

    [[nodiscard]] int laneCount() const noexcept { return int(m_lanes.size()); }
    // 0 … laneCount()-1. The reference stays valid as long as the session.
    [[nodiscard]] const Lane &lane(int index) const { return *m_lanes[std::size_t(index)]; }
    [[nodiscard]] const SliceStore &slices(int lane, Track track) const { return m_lanes[std::size_t(lane)]->track(track); }
    [[nodiscard]] static SliceKey keyOf(int lane, Track track, const Slice &slice) noexcept
    {
        return {lane, track, slice.kind, slice.start, slice.id};
    }
    // Null if it has been evicted (or the key is none).
    [[nodiscard]] const Slice *slice(const SliceKey &key) const noexcept;
    // Every kept slice that ran for a request, of all lanes, in order of start. It looks at all slices since the
    // request's start: call it on a selection, not on every paint (a painter compares Slice::request instead).
    [[nodiscard]] QList<SliceKey> slicesOfRequest(quint64 request) const;

    // --- requests ---

    [[nodiscard]] quint64 requestCount() const noexcept { return m_requests.all().size(); }
    // By row: 0 (oldest kept) … requestCount()-1, in the order in which they became known.
    [[nodiscard]] const Request &requestAt(quint64 row) const { return m_requests.all().at(m_requests.all().first() + row); }
    // By number; null if it is not known, or was evicted. One that runs is kept even when its row is evicted.
    [[nodiscard]] const Request *request(quint64 number) const noexcept;
    // Row of a request, or -1.
    [[nodiscard]] qint64 requestRow(quint64 number) const noexcept;
    // Numbers of the requests that run, in no order.
    [[nodiscard]] const std::vector<quint64> &inFlight() const noexcept { return m_inFlight; }

    // Its body chunks in order of arrival, both ways; those evicted are missing.
    [[nodiscard]] QList<Chunk> chunks(quint64 request) const { return newestChunks(request, -1); }
    // The last `most` of them (-1: all), oldest first.
    [[nodiscard]] QList<Chunk> newestChunks(quint64 request, qint64 most) const;
    // Its middleware and handlers in order of entry, with the time in each; see LayerCall.
    [[nodiscard]] QList<LayerCall> layers(quint64 request) const;
    // Everything kept about it that is an Event (chunks, layers, registrations, client errors, log, jobs queued,
    // backpressure), oldest first. Copies.
    [[nodiscard]] QList<Event> eventsOfRequest(quint64 request) const;

    // --- connections ---

    [[nodiscard]] quint64 connectionCount() const noexcept { return m_connections.all().size(); }
    [[nodiscard]] const Connection &connectionAt(quint64 row) const
    {
        return m_connections.all().at(m_connections.all().first() + row);
    }
    // By number; null if it is not known, or was evicted. One that is open is kept even when its row is evicted.
    [[nodiscard]] const Connection *connection(quint64 number) const noexcept;
    [[nodiscard]] qint64 connectionRow(quint64 number) const noexcept;
    // Index into Connection::requestAt() of the first request on it that ends after `time` (or runs): where to begin
    // to paint. requestCount() if there is none. O(log n).
    [[nodiscard]] std::size_t firstRequestEndingAfter(const Connection &connection, qint64 time) const;

    // --- the rest ---

    [[nodiscard]] const ChunkedDeque<Event> &events() const noexcept { return m_events; }
    // The Registered (or JobQueued) event of a registration, to draw the arrow to its Callback; null if it is gone.
    // Ids belong to a loop: `lane` is the loop's; -1 takes any.
    [[nodiscard]] const Event *registration(quint64 id, int lane = -1) const noexcept;
    [[nodiscard]] const QByteArray &string(StringId id) const noexcept { return m_strings.text(id); }
    // Null if evicted; valid until the next batch.
    [[nodiscard]] QByteArrayView text(TextRef ref) const noexcept { return m_texts.view(ref); }
    [[nodiscard]] bool isEvicted(TextRef ref) const noexcept { return m_texts.isEvicted(ref); }
    [[nodiscard]] const ServerState &server() const noexcept { return m_server; }
    // Over the second before `now` (ns), of the first loop lane, or of `lane`. At most the last 65,536 turns count.
    [[nodiscard]] LoopStatistics loopStatistics(qint64 now, int lane = -1) const;
    // The first lane of a loop, or -1.
    [[nodiscard]] int firstLoop() const noexcept;
    [[nodiscard]] const Limits &limits() const noexcept { return m_limits; }
    [[nodiscard]] Evicted evicted() const noexcept;

Q_SIGNALS:
    // From endBatch(), on the session's thread, at most once a batch.
    void changed(const loopscope::model::Session::Change &change);
    // From clear().
    void cleared();

private:
    struct LoopSamples;
    struct StillOpen;
    struct PendingRedirect {
        quint64 request = 0;
        qint64 time = 0;
    };

    [[nodiscard]] Lane &laneFor(int index)
    {
        if (std::size_t(index) >= m_lanes.size()) [[unlikely]]
            addLanes(index);
        return *m_lanes[std::size_t(index)];
    }
    void addLanes(int last);
    void addRecord(int lane, const trace::TraceRecord &record, QByteArrayView text);
    void seen(qint64 start, qint64 end) noexcept
    {
        if (m_firstTime < 0 || start < m_firstTime) [[unlikely]]
            m_firstTime = std::max<qint64>(0, start);
        m_lastTime = std::max(m_lastTime, end);
    }
    [[nodiscard]] StillOpen stillOpen() const;
    void forgetAll();
    void restore(StillOpen &open);
    void addSlice(int lane, Track track, const trace::TraceRecord &record);
    Event &addEvent(int lane, const trace::TraceRecord &record, QByteArrayView text);
    void addRequestEvent(int lane, const trace::TraceRecord &record, QByteArrayView text);
    void addRegistration(int lane, const trace::TraceRecord &record);
    void makeRoomForSlice();
    void makeRoomForRequest();
    void makeRoomForConnection();

    // Null if it is not known, or was evicted and has ended. Most often it is the one that the last record was about.
    [[nodiscard]] Request *findRequest(quint64 number) noexcept
    {
        Request *const last = m_requests.lastFound(number);
        return last ? last : searchRequest(number);
    }
    [[nodiscard]] Connection *findConnection(quint64 number) noexcept
    {
        Connection *const last = m_connections.lastFound(number);
        return last ? last : searchConnection(number);
    }
    [[nodiscard]] Request *searchRequest(quint64 number) noexcept;
    [[nodiscard]] Connection *searchConnection(quint64 number) noexcept;
    Request &createRequest(quint64 number, quint64 connection, qint64 start);
    Connection &createConnection(quint64 number, qint64 opened);
    Request *requestFor(const trace::TraceRecord &record);
    Connection *connectionFor(const trace::TraceRecord &record);
    void touch(Request &request)
    {
        if (std::exchange(request.changedInBatch, m_batch) != m_batch)
            m_change.requestsUpdated.append(request.number);
    }
    void touch(Connection &connection)
    {
        if (std::exchange(connection.changedInBatch, m_batch) != m_batch)
            m_change.connectionsUpdated.append(connection.number);
    }
    void finish(Request &request, qint64 end);
    void finishAllOn(Connection &connection, qint64 time);
    void trimRequests(quint64 connection);

    void addLoopRecord(int lane, const trace::TraceRecord &record);
    void addPoolRecord(int lane, const trace::TraceRecord &record);
    void addConnectionRecord(int lane, const trace::TraceRecord &record, QByteArrayView text);
    void addRequestRecord(int lane, const trace::TraceRecord &record, QByteArrayView text);
    void addResponseRecord(int lane, const trace::TraceRecord &record, QByteArrayView text);
    void addServerRecord(int lane, const trace::TraceRecord &record, QByteArrayView text);
    void begin(const trace::TraceRecord &record, QByteArrayView head);
    void close(const trace::TraceRecord &record);
    void lose(Connection &connection, qint64 time);
    void loseAllConnections(qint64 time);
    void addTurn(int lane, const trace::TraceRecord &record);
    void jobLeftQueue(qint64 time);
    void updatePool();
    [[nodiscard]] LoopSamples &samplesOf(int lane);
    void addPhaseTimes(LoopStatistics &result, int lane, qint64 now) const;
    void linkRedirect(Request &request, QByteArrayView target);
    [[nodiscard]] QByteArrayView peerAddress(const Request &request) const noexcept;
    void finishChange();

    const Limits m_limits;
    StringTable m_strings;
    TextArena m_texts;
    std::vector<std::unique_ptr<Lane>> m_lanes;
    std::vector<std::unique_ptr<LoopSamples>> m_samples; // by lane; null for one without turns
    quint64 m_sliceCount = 0;
    ChunkedDeque<Event> m_events;
    std::vector<quint64> m_registrations; // id modulo size → sequence in m_events + 1
    NumberedStore<Request> m_requests;
    NumberedStore<Connection> m_connections;
    QHash<quint64, Request> m_oldRequests; // run still, but their row is evicted; as many as m_limits.requests
    QHash<quint64, Connection> m_oldConnections; // open still; as many as m_limits.connections
    std::vector<quint64> m_inFlight;
    quint64 m_highestEvicted = 0; // number of a request: what comes late for one up to it is not a new one
    std::vector<quint64> m_scratch;
    std::deque<PendingRedirect> m_redirects;
    std::vector<qint64> m_jobStarts; // that may be later than the last JobQueued known
    qint64 m_lastQueued = 0; // value of that JobQueued
    qint64 m_poolResizedAt = -1; // ns; until then the pool is as large as its loop says, or as there are worker lanes
    std::array<quint32, 128> m_endedCounts{}; // requests ended, by 10 ms
    std::array<qint64, 128> m_endedSlots{}; // which 10 ms a count is of
    ServerState m_server;
    Evicted m_evicted;
    qint64 m_firstTime = -1;
    qint64 m_lastTime = 0;
    qint64 m_gapUntil = -1;

    Change m_change;
    bool m_inBatch = false;
    quint32 m_batch = 1;
    quint64 m_requestsBefore = 0; // rows when the batch began
    quint64 m_connectionsBefore = 0;
    quint64 m_requestsGone = 0; // rows evicted in the batch
    quint64 m_connectionsGone = 0;
    ServerState m_serverBefore;
};

} // namespace loopscope::model

Q_DECLARE_METATYPE(loopscope::model::Session::Change)
