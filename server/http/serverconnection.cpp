// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/serverconnection.h"

#include "server/http/status.h"

namespace loopscope::http {

qsizetype ServerConnection::feed(QByteArrayView bytes, EventList &events)
{
    if (m_requestEnded || m_gaveUp || m_parser.hasFailed()) // rules 1 and 2
        return 0;
    const std::size_t first = events.size();
    const qsizetype consumed = m_parser.feed(bytes, events);
    for (std::size_t i = first; i < events.size(); ++i) {
        switch (events[i].type) {
        case Event::Type::Head:
            m_response = Response::Expected;
            m_version = head().version;
            m_isHead = head().method == Method::Head;
            m_keepAlive = head().keepAlive;
            m_expectsContinue = head().expectsContinue;
            break;
        case Event::Type::End: m_requestEnded = true; break;
        case Event::Type::Failed:
            m_close = true;
            expectRefusal();
            break;
        case Event::Type::Data: break;
        }
    }
    return consumed;
}

void ServerConnection::endOfInput(EventList &events)
{
    m_close = true;
    if (m_requestEnded || m_gaveUp || m_parser.hasFailed())
        return;
    m_parser.endOfInput(events);
    if (m_parser.hasFailed())
        expectRefusal();
}

void ServerConnection::giveUp() noexcept
{
    m_gaveUp = true;
    m_close = true;
    expectRefusal();
}

// RFC 9110 §9.3.2: HEAD gets no content, not even with a refusal. Its head was no good, but the method may have come.
void ServerConnection::expectRefusal() noexcept
{
    if (m_response != Response::None)
        return;
    m_response = Response::Expected;
    m_isHead = m_parser.partialHead().startsWith("HEAD ");
}

void ServerConnection::sendContinue(QByteArray &out)
{
    // RFC 9110 §10.1.1: not once some of the body has come, or after the final answer was begun
    if (m_continueSent || m_response != Response::Expected || m_requestEnded || !m_expectsContinue)
        return;
    m_continueSent = true;
    writeContinue(out);
}

void ServerConnection::sendHead(int status, const HeaderList &headers, qint64 contentLength, QByteArrayView date,
                                QByteArray &out)
{
    Q_ASSERT(m_response == Response::Expected);
    Q_ASSERT(status >= 200 && status <= 599);
    const bool failed = m_parser.hasFailed();
    // A client that still waits for 100 has not sent its body: where the next request starts cannot be told.
    const bool unreadExpectation = !failed && m_expectsContinue && !m_continueSent && !m_requestEnded;
    m_hasBody = !m_isHead && !statusForbidsBody(status);
    m_contentLength = contentLength;
    m_sentBytes = 0;
    if (!m_hasBody) {
        m_framing = ResponseFraming::None;
        if (statusForbidsBody(status)) // RFC 9110 §8.6: no Content-Length in 1xx and 204
            m_contentLength = -1;
    } else if (contentLength >= 0) {
        m_framing = ResponseFraming::ContentLength;
    } else if (m_version == Version::Http11) {
        m_framing = ResponseFraming::Chunked;
    } else {
        m_framing = ResponseFraming::UntilClose;
    }
    // Nobody wants the rest of a body that was refused for its size (RFC 9110 §15.5.14).
    const bool refusedBody = status == 413 && !m_requestEnded;
    m_close = m_close || failed || m_draining || unreadExpectation || refusedBody || !m_keepAlive
        || m_framing == ResponseFraming::UntilClose;

    const ResponseHead answer{status, m_version, m_framing, m_contentLength, !m_close, date};
    writeHead(answer, headers, out);
    m_response = Response::HeadSent;
}

bool ServerConnection::sendData(QByteArrayView bytes, QByteArray &out)
{
    Q_ASSERT(m_response == Response::HeadSent);
    if (!m_hasBody)
        return true;
    bool fits = true;
    if (m_framing == ResponseFraming::ContentLength && bytes.size() > m_contentLength - m_sentBytes) {
        bytes = bytes.first(qsizetype(m_contentLength - m_sentBytes));
        m_close = true; // rule 6
        fits = false;
    }
    m_sentBytes += bytes.size();
    if (m_framing == ResponseFraming::Chunked)
        writeChunk(bytes, out);
    else
        out.append(bytes);
    return fits;
}

bool ServerConnection::sendDataUnframed(qsizetype bytes) noexcept
{
    Q_ASSERT(m_response == Response::HeadSent);
    if (!m_hasBody || m_framing != ResponseFraming::ContentLength || bytes > m_contentLength - m_sentBytes)
        return false;
    m_sentBytes += bytes;
    return true;
}

bool ServerConnection::sendEnd(QByteArray &out)
{
    Q_ASSERT(m_response == Response::HeadSent);
    m_response = Response::Complete;
    if (m_framing == ResponseFraming::Chunked)
        writeLastChunk(out);
    const bool whole = m_framing != ResponseFraming::ContentLength || m_sentBytes == m_contentLength;
    if (!whole)
        m_close = true; // rule 6
    return whole;
}

bool ServerConnection::mustClose() const noexcept
{
    return m_response == Response::Complete && (m_close || m_parser.hasFailed());
}

bool ServerConnection::isReadyForNext() const noexcept
{
    return m_response == Response::Complete && m_requestEnded && !mustClose();
}

void ServerConnection::nextRequest()
{
    Q_ASSERT(isReadyForNext());
    m_parser.nextRequest();
    m_response = Response::None;
    m_framing = ResponseFraming::None;
    m_version = Version::Http11;
    m_isHead = false;
    m_keepAlive = true;
    m_expectsContinue = false;
    m_hasBody = false;
    m_continueSent = false;
    m_requestEnded = false;
    m_contentLength = -1;
    m_sentBytes = 0;
}

} // namespace loopscope::http
