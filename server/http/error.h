// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace loopscope::http {

// Why a request or a connection is refused: the peer's faults, and what the server has no room for. Each has one
// status; after each the connection is closed and nothing more of it is answered.
// (The program's own misuse is not here: it is an assertion, or a std::logic_error.)
enum class Error {
    None,
    InvalidMethod, // 400: a byte that no registered method holds (they are capitals and hyphens)
    UnknownMethod, // 501: a method this server does not implement (CONNECT among them)
    InvalidTarget, // 400: bytes that no request target may hold, or a form its method does not allow
    TargetTooLong, // 414
    InvalidVersion, // 400: not HTTP/<digit>.<digit>
    UnsupportedVersion, // 505: a version other than 1.0 and 1.1
    InvalidHeader, // 400: a name that is no token, or forbidden in a trailer; a control byte; white space before the colon
    ObsoleteFolding, // 400: a line of the head starts with white space (RFC 9112 §5.2)
    BareLineEnd, // 400: CR without LF, or LF without CR
    HeadTooLarge, // 431
    TooManyHeaders, // 431
    MissingHost, // 400: HTTP/1.1 without Host (RFC 9112 §3.2)
    InvalidHost, // 400: more than one Host, or one that is no authority
    InvalidContentLength, // 400: no number, too large, or two that differ
    ConflictingFraming, // 400: Content-Length together with Transfer-Encoding (RFC 9112 §6.3)
    InvalidTransferEncoding, // 400: chunked is not the last coding, or comes twice, or HTTP/1.0
    UnknownTransferEncoding, // 501: a coding other than chunked
    InvalidChunk, // 400: a chunk's size or end is malformed
    BodyTooLarge, // 413
    ExpectationFailed, // 417: an Expect other than 100-continue
    HeaderTimeout, // 408
    RequestTimeout, // 408
    UnexpectedEnd, // 400: the peer closed its side in the middle of a request
    RequestTooSlow, // 408: fewer bytes a second than Limits::minimumRate
    TooManyConnections, // 503: the server's own bound
    TooManyConnectionsOfAddress, // 429 (RFC 6585 §4)
    Malformed, // 400: white space too much in a request line, too many empty lines, what else llhttp refuses
};

// The status that answers the error; 0 for None.
[[nodiscard]] int statusOf(Error error) noexcept;
// The enumerator's name ("InvalidHost"), static storage.
[[nodiscard]] const char *toString(Error error) noexcept;
// One sentence for the client, static storage, without anything that the client sent.
[[nodiscard]] const char *sentence(Error error) noexcept;

} // namespace loopscope::http
