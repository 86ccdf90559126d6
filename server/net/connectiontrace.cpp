// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/connectiontrace.h"

#include "server/net/peername.h"
#include "server/net/socket_unix.h"
#include "server/trace/trace.h"

#include <QtNetwork/QAbstractSocket>

#include <algorithm>
#include <utility>

namespace loopscope::net {

using trace::Kind;
using trace::TraceRecord;

namespace {

// How long the loop may be away before the system is asked when bytes came, ns: it cannot tell less. A turn that answers
// many requests takes a part of it, and is not to pay one more system call for each.
const qint64 lateNs = lastReceivedResolution().count();

constexpr trace::BodyFraming traced(http::Framing framing)
{
    switch (framing) {
    case http::Framing::None: return trace::BodyFraming::None;
    case http::Framing::ContentLength: return trace::BodyFraming::ContentLength;
    case http::Framing::Chunked: return trace::BodyFraming::Chunked;
    }
    return trace::BodyFraming::None;
}

constexpr trace::BodyFraming traced(http::ResponseFraming framing)
{
    switch (framing) {
    case http::ResponseFraming::None: return trace::BodyFraming::None;
    case http::ResponseFraming::ContentLength: return trace::BodyFraming::ContentLength;
    case http::ResponseFraming::Chunked: return trace::BodyFraming::Chunked;
    case http::ResponseFraming::UntilClose: return trace::BodyFraming::UntilClose;
    }
    return trace::BodyFraming::None;
}

} // namespace

qint64 ConnectionTrace::now() const noexcept
{
    const trace::Recorder *recorder = m_loop.tracing();
    return recorder ? recorder->now() : 0;
}

void ConnectionTrace::opened(const QAbstractSocket &socket)
{
    if (trace::Recorder *recorder = m_loop.tracing()) {
        m_openedAt = recorder->now();
        m_openedTurn = m_loop.turn();
        m_openedAfter = m_loop.readyWithin().after;
        recorder->write(record(Kind::ConnectionOpened, 0, m_openedAt), peerName(socket));
    }
}

void ConnectionTrace::idle(std::chrono::nanoseconds timeout)
{
    if (trace::Recorder *recorder = m_loop.tracing()) {
        TraceRecord r = record(Kind::ConnectionIdle, 0, m_idleSince ? m_idleSince : recorder->now());
        r.value = timeout.count() > 0 ? r.start + timeout.count() : 0;
        recorder->write(r);
    }
}

void ConnectionTrace::closed(trace::CloseReason reason, quint64 requestsServed)
{
    if (trace::Recorder *recorder = m_loop.tracing()) {
        const qint64 now = recorder->now();
        TraceRecord r = record(Kind::ConnectionClosed, 0, m_openedAt ? m_openedAt : now);
        r.duration = now - r.start;
        r.detail = quint32(reason);
        r.value = qint64(requestsServed);
        recorder->write(r);
    }
}

void ConnectionTrace::backpressure(quint64 request, bool above, qint64 bytes)
{
    if (trace::Recorder *recorder = m_loop.tracing()) {
        TraceRecord r = record(Kind::Backpressure, request, recorder->now());
        r.value = bytes;
        r.detail = above ? 1 : 0;
        recorder->write(r);
    }
}

void ConnectionTrace::refused(quint64 request, http::Error error)
{
    if (trace::Recorder *recorder = m_loop.tracing()) {
        TraceRecord r = record(Kind::ClientError, request, recorder->now());
        r.value = http::statusOf(error);
        r.name = http::toString(error);
        recorder->write(r);
    }
}

qint64 ConnectionTrace::bytesRead(const QAbstractSocket *socket, quint64 request)
{
    const qint64 read = now();
    m_idleSince = 0;
    if (read == 0)
        return 0;
    loop::EventLoop::ReadyWithin ready = m_loop.readyWithin();
    if (ready.by != 0 && m_openedAfter != 0 && m_loop.turn() == m_openedTurn + 1)
        ready.after = m_openedAfter;
    if (ready.after != 0)
        ready.after = std::max(ready.after, m_lastEnd);
    if (ready.after == 0 || read - ready.after < lateNs) [[likely]]
        return read;
    const bool isFirst = m_firstByteAt == 0;
    const Arrival arrival = isFirst || request != 0 ? askWhen(socket, ready, read) : Arrival();
    if (isFirst)
        m_arrival = arrival; // its request has no number yet
    else if (arrival.at != 0)
        writeArrival(arrival, request);
    return read;
}

ConnectionTrace::Arrival ConnectionTrace::askWhen(const QAbstractSocket *socket, loop::EventLoop::ReadyWithin ready,
                                                  qint64 now) const
{
    if (ready.after >= ready.by) // poll slept until then
        return {ready.by, now, true};
    const auto ago = socket ? sinceLastReceived(socket->socketDescriptor()) : std::nullopt;
    if (!ago)
        return {now, now, false};
    const qint64 at = std::clamp(now - std::chrono::nanoseconds(*ago).count(), ready.after, std::min(ready.by, now));
    return now - at < lateNs ? Arrival() : Arrival{at, now, true};
}

void ConnectionTrace::writeArrival(const Arrival &arrival, quint64 request)
{
    if (trace::Recorder *recorder = m_loop.tracing()) {
        TraceRecord r = record(Kind::BytesArrived, request, arrival.at);
        r.duration = arrival.readAt - arrival.at;
        r.value = arrival.told ? 1 : 0;
        recorder->write(r);
    }
}

void ConnectionTrace::requestBegan(quint64 request, http::Framing framing, QByteArrayView head)
{
    if (trace::Recorder *recorder = m_loop.tracing()) {
        const qint64 now = recorder->now();
        TraceRecord r = record(Kind::RequestBegin, request, m_firstByteAt ? m_firstByteAt : now);
        r.duration = now - r.start;
        r.value = head.size();
        r.detail = quint32(traced(framing));
        recorder->write(r, head);
        if (m_arrival.at != 0)
            writeArrival(std::exchange(m_arrival, Arrival()), request);
    }
}

void ConnectionTrace::requestComplete(quint64 request, qint64 bodyBytes)
{
    if (trace::Recorder *recorder = m_loop.tracing()) {
        TraceRecord r = record(Kind::RequestComplete, request, recorder->now());
        r.value = bodyBytes;
        recorder->write(r);
    }
}

void ConnectionTrace::bodyChunk(quint64 request, http::Framing framing, qint64 offset, QByteArrayView bytes)
{
    chunk(Kind::BodyChunk, request, traced(framing), offset, bytes);
}

void ConnectionTrace::responseHead(quint64 request, int status, http::ResponseFraming framing,
                                   const http::HeaderList &headers, QByteArrayView head)
{
    if (trace::Recorder *recorder = m_loop.tracing()) {
        TraceRecord r = record(Kind::ResponseHead, request, recorder->now());
        r.value = status;
        r.detail = quint32(traced(framing));
        recorder->write(r, head);
        if (status >= 300 && status < 400 && headers.contains("Location"))
            recorder->write(record(Kind::Redirected, request, r.start), headers.value("Location"));
    }
}

void ConnectionTrace::responseChunk(quint64 request, http::ResponseFraming framing, qint64 offset,
                                    QByteArrayView bytes)
{
    chunk(Kind::ResponseChunk, request, traced(framing), offset, bytes);
}

void ConnectionTrace::responseEnd(quint64 request, int status, qint64 bodyBytes, trace::ResponseOutcome outcome)
{
    if (trace::Recorder *recorder = m_loop.tracing()) {
        const qint64 now = recorder->now();
        m_lastEnd = m_idleSince = now;
        TraceRecord r = record(Kind::ResponseEnd, request, m_firstByteAt ? m_firstByteAt : now);
        r.duration = now - r.start;
        r.id = quint64(status);
        r.value = bodyBytes;
        r.detail = quint32(outcome);
        recorder->write(r);
    }
}

void ConnectionTrace::chunk(Kind kind, quint64 request, trace::BodyFraming framing, qint64 offset,
                            QByteArrayView bytes)
{
    if (trace::Recorder *recorder = m_loop.tracing()) {
        TraceRecord r = record(kind, request, recorder->now());
        r.id = quint64(offset);
        r.value = bytes.size();
        r.detail = quint32(framing);
        const qsizetype kept = qMin(bytes.size(), qsizetype(m_loop.trace()->capture.chunkBytes));
        recorder->write(r, bytes.first(kept));
    }
}

} // namespace loopscope::net
