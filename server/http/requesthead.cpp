// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/requesthead.h"

#include <QtCore/QDebug>

namespace loopscope::http {

namespace {

// What a byte may be, looked up: these tests run over every byte of every header.
enum ByteClass : quint8 { TokenByte = 1, FieldValueByte = 2 };

struct ByteTable {
    quint8 classes[256] = {};
    char lower[256] = {};

    constexpr ByteTable()
    {
        for (int byte = 0; byte < 256; ++byte) {
            const bool upper = byte >= 'A' && byte <= 'Z';
            lower[byte] = char(upper ? byte + ('a' - 'A') : byte);
            const bool alphanumeric = (byte >= '0' && byte <= '9') || upper || (byte >= 'a' && byte <= 'z');
            if (alphanumeric)
                classes[byte] |= TokenByte;
            if (byte == '\t' || (byte >= 0x20 && byte != 0x7f))
                classes[byte] |= FieldValueByte;
        }
        for (const char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'})
            classes[static_cast<unsigned char>(c)] |= TokenByte;
    }
};
constexpr ByteTable table;

bool areAll(ByteClass wanted, QByteArrayView bytes) noexcept
{
    quint8 common = wanted;
    for (const char c : bytes)
        common &= table.classes[static_cast<unsigned char>(c)];
    return common != 0;
}

} // namespace

bool equalsIgnoringCase(QByteArrayView a, QByteArrayView b) noexcept
{
    if (a.size() != b.size())
        return false;
    if (a.data() == b.data()) // often: one literal, shared
        return true;
    for (qsizetype i = 0; i < a.size(); ++i) {
        if (table.lower[static_cast<unsigned char>(a[i])] != table.lower[static_cast<unsigned char>(b[i])])
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
    return !value.isEmpty() && areAll(TokenByte, value);
}

bool isFieldValue(QByteArrayView value) noexcept
{
    return areAll(FieldValueByte, value);
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
