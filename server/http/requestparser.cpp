// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/requestparser.h"

#include <llhttp.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <string_view>

namespace loopscope::http {

// llhttp's parser and the callbacks that fill the RequestHead. It stops at a head's end, and is reset there.
struct RequestParser::Llhttp {
    llhttp_t parser;

    static RequestParser &self(llhttp_t *parser) { return *static_cast<RequestParser *>(parser->data); }

    static int stop(llhttp_t *parser, Error error)
    {
        self(parser).m_limitError = error;
        return HPE_USER;
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
        if (!p.m_head.m_fields.empty()) {
            auto &field = p.m_head.m_fields.back();
            field.valueAt = field.nameAt + field.nameBytes; // an empty value has no span of its own
        }
        return 0;
    }

    static int onValue(llhttp_t *parser, const char *at, size_t length)
    {
        RequestParser &p = self(parser);
        auto &field = p.m_head.m_fields.back();
        if (field.valueBytes == 0)
            field.valueAt = offsetOf(p, at);
        // by position, not by sum: a folded value has line ends inside, which validateLines() then refuses
        field.valueBytes = offsetOf(p, at) + quint32(length) - field.valueAt;
        return 0;
    }

    static int onHeadersComplete(llhttp_t *) { return HPE_PAUSED; }

    static const llhttp_settings_t *settings()
    {
        static const llhttp_settings_t shared = [] {
            llhttp_settings_t s;
            llhttp_settings_init(&s);
            s.on_url = onUrl;
            s.on_header_field = onField;
            s.on_header_field_complete = onFieldComplete;
            s.on_header_value = onValue;
            s.on_headers_complete = onHeadersComplete;
            return s;
        }();
        return &shared;
    }
};

RequestParser::RequestParser(const Limits &limits)
    : m_limits(limits)
    , m_chunks(limits)
    , m_llhttp(std::make_unique<Llhttp>())
{
    llhttp_init(&m_llhttp->parser, HTTP_REQUEST, Llhttp::settings());
    m_llhttp->parser.data = this;
}

RequestParser::~RequestParser() = default;

qsizetype RequestParser::feed(QByteArrayView bytes, EventList &events)
{
    qsizetype taken = 0;
    while (taken < bytes.size() && m_state != State::Ended && m_state != State::Failed) {
        const QByteArrayView rest = bytes.sliced(taken);
        if (m_state == State::Start)
            taken += feedStart(rest, events);
        else if (m_state == State::Head)
            taken += feedHead(rest, events);
        else
            taken += feedBody(rest, events);
    }
    return taken;
}

// RFC 9112 §2.2: empty lines before a request line are skipped, here within a bound.
qsizetype RequestParser::feedStart(QByteArrayView bytes, EventList &events)
{
    qsizetype taken = 0;
    for (const char c : bytes) {
        const bool isLineEnd = c == '\r' || c == '\n';
        if (isLineEnd ? (c == '\n') != m_leadingCr : m_leadingCr) {
            fail(Error::BareLineEnd, events);
            break;
        }
        if (!isLineEnd) {
            m_state = State::Head;
            break;
        }
        m_leadingCr = c == '\r';
        ++taken;
        if (++m_leadingBytes > m_limits.maxLeadingBytes) {
            fail(Error::Malformed, events);
            break;
        }
    }
    return taken;
}

qsizetype RequestParser::feedHead(QByteArrayView bytes, EventList &events)
{
    llhttp_t &parser = m_llhttp->parser;
    const char *const begin = bytes.data();
    const char *const end = begin + std::min(bytes.size(), m_limits.maxHeadBytes - m_head.m_raw.size());
    m_headFrom = begin;
    const llhttp_errno_t status = llhttp_execute(&parser, begin, size_t(end - begin));
    const char *const stopped = status == HPE_OK ? end : llhttp_get_error_pos(&parser);
    if (status == HPE_PAUSED) {
        keepHeadBytes(stopped);
        onHeadComplete(events);
    } else if (status == HPE_OK) {
        keepHeadBytes(stopped);
        if (m_head.m_raw.size() >= m_limits.maxHeadBytes)
            fail(Error::HeadTooLarge, events);
    } else if (end - begin == 1) {
        keepHeadBytes(end);
        fail(status == HPE_USER ? m_limitError : errorOfParser(), events);
    } else {
        keepHeadBytes(end);
        refuseHead(events);
    }
    return stopped - begin;
}

// The piece of a head that came last cannot be accepted. llhttp reports some errors a byte late, and names and the
// target, whose limits are checked then, when it has seen all of a piece. So that the answer does not depend on how the
// bytes were split, the head is read again byte by byte; a refusal is rare, and a head is bounded.
void RequestParser::refuseHead(EventList &events)
{
    RequestParser again(m_limits);
    again.m_state = State::Head;
    EventList found;
    qsizetype size = 0;
    while (!again.hasFailed() && size < m_head.m_raw.size())
        (void)again.feed(QByteArrayView(m_head.m_raw).sliced(size++, 1), found);
    m_head.m_raw.truncate(size); // what came of it is kept for those who look
    fail(found.empty() ? Error::Malformed : found.back().error, events);
}

qsizetype RequestParser::feedBody(QByteArrayView bytes, EventList &events)
{
    if (m_framing == Framing::Chunked) {
        const qsizetype taken = m_chunks.feed(bytes, events);
        m_bodyBytes = m_chunks.bodyBytes();
        if (m_chunks.error() != Error::None)
            fail(m_chunks.error(), events);
        else if (m_chunks.isComplete())
            end(events);
        return taken;
    }
    const qsizetype taken = qsizetype(std::min<qint64>(bytes.size(), m_contentLength - m_bodyBytes));
    events.push_back({Event::Type::Data, Error::None, m_bodyBytes, bytes.first(taken)});
    m_bodyBytes += taken;
    if (m_bodyBytes == m_contentLength)
        end(events);
    return taken;
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

void RequestParser::end(EventList &events)
{
    m_state = State::Ended;
    events.push_back({Event::Type::End, Error::None, m_bodyBytes, {}});
}

void RequestParser::onHeadComplete(EventList &events)
{
    const Error error = validateHead();
    if (error != Error::None) {
        fail(error, events);
        return;
    }
    // Its own ideas of framing, persistence and Upgrade (which is ignored, RFC 9110 §7.8) end here.
    llhttp_reset(&m_llhttp->parser);
    m_state = State::Body;
    m_framing = m_head.framing;
    m_contentLength = m_head.contentLength;
    events.push_back({Event::Type::Head, Error::None, 0, {}});
    if (m_framing == Framing::None)
        end(events);
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

namespace {

// A set of bytes: letters, digits, and `others`.
struct ByteSet {
    bool contains[256] = {};
    constexpr explicit ByteSet(std::string_view others)
    {
        for (int byte = 0; byte < 256; ++byte)
            contains[byte] = isAlphanumeric(byte);
        for (const char c : others)
            contains[static_cast<unsigned char>(c)] = true;
    }
    static constexpr bool isAlphanumeric(int byte)
    {
        return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    }
    [[nodiscard]] bool containsAll(QByteArrayView bytes) const noexcept
    {
        return std::all_of(bytes.begin(), bytes.end(),
                           [this](char c) { return contains[static_cast<unsigned char>(c)]; });
    }
};
// Of a reg-name (RFC 3986 §3.2.2): unreserved, sub-delims, and the percent sign.
constexpr ByteSet regName("-._~%!$&'()*+,;=");
// Of a path and a query (RFC 3986 §3.3, §3.4): those, and ":@/?".
constexpr ByteSet pathOrQuery("-._~%!$&'()*+,;=:@/?");

constexpr bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

// RFC 3986 §3.2.2: four numbers from 0 to 255 without leading zeros.
bool isIpv4Address(QByteArrayView text) noexcept
{
    constexpr int numbers = 4;
    for (int i = 0; i < numbers; ++i) {
        int value = 0;
        qsizetype digits = 0;
        for (; digits < text.size() && digits < 3 && isDigit(text[digits]); ++digits)
            value = value * 10 + (text[digits] - '0');
        if (digits == 0 || value > 255 || (digits > 1 && text.front() == '0'))
            return false;
        text = text.sliced(digits);
        if (i + 1 == numbers)
            return text.isEmpty();
        if (!text.startsWith('.'))
            return false;
        text = text.sliced(1);
    }
    return false;
}

// RFC 3986 §3.2.2: eight groups of one to four hex digits, of which "::" stands for one or more; an IPv4 address may
// stand for the last two.
bool isIpv6Address(QByteArrayView text) noexcept
{
    constexpr int allGroups = 8;
    int groups = 0;
    bool compressed = text.startsWith("::");
    qsizetype at = compressed ? 2 : 0;
    while (at < text.size()) {
        const qsizetype colon = text.indexOf(':', at);
        const QByteArrayView group = text.sliced(at, (colon < 0 ? text.size() : colon) - at);
        if (colon < 0 && isIpv4Address(group)) {
            groups += 2;
            break;
        }
        if (group.isEmpty() || group.size() > 4
            || !std::all_of(group.begin(), group.end(), [](char c) { return hexDigit(c) >= 0; }))
            return false;
        ++groups;
        if (colon < 0)
            break;
        at = colon + 1;
        if (at == text.size() || (compressed && text[at] == ':')) // a colon at the end, or a second "::"
            return false;
        if (text[at] == ':') {
            compressed = true;
            ++at;
        }
    }
    return compressed ? groups < allGroups : groups == allGroups;
}

// [ ":" port ] (RFC 3986 §3.2.3); the number may be missing. Deviation: it fits into 16 bits, in five digits at most.
bool isPort(QByteArrayView text) noexcept
{
    constexpr qsizetype longest = 5; // digits
    constexpr int largest = 65'535;
    if (text.isEmpty())
        return true;
    if (text.front() != ':' || text.size() - 1 > longest)
        return false;
    int port = 0;
    for (const char c : text.sliced(1)) {
        if (!isDigit(c))
            return false;
        port = port * 10 + (c - '0');
    }
    return port <= largest;
}

} // namespace

// uri-host [ ":" port ] (RFC 9110 §7.2, RFC 3986 §3.2). An empty host names no http resource (RFC 9110 §4.2.1), and
// user information in front of one is treated as an error, as RFC 9110 §4.2.4 advises.
static bool isAuthority(QByteArrayView authority) noexcept
{
    if (authority.startsWith('[')) { // an IP-literal; of those only IPv6
        const qsizetype bracket = authority.indexOf(']');
        return bracket > 0 && isIpv6Address(authority.sliced(1, bracket - 1)) && isPort(authority.sliced(bracket + 1));
    }
    const char *at = authority.begin();
    const char *const end = authority.end();
    for (; at != end && *at != ':'; ++at) {
        if (!regName.contains[static_cast<unsigned char>(*at)]
            || (*at == '%' && (end - at < 3 || hexDigit(at[1]) < 0 || hexDigit(at[2]) < 0)))
            return false;
    }
    return at != authority.begin() && isPort(QByteArrayView(at, end));
}

// RFC 9112 §3: method SP request-target SP HTTP-version. Deviation: more white space, which §3 lets a recipient accept,
// is refused; what stands between the parts is where two readers of one line come apart.
Error RequestParser::validateRequestLine()
{
    const llhttp_t &parser = m_llhttp->parser;
    const QByteArrayView raw = m_head.m_raw;
    const auto space = std::find(raw.begin(), raw.begin() + m_head.m_targetAt, ' ') - raw.begin();
    if (!fromString(raw.first(space), m_head.method))
        return Error::UnknownMethod;
    if (parser.http_major != 1 || parser.http_minor > 1)
        return Error::UnsupportedVersion;
    m_head.version = parser.http_minor == 1 ? Version::Http11 : Version::Http10;
    const qsizetype plain = space + 1 + qsizetype(m_head.m_targetBytes) + qsizetype(sizeof(" HTTP/1.1") - 1);
    if (qsizetype(m_head.m_targetAt) != space + 1 || plain >= raw.size() || raw[plain] != '\r')
        return Error::Malformed;
    return validateTarget();
}

// RFC 9112 §3.2: origin-form, absolute-form; asterisk-form for OPTIONS alone. Authority-form belongs to CONNECT.
// Deviation: bytes that may stand in a path or a query only percent-encoded (RFC 3986 §3.3, §3.4) are refused, as
// RFC 9112 §3.2 advises, though Node takes them and browsers send some of them as they are ("[", "|"). What a percent
// sign encodes is left to whoever decodes it.
Error RequestParser::validateTarget() const
{
    const QByteArrayView target = m_head.target();
    if (target.isEmpty())
        return Error::InvalidTarget;
    if (target.front() == '/')
        return pathOrQuery.containsAll(target) ? Error::None : Error::InvalidTarget;
    if (target == QByteArrayView("*"))
        return m_head.method == Method::Options ? Error::None : Error::InvalidTarget;
    for (const QByteArrayView scheme : {QByteArrayView("http://"), QByteArrayView("https://")}) {
        if (target.size() < scheme.size() || !equalsIgnoringCase(target.first(scheme.size()), scheme))
            continue;
        const QByteArrayView rest = target.sliced(scheme.size());
        const auto end = std::find_if(rest.begin(), rest.end(), [](char c) { return c == '/' || c == '?'; });
        const qsizetype authority = end - rest.begin();
        return isAuthority(rest.first(authority)) && pathOrQuery.containsAll(rest.sliced(authority))
            ? Error::None
            : Error::InvalidTarget;
    }
    return Error::InvalidTarget;
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
    if (comma < 0 || !equalsIgnoringCase(trimmedOws(codings.sliced(comma + 1)), "chunked"))
        return Error::InvalidTransferEncoding;
    const QByteArrayView before = codings.first(comma);
    // Deviation: an empty element, which RFC 9110 §5.6.1 lets a recipient skip, is refused in this list.
    if (listContains(before, "chunked") || listContains(before, ""))
        return Error::InvalidTransferEncoding;
    return Error::UnknownTransferEncoding;
}

// Deviation: a tab behind a coding, white space by RFC 9110 §5.6.3, is refused as in Node: a server in front that does
// not take it for white space sees a coding that it does not know. `value` is of a head whose lines are valid.
static bool isFollowedByTab(QByteArrayView value) noexcept
{
    for (const char *c = value.data() + value.size(); *c != '\r'; ++c) {
        if (*c == '\t')
            return true;
    }
    return false;
}

struct RequestParser::Facts {
    int hosts = 0;
    int lengths = 0;
    int codings = 0;
    QByteArrayView coding;
    bool close = false;
    bool keepAlive = false;
};

// RFC 9112 §3.2 (Host), §6.2 (Content-Length), §9.3 (persistence); RFC 9110 §10.1.1 (Expect).
Error RequestParser::readField(QByteArrayView name, QByteArrayView value, Facts &facts)
{
    switch (name.size()) { // most names are told apart by their length
    case 4:
        if (equalsIgnoringCase(name, "Host") && (++facts.hosts > 1 || !isAuthority(value)))
            return Error::InvalidHost;
        break;
    case 6:
        // a client of HTTP/1.0 cannot mean it: it is ignored
        if (equalsIgnoringCase(name, "Expect") && m_head.version == Version::Http11) {
            if (!equalsIgnoringCase(value, "100-continue"))
                return Error::ExpectationFailed;
            m_head.expectsContinue = true;
        }
        break;
    case 10:
        if (equalsIgnoringCase(name, "Connection")) {
            facts.close = facts.close || listContains(value, "close");
            facts.keepAlive = facts.keepAlive || listContains(value, "keep-alive");
        }
        break;
    case 14:
        if (equalsIgnoringCase(name, "Content-Length")
            && (++facts.lengths > 1 || !parseContentLength(value, m_head.contentLength)))
            return Error::InvalidContentLength;
        break;
    case 17:
        if (equalsIgnoringCase(name, "Transfer-Encoding")) {
            if (++facts.codings > 1 || isFollowedByTab(value))
                return Error::InvalidTransferEncoding;
            facts.coding = value;
        }
        break;
    default: break;
    }
    return Error::None;
}

// RFC 9112 §6.1, §6.3. Where the RFC lets a server choose between repairing and refusing, it refuses.
Error RequestParser::decideFraming(const Facts &facts)
{
    if (facts.codings == 0) {
        m_head.framing = m_head.contentLength > 0 ? Framing::ContentLength : Framing::None;
        return Error::None;
    }
    if (facts.lengths > 0)
        return Error::ConflictingFraming;
    if (m_head.version != Version::Http11)
        return Error::InvalidTransferEncoding;
    m_head.framing = Framing::Chunked;
    return codingError(facts.coding);
}

Error RequestParser::validateFields()
{
    Facts facts;
    for (RequestHead::Field &field : m_head.m_fields) {
        const QByteArrayView name = m_head.slice(field.nameAt, field.nameBytes);
        if (name.isEmpty() || m_head.m_raw.at(field.nameAt + field.nameBytes) != ':')
            return Error::InvalidHeader;
        const QByteArrayView value = trimmedOws(m_head.slice(field.valueAt, field.valueBytes));
        if (!isFieldValue(value))
            return Error::InvalidHeader;
        field.valueAt += quint32(value.data() - (m_head.m_raw.constData() + field.valueAt));
        field.valueBytes = quint32(value.size());
        if (const Error error = readField(name, value, facts); error != Error::None)
            return error;
    }
    const bool is11 = m_head.version == Version::Http11;
    if (is11 && facts.hosts == 0)
        return Error::MissingHost;
    if (const Error error = decideFraming(facts); error != Error::None)
        return error;
    m_head.keepAlive = !facts.close && (is11 || facts.keepAlive);
    m_head.expectsContinue = m_head.expectsContinue && m_head.framing != Framing::None;
    return Error::None;
}

Error RequestParser::validateHead()
{
    if (const Error error = validateLines(); error != Error::None)
        return error;
    if (const Error error = validateRequestLine(); error != Error::None)
        return error;
    return validateFields();
}

// Why llhttp refused the last byte of m_head.m_raw.
Error RequestParser::errorOfParser() const
{
    const llhttp_t &parser = m_llhttp->parser;
    const char offending = m_head.m_raw.isEmpty() ? '\0' : m_head.m_raw.back();
    switch (llhttp_get_errno(&parser)) {
    case HPE_INVALID_METHOD:
        // every registered method is made of capitals and hyphens
        return (offending >= 'A' && offending <= 'Z') || offending == '-' ? Error::UnknownMethod : Error::InvalidMethod;
    case HPE_INVALID_URL: return Error::InvalidTarget;
    case HPE_INVALID_VERSION: return errorOfVersion();
    case HPE_INVALID_CONSTANT: return Error::InvalidVersion;
    case HPE_PAUSED_H2_UPGRADE: return Error::UnsupportedVersion; // the preface of HTTP/2 (RFC 9113 §3.4)
    case HPE_CR_EXPECTED:
    case HPE_LF_EXPECTED: return Error::BareLineEnd;
    case HPE_INVALID_HEADER_TOKEN:
    case HPE_UNEXPECTED_SPACE:
        return offending == '\n' || offending == '\r' ? Error::BareLineEnd : Error::InvalidHeader;
    case HPE_UNEXPECTED_CONTENT_LENGTH:
        return (parser.flags & F_TRANSFER_ENCODING) ? Error::ConflictingFraming : Error::InvalidContentLength;
    case HPE_INVALID_CONTENT_LENGTH: return Error::InvalidContentLength;
    case HPE_INVALID_TRANSFER_ENCODING: return Error::InvalidTransferEncoding;
    case HPE_STRICT: return Error::BareLineEnd;
    default: return Error::Malformed;
    }
}

// A version that this server does not speak, something that is none, or something that follows it.
// HTTP-version is HTTP/<digit>.<digit> (RFC 9112 §2.3). Deviation: 1.2 to 1.9, which RFC 9110 §2.5 would have processed as
// 1.1, are refused, as in Node.
Error RequestParser::errorOfVersion() const
{
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    const QByteArrayView line = m_head.m_raw;
    const QByteArrayView version = line.sliced(qMax<qsizetype>(0, line.lastIndexOf("HTTP/")));
    constexpr qsizetype size = sizeof("HTTP/1.1") - 1;
    if (version.size() < size || !isDigit(version[5]) || version[6] != '.' || !isDigit(version[7]))
        return Error::InvalidVersion;
    if (version[5] != '1' || (version[7] != '0' && version[7] != '1'))
        return Error::UnsupportedVersion;
    return version.size() > size && version[size] == '\r' ? Error::BareLineEnd : Error::InvalidVersion;
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
    m_leadingCr = false;
    m_leadingBytes = 0;
    m_bodyBytes = 0;
    m_contentLength = 0;
    m_chunks.reset();
}

} // namespace loopscope::http
