// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/limits.h"

namespace loopscope::net {

// What a server allows its clients, all together. Fixed when the server is made.
struct ServerOptions {
    http::Limits limits;
    http::Timeouts timeouts;

    // Connections open at once; one more is answered 503. Node: server.maxConnections, which closes without a word (no
    // limit by default).
    int maxConnections = 16'384;
    // The same of one address; one more is answered 429. Counted only where it is less than maxConnections, which it is
    // not by default: over loopback everybody has the same address. nginx: limit_conn (no limit by default).
    int maxConnectionsPerAddress = maxConnections;
    // Connections, beyond those, that are being told so at once; one more is closed without a word.
    int maxRefusals = 64;
    // What a refused client is asked to wait (Retry-After, RFC 9110 §10.2.3).
    std::chrono::seconds retryAfter{1};
    // Requests on one connection, at least 1; the last answer says "Connection: close", so that what piles up in a
    // connection has an end. nginx: keepalive_requests 1000; Node: server.maxRequestsPerSocket (no limit by default).
    int maxRequestsPerConnection = 1'000'000;
    // TLS handshakes in progress, which are no connections yet; one more is closed as it comes. As the backlog.
    int maxHandshakes = 1'024;
    // The number before that of the first connection and request: where several servers follow each other in one trace,
    // the numbers of the one before go on, for a number names one request of a session.
    quint64 lastConnection = 0;
    quint64 lastRequest = 0;
    // Connections that the kernel completes while the loop is busy. Node: 511; see the design for the measurement.
    int backlog = 1'024;
    // Bytes of answers waiting in a connection's buffer from which on write() tells to stop. Node 22: 64 KiB.
    qint64 highWaterMark = 64 * 1024;
    // Bytes of following requests kept while an answer is outstanding; beyond it the socket is not read.
    qsizetype maxPipelinedBytes = 64 * 1024;
    // After a refusal, how long and how much of what the client still sends is read away, so that the refusal is not
    // lost to a reset (RFC 9112 §9.6). 0: not at all. nginx: lingering_timeout 5 s, and as much as comes in lingering_time 30 s.
    // A body that nobody reads is read away up to so many bytes, for the sake of the next request; Node: whatever its length.
    std::chrono::milliseconds lingerTimeout = std::chrono::seconds(2);
    qint64 maxLingerBytes = 64 * 1024 * 1024;
};

} // namespace loopscope::net
