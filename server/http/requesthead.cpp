// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/requesthead.h"

#include <QtCore/QDebug>

namespace loopscope::http {

static constexpr char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c;
}

bool equalsIgnoringCase(QByteArrayView a, QByteArrayView b) noexcept
{
    if (a.size() != b.size())
        return false;
    for (qsizetype i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i]))
            return false;
    }
    return true;
}

QByteArrayView trimmedOws(QByteArrayView value) noexcept
{
    const auto isOws = [](char c) { return c == ' ' || c == '\t'; };
    while (!value.isEmpty() && isOws(value.front()))
        value = value.sliced(1);
    while (!value.isEmpty() && isOws(value.back()))
        value.chop(1);
    return value;
}

bool listContains(QByteArrayView list, QByteArrayView token) noexcept
{
    for (;;) {
        const qsizetype comma = list.indexOf(',');
        const QByteArrayView element = trimmedOws(comma < 0 ? list : list.first(comma));
        if (equalsIgnoringCase(element, token))
            return true;
        if (comma < 0)
            return false;
        list = list.sliced(comma + 1);
    }
}

bool isToken(QByteArrayView value) noexcept
{
    if (value.isEmpty())
        return false;
    for (const char c : value) {
        const bool alphanumeric = (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
        if (!alphanumeric && (c == '\0' || !QByteArrayView("!#$%&'*+-.^_`|~").contains(c)))
            return false;
    }
    return true;
}

bool isFieldValue(QByteArrayView value) noexcept
{
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\t') || byte == 0x7f)
            return false;
    }
    return true;
}

QByteArrayView RequestHead::header(QByteArrayView wanted) const noexcept
{
    for (const Field &field : m_fields) {
        if (field.nameBytes == size_t(wanted.size()) && equalsIgnoringCase(slice(field.nameAt, field.nameBytes), wanted))
            return slice(field.valueAt, field.valueBytes);
    }
    return {};
}

QByteArray RequestHead::allHeaders(QByteArrayView wanted) const
{
    QByteArray joined;
    bool first = true;
    for (const Field &field : m_fields) {
        if (!equalsIgnoringCase(slice(field.nameAt, field.nameBytes), wanted))
            continue;
        if (!first)
            joined += ", ";
        joined += slice(field.valueAt, field.valueBytes);
        first = false;
    }
    return joined;
}

void RequestHead::clear() noexcept
{
    method = Method::Get;
    version = Version::Http11;
    framing = Framing::None;
    keepAlive = true;
    expectsContinue = false;
    contentLength = 0;
    m_raw.resize(0); // keeps its storage
    m_fields.clear();
    m_targetAt = 0;
    m_targetBytes = 0;
}

bool operator==(const RequestHead &a, const RequestHead &b) noexcept
{
    return a.method == b.method && a.version == b.version && a.framing == b.framing && a.keepAlive == b.keepAlive
        && a.expectsContinue == b.expectsContinue && a.contentLength == b.contentLength && a.m_raw == b.m_raw
        && a.m_fields == b.m_fields && a.target() == b.target();
}

QDebug operator<<(QDebug debug, const RequestHead &head)
{
    QDebugStateSaver saver(debug);
    debug.nospace().noquote() << toString(head.method).toByteArray() << ' ' << head.target().toByteArray()
                              << (head.version == Version::Http11 ? " HTTP/1.1" : " HTTP/1.0");
    for (qsizetype i = 0; i < head.headerCount(); ++i)
        debug << " | " << head.name(i).toByteArray() << ": " << head.value(i).toByteArray();
    return debug;
}

} // namespace loopscope::http
