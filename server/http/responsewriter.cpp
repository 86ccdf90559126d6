// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/responsewriter.h"

#include "server/http/status.h"

#include <charconv>

namespace loopscope::http {

void appendNumber(qint64 number, QByteArray &out)
{
    char digits[24];
    const auto result = std::to_chars(digits, digits + sizeof digits, number);
    out.append(digits, result.ptr - digits);
}

void writeHead(const ResponseHead &head, const HeaderList &headers, QByteArray &out)
{
    Q_ASSERT(head.status >= 100 && head.status <= 599);
    out.append("HTTP/1.1 ");
    appendNumber(head.status, out);
    out.append(' ');
    out.append(reasonPhrase(head.status)); // may be empty; the space before it stays (RFC 9112 §4)
    out.append("\r\n");
    for (const HeaderList::Field &field : headers.fields()) {
        out.append(field.name);
        out.append(": ");
        out.append(field.value);
        out.append("\r\n");
    }
    if (!head.date.isEmpty() && !headers.contains("Date")) {
        out.append("Date: ");
        out.append(head.date);
        out.append("\r\n");
    }
    if (head.framing == ResponseFraming::Chunked) {
        out.append("Transfer-Encoding: chunked\r\n");
    } else if (head.contentLength >= 0 && !headers.contains("Content-Length")) {
        out.append("Content-Length: ");
        appendNumber(head.contentLength, out);
        out.append("\r\n");
    }
    if (!head.keepAlive)
        out.append("Connection: close\r\n");
    else if (head.version == Version::Http10)
        out.append("Connection: keep-alive\r\n");
    out.append("\r\n");
}

void writeContinue(QByteArray &out)
{
    out.append("HTTP/1.1 100 Continue\r\n\r\n");
}

void writeChunk(QByteArrayView bytes, QByteArray &out)
{
    if (bytes.isEmpty())
        return;
    char size[20];
    const auto result = std::to_chars(size, size + sizeof size, quint64(bytes.size()), 16);
    out.append(size, result.ptr - size);
    out.append("\r\n");
    out.append(bytes);
    out.append("\r\n");
}

void writeLastChunk(QByteArray &out)
{
    out.append("0\r\n\r\n");
}

} // namespace loopscope::http
