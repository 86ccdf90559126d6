// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/multipartparser.h"

#include "server/http/requesthead.h"
#include "server/web/headerparameters.h"

#include <QtCore/QDebug>
#include <QtCore/QStringDecoder>

#include <algorithm>
#include <cstring>

namespace loopscope::web {

using namespace Qt::StringLiterals;

namespace {

struct ErrorInfo {
    int status;
    const char *code;
    const char *sentence;
};

// In the order of the enumerators.
constexpr ErrorInfo errors[] = {
    {0, "", ""},
    {400, "MISSING_BOUNDARY", "The form's Content-Type has no valid boundary."},
    {400, "MALFORMED_DELIMITER", "A boundary of the form is followed by something else than the end of its line."},
    {400, "MALFORMED_PART_HEADER", "The header of a part of the form is malformed."},
    {400, "MISSING_FIELD_NAME", "A part of the form has no name."},
    {400, "UNEXPECTED_END_OF_FORM", "The form ends before its last boundary."},
    {415, "UNSUPPORTED_TRANSFER_ENCODING", "A part of the form has a Content-Transfer-Encoding."},
    {413, "LIMIT_PART_COUNT", "The form has too many parts."},
    {413, "LIMIT_FILE_COUNT", "The form has too many files."},
    {413, "LIMIT_FIELD_COUNT", "The form has too many fields."},
    {413, "LIMIT_FIELD_KEY", "The name of a field is too long."},
    {413, "LIMIT_FIELD_VALUE", "The value of a field is too long."},
    {413, "LIMIT_FIELDS_SIZE", "The values of the form's fields are too long together."},
    {413, "LIMIT_FILE_SIZE", "A file is too large."},
    {413, "LIMIT_HEADER_PAIRS", "A part of the form has too many headers."},
    {413, "LIMIT_HEADER_SIZE", "The headers of a part of the form are too long."},
};
static_assert(std::size(errors) == std::size_t(MultipartError::HeaderSize) + 1);

const ErrorInfo &infoOf(MultipartError error) noexcept
{
    return errors[std::size_t(error)];
}

// RFC 2046 §5.1.1: bchars
bool isBoundaryByte(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
        || QByteArrayView("'()+_,-./:=? ").contains(c);
}

// The offset of `needle` in `bytes`, or -1. memmem() of the C library is several times as fast as a matcher of Qt's.
qsizetype find(QByteArrayView bytes, QByteArrayView needle)
{
    const void *found = ::memmem(bytes.data(), std::size_t(bytes.size()), needle.data(), std::size_t(needle.size()));
    return found ? static_cast<const char *>(found) - bytes.data() : -1;
}

// Bytes at the end of `bytes` with which `delimiter`, which is not in them, may begin. Only its first byte is a CR.
qsizetype startOfDelimiterAtEnd(QByteArrayView bytes, QByteArrayView delimiter)
{
    const QByteArrayView end = bytes.last(std::min(bytes.size(), delimiter.size() - 1));
    const qsizetype from = end.lastIndexOf('\r');
    return from >= 0 && delimiter.startsWith(end.sliced(from)) ? end.size() - from : 0;
}

// Names are UTF-8 (RFC 7578 §5.1.2), or what old clients made of them. Deviation: busboy reads them as latin1 unless
// it is told otherwise.
QString decodeText(const QByteArray &bytes)
{
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    const QString text = decoder(bytes);
    return decoder.hasError() ? QString::fromLatin1(bytes) : text;
}

// Browsers write a quote, CR and LF in a name as %22, %0D and %0A, and nothing else so: a literal "%22" cannot be told
// from it. https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
QString decodeName(QByteArray bytes)
{
    return decodeText(bytes.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"));
}

// RFC 7578 §4.2: the name of a file may come with folders, of this or that system. They are not to be believed.
QString withoutFolders(const QString &name)
{
    const qsizetype separator = std::max(name.lastIndexOf(u'/'), name.lastIndexOf(u'\\'));
    const QString base = name.sliced(separator + 1);
    return base.isEmpty() || base == "."_L1 || base == ".."_L1 ? u""_s : base; // empty, never null
}

} // namespace

int statusOf(MultipartError error) noexcept
{
    return infoOf(error).status;
}

const char *codeOf(MultipartError error) noexcept
{
    return infoOf(error).code;
}

const char *sentence(MultipartError error) noexcept
{
    return infoOf(error).sentence;
}

QDebug operator<<(QDebug debug, const MultipartEvent &event)
{
    const QDebugStateSaver saver(debug);
    debug.nospace();
    switch (event.type) {
    case MultipartEvent::Type::PartBegin:
        return debug << "PartBegin(" << event.part.name << ", " << event.part.fileName << ", " << event.part.type
                     << ')';
    case MultipartEvent::Type::PartData: return debug << "PartData(" << event.bytes.toByteArray() << ')';
    case MultipartEvent::Type::PartEnd: return debug << "PartEnd";
    case MultipartEvent::Type::End: return debug << "End";
    case MultipartEvent::Type::Failed: return debug << "Failed(" << codeOf(event.error) << ')';
    }
    return debug;
}

// RFC 2046 §5.1.1: 1 to 70 characters, the last of which is no space.
std::optional<QByteArray> MultipartParser::boundaryOf(QByteArrayView contentType)
{
    constexpr qsizetype maximumBoundaryBytes = 70;
    const auto parsed = HeaderParameters::parse(contentType);
    const QByteArray *boundary = parsed ? parsed->find("boundary") : nullptr;
    if (!boundary || boundary->isEmpty() || boundary->size() > maximumBoundaryBytes || boundary->endsWith(' ')
        || !std::all_of(boundary->begin(), boundary->end(), isBoundaryByte))
        return std::nullopt;
    return *boundary;
}

MultipartParser::MultipartParser(const QByteArray &boundary, const MultipartLimits &limits)
    : m_limits(limits)
    , m_delimiter("\r\n--" + boundary)
{
    Q_ASSERT(!boundary.isEmpty() && !boundary.contains('\r'));
}

void MultipartParser::feed(QByteArrayView bytes, MultipartEventList &events)
{
    while (!bytes.isEmpty()) {
        switch (m_state) {
        case State::Preamble:
        case State::Body: bytes = takeBody(bytes, events); break;
        case State::Headers: bytes = takeHeaderLine(bytes, events); break;
        case State::Epilogue:
        case State::Failed: return;
        default: takeDelimiterByte(bytes.front(), events); bytes = bytes.sliced(1);
        }
    }
}

void MultipartParser::finish(MultipartEventList &events)
{
    if (m_state != State::Epilogue && m_state != State::Failed)
        fail(MultipartError::UnexpectedEnd, events);
}

void MultipartParser::fail(MultipartError error, MultipartEventList &events)
{
    m_state = State::Failed;
    events.push_back({MultipartEvent::Type::Failed, error, {}, {}});
}

// --- bodies and boundaries ---

// Takes up to the end of the next boundary, or all; gives what is left.
QByteArrayView MultipartParser::takeBody(QByteArrayView bytes, MultipartEventList &events)
{
    if (m_matched > 0) {
        const QByteArrayView awaited = QByteArrayView(m_delimiter).sliced(m_matched);
        const qsizetype most = std::min(bytes.size(), awaited.size());
        if (std::memcmp(bytes.data(), awaited.data(), std::size_t(most)) == 0) {
            m_matched += most;
            if (most == awaited.size())
                endPart(events);
            return bytes.sliced(most);
        }
        // No boundary: what was held back is data. So is what follows up to the next CR, for a boundary has only one.
        const QByteArrayView heldBack = QByteArrayView(m_delimiter).sliced(m_unreal, m_matched - m_unreal);
        m_matched = m_unreal = 0;
        if (!writeData(heldBack, events))
            return {};
    }
    if (const qsizetype at = find(bytes, m_delimiter); at >= 0) {
        if (!writeData(bytes.first(at), events))
            return {};
        endPart(events);
        return bytes.sliced(at + m_delimiter.size());
    }
    m_matched = startOfDelimiterAtEnd(bytes, m_delimiter);
    (void)writeData(bytes.chopped(m_matched), events);
    return {};
}

// False: a limit was passed. What comes before the limit is written, so that events do not depend on pieces.
bool MultipartParser::writeData(QByteArrayView bytes, MultipartEventList &events)
{
    if (m_state == State::Preamble || bytes.isEmpty())
        return true;
    MultipartError beyond = m_isFile ? MultipartError::FileSize : MultipartError::FieldValue;
    qint64 room = (m_isFile ? m_limits.fileSize : m_limits.fieldSize) - m_partBytes;
    if (!m_isFile && m_limits.fieldsSize - m_fieldsBytes < room) {
        beyond = MultipartError::FieldsSize;
        room = m_limits.fieldsSize - m_fieldsBytes;
    }
    const QByteArrayView taken = bytes.first(std::min<qint64>(bytes.size(), room));
    m_partBytes += taken.size();
    m_fieldsBytes += m_isFile ? 0 : taken.size();
    if (!taken.isEmpty())
        events.push_back({MultipartEvent::Type::PartData, MultipartError::None, taken, {}});
    if (taken.size() < bytes.size())
        fail(beyond, events);
    return taken.size() == bytes.size();
}

void MultipartParser::endPart(MultipartEventList &events)
{
    if (m_state == State::Body)
        events.push_back({MultipartEvent::Type::PartEnd, MultipartError::None, {}, {}});
    m_matched = m_unreal = 0;
    m_state = State::Delimiter;
}

// RFC 2046 §5.1.1: delimiter transport-padding CRLF, or close-delimiter. What only begins with the boundary is one,
// too, for the sender had to choose a boundary that is nowhere in what it sends.
void MultipartParser::takeDelimiterByte(char c, MultipartEventList &events)
{
    const bool atBoundary = m_state == State::Delimiter;
    if (atBoundary && c == '-') {
        m_state = State::LastDash;
    } else if (m_state == State::LastDash && c == '-') {
        m_state = State::Epilogue;
        events.push_back({MultipartEvent::Type::End, MultipartError::None, {}, {}});
    } else if (m_state == State::LineEnd && c == '\n') {
        m_state = State::Headers;
        m_headerBytes = 0;
        m_headers.clear();
    } else if ((atBoundary || m_state == State::Padding) && (c == ' ' || c == '\t')) {
        m_state = State::Padding;
    } else if ((atBoundary || m_state == State::Padding) && c == '\r') {
        m_state = State::LineEnd;
    } else {
        fail(MultipartError::MalformedDelimiter, events);
    }
}

// --- a part's headers ---

QByteArrayView MultipartParser::takeHeaderLine(QByteArrayView bytes, MultipartEventList &events)
{
    const qsizetype lineFeed = bytes.indexOf('\n');
    const qsizetype wanted = lineFeed < 0 ? bytes.size() : lineFeed + 1;
    const qsizetype taken = std::min(wanted, m_limits.headerSize - m_headerBytes);
    m_line += bytes.first(taken);
    m_headerBytes += taken;
    if (taken < wanted) {
        fail(MultipartError::HeaderSize, events);
        return {};
    }
    if (lineFeed < 0)
        return {};
    if (m_line == "\r\n") {
        m_line.clear();
        beginPart(events);
    } else if (const MultipartError error = addHeaderLine(); error != MultipartError::None) {
        fail(error, events);
    }
    return bytes.sliced(taken);
}

MultipartError MultipartParser::addHeaderLine()
{
    const QByteArray line = std::exchange(m_line, QByteArray());
    if (!line.endsWith("\r\n"))
        return MultipartError::MalformedHeader;
    const QByteArrayView text = QByteArrayView(line).chopped(2);
    if (!http::isFieldValue(text))
        return MultipartError::MalformedHeader;
    if (text.startsWith(' ') || text.startsWith('\t')) { // folded (RFC 2822 §2.2.3)
        if (m_headers.empty())
            return MultipartError::MalformedHeader;
        m_headers.back().second += " " + http::trimmedOws(text).toByteArray();
        return MultipartError::None;
    }
    const qsizetype colon = text.indexOf(':');
    if (colon < 0 || !http::isToken(text.first(colon)))
        return MultipartError::MalformedHeader;
    if (int(m_headers.size()) == m_limits.headerPairs)
        return MultipartError::HeaderPairs;
    m_headers.emplace_back(text.first(colon).toByteArray().toLower(),
                           http::trimmedOws(text.sliced(colon + 1)).toByteArray());
    return MultipartError::None;
}

void MultipartParser::beginPart(MultipartEventList &events)
{
    MultipartPart part;
    MultipartError error = describePart(part);
    if (error == MultipartError::None)
        error = countPart(part);
    m_headers.clear();
    if (error != MultipartError::None) {
        fail(error, events);
        return;
    }
    m_isFile = part.isFile;
    m_partBytes = 0;
    m_matched = m_unreal = 2;
    m_state = State::Body;
    events.push_back({MultipartEvent::Type::PartBegin, MultipartError::None, {}, std::move(part)});
}

// RFC 7578 §4.2, §4.4, §4.7. Deviation from §4.2: filename* is taken, and preferred, where a client sends it; one that cannot
// be read is as good as none (RFC 6266 §4.3) where there is another name.
MultipartError MultipartParser::describePart(MultipartPart &part) const
{
    const auto header = [&](QByteArrayView name) -> const QByteArray * {
        const auto found =
            std::find_if(m_headers.begin(), m_headers.end(), [&](const auto &h) { return h.first == name; });
        return found == m_headers.end() ? nullptr : &found->second;
    };
    const QByteArray *disposition = header("content-disposition");
    if (!disposition)
        return MultipartError::MissingFieldName;
    const auto parsed = HeaderParameters::parse(*disposition, HeaderParameters::Backslash::QuotesItself);
    if (!parsed)
        return MultipartError::MalformedHeader;
    const QByteArray *name = parsed->find("name");
    if (parsed->value != "form-data" || !name)
        return MultipartError::MissingFieldName;
    if (name->size() > m_limits.fieldNameSize)
        return MultipartError::FieldKey;
    part.name = decodeName(*name);
    if (const QByteArray *fileName = parsed->find("filename"))
        part.fileName = withoutFolders(decodeName(*fileName));
    if (const QByteArray *extended = parsed->find("filename*")) {
        const auto decoded = decodeExtendedValue(*extended);
        if (decoded)
            part.fileName = withoutFolders(*decoded);
        else if (part.fileName.isNull())
            return MultipartError::MalformedHeader;
    }
    if (const QByteArray *type = header("content-type")) {
        if (const auto mediaType = HeaderParameters::parse(*type); mediaType && mediaType->value.contains('/')) {
            part.type = mediaType->value;
            if (const QByteArray *charset = mediaType->find("charset"))
                part.charset = charset->toLower();
        }
    }
    part.isFile = !part.fileName.isNull();
    const QByteArray *encoding = header("content-transfer-encoding");
    const QByteArray coding = encoding ? encoding->toLower() : "binary";
    return coding == "binary" || coding == "8bit" || coding == "7bit" ? MultipartError::None
                                                                      : MultipartError::TransferEncoding;
}

MultipartError MultipartParser::countPart(const MultipartPart &part)
{
    if (++m_parts > m_limits.parts)
        return MultipartError::PartCount;
    if (part.isFile)
        return ++m_files > m_limits.files ? MultipartError::FileCount : MultipartError::None;
    return ++m_fields > m_limits.fields ? MultipartError::FieldCount : MultipartError::None;
}

} // namespace loopscope::web
