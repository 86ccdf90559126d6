// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/trace/tracerecord.h"

#include <QtCore/QByteArray>
#include <QtCore/QList>

namespace loopscope::test {

// Trace records written by hand, for tests without a running server. A Transcript is the list of what a drain would
// give; replay it into a Session, a writer, or a ring:
//
//     Transcript t;
//     t.opened(1, 1000, "127.0.0.1:50000").begin(1, 1, start, duration, "GET / HTTP/1.1\r\n\r\n").end(…);
//     session.beginBatch(); t.replay([&](int lane, const auto &r, QByteArrayView text) { session.add(lane, r, text); });
//
// Times are ns. Lane 0 is the loop unless on() says otherwise.
class Transcript {
public:
    struct Entry {
        int lane = 0;
        trace::TraceRecord record;
        QByteArray text;
    };

    // The lane of what follows.
    Transcript &on(int lane)
    {
        m_lane = lane;
        return *this;
    }
    Transcript &add(trace::TraceRecord record, QByteArrayView text = {})
    {
        record.textBytes = quint32(text.size());
        m_entries.append({m_lane, record, text.toByteArray()});
        return *this;
    }

    // --- the loop ---
    Transcript &turn(quint64 id, qint64 start, qint64 duration, qint64 callbacks = 1)
    {
        trace::TraceRecord r = make(trace::Kind::Turn, start, duration);
        r.id = id;
        r.value = callbacks;
        return add(r);
    }
    Transcript &wait(qint64 start, qint64 duration, bool ready = true)
    {
        trace::TraceRecord r = make(trace::Kind::Wait, start, duration);
        r.value = ready;
        r.phase = trace::Phase::Poll;
        return add(r);
    }
    Transcript &phase(trace::Phase phase, qint64 start, qint64 duration, quint64 turn = 0, qint64 callbacks = 1)
    {
        trace::TraceRecord r = make(trace::Kind::PhaseRun, start, duration);
        r.phase = phase;
        r.id = turn;
        r.value = callbacks;
        return add(r);
    }
    Transcript &callback(const char *name, qint64 start, qint64 duration, quint64 id = 0, quint64 request = 0,
                         quint64 connection = 0, trace::Phase phase = trace::Phase::Poll)
    {
        trace::TraceRecord r = make(trace::Kind::Callback, start, duration);
        r.name = name;
        r.id = id;
        r.request = request;
        r.connection = connection;
        r.phase = phase;
        r.file = id ? "server/practice/messages.cpp" : nullptr;
        r.line = id ? 42 : 0;
        return add(r);
    }
    Transcript &registered(quint64 id, const char *name, qint64 at, quint64 request = 0, quint64 parent = 0)
    {
        trace::TraceRecord r = make(trace::Kind::Registered, at);
        r.id = id;
        r.name = name;
        r.file = "server/practice/messages.cpp";
        r.line = 42;
        r.request = request;
        r.parent = parent;
        return add(r);
    }
    Transcript &span(const char *name, qint64 start, qint64 duration, quint64 request = 0, qint64 bytes = 0)
    {
        trace::TraceRecord r = make(trace::Kind::Span, start, duration);
        r.name = name;
        r.file = "server/practice/messages.cpp";
        r.line = 60;
        r.request = request;
        r.value = bytes;
        return add(r);
    }

    // --- the pool ---
    Transcript &jobQueued(quint64 id, const char *name, qint64 at, qint64 waiting, quint64 request = 0)
    {
        trace::TraceRecord r = make(trace::Kind::JobQueued, at);
        r.id = id;
        r.name = name;
        r.value = waiting;
        r.request = request;
        return add(r);
    }
    // `stopped`: of its wait, ns for which the process stood still.
    Transcript &jobStarted(quint64 id, const char *name, qint64 at, quint64 request = 0, qint64 stopped = 0)
    {
        trace::TraceRecord r = make(trace::Kind::JobStarted, at);
        r.id = id;
        r.name = name;
        r.request = request;
        r.value = stopped;
        return add(r);
    }
    Transcript &jobFinished(quint64 id, const char *name, qint64 start, qint64 duration, quint64 request = 0,
                            trace::JobOutcome outcome = trace::JobOutcome::Done, qint64 stopped = 0)
    {
        trace::TraceRecord r = make(trace::Kind::JobFinished, start, duration);
        r.id = id;
        r.name = name;
        r.request = request;
        r.detail = quint32(outcome);
        r.value = stopped;
        return add(r);
    }
    Transcript &poolResized(int threads, qint64 at)
    {
        trace::TraceRecord r = make(trace::Kind::PoolResized, at);
        r.value = threads;
        return add(r);
    }

    // --- connections ---
    Transcript &opened(quint64 connection, qint64 at, QByteArrayView peer)
    {
        trace::TraceRecord r = make(trace::Kind::ConnectionOpened, at);
        r.connection = connection;
        return add(r, peer);
    }
    Transcript &idle(quint64 connection, qint64 at, qint64 due = 0)
    {
        trace::TraceRecord r = make(trace::Kind::ConnectionIdle, at);
        r.connection = connection;
        r.value = due;
        return add(r);
    }
    Transcript &closed(quint64 connection, qint64 opened, qint64 duration, trace::CloseReason reason, qint64 served)
    {
        trace::TraceRecord r = make(trace::Kind::ConnectionClosed, opened, duration);
        r.connection = connection;
        r.detail = quint32(reason);
        r.value = served;
        return add(r);
    }
    Transcript &clientError(quint64 connection, quint64 request, qint64 at, int status, const char *name)
    {
        trace::TraceRecord r = make(trace::Kind::ClientError, at, 0, request, connection);
        r.value = status;
        r.name = name;
        return add(r);
    }

    // --- requests ---
    Transcript &begin(quint64 request, quint64 connection, qint64 start, qint64 duration, QByteArrayView head,
                      trace::BodyFraming framing = trace::BodyFraming::None)
    {
        trace::TraceRecord r = make(trace::Kind::RequestBegin, start, duration, request, connection);
        r.value = head.size();
        r.detail = quint32(framing);
        return add(r, head);
    }
    Transcript &bodyChunk(quint64 request, quint64 connection, qint64 at, quint64 offset, QByteArrayView bytes,
                          qint64 size = -1, trace::BodyFraming framing = trace::BodyFraming::ContentLength)
    {
        return chunk(trace::Kind::BodyChunk, request, connection, at, offset, bytes, size, framing);
    }
    Transcript &complete(quint64 request, quint64 connection, qint64 at, qint64 bytes)
    {
        trace::TraceRecord r = make(trace::Kind::RequestComplete, at, 0, request, connection);
        r.value = bytes;
        return add(r);
    }
    Transcript &layer(quint64 request, quint64 id, const char *name, qint64 start, qint64 duration, qint64 nextAfter = -1,
                      trace::LayerKind kind = trace::LayerKind::Middleware)
    {
        trace::TraceRecord r = make(trace::Kind::Layer, start, duration, request);
        r.id = id;
        r.name = name;
        r.file = "server/practice/site.cpp";
        r.line = quint32(10 + id);
        r.value = nextAfter;
        r.detail = quint32(kind);
        return add(r);
    }
    Transcript &layerNext(quint64 request, quint64 id, qint64 at)
    {
        trace::TraceRecord r = make(trace::Kind::LayerNext, at, 0, request);
        r.id = id;
        return add(r);
    }
    Transcript &layerResumed(quint64 request, quint64 id, const char *name, qint64 start, qint64 duration)
    {
        trace::TraceRecord r = make(trace::Kind::LayerResumed, start, duration, request);
        r.id = id;
        r.name = name;
        return add(r);
    }
    Transcript &redirected(quint64 request, qint64 at, QByteArrayView location)
    {
        return add(make(trace::Kind::Redirected, at, 0, request), location);
    }
    Transcript &responseHead(quint64 request, quint64 connection, qint64 at, int status, QByteArrayView head,
                             trace::BodyFraming framing = trace::BodyFraming::ContentLength)
    {
        trace::TraceRecord r = make(trace::Kind::ResponseHead, at, 0, request, connection);
        r.value = status;
        r.detail = quint32(framing);
        return add(r, head);
    }
    Transcript &responseChunk(quint64 request, quint64 connection, qint64 at, quint64 offset, QByteArrayView bytes,
                              qint64 size = -1, trace::BodyFraming framing = trace::BodyFraming::ContentLength)
    {
        return chunk(trace::Kind::ResponseChunk, request, connection, at, offset, bytes, size, framing);
    }
    Transcript &end(quint64 request, quint64 connection, qint64 start, qint64 duration, int status, qint64 bytes,
                    trace::ResponseOutcome outcome = trace::ResponseOutcome::Complete)
    {
        trace::TraceRecord r = make(trace::Kind::ResponseEnd, start, duration, request, connection);
        r.value = bytes;
        r.detail = quint32(outcome);
        r.id = quint64(status);
        return add(r);
    }

    // --- the server ---
    Transcript &listening(qint64 at, int port, QByteArrayView address)
    {
        trace::TraceRecord r = make(trace::Kind::Listening, at);
        r.value = port;
        return add(r, address);
    }
    Transcript &drainBegan(qint64 at, qint64 deadline, quint64 inFlight)
    {
        trace::TraceRecord r = make(trace::Kind::DrainBegan, at);
        r.value = deadline;
        r.id = inFlight;
        return add(r);
    }
    Transcript &drainEnded(qint64 start, qint64 duration, qint64 cut)
    {
        trace::TraceRecord r = make(trace::Kind::DrainEnded, start, duration);
        r.value = cut;
        return add(r);
    }
    Transcript &log(qint64 at, trace::LogLevel level, QByteArrayView message, quint64 request = 0)
    {
        trace::TraceRecord r = make(trace::Kind::Log, at, 0, request);
        r.detail = quint32(level);
        return add(r, message);
    }

    [[nodiscard]] const QList<Entry> &entries() const noexcept { return m_entries; }
    // Calls sink(int lane, const TraceRecord &, QByteArrayView text) for each, in order.
    template<typename Sink>
    void replay(Sink &&sink) const
    {
        for (const Entry &entry : m_entries)
            sink(entry.lane, entry.record, QByteArrayView(entry.text));
    }
    void clear() { m_entries.clear(); }

    [[nodiscard]] static trace::TraceRecord make(trace::Kind kind, qint64 start, qint64 duration = 0, quint64 request = 0,
                                                 quint64 connection = 0)
    {
        trace::TraceRecord r;
        r.kind = kind;
        r.start = start;
        r.duration = duration;
        r.request = request;
        r.connection = connection;
        return r;
    }

private:
    Transcript &chunk(trace::Kind kind, quint64 request, quint64 connection, qint64 at, quint64 offset,
                      QByteArrayView bytes, qint64 size, trace::BodyFraming framing)
    {
        trace::TraceRecord r = make(kind, at, 0, request, connection);
        r.id = offset;
        r.value = size < 0 ? bytes.size() : size;
        r.detail = quint32(framing);
        return add(r, bytes);
    }

    QList<Entry> m_entries;
    int m_lane = 0;
};

// One whole visit, as a real server would write it: GET / (connection 1), a form posted in two pieces whose handler
// awaits a job of worker lane 1 and redirects, GET /users that follows (on connection 2 of the same peer), and GET
// /download that is still running. Times in ns from 1 ms on; lane 0 is the loop, lane 1 "pool 1".
[[nodiscard]] inline Transcript visitTranscript()
{
    using namespace trace;
    constexpr qint64 us = 1'000;
    constexpr qint64 ms = 1'000'000;
    Transcript t;
    t.listening(1 * ms, 3000, "127.0.0.1:3000").poolResized(4, 1 * ms);
    t.opened(1, 2 * ms, "127.0.0.1:50001");
    // turn 1: GET /
    t.wait(1 * ms, 1 * ms).begin(1, 1, 2 * ms, 20 * us, "GET / HTTP/1.1\r\nHost: 127.0.0.1:3000\r\nAccept: text/html\r\n\r\n");
    t.complete(1, 1, 2 * ms + 20 * us, 0);
    t.responseHead(1, 1, 2 * ms + 200 * us, 200,
                   "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 11\r\n\r\n");
    t.responseChunk(1, 1, 2 * ms + 200 * us, 0, "<h1>Hi</h1>");
    t.end(1, 1, 2 * ms, 250 * us, 200, 11).idle(1, 2 * ms + 250 * us, 5'002 * ms);
    t.layer(1, 2, "greeting", 2 * ms + 60 * us, 200 * us, -1, LayerKind::Route);
    t.layer(1, 1, "logger", 2 * ms + 40 * us, 230 * us, 10 * us);
    t.callback("readable", 2 * ms, 300 * us, 0, 1, 1);
    t.phase(Phase::Poll, 1 * ms, 1'300 * us, 1).turn(1, 1 * ms, 1'310 * us);
    // turn 2: the head of the form and its first piece
    t.wait(2'320 * us, 2'680 * us);
    t.begin(2, 1, 5 * ms, 30 * us,
            "POST /message HTTP/1.1\r\nHost: 127.0.0.1:3000\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            "Content-Length: 23\r\n\r\n", BodyFraming::ContentLength);
    t.bodyChunk(2, 1, 5 * ms + 30 * us, 0, "name=Ann&te");
    t.layer(2, 2, "saveMessage", 5 * ms + 70 * us, 30 * us, -1, LayerKind::Route);
    t.layer(2, 1, "logger", 5 * ms + 40 * us, 65 * us, 20 * us);
    t.callback("readable", 5 * ms, 120 * us, 0, 2, 1);
    t.phase(Phase::Poll, 2'320 * us, 2'810 * us, 2).turn(2, 2'310 * us, 2'830 * us);
    // turn 3: the rest, and the job
    t.wait(5'150 * us, 49'850 * us);
    t.bodyChunk(2, 1, 55 * ms, 11, "xt=Hello+you").complete(2, 1, 55 * ms, 23);
    t.jobQueued(9, "writeFile", 55 * ms + 40 * us, 1, 2);
    t.layerResumed(2, 2, "saveMessage", 55 * ms + 20 * us, 30 * us);
    t.callback("readable", 55 * ms, 80 * us, 0, 2, 1);
    t.phase(Phase::Poll, 5'150 * us, 49'940 * us, 3).turn(3, 5'145 * us, 49'950 * us);
    t.on(1).jobStarted(9, "writeFile", 55 * ms + 60 * us, 2).jobFinished(9, "writeFile", 55 * ms + 60 * us, 38 * ms, 2).on(0);
    // turn 4: the job is done, the answer
    t.wait(55'100 * us, 37'970 * us);
    t.redirected(2, 93 * ms + 100 * us, "/users");
    t.responseHead(2, 1, 93 * ms + 110 * us, 302, "HTTP/1.1 302 Found\r\nLocation: /users\r\nContent-Length: 0\r\n\r\n");
    t.end(2, 1, 5 * ms, 88 * ms + 120 * us, 302, 0).idle(1, 93 * ms + 120 * us, 5'093 * ms);
    t.layerResumed(2, 2, "saveMessage", 93 * ms + 90 * us, 40 * us);
    t.callback("writeFile", 93 * ms + 70 * us, 70 * us, 9, 2, 1);
    t.phase(Phase::Poll, 55'100 * us, 38'050 * us, 4).turn(4, 55'095 * us, 38'060 * us);
    // turn 5: the redirect is followed on another connection
    t.wait(93'160 * us, 1'840 * us).opened(2, 95 * ms, "127.0.0.1:50002");
    t.begin(3, 2, 95 * ms, 10 * us, "GET /users HTTP/1.1\r\nHost: 127.0.0.1:3000\r\n\r\n").complete(3, 2, 95 * ms + 10 * us, 0);
    t.responseHead(3, 2, 95 * ms + 400 * us, 200, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\n");
    t.responseChunk(3, 2, 95 * ms + 400 * us, 0, "<ul/>").end(3, 2, 95 * ms, 420 * us, 200, 5).idle(2, 95 * ms + 420 * us, 5'095 * ms);
    t.layer(3, 1, "users", 95 * ms + 20 * us, 410 * us, -1, LayerKind::Route);
    t.callback("readable", 95 * ms, 440 * us, 0, 3, 2);
    t.phase(Phase::Poll, 93'160 * us, 2'285 * us, 5).turn(5, 93'155 * us, 2'295 * us);
    // turn 6: a download begins and runs on
    t.wait(95'460 * us, 4'540 * us);
    t.begin(4, 2, 100 * ms, 10 * us, "GET /download?mb=64 HTTP/1.1\r\nHost: 127.0.0.1:3000\r\n\r\n").complete(4, 2, 100 * ms + 10 * us, 0);
    t.responseHead(4, 2, 100 * ms + 90 * us, 200, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", BodyFraming::Chunked);
    t.responseChunk(4, 2, 100 * ms + 100 * us, 0, "aaaaaaaa", 65'536, BodyFraming::Chunked);
    t.layer(4, 1, "download", 100 * ms + 20 * us, 100 * us, -1, LayerKind::Route);
    t.callback("readable", 100 * ms, 150 * us, 0, 4, 2);
    t.phase(Phase::Poll, 95'460 * us, 4'695 * us, 6).turn(6, 95'455 * us, 4'705 * us);
    return t;
}

} // namespace loopscope::test
