// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/conditional.h"

#include "server/http/date.h"

namespace loopscope::web {

namespace {

bool isWeak(QByteArrayView etag)
{
    return etag.startsWith("W/"); // case-sensitive: RFC 9110 §8.8.3
}

QByteArrayView opaque(QByteArrayView etag)
{
    return isWeak(etag) ? etag.sliced(2) : etag;
}

// Bytes of the entity-tag that `text` begins with, or -1.
qsizetype etagBytes(QByteArrayView text)
{
    const qsizetype open = isWeak(text) ? 2 : 0;
    if (open >= text.size() || text[open] != '"')
        return -1;
    for (qsizetype i = open + 1; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte == '"')
            return i + 1;
        if (byte <= 0x20 || byte == 0x7f)
            return -1;
    }
    return -1;
}

bool isSafe(http::Method method)
{
    return method == http::Method::Get || method == http::Method::Head;
}

enum class Matched : quint8 { Absent, No, Yes };

Matched noneMatch(const http::RequestHead &head, const Validators &validators)
{
    if (head.header("If-None-Match").isNull())
        return Matched::Absent;
    return etagListMatches(head.allHeaders("If-None-Match"), validators.etag, EtagComparison::Weak) ? Matched::Yes
                                                                                                  : Matched::No;
}

// RFC 9110 §13.1.3: a date that cannot be read is ignored.
bool isUnmodifiedSince(QByteArrayView date, const Validators &validators)
{
    const auto since = date.isNull() || !validators.lastModified ? std::nullopt : http::parseHttpDate(date);
    return since && *validators.lastModified <= *since;
}

} // namespace

bool isEtag(QByteArrayView text) noexcept
{
    return etagBytes(text) == text.size();
}

bool etagsMatch(QByteArrayView a, QByteArrayView b, EtagComparison comparison) noexcept
{
    if (comparison == EtagComparison::Strong && (isWeak(a) || isWeak(b)))
        return false;
    return !a.isEmpty() && opaque(a) == opaque(b);
}

bool etagListMatches(QByteArrayView list, QByteArrayView etag, EtagComparison comparison) noexcept
{
    list = http::trimmedOws(list);
    if (list == QByteArrayView("*"))
        return true;
    while (!list.isEmpty()) {
        if (list.front() == ',' || list.front() == ' ' || list.front() == '\t') {
            list = list.sliced(1);
            continue;
        }
        const qsizetype bytes = etagBytes(list);
        if (bytes < 0)
            return false;
        if (etagsMatch(list.first(bytes), etag, comparison))
            return true;
        list = list.sliced(bytes);
    }
    return false;
}

Precondition evaluatePreconditions(const http::RequestHead &head, const Validators &validators)
{
    if (!head.header("If-Match").isNull()) {
        if (!etagListMatches(head.allHeaders("If-Match"), validators.etag, EtagComparison::Strong))
            return Precondition::Failed;
    } else if (const QByteArrayView date = head.header("If-Unmodified-Since"); !date.isNull()) {
        const auto since = validators.lastModified ? http::parseHttpDate(date) : std::nullopt;
        if (since && *validators.lastModified > *since)
            return Precondition::Failed;
    }
    switch (noneMatch(head, validators)) {
    case Matched::Yes: return isSafe(head.method) ? Precondition::NotModified : Precondition::Failed;
    case Matched::No: return Precondition::Proceed; // If-Modified-Since is not looked at then
    case Matched::Absent: break;
    }
    if (isSafe(head.method) && isUnmodifiedSince(head.header("If-Modified-Since"), validators))
        return Precondition::NotModified;
    return Precondition::Proceed;
}

bool rangeApplies(const http::RequestHead &head, const Validators &validators, std::chrono::sys_seconds now)
{
    const QByteArrayView condition = head.header("If-Range");
    if (condition.isNull())
        return true;
    if (isEtag(condition))
        return etagsMatch(condition, validators.etag, EtagComparison::Strong);
    const auto date = http::parseHttpDate(condition, now);
    return date && validators.lastModified == date && *date + std::chrono::seconds(1) <= now;
}

bool isFresh(const http::RequestHead &head, const Validators &validators)
{
    if (!isSafe(head.method) || http::listContains(head.allHeaders("Cache-Control"), "no-cache"))
        return false;
    switch (noneMatch(head, validators)) {
    case Matched::Yes: return true;
    case Matched::No: return false;
    case Matched::Absent: break;
    }
    return isUnmodifiedSince(head.header("If-Modified-Since"), validators);
}

} // namespace loopscope::web
