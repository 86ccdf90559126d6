// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/export/chrometracewriter.h"
#include "inspector/export/jsontext.h"
#include "tests/support/recordbuilder.h"
#include "tests/support/testcase.h"

#include <QtCore/QBuffer>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include <algorithm>

using namespace loopscope;
using namespace loopscope::exporting;
using namespace Qt::StringLiterals;
using test::Transcript;

class tst_ChromeTraceWriter : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aVisitBecomesEvents();
    void everyKindGivesValidJson();
    void hostileBytesStayInsideTheirStrings();
    void theFileIsWholeWithoutAnyRecord();
    void whatIsInFlightIsWrittenUnfinished();
    void aFailingDeviceIsReportedOnce();
    void microsecondsAreExact();
};

static QJsonObject parsed(const QByteArray &bytes)
{
    QJsonParseError error{};
    const QJsonDocument document = QJsonDocument::fromJson(bytes, &error);
    if (error.error != QJsonParseError::NoError)
        qWarning("%s at %d", qPrintable(error.errorString()), error.offset);
    return document.object();
}

static QJsonObject written(const Transcript &transcript, quint64 dropped = 0)
{
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    ChromeTraceWriter writer(buffer);
    writer.setLane(0, "loop");
    writer.setLane(1, "pool 1");
    transcript.replay([&](int lane, const trace::TraceRecord &record, QByteArrayView text) { writer.write(lane, record, text); });
    writer.setDropped(dropped);
    if (!writer.finish())
        qWarning("%s", qPrintable(writer.errorString()));
    return parsed(buffer.data());
}

// The events of a category and name, each as compact JSON without "pid", "cat" and "name".
static QStringList events(const QJsonObject &file, const QString &category, const QString &name)
{
    QStringList found;
    for (const QJsonValue &value : file[u"traceEvents"].toArray()) {
        QJsonObject event = value.toObject();
        if (event[u"cat"].toString() != category || event[u"name"].toString() != name)
            continue;
        event.remove(u"cat"_s);
        event.remove(u"name"_s);
        event.remove(u"pid"_s);
        found.append(QString::fromUtf8(QJsonDocument(event).toJson(QJsonDocument::Compact)));
    }
    return found;
}

void tst_ChromeTraceWriter::aVisitBecomesEvents()
{
    const QJsonObject file = written(test::visitTranscript(), 7);
    QCOMPARE(events(file, u"Request"_s, u"GET /"_s),
             QStringList{u"{\"args\":{\"bytes\":11,\"connection\":1,\"outcome\":\"complete\",\"request\":1,\"status\":200},\"dur\":250,\"ph\":\"X\",\"tid\":1,\"ts\":2000}"_s});
    QCOMPARE(events(file, u"BodyChunk"_s, u"BodyChunk"_s),
             (QStringList{u"{\"args\":{\"bytes\":11,\"connection\":1,\"framing\":\"content-length\",\"offset\":0,\"request\":2},\"ph\":\"i\",\"s\":\"t\",\"tid\":1,\"ts\":5030}"_s,
                          u"{\"args\":{\"bytes\":12,\"connection\":1,\"framing\":\"content-length\",\"offset\":11,\"request\":2},\"ph\":\"i\",\"s\":\"t\",\"tid\":1,\"ts\":55000}"_s}));
    QCOMPARE(events(file, u"Callback"_s, u"writeFile"_s),
             QStringList{u"{\"args\":{\"connection\":1,\"id\":9,\"phase\":\"poll\",\"request\":2,\"site\":\"server/practice/messages.cpp:42\"},\"dur\":70,\"ph\":\"X\",\"tid\":0,\"ts\":93070}"_s});
    QCOMPARE(events(file, u"JobFinished"_s, u"writeFile"_s),
             QStringList{u"{\"args\":{\"id\":9,\"outcome\":\"done\",\"request\":2},\"dur\":38000,\"ph\":\"X\",\"tid\":1,\"ts\":55060}"_s});
    QCOMPARE(events(file, u"flow"_s, u"registration"_s), // queued on the loop, ran on the worker, came back
             (QStringList{u"{\"id\":9,\"ph\":\"s\",\"tid\":0,\"ts\":55040}"_s, u"{\"id\":9,\"ph\":\"t\",\"tid\":1,\"ts\":55060}"_s,
                          u"{\"bp\":\"e\",\"id\":9,\"ph\":\"f\",\"tid\":0,\"ts\":93070}"_s}));
    QCOMPARE(events(file, u"__metadata"_s, u"thread_name"_s),
             (QStringList{u"{\"args\":{\"name\":\"loop\"},\"ph\":\"M\",\"tid\":0,\"ts\":0}"_s, u"{\"args\":{\"name\":\"pool 1\"},\"ph\":\"M\",\"tid\":1,\"ts\":0}"_s,
                          u"{\"args\":{\"name\":\"conn 1 127.0.0.1:50001\"},\"ph\":\"M\",\"tid\":1,\"ts\":0}"_s,
                          u"{\"args\":{\"name\":\"conn 2 127.0.0.1:50002\"},\"ph\":\"M\",\"tid\":2,\"ts\":0}"_s}));
    QCOMPARE(events(file, u"Wait"_s, u"wait"_s).size(), 6);
    QCOMPARE(events(file, u"PhaseRun"_s, u"poll"_s).size(), 6);
    const QJsonObject metadata = file[u"metadata"].toObject();
    QCOMPARE(metadata[u"droppedRecords"].toInt(), 7);
    QCOMPARE(metadata[u"records"].toInt(), int(test::visitTranscript().entries().size()));
    QCOMPARE(metadata[u"clock"].toString(), u"monotonic"_s);
}

void tst_ChromeTraceWriter::everyKindGivesValidJson()
{
    Transcript t;
    for (int kind = 0; kind <= int(trace::Kind::Log); ++kind) {
        trace::TraceRecord r = Transcript::make(trace::Kind(kind), 10, 5, 3, 4);
        r.id = 1;
        r.value = -1;
        r.name = "x";
        r.file = "f";
        t.add(r, "text").add(Transcript::make(trace::Kind(kind), 10));
    }
    const QJsonObject file = written(t);
    QVERIFY(file[u"traceEvents"].toArray().size() >= 2 * int(trace::Kind::Log));
}

void tst_ChromeTraceWriter::hostileBytesStayInsideTheirStrings()
{
    const QByteArray evil("GET /\"}],\\x\x01\x7f\xff\xc3\xed\xa0\x80</script>\xe2\x80\xa8 HTTP/1.1\r\n\r\n");
    Transcript t;
    t.opened(1, 1, "\"},{\"\n").begin(1, 1, 1, 1, evil).end(1, 1, 1, 5, 200, 0).log(5, trace::LogLevel::Error, QByteArray("\0\"\\", 3));
    t.begin(2, 1, 10, 1, QByteArray("GET /" + QByteArray(30'000, 'a') + " HTTP/1.1\r\n\r\n"));
    const QJsonObject file = written(t);
    QString name;
    QString message;
    for (const QJsonValue &value : file[u"traceEvents"].toArray()) {
        const QJsonObject event = value.toObject();
        if (event[u"cat"].toString() == u"Request" && name.isEmpty())
            name = event[u"name"].toString();
        if (event[u"cat"].toString() == u"Log")
            message = event[u"args"][u"message"].toString();
        QVERIFY(event[u"name"].toString().size() <= 2 * ChromeTraceWriter::maximumTextBytes + 1);
    }
    QVERIFY(name.startsWith(u"GET /\"}],\\x\u0001\u007f\ufffd"_s));
    QVERIFY(name.endsWith(u"</script>\u2028"_s));
    QCOMPARE(message, QString(QChar(u'\0')) + u"\"\\"_s);
}

void tst_ChromeTraceWriter::theFileIsWholeWithoutAnyRecord()
{
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    {
        ChromeTraceWriter writer(buffer); // nobody calls finish()
    }
    QVERIFY(parsed(buffer.data()).contains(u"traceEvents"));
    ChromeTraceWriter writer(buffer);
    QVERIFY(writer.finish());
    QVERIFY(writer.finish()); // twice is once
    QVERIFY(!writer.write(0, Transcript::make(trace::Kind::Turn, 1), {}));
    QVERIFY(!writer.hasFailed());
}

void tst_ChromeTraceWriter::whatIsInFlightIsWrittenUnfinished()
{
    const QJsonObject file = written(test::visitTranscript());
    const QStringList found = events(file, u"Request"_s, u"GET /download?mb=64"_s);
    QCOMPARE(found.size(), 1);
    QVERIFY(found[0].contains(u"\"outcome\":\"unfinished\""_s));
    QVERIFY(found[0].contains(u"\"ts\":100000"_s));
    Transcript t; // more than are remembered
    const quint64 count = ChromeTraceWriter::maximumInFlight + 5;
    for (quint64 n = 1; n <= count; ++n)
        t.begin(n, 1, qint64(n), 1, "GET / HTTP/1.1\r\n\r\n");
    const QJsonObject many = written(t);
    QCOMPARE(many[u"metadata"][u"requestsNotFollowed"].toInt(), 5);
    QCOMPARE(events(many, u"Request"_s, u"GET /"_s).size(), qsizetype(count));
}

namespace {

class FullDevice : public QIODevice {
public:
    explicit FullDevice(qint64 room)
        : m_room(room)
    {
    }

protected:
    qint64 readData(char *, qint64) override { return -1; }
    qint64 writeData(const char *, qint64 size) override
    {
        if (m_room == 0) {
            setErrorString(u"no space left on device"_s);
            return -1;
        }
        const qint64 taken = std::min(size, m_room); // as a disk: a part, without a reason
        m_room -= taken;
        return taken;
    }

private:
    qint64 m_room;
};

} // namespace

void tst_ChromeTraceWriter::aFailingDeviceIsReportedOnce()
{
    FullDevice device(100'000);
    device.open(QIODevice::WriteOnly | QIODevice::Unbuffered);
    ChromeTraceWriter writer(device);
    int good = 0;
    while (writer.write(0, Transcript::make(trace::Kind::Turn, 1, 1), {}))
        ++good;
    QVERIFY(good > 100);
    QCOMPARE(writer.errorString(), u"The trace could not be written: no space left on device."_s);
    QVERIFY(!writer.finish());
    QVERIFY(!writer.write(0, Transcript::make(trace::Kind::Turn, 1, 1), {}));
}

void tst_ChromeTraceWriter::microsecondsAreExact()
{
    const auto us = [](qint64 ns) {
        QByteArray text;
        appendMicroseconds(text, ns);
        return text;
    };
    QCOMPARE(us(0), QByteArray("0.000"));
    QCOMPARE(us(1), QByteArray("0.001"));
    QCOMPARE(us(1'234'567), QByteArray("1234.567"));
    QCOMPARE(us(-1'050), QByteArray("-1.050"));
    QCOMPARE(us(std::numeric_limits<qint64>::max()), QByteArray("9223372036854775.807"));
    QCOMPARE(us(std::numeric_limits<qint64>::min()), QByteArray("-9223372036854775.808"));
}

QTEST_GUILESS_MAIN(tst_ChromeTraceWriter)
#include "tst_chrometracewriter.moc"
