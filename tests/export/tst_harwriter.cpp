// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/export/harwriter.h"
#include "tests/support/recordbuilder.h"
#include "tests/support/testcase.h"

#include <QtCore/QBuffer>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

using namespace loopscope;
using namespace loopscope::exporting;
using namespace Qt::StringLiterals;
using test::Transcript;

constexpr qint64 ms = 1'000'000;

class tst_HarWriter : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aVisitBecomesEntries();
    void overTlsUrlsAreHttps();
    void aPostedFormIsThere();
    void cookiesAndQueriesAreTakenApart();
    void bodiesAreCutAndSayIt();
    void hostileBytesStayInsideTheirStrings();
    void everyEntryHasWhatTheStandardAsksFor();
    void memoryIsBounded();
    void theFileIsWholeWithoutAnyRecord();
};

static const HarWriter::ClockPair clocks{0, QDateTime({2024, 2, 3}, {4, 5, 6}, Qt::UTC)};

static QJsonObject written(const Transcript &transcript, const trace::TraceRecord &first = {})
{
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    HarWriter writer(buffer, clocks);
    writer.write(0, first, "127.0.0.1:3443");
    transcript.replay([&](int lane, const trace::TraceRecord &record, QByteArrayView text) { writer.write(lane, record, text); });
    writer.setDropped(3);
    if (!writer.finish())
        qWarning("%s", qPrintable(writer.errorString()));
    QJsonParseError error{};
    const QJsonDocument document = QJsonDocument::fromJson(buffer.data(), &error);
    if (error.error != QJsonParseError::NoError)
        qWarning("%s at %d", qPrintable(error.errorString()), error.offset);
    return document.object()[u"log"].toObject();
}

void tst_HarWriter::aVisitBecomesEntries()
{
    const QJsonObject log = written(test::visitTranscript());
    QCOMPARE(log[u"version"].toString(), u"1.2"_s);
    QVERIFY(!log.contains(u"pages"));
    QCOMPARE(log[u"comment"].toString(), u"3 trace records were dropped; 0 requests are missing because their beginning was not recorded"_s);
    const QJsonArray entries = log[u"entries"].toArray();
    QCOMPARE(entries.size(), 4);
    const QJsonValue get = entries[0];
    QCOMPARE(get[u"startedDateTime"].toString(), u"2024-02-03T04:05:06.002Z"_s);
    QCOMPARE(get[u"time"].toDouble(), 0.25);
    QCOMPARE(get[u"timings"][u"send"].toDouble(), 0.02);
    QCOMPARE(get[u"timings"][u"wait"].toDouble(), 0.18);
    QCOMPARE(get[u"timings"][u"receive"].toDouble(), 0.05);
    QCOMPARE(get[u"timings"][u"dns"].toInt(), -1);
    QCOMPARE(get[u"request"][u"url"].toString(), u"http://127.0.0.1:3000/"_s);
    QCOMPARE(get[u"request"][u"httpVersion"].toString(), u"HTTP/1.1"_s);
    QCOMPARE(get[u"response"][u"statusText"].toString(), u"OK"_s);
    QCOMPARE(get[u"response"][u"content"][u"mimeType"].toString(), u"text/html; charset=utf-8"_s);
    QCOMPARE(get[u"response"][u"content"][u"text"].toString(), u"<h1>Hi</h1>"_s);
    QCOMPARE(get[u"serverIPAddress"].toString(), u"127.0.0.1"_s);
    QCOMPARE(get[u"connection"].toString(), u"1"_s);
    QCOMPARE(entries[1][u"response"][u"redirectURL"].toString(), u"/users"_s);
    QCOMPARE(entries[3][u"comment"].toString(), u"in flight when the recording ended"_s);
    QCOMPARE(entries[3][u"request"][u"queryString"][0][u"value"].toString(), u"64"_s);
}

void tst_HarWriter::overTlsUrlsAreHttps()
{
    trace::TraceRecord listening;
    listening.kind = trace::Kind::Listening;
    listening.value = 3443;
    listening.detail = 1; // TLS
    Transcript t;
    t.begin(1, 1, 2'000'000, 1'000, "GET /a HTTP/1.1\r\nHost: localhost:3443\r\n\r\n").end(1, 1, 2'000'000, 9'000, 200, 0);
    const QJsonArray entries = written(t, listening)[u"entries"].toArray();
    QCOMPARE(entries[0][u"request"][u"url"].toString(), u"https://localhost:3443/a"_s);
}

void tst_HarWriter::aPostedFormIsThere()
{
    const QJsonValue post = written(test::visitTranscript())[u"entries"][1];
    QCOMPARE(post[u"request"][u"postData"][u"mimeType"].toString(), u"application/x-www-form-urlencoded"_s);
    QCOMPARE(post[u"request"][u"postData"][u"text"].toString(), u"name=Ann&text=Hello+you"_s);
    QVERIFY(!post[u"request"][u"postData"].toObject().contains(u"comment"));
    const QJsonArray params = post[u"request"][u"postData"][u"params"].toArray();
    QCOMPARE(params.size(), 2);
    QCOMPARE(params[1][u"name"].toString(), u"text"_s);
    QCOMPARE(params[1][u"value"].toString(), u"Hello you"_s);
    QCOMPARE(post[u"request"][u"bodySize"].toInt(), 23);
    QCOMPARE(post[u"timings"][u"send"].toDouble(), 50.0); // until its last piece
}

void tst_HarWriter::cookiesAndQueriesAreTakenApart()
{
    Transcript t;
    t.begin(1, 1, 0, 1, "GET /s?q=a%20b+c&flag&x=%26 HTTP/1.1\r\nHost: h\r\nCookie: a=1; b=x=y\r\nCookie: c\r\n\r\n");
    t.responseHead(1, 1, 2, 200, "HTTP/1.1 200 OK\r\nSet-Cookie: id=7; Path=/; HttpOnly; Secure; Expires=Wed, 21 Oct 2015 07:28:00 GMT\r\n\r\n");
    t.end(1, 1, 0, 3, 200, 0);
    const QJsonValue entry = written(t)[u"entries"][0];
    const QJsonArray query = entry[u"request"][u"queryString"].toArray();
    QCOMPARE(query.size(), 3);
    QCOMPARE(query[0][u"value"].toString(), u"a b c"_s);
    QCOMPARE(query[1][u"name"].toString(), u"flag"_s);
    QCOMPARE(query[2][u"value"].toString(), u"&"_s);
    const QJsonArray cookies = entry[u"request"][u"cookies"].toArray();
    QCOMPARE(cookies.size(), 3);
    QCOMPARE(cookies[1][u"value"].toString(), u"x=y"_s);
    const QJsonValue set = entry[u"response"][u"cookies"][0];
    QCOMPARE(set[u"name"].toString(), u"id"_s);
    QCOMPARE(set[u"path"].toString(), u"/"_s);
    QVERIFY(set[u"httpOnly"].toBool() && set[u"secure"].toBool());
    QCOMPARE(set[u"expires"].toString(), u"2015-10-21T07:28:00.000Z"_s);
}

void tst_HarWriter::bodiesAreCutAndSayIt()
{
    Transcript t;
    t.begin(1, 1, 0, 1, "POST / HTTP/1.1\r\nHost: h\r\n\r\n", trace::BodyFraming::ContentLength);
    t.bodyChunk(1, 1, 1, 0, "abc", 5'000).bodyChunk(1, 1, 2, 5'000, "after the hole");
    t.responseHead(1, 1, 3, 200, "HTTP/1.1 200 OK\r\n\r\n").responseChunk(1, 1, 3, 0, "\x89PNG\xff");
    t.end(1, 1, 0, 4, 200, 5, trace::ResponseOutcome::ClientGone);
    const QJsonValue entry = written(t)[u"entries"][0];
    QCOMPARE(entry[u"request"][u"postData"][u"text"].toString(), u"abc"_s);
    QCOMPARE(entry[u"request"][u"postData"][u"comment"].toString(), u"captured: the first 3 of 5014 bytes"_s);
    QCOMPARE(entry[u"response"][u"content"][u"encoding"].toString(), u"base64"_s);
    QCOMPARE(QByteArray::fromBase64(entry[u"response"][u"content"][u"text"].toString().toLatin1()), QByteArray("\x89PNG\xff"));
    QCOMPARE(entry[u"comment"].toString(), u"client gone"_s);
}

void tst_HarWriter::hostileBytesStayInsideTheirStrings()
{
    Transcript t;
    t.begin(1, 1, 0, 1, "GET /\"\\\xff\x01 HTTP/1.1\r\nHost: \"}\xc3\r\nX: \xed\xa0\x80\r\n\r\n").end(1, 1, 0, 1, 200, 0);
    const QJsonValue entry = written(t)[u"entries"][0];
    QCOMPARE(entry[u"request"][u"url"].toString(), u"http://\"}\ufffd/\"\\\ufffd\u0001"_s);
}

void tst_HarWriter::everyEntryHasWhatTheStandardAsksFor()
{
    Transcript t = test::visitTranscript();
    t.begin(9, 1, 900 * ms, 1, "rubbish").end(9, 1, 900 * ms, 2, 0, 0); // no target, no response head
    t.begin(10, 1, 901 * ms, 1, "").end(11, 1, 1, 1, 200, 0);
    const QJsonObject log = written(t);
    QVERIFY(log[u"comment"].toString().contains(u"1 requests are missing"_s));
    QCOMPARE(log[u"entries"].toArray().size(), 6);
    for (const QJsonValue &entry : log[u"entries"].toArray()) {
        for (const QString &key : {u"startedDateTime"_s, u"time"_s, u"request"_s, u"response"_s, u"cache"_s, u"timings"_s})
            QVERIFY2(entry.toObject().contains(key), qPrintable(key));
        for (const QString &key : {u"method"_s, u"url"_s, u"httpVersion"_s, u"cookies"_s, u"headers"_s, u"queryString"_s, u"headersSize"_s, u"bodySize"_s})
            QVERIFY2(entry[u"request"].toObject().contains(key), qPrintable(key));
        for (const QString &key : {u"status"_s, u"statusText"_s, u"httpVersion"_s, u"cookies"_s, u"headers"_s, u"content"_s, u"redirectURL"_s, u"headersSize"_s, u"bodySize"_s})
            QVERIFY2(entry[u"response"].toObject().contains(key), qPrintable(key));
        const QJsonValue timings = entry[u"timings"];
        QVERIFY(timings[u"send"].toDouble() >= 0 && timings[u"wait"].toDouble() >= 0 && timings[u"receive"].toDouble() >= 0);
        const double sum = timings[u"send"].toDouble() + timings[u"wait"].toDouble() + timings[u"receive"].toDouble();
        QVERIFY(qAbs(sum - entry[u"time"].toDouble()) < 1e-6);
    }
}

void tst_HarWriter::memoryIsBounded()
{
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    HarWriter writer(buffer, clocks);
    const QByteArray head("POST / HTTP/1.1\r\nHost: h\r\n\r\n");
    const QByteArray piece(32'768, 'x');
    for (quint64 n = 1; n <= HarWriter::maximumInFlight + 2; ++n) {
        writer.write(0, Transcript::make(trace::Kind::RequestBegin, qint64(n), 1, n, 1), head);
        for (quint64 i = 0; i < (n < 2'000 ? 3 : 0); ++i) {
            trace::TraceRecord chunk = Transcript::make(trace::Kind::BodyChunk, qint64(n), 0, n, 1);
            chunk.id = i * 32'768;
            chunk.value = 32'768;
            writer.write(0, chunk, piece);
        }
    }
    QVERIFY(writer.finish());
    const QJsonArray entries = QJsonDocument::fromJson(buffer.data())[u"log"][u"entries"].toArray();
    QCOMPARE(entries.size(), qsizetype(HarWriter::maximumInFlight + 2));
    QCOMPARE(entries[0][u"comment"].toString(), u"still in flight when too many were to be remembered"_s);
    QCOMPARE(entries[0][u"request"][u"postData"][u"comment"].toString(), u"captured: the first 65536 of 98304 bytes"_s);
    qint64 held = 0;
    for (const QJsonValue &entry : entries)
        held += entry[u"request"][u"postData"][u"text"].toString().size();
    QVERIFY(held <= HarWriter::maximumHeldBytes);
    QVERIFY(held > HarWriter::maximumHeldBytes / 2);
}

void tst_HarWriter::theFileIsWholeWithoutAnyRecord()
{
    const QJsonObject log = written({});
    QVERIFY(log[u"entries"].isArray());
    QVERIFY(log[u"entries"].toArray().isEmpty());
}

QTEST_GUILESS_MAIN(tst_HarWriter)
#include "tst_harwriter.moc"
