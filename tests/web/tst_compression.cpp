// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/workerpool.h"
#include "server/web/application.h"
#include "server/web/middleware/compression.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"
#include "tests/web/decoding.h"
#include "tests/web/injecting.h"

#include <QtCore/QRandomGenerator>
#include <QtCore/QSemaphore>

#include <algorithm>

using namespace loopscope;
using namespace loopscope::web;
using namespace Qt::StringLiterals;
using test::get;

// The middleware by injection; the encoder below it by decoding what it makes.
class tst_Compression : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void theEncoderGivesBackEveryByte_data();
    void theEncoderGivesBackEveryByte();
    void aFlushLetsTheReaderHaveAllSoFar_data();
    void aFlushLetsTheReaderHaveAllSoFar();
    void choosesByAcceptEncoding_data();
    void choosesByAcceptEncoding();
    void leavesAlone_data();
    void leavesAlone();
    void theHeadTellsOfIt();
    void headSaysWhatGetWould_data();
    void headSaysWhatGetWould();
    void notModifiedSaysWhatThe200Would_data();
    void notModifiedSaysWhatThe200Would();
    void theThresholdIsExact();
    void aLargeBodyIsCompressedByAWorker_data();
    void aLargeBodyIsCompressedByAWorker();
    void aLargeAnswerHasEndedForItsHandler();
    void withoutAWorkerTheLoopCompresses();
    void piecesAreChunkedAndFlushed();
    void aPieceOfUnknownLengthIsCompressedWhateverItsSize();
    void anErrorIsAnsweredAsItIs();
};

static QByteArray decoded(QByteArrayView coding, const QByteArray &body, bool *whole = nullptr)
{
    return coding == QByteArrayView("br") ? test::unbrotlied(body, whole) : test::inflated(body, whole);
}

static QByteArray sample(qsizetype bytes, bool random)
{
    QRandomGenerator generator(7);
    QByteArray text;
    text.reserve(bytes + 32);
    while (text.size() < bytes)
        text += random ? QByteArray(1, char(generator.bounded(256))) : "line " + QByteArray::number(text.size()) + '\n';
    return text.first(bytes);
}

void tst_Compression::theEncoderGivesBackEveryByte_data()
{
    QTest::addColumn<Coding>("coding");
    QTest::addColumn<qsizetype>("bytes");
    QTest::addColumn<bool>("random");
    for (const Coding coding : {Coding::Gzip, Coding::Deflate, Coding::Brotli}) {
        for (const qsizetype bytes : {0, 1, 1024, 16 * 1024, 300'000}) {
            for (const bool random : {false, true}) {
                const QByteArray name = toString(coding).toByteArray() + ", " + QByteArray::number(bytes)
                    + (random ? " random bytes" : " bytes of text");
                QTest::newRow(name.constData()) << coding << bytes << random;
            }
        }
    }
}

void tst_Compression::theEncoderGivesBackEveryByte()
{
    QFETCH(Coding, coding);
    QFETCH(qsizetype, bytes);
    QFETCH(bool, random);
    const QByteArray text = sample(bytes, random);
    for (const qsizetype step : {qsizetype(1000), bytes + 1}) {
        Encoder encoder(coding, {});
        QByteArray coded;
        for (qsizetype at = 0; at < bytes; at += step)
            encoder.write(QByteArrayView(text).sliced(at, qMin(step, bytes - at)), coded);
        encoder.end(coded);
        bool whole = false;
        QVERIFY(decoded(toString(coding), coded, &whole) == text);
        QVERIFY(whole);
        if (!random && bytes > 10'000)
            QVERIFY(coded.size() < bytes / 2);
    }
}

void tst_Compression::aFlushLetsTheReaderHaveAllSoFar_data()
{
    QTest::addColumn<Coding>("coding");
    QTest::newRow("gzip") << Coding::Gzip;
    QTest::newRow("deflate") << Coding::Deflate;
    QTest::newRow("br") << Coding::Brotli;
}

void tst_Compression::aFlushLetsTheReaderHaveAllSoFar()
{
    QFETCH(Coding, coding);
    Encoder encoder(coding, {});
    QByteArray coded;
    QByteArray text;
    for (int i = 0; i < 20; ++i) {
        const QByteArray piece = sample(i * 37, i % 2);
        text += piece;
        encoder.write(piece, coded);
        encoder.flush(coded);
        bool whole = true;
        QVERIFY(decoded(toString(coding), coded, &whole) == text);
        QVERIFY(!whole);
    }
}

// Serves `text` of a type at "/".
struct Site {
    explicit Site(const CompressionOptions &options = {})
    {
        app.use(compression(options));
        app.all("/", [this](Request &, Response &res) {
            res.type(type);
            if (prepare)
                prepare(res);
            res.send(text);
        });
    }
    Application app;
    QByteArray type = "text/plain";
    QByteArray text = sample(5000, false);
    std::function<void(Response &)> prepare;
};

void tst_Compression::choosesByAcceptEncoding_data()
{
    QTest::addColumn<QByteArray>("accept");
    QTest::addColumn<QByteArray>("coding");
    QTest::newRow("gzip") << QByteArray("gzip") << QByteArray("gzip");
    QTest::newRow("deflate") << QByteArray("deflate") << QByteArray("deflate");
    QTest::newRow("br") << QByteArray("br") << QByteArray("br");
    QTest::newRow("a browser") << QByteArray("gzip, deflate, br, zstd") << QByteArray("br");
    QTest::newRow("quality decides") << QByteArray("br;q=0.2, gzip;q=0.8") << QByteArray("gzip");
    QTest::newRow("anything") << QByteArray("*") << QByteArray("br");
    QTest::newRow("identity preferred") << QByteArray("identity, gzip;q=0.5") << QByteArray();
    QTest::newRow("an unknown one") << QByteArray("zstd") << QByteArray();
    QTest::newRow("identity refused and nothing known") << QByteArray("identity;q=0") << QByteArray();
    QTest::newRow("all refused but gzip") << QByteArray("gzip;q=0.1, *;q=0") << QByteArray("gzip");
}

void tst_Compression::choosesByAcceptEncoding()
{
    QFETCH(QByteArray, accept);
    QFETCH(QByteArray, coding);
    Site site;
    const InjectResponse response = get(site.app, "/", {{"Accept-Encoding", accept}});
    QCOMPARE(response.status, 200);
    QCOMPARE(response.header("Content-Encoding").toByteArray(), coding);
    QCOMPARE(response.header("Vary"), QByteArrayView("Accept-Encoding"));
    QCOMPARE(response.contentLength, response.body.size());
    QVERIFY(!response.aborted);
    bool whole = true;
    QVERIFY((coding.isEmpty() ? response.body : decoded(coding, response.body, &whole)) == site.text);
    QVERIFY(whole);
    QCOMPARE(response.body.size() < site.text.size(), !coding.isEmpty());
}

void tst_Compression::leavesAlone_data()
{
    QTest::addColumn<QByteArray>("what");
    QTest::addColumn<bool>("varies");
    QTest::newRow("what does not become smaller") << QByteArray("type") << false;
    QTest::newRow("what is small") << QByteArray("small") << true;
    QTest::newRow("no-transform") << QByteArray("no-transform") << false;
    QTest::newRow("what is encoded already") << QByteArray("encoded") << false;
    QTest::newRow("a part") << QByteArray("206") << false;
    QTest::newRow("204") << QByteArray("204") << false;
}

void tst_Compression::leavesAlone()
{
    QFETCH(QByteArray, what);
    QFETCH(bool, varies);
    Site site;
    if (what == "type")
        site.type = "image/png";
    if (what == "small")
        site.text = "small";
    site.prepare = [what](Response &res) {
        if (what == "no-transform")
            res.set("Cache-Control", "public, no-transform");
        if (what == "encoded")
            res.set("Content-Encoding", "zstd");
        if (what.toInt() > 0)
            res.status(what.toInt());
    };
    const InjectResponse response = get(site.app, "/", {{"Accept-Encoding", "gzip"}});
    QCOMPARE(response.header("Content-Encoding"), what == "encoded" ? QByteArrayView("zstd") : QByteArrayView());
    QCOMPARE(response.header("Vary"), varies ? QByteArrayView("Accept-Encoding") : QByteArrayView());
    QCOMPARE(response.contentLength, site.text.size());
    QVERIFY(response.body == site.text);
}

void tst_Compression::theHeadTellsOfIt()
{
    Site site;
    site.prepare = [](Response &res) { res.set("ETag", "\"abc\"").set("Accept-Ranges", "bytes").vary("Origin"); };
    const InjectResponse coded = get(site.app, "/", {{"Accept-Encoding", "gzip"}});
    QCOMPARE(coded.header("ETag"), QByteArrayView("W/\"abc\""));
    QCOMPARE(coded.header("Vary"), QByteArrayView("Origin, Accept-Encoding"));
    QVERIFY(coded.header("Accept-Ranges").isNull());
    const InjectResponse plain = get(site.app, "/");
    QCOMPARE(plain.header("ETag"), QByteArrayView("\"abc\""));
    QCOMPARE(plain.header("Accept-Ranges"), QByteArrayView("bytes"));
}

static std::vector<http::HeaderList::Field> sorted(const http::HeaderList &headers)
{
    std::vector<http::HeaderList::Field> fields = headers.fields();
    std::ranges::sort(fields, {}, &http::HeaderList::Field::name);
    return fields;
}

void tst_Compression::headSaysWhatGetWould_data()
{
    QTest::addColumn<QByteArray>("accept");
    QTest::addColumn<int>("bytes");
    QTest::addColumn<bool>("coded");
    QTest::newRow("compressed") << QByteArray("gzip") << 5'000 << true;
    QTest::newRow("compressed by a worker") << QByteArray("br") << 100'000 << true;
    QTest::newRow("not wanted") << QByteArray("identity") << 5'000 << false;
    QTest::newRow("too small") << QByteArray("gzip") << 1'023 << false;
}

// RFC 9110 §9.3.2, §8.6: the same fields, and no Content-Length where it would not be GET's.
void tst_Compression::headSaysWhatGetWould()
{
    QFETCH(QByteArray, accept);
    QFETCH(int, bytes);
    QFETCH(bool, coded);
    Site site;
    site.text = sample(bytes, false);
    site.prepare = [](Response &res) { res.set("ETag", "\"abc\"").set("Accept-Ranges", "bytes"); };
    const InjectResponse whole = get(site.app, "/", {{"Accept-Encoding", accept}});
    const InjectResponse head = get(site.app, "/", {{"Accept-Encoding", accept}}, "HEAD");
    QCOMPARE(head.header("Content-Encoding").isNull(), !coded);
    QVERIFY(sorted(head.headers) == sorted(whole.headers));
    QCOMPARE(head.contentLength, coded ? -1 : bytes);
    QVERIFY(head.body.isEmpty() && !head.aborted);
}

void tst_Compression::notModifiedSaysWhatThe200Would_data()
{
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArray>("accept");
    QTest::addColumn<QByteArray>("cacheControl");
    QTest::addColumn<QByteArray>("vary");
    QTest::addColumn<QByteArray>("etag");
    const QByteArray varies = "Accept-Encoding";
    QTest::newRow("compressed") << QByteArray() << QByteArray("gzip") << QByteArray("no-cache") << varies << QByteArray("W/\"a\"");
    QTest::newRow("of a type that could be") << QByteArray("text/css") << QByteArray("br") << QByteArray("no-cache") << varies << QByteArray("W/\"a\"");
    QTest::newRow("of one that could not") << QByteArray("image/png") << QByteArray("gzip") << QByteArray("no-cache") << QByteArray() << QByteArray("\"a\"");
    QTest::newRow("not wanted") << QByteArray() << QByteArray("identity") << QByteArray("no-cache") << varies << QByteArray("\"a\"");
    QTest::newRow("no-transform") << QByteArray() << QByteArray("gzip") << QByteArray("no-transform") << QByteArray() << QByteArray("\"a\"");
}

// RFC 9110 §15.4.5: ETag and Vary of a 304 are those of the 200.
void tst_Compression::notModifiedSaysWhatThe200Would()
{
    QFETCH(QByteArray, type);
    QFETCH(QByteArray, accept);
    QFETCH(QByteArray, cacheControl);
    Application app;
    app.use(compression());
    app.get("/", [&](Request &, Response &res) {
        if (!type.isEmpty())
            res.type(type);
        res.set("ETag", "\"a\"").set("Cache-Control", cacheControl).status(304).end();
    });
    const InjectResponse response = get(app, "/", {{"Accept-Encoding", accept}});
    QCOMPARE(response.status, 304);
    QTEST(response.header("Vary").toByteArray(), "vary");
    QTEST(response.header("ETag").toByteArray(), "etag");
    QVERIFY(response.header("Content-Encoding").isNull());
}

void tst_Compression::theThresholdIsExact()
{
    Site site;
    site.text = sample(1023, false);
    QVERIFY(get(site.app, "/", {{"Accept-Encoding", "gzip"}}).header("Content-Encoding").isNull());
    site.text = sample(1024, false);
    QCOMPARE(get(site.app, "/", {{"Accept-Encoding", "gzip"}}).header("Content-Encoding"), QByteArrayView("gzip"));
}

// Names of the jobs that the pool has done.
static QList<QByteArray> jobsDone()
{
    QList<QByteArray> names;
    test::theTrace().drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
        if (record.kind == trace::Kind::JobFinished)
            names += record.name;
    });
    return names;
}

void tst_Compression::aLargeBodyIsCompressedByAWorker_data()
{
    QTest::addColumn<int>("bytes");
    QTest::addColumn<bool>("byWorker");
    QTest::newRow("64 KiB") << 64 * 1024 << false;
    QTest::newRow("a byte more") << 64 * 1024 + 1 << true;
    QTest::newRow("a megabyte") << 1'000'000 << true;
}

void tst_Compression::aLargeBodyIsCompressedByAWorker()
{
    QFETCH(int, bytes);
    QFETCH(bool, byWorker);
    Site site;
    site.text = sample(bytes, false);
    for (const QByteArray coding : {"gzip", "br", "deflate"}) {
        jobsDone();
        const InjectResponse response = get(site.app, "/", {{"Accept-Encoding", coding}});
        bool whole = false;
        QVERIFY(decoded(coding, response.body, &whole) == site.text);
        QVERIFY(whole && !response.aborted);
        QCOMPARE(response.header("Content-Encoding").toByteArray(), coding);
        QCOMPARE(response.contentLength, response.body.size());
        QCOMPARE(jobsDone(), byWorker ? QList<QByteArray>{"compress"} : QList<QByteArray>{});
    }
}

void tst_Compression::aLargeAnswerHasEndedForItsHandler()
{
    QByteArray refused;
    bool headSent = false;
    Application app;
    app.use(compression());
    app.get("/", [&](Request &, Response &res) {
        res.type("text/plain").send(sample(100'000, false));
        headSent = res.headersSent();
        try {
            res.set("X-Late", "1");
        } catch (const std::exception &error) {
            refused = error.what();
        }
    });
    const InjectResponse response = get(app, "/", {{"Accept-Encoding", "gzip"}});
    QCOMPARE(response.status, 200);
    QVERIFY(response.header("X-Late").isNull());
    QVERIFY(headSent);
    QVERIFY2(!refused.isEmpty(), "the head could be changed after the answer");
}

void tst_Compression::withoutAWorkerTheLoopCompresses()
{
    loop::WorkerPool &pool = loop::EventLoop::current()->pool();
    QSemaphore busy;
    for (int i = 0; i < pool.threads(); ++i)
        pool.submit("hold", [&busy] { busy.acquire(); }, [](std::exception_ptr) { });
    QVERIFY(test::waitFor([&] { return pool.running() == pool.threads(); }));
    while (pool.queued() < loop::WorkerPool::maximumQueued)
        pool.submit("fill", [] { }, [](std::exception_ptr) { });
    Site site;
    site.text = sample(100'000, false);
    const InjectResponse response = get(site.app, "/", {{"Accept-Encoding", "gzip"}});
    busy.release(pool.threads());
    bool whole = false;
    QVERIFY(decoded("gzip", response.body, &whole) == site.text && whole);
    QVERIFY(test::waitFor([&] { return pool.queued() == 0 && pool.running() == 0; }));
}

void tst_Compression::piecesAreChunkedAndFlushed()
{
    Application app;
    app.use(compression());
    app.get("/", [](Request &, Response &res) -> loop::Task<> {
        res.type("text/plain").contentLength(6000);
        for (int i = 0; i < 3; ++i) {
            res.write(sample(2000, false));
            res.flush();
            co_await loop::nextTurn();
        }
        res.end();
    });
    for (const char *coding : {"gzip", "deflate", "br"}) {
        const InjectResponse response = get(app, "/", {{"Accept-Encoding", coding}});
        QCOMPARE(response.contentLength, -1);
        bool whole = false;
        QCOMPARE(decoded(coding, response.body, &whole), sample(2000, false).repeated(3));
        QVERIFY(whole);
    }
}

void tst_Compression::aPieceOfUnknownLengthIsCompressedWhateverItsSize()
{
    Application app;
    app.use(compression());
    app.get("/", [](Request &, Response &res) {
        res.type("text/plain").write("a");
        res.end("b");
    });
    const InjectResponse response = get(app, "/", {{"Accept-Encoding", "gzip"}});
    QCOMPARE(response.header("Content-Encoding"), QByteArrayView("gzip"));
    QCOMPARE(test::inflated(response.body), QByteArray("ab"));
}

void tst_Compression::anErrorIsAnsweredAsItIs()
{
    Application app;
    app.use(compression());
    app.get("/", [](Request &, Response &) { throw AppError(418, u"I am a teapot."_s); });
    const InjectResponse response = get(app, "/", {{"Accept-Encoding", "gzip"}});
    QCOMPARE(response.status, 418);
    QCOMPARE(response.body, QByteArray("I am a teapot.\n"));
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_Compression)
#include "tst_compression.moc"
