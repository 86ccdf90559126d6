// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/error.h"
#include "server/http/headerlist.h"
#include "server/http/requesthead.h"
#include "server/http/responsewriter.h"
#include "server/loop/eventloop.h"
#include "server/trace/tracerecord.h"

#include <QtCore/QByteArrayView>

QT_BEGIN_NAMESPACE
class QAbstractSocket;
QT_END_NAMESPACE

namespace loopscope::net {

// What happens on one connection, as records of the loop's trace. `request`: the number of a request, or 0 for what
// belongs to none.
//
// A part of one Connection, on the loop's thread. Knows nothing but what it is told, and where nothing is recorded it
// costs the look that says so.
class ConnectionTrace {
public:
    ConnectionTrace(loop::EventLoop &loop, quint64 connection) noexcept
        : m_loop(loop)
        , m_connection(connection)
    {
    }

    // ns on the trace's clock; 0: nothing is recorded.
    [[nodiscard]] qint64 now() const noexcept;

    // --- the connection ---
    void opened(const QAbstractSocket &socket);
    // Keep-alive, since the last answer ended, if nothing has been read after it; until `timeout` from then.
    void idle(std::chrono::nanoseconds timeout);
    void closed(trace::CloseReason reason, quint64 requestsServed);
    void backpressure(quint64 request, bool above, qint64 bytes);
    void refused(quint64 request, http::Error error);

    // --- one request after the other ---
    // Bytes were just read: when they came, ns on the trace's clock; 0: nothing is recorded. Most often that is now. But
    // where the loop was away from poll for a tick of the system's clock or longer, they may have waited for it: then, and
    // only then, the system, which knows no less, is asked when they came. `socket`: null where it cannot be asked (TLS);
    // `request`: whose body it is, or 0.
    [[nodiscard]] qint64 bytesRead(const QAbstractSocket *socket, quint64 request);
    // A byte of a request came, at `at` (now(), then): the first one counts.
    void byteCame(qint64 at) noexcept
    {
        if (m_firstByteAt == 0)
            m_firstByteAt = at;
    }
    // The next byte is the first of a request.
    void forgetFirstByte() noexcept
    {
        m_firstByteAt = 0;
        m_arrival.at = 0;
    }
    // `head`: as received, or what came of it where it was never understood.
    void requestBegan(quint64 request, http::Framing framing, QByteArrayView head);
    void bodyChunk(quint64 request, http::Framing framing, qint64 offset, QByteArrayView bytes);
    void requestComplete(quint64 request, qint64 bodyBytes);
    void responseHead(quint64 request, int status, http::ResponseFraming framing, const http::HeaderList &headers,
                      QByteArrayView head);
    void responseChunk(quint64 request, http::ResponseFraming framing, qint64 offset, QByteArrayView bytes);
    void responseEnd(quint64 request, int status, qint64 bodyBytes, trace::ResponseOutcome outcome);

private:
    // What was read late: see Kind::BytesArrived.
    struct Arrival {
        qint64 at = 0; // ns; 0: nothing was late
        qint64 readAt = 0; // ns
        bool told = false;
    };
    [[nodiscard]] Arrival askWhen(const QAbstractSocket *socket, loop::EventLoop::ReadyWithin ready, qint64 now) const;
    void writeArrival(const Arrival &arrival, quint64 request);
    [[nodiscard]] trace::TraceRecord record(trace::Kind kind, quint64 request, qint64 start) const noexcept
    {
        trace::TraceRecord made;
        made.kind = kind;
        made.start = start;
        made.request = request;
        made.connection = m_connection;
        return made;
    }
    void chunk(trace::Kind kind, quint64 request, trace::BodyFraming framing, qint64 offset, QByteArrayView bytes);

    loop::EventLoop &m_loop;
    const quint64 m_connection;
    qint64 m_openedAt = 0; // ns on the trace's clock
    qint64 m_firstByteAt = 0; // of the request in progress; 0: none has come
    Arrival m_arrival; // of that byte
    qint64 m_idleSince = 0; // ns; m_lastEnd, if nothing has been read since; else 0
    qint64 m_lastEnd = 0; // ns; of the answer before: no request was sent before it, unless it was pipelined
    // The socket is watched from the turn after that in which it was accepted: what is read then may have come before.
    quint64 m_openedTurn = 0;
    qint64 m_openedAfter = 0; // ns; when nobody waited to be accepted yet; 0: not known
};

} // namespace loopscope::net
