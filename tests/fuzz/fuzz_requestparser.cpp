// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes to a RequestParser: the same events however they are split, and nothing after an error.

#include "server/http/requestparser.h"
#include "tests/fuzz/fuzz.h"

#include <QtCore/QString>

using namespace loopscope;
using namespace loopscope::http;
using fuzz::require;

namespace {

// Small ones, so that inputs of a few hundred bytes reach them.
Limits smallLimits()
{
    Limits limits;
    limits.maxHeadBytes = 512;
    limits.maxHeaders = 8;
    limits.maxTargetBytes = 64;
    limits.maxChunkOverheadBytes = 64;
    limits.maxLeadingBytes = 8;
    return limits;
}

// A parser and what it said, written down. Equal if the events are, but for the pieces of bodies.
class Reader {
public:
    void feed(QByteArrayView bytes)
    {
        const fuzz::Piece piece(bytes);
        QByteArrayView rest = piece.view();
        while (!rest.isEmpty() && !m_parser.hasFailed()) {
            EventList events;
            const qsizetype taken = m_parser.feed(rest, events);
            require(taken >= 0 && taken <= rest.size(), "no more is consumed than was given");
            require(taken > 0 || !events.empty(), "something comes of every feed");
            for (const Event &event : events)
                write(event, piece);
            rest = rest.sliced(taken);
        }
        if (m_parser.hasFailed()) {
            EventList events;
            require(m_parser.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n", events) == 0 && events.empty(),
                    "nothing is consumed after an error");
        }
        require(m_parser.partialHead().size() <= m_limits.maxHeadBytes, "a head is bounded");
    }
    QByteArray end()
    {
        EventList events;
        m_parser.endOfInput(events);
        for (const Event &event : events)
            write(event, fuzz::Piece(QByteArrayView()));
        return m_text + m_body;
    }

private:
    void write(const Event &event, const fuzz::Piece &piece)
    {
        require(!m_failed, "nothing is said after an error");
        switch (event.type) {
        case Event::Type::Head: writeHead(); break;
        case Event::Type::Data:
            require(m_inBody && !event.bytes.isEmpty() && piece.holds(event.bytes),
                    "a piece of a body is of what was fed");
            require(event.offset == m_body.size(), "a body has no gap");
            m_body += event.bytes;
            break;
        case Event::Type::End:
            require(m_inBody && event.offset == m_body.size(), "a body ends after its last byte");
            m_inBody = false;
            m_text += m_body + "\nend\n";
            m_body.clear();
            m_parser.nextRequest();
            break;
        case Event::Type::Failed:
            m_failed = true;
            require(statusOf(event.error) >= 400, "an error has a status");
            m_text += m_body + QByteArray(toString(event.error));
            m_body.clear();
            break;
        }
    }
    void writeHead()
    {
        require(!m_inBody, "a head comes after the end before it");
        m_inBody = true;
        const RequestHead &head = m_parser.head();
        require(head.raw().endsWith("\r\n\r\n") && head.raw().indexOf("\r\n\r\n") == head.raw().size() - 4,
                "a head ends with its first empty line");
        require(head.headerCount() <= m_limits.maxHeaders && head.target().size() <= m_limits.maxTargetBytes
                    && head.raw().size() <= m_limits.maxHeadBytes,
                "the limits hold");
        QByteArray rebuilt = toString(head.method).toByteArray() + ' ' + head.target().toByteArray() + " HTTP/1."
            + (head.version == Version::Http11 ? "1" : "0") + "\r\n";
        require(head.raw().startsWith(rebuilt), "a request line is what its parts say");
        for (qsizetype i = 0; i < head.headerCount(); ++i) {
            require(isToken(head.name(i)) && isFieldValue(head.value(i)), "fields are clean");
            require(trimmedOws(head.value(i)).size() == head.value(i).size(), "a value has no white space around it");
            rebuilt += head.name(i).toByteArray() + ':' + head.value(i).toByteArray();
        }
        m_text += rebuilt + (head.keepAlive ? " keep" : " close") + (head.expectsContinue ? " expects" : "");
    }

    const Limits m_limits = smallLimits();
    RequestParser m_parser{m_limits};
    QByteArray m_text;
    QByteArray m_body;
    bool m_inBody = false;
    bool m_failed = false;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const QByteArrayView bytes(reinterpret_cast<const char *>(data), qsizetype(size));
    Reader whole;
    whole.feed(bytes);
    const QByteArray text = whole.end();

    Reader single;
    for (qsizetype i = 0; i < bytes.size(); ++i)
        single.feed(bytes.sliced(i, 1));
    require(single.end() == text, "byte by byte it means the same");

    Reader split;
    fuzz::Dice dice(bytes);
    QByteArrayView rest = bytes;
    while (!rest.isEmpty())
        split.feed(dice.piece(rest));
    require(split.end() == text, "in pieces it means the same");
    return 0;
}
