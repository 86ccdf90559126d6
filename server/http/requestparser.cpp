// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/requestparser.h"

#include <llhttp.h>

#include <algorithm>
#include <cstring>
#include <limits>

namespace loopscope::http {

// llhttp's parser and the callbacks that fill the RequestParser. Where a callback returns HPE_PAUSED the parser stops,
// feed() looks at what there is, and resumes it.
struct RequestParser::Llhttp {
    llhttp_t parser;

    static RequestParser &self(llhttp_t *parser) { return *static_cast<RequestParser *>(parser->data); }
    static bool inTrailers(llhttp_t *parser) { return self(parser).m_state == State::Body; }

    static int stop(llhttp_t *parser, Error error)
    {
        self(parser).m_limitError = error;
        return HPE_USER;
    }

    static int onMethod(llhttp_t *parser, const char *at, size_t)
    {
        RequestParser &p = self(parser);
        if (p.m_state == State::Start) {
            p.m_state = State::Head;
            p.m_headFrom = at;
        }
        return 0;
    }

    static quint32 offsetOf(const RequestParser &p, const char *at)
    {
        return quint32(p.m_head.m_raw.size() + (at - p.m_headFrom));
    }

    static int onUrl(llhttp_t *parser, const char *at, size_t length)
    {
        RequestParser &p = self(parser);
        if (p.m_head.m_targetBytes == 0)
            p.m_head.m_targetAt = offsetOf(p, at);
        p.m_head.m_targetBytes += quint32(length);
        return qsizetype(p.m_head.m_targetBytes) > p.m_limits.maxTargetBytes ? stop(parser, Error::TargetTooLong) : 0;
    }

    static int onField(llhttp_t *parser, const char *at, size_t length)
    {
        RequestParser &p = self(parser);
        if (inTrailers(parser))
            return overhead(parser, length, Error::HeadTooLarge);
        auto &fields = p.m_head.m_fields;
        // a new field, unless the last one's name goes on over a split
        if (fields.empty() || fields.back().valueAt != 0) {
            if (int(fields.size()) == p.m_limits.maxHeaders)
                return stop(parser, Error::TooManyHeaders);
            fields.push_back({offsetOf(p, at), 0, 0, 0});
        }
        fields.back().nameBytes += quint32(length);
        return 0;
    }

    static int onFieldComplete(llhttp_t *parser)
    {
        RequestParser &p = self(parser);
        if (!inTrailers(parser) && !p.m_head.m_fields.empty()) {
            auto &field = p.m_head.m_fields.back();
            field.valueAt = field.nameAt + field.nameBytes; // an empty value has no span of its own
        }
        return 0;
    }

    static int onValue(llhttp_t *parser, const char *at, size_t length)
    {
        RequestParser &p = self(parser);
        if (inTrailers(parser))
            return overhead(parser, length, Error::HeadTooLarge);
        auto &field = p.m_head.m_fields.back();
        if (field.valueBytes == 0)
            field.valueAt = offsetOf(p, at);
        // by position, not by sum: a folded value has line ends inside, which validateLines() then refuses
        field.valueBytes = offsetOf(p, at) + quint32(length) - field.valueAt;
        return 0;
    }

    static int overhead(llhttp_t *parser, size_t length, Error error)
    {
        RequestParser &p = self(parser);
        p.m_overheadBytes += qsizetype(length);
        return p.m_overheadBytes > p.m_limits.maxChunkOverheadBytes ? stop(parser, error) : 0;
    }
    static int onExtension(llhttp_t *parser, const char *, size_t length)
    {
        return overhead(parser, length, Error::BodyTooLarge);
    }

    static int onHeadersComplete(llhttp_t *) { return HPE_PAUSED; }

    static int onBody(llhttp_t *parser, const char *at, size_t length)
    {
        RequestParser &p = self(parser);
        p.m_events->push_back(
            {Event::Type::Data, Error::None, p.m_bodyBytes, QByteArrayView(at, qsizetype(length))});
        p.m_bodyBytes += qint64(length);
        return 0;
    }

    static int onMessageComplete(llhttp_t *parser)
    {
        self(parser).m_state = State::Ended;
        return HPE_PAUSED;
    }

    static const llhttp_settings_t *settings()
    {
        static const llhttp_settings_t shared = [] {
            llhttp_settings_t s;
            llhttp_settings_init(&s);
            s.on_method = onMethod;
            s.on_url = onUrl;
            s.on_header_field = onField;
            s.on_header_field_complete = onFieldComplete;
            s.on_header_value = onValue;
            s.on_chunk_extension_name = onExtension;
            s.on_chunk_extension_value = onExtension;
            s.on_headers_complete = onHeadersComplete;
            s.on_body = onBody;
            s.on_message_complete = onMessageComplete;
            return s;
        }();
        return &shared;
    }
};

RequestParser::RequestParser(const Limits &limits)
    : m_limits(limits)
    , m_llhttp(std::make_unique<Llhttp>())
{
    llhttp_init(&m_llhttp->parser, HTTP_REQUEST, Llhttp::settings());
    m_llhttp->parser.data = this;
}

RequestParser::~RequestParser() = default;

qsizetype RequestParser::feed(QByteArrayView bytes, EventList &events)
{
    llhttp_t &parser = m_llhttp->parser;
    const char *at = bytes.data();
    const char *const end = at + bytes.size();
    m_events = &events;
    while (at != end && m_state != State::Failed && m_state != State::Ended) {
        const State before = m_state;
        m_headFrom = at;
        const llhttp_errno_t status = llhttp_execute(&parser, at, size_t(end - at));
        const char *stopped = status == HPE_OK ? end : llhttp_get_error_pos(&parser);
        if (before == State::Start && m_state == State::Start) {
            m_leadingBytes += stopped - at;
            if (m_leadingBytes > m_limits.maxLeadingBytes) {
                fail(Error::Malformed, events);
                break;
            }
        }
        if (status == HPE_OK || status == HPE_PAUSED) {
            if (m_state == State::Head)
                keepHeadBytes(stopped);
            if (m_state == State::Head && m_head.m_raw.size() > m_limits.maxHeadBytes) {
                fail(Error::HeadTooLarge, events);
                break;
            }
        }
        at = stopped;
        if (status == HPE_OK)
            break;
        if (status != HPE_PAUSED) {
            if (before == State::Start || before == State::Head) // what came of it is kept for those who look
                keepHeadBytes(std::min(at + 1, end));
            fail(status == HPE_USER ? m_limitError : errorOfParser(at, end), events);
            break;
        }
        if (m_state == State::Head && !onHeadComplete(events))
            break;
        if (m_state == State::Ended) {
            events.push_back({Event::Type::End, Error::None, m_bodyBytes, {}});
            break;
        }
        llhttp_resume(&parser);
    }
    // A request without a body ends where its head ends, maybe at the last byte fed.
    if (m_state == State::Body && m_framing == Framing::None) {
        const llhttp_errno_t status = llhttp_execute(&parser, at, 0);
        if (status == HPE_PAUSED && m_state == State::Ended)
            events.push_back({Event::Type::End, Error::None, 0, {}});
    }
    m_events = nullptr;
    return at - bytes.data();
}

void RequestParser::keepHeadBytes(const char *to)
{
    m_head.m_raw.append(m_headFrom, to - m_headFrom);
    m_headFrom = to;
}

void RequestParser::fail(Error error, EventList &events)
{
    m_state = State::Failed;
    events.push_back({Event::Type::Failed, error, m_bodyBytes, {}});
}

bool RequestParser::onHeadComplete(EventList &events)
{
    const Error error = validateHead();
    if (error != Error::None) {
        fail(error, events);
        return false;
    }
    m_state = State::Body;
    m_framing = m_head.framing;
    m_llhttp->parser.upgrade = 0; // no protocol but HTTP/1 is spoken: Upgrade is ignored (RFC 9110 §7.8)
    events.push_back({Event::Type::Head, Error::None, 0, {}});
    return true;
}

// RFC 9112 §2.2, §5.2: CR and LF stand together only, and no line of a head starts with white space.
Error RequestParser::validateLines() const
{
    const char *at = m_head.m_raw.constData();
    const char *const end = at + m_head.m_raw.size();
    const char *const begin = at;
    for (const char *c = begin; (c = static_cast<const char *>(std::memchr(c, '\n', size_t(end - c)))); ++c) {
        if (c == begin || c[-1] != '\r')
            return Error::BareLineEnd;
        if (c + 1 != end && (c[1] == ' ' || c[1] == '\t'))
            return Error::ObsoleteFolding;
    }
    for (const char *c = begin; (c = static_cast<const char *>(std::memchr(c, '\r', size_t(end - c)))); ++c) {
        if (c + 1 == end || c[1] != '\n')
            return Error::BareLineEnd;
    }
    return Error::None;
}

// RFC 9112 §3.2: origin-form, absolute-form; asterisk-form for OPTIONS alone. Authority-form belongs to CONNECT.
Error RequestParser::validateTarget() const
{
    const QByteArrayView target = m_head.target();
    if (target.isEmpty() || target.contains('#'))
        return Error::InvalidTarget;
    if (target.front() == '/')
        return Error::None;
    if (target == QByteArrayView("*"))
        return m_head.method == Method::Options ? Error::None : Error::InvalidTarget;
    for (const QByteArrayView scheme : {QByteArrayView("http://"), QByteArrayView("https://")}) {
        if (target.size() > scheme.size() && equalsIgnoringCase(target.first(scheme.size()), scheme)
            && target[scheme.size()] != '/')
            return Error::None;
    }
    return Error::InvalidTarget;
}

// uri-host [ ":" port ] (RFC 9110 §7.2); empty where the target has no authority.
static bool isHost(QByteArrayView host) noexcept
{
    for (const char c : host) {
        const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!alphanumeric && (c == '\0' || !QByteArrayView("-._~%!$&'()*+;=:[]").contains(c)))
            return false;
    }
    return true;
}

// 1*DIGIT that fits (RFC 9110 §8.6).
static bool parseContentLength(QByteArrayView digits, qint64 &length) noexcept
{
    constexpr qint64 most = std::numeric_limits<qint64>::max();
    if (digits.isEmpty())
        return false;
    length = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9' || length > (most - (c - '0')) / 10)
            return false;
        length = length * 10 + (c - '0');
    }
    return true;
}

// RFC 9112 §6.1, §6.3: chunked must be the last coding, once; another before it is one that we cannot decode.
static Error codingError(QByteArrayView codings) noexcept
{
    if (equalsIgnoringCase(codings, "chunked"))
        return Error::None;
    const qsizetype comma = codings.lastIndexOf(',');
    const bool endsChunked = comma >= 0 && equalsIgnoringCase(trimmedOws(codings.sliced(comma + 1)), "chunked");
    if (!endsChunked || listContains(codings.first(comma), "chunked"))
        return Error::InvalidTransferEncoding;
    return Error::UnknownTransferEncoding;
}

// RFC 9112 §3.2 (Host), §6.1–6.3 (framing), §9.3 (persistence); RFC 9110 §10.1.1 (Expect).
Error RequestParser::validateFields()
{
    int hosts = 0;
    int lengths = 0;
    QByteArrayView coding;
    bool hasCoding = false;
    bool close = false;
    bool keepAlive = false;
    for (qsizetype i = 0; i < m_head.headerCount(); ++i) {
        const QByteArrayView name = m_head.name(i);
        const QByteArrayView value = m_head.value(i);
        switch (name.size()) { // most names are told apart by their length
        case 4:
            if (equalsIgnoringCase(name, "Host") && (++hosts > 1 || !isHost(value)))
                return Error::InvalidHost;
            break;
        case 6:
            if (equalsIgnoringCase(name, "Expect")) {
                if (!equalsIgnoringCase(value, "100-continue"))
                    return Error::ExpectationFailed;
                m_head.expectsContinue = true;
            }
            break;
        case 10:
            if (equalsIgnoringCase(name, "Connection")) {
                close = close || listContains(value, "close");
                keepAlive = keepAlive || listContains(value, "keep-alive");
            }
            break;
        case 14:
            if (equalsIgnoringCase(name, "Content-Length")
                && (++lengths > 1 || !parseContentLength(value, m_head.contentLength)))
                return Error::InvalidContentLength;
            break;
        case 17:
            if (equalsIgnoringCase(name, "Transfer-Encoding")) {
                if (hasCoding)
                    return Error::InvalidTransferEncoding;
                hasCoding = true;
                coding = value;
            }
            break;
        default:
            break;
        }
    }
    const bool is11 = m_head.version == Version::Http11;
    if (is11 && hosts == 0)
        return Error::MissingHost;
    if (hasCoding) {
        if (lengths > 0)
            return Error::ConflictingFraming;
        if (!is11) // RFC 9112 §6.1
            return Error::InvalidTransferEncoding;
        if (const Error error = codingError(coding); error != Error::None)
            return error;
        m_head.framing = Framing::Chunked;
    } else if (m_head.contentLength > 0) {
        m_head.framing = Framing::ContentLength;
    }
    m_head.keepAlive = !close && (is11 || keepAlive);
    m_head.expectsContinue = m_head.expectsContinue && is11 && m_head.framing != Framing::None;
    return Error::None;
}

Error RequestParser::validateHead()
{
    const llhttp_t &parser = m_llhttp->parser;
    if (const Error error = validateLines(); error != Error::None)
        return error;
    const qsizetype space = m_head.m_raw.indexOf(' ');
    if (!fromString(QByteArrayView(m_head.m_raw).first(qMax<qsizetype>(0, space)), m_head.method))
        return Error::UnknownMethod;
    if (parser.http_major != 1 || parser.http_minor > 1)
        return Error::UnsupportedVersion;
    m_head.version = parser.http_minor == 1 ? Version::Http11 : Version::Http10;
    if (const Error error = validateTarget(); error != Error::None)
        return error;
    for (RequestHead::Field &field : m_head.m_fields) {
        const QByteArrayView value = trimmedOws(m_head.slice(field.valueAt, field.valueBytes));
        if (!isFieldValue(value))
            return Error::InvalidHeader;
        field.valueAt += quint32(value.data() - (m_head.m_raw.constData() + field.valueAt));
        field.valueBytes = quint32(value.size());
    }
    return validateFields();
}

// Only bytes up to and with the offending one may decide, so that the answer does not depend on how they were split.
Error RequestParser::errorOfParser(const char *at, const char *end) const
{
    const llhttp_t &parser = m_llhttp->parser;
    const char offending = at != end ? *at : '\0';
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    switch (llhttp_get_errno(&parser)) {
    case HPE_INVALID_METHOD:
        // every registered method is made of capitals and hyphens
        return (offending >= 'A' && offending <= 'Z') || offending == '-' ? Error::UnknownMethod
                                                                          : Error::InvalidMethod;
    case HPE_INVALID_URL: return Error::InvalidTarget;
    case HPE_INVALID_VERSION: return isDigit(offending) ? Error::UnsupportedVersion : Error::InvalidVersion;
    case HPE_INVALID_CONSTANT: return Error::InvalidVersion;
    case HPE_CR_EXPECTED:
    case HPE_LF_EXPECTED: return Error::BareLineEnd;
    case HPE_INVALID_HEADER_TOKEN:
    case HPE_UNEXPECTED_SPACE:
        return offending == '\n' || offending == '\r' ? Error::BareLineEnd : Error::InvalidHeader;
    case HPE_UNEXPECTED_CONTENT_LENGTH:
        return (parser.flags & F_TRANSFER_ENCODING) ? Error::ConflictingFraming : Error::InvalidContentLength;
    case HPE_INVALID_CONTENT_LENGTH: return Error::InvalidContentLength;
    case HPE_INVALID_TRANSFER_ENCODING: return Error::InvalidTransferEncoding;
    case HPE_INVALID_CHUNK_SIZE: return Error::InvalidChunk;
    case HPE_STRICT: return m_state == State::Body ? Error::InvalidChunk : Error::BareLineEnd;
    default: return Error::Malformed;
    }
}

void RequestParser::takeHead(RequestHead &into) noexcept
{
    Q_ASSERT(m_state != State::Start && m_state != State::Head); // also if the body failed in the same piece
    std::swap(into, m_head);
    m_head.clear();
}

void RequestParser::endOfInput(EventList &events)
{
    if (inRequest())
        fail(Error::UnexpectedEnd, events);
}

void RequestParser::nextRequest()
{
    Q_ASSERT(m_state == State::Ended);
    m_head.clear();
    m_state = State::Start;
    m_leadingBytes = 0;
    m_overheadBytes = 0;
    m_bodyBytes = 0;
    llhttp_reset(&m_llhttp->parser); // persistence is decided here, not by the parser
}

} // namespace loopscope::http
