// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

#include <chrono>

namespace loopscope::http {

// What one connection may ask of the server. Values may change between servers, never while one listens.
struct Limits {
    // Request line and headers together, bytes. Beyond: 431. Node: --max-http-header-size, 16 KiB.
    qsizetype maxHeadBytes = 16 * 1024;
    // Header fields of one request, and trailers of its body. Beyond: 431. Apache: LimitRequestFields 100 (Node:
    // maxHeadersCount 2000).
    int maxHeaders = 100;
    // Request target, bytes. Beyond: 414. RFC 9110 §4.1 asks for at least 8000; nginx: 8 KiB.
    qsizetype maxTargetBytes = 8 * 1024;
    // Bytes of chunk extensions and trailers of one body. Beyond: 413 and 431. Node: 16 KiB of chunk extensions.
    qsizetype maxChunkOverheadBytes = 16 * 1024;
    // Empty lines before a request line, bytes, that are skipped (RFC 9112 §2.2 asks for at least one). Beyond: 400.
    qsizetype maxLeadingBytes = 64;
    // Bytes a second that a client must send, on the average of each Timeouts::rateWindow, as long as it owes the rest
    // of a head, or of a body that the server wants to read. 0: none. Beyond: 408. Apache: RequestReadTimeout
    // header=20-40,MinRate=500 body=20,MinRate=500 (mod_reqtimeout), which Node has nothing like.
    qint64 minimumRate = 500;
    // Bytes a second that a client must take of an answer, on the average of each Timeouts::rateWindow but the first,
    // as long as it is waited for: more than ServerOptions::highWaterMark was there for it, or something is left after
    // the answer's end. 0: none. Beyond: the connection is cut. Kestrel: MinResponseDataRate 240 (nginx, Node: none).
    qint64 minimumSendRate = 100;
};

// How long a client may take. Node's figures: https://nodejs.org/docs/latest-v20.x/api/http.html#serverheaderstimeout
//
// 0 in `header`, `request`, `keepAlive` and `send`: no limit, as in Node. What bounds such a client then: the rates of
// Limits as long as it owes or is owed bytes; nothing one that is silent before its first request, or after an answer,
// but that it is one of ServerOptions::maxConnections.
struct Timeouts {
    // From a connection's opening, or a request's first byte, to the end of its head. Beyond: 408.
    std::chrono::milliseconds header = std::chrono::seconds(60);
    // From a request's first byte to the end of its body, without the time in which the server itself did not read
    // (the handler had paused the body, or the client waits for 100). Beyond: 408.
    std::chrono::milliseconds request = std::chrono::seconds(300);
    // Without a request after an answer. Beyond: the connection is closed without a word.
    std::chrono::milliseconds keepAlive = std::chrono::seconds(5);
    // Between two moments in which the client takes something of an answer that waits for it. Beyond: the connection
    // is cut. nginx: send_timeout 60 s (Node has none). Limits::minimumSendRate is the first to cut a client that takes
    // nothing while more than its share waits: after two windows, which are 40 s.
    std::chrono::milliseconds send = std::chrono::seconds(60);
    // Over which Limits::minimumRate is an average, and begins with a request's first byte, and minimumSendRate. More
    // than 0. Apache: 20 s, as above.
    std::chrono::milliseconds rateWindow = std::chrono::seconds(20);
    // For a TLS handshake; begins anew with the client's first message. Beyond: closed. QSslServer: 5 s (Node: 120 s).
    std::chrono::milliseconds handshake = std::chrono::seconds(5);
};

} // namespace loopscope::http
