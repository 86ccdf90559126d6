// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/event.h"

#include <QtCore/QByteArray>

namespace loopscope::model {

// What is known of one request. Plain, owned by a Session; read with Session::request(), on the session's thread.
// A time of `unknown` has not come (yet), or its record was dropped.
struct Request {
    static constexpr qint64 unknown = -1;

    quint64 number = 0;
    quint64 connection = 0;

    // Times on the clock, ns.
    qint64 start = 0; // its first byte; or the first record about it, if RequestBegin was dropped
    qint64 arrived = unknown; // its first bytes, of which `start` is the reading, where that was late: Kind::BytesArrived
    qint64 headComplete = unknown;
    qint64 bodyComplete = unknown;
    qint64 responseHead = unknown;
    qint64 end = unknown; // ResponseEnd; or its connection was closed, or idle, before one was seen
    qint64 idleSince = unknown; // the connection had nothing in flight from here

    qint64 bodyBytes = 0; // of the request, as arrived so far
    qint64 responseBytes = 0; // body bytes of the response, as sent so far
    TextRef head; // as received: Session::text()
    TextRef responseHeadText; // as sent
    TextRef location; // of Redirected
    quint64 lastEvent = Event::none; // chain in Session::events(), newest first
    quint64 redirectedFrom = 0; // number of the request whose redirect this one follows, or 0
    quint64 redirectedTo = 0; // number of the request that followed this one's redirect, or 0

    quint32 chunks = 0; // body chunks that arrived
    quint32 responseChunks = 0; // that were sent
    quint32 layers = 0;
    quint32 clientErrors = 0;
    quint32 inFlightIndex = 0; // for the Session
    quint32 changedInBatch = 0; // for the Session
    quint16 status = 0; // 0: none yet
    trace::BodyFraming framing = trace::BodyFraming::None;
    trace::BodyFraming responseFraming = trace::BodyFraming::None;
    trace::ResponseOutcome outcome = trace::ResponseOutcome::Complete; // of a finished one
    bool arrivalNotTold = false; // it was read late, and how long its bytes had waited is not known
    bool endedWithoutResponse = false; // no ResponseEnd was seen before `end`

    [[nodiscard]] bool isRunning() const noexcept { return end == unknown; }
    // A status of 4xx or 5xx, or it ended otherwise than complete.
    [[nodiscard]] bool hasFailed() const noexcept
    {
        return status >= 400 || (!isRunning() && (endedWithoutResponse || outcome != trace::ResponseOutcome::Complete));
    }
    // Until its end, or until `now` while it runs.
    [[nodiscard]] qint64 durationAt(qint64 now) const noexcept
    {
        return isRunning() ? qMax(qint64(0), now - start) : end - start;
    }
};

// A piece of a body, either way. Made by Session::chunks() from events.
struct Chunk {
    qint64 time = 0; // ns on the clock
    qint64 bytes = 0; // its true size
    qint64 offset = 0; // in the body
    trace::BodyFraming framing = trace::BodyFraming::None;
    bool toClient = false;
    QByteArray firstBytes; // a copy; shorter than `bytes` if the capture was cut, empty if evicted
};

} // namespace loopscope::model
