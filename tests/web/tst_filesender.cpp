// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/date.h"
#include "server/loop/workerpool.h"
#include "server/web/application.h"
#include "server/web/filesender.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"
#include "tests/web/injecting.h"

#include <QtCore/QDateTime>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>

#include <semaphore>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

using namespace loopscope;
using namespace loopscope::web;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using test::get;

// What is answered with a file, by injection.
class tst_FileSender : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aFileHasItsHeaders();
    void headSendsNoBody();
    void anEmptyFile();
    void filesOfSeveralBlocks_data();
    void filesOfSeveralBlocks();
    void conditionalRequests();
    void ranges_data();
    void ranges();
    void severalRangesAreMultipart();
    void ifRangeFallsBackToTheWhole();
    void foldersHaveAnIndex();
    void aFolderIsRedirectedToItsSlash_data();
    void aFolderIsRedirectedToItsSlash();
    void whatIsRefused_data();
    void whatIsRefused();
    void cacheControl();
    void headersOfTheHandlerStay();
    void headersOfTheHookAreInA304();
    void anErrorIsNotCachedInTheFilesPlace();
    void timesToComeAreNotTold();
    void siblingsOfWhatIsCompressedAlreadyAreNone();
    void severalRangesAreOfTheFileItself();
    void precompressedSiblings_data();
    void precompressedSiblings();
    void aSiblingThatIsOlderIsNotUsed();
    void openFilesAreBounded();
    void whatFitsIntoABlockNeedsNoPlace_data();
    void whatFitsIntoABlockNeedsNoPlace();
    void aFullPoolIs503();
    void aFileThatShrinksCutsTheAnswer();
    void aFileThatGrowsIsSentAsItWas();
    void sendFileThrows();
    void downloadHasAName();
    void anErrorPageGoesOutWhateverTheConditions();
    void badOptionsAreRefused();
};

// A folder with files, and an application that serves it at "/".
struct Site {
    explicit Site(const FileOptions &options = {})
    {
        put("hello.txt", "Hello, World!");
        files.emplace(dir.path(), options);
        app.use([this](Request &req, Response &res, Next next) {
            if (prepare)
                prepare(req, res);
            supervise(serve(*files, this, req, res), next);
        });
    }
    static loop::Task<> serve(FileSender files, Site *site, Request &req, Response &res)
    {
        const FileSender::Result result = co_await files.sendUrl(req, res, req.path());
        site->result = result;
        if (result != FileSender::Result::Answered)
            res.sendStatus(int(result));
    }
    void put(const QByteArray &name, const QByteArray &bytes, qint64 modified = 784111777)
    {
        const QString path = dir.filePath(QFile::decodeName(name));
        QDir().mkpath(QFileInfo(path).path());
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes);
        file.flush();
        QVERIFY(file.setFileTime(QDateTime::fromSecsSinceEpoch(modified), QFileDevice::FileModificationTime));
    }

    QTemporaryDir dir;
    Application app;
    std::optional<FileSender> files;
    std::function<void(Request &, Response &)> prepare;
    FileSender::Result result = FileSender::Result::Answered;
};

static QByteArray sample(qsizetype bytes)
{
    QByteArray data(bytes, Qt::Uninitialized);
    for (qsizetype i = 0; i < bytes; ++i)
        data[i] = char((i * 2654435761u) >> 13);
    return data;
}

// 1994-11-06 08:49:37 GMT
static const char *const lastModified = "Sun, 06 Nov 1994 08:49:37 GMT";
static const char *const etag = "W/\"d-b690b434e8\""; // 13 bytes, 784111777000 ms: as Node's send

void tst_FileSender::aFileHasItsHeaders()
{
    Site site;
    const InjectResponse response = get(site.app, "/hello.txt");
    QCOMPARE(response.status, 200);
    QCOMPARE(response.body, QByteArray("Hello, World!"));
    QCOMPARE(response.contentLength, 13);
    QCOMPARE(response.header("Content-Type"), QByteArrayView("text/plain; charset=utf-8"));
    QCOMPARE(response.header("Accept-Ranges"), QByteArrayView("bytes"));
    QCOMPARE(response.header("Cache-Control"), QByteArrayView("public, max-age=0"));
    QCOMPARE(response.header("Last-Modified"), QByteArrayView(lastModified));
    QCOMPARE(response.header("ETag"), QByteArrayView(etag));
    QVERIFY(response.header("Vary").isNull());
    QCOMPARE(site.files->openFiles(), 0);
}

void tst_FileSender::headSendsNoBody()
{
    Site site;
    const InjectResponse response = get(site.app, "/hello.txt", {{"Range", "bytes=0-1"}}, "HEAD");
    QCOMPARE(response.status, 200); // RFC 9110 §14.2: Range is for GET
    QCOMPARE(response.contentLength, 13);
    QVERIFY(response.body.isEmpty());
    QVERIFY(test::waitFor([&] { return site.files->openFiles() == 0; }));
}

void tst_FileSender::anEmptyFile()
{
    Site site;
    site.put("empty", {});
    for (const test::Headers &headers : {test::Headers{}, test::Headers{{"Range", "bytes=-5"}}}) {
        const InjectResponse response = get(site.app, "/empty", headers);
        QCOMPARE(response.status, 200);
        QCOMPARE(response.contentLength, 0);
        QVERIFY(response.body.isEmpty());
        QVERIFY(!response.aborted);
    }
    const InjectResponse response = get(site.app, "/empty", {{"Range", "bytes=0-"}});
    QCOMPARE(response.status, 416);
    QCOMPARE(response.header("Content-Range"), QByteArrayView("bytes */0"));
}

void tst_FileSender::filesOfSeveralBlocks_data()
{
    QTest::addColumn<qsizetype>("bytes");
    QTest::newRow("a byte less than a block") << qsizetype(999);
    QTest::newRow("a block") << qsizetype(1000);
    QTest::newRow("a byte more") << qsizetype(1001);
    QTest::newRow("two blocks") << qsizetype(2000);
    QTest::newRow("many") << qsizetype(12'345);
}

void tst_FileSender::filesOfSeveralBlocks()
{
    QFETCH(qsizetype, bytes);
    FileOptions options;
    options.blockBytes = 1000;
    Site site(options);
    const QByteArray data = sample(bytes);
    site.put("data.bin", data);
    const InjectResponse whole = get(site.app, "/data.bin");
    QVERIFY(whole.body == data);
    QVERIFY(!whole.aborted);
    const InjectResponse part = get(site.app, "/data.bin", {{"Range", "bytes=7-"}});
    QCOMPARE(part.status, 206);
    QVERIFY(part.body == data.sliced(7));
    QVERIFY(test::waitFor([&] { return site.files->openFiles() == 0; }));
}

void tst_FileSender::conditionalRequests()
{
    Site site;
    const auto status = [&](const QByteArray &header, const QByteArray &value) {
        return get(site.app, "/hello.txt", {{header, value}}).status;
    };
    QCOMPARE(status("If-None-Match", etag), 304);
    QCOMPARE(status("If-None-Match", "\"x\""), 200);
    QCOMPARE(status("If-None-Match", "*"), 304);
    QCOMPARE(status("If-Modified-Since", lastModified), 304);
    QCOMPARE(status("If-Modified-Since", "Sun, 06 Nov 1994 08:49:36 GMT"), 200);
    QCOMPARE(status("If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:36 GMT"), 412);
    QCOMPARE(status("If-Match", "*"), 200);
    QCOMPARE(status("If-Match", etag), 412); // weak etags never match strongly

    const InjectResponse response = get(site.app, "/hello.txt", {{"If-None-Match", etag}});
    QVERIFY(response.body.isEmpty());
    QCOMPARE(response.header("ETag"), QByteArrayView(etag));
    QCOMPARE(response.header("Last-Modified"), QByteArrayView(lastModified));
    QCOMPARE(response.header("Cache-Control"), QByteArrayView("public, max-age=0"));
    QVERIFY(response.header("Content-Type").isNull());
}

void tst_FileSender::ranges_data()
{
    QTest::addColumn<QByteArray>("range");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("contentRange");
    QTest::addColumn<QByteArray>("body");
    const auto row = [](const char *name, const char *range, int status, const char *contentRange, const char *body) {
        QTest::newRow(name) << QByteArray(range) << status << QByteArray(contentRange) << QByteArray(body);
    };
    row("a part", "bytes=7-11", 206, "bytes 7-11/13", "World");
    row("the end", "bytes=-1", 206, "bytes 12-12/13", "!");
    row("all", "bytes=0-", 206, "bytes 0-12/13", "Hello, World!");
    row("two that touch are one", "bytes=0-1,2-4", 206, "bytes 0-4/13", "Hello");
    row("malformed", "bytes=4-2", 200, "", "Hello, World!");
    row("another unit", "lines=1-2", 200, "", "Hello, World!");
    row("not satisfiable", "bytes=13-", 416, "bytes */13", "Range Not Satisfiable");
}

void tst_FileSender::ranges()
{
    QFETCH(QByteArray, range);
    QFETCH(int, status);
    QFETCH(QByteArray, contentRange);
    QFETCH(QByteArray, body);
    Site site;
    const InjectResponse response = get(site.app, "/hello.txt", {{"Range", range}});
    QCOMPARE(response.status, status);
    QCOMPARE(response.header("Content-Range").toByteArray(), contentRange);
    QCOMPARE(response.body, body);
    QCOMPARE(response.contentLength, body.size());
    QVERIFY(!response.aborted);
    QCOMPARE(response.header("ETag").isNull(), status == 416);
}

void tst_FileSender::severalRangesAreMultipart()
{
    FileOptions options;
    options.blockBytes = 3;
    Site site(options);
    const InjectResponse response = get(site.app, "/hello.txt", {{"Range", "bytes=7-11,0-4,-1"}});
    QCOMPARE(response.status, 206);
    const QByteArray type = response.header("Content-Type").toByteArray();
    QVERIFY(type.startsWith("multipart/byteranges; boundary="));
    const QByteArray mark = type.sliced(type.indexOf('=') + 1);
    QVERIFY(response.header("Content-Range").isNull());
    const auto part = [&](const char *range, const char *body) {
        return QByteArray("\r\n--" + mark + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes " + range
                          + "/13\r\n\r\n" + body);
    };
    const QByteArray expected = part("7-12", "World!") + part("0-4", "Hello") + "\r\n--" + mark + "--\r\n";
    QCOMPARE(response.body, expected);
    QCOMPARE(response.contentLength, expected.size());
    QVERIFY(!response.aborted);
}

void tst_FileSender::ifRangeFallsBackToTheWhole()
{
    Site site;
    const auto status = [&](const QByteArray &condition) {
        return get(site.app, "/hello.txt", {{"Range", "bytes=0-1"}, {"If-Range", condition}}).status;
    };
    QCOMPARE(status(lastModified), 206);
    QCOMPARE(status("Sun, 06 Nov 1994 08:49:36 GMT"), 200);
    QCOMPARE(status(etag), 200); // weak
}

void tst_FileSender::foldersHaveAnIndex()
{
    Site site;
    site.put("index.html", "root");
    site.put("sub/index.html", "sub");
    QCOMPARE(get(site.app, "/").body, QByteArray("root"));
    QCOMPARE(get(site.app, "/").header("Content-Type"), QByteArrayView("text/html; charset=utf-8"));
    QCOMPARE(get(site.app, "/sub/").body, QByteArray("sub"));
    QCOMPARE(get(site.app, "/hello.txt/").status, 404);
    site.put("none/file", "x");
    QCOMPARE(get(site.app, "/none/").status, 404);
    FileOptions options;
    options.index.clear();
    Site bare(options);
    bare.put("index.html", "root");
    QCOMPARE(get(bare.app, "/").status, 404);
}

void tst_FileSender::aFolderIsRedirectedToItsSlash_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("location");
    QTest::newRow("a folder") << QByteArray("/sub") << QByteArray("/sub/");
    QTest::newRow("with a query") << QByteArray("/sub?a=b&c") << QByteArray("/sub/?a=b&c");
    QTest::newRow("encoded") << QByteArray("/%73ub") << QByteArray("/%73ub/");
    QTest::newRow("two slashes would be another host") << QByteArray("//sub") << QByteArray("/sub/");
    QTest::newRow("many slashes") << QByteArray("/////sub/evil.com") << QByteArray("/sub/evil.com/");
}

void tst_FileSender::aFolderIsRedirectedToItsSlash()
{
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, location);
    Site site;
    site.put("sub/evil.com/x", "x");
    const InjectResponse response = get(site.app, target);
    QCOMPARE(response.status, 301);
    QCOMPARE(response.header("Location"), QByteArrayView(location));
    FileOptions options;
    options.redirect = false;
    Site strict(options);
    strict.put("sub/evil.com/x", "x");
    QCOMPARE(get(strict.app, target).status, 404);
}

void tst_FileSender::whatIsRefused_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<int>("status");
    QTest::newRow("nothing") << QByteArray("/none.txt") << 404;
    QTest::newRow("up") << QByteArray("/../secret.txt") << 403;
    QTest::newRow("up, encoded") << QByteArray("/%2e%2e/secret.txt") << 403;
    QTest::newRow("up, with the slash encoded") << QByteArray("/..%2fsecret.txt") << 400;
    QTest::newRow("up, encoded twice") << QByteArray("/%252e%252e%252fsecret.txt") << 404;
    QTest::newRow("up, with a backslash") << QByteArray("/..%5csecret.txt") << 400;
    QTest::newRow("up, overlong") << QByteArray("/%c0%ae%c0%ae/secret.txt") << 400;
    QTest::newRow("NUL") << QByteArray("/hello.txt%00.png") << 400;
    QTest::newRow("a dotfile") << QByteArray("/.env") << 404;
    QTest::newRow("a link out") << QByteArray("/out.txt") << 404;
    QTest::newRow("a folder that leads out") << QByteArray("/outfolder/secret.txt") << 404;
    QTest::newRow("a FIFO") << QByteArray("/fifo") << 404;
    QTest::newRow("an absolute path") << QByteArray("//etc/passwd") << 404;
    QTest::newRow("of another host") << QByteArray("http://host/../secret.txt") << 403;
}

void tst_FileSender::whatIsRefused()
{
    QFETCH(QByteArray, target);
    QFETCH(int, status);
    QTemporaryDir outside;
    Site site;
    const QByteArray root = QFile::encodeName(site.dir.path());
    const QByteArray secret = QFile::encodeName(outside.filePath(u"secret.txt"_s));
    QFile file(QFile::decodeName(secret));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("secret");
    file.close();
    site.put(".env", "secret");
    QCOMPARE(::symlink(secret.constData(), QByteArray(root + "/out.txt").constData()), 0);
    QCOMPARE(::symlink(QFile::encodeName(outside.path()).constData(), QByteArray(root + "/outfolder").constData()), 0);
    QCOMPARE(::mkfifo(QByteArray(root + "/fifo").constData(), 0600), 0);
    const InjectResponse response = get(site.app, target);
    QCOMPARE(response.status, status);
    QVERIFY(!response.body.contains("secret"));
    QCOMPARE(int(site.result), status);
    QCOMPARE(site.files->openFiles(), 0);
}

void tst_FileSender::cacheControl()
{
    const auto header = [](const FileOptions &options) {
        Site site(options);
        return get(site.app, "/hello.txt").header("Cache-Control").toByteArray();
    };
    FileOptions options;
    options.maxAge = 24h;
    QCOMPARE(header(options), QByteArray("public, max-age=86400"));
    options.immutable = true;
    QCOMPARE(header(options), QByteArray("public, max-age=86400, immutable"));
    options.cacheControl = false;
    QCOMPARE(header(options), QByteArray());
    options.etag = options.lastModified = options.acceptRanges = false;
    Site site(options);
    const InjectResponse bare = get(site.app, "/hello.txt", {{"Range", "bytes=0-1"}});
    QCOMPARE(bare.status, 200);
    QCOMPARE(bare.headers.fields().size(), std::size_t(1)); // Content-Type
}

void tst_FileSender::headersOfTheHandlerStay()
{
    FileOptions options;
    options.setHeaders = [](Response &res, const QByteArray &file) { res.set("X-File", file); };
    Site site(options);
    site.prepare = [](Request &, Response &res) { res.set("Cache-Control", "no-store").type("text/x-mine").set("ETag", "\"mine\""); };
    const InjectResponse response = get(site.app, "/hello.txt");
    QCOMPARE(response.header("Cache-Control"), QByteArrayView("no-store"));
    QCOMPARE(response.header("Content-Type"), QByteArrayView("text/x-mine"));
    QCOMPARE(response.header("ETag"), QByteArrayView("\"mine\""));
    QCOMPARE(response.header("X-File"), QByteArrayView("hello.txt"));
    QCOMPARE(get(site.app, "/hello.txt", {{"If-None-Match", "\"mine\""}}).status, 304);
    QCOMPARE(get(site.app, "/hello.txt", {{"If-Range", "\"mine\""}, {"Range", "bytes=0-1"}}).status, 206); // it is strong
}

void tst_FileSender::headersOfTheHookAreInA304()
{
    FileOptions options;
    options.setHeaders = [](Response &res, const QByteArray &) { res.set("Cache-Control", "max-age=7").set("ETag", "\"mine\""); };
    Site site(options);
    for (const auto &[condition, status] : {std::pair("\"other\"", 200), std::pair("\"mine\"", 304)}) {
        const InjectResponse response = get(site.app, "/hello.txt", {{"If-None-Match", condition}});
        QCOMPARE(response.status, status);
        QCOMPARE(response.header("Cache-Control"), QByteArrayView("max-age=7"));
        QCOMPARE(response.header("ETag"), QByteArrayView("\"mine\""));
    }
}

void tst_FileSender::anErrorIsNotCachedInTheFilesPlace()
{
    FileOptions options;
    options.maxAge = std::chrono::hours(1);
    Site site(options);
    const QList<std::pair<int, http::HeaderList::Field>> errors{{412, {"If-Match", "\"other\""}}, {416, {"Range", "bytes=999-"}}};
    for (const auto &[status, field] : errors) {
        const InjectResponse response = get(site.app, "/hello.txt", {{field.name, field.value}});
        QCOMPARE(response.status, status);
        for (const char *header : {"Cache-Control", "ETag", "Last-Modified"})
            QVERIFY2(response.header(header).isNull(), header);
    }
}

void tst_FileSender::timesToComeAreNotTold()
{
    Site site;
    site.put("late.txt", "late", QDateTime::currentSecsSinceEpoch() + 86'400);
    const InjectResponse response = get(site.app, "/late.txt");
    const auto told = http::parseHttpDate(response.header("Last-Modified"));
    QVERIFY(told);
    QVERIFY(*told <= std::chrono::system_clock::now());
}

void tst_FileSender::siblingsOfWhatIsCompressedAlreadyAreNone()
{
    FileOptions options;
    options.precompressed = true;
    Site site(options);
    site.put("a.tar", "archive");
    site.put("a.tar.gz", "compressed archive");
    const InjectResponse response = get(site.app, "/a.tar", {{"Accept-Encoding", "gzip"}});
    QCOMPARE(response.body, QByteArray("archive"));
    QVERIFY(response.header("Content-Encoding").isNull());
    QVERIFY(response.header("Vary").isNull());
}

void tst_FileSender::severalRangesAreOfTheFileItself()
{
    FileOptions options;
    options.precompressed = true;
    Site site(options);
    site.put("both.js", "plain bytes");
    site.put("both.js.gz", "gzipped");
    const InjectResponse one = get(site.app, "/both.js", {{"Accept-Encoding", "gzip"}, {"Range", "bytes=0-1"}});
    QCOMPARE(one.header("Content-Encoding"), QByteArrayView("gzip"));
    QCOMPARE(one.body, QByteArray("gz"));
    const InjectResponse two = get(site.app, "/both.js", {{"Accept-Encoding", "gzip"}, {"Range", "bytes=0-1,6-7"}});
    QCOMPARE(two.status, 206);
    QVERIFY(two.header("Content-Encoding").isNull());
    QVERIFY(two.body.contains("\r\n\r\npl\r\n"));
    QVERIFY(two.body.contains("\r\n\r\nby\r\n"));
    QVERIFY(two.header("ETag") != one.header("ETag"));
    // The date is that of both: it does not tell whose part a client has (RFC 9110 §8.8.1, §13.1.5).
    for (const char *ranges : {"bytes=0-1", "bytes=0-1,6-7"}) {
        const InjectResponse whole = get(site.app, "/both.js", {{"Accept-Encoding", "gzip"}, {"Range", ranges},
                                                                {"If-Range", one.header("Last-Modified").toByteArray()}});
        QCOMPARE(whole.status, 200);
    }
}

void tst_FileSender::precompressedSiblings_data()
{
    QTest::addColumn<QByteArray>("accept");
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("coding");
    QTest::addColumn<QByteArray>("body");
    const auto row = [](const char *name, const char *accept, const char *target, const char *coding, const char *body) {
        QTest::newRow(name) << QByteArray(accept) << QByteArray(target) << QByteArray(coding) << QByteArray(body);
    };
    row("a browser", "gzip, deflate, br", "/both.js", "br", "brotli");
    row("gzip only", "gzip", "/both.js", "gzip", "gzipped");
    row("gzip preferred", "br;q=0.5, gzip", "/both.js", "gzip", "gzipped");
    row("the preferred is not there", "gzip, br", "/one.js", "gzip", "gzipped one");
    row("neither accepted", "identity", "/both.js", "", "plain");
    row("nothing said", "", "/both.js", "", "plain");
    row("none is there", "br, gzip", "/hello.txt", "", "Hello, World!");
    row("an index", "gzip", "/", "gzip", "gzipped index");
}

void tst_FileSender::precompressedSiblings()
{
    QFETCH(QByteArray, accept);
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, coding);
    QFETCH(QByteArray, body);
    FileOptions options;
    options.precompressed = true;
    Site site(options);
    site.put("both.js", "plain");
    site.put("both.js.br", "brotli");
    site.put("both.js.gz", "gzipped");
    site.put("one.js", "plain one");
    site.put("one.js.gz", "gzipped one");
    site.put("index.html", "plain index");
    site.put("index.html.gz", "gzipped index");
    const InjectResponse response = get(site.app, target, {{"Accept-Encoding", accept}});
    QCOMPARE(response.status, 200);
    QCOMPARE(response.body, body);
    QCOMPARE(response.contentLength, body.size());
    QCOMPARE(response.header("Content-Encoding").toByteArray(), coding);
    QCOMPARE(response.header("Vary"), QByteArrayView("Accept-Encoding"));
    QVERIFY(response.header("Content-Type").startsWith("text/"));
    QVERIFY(response.header("ETag").endsWith(QByteArray(coding + '"')));
    QCOMPARE(get(site.app, target, {{"Accept-Encoding", accept}, {"If-None-Match", response.header("ETag").toByteArray()}}).status, 304);
    Site off;
    off.put("both.js", "plain");
    off.put("both.js.br", "brotli");
    QCOMPARE(get(off.app, "/both.js", {{"Accept-Encoding", "br"}}).body, QByteArray("plain"));
}

void tst_FileSender::aSiblingThatIsOlderIsNotUsed()
{
    FileOptions options;
    options.precompressed = true;
    Site site(options);
    site.put("a.js", "new", 784111777);
    site.put("a.js.gz", "old", 784111776);
    const InjectResponse response = get(site.app, "/a.js", {{"Accept-Encoding", "gzip"}});
    QCOMPARE(response.body, QByteArray("new"));
    QCOMPARE(response.header("Vary"), QByteArrayView("Accept-Encoding"));
}

void tst_FileSender::openFilesAreBounded()
{
    FileOptions options;
    options.maxOpenFiles = 2;
    options.blockBytes = 4;
    Site site(options);
    QList<int> statuses;
    for (int i = 0; i < 5; ++i) {
        site.app.inject({.method = "GET", .target = "/hello.txt", .headers = {}, .body = {}},
                        [&](InjectResponse response) {
                            statuses.append(response.status);
                            if (response.status == 503)
                                QCOMPARE(response.header("Retry-After"), QByteArrayView("1"));
                        });
    }
    QCOMPARE(site.files->openFiles(), 2);
    QVERIFY(test::waitFor([&] { return statuses.size() == 5; }));
    QCOMPARE(statuses.count(503), 3);
    QCOMPARE(statuses.count(200), 2);
    QVERIFY(test::waitFor([&] { return site.files->openFiles() == 0; })); // a worker closes them
    QCOMPARE(get(site.app, "/hello.txt").status, 200);
}

void tst_FileSender::whatFitsIntoABlockNeedsNoPlace_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("header"); // "name: value", or empty
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    const auto row = [](const char *sentence, const char *method, const char *target, const QByteArray &header,
                        int status, const QByteArray &body) {
        QTest::newRow(sentence) << QByteArray(method) << QByteArray(target) << header << status << body;
    };
    row("a small file", "GET", "/hello.txt", {}, 200, "Hello, World!");
    row("one of exactly a block", "GET", "/block.txt", {}, 200, "0123456789abcdef");
    row("an empty one", "GET", "/empty.txt", {}, 200, {});
    row("a range of a small one", "GET", "/hello.txt", "Range: bytes=7-11", 206, "World");
    row("a small one that has changed", "GET", "/hello.txt", "If-None-Match: \"other\"", 200, "Hello, World!");
    row("a small one that has not", "GET", "/hello.txt", "If-None-Match: " + QByteArray(etag), 304, {});
    row("HEAD of a small one", "HEAD", "/hello.txt", {}, 200, {});
    row("HEAD of a large one", "HEAD", "/large.bin", {}, 200, {});
    row("none", "GET", "/none.txt", {}, 404, "Not Found");
    row("a large one", "GET", "/large.bin", {}, 503, "Service Unavailable");
    row("one of a byte more than a block", "GET", "/more.txt", {}, 503, "Service Unavailable");
    row("a range of a large one", "GET", "/large.bin", "Range: bytes=0-0", 503, "Service Unavailable");
}

void tst_FileSender::whatFitsIntoABlockNeedsNoPlace()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, header);
    QFETCH(int, status);
    QFETCH(QByteArray, body);
    FileOptions options;
    options.maxOpenFiles = 1;
    options.blockBytes = 16;
    Site site(options);
    site.put("block.txt", "0123456789abcdef");
    site.put("more.txt", "0123456789abcdefg");
    site.put("empty.txt", {});
    const QByteArray large = sample(1000);
    site.put("large.bin", large);
    InjectResponse first;
    site.app.inject({.method = "GET", .target = "/large.bin", .headers = {}, .body = {}},
                    [&](InjectResponse answer) { first = std::move(answer); });
    QCOMPARE(site.files->openFiles(), 1); // it has the only place
    InjectRequest request{.method = method, .target = target, .headers = {}, .body = {}};
    if (const qsizetype colon = header.indexOf(':'); colon > 0)
        request.headers.append(header.first(colon), header.sliced(colon + 2));
    InjectResponse response;
    site.app.inject(request, [&](InjectResponse answer) { response = std::move(answer); });
    QCOMPARE(site.files->openFiles(), 1);
    QVERIFY(test::waitFor([&] { return first.status != 0 && response.status != 0; }));
    QCOMPARE(response.status, status);
    QCOMPARE(response.body, body);
    QCOMPARE(response.header("Retry-After").toByteArray(), QByteArray(status == 503 ? "1" : ""));
    QVERIFY(!response.aborted);
    QCOMPARE(first.body, large);
    QVERIFY(test::waitFor([&] { return site.files->openFiles() == 0; }));
}

void tst_FileSender::aFullPoolIs503()
{
    Site site;
    loop::WorkerPool &pool = loop::EventLoop::current()->pool();
    std::counting_semaphore<> mayEnd(0);
    const int threads = pool.threads();
    for (int i = 0; i < threads; ++i)
        pool.submit("block", [&] { mayEnd.acquire(); }, [](std::exception_ptr) { });
    while (pool.running() < threads) // before, a thread would still take something out of the full queue
        std::this_thread::yield();
    while (pool.queued() < loop::WorkerPool::maximumQueued)
        pool.submit("fill", [] { }, [](std::exception_ptr) { });
    InjectResponse response;
    site.app.inject({.method = "GET", .target = "/hello.txt", .headers = {}, .body = {}},
                    [&](InjectResponse answer) { response = std::move(answer); });
    const bool answered = test::waitFor([&] { return response.status != 0; });
    mayEnd.release(threads);
    QVERIFY(answered);
    QCOMPARE(response.status, 503);
    QCOMPARE(response.header("Retry-After"), QByteArrayView("1"));
    QVERIFY(test::waitFor([&] { return pool.queued() == 0 && pool.running() == 0; }));
    QCOMPARE(get(site.app, "/hello.txt").status, 200);
}

void tst_FileSender::aFileThatShrinksCutsTheAnswer()
{
    FileOptions options;
    options.blockBytes = 1000;
    Site site(options);
    site.put("data.bin", sample(10'000));
    const QByteArray path = QFile::encodeName(site.dir.filePath(u"data.bin"_s));
    bool truncated = false;
    site.prepare = [&](Request &, Response &) { };
    FileOptions shrinking = options;
    shrinking.setHeaders = [&](Response &, const QByteArray &) { truncated = ::truncate(path.constData(), 4500) == 0; };
    site.files.emplace(site.dir.path(), shrinking);
    const InjectResponse response = get(site.app, "/data.bin");
    QVERIFY(truncated);
    QVERIFY(response.aborted);
    QCOMPARE(response.contentLength, 10'000);
    QVERIFY(response.body.size() <= 4500);
    QVERIFY(sample(10'000).startsWith(response.body));
    QVERIFY(test::waitFor([&] { return site.files->openFiles() == 0; }));
}

void tst_FileSender::aFileThatGrowsIsSentAsItWas()
{
    FileOptions options;
    options.blockBytes = 1000;
    Site site;
    site.put("data.bin", sample(10'000));
    options.setHeaders = [&](Response &, const QByteArray &) {
        QFile file(site.dir.filePath(u"data.bin"_s));
        QVERIFY(file.open(QIODevice::Append));
        file.write("more");
    };
    site.files.emplace(site.dir.path(), options);
    const InjectResponse response = get(site.app, "/data.bin");
    QVERIFY(!response.aborted);
    QVERIFY(response.body == sample(10'000));
}

void tst_FileSender::sendFileThrows()
{
    Site site;
    site.put("a b%20.txt", "not decoded");
    Application app;
    app.get("/:name", [&](Request &req, Response &res) -> loop::Task<> {
        co_await site.files->sendFile(req, res, req.param("name"));
    });
    QCOMPARE(get(app, "/hello.txt").body, QByteArray("Hello, World!"));
    QCOMPARE(get(app, "/a%20b%2520.txt").body, QByteArray("not decoded"));
    QCOMPARE(get(app, "/none").status, 404);
    QCOMPARE(get(app, "/..%2fsecret").status, 403);
    QCOMPARE(get(app, "/a%5cb").status, 400);
}

void tst_FileSender::downloadHasAName()
{
    Site site;
    site.put("folder/report 1.txt", "numbers");
    Application app;
    app.get("/own", [&](Request &req, Response &res) { return site.files->download(req, res, u"folder/report 1.txt"_s); });
    app.get("/other", [&](Request &req, Response &res) { return site.files->download(req, res, u"hello.txt"_s, u"für dich.md"_s); });
    app.get("/none", [&](Request &req, Response &res) { return site.files->download(req, res, u"none.txt"_s); });
    const InjectResponse own = get(app, "/own");
    QCOMPARE(own.body, QByteArray("numbers"));
    QCOMPARE(own.header("Content-Disposition"), QByteArrayView("attachment; filename=\"report 1.txt\""));
    QCOMPARE(own.header("Content-Type"), QByteArrayView("text/plain; charset=utf-8"));
    const InjectResponse part = get(app, "/other", {{"Range", "bytes=0-4"}});
    QCOMPARE(part.status, 206);
    QCOMPARE(part.body, QByteArray("Hello"));
    QCOMPARE(part.header("Content-Disposition"),
             QByteArrayView("attachment; filename=\"f?r dich.md\"; filename*=UTF-8''f%C3%BCr%20dich.md"));
    QCOMPARE(part.header("Content-Type"), QByteArrayView("text/plain; charset=utf-8")); // of the file, as Express
    // What tells of an error is not for saving.
    const auto isPlain = [](const InjectResponse &failed, int status) {
        return failed.status == status && failed.header("Content-Disposition").isNull();
    };
    QVERIFY(isPlain(get(app, "/none"), 404));
    QVERIFY(isPlain(get(app, "/own", {{"Range", "bytes=100-"}}), 416));
    QVERIFY(isPlain(get(app, "/own", {{"If-Match", "\"x\""}}), 412));
}

void tst_FileSender::anErrorPageGoesOutWhateverTheConditions()
{
    Site site;
    site.prepare = [](Request &, Response &res) { res.status(404); };
    const InjectResponse response = get(site.app, "/hello.txt", {{"If-None-Match", "*"}, {"Range", "bytes=0-1"}});
    QCOMPARE(response.status, 404);
    QCOMPARE(response.body, QByteArray("Hello, World!"));
}

void tst_FileSender::badOptionsAreRefused()
{
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, FileSender(u""_s));
    FileOptions options;
    options.maxOpenFiles = 0;
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, FileSender(u"."_s, options));
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_FileSender)
#include "tst_filesender.moc"
