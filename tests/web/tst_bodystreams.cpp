// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/workerpool.h"
#include "server/net/httpserver.h"
#include "server/stream/pipeline.h"
#include "server/stream/readstream.h"
#include "server/stream/writestream.h"
#include "server/stream/zlib.h"
#include "server/web/application.h"
#include "server/web/apperror.h"
#include "server/web/encoder.h"
#include "server/web/middleware/json.h"
#include "tests/stream/teststreams.h"
#include "tests/support/loopmain.h"
#include "tests/support/patientserver.h"
#include "tests/support/rawclient.h"
#include "tests/support/testcase.h"
#include "tests/web/decoding.h"
#include "tests/web/injecting.h"

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>

#include <mutex>

using namespace loopscope;
using namespace loopscope::web;
using namespace Qt::StringLiterals;
using stream::createGunzip;
using stream::createGzip;
using stream::createReadStream;
using stream::createWriteStream;
using stream::pipeline;
using test::RawClient;

// Request::stream() and Response::stream(): by injection, and over a connection with slow, stopped and vanishing peers.
class tst_BodyStreams : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void cleanup();
    void aBodyIsPipedIntoAFile();
    void aFileIsPipedIntoTheAnswer_data();
    void aFileIsPipedIntoTheAnswer();
    void aBodyIsPipedIntoItsAnswer_data();
    void aBodyIsPipedIntoItsAnswer();
    void theStreamIsTheSameEachTime();
    void aBodyBeyondItsLimitIs413_data();
    void aBodyBeyondItsLimitIs413();
    void aFileThatIsNotThereIsLeftToTheErrorMiddleware();
    void anErrorInTheMiddleCutsTheAnswer();
    void aBodyIsReadByOneMeansOnly();
    void anAnswerIsEndedByOneMeansOnly();
    void streamsThatNobodyUsesCostNoExchange();
    void listenersMayHoldTheirRequest();
    void aStreamAfterTheEnd();
    void aRestOutlivesTheExchange();
    void aWaitingClientIsToldToGoOn();
    void aSlowReaderStopsTheFile();
    void aBlockedPoolStopsTheClient();
    void aClientThatGoesAwayInItsBody();
    void aClientThatGoesAwayInACompressedBody();
    void aClientThatGoesAwayInTheAnswer();
    void theConnectionGoesOnAfterABodyThatFailed();
};

static QByteArray sample(qsizetype bytes)
{
    QByteArray data(bytes, Qt::Uninitialized);
    for (qsizetype i = 0; i < bytes; ++i)
        data[i] = char((quint64(i) * 2654435761u) >> 17);
    return data;
}

static QByteArray gzipped(const QByteArray &bytes)
{
    QByteArray coded;
    Encoder encoder(Coding::Gzip, {});
    encoder.write(bytes, coded);
    encoder.end(coded);
    return coded;
}

namespace {

// POST /file writes the body to a file, GET /file sends it; what became of each pipeline is in `outcome`.
struct Site {
    Site()
    {
        app.post("/file", [this](Request &req, Response &res) { return store(req, res); }, {maximumBody});
        app.get("/file", [this](Request &, Response &res) { return load(res); });
        app.post("/echo", [](Request &req, Response &res) { return pipeline(req.stream(), res.stream()); }, {maximumBody});
        app.get("/", [](Request &, Response &res) { res.send("still here"_ba); });
    }
    loop::Task<> store(Request &req, Response &res)
    {
        request = req.stream();
        received = &req;
        try {
            co_await pipeline(req.stream(), createWriteStream(path));
            outcome = u"ok"_s;
        } catch (...) {
            outcome = test::nameOf(std::current_exception());
            received = nullptr;
            request.reset();
            throw;
        }
        received = nullptr;
        request.reset();
        res.sendStatus(201);
    }
    loop::Task<> load(Response &res)
    {
        const auto file = createReadStream(path);
        reading = file;
        try {
            co_await pipeline(file, res.stream());
            outcome = u"ok"_s;
        } catch (...) {
            outcome = test::nameOf(std::current_exception());
            throw;
        }
    }
    [[nodiscard]] QByteArray stored() const
    {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("(no file)");
    }
    void put(const QByteArray &bytes) const
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(bytes), bytes.size());
    }
    static constexpr qint64 maximumBody = 256 * 1024 * 1024;
    QTemporaryDir dir;
    QString path = dir.filePath(u"file"_s);
    Application app;
    QString outcome;
    std::shared_ptr<stream::Readable> request;
    Request *received = nullptr;
    std::weak_ptr<stream::ReadStream> reading;
};

QByteArray postHead(qsizetype bytes, const QByteArray &target = "/file", const QByteArray &more = {})
{
    return "POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + QByteArray::number(bytes) + "\r\n" + more
        + "\r\n";
}

} // namespace

void tst_BodyStreams::cleanup()
{
    QVERIFY(RawClient::until([] { return stream::OpenFile::count() == 0; }));
}

void tst_BodyStreams::aBodyIsPipedIntoAFile()
{
    Site site;
    site.app.post("/gzip", [&](Request &req, Response &res) -> loop::Task<> {
        co_await pipeline(req.stream(), createGunzip(), createWriteStream(site.path));
        res.sendStatus(201);
    });
    for (const qsizetype bytes : {0, 1, 64 * 1024, 700'000}) {
        const QByteArray data = sample(bytes);
        QCOMPARE(test::inject(site.app, {.method = "POST", .target = "/gzip", .headers = {}, .body = gzipped(data)}).status,
                 201);
        QVERIFY(site.stored() == data);
    }
    QCOMPARE(test::inject(site.app, {.method = "POST", .target = "/file", .headers = {}, .body = {}}).status, 201);
    QCOMPARE(site.stored(), QByteArray());
    QVERIFY(RawClient::until([&] { return site.app.exchanges() == 0; }));
}

void tst_BodyStreams::aFileIsPipedIntoTheAnswer_data()
{
    QTest::addColumn<qsizetype>("bytes");
    QTest::newRow("nothing") << qsizetype(0);
    QTest::newRow("a byte") << qsizetype(1);
    QTest::newRow("several chunks") << qsizetype(700'000);
}

void tst_BodyStreams::aFileIsPipedIntoTheAnswer()
{
    QFETCH(qsizetype, bytes);
    Site site;
    const QByteArray data = sample(bytes);
    site.put(data);
    site.app.get("/gzip", [&](Request &, Response &res) -> loop::Task<> {
        res.set("Content-Encoding", "gzip");
        co_await pipeline(createReadStream(site.path), createGzip(), res.stream());
        site.outcome = u"gzipped"_s;
    });
    const InjectResponse plain = test::get(site.app, "/file");
    QCOMPARE(plain.status, 200);
    QVERIFY(plain.body == data);
    QVERIFY(!plain.aborted);
    QCOMPARE(plain.contentLength, bytes == 0 ? 0 : -1);
    QVERIFY(RawClient::until([&] { return site.outcome == u"ok"_s; }));
    const InjectResponse coded = test::get(site.app, "/gzip");
    bool whole = false;
    QVERIFY(test::inflated(coded.body, &whole) == data);
    QVERIFY(whole);
    QVERIFY(RawClient::until([&] { return site.outcome == u"gzipped"_s && site.app.exchanges() == 0; }));
}

void tst_BodyStreams::aBodyIsPipedIntoItsAnswer_data()
{
    aFileIsPipedIntoTheAnswer_data();
}

void tst_BodyStreams::aBodyIsPipedIntoItsAnswer()
{
    QFETCH(qsizetype, bytes);
    Site site;
    const QByteArray data = sample(bytes);
    const InjectResponse echo =
        test::inject(site.app, {.method = "POST", .target = "/echo", .headers = {}, .body = data});
    QCOMPARE(echo.status, 200);
    QVERIFY(echo.body == data);
    net::HttpServer server(site.app, test::patientOptions());
    QVERIFY(server.listen(QHostAddress::LocalHost, 0));
    RawClient client(server.port());
    const QByteArray answer = client.exchange(postHead(bytes, "/echo", "Connection: close\r\n") + data);
    QVERIFY(answer.startsWith("HTTP/1.1 200 OK\r\n"));
    if (bytes == 1)
        QVERIFY(answer.endsWith(QByteArray("\r\n\r\n1\r\n" + data + "\r\n0\r\n\r\n")));
    QVERIFY(RawClient::until([&] { return site.app.exchanges() == 0; }));
}

void tst_BodyStreams::theStreamIsTheSameEachTime()
{
    Application app;
    app.post("/", [](Request &req, Response &res) {
        const bool same = req.stream() == req.stream() && res.stream() == res.stream();
        res.send(same ? "same"_ba : "another"_ba);
    });
    QCOMPARE(test::inject(app, {.method = "POST", .target = "/", .headers = {}, .body = "x"}).body, QByteArray("same"));
}

void tst_BodyStreams::aBodyBeyondItsLimitIs413_data()
{
    QTest::addColumn<bool>("chunked");
    QTest::newRow("announced") << false;
    QTest::newRow("chunked") << true;
}

void tst_BodyStreams::aBodyBeyondItsLimitIs413()
{
    QFETCH(bool, chunked);
    Site site;
    QString outcome;
    site.app.post("/small", [&](Request &req, Response &res) -> loop::Task<> {
        req.setMaxBodyBytes(10);
        try {
            co_await pipeline(req.stream(), createWriteStream(site.path));
        } catch (const AppError &error) {
            outcome = QString::fromLatin1(error.code());
            throw;
        }
        res.sendStatus(201);
    });
    InjectRequest request{.method = "POST", .target = "/small", .headers = {}, .body = sample(11)};
    if (chunked) {
        request.headers.append("Transfer-Encoding", "chunked");
        request.body = "6\r\nabcdef\r\n5\r\nghijk\r\n0\r\n\r\n";
    }
    QCOMPARE(test::inject(site.app, request).status, 413);
    QCOMPARE(outcome, u"ERR_BODY_TOO_LARGE"_s);
    QVERIFY(RawClient::until([&] { return site.app.exchanges() == 0; }));
}

void tst_BodyStreams::aFileThatIsNotThereIsLeftToTheErrorMiddleware()
{
    Site site;
    site.app.use([](std::exception_ptr error, Request &, Response &res, Next) {
        res.status(404).send(test::nameOf(error).toUtf8());
    });
    const InjectResponse response = test::get(site.app, "/file");
    QCOMPARE(response.status, 404);
    QCOMPARE(response.body, QByteArray("ENOENT"));
    QVERIFY(!response.aborted);
    QVERIFY(RawClient::until([&] { return site.app.exchanges() == 0; }));
}

void tst_BodyStreams::anErrorInTheMiddleCutsTheAnswer()
{
    Application app;
    app.get("/", [](Request &, Response &res) -> loop::Task<> {
        const auto source = std::make_shared<test::TestReadable>();
        source->read_ = [pushed = false](test::TestReadable &self) mutable {
            if (std::exchange(pushed, true))
                self.destroy(test::bad());
            else
                self.push("the first part");
        };
        co_await pipeline(source, res.stream());
    });
    const InjectResponse response = test::get(app, "/");
    QCOMPARE(response.status, 200);
    QVERIFY(response.aborted);
    QCOMPARE(response.body, QByteArray("the first part"));
    QVERIFY(RawClient::until([&] { return app.exchanges() == 0; }));
}

void tst_BodyStreams::aBodyIsReadByOneMeansOnly()
{
    Application app;
    app.post("/read", [](Request &req, Response &res) -> loop::Task<> {
        QByteArray said = co_await req.read() + ": ";
        try {
            co_await pipeline(req.stream(), std::make_shared<test::TestWritable>());
        } catch (const std::logic_error &error) {
            said += error.what();
        }
        res.send(said);
    });
    app.post("/stream", [](Request &req, Response &res) -> loop::Task<> {
        const auto body = req.stream();
        QByteArray said;
        try {
            said = co_await req.read();
        } catch (const std::logic_error &error) {
            said = error.what();
        }
        res.send(said);
    });
    InjectRequest request{.method = "POST", .target = "/read", .headers = {}, .body = "body"};
    QCOMPARE(test::inject(app, request).body, QByteArray("body: the body was read already"));
    request.target = "/stream";
    QCOMPARE(test::inject(app, request).body, QByteArray("the body was read already"));
}

void tst_BodyStreams::anAnswerIsEndedByOneMeansOnly()
{
    Application app;
    QString outcome;
    app.get("/", [&](Request &, Response &res) -> loop::Task<> {
        const auto body = res.stream();
        res.send("sent"_ba);
        try {
            co_await pipeline(std::make_shared<test::TestReadable>(), body);
        } catch (...) {
            outcome = test::nameOf(std::current_exception());
        }
    });
    QCOMPARE(test::get(app, "/").body, QByteArray("sent"));
    QVERIFY(RawClient::until([&] { return !outcome.isEmpty() && app.exchanges() == 0; }));
    QCOMPARE(outcome, u"ERR_STREAM_PREMATURE_CLOSE"_s);
}

void tst_BodyStreams::streamsThatNobodyUsesCostNoExchange()
{
    Application app;
    app.post("/", [](Request &req, Response &res) {
        (void)req.stream();
        (void)res.stream();
        res.sendStatus(200);
    });
    for (int i = 0; i < 3; ++i)
        QCOMPARE(test::inject(app, {.method = "POST", .target = "/", .headers = {}, .body = sample(100'000)}).status, 200);
    QVERIFY(RawClient::until([&] { return app.exchanges() == 0; }));
}

void tst_BodyStreams::listenersMayHoldTheirRequest()
{
    Application app;
    app.post("/", [](Request &req, Response &res) {
        req.stream()->onEnd([kept = req.hold()] { QFAIL("nobody reads it"); });
        res.stream()->onDrain([kept = res.hold()] { QFAIL("nobody writes"); });
        res.sendStatus(200);
    });
    QCOMPARE(test::inject(app, {.method = "POST", .target = "/", .headers = {}, .body = "body"}).status, 200);
    QVERIFY(RawClient::until([&] { return app.exchanges() == 0; }));
}

void tst_BodyStreams::aStreamAfterTheEnd()
{
    Application app;
    QString outcome;
    QByteArray read;
    app.post("/", [&](Request &req, Response &res) -> loop::Task<> {
        co_await loop::nextTurn();
        res.sendStatus(200);
        co_await loop::nextTurn();
        const auto sink = std::make_shared<test::TestWritable>();
        sink->write_ = [&](QByteArray chunk, test::Done done) {
            read += chunk;
            done(nullptr);
        };
        co_await pipeline(req.stream(), sink); // it had come whole
        try {
            co_await pipeline(std::make_shared<test::TestReadable>(), res.stream());
        } catch (...) {
            outcome = test::nameOf(std::current_exception());
        }
    });
    QCOMPARE(test::inject(app, {.method = "POST", .target = "/", .headers = {}, .body = "body"}).status, 200);
    QVERIFY(RawClient::until([&] { return !outcome.isEmpty() && app.exchanges() == 0; }));
    QCOMPARE(read, QByteArray("body"));
    QCOMPARE(outcome, u"ERR_STREAM_PREMATURE_CLOSE"_s);
}

// What came whole can be read when the exchange is over, by whoever holds the stream.
void tst_BodyStreams::aRestOutlivesTheExchange()
{
    Application app;
    std::shared_ptr<stream::Readable> body;
    app.post("/", [&](Request &req, Response &) { body = req.stream(); });
    net::HttpServer server(app, test::patientOptions());
    QVERIFY(server.listen(QHostAddress::LocalHost, 0));
    const QByteArray data = sample(50'000);
    {
        RawClient client(server.port());
        client.send(postHead(data.size(), "/") + data);
        QVERIFY(RawClient::until([&] { return body != nullptr; }));
        (void)body->read(0);
        QVERIFY(RawClient::until([&] { return body->readableLength() == data.size(); }));
        server.cut();
    }
    QVERIFY(RawClient::until([&] { return app.exchanges() == 0; }));
    QByteArray read;
    bool ended = false;
    body->onData([&](const QByteArray &chunk) { read += chunk; });
    body->onEnd([&] { ended = true; });
    QVERIFY(RawClient::until([&] { return ended; }));
    QVERIFY(read == data);
}

// --- over a connection ---

void tst_BodyStreams::aWaitingClientIsToldToGoOn()
{
    Site site;
    net::HttpServer server(site.app, test::patientOptions());
    QVERIFY(server.listen(QHostAddress::LocalHost, 0));
    RawClient client(server.port());
    client.send(postHead(4, "/file", "Expect: 100-continue\r\n"));
    QVERIFY(client.waitFor("HTTP/1.1 100 Continue\r\n\r\n"));
    client.send("body");
    QVERIFY(client.waitFor("HTTP/1.1 201 Created\r\n"));
    QCOMPARE(site.stored(), QByteArray("body"));
}

void tst_BodyStreams::aSlowReaderStopsTheFile()
{
    Site site;
    const QByteArray data = sample(48 * 1024 * 1024);
    site.put(data);
    net::HttpServer server(site.app, test::patientOptions());
    QVERIFY(server.listen(QHostAddress::LocalHost, 0));
    RawClient client(server.port());
    client.socket().setReadBufferSize(64 * 1024);
    client.send("GET /file HTTP/1.0\r\nHost: x\r\n\r\n");
    const auto bytesRead = [&] {
        const auto file = site.reading.lock();
        return file ? file->bytesRead() : 0;
    };
    QVERIFY(RawClient::until([&] { return bytesRead() > 0; }));
    QVERIFY(RawClient::untilSteady(bytesRead));
    QVERIFY2(bytesRead() < data.size() / 2, QByteArray::number(bytesRead()).constData()); // the kernel's buffers, and a little
    QVERIFY(site.outcome.isEmpty());
    client.socket().setReadBufferSize(0);
    QVERIFY(client.waitForClose());
    QVERIFY(RawClient::until([&] { return !site.outcome.isEmpty(); })); // it may hear of the end after the client
    QCOMPARE(site.outcome, u"ok"_s);
    const qsizetype body = client.received().indexOf("\r\n\r\n") + 4;
    QVERIFY(QByteArrayView(client.received()).sliced(body) == data);
    QVERIFY(RawClient::until([&] { return site.app.exchanges() == 0; }));
}

void tst_BodyStreams::aBlockedPoolStopsTheClient()
{
    Site site;
    net::HttpServer server(site.app, test::patientOptions());
    QVERIFY(server.listen(QHostAddress::LocalHost, 0));
    loop::WorkerPool &pool = loop::EventLoop::current()->pool();
    std::mutex mutex;
    mutex.lock();
    for (int i = 0; i < pool.threads(); ++i)
        pool.submit("block", [&] { const std::lock_guard lock(mutex); }, [](std::exception_ptr) { });
    const QByteArray data = sample(48 * 1024 * 1024);
    RawClient client(server.port());
    client.send(postHead(data.size()));
    client.send(data);
    const auto receivedBytes = [&] { return site.received ? site.received->receivedBytes() : 0; };
    const bool came = RawClient::until([&] { return receivedBytes() > 0; });
    const bool settled = RawClient::untilSteady(receivedBytes);
    const qint64 taken = receivedBytes();
    mutex.unlock();
    QVERIFY(came && settled);
    QVERIFY2(taken < 1024 * 1024, QByteArray::number(taken).constData()); // two buffers of streams, the request's, and a read
    QVERIFY(client.waitFor("HTTP/1.1 201 Created\r\n"));
    QCOMPARE(site.outcome, u"ok"_s);
    QVERIFY(site.stored() == data);
}

void tst_BodyStreams::aClientThatGoesAwayInItsBody()
{
    Site site;
    net::HttpServer server(site.app, test::patientOptions());
    QVERIFY(server.listen(QHostAddress::LocalHost, 0));
    {
        RawClient client(server.port());
        client.send(postHead(1'000'000) + sample(300'000));
        QVERIFY(RawClient::until([&] { return QFile(site.path).size() > 0; }));
        QCOMPARE(stream::OpenFile::count(), 1);
        QCOMPARE(site.app.exchanges(), 1);
    }
    QVERIFY(RawClient::until([&] { return site.app.exchanges() == 0; }));
    QCOMPARE(site.outcome, u"ERR_STREAM_PREMATURE_CLOSE"_s);
    QVERIFY(RawClient::until([&] { return stream::OpenFile::count() == 0; }));
    QCOMPARE(server.connections(), 0);
}

void tst_BodyStreams::aClientThatGoesAwayInACompressedBody()
{
    Application app;
    bool reading = false;
    QString outcome;
    app.use([&](Request &, Response &, Next next) {
        reading = true;
        next();
    });
    app.use(json());
    app.use([&](std::exception_ptr error, Request &, Response &, Next) {
        try {
            std::rethrow_exception(error);
        } catch (const RequestAborted &) {
            outcome = u"aborted"_s;
        } catch (...) {
            outcome = test::nameOf(std::current_exception());
        }
    });
    net::HttpServer server(app, test::patientOptions());
    QVERIFY(server.listen(QHostAddress::LocalHost, 0));
    {
        RawClient client(server.port());
        client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
                    "Content-Length: 1000\r\n\r\n\x1f\x8b");
        QVERIFY(RawClient::until([&] { return reading; }));
        QCOMPARE(app.exchanges(), 1);
    }
    QVERIFY(RawClient::until([&] { return app.exchanges() == 0; }));
    QCOMPARE(outcome, u"aborted"_s);
    QCOMPARE(server.connections(), 0);
}

void tst_BodyStreams::aClientThatGoesAwayInTheAnswer()
{
    Site site;
    site.put(sample(48 * 1024 * 1024));
    net::HttpServer server(site.app, test::patientOptions());
    QVERIFY(server.listen(QHostAddress::LocalHost, 0));
    {
        RawClient client(server.port());
        client.socket().setReadBufferSize(64 * 1024);
        client.send("GET /file HTTP/1.1\r\nHost: x\r\n\r\n");
        QVERIFY(client.waitForBytes(1000));
        QCOMPARE(stream::OpenFile::count(), 1);
    }
    QVERIFY(RawClient::until([&] { return site.app.exchanges() == 0; }));
    QCOMPARE(site.outcome, u"ERR_STREAM_PREMATURE_CLOSE"_s);
    QVERIFY(RawClient::until([&] { return stream::OpenFile::count() == 0; }));
    QVERIFY(site.reading.expired());
    QCOMPARE(server.connections(), 0);
}

void tst_BodyStreams::theConnectionGoesOnAfterABodyThatFailed()
{
    Site site;
    site.path = site.dir.filePath(u"no/such/folder"_s);
    net::HttpServer server(site.app, test::patientOptions());
    QVERIFY(server.listen(QHostAddress::LocalHost, 0));
    for (const qsizetype bytes : {10, 100'000, 600'000}) {
        RawClient client(server.port());
        client.send(postHead(bytes) + sample(bytes));
        QVERIFY(client.waitFor("HTTP/1.1 500 "));
        QCOMPARE(site.outcome, u"ENOENT"_s);
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        QVERIFY2(client.waitFor("still here"), QByteArray::number(bytes).constData());
    }
    QVERIFY(RawClient::until([&] { return site.app.exchanges() == 0; }));
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_BodyStreams)
#include "tst_bodystreams.moc"
