// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/httpserver.h"
#include "server/web/application.h"
#include "server/web/middleware/compression.h"
#include "server/web/middleware/servestatic.h"
#include "tests/support/loopmain.h"
#include "tests/support/patientserver.h"
#include "tests/support/rawclient.h"
#include "tests/support/testcase.h"
#include "tests/web/decoding.h"
#include "tests/web/injecting.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtNetwork/QHostAddress>

using namespace loopscope;
using namespace loopscope::web;
using namespace Qt::StringLiterals;
using test::get;
using test::RawClient;

// The middleware among others, and large files over real sockets.
class tst_ServeStatic : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void mountedItLooksBehindThePrefix();
    void fallthroughGoesToTheNextHandler();
    void withoutFallthroughItAnswersItself();
    void whatIsCompressible();
    void aLargeFileComesWhole();
    void requestsOnOneConnectionShareNothing();
    void aSlowReaderCostsTwoBlocks();
    void aClientMayLeaveAtEveryPoint_data();
    void aClientMayLeaveAtEveryPoint();
    void aFileThatShrinksClosesTheConnection();
    void theServerMayEndMeanwhile();
};

static void put(const QTemporaryDir &dir, const QString &name, const QByteArray &bytes)
{
    QDir().mkpath(QFileInfo(dir.filePath(name)).path());
    QFile file(dir.filePath(name));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
}

static QByteArray sample(qsizetype bytes)
{
    QByteArray data(bytes, Qt::Uninitialized);
    for (qsizetype i = 0; i < bytes; ++i)
        data[i] = char((i * 2654435761u) >> 13);
    return data;
}

void tst_ServeStatic::mountedItLooksBehindThePrefix()
{
    QTemporaryDir dir;
    put(dir, u"a.txt"_s, "a");
    put(dir, u"index.html"_s, "index");
    put(dir, u"static/a.txt"_s, "wrong");
    auto router = std::make_shared<Router>();
    router->use("/files", serveStatic(dir.path()));
    Application app;
    app.use("/static", serveStatic(dir.path()));
    app.use("/mount", router);
    QCOMPARE(get(app, "/static/a.txt").body, QByteArray("a"));
    QCOMPARE(get(app, "/mount/files/a.txt").body, QByteArray("a"));
    QCOMPARE(get(app, "/static/").body, QByteArray("index"));
    QCOMPARE(get(app, "/static").header("Location"), QByteArrayView("/static/"));
    QCOMPARE(get(app, "/staticx/a.txt").status, 404);
    QCOMPARE(get(app, "/static/a.txt?v=1").body, QByteArray("a"));
}

void tst_ServeStatic::fallthroughGoesToTheNextHandler()
{
    QTemporaryDir dir;
    QTemporaryDir second;
    put(dir, u"a.txt"_s, "first");
    put(second, u"a.txt"_s, "never");
    put(second, u"b.txt"_s, "second");
    put(second, u"none.txt"_s, "x");
    Application app;
    app.use(serveStatic(dir.path()));
    app.use(serveStatic(second.path()));
    app.use([](Request &, Response &res) { res.send(u"neither"_s); });
    QCOMPARE(get(app, "/a.txt").body, QByteArray("first"));
    QCOMPARE(get(app, "/b.txt").body, QByteArray("second"));
    for (const char *target : {"/none", "/../a.txt", "/%00", "/%zz", "/.env"})
        QCOMPARE(get(app, target).body, QByteArray("neither"));
    QCOMPARE(get(app, "/a.txt", {}, "POST").body, QByteArray("neither"));
}

void tst_ServeStatic::withoutFallthroughItAnswersItself()
{
    QTemporaryDir dir;
    put(dir, u"a.txt"_s, "a");
    StaticOptions options;
    options.fallthrough = false;
    options.dotfiles = Dotfiles::Deny;
    Application app;
    app.use(serveStatic(dir.path(), options));
    app.use([](Request &, Response &res) { res.send(u"never"_s); });
    QCOMPARE(get(app, "/a.txt").status, 200);
    QCOMPARE(get(app, "/none").status, 404);
    QCOMPARE(get(app, "/../a.txt").status, 403);
    QCOMPARE(get(app, "/.env").status, 403);
    QCOMPARE(get(app, "/%00").status, 400);
    const InjectResponse response = get(app, "/a.txt", {}, "POST");
    QCOMPARE(response.status, 405);
    QCOMPARE(response.header("Allow"), QByteArrayView("GET, HEAD"));
}

void tst_ServeStatic::whatIsCompressible()
{
    QTemporaryDir dir;
    const QByteArray text = QByteArray("a line of text\n").repeated(100'000);
    put(dir, u"a.txt"_s, text);
    Application app;
    app.use(compression());
    app.use(serveStatic(dir.path()));
    const InjectResponse whole = get(app, "/a.txt", {{"Accept-Encoding", "gzip"}});
    QCOMPARE(whole.header("Content-Encoding"), QByteArrayView("gzip"));
    QVERIFY(test::inflated(whole.body) == text);
    const InjectResponse part = get(app, "/a.txt", {{"Accept-Encoding", "gzip"}, {"Range", "bytes=0-1999"}});
    QCOMPARE(part.status, 206);
    QVERIFY(part.header("Content-Encoding").isNull());
    QCOMPARE(part.body, text.first(2000));
    const QByteArray etag = whole.header("ETag").toByteArray();
    QCOMPARE(get(app, "/a.txt", {{"Accept-Encoding", "gzip"}, {"If-None-Match", etag}}).status, 304);
}

// A server of one folder.
struct Lab {
    explicit Lab(const StaticOptions &options = {})
        : files(dir.path(), options)
    {
        app.use(serveStatic(files));
        server.emplace(app, test::patientOptions());
        listening = server->listen(QHostAddress::LocalHost, 0);
    }
    QTemporaryDir dir;
    FileSender files;
    Application app;
    std::optional<net::HttpServer> server;
    bool listening = false;
};

static QByteArray wanted(const char *path, const QByteArray &headers = {})
{
    return QByteArray("GET ") + path + " HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
}

static QByteArray bodyOf(const QByteArray &received)
{
    return received.mid(received.indexOf("\r\n\r\n") + 4);
}

void tst_ServeStatic::aLargeFileComesWhole()
{
    Lab lab;
    QVERIFY(lab.listening);
    const QByteArray data = sample(5'000'001);
    put(lab.dir, u"data.bin"_s, data);
    RawClient client(lab.server->port());
    client.send(wanted("/data.bin", "Connection: close\r\n"));
    QVERIFY(client.waitForClose());
    QVERIFY(client.received().contains("\r\nContent-Length: 5000001\r\n"));
    QVERIFY(bodyOf(client.received()) == data);
    QVERIFY(RawClient::until([&] { return lab.files.openFiles() == 0; }));
}

void tst_ServeStatic::requestsOnOneConnectionShareNothing()
{
    Lab lab;
    const QByteArray data = sample(700'000);
    put(lab.dir, u"data.bin"_s, data);
    put(lab.dir, u"small.txt"_s, "small");
    RawClient client(lab.server->port());
    client.send(wanted("/data.bin") + wanted("/small.txt") + wanted("/none") + wanted("/data.bin", "Range: bytes=-10\r\n")
                + wanted("/small.txt", "Connection: close\r\n"));
    QVERIFY(client.waitForClose());
    const QByteArray all = client.received();
    QVERIFY(bodyOf(all).startsWith(data));
    const QByteArray rest = bodyOf(all).mid(data.size());
    QCOMPARE(rest.count("\r\n\r\nsmall"), 2);
    QVERIFY(rest.contains("HTTP/1.1 404 "));
    QVERIFY(rest.contains(QByteArray("\r\n\r\n" + data.last(10) + "HTTP/1.1 200 ")));
}

void tst_ServeStatic::aSlowReaderCostsTwoBlocks()
{
    StaticOptions options;
    options.blockBytes = 128 * 1024;
    Lab lab(options);
    constexpr qint64 bytes = 64 * 1024 * 1024;
    QFile file(lab.dir.filePath(u"huge.bin"_s));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.resize(bytes));
    trace::Trace &trace = test::theTrace();
    qint64 offered = 0;
    qint64 waiting = 0;
    const auto look = [&] {
        trace.drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
            if (record.kind == trace::Kind::ResponseChunk)
                offered = qint64(record.id) + record.value;
            if (record.kind == trace::Kind::Backpressure)
                waiting = qMax(waiting, record.value);
        });
    };
    look();
    offered = waiting = 0;
    RawClient client(lab.server->port());
    client.socket().setReadBufferSize(1024);
    client.send(wanted("/huge.bin"));
    QVERIFY(RawClient::until([&] {
        look();
        return waiting > 0;
    }));
    QVERIFY(RawClient::untilSteady([&] { // nothing more is offered while nobody reads
        look();
        return offered;
    }));
    QVERIFY2(offered < bytes / 2, "the sender never had to wait");
    QCOMPARE(lab.files.openFiles(), 1);
    // What waits for the client is a piece more than the high-water mark at most, now and all the way.
    const qint64 most = 64 * 1024 + net::ServerOptions().highWaterMark + 1024;
    client.socket().setReadBufferSize(256 * 1024);
    qint64 received = 0;
    QVERIFY(RawClient::until([&] {
        received += client.socket().readAll().size();
        look();
        return received > bytes;
    }));
    QVERIFY2(waiting <= most, QByteArray::number(waiting).constData());
    QCOMPARE(offered, bytes);
    QVERIFY(RawClient::until([&] { return lab.files.openFiles() == 0; }));
}

void tst_ServeStatic::aClientMayLeaveAtEveryPoint_data()
{
    QTest::addColumn<QByteArray>("headers");
    QTest::addColumn<qint64>("readBytes"); // before it leaves; -1: it does not wait for anything
    const qint64 points[] = {-1, 1, 100, 1000, 20'000, 150'000, 500'000, 1'500'000};
    for (const qint64 point : points) {
        QTest::addRow("the whole, after %lld bytes", point) << QByteArray() << point;
        QTest::addRow("two parts, after %lld bytes", point) << QByteArray("Range: bytes=0-899999,1000000-1900000\r\n") << point;
    }
}

void tst_ServeStatic::aClientMayLeaveAtEveryPoint()
{
    QFETCH(QByteArray, headers);
    QFETCH(qint64, readBytes);
    StaticOptions options;
    options.blockBytes = 64 * 1024;
    Lab lab(options);
    QFile file(lab.dir.filePath(u"data.bin"_s));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.resize(64 * 1024 * 1024));
    {
        RawClient client(lab.server->port());
        client.socket().setReadBufferSize(16 * 1024);
        client.send(wanted("/data.bin", headers));
        qint64 received = 0;
        QVERIFY(RawClient::until([&] {
            received += client.socket().readAll().size();
            return received >= readBytes;
        }));
        client.socket().abort();
    }
    QVERIFY(RawClient::until([&] { return lab.server->connections() == 0 && lab.files.openFiles() == 0; }));
    RawClient again(lab.server->port()); // the server is none the worse
    again.send(wanted("/data.bin", "Range: bytes=0-4\r\n"));
    QVERIFY(again.waitFor(QByteArray("\r\n\r\n") + QByteArray(5, '\0')));
}

void tst_ServeStatic::aFileThatShrinksClosesTheConnection()
{
    StaticOptions options;
    options.blockBytes = 64 * 1024;
    Lab lab(options);
    QFile file(lab.dir.filePath(u"data.bin"_s));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.resize(64 * 1024 * 1024));
    RawClient client(lab.server->port());
    client.socket().setReadBufferSize(1024);
    client.send(wanted("/data.bin"));
    QVERIFY(client.waitForBytes(1));
    QVERIFY(file.resize(1024 * 1024));
    client.socket().setReadBufferSize(0);
    QVERIFY(client.waitForClose());
    QVERIFY(client.received().contains("\r\nContent-Length: 67108864\r\n"));
    QVERIFY(bodyOf(client.received()).size() < 64 * 1024 * 1024);
    QVERIFY(RawClient::until([&] { return lab.files.openFiles() == 0; }));
}

void tst_ServeStatic::theServerMayEndMeanwhile()
{
    Lab lab;
    QFile file(lab.dir.filePath(u"data.bin"_s));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.resize(64 * 1024 * 1024));
    RawClient client(lab.server->port());
    client.socket().setReadBufferSize(1024);
    client.send(wanted("/data.bin"));
    QVERIFY(client.waitForBytes(1));
    lab.server.reset();
    QVERIFY(RawClient::until([&] { return lab.files.openFiles() == 0; }));
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_ServeStatic)
#include "tst_servestatic.moc"
