// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/chunkeddecoder.h"

#include "server/http/requesthead.h"

#include <algorithm>
#include <limits>

namespace loopscope::http {

namespace {

// Fields that say where a message ends or whom it is for must not come after it (RFC 9110 §6.5.1). A server that took
// them seriously would see another request than this one.
bool isForbiddenTrailer(QByteArrayView name) noexcept
{
    return equalsIgnoringCase(name, "Content-Length") || equalsIgnoringCase(name, "Transfer-Encoding")
        || equalsIgnoringCase(name, "Host");
}

} // namespace

qsizetype ChunkedDecoder::feed(QByteArrayView bytes, EventList &events)
{
    const char *at = bytes.data();
    const char *const end = at + bytes.size();
    while (at != end && m_state != State::Complete && m_error == Error::None) {
        if (m_state != State::Data) {
            take(*at++);
            continue;
        }
        const qsizetype piece = qsizetype(std::min<qint64>(m_left, end - at));
        events.push_back({Event::Type::Data, Error::None, m_bodyBytes, QByteArrayView(at, piece)});
        at += piece;
        m_bodyBytes += piece;
        m_left -= piece;
        if (m_left == 0)
            m_state = State::DataCr;
    }
    return at - bytes.data();
}

void ChunkedDecoder::reset() noexcept
{
    m_state = State::SizeStart;
    m_error = Error::None;
    m_sizeDigits = 0;
    m_left = 0;
    m_bodyBytes = 0;
    m_overheadBytes = 0;
    m_trailers = 0;
    m_nameBytes = 0;
}

void ChunkedDecoder::take(char c)
{
    switch (m_state) {
    case State::SizeStart:
    case State::Size: takeOfSize(c); break;
    case State::SizeLf:
        if (c != '\n')
            refuse(Error::InvalidChunk);
        else
            m_state = m_left > 0 ? State::Data : State::TrailerStart;
        break;
    case State::DataCr:
        if (c != '\r')
            refuse(Error::InvalidChunk);
        m_state = State::DataLf;
        break;
    case State::DataLf:
        if (c != '\n')
            refuse(Error::InvalidChunk);
        m_state = State::SizeStart;
        m_sizeDigits = 0;
        break;
    case State::TrailerStart:
    case State::TrailerName:
    case State::TrailerValue:
    case State::TrailerLf: takeOfTrailer(c); break;
    case State::EndLf:
        if (c != '\n')
            refuse(Error::BareLineEnd);
        else
            m_state = State::Complete;
        break;
    case State::Data:
    case State::Complete: Q_UNREACHABLE(); break;
    default: takeOfExtension(c); break;
    }
}

// 1*HEXDIG (RFC 9112 §7.1)
void ChunkedDecoder::takeOfSize(char c)
{
    const int digit = hexDigit(c);
    if (digit >= 0) {
        if (++m_sizeDigits > maximumSizeDigits || m_left > std::numeric_limits<qint64>::max() >> 4)
            refuse(Error::InvalidChunk);
        else
            m_left = m_left * 16 + digit;
        m_state = State::Size;
    } else if (m_state == State::SizeStart) {
        refuse(Error::InvalidChunk);
    } else {
        endExtension(c);
    }
}

void ChunkedDecoder::endExtension(char c)
{
    if (c == '\r') {
        m_state = State::SizeLf;
    } else if (c == ';') {
        countOverhead(Error::BodyTooLarge);
        m_state = State::ExtensionStart;
    } else {
        refuse(Error::InvalidChunk);
    }
}

// *( ";" chunk-ext-name [ "=" ( token / quoted-string ) ] ) (RFC 9112 §7.1.1)
void ChunkedDecoder::takeOfExtension(char c)
{
    const bool isTchar = isToken(QByteArrayView(&c, 1));
    const bool inQuotes = m_state == State::Quoted || m_state == State::QuotedPair;
    const bool isStart = m_state == State::ExtensionStart || m_state == State::ExtensionValueStart;
    const bool isEnd = !inQuotes && !isStart && (c == '\r' || c == ';');
    if (isEnd) {
        endExtension(c);
        return;
    }
    countOverhead(Error::BodyTooLarge);
    if (m_error != Error::None)
        return;
    if (inQuotes) {
        if (!isFieldValue(QByteArrayView(&c, 1))) // no control byte but tab (RFC 9110 §5.6.4)
            refuse(Error::InvalidChunk);
        else if (m_state == State::QuotedPair)
            m_state = State::Quoted;
        else
            m_state = c == '"' ? State::QuotedEnd : c == '\\' ? State::QuotedPair : State::Quoted;
    } else if (m_state == State::ExtensionName && c == '=') {
        m_state = State::ExtensionValueStart;
    } else if (m_state == State::ExtensionValueStart && c == '"') {
        m_state = State::Quoted;
    } else if (!isTchar || m_state == State::QuotedEnd) {
        refuse(Error::InvalidChunk);
    } else if (isStart) {
        m_state = m_state == State::ExtensionStart ? State::ExtensionName : State::ExtensionValue;
    }
}

// *( field-line CRLF ) CRLF (RFC 9112 §7.1.2), as strict as the fields of a head.
void ChunkedDecoder::takeOfTrailer(char c)
{
    if (m_state != State::TrailerStart || c != '\r') { // the empty line is no overhead
        countOverhead(Error::HeadTooLarge);
        if (m_error != Error::None)
            return;
    }
    switch (m_state) {
    case State::TrailerStart: startTrailer(c); break;
    case State::TrailerName: takeOfTrailerName(c); break;
    case State::TrailerValue:
        if (c == '\r')
            m_state = State::TrailerLf;
        else if (!isFieldValue(QByteArrayView(&c, 1)))
            refuse(c == '\n' ? Error::BareLineEnd : Error::InvalidHeader);
        break;
    default: // TrailerLf
        if (c != '\n')
            refuse(Error::BareLineEnd);
        m_state = State::TrailerStart;
        break;
    }
}

void ChunkedDecoder::startTrailer(char c)
{
    if (c == '\r') {
        m_state = State::EndLf;
    } else if (c == ' ' || c == '\t') {
        refuse(Error::ObsoleteFolding);
    } else if (c == ':') {
        refuse(Error::InvalidHeader);
    } else if (++m_trailers > m_limits.maxHeaders) {
        refuse(Error::TooManyHeaders);
    } else {
        m_nameBytes = 0;
        m_state = State::TrailerName;
        takeOfTrailerName(c);
    }
}

void ChunkedDecoder::takeOfTrailerName(char c)
{
    if (c == ':') {
        const bool isShort = m_nameBytes <= qsizetype(m_name.size());
        if (isShort && isForbiddenTrailer(QByteArrayView(m_name.data(), m_nameBytes)))
            refuse(Error::InvalidHeader);
        m_state = State::TrailerValue;
    } else if (isToken(QByteArrayView(&c, 1))) {
        if (m_nameBytes < qsizetype(m_name.size()))
            m_name[std::size_t(m_nameBytes)] = c;
        ++m_nameBytes;
    } else {
        refuse(c == '\r' || c == '\n' ? Error::BareLineEnd : Error::InvalidHeader);
    }
}

void ChunkedDecoder::countOverhead(Error beyond)
{
    if (++m_overheadBytes > m_limits.maxChunkOverheadBytes)
        refuse(beyond);
}

} // namespace loopscope::http
