// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/method.h"

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

#include <optional>
#include <vector>

QT_BEGIN_NAMESPACE
class QDebug;
QT_END_NAMESPACE

namespace loopscope::http {

enum class Version : quint8 { Http10, Http11 };

// How the end of a body is known (RFC 9112 §6.3).
enum class Framing : quint8 { None, ContentLength, Chunked };

// The head of one request: its bytes as they came, and where in them its parts lie.
//
// A plain value of one thread. Views that it gives are valid until it is changed or moved. Its storage is reused
// from request to request, so that a keep-alive connection allocates nothing for it.
class RequestHead {
public:
    struct Field {
        quint32 nameAt = 0;
        quint32 nameBytes = 0;
        quint32 valueAt = 0;
        quint32 valueBytes = 0;
        friend bool operator==(const Field &, const Field &) = default;
    };

    Method method = Method::Get;
    Version version = Version::Http11;
    Framing framing = Framing::None;
    // The client asked to keep the connection, or its version implies it (RFC 9112 §9.3).
    bool keepAlive = true;
    // It waits for 100 (Continue) before it sends the body (RFC 9110 §10.1.1).
    bool expectsContinue = false;
    qint64 contentLength = 0; // bytes; 0 unless framing is ContentLength

    // The whole head as received, from the method to the empty line.
    [[nodiscard]] QByteArrayView raw() const noexcept { return m_raw; }
    // The request target as received (RFC 9112 §3.2): "/users?sort=name", "http://host/", "*".
    [[nodiscard]] QByteArrayView target() const noexcept { return slice(m_targetAt, m_targetBytes); }
    [[nodiscard]] qsizetype headerCount() const noexcept { return qsizetype(m_fields.size()); }
    [[nodiscard]] QByteArrayView name(qsizetype i) const noexcept
    {
        const Field &f = m_fields[std::size_t(i)];
        return slice(f.nameAt, f.nameBytes);
    }
    // Without the white space around it.
    [[nodiscard]] QByteArrayView value(qsizetype i) const noexcept
    {
        const Field &f = m_fields[std::size_t(i)];
        return slice(f.valueAt, f.valueBytes);
    }
    // The first field of that name, compared without case; null if there is none.
    [[nodiscard]] QByteArrayView header(QByteArrayView name) const noexcept;
    // All fields of that name joined by ", " (RFC 9110 §5.3).
    [[nodiscard]] QByteArray allHeaders(QByteArrayView name) const;

    friend bool operator==(const RequestHead &a, const RequestHead &b) noexcept;

private:
    friend class RequestParser;
    [[nodiscard]] QByteArrayView slice(quint32 at, quint32 bytes) const noexcept
    {
        return QByteArrayView(m_raw.constData() + at, qsizetype(bytes));
    }
    void clear() noexcept;

    QByteArray m_raw;
    std::vector<Field> m_fields;
    quint32 m_targetAt = 0;
    quint32 m_targetBytes = 0;
};

// Header names and tokens are compared without case (RFC 9110 §5.1).
[[nodiscard]] bool equalsIgnoringCase(QByteArrayView a, QByteArrayView b) noexcept;
// True if `token` is an element of a comma-separated list, compared without case (RFC 9110 §5.6.1).
[[nodiscard]] bool listContains(QByteArrayView list, QByteArrayView token) noexcept;
// Without leading and trailing spaces and tabs (OWS, RFC 9110 §5.6.3).
[[nodiscard]] QByteArrayView trimmedOws(QByteArrayView value) noexcept;
// True if every byte is a tchar and there is one at least (RFC 9110 §5.6.2).
[[nodiscard]] bool isToken(QByteArrayView value) noexcept;
// True if the bytes may stand in a field value: no control byte but tab (RFC 9110 §5.5).
[[nodiscard]] bool isFieldValue(QByteArrayView value) noexcept;

// The value of a hex digit, -1 for what is none.
[[nodiscard]] constexpr int hexDigit(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

QDebug operator<<(QDebug debug, const RequestHead &head);

} // namespace loopscope::http
