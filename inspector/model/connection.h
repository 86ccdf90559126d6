// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/textarena.h"
#include "server/trace/tracerecord.h"

#include <vector>

namespace loopscope::model {

// What is known of one connection. Owned by a Session; read with Session::connection(), on the session's thread.
struct Connection {
    static constexpr qint64 unknown = -1;
    enum class State : quint8 { Idle, InFlight, Closed };

    quint64 number = 0;
    qint64 opened = 0; // ns; the first record about it, if ConnectionOpened was dropped
    qint64 closed = unknown;
    qint64 idleSince = unknown; // unknown while a request is in flight, or before any ConnectionIdle
    qint64 idleDue = 0; // ns: when the keep-alive timeout closes it, while idle; 0: no timeout
    qint64 served = 0; // requests that ended; of a closed one, as the server counted
    quint32 clientErrors = 0;
    quint32 changedInBatch = 0; // for the Session
    quint32 inFlight = 0; // requests that run
    quint64 lastRequest = 0; // number, 0: none yet
    TextRef peer; // "address:port"
    trace::CloseReason reason = trace::CloseReason::ByPeer; // of a closed one
    bool endNotSeen = false; // closed, but no ConnectionClosed was seen: `reason` and `served` are not the server's

    [[nodiscard]] bool isOpen() const noexcept { return closed == unknown; }
    [[nodiscard]] State state() const noexcept
    {
        return !isOpen() ? State::Closed : inFlight > 0 ? State::InFlight : State::Idle;
    }

    // Requests on it that are kept, in order of start: index 0 … requestCount()-1 to number. Session::request() of one
    // may be null: not all are forgotten in that order.
    [[nodiscard]] std::size_t requestCount() const noexcept { return requests.size() - firstRequest; }
    [[nodiscard]] quint64 requestAt(std::size_t index) const noexcept { return requests[firstRequest + index]; }

    std::vector<quint64> requests; // for the Session: with the evicted ones in front
    std::size_t firstRequest = 0; // for the Session
};

} // namespace loopscope::model
