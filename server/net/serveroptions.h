// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/limits.h"

namespace loopscope::net {

// What a server allows its clients, all together. Fixed when the server is made.
struct ServerOptions {
    http::Limits limits;
    http::Timeouts timeouts;

    // Connections open at once; one more is closed as it comes. Node: server.maxConnections (no limit by default).
    int maxConnections = 16'384;
    // Connections that the kernel completes while the loop is busy. Node: 511; see the design for the measurement.
    int backlog = 1'024;
    // Bytes of answers waiting in a connection's buffer from which on write() tells to stop. Node 22: 64 KiB.
    qint64 highWaterMark = 64 * 1024;
    // Bytes of following requests kept while an answer is outstanding; beyond it the socket is not read.
    qsizetype maxPipelinedBytes = 64 * 1024;
    // After a refusal, how long and how much of what the client still sends is read away, so that the refusal is not
    // lost to a reset (RFC 9112 §9.6). nginx: lingering_timeout 5 s.
    std::chrono::milliseconds lingerTimeout = std::chrono::seconds(2);
    qint64 maxLingerBytes = 4 * 1024 * 1024;
};

} // namespace loopscope::net
