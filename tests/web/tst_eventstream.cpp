// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/httpserver.h"
#include "server/web/application.h"
#include "server/web/eventstream.h"
#include "server/web/middleware/compression.h"
#include "tests/support/loopmain.h"
#include "tests/support/patientserver.h"
#include "tests/support/rawclient.h"
#include "tests/support/testcase.h"
#include "tests/web/decoding.h"
#include "tests/web/injecting.h"

#include <QtNetwork/QHostAddress>

#include <stdexcept>

using namespace loopscope;
using namespace loopscope::web;
using namespace std::chrono_literals;
using test::RawClient;

class tst_EventStream : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void serializes_data();
    void serializes();
    void refusesFieldsOfSeveralLines_data();
    void refusesFieldsOfSeveralLines();
    void anAnswerOfEvents();
    void lastEventIdComesBack();
    void compressedEventsAreFlushed();
    void heartbeatsAreComments();
    void aClientThatLeavesIsNoticed();
    void aSlowReaderIsBoundedAndThenDropped();
    void aSlowReaderThatCatchesUpGetsEveryEvent();
    void theStreamEndsWithItsObject();
};

void tst_EventStream::serializes_data()
{
    QTest::addColumn<QByteArray>("data");
    QTest::addColumn<QByteArray>("event");
    QTest::addColumn<QByteArray>("id");
    QTest::addColumn<int>("retry");
    QTest::addColumn<QByteArray>("text");
    const auto row = [](const char *name, const QByteArray &data, const char *event, const char *id, int retry, const char *text) {
        QTest::newRow(name) << data << QByteArray(event) << QByteArray(id) << retry << QByteArray(text);
    };
    row("data", "hello", nullptr, nullptr, -1, "data: hello\n\n");
    row("all fields", "hello", "greeting", "7", 250, "retry: 250\nid: 7\nevent: greeting\ndata: hello\n\n");
    row("lines", "a\nb", nullptr, nullptr, -1, "data: a\ndata: b\n\n");
    row("lines of all kinds", "a\rb\r\nc\n\rd", nullptr, nullptr, -1, "data: a\ndata: b\ndata: c\ndata: \ndata: d\n\n");
    row("a line end at the end", "a\n", nullptr, nullptr, -1, "data: a\ndata: \n\n");
    row("empty data", "", nullptr, nullptr, -1, "data: \n\n");
    row("data that looks like fields", "x\n\nevent: evil\nid: 1", nullptr, nullptr, -1,
        "data: x\ndata: \ndata: event: evil\ndata: id: 1\n\n");
    row("an id that is empty forgets the last", QByteArray(), nullptr, "", -1, "id: \n\n");
    row("only a retry", QByteArray(), nullptr, nullptr, 0, "retry: 0\n\n");
    row("a space at the start stays", " a", nullptr, nullptr, -1, "data:  a\n\n");
}

void tst_EventStream::serializes()
{
    QFETCH(QByteArray, data);
    QFETCH(QByteArray, event);
    QFETCH(QByteArray, id);
    QFETCH(int, retry);
    QFETCH(QByteArray, text);
    ServerSentEvent sent{data, event, id, {}};
    if (retry >= 0)
        sent.retry = std::chrono::milliseconds(retry);
    QCOMPARE(serializeEvent(sent), text);
    QCOMPARE(serializeComment("a\nb"), QByteArray(": a\n: b\n\n"));
}

void tst_EventStream::refusesFieldsOfSeveralLines_data()
{
    QTest::addColumn<QByteArray>("field");
    QTest::newRow("LF") << QByteArray("a\nb");
    QTest::newRow("CR") << QByteArray("a\rb");
    QTest::newRow("NUL") << QByteArray("a\0b", 3);
}

void tst_EventStream::refusesFieldsOfSeveralLines()
{
    QFETCH(QByteArray, field);
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, (void)serializeEvent({"x", field, {}, {}}));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, (void)serializeEvent({"x", {}, field, {}}));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, (void)serializeEvent({"x", {}, {}, -1ms}));
}

void tst_EventStream::anAnswerOfEvents()
{
    Application app;
    app.get("/", [](Request &req, Response &res) -> loop::Task<> {
        EventStream events(req, res);
        events.send({"one", {}, {}, {}});
        co_await loop::nextTurn();
        events.comment("in between");
        events.send({"two", {}, "2", {}});
        events.close();
        if (events.isOpen() || events.send({"three", {}, {}, {}}))
            throw std::logic_error("the stream is still open");
    });
    const InjectResponse response = test::get(app, "/");
    QCOMPARE(response.status, 200);
    QCOMPARE(response.header("Content-Type"), QByteArrayView("text/event-stream"));
    QCOMPARE(response.header("Cache-Control"), QByteArrayView("no-cache"));
    QCOMPARE(response.body, QByteArray("data: one\n\n: in between\n\nid: 2\ndata: two\n\n"));
    QVERIFY(!response.aborted);
}

void tst_EventStream::lastEventIdComesBack()
{
    Application app;
    app.get("/", [](Request &req, Response &res) {
        EventStream events(req, res);
        events.send({events.lastEventId().isNull() ? QByteArray("from the start") : events.lastEventId().toByteArray(), {}, {}, {}});
    });
    QCOMPARE(test::get(app, "/").body, QByteArray("data: from the start\n\n"));
    QCOMPARE(test::get(app, "/", {{"Last-Event-ID", "41"}}).body, QByteArray("data: 41\n\n"));
}

// A server with one route "/events", whose stream the test holds.
struct Lab {
    explicit Lab(const EventStream::Options &options = {}, bool compressed = false)
        : server(app, test::patientOptions())
    {
        if (compressed)
            app.use(compression());
        app.get("/events", [this, options](Request &req, Response &res) {
            events.emplace(req, res, options);
            events->onClose([this] { ++closed; });
        });
        listening = server.listen(QHostAddress::LocalHost, 0);
    }
    ~Lab() { events.reset(); }

    Application app;
    net::HttpServer server;
    bool listening = false;
    std::optional<EventStream> events;
    int closed = 0;
};

static const QByteArray wanted = "GET /events HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n";

void tst_EventStream::compressedEventsAreFlushed()
{
    Lab lab({}, true);
    RawClient client(lab.server.port());
    client.send(wanted);
    QVERIFY(client.waitFor("Content-Encoding: gzip"));
    QVERIFY(client.waitFor("\r\n\r\n"));
    lab.events->send({"at once", {}, {}, {}});
    const auto body = [&] { // of the chunks that came
        QByteArray chunks = client.received().mid(client.received().indexOf("\r\n\r\n") + 4);
        QByteArray bytes;
        while (!chunks.isEmpty()) {
            const qsizetype end = chunks.indexOf("\r\n");
            const qsizetype size = chunks.first(qMax<qsizetype>(0, end)).toLongLong(nullptr, 16);
            bytes += chunks.mid(end + 2, size);
            chunks = chunks.mid(end + 2 + size + 2);
        }
        return test::inflated(bytes);
    };
    QVERIFY(RawClient::until([&] { return body() == "data: at once\n\n"; }));
    lab.events->send({"and again", {}, {}, {}});
    QVERIFY(RawClient::until([&] { return body() == "data: at once\n\ndata: and again\n\n"; }));
}

void tst_EventStream::heartbeatsAreComments()
{
    EventStream::Options options;
    options.heartbeat = 5ms;
    Lab lab(options);
    RawClient client(lab.server.port());
    client.send(wanted);
    QVERIFY(RawClient::until([&] { return client.received().count(": heartbeat\n\n") >= 2; }));
    lab.events->close();
    QVERIFY(client.waitFor("0\r\n\r\n"));
    QCOMPARE(lab.closed, 0);
}

// Its FIN could also say that it has finished sending; what is written next, a heartbeat at the latest, tells.
void tst_EventStream::aClientThatLeavesIsNoticed()
{
    EventStream::Options options;
    options.heartbeat = 5ms;
    Lab lab(options);
    {
        RawClient client(lab.server.port());
        client.send(wanted);
        QVERIFY(client.waitFor("\r\n\r\n"));
        QVERIFY(lab.events->isOpen());
    }
    QVERIFY(RawClient::until([&] { return lab.closed == 1; }));
    QVERIFY(!lab.events->isOpen());
    QVERIFY(!lab.events->send({"nobody", {}, {}, {}}));
}

void tst_EventStream::aSlowReaderIsBoundedAndThenDropped()
{
    EventStream::Options options;
    options.maximumQueuedBytes = 100'000;
    Lab lab(options);
    RawClient client(lab.server.port());
    client.socket().setReadBufferSize(1024);
    client.send(wanted);
    QVERIFY(RawClient::until([&] { return lab.events.has_value(); }));
    const QByteArray block(10'000, 'x');
    qsizetype most = 0;
    int sent = 0;
    while (lab.events->send({block, {}, {}, {}}) && sent < 10'000) {
        ++sent;
        most = qMax(most, lab.events->queuedBytes());
        QCoreApplication::processEvents();
    }
    QVERIFY2(sent < 10'000, "the slow reader was never dropped");
    QVERIFY(most > 0);
    QVERIFY(most <= options.maximumQueuedBytes);
    QCOMPARE(lab.closed, 1);
    QVERIFY(!lab.events->isOpen());
    QCOMPARE(lab.events->queuedBytes(), 0);
    QVERIFY(RawClient::until([&] { return lab.server.connections() == 0; }));
}

void tst_EventStream::aSlowReaderThatCatchesUpGetsEveryEvent()
{
    EventStream::Options options;
    options.maximumQueuedBytes = 1'000'000;
    Lab lab(options);
    RawClient client(lab.server.port());
    client.socket().setReadBufferSize(1024);
    client.send(wanted);
    QVERIFY(RawClient::until([&] { return lab.events.has_value(); }));
    int sent = 0;
    while (lab.events->queuedBytes() < 500'000 && sent < 10'000) {
        QVERIFY(lab.events->send({QByteArray(10'000, 'x'), {}, QByteArray::number(++sent), {}}));
        QCoreApplication::processEvents();
    }
    QVERIFY(lab.events->queuedBytes() >= 500'000);
    client.socket().setReadBufferSize(0);
    QVERIFY(RawClient::until([&] {
        client.received();
        return lab.events->queuedBytes() == 0;
    }));
    lab.events->close();
    QVERIFY(client.waitFor("0\r\n\r\n"));
    for (int i = 1; i <= sent; ++i)
        QVERIFY2(client.received().contains(QByteArray("id: " + QByteArray::number(i) + "\n")), QByteArray::number(i).constData());
}

void tst_EventStream::theStreamEndsWithItsObject()
{
    Lab lab;
    RawClient client(lab.server.port());
    client.send(wanted);
    QVERIFY(client.waitFor("\r\n\r\n"));
    lab.events.reset();
    QVERIFY(client.waitFor("0\r\n\r\n"));
    QCOMPARE(lab.closed, 0);
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_EventStream)
#include "tst_eventstream.moc"
