// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/responsewriter.h"

#include "server/http/status.h"

#include <charconv>
#include <cstring>

namespace loopscope::http {

namespace {

// Writes into room that was made once, instead of growing the buffer piece by piece.
class Pen {
public:
    // `most`: bytes that will be written at most.
    Pen(QByteArray &out, qsizetype most)
        : m_out(out)
    {
        const qsizetype before = out.size();
        out.resize(before + most); // within the buffer's capacity after the first answers
        m_at = out.data() + before;
    }
    ~Pen() { m_out.resize(m_at - m_out.constData()); }
    Pen(const Pen &) = delete;
    Pen &operator=(const Pen &) = delete;

    void write(QByteArrayView bytes) noexcept
    {
        std::memcpy(m_at, bytes.data(), size_t(bytes.size()));
        m_at += bytes.size();
    }
    void write(qint64 number, int base = 10) noexcept { m_at = std::to_chars(m_at, m_at + numberBytes, number, base).ptr; }
    static constexpr qsizetype numberBytes = 20;

private:
    QByteArray &m_out;
    char *m_at;
};

constexpr QByteArrayView lineEnd = "\r\n";
// The status line and the headers that writeHead() adds, all of them at their longest.
constexpr qsizetype fixedHeadBytes = 256;

} // namespace

void writeHead(const ResponseHead &head, const HeaderList &headers, QByteArray &out)
{
    Q_ASSERT(head.status >= 100 && head.status <= 599);
    bool hasDate = false;
    bool hasLength = false;
    qsizetype most = fixedHeadBytes + head.date.size();
    for (const HeaderList::Field &field : headers.fields()) {
        most += field.name.size() + field.value.size() + 4;
        hasDate = hasDate || equalsIgnoringCase(field.name, "Date");
        hasLength = hasLength || equalsIgnoringCase(field.name, "Content-Length");
    }
    Pen pen(out, most);
    pen.write("HTTP/1.1 ");
    pen.write(head.status);
    pen.write(" ");
    pen.write(reasonPhrase(head.status)); // may be empty; the space before it stays (RFC 9112 §4)
    pen.write(lineEnd);
    for (const HeaderList::Field &field : headers.fields()) {
        pen.write(field.name);
        pen.write(": ");
        pen.write(field.value);
        pen.write(lineEnd);
    }
    if (!head.date.isEmpty() && !hasDate) {
        pen.write("Date: ");
        pen.write(head.date);
        pen.write(lineEnd);
    }
    if (head.framing == ResponseFraming::Chunked) {
        pen.write("Transfer-Encoding: chunked\r\n");
    } else if (head.contentLength >= 0 && !hasLength) {
        pen.write("Content-Length: ");
        pen.write(head.contentLength);
        pen.write(lineEnd);
    }
    if (!head.keepAlive)
        pen.write("Connection: close\r\n");
    else if (head.version == Version::Http10)
        pen.write("Connection: keep-alive\r\n");
    pen.write(lineEnd);
}

void writeContinue(QByteArray &out)
{
    out.append("HTTP/1.1 100 Continue\r\n\r\n");
}

void writeChunk(QByteArrayView bytes, QByteArray &out)
{
    if (bytes.isEmpty())
        return;
    Pen pen(out, Pen::numberBytes + bytes.size() + 2 * lineEnd.size());
    pen.write(bytes.size(), 16);
    pen.write(lineEnd);
    pen.write(bytes);
    pen.write(lineEnd);
}

void writeLastChunk(QByteArray &out)
{
    out.append("0\r\n\r\n");
}

} // namespace loopscope::http
