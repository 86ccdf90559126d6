// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/headerlist.h"
#include "server/http/requesthead.h"

namespace loopscope::http {

// How the end of a response's body is known. As Framing, and UntilClose for HTTP/1.0 clients (RFC 9112 §6.3).
enum class ResponseFraming : quint8 { None, ContentLength, Chunked, UntilClose };

// The head of a response, ready to be written: what decides framing and persistence has been decided.
struct ResponseHead {
    int status = 200; // 100 to 599
    Version version = Version::Http11; // of the client: an HTTP/1.0 client is told if the connection stays open
    ResponseFraming framing = ResponseFraming::None;
    qint64 contentLength = -1; // bytes; written if >= 0 and there is no field of that name in `headers`
    bool keepAlive = true;
    QByteArrayView date; // IMF-fixdate, written if not empty and not in `headers`
};

// Events in, bytes out: appends to a buffer of the caller. Pure functions, no state.
// The status line always says HTTP/1.1, the server's own version (RFC 9110 §2.5).
void writeHead(const ResponseHead &head, const HeaderList &headers, QByteArray &out);
// "HTTP/1.1 100 Continue" (RFC 9110 §15.2.1).
void writeContinue(QByteArray &out);
// One chunk (RFC 9112 §7.1). An empty one would end the body and writes nothing.
void writeChunk(QByteArrayView bytes, QByteArray &out);
void writeLastChunk(QByteArray &out);

} // namespace loopscope::http
