// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/accesslog.h"
#include "tests/support/testcase.h"

#include <QtCore/QBuffer>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

using namespace loopscope::app;
using namespace loopscope::trace;
using namespace Qt::StringLiterals;

namespace {

TraceRecord record(Kind kind, quint64 request, quint64 connection = 3)
{
    TraceRecord result;
    result.kind = kind;
    result.request = request;
    result.connection = connection;
    return result;
}

// One answered request, seen by a log of this format.
QByteArray lineOf(AccessLog::Format format, QByteArrayView head, ResponseOutcome outcome = ResponseOutcome::Complete)
{
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    AccessLog log(buffer, format, std::chrono::nanoseconds(0));
    log.take(0, record(Kind::ConnectionOpened, 0), "127.0.0.1:51234");
    log.take(0, record(Kind::RequestBegin, 7), head);
    TraceRecord end = record(Kind::ResponseEnd, 7);
    end.start = 1'000'000'000;
    end.duration = 1'500'000;
    end.id = 200;
    end.value = 1234;
    end.detail = quint32(outcome);
    log.take(0, end, {});
    log.endBatch();
    return buffer.data();
}

} // namespace

class tst_AccessLog : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aTextLineHasTimePeerRequestStatusSizeAndDuration();
    void whatDidNotEndWholeSaysSo();
    void aJsonLineIsOneObject();
    void noClientCanBeginALine_data();
    void noClientCanBeginALine();
    void refusalsAndMessagesAreLinesToo();
    void whatTheLoggerMiddlewareRepeatsIsLeftOut();
    void aFullDiskIsAnErrorOnce();
};

void tst_AccessLog::aTextLineHasTimePeerRequestStatusSizeAndDuration()
{
    QCOMPARE(lineOf(AccessLog::Format::Text, "GET /users HTTP/1.1\r\nHost: x\r\n\r\n"),
             QByteArray("1970-01-01T00:00:01.001Z 127.0.0.1:51234 \"GET /users HTTP/1.1\" 200 1234 B 1.500 ms\n"));
}

void tst_AccessLog::whatDidNotEndWholeSaysSo()
{
    const QByteArray line = lineOf(AccessLog::Format::Text, "GET / HTTP/1.1\r\n\r\n", ResponseOutcome::Cut);
    QVERIFY2(line.endsWith(QByteArray(QByteArray(" ms ") + toString(ResponseOutcome::Cut) + '\n')), line.constData());
}

void tst_AccessLog::aJsonLineIsOneObject()
{
    const QByteArray line = lineOf(AccessLog::Format::Json, "GET /users?a=\"b\" HTTP/1.1\r\n\r\n");
    QCOMPARE(line.count('\n'), 1);
    const QJsonObject object = QJsonDocument::fromJson(line).object();
    QCOMPARE(object[u"method"_s].toString(), u"GET"_s);
    QCOMPARE(object[u"target"_s].toString(), u"/users?a=\"b\""_s);
    QCOMPARE(object[u"status"_s].toInt(), 200);
    QCOMPARE(object[u"bytes"_s].toInt(), 1234);
    QCOMPARE(object[u"ms"_s].toDouble(), 1.5);
    QCOMPARE(object[u"request"_s].toInt(), 7);
    QCOMPARE(object[u"peer"_s].toString(), u"127.0.0.1:51234"_s);
}

void tst_AccessLog::noClientCanBeginALine_data()
{
    QTest::addColumn<int>("format");
    for (const auto format : {AccessLog::Format::Text, AccessLog::Format::Json})
        QTest::newRow(format == AccessLog::Format::Text ? "text" : "json") << int(format);
}

void tst_AccessLog::noClientCanBeginALine()
{
    QFETCH(int, format);
    const QByteArray line
        = lineOf(AccessLog::Format(format), "GET /a\n\x1b[2J\"\\\xe2\x80\xa8\xff HTTP/1.1\r\n\r\n");
    QCOMPARE(line.count('\n'), 1);
    for (const char c : line.chopped(1))
        QVERIFY(uchar(c) >= 0x20 && uchar(c) < 0x7f);
    if (AccessLog::Format(format) == AccessLog::Format::Json)
        QVERIFY(!QJsonDocument::fromJson(line).isNull());
}

void tst_AccessLog::refusalsAndMessagesAreLinesToo()
{
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    AccessLog log(buffer, AccessLog::Format::Text, std::chrono::nanoseconds(0));
    TraceRecord refused = record(Kind::ClientError, 0);
    refused.value = 400;
    refused.name = "bad method";
    log.take(0, refused, {});
    TraceRecord message = record(Kind::Log, 7);
    message.detail = quint32(LogLevel::Error);
    log.take(0, message, "it broke\nbadly");
    log.endBatch();
    const QByteArrayList lines = buffer.data().split('\n');
    QCOMPARE(lines.size(), 3); // and the empty rest
    QVERIFY2(lines.at(0).endsWith(" client-error 400: bad method"), lines.at(0).constData());
    QVERIFY2(lines.at(1).endsWith(": it broke\\nbadly"), lines.at(1).constData());
}

void tst_AccessLog::whatTheLoggerMiddlewareRepeatsIsLeftOut()
{
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    AccessLog log(buffer, AccessLog::Format::Text, std::chrono::nanoseconds(0));
    log.take(0, record(Kind::RequestBegin, 7), "GET /users HTTP/1.1\r\n\r\n");
    TraceRecord end = record(Kind::ResponseEnd, 7);
    end.id = 200;
    log.take(0, end, {});
    log.take(0, record(Kind::Log, 7), "GET /users 200");
    log.take(0, record(Kind::Log, 7), "something else");
    log.endBatch();
    QCOMPARE(buffer.data().count('\n'), 2);
    QVERIFY(buffer.data().endsWith(": something else\n"));
}

void tst_AccessLog::aFullDiskIsAnErrorOnce()
{
    QFile full(u"/dev/full"_s);
    if (!full.open(QIODevice::WriteOnly))
        QSKIP("this system has no /dev/full");
    AccessLog log(full, AccessLog::Format::Text, std::chrono::nanoseconds(0));
    log.take(0, record(Kind::Log, 0), "x");
    log.endBatch();
    QVERIFY(log.error().startsWith("The log could not be written: "_L1));
}

QTEST_GUILESS_MAIN(tst_AccessLog)
#include "tst_accesslog.moc"
