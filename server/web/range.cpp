// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/range.h"

#include "server/http/requesthead.h"

#include <QtCore/QString> // QByteArray's operator+, with QT_USE_QSTRINGBUILDER

#include <algorithm>
#include <limits>
#include <optional>

namespace loopscope::web {

namespace {

constexpr qint64 largest = std::numeric_limits<qint64>::max();

// 1*DIGIT, and nothing else.
std::optional<qint64> parsePosition(QByteArrayView digits)
{
    if (digits.isEmpty())
        return std::nullopt;
    qint64 number = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9')
            return std::nullopt;
        const qint64 digit = c - '0';
        number = number > (largest - digit) / 10 ? largest : number * 10 + digit;
    }
    return number;
}

enum class Element : quint8 { Malformed, Unsatisfiable, Satisfiable, Everything };

// RFC 9110 §14.1.1: range-spec = int-range / suffix-range, with positions in `range`.
Element parseElement(QByteArrayView text, qint64 size, ByteRange &range)
{
    const qsizetype dash = text.indexOf('-');
    if (dash < 0)
        return Element::Malformed;
    const QByteArrayView before = text.first(dash);
    const QByteArrayView after = text.sliced(dash + 1);
    if (before.isEmpty()) {
        const std::optional<qint64> length = parsePosition(after);
        if (!length)
            return Element::Malformed;
        if (*length == 0)
            return Element::Unsatisfiable;
        if (size == 0) // satisfiable by RFC 9110 §14.1.2, but no Content-Range can say so
            return Element::Everything;
        range = {qMax<qint64>(0, size - *length), size - 1};
        return Element::Satisfiable;
    }
    const std::optional<qint64> first = parsePosition(before);
    const std::optional<qint64> last = after.isEmpty() ? std::optional(largest) : parsePosition(after);
    if (!first || !last || *last < *first)
        return Element::Malformed;
    if (*first >= size)
        return Element::Unsatisfiable;
    range = {*first, qMin(*last, size - 1)};
    return Element::Satisfiable;
}

// Each run of ranges that overlap or touch becomes one, at the place of the earliest of them in the client's order.
std::vector<ByteRange> coalesced(const std::vector<ByteRange> &ranges)
{
    struct Placed {
        ByteRange range;
        std::size_t place;
    };
    std::vector<Placed> sorted;
    sorted.reserve(ranges.size());
    for (std::size_t i = 0; i < ranges.size(); ++i)
        sorted.push_back({ranges[i], i});
    std::sort(sorted.begin(), sorted.end(),
              [](const Placed &a, const Placed &b) { return a.range.first < b.range.first; });
    std::vector<Placed> merged;
    for (const Placed &next : sorted) {
        if (!merged.empty() && next.range.first <= merged.back().range.last + 1) {
            merged.back().range.last = qMax(merged.back().range.last, next.range.last);
            merged.back().place = qMin(merged.back().place, next.place);
        } else {
            merged.push_back(next);
        }
    }
    std::sort(merged.begin(), merged.end(), [](const Placed &a, const Placed &b) { return a.place < b.place; });
    std::vector<ByteRange> result;
    result.reserve(merged.size());
    for (const Placed &placed : merged)
        result.push_back(placed.range);
    return result;
}

} // namespace

RangeRequest parseRange(QByteArrayView header, qint64 size)
{
    Q_ASSERT(size >= 0);
    const qsizetype equals = header.indexOf('=');
    if (equals < 0 || !http::equalsIgnoringCase(http::trimmedOws(header.first(equals)), "bytes"))
        return {};
    RangeRequest request;
    std::vector<ByteRange> ranges;
    int elements = 0;
    QByteArrayView rest = header.sliced(equals + 1);
    for (;;) {
        const qsizetype comma = rest.indexOf(',');
        const QByteArrayView element = http::trimmedOws(comma < 0 ? rest : rest.first(comma));
        if (!element.isEmpty()) { // RFC 9110 §5.6.1.2: empty elements of a list are skipped
            if (++elements > maximumRanges)
                return {};
            ByteRange range;
            switch (parseElement(element, size, range)) {
            case Element::Malformed:
            case Element::Everything: return {};
            case Element::Unsatisfiable: break;
            case Element::Satisfiable: ranges.push_back(range); break;
            }
        }
        if (comma < 0)
            break;
        rest = rest.sliced(comma + 1);
    }
    if (elements == 0)
        return {};
    request.kind = ranges.empty() ? RangeRequest::Kind::Unsatisfiable : RangeRequest::Kind::Partial;
    request.ranges = coalesced(ranges);
    return request;
}

QByteArray contentRange(const ByteRange &range, qint64 size)
{
    return "bytes " + QByteArray::number(range.first) + '-' + QByteArray::number(range.last) + '/'
        + QByteArray::number(size);
}

QByteArray contentRange(qint64 size)
{
    return "bytes */" + QByteArray::number(size);
}

QByteArray toRangeHeader(const std::vector<ByteRange> &ranges)
{
    QByteArray header = "bytes=";
    for (const ByteRange &range : ranges) {
        if (!header.endsWith('='))
            header += ',';
        header += QByteArray::number(range.first) + '-' + QByteArray::number(range.last);
    }
    return header;
}

} // namespace loopscope::web
