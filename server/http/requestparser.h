// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/chunkeddecoder.h"
#include "server/http/event.h"
#include "server/http/limits.h"
#include "server/http/requesthead.h"

#include <memory>

namespace loopscope::http {

// Bytes in, events out: the receiving half of a server's connection. Heads are read by llhttp in its strict mode.
//
// It knows no socket, no clock and no thread; ServerConnection owns it. It parses one request at a time: at the end of
// one it stops and leaves the rest to the caller, until nextRequest(). The events are the same however the bytes were
// split, but that pieces of a body are as large as what was fed.
//
// What llhttp lets pass and RFC 9112 does not is refused here: bare CR and LF and folded lines in a head, more than one
// space in a request line, a missing, repeated or malformed Host, codings other than chunked, target forms that the
// method does not allow. Where the body ends is decided in one place, by the fields of the validated head; llhttp, which
// has an opinion of its own, does not get to see it.
class RequestParser {
public:
    explicit RequestParser(const Limits &limits);
    ~RequestParser();
    RequestParser(const RequestParser &) = delete;
    RequestParser &operator=(const RequestParser &) = delete;

    // Appends what `bytes` mean to `events` and returns how many of them were consumed: fewer than given only after
    // Event::End or Event::Failed. The events' views point into `bytes`.
    qsizetype feed(QByteArrayView bytes, EventList &events);

    // The peer sends nothing more. In the middle of a request that is Error::UnexpectedEnd.
    void endOfInput(EventList &events);

    // After Event::End: ready for the next request. head() is empty then.
    void nextRequest();

    // Complete from Event::Head until nextRequest() or takeHead().
    [[nodiscard]] const RequestHead &head() const noexcept { return m_head; }
    // Gives the complete head away and takes the storage of another for the next request.
    void takeHead(RequestHead &into) noexcept;
    // The head's bytes that have come so far, while it is not complete.
    [[nodiscard]] QByteArrayView partialHead() const noexcept { return m_head.raw(); }

    // Some of a request has come, and its end has not.
    [[nodiscard]] bool inRequest() const noexcept { return m_state == State::Head || m_state == State::Body; }
    [[nodiscard]] bool inHead() const noexcept { return m_state == State::Head; }
    [[nodiscard]] bool hasFailed() const noexcept { return m_state == State::Failed; }

private:
    enum class State : quint8 { Start, Head, Body, Ended, Failed };
    struct Llhttp;
    struct Facts; // what the fields of a head say about framing and persistence

    [[nodiscard]] qsizetype feedStart(QByteArrayView bytes, EventList &events);
    [[nodiscard]] qsizetype feedHead(QByteArrayView bytes, EventList &events);
    [[nodiscard]] qsizetype feedBody(QByteArrayView bytes, EventList &events);
    void fail(Error error, EventList &events);
    void end(EventList &events);
    void keepHeadBytes(const char *to);
    void onHeadComplete(EventList &events);
    void refuseHead(EventList &events);

    [[nodiscard]] Error validateHead();
    [[nodiscard]] Error validateLines() const;
    [[nodiscard]] Error validateRequestLine();
    [[nodiscard]] Error validateTarget() const;
    [[nodiscard]] Error validateFields();
    [[nodiscard]] Error readField(QByteArrayView name, QByteArrayView value, Facts &facts);
    [[nodiscard]] Error decideFraming(const Facts &facts);
    [[nodiscard]] Error errorOfParser() const;
    [[nodiscard]] Error errorOfVersion() const;

    const Limits m_limits;
    RequestHead m_head;
    State m_state = State::Start;
    Error m_limitError = Error::None; // why a callback stopped llhttp
    bool m_leadingCr = false; // the LF of an empty line is awaited
    qsizetype m_leadingBytes = 0;
    Framing m_framing = Framing::None; // of the request whose body is awaited, for its head may have been taken
    qint64 m_bodyBytes = 0;
    qint64 m_contentLength = 0;
    ChunkedDecoder m_chunks;
    const char *m_headFrom = nullptr; // in what is being fed: the first byte not yet in m_head.m_raw
    std::unique_ptr<Llhttp> m_llhttp;
};

} // namespace loopscope::http
