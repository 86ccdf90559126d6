// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QMetaType>
#include <QtCore/QtGlobal>

#include <compare>
#include <type_traits>

QT_BEGIN_NAMESPACE
class QDebug;
QT_END_NAMESPACE

namespace loopscope::trace {

// The phases of a turn, in libuv's order, and the two queues that drain between callbacks.
// https://nodejs.org/en/learn/asynchronous-work/event-loop-timers-and-nexttick
enum class Phase : quint8 {
    None, // not on the loop (a worker), or before its first turn
    Timers, // setTimeout, setInterval, QTimer and QObject timers
    Pending, // posted Qt events: queued signals and invocations
    Poll, // socket readiness, worker-pool completions
    Check, // setImmediate
    Close, // close callbacks, deferred deletes
    NextTick, // the nextTick queue, after a callback
    Microtask, // the microtask queue, after the nextTick queue
};

// What one record says. The comment names the fields that carry a meaning beside `start`; all others are 0.
// "instant" means duration 0; every other kind is written when the thing has ended, with its true start.
enum class Kind : quint8 {
    Invalid,

    // --- the loop ---
    Turn, // duration; id: number of the turn, from 1; value: callbacks that ran in it
    Wait, // duration: the loop slept in poll; value: 1 if something was ready, 0 if a timer was due
    PhaseRun, // duration; phase; id: turn; value: callbacks that ran. Phases in which nothing ran are not written
    Callback, // a slice. duration; phase; id: the registration; name: what kind ("setTimeout", "readable", …);
              // file, line: where it was registered (null for Qt's own); request, connection: for whom it ran, or 0;
              // value: due time, ns (timers only); detail: of one that took 50 ms or more, µs at the most for which its
              // thread could run and the system ran others instead, or the whole process was stopped (0 too where neither
              // is told)
    Registered, // instant. id; name; file, line; parent: id of the callback in which it was registered, or 0;
                // value: due time, ns (timers only); request
    Cleared, // instant. id: a registration that will not run any more; parent as above; request: whose callback cleared it
    Span, // a named stretch inside a slice ("writeFileSync"). duration; name; file, line; request; value: bytes, or 0

    // --- the worker pool ---
    JobQueued, // instant, on the loop. id; name; file, line; parent as in Registered; request; value: jobs waiting, this
               // one included
    JobStarted, // instant, on a worker. id; name; request; value: ns at the most, of its wait in the queue, for which the
                // whole process was stopped (0 where that is not told)
    JobFinished, // on a worker. duration: the run, without the wait; id; name; request; detail: JobOutcome; value: as that
                 // of its JobStarted
    PoolResized, // instant. value: threads
    JobProgress, // instant, on a worker. id; name; request; value: parts done; parent: parts altogether, or 0 if unknown

    // --- connections ---
    ConnectionOpened, // instant. connection; text: peer "address:port"
    ConnectionClosed, // duration: since opened; connection; detail: CloseReason; value: requests served
    ConnectionIdle, // instant. connection: keep-alive, nothing in flight; value: due time of its timeout, ns, or 0
    ClientError, // instant. connection; request or 0; value: status answered (400, 408, …) or 0; name: the error
    Backpressure, // instant. connection, request; value: bytes buffered; detail: 1 above the mark, 0 drained

    // --- requests ---
    RequestBegin, // duration: from its first byte to the end of its head; request, connection;
                  // value: bytes of the head; detail: BodyFraming; text: the head as received
    BytesArrived, // what the loop read late, because it was away from poll for a tick of the system's clock (1 to 10 ms; 4 ms
                  // on most Linux systems) or longer: the first bytes of a request, written after its RequestBegin, or a
                  // piece of its body. start: when they came (of many, the last), by the system's word, to within that
                  // tick, but neither before the loop last looked nor after poll told of them. duration: until they were
                  // read; request, connection; value: 1; or 0 where the system does not tell (TLS, no TCP), with
                  // duration 0
    BodyChunk, // instant. request, connection; id: offset in the body; value: bytes; detail: BodyFraming;
               // text: the first bytes (CaptureLimits)
    RequestComplete, // instant. request, connection: its body has arrived whole; value: bytes of the body
    Layer, // one middleware or handler, written when its function returned (a coroutine: first suspended or ended).
           // duration: the call; request; name; file, line: where it was registered; id: order of entry, from 1;
           // value: ns from start until it called next(), or -1 if it has not (yet); detail: LayerKind
    LayerNext, // instant. request; id: a layer whose function had returned before it called next()
    LayerResumed, // a callback that a layer had registered ran, or its coroutine ran on after an await: part of the
                  // Callback that follows and lasts as long. duration; request; id: as in Layer; name
    Redirected, // instant. request; text: the Location that was answered
    ResponseHead, // instant. request, connection; value: status; detail: BodyFraming; text: the head as sent
    ResponseChunk, // instant. as BodyChunk, towards the client
    ResponseEnd, // duration: since the request's first byte; request, connection; value: bytes of the body;
                 // detail: ResponseOutcome; id: status

    // --- the server ---
    Listening, // instant. value: port; detail: 1 with TLS, 0 without; text: "address:port"
    DrainBegan, // instant. value: deadline, ns on the clock, or 0 for none; id: connections in flight
    DrainEnded, // duration; value: connections cut at the deadline
    Log, // instant. a message of a handler or of the server; request or 0; detail: LogLevel; text
};

enum class JobOutcome : quint32 { Done, Threw, Cancelled };

enum class CloseReason : quint32 {
    ByPeer, // the client closed, or went away
    ByServer, // after "Connection: close", or a refused request
    IdleTimeout, // keep-alive timeout
    HeaderTimeout, // 408
    RequestTimeout, // 408
    Drained, // the server drains, and nothing was in flight or the last answer is out
    Cut, // the drain's deadline passed, or a second signal came
    Error, // a socket error
    SendTimeout, // the client took nothing of its answer any more, or too little
};

enum class BodyFraming : quint32 {
    None, // no body
    ContentLength,
    Chunked,
    UntilClose, // HTTP/1.0 answers of unknown length
};

enum class LayerKind : quint32 { Middleware, RouterMount, Route, Error, BuiltIn };

enum class ResponseOutcome : quint32 {
    Complete, // every byte went to the kernel
    ClientGone, // the client left before the end
    Cut, // the drain's deadline
    TimedOut,
    Failed, // the handler failed after the head was sent
};

enum class LogLevel : quint32 { Debug, Info, Warning, Error };

// How much of what passes is copied into records. Sizes are always the true ones, whatever is kept of the bytes.
struct CaptureLimits {
    quint32 chunkBytes = 4096; // of each body chunk, both ways
};

// One thing that happened, 96 bytes and trivially copyable. Its text follows it in the ring.
//
// `name` and `file` point to strings that outlive the Trace: literals, or what Trace::intern() gave.
struct TraceRecord {
    qint64 start = 0; // ns on the clock
    qint64 duration = 0; // ns
    quint64 id = 0;
    quint64 parent = 0;
    quint64 request = 0; // number of the request, from 1; 0: none
    quint64 connection = 0; // number of the connection, from 1; 0: none
    qint64 value = 0;
    const char *name = nullptr;
    const char *file = nullptr;
    quint32 line = 0;
    quint32 detail = 0;
    Kind kind = Kind::Invalid;
    Phase phase = Phase::None;
    quint16 reserved = 0;
    quint32 textBytes = 0; // filled in by the ring

    friend bool operator==(const TraceRecord &a, const TraceRecord &b) noexcept;
};
static_assert(std::is_trivially_copyable_v<TraceRecord>);
static_assert(sizeof(TraceRecord) == 96 - 8 || sizeof(TraceRecord) == 96);

// Names as they stand in exports and tests: "RequestBegin", "poll", …  Static storage.
[[nodiscard]] const char *toString(Kind kind) noexcept;
[[nodiscard]] const char *toString(Phase phase) noexcept;
[[nodiscard]] const char *toString(JobOutcome outcome) noexcept;
[[nodiscard]] const char *toString(CloseReason reason) noexcept;
[[nodiscard]] const char *toString(BodyFraming framing) noexcept;
[[nodiscard]] const char *toString(LayerKind kind) noexcept;
[[nodiscard]] const char *toString(ResponseOutcome outcome) noexcept;
[[nodiscard]] const char *toString(LogLevel level) noexcept;

QDebug operator<<(QDebug debug, const TraceRecord &record);

} // namespace loopscope::trace
