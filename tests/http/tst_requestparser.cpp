// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/requestparser.h"
#include "tests/support/testcase.h"

#include <functional>

using namespace loopscope::http;
using namespace Qt::StringLiterals;

// What one or more requests meant, written down: one line an event, pieces of a body joined. The same bytes must give
// the same transcript however they are split.
class Transcript {
public:
    explicit Transcript(const Limits &limits = {})
        : m_parser(limits)
    {
    }

    void feed(QByteArrayView bytes)
    {
        while (!bytes.isEmpty() && !m_parser.hasFailed()) {
            EventList events;
            const qsizetype consumed = m_parser.feed(bytes, events);
            write(events);
            bytes = bytes.sliced(consumed);
        }
    }
    QByteArray end()
    {
        EventList events;
        m_parser.endOfInput(events);
        write(events);
        return m_text;
    }

private:
    void write(const EventList &events)
    {
        for (const Event &event : events) {
            switch (event.type) {
            case Event::Type::Head: writeHead(); break;
            case Event::Type::Data:
                QCOMPARE(event.offset, qint64(m_body.size()));
                m_body += event.bytes;
                break;
            case Event::Type::End:
                m_text += "body " + QByteArray::number(m_body.size()) + ' ' + m_body.left(40) + "\nend\n";
                m_body.clear();
                m_parser.nextRequest();
                break;
            case Event::Type::Failed: m_text += toString(event.error) + QByteArrayLiteral("\n"); break;
            }
        }
    }
    void writeHead()
    {
        const RequestHead &head = m_parser.head();
        m_text += toString(head.method).toByteArray() + ' ' + head.target().toByteArray()
            + (head.version == Version::Http11 ? " 1.1" : " 1.0") + (head.keepAlive ? " keep" : " close")
            + (head.expectsContinue ? " expects" : "") + '\n';
        for (qsizetype i = 0; i < head.headerCount(); ++i)
            m_text += head.name(i).toByteArray() + "=" + head.value(i).toByteArray() + '\n';
        QVERIFY(head.raw().endsWith("\r\n\r\n"));
    }

    RequestParser m_parser;
    QByteArray m_text;
    QByteArray m_body;
};

class tst_RequestParser : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void eventsAreTheSameHoweverBytesAreSplit_data();
    void eventsAreTheSameHoweverBytesAreSplit();
    void limits_data();
    void limits();
    void theHeadCanBeTaken();
};

static QByteArray host(const char *rest)
{
    return QByteArray("GET / HTTP/1.1\r\nHost: a\r\n") + rest;
}

static void row(const char *sentence, const QByteArray &bytes, const char *expected)
{
    QTest::newRow(sentence) << bytes << QByteArray(expected);
}

static void acceptedRows()
{
    row("a plain GET", host("\r\n"), "GET / 1.1 keep\nHost=a\nbody 0 \nend\n");
    row("white space around a value is not part of it", host("X: \t b c \t\r\n\r\n"),
        "GET / 1.1 keep\nHost=a\nX=b c\nbody 0 \nend\n");
    row("an empty value", host("X:\r\nY: 1\r\n\r\n"), "GET / 1.1 keep\nHost=a\nX=\nY=1\nbody 0 \nend\n");
    row("a body by length", "POST /p?q=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        "POST /p?q=1 1.1 keep\nHost=a\nContent-Length=5\nbody 5 hello\nend\n");
    row("a body in chunks, with an extension and a trailer",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\n",
        "POST / 1.1 keep\nHost=a\nTransfer-Encoding=chunked\nbody 13 abc0123456789\nend\n");
    row("two pipelined requests", host("\r\n") + "GET /2 HTTP/1.1\r\nHost: b\r\n\r\n",
        "GET / 1.1 keep\nHost=a\nbody 0 \nend\nGET /2 1.1 keep\nHost=b\nbody 0 \nend\n");
    row("empty lines before a request", "\r\n\r\n" + host("\r\n"), "GET / 1.1 keep\nHost=a\nbody 0 \nend\n");
    row("HTTP/1.0 closes by default and needs no Host", "GET / HTTP/1.0\r\n\r\n", "GET / 1.0 close\nbody 0 \nend\n");
    row("HTTP/1.0 may ask to keep", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
        "GET / 1.0 keep\nConnection=Keep-Alive\nbody 0 \nend\n");
    row("HTTP/1.1 may ask to close, and another may follow", host("Connection: x, Close\r\n\r\n") + host("\r\n"),
        "GET / 1.1 close\nHost=a\nConnection=x, Close\nbody 0 \nend\nGET / 1.1 keep\nHost=a\nbody 0 \nend\n");
    row("Expect: 100-continue", "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
        "PUT / 1.1 keep expects\nHost=a\nExpect=100-continue\nContent-Length=1\nbody 1 x\nend\n");
    row("asterisk form for OPTIONS", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * 1.1 keep\nHost=a\nbody 0 \nend\n");
    row("absolute form", "GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://a/b 1.1 keep\nHost=a\nbody 0 \nend\n");
    row("Upgrade is ignored", host("Connection: upgrade\r\nUpgrade: websocket\r\n\r\n"),
        "GET / 1.1 keep\nHost=a\nConnection=upgrade\nUpgrade=websocket\nbody 0 \nend\n");
    row("a length of 0", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "POST / 1.1 keep\nHost=a\nContent-Length=0\nbody 0 \nend\n");
}

static void refusedHeadRows()
{
    row("no Host", "GET / HTTP/1.1\r\n\r\n", "MissingHost\n");
    row("two Hosts", host("Host: a\r\n\r\n"), "InvalidHost\n");
    row("a Host that is none", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "InvalidHost\n");
    row("a method that does not exist", "GOT / HTTP/1.1\r\nHost: a\r\n\r\n", "UnknownMethod\n");
    row("a method in lower case", "get / HTTP/1.1\r\nHost: a\r\n\r\n", "InvalidMethod\n");
    row("CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", "UnknownMethod\n");
    row("a TLS handshake", QByteArray("\x16\x03\x01\x02\x00\x01", 6), "InvalidMethod\n");
    row("asterisk form for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", "InvalidTarget\n");
    row("a fragment", "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n", "InvalidTarget\n");
    row("HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "UnsupportedVersion\n");
    row("HTTP/0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", "UnsupportedVersion\n");
    row("no version, as HTTP/0.9", "GET /\r\nHost: a\r\n\r\n", "UnsupportedVersion\n");
    row("another protocol", "GET / HTXP/1.1\r\nHost: a\r\n\r\n", "InvalidVersion\n");
    row("space before the colon", host("X : 1\r\n\r\n"), "InvalidHeader\n");
    row("a name that is no token", host("X(: 1\r\n\r\n"), "InvalidHeader\n");
    row("a control byte in a value", host("X: a\x01z\r\n\r\n"), "InvalidHeader\n");
    row("NUL in a value", host("X: a") + QByteArray(1, '\0') + "z\r\n\r\n", "InvalidHeader\n");
    row("a folded header", host("X: a\r\n b\r\n\r\n"), "ObsoleteFolding\n");
    row("a bare LF in the head", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", "BareLineEnd\n");
    row("a bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", "BareLineEnd\n");
    row("a bare CR in a value", host("X: a\rb\r\n\r\n"), "BareLineEnd\n");
}

static void refusedFramingRows()
{
    row("length and coding", host("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"), "ConflictingFraming\n");
    row("coding and length", host("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"), "ConflictingFraming\n");
    row("two lengths", host("Content-Length: 1\r\nContent-Length: 1\r\n\r\n"), "InvalidContentLength\n");
    row("a list of lengths", host("Content-Length: 1, 1\r\n\r\n"), "InvalidContentLength\n");
    row("a signed length", host("Content-Length: +1\r\n\r\n"), "InvalidContentLength\n");
    row("a negative length", host("Content-Length: -1\r\n\r\n"), "InvalidContentLength\n");
    row("a length that overflows", host("Content-Length: 99999999999999999999\r\n\r\n"), "InvalidContentLength\n");
    row("a length of 2^63", host("Content-Length: 9223372036854775808\r\n\r\n"), "InvalidContentLength\n");
    row("an empty length", host("Content-Length:\r\n\r\n"), "InvalidContentLength\n");
    row("chunked is not last", host("Transfer-Encoding: chunked, gzip\r\n\r\n"), "InvalidTransferEncoding\n");
    row("chunked twice", host("Transfer-Encoding: chunked, chunked\r\n\r\n"), "InvalidTransferEncoding\n");
    row("an unknown coding", host("Transfer-Encoding: gzip, chunked\r\n\r\n"), "UnknownTransferEncoding\n");
    row("HTTP/1.0 has no codings", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "InvalidTransferEncoding\n");
    row("another expectation", host("Expect: 200-ok\r\n\r\n"), "ExpectationFailed\n");
    row("a chunk size that is none", host("Transfer-Encoding: chunked\r\n\r\nxyz\r\n"),
        "GET / 1.1 keep\nHost=a\nTransfer-Encoding=chunked\nInvalidChunk\n");
    row("a chunk longer than its size", host("Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n"),
        "GET / 1.1 keep\nHost=a\nTransfer-Encoding=chunked\nInvalidChunk\n");
    row("a chunk size that overflows", host("Transfer-Encoding: chunked\r\n\r\n11111111111111111\r\n"),
        "GET / 1.1 keep\nHost=a\nTransfer-Encoding=chunked\nInvalidChunk\n");
    row("a head that does not end", "GET / HTTP/1.1\r\nHost", "UnexpectedEnd\n");
    row("a body that does not end", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel",
        "POST / 1.1 keep\nHost=a\nContent-Length=5\nUnexpectedEnd\n");
    row("nothing follows a bad request", "GET / HTTP/1.1\r\n\r\n" + host("\r\n"), "MissingHost\n");
    row("only empty lines", QByteArray("\r\n").repeated(40), "Malformed\n");
}

void tst_RequestParser::eventsAreTheSameHoweverBytesAreSplit_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("expected");
    acceptedRows();
    refusedHeadRows();
    refusedFramingRows();
}

void tst_RequestParser::eventsAreTheSameHoweverBytesAreSplit()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, expected);

    Transcript whole;
    whole.feed(bytes);
    QCOMPARE(whole.end(), expected);

    Transcript single;
    for (const char &byte : bytes)
        single.feed(QByteArrayView(&byte, 1));
    QCOMPARE(single.end(), expected);

    for (qsizetype at = 1; at < bytes.size(); ++at) {
        Transcript split;
        split.feed(QByteArrayView(bytes).first(at));
        split.feed(QByteArrayView(bytes).sliced(at));
        const QByteArray text = split.end();
        QVERIFY2(text == expected, qPrintable(u"split at %1: %2"_s.arg(at).arg(QString::fromLatin1(text))));
    }
}

void tst_RequestParser::limits_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("expected");
    const Limits limits;
    const auto ofTarget = [](qsizetype size) -> QByteArray {
        return "GET /" + QByteArray(size - 1, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n";
    };
    const auto ofHead = [](qsizetype size) -> QByteArray {
        const QByteArray start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
        return start + QByteArray(size - start.size() - 4, 'x') + "\r\n\r\n";
    };
    const auto ofFields = [](int count) -> QByteArray {
        return "GET / HTTP/1.1\r\nHost: a\r\n" + QByteArray("X: 1\r\n").repeated(count - 1) + "\r\n";
    };
    QTest::newRow("the longest target") << ofTarget(limits.maxTargetBytes) << QByteArray();
    QTest::newRow("a target one byte longer") << ofTarget(limits.maxTargetBytes + 1) << QByteArray("TargetTooLong\n");
    QTest::newRow("the largest head") << ofHead(limits.maxHeadBytes) << QByteArray();
    QTest::newRow("a head one byte larger") << ofHead(limits.maxHeadBytes + 1) << QByteArray("HeadTooLarge\n");
    QTest::newRow("the most fields") << ofFields(limits.maxHeaders) << QByteArray();
    QTest::newRow("a field more") << ofFields(limits.maxHeaders + 1) << QByteArray("TooManyHeaders\n");
    QTest::newRow("endless chunk extensions")
        << host("Transfer-Encoding: chunked\r\n\r\n1;") + QByteArray(limits.maxChunkOverheadBytes + 1, 'x')
        << QByteArray("GET / 1.1 keep\nHost=a\nTransfer-Encoding=chunked\nBodyTooLarge\n");
    QTest::newRow("endless trailers")
        << host("Transfer-Encoding: chunked\r\n\r\n0\r\nT: ") + QByteArray(limits.maxChunkOverheadBytes + 1, 'x')
        << QByteArray("GET / 1.1 keep\nHost=a\nTransfer-Encoding=chunked\nHeadTooLarge\n");
}

void tst_RequestParser::limits()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, expected);
    Transcript whole;
    whole.feed(bytes);
    const QByteArray text = whole.end();
    if (expected.isEmpty())
        QVERIFY2(text.endsWith("end\n"), text.constData());
    else
        QCOMPARE(text, expected);

    Transcript single;
    for (const char &byte : bytes)
        single.feed(QByteArrayView(&byte, 1));
    QCOMPARE(single.end(), text);
}

void tst_RequestParser::theHeadCanBeTaken()
{
    RequestParser parser{Limits()};
    EventList events;
    parser.feed("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab", events);
    RequestHead mine;
    parser.takeHead(mine);
    QCOMPARE(mine.target(), QByteArrayView("/a"));
    QCOMPARE(mine.header("hOST"), QByteArrayView("a"));
    events.clear();
    parser.feed("c", events);
    QCOMPARE(events.size(), 2u);
    QCOMPARE(events.back().type, Event::Type::End);
    parser.nextRequest();
    events.clear();
    parser.feed("GET /b HTTP/1.1\r\nHost: b\r\n\r\n", events);
    QCOMPARE(mine.target(), QByteArrayView("/a"));
    QCOMPARE(parser.head().target(), QByteArrayView("/b"));
}

QTEST_GUILESS_MAIN(tst_RequestParser)
#include "tst_requestparser.moc"
