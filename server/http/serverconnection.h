// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/requestparser.h"
#include "server/http/responsewriter.h"

namespace loopscope::http {

// One connection as the server sees it, without a socket: bytes in and events out, answers in and bytes out.
// This file owns the connection's state machine.
//
// Rules
// 1. Requests are taken one at a time. After a request's end nothing more is consumed until its answer is complete
//    and nextRequest() was called; so pipelined requests are answered in their order (RFC 9112 §9.3.2).
// 2. After a failed request nothing more is consumed, and the connection closes after the answer to it.
// 3. One final answer per request. Interim answers (100) come before it and are sent at most once.
// 4. The head of an answer fixes its framing: none for HEAD, 204, 304 and 1xx (RFC 9110 §6.4.1); Content-Length if
//    the length is known; else chunked for HTTP/1.1 and until-close for HTTP/1.0 (RFC 9112 §6.3).
// 5. The connection persists if the client wants it, the server does not drain, the answer's end can be told without
//    closing, and the request has been read whole when the answer ends (RFC 9112 §9.3).
// 6. A body that does not match the Content-Length that was sent is the program's fault: the connection must close,
//    for the client cannot find the next answer.
//
//   request:   Idle → Receiving → Received          (Receiving → Failed → —)
//   response:  None → Expected → HeadSent → Complete
//   both Received and Complete, rule 5 holds: nextRequest() → Idle, None
//   Complete and rule 5 does not hold: mustClose()
class ServerConnection {
public:
    enum class Response : quint8 { None, Expected, HeadSent, Complete };

    explicit ServerConnection(const Limits &limits)
        : m_parser(limits)
    {
    }

    // --- bytes in ---

    // See RequestParser::feed(). Consumes nothing while an answer is outstanding whose request has come whole.
    qsizetype feed(QByteArrayView bytes, EventList &events);
    // The peer sends nothing more: what is outstanding may still be answered.
    void endOfInput(EventList &events);
    [[nodiscard]] const RequestHead &head() const noexcept { return m_parser.head(); }
    // Gives the complete head away, after Event::Head; takes the storage of another in exchange.
    void takeHead(RequestHead &into) noexcept { m_parser.takeHead(into); }
    [[nodiscard]] QByteArrayView partialHead() const noexcept { return m_parser.partialHead(); }

    // --- answers in, bytes out (appended to `out`) ---

    // 100 (Continue), if the client waits for it and no answer was begun; else nothing.
    void sendContinue(QByteArray &out);
    // The final answer's head; status 200 to 599. `contentLength` in bytes, or -1 if the length is not known.
    // Content-Length, Transfer-Encoding and Connection in `headers` must have been taken out by the caller.
    void sendHead(int status, const HeaderList &headers, qint64 contentLength, QByteArrayView date, QByteArray &out);
    // A piece of the body. Nothing is written for answers without a body (HEAD, 204, 304).
    // False: more than the Content-Length; the excess was not written and the connection must close.
    bool sendData(QByteArrayView bytes, QByteArray &out);
    // A piece of the body that the caller writes itself, as it is, instead of giving it to sendData(). False: it may not,
    // for such a piece must be framed, clipped or left out.
    [[nodiscard]] bool sendDataUnframed(qsizetype bytes) noexcept;
    // The end of the body. False: less than the Content-Length was sent; the connection must close.
    bool sendEnd(QByteArray &out);

    // The server gives up on the request that is coming (a timeout, a body too large): nothing more is consumed, an
    // answer may be sent if none was begun, and then the connection closes.
    void giveUp() noexcept;

    // --- what to do next ---

    // From now on answers say "Connection: close".
    void setDraining() noexcept { m_draining = true; }
    // True if the answer is complete and the connection cannot be used again.
    [[nodiscard]] bool mustClose() const noexcept;
    // True if the answer and its request are complete and the next request may be read.
    [[nodiscard]] bool isReadyForNext() const noexcept;
    void nextRequest();

    // Nothing of a request has come, and nothing is to be answered.
    [[nodiscard]] bool isIdle() const noexcept
    {
        return m_response == Response::None && !m_parser.inRequest() && !m_parser.hasFailed();
    }
    [[nodiscard]] bool inHead() const noexcept { return m_parser.inHead(); }
    [[nodiscard]] bool inRequest() const noexcept { return m_parser.inRequest(); }
    [[nodiscard]] bool hasFailed() const noexcept { return m_parser.hasFailed(); }
    [[nodiscard]] Response response() const noexcept { return m_response; }
    [[nodiscard]] ResponseFraming responseFraming() const noexcept { return m_framing; }
    [[nodiscard]] bool responseHasBody() const noexcept { return m_hasBody; }
    [[nodiscard]] qint64 sentBodyBytes() const noexcept { return m_sentBytes; }

private:
    void expectRefusal() noexcept;

    RequestParser m_parser;
    Response m_response = Response::None;
    ResponseFraming m_framing = ResponseFraming::None;
    // of the request that is answered, for its head may have been taken
    Version m_version = Version::Http11;
    bool m_isHead = false;
    bool m_keepAlive = true;
    bool m_expectsContinue = false;
    bool m_hasBody = false;
    bool m_continueSent = false;
    bool m_requestEnded = false;
    bool m_gaveUp = false;
    bool m_draining = false;
    bool m_close = false;
    qint64 m_contentLength = -1;
    qint64 m_sentBytes = 0;
};

} // namespace loopscope::http
