// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/httphead.h"

#include <algorithm>

namespace loopscope::model {

// The text up to a line's end (CRLF, or a bare LF), and what follows it.
static QByteArrayView takeLine(QByteArrayView &rest) noexcept
{
    const qsizetype feed = rest.indexOf('\n');
    QByteArrayView line = feed < 0 ? rest : rest.first(feed);
    rest = feed < 0 ? QByteArrayView() : rest.sliced(feed + 1);
    if (line.endsWith('\r'))
        line.chop(1);
    return line;
}

static QByteArrayView takeWord(QByteArrayView &rest) noexcept
{
    const qsizetype blank = rest.indexOf(' ');
    const QByteArrayView word = blank < 0 ? rest : rest.first(blank);
    rest = blank < 0 ? QByteArrayView() : rest.sliced(blank + 1);
    return word;
}

static bool splitField(QByteArrayView line, HeaderField &field) noexcept
{
    const qsizetype colon = line.indexOf(':');
    if (colon <= 0)
        return false;
    field.name = line.first(colon);
    field.value = line.sliced(colon + 1).trimmed(); // RFC 9112 §5: optional whitespace around the value
    return true;
}

QByteArrayView RequestLine::path() const noexcept
{
    const qsizetype mark = target.indexOf('?');
    return mark < 0 ? target : target.first(mark);
}

QByteArrayView RequestLine::query() const noexcept
{
    const qsizetype mark = target.indexOf('?');
    return mark < 0 ? QByteArrayView() : target.sliced(mark + 1);
}

RequestLine parseRequestLine(QByteArrayView head) noexcept
{
    QByteArrayView line = takeLine(head);
    RequestLine result;
    result.method = takeWord(line);
    result.target = takeWord(line);
    result.version = line;
    return result;
}

StatusLine parseStatusLine(QByteArrayView head) noexcept
{
    QByteArrayView line = takeLine(head);
    StatusLine result;
    result.version = takeWord(line);
    const QByteArrayView code = takeWord(line);
    result.reason = line;
    for (const char digit : code.first(std::min<qsizetype>(code.size(), 3))) {
        if (digit < '0' || digit > '9')
            return result;
        result.code = result.code * 10 + (digit - '0');
    }
    return result;
}

QList<HeaderField> parseHeaders(QByteArrayView head)
{
    constexpr qsizetype mostFields = 1'000;
    takeLine(head);
    QList<HeaderField> fields;
    while (!head.isEmpty() && fields.size() < mostFields) {
        const QByteArrayView line = takeLine(head);
        if (line.isEmpty())
            break;
        if (HeaderField field; splitField(line, field))
            fields.append(field);
    }
    return fields;
}

QByteArrayView headerValue(QByteArrayView head, QByteArrayView name) noexcept
{
    takeLine(head);
    while (!head.isEmpty()) {
        const QByteArrayView line = takeLine(head);
        if (line.isEmpty())
            break;
        HeaderField field;
        if (splitField(line, field) && field.name.compare(name, Qt::CaseInsensitive) == 0)
            return field.value;
    }
    return {};
}

} // namespace loopscope::model
