// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/httpserver.h"
#include "server/web/application.h"
#include "server/web/middleware/multipart.h"
#include "tests/support/loopmain.h"
#include "tests/support/nodescriptors.h"
#include "tests/support/patientserver.h"
#include "tests/support/rawclient.h"
#include "tests/support/testcase.h"

#include <QtCore/QCryptographicHash>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QTemporaryDir>
#include <QtNetwork/QHostAddress>

#include <sys/resource.h>

#include <mutex>

using namespace loopscope;
using namespace loopscope::web;
using namespace Qt::StringLiterals;
using test::RawClient;

// The middleware multipart(): what it leaves on the disk and in the request, and what it does not leave.
class tst_Multipart : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void fieldsAndFilesAreReceived();
    void aFieldIsReadInItsCharset();
    void filesGoWithTheirRequestUnlessTheyAreKept();
    void filesAreForTheirOwnerAloneAndHaveRandomNames();
    void withoutADirectoryFilesAreInMemory();
    void aLargeFileIsWrittenWhole();
    void aFormThatFailsLeavesNothing_data();
    void aFormThatFailsLeavesNothing();
    void aHandlerThatFailsLeavesNothing();
    void aClientThatLeavesLeavesNothing();
    void aClientWaitsForTheDisk();
    void tooManyUploadsAre503();
    void aFullDiskIs507AndLeavesNothing();
    void withoutDescriptorsItIs503();
    void aDirectoryThatCannotBeMadeIs500();
    void otherBodiesAreLeftAlone();
};

static QByteArray part(const QByteArray &disposition, const QByteArray &body)
{
    return "--b\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + body + "\r\n";
}

// An application with POST /, which keeps the files if it is told to, and POST /fail.
struct Uploads {
    explicit Uploads(MultipartOptions options = {})
    {
        options.directory = path();
        if (options.maxBodyBytes < 0)
            options.maxBodyBytes = 64 * 1024 * 1024;
        app.use(multipart(options), "multipart");
        addRoutes();
    }
    QString path() const { return folder.filePath(u"uploads"_s); }
    QStringList left() const { return QDir(path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot); }
    void addRoutes()
    {
        app.post("/", [this](Request &req, Response &res) {
            for (const UploadedFile &file : req.files) {
                ++seen;
                if (keeps)
                    file.keep();
            }
            QByteArray text;
            for (const auto &[name, value] : req.form.entries())
                text += '[' + name.toUtf8() + '|' + value.toUtf8() + ']';
            for (const UploadedFile &file : req.files) {
                text += '<' + file.fieldname.toUtf8() + '|' + file.originalname.toUtf8() + '|' + file.mimetype + '|'
                    + QByteArray::number(file.size) + '|' + file.sha256.toHex() + '>';
                paths.append(file.path);
                QFile stored(file.path);
                if (stored.open(QIODevice::ReadOnly))
                    contents.append(stored.readAll());
            }
            res.send(text);
        });
        app.post("/fail", [](Request &, Response &) { throw AppError(409, u"No."_s); });
    }
    InjectResponse post(const QByteArray &body, const QByteArray &target = "/",
                        const QByteArray &type = "multipart/form-data; boundary=b")
    {
        InjectRequest request{.method = "POST", .target = target, .headers = {}, .body = body};
        request.headers.set("Content-Type", type);
        InjectResponse response;
        bool done = false;
        app.inject(request, [&](InjectResponse answer) {
            response = std::move(answer);
            done = true;
        });
        if (!test::waitFor([&] { return done; }))
            response.body = "(never answered)";
        return response;
    }

    QTemporaryDir folder;
    Application app;
    bool keeps = false;
    int seen = 0;
    QStringList paths;
    QByteArrayList contents;
};

static QByteArray sha256(const QByteArray &bytes)
{
    return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex();
}

void tst_Multipart::fieldsAndFilesAreReceived()
{
    Uploads uploads;
    const InjectResponse response = uploads.post(
        part("name=\"a\"", "\xc5\x82") + part("name=\"f\"; filename=\"../../x.txt\"", "one") + part("name=\"a\"", "")
        + part("name=\"f\"; filename=\"y\"", "") + part("name=\"none\"; filename=\"\"", "") + "--b--");
    QCOMPARE(response.status, 200);
    QCOMPARE(response.body,
             QByteArray("[a|\xc5\x82][a|]<f|x.txt|text/plain|3|" + sha256("one") + "><f|y|text/plain|0|" + sha256("")
                        + ">"));
    QCOMPARE(uploads.contents, (QByteArrayList{"one", ""}));
    for (const QString &path : uploads.paths)
        QCOMPARE(QFileInfo(path).absolutePath(), QDir(uploads.path()).absolutePath());
}

// RFC 7578 §4.5.
void tst_Multipart::aFieldIsReadInItsCharset()
{
    Uploads uploads;
    const auto field = [&](const QByteArray &charset, const QByteArray &value) {
        return uploads.post("--b\r\nContent-Disposition: form-data; name=a\r\nContent-Type: text/plain; charset=" + charset
                            + "\r\n\r\n" + value + "\r\n--b--").body;
    };
    QCOMPARE(field("ISO-8859-1", "\xe4"), QByteArray("[a|\xc3\xa4]"));
    QCOMPARE(field("utf-8", "\xc3\xa4"), QByteArray("[a|\xc3\xa4]"));
    QCOMPARE(field("unheard-of", "\xc3\xa4"), QByteArray("[a|\xc3\xa4]"));
    QCOMPARE(uploads.post("--b\r\nContent-Disposition: form-data; name=a\r\nContent-Type: application/octet-stream\r\n\r\n"
                          "value\r\n--b--").body,
             QByteArray("[a|value]")); // no file, for it has no name
}

void tst_Multipart::filesGoWithTheirRequestUnlessTheyAreKept()
{
    Uploads uploads;
    const QByteArray form = part("name=f; filename=x", "one") + "--b--";
    QCOMPARE(uploads.post(form).status, 200);
    QCOMPARE(uploads.seen, 1);
    QTRY_VERIFY(uploads.left().isEmpty());
    uploads.keeps = true;
    QCOMPARE(uploads.post(form).status, 200);
    QCOMPARE(uploads.post(part("name=a", "no file") + "--b--").status, 200); // the exchange was used again
    QCOMPARE(uploads.left(), QStringList{QFileInfo(uploads.paths.last()).fileName()});
}

void tst_Multipart::filesAreForTheirOwnerAloneAndHaveRandomNames()
{
    Uploads uploads;
    uploads.keeps = true;
    uploads.post(part("name=f; filename=x", "1") + part("name=f; filename=x", "2") + "--b--");
    QCOMPARE(uploads.paths.size(), 2);
    QVERIFY(uploads.paths[0] != uploads.paths[1]);
    for (const QString &path : uploads.paths) {
        const QFileInfo info(path);
        QVERIFY(QRegularExpression(u"^[0-9a-f]{32}$"_s).match(info.fileName()).hasMatch());
        QCOMPARE(info.permissions()
                     & (QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther | QFile::ExeOwner),
                 QFile::Permissions());
    }
}

void tst_Multipart::withoutADirectoryFilesAreInMemory()
{
    Application app;
    app.use(multipart({.memoryBytes = 5}));
    app.post("/", [](Request &req, Response &res) {
        res.send(
            QByteArray(req.files[0].buffer + ' ' + req.files[0].path.toUtf8() + ' ' + req.files[0].sha256.toHex()));
    });
    const auto status = [&](const QByteArray &form) {
        InjectRequest request{.method = "POST", .target = "/", .headers = {}, .body = form};
        request.headers.set("Content-Type", "multipart/form-data; boundary=b");
        InjectResponse response;
        app.inject(request, [&](InjectResponse answer) { response = std::move(answer); });
        return test::waitFor([&] { return response.status != 0; }) ? response : InjectResponse();
    };
    const QByteArray file = part("name=f; filename=x", "abc");
    QCOMPARE(status(file + "--b--").body, QByteArray("abc  " + sha256("abc")));
    QCOMPARE(status(file + part("name=f; filename=y", "de") + "--b--").status, 200);
    QCOMPARE(status(file + part("name=f; filename=y", "def") + "--b--").status, 413);
}

// Many pieces over a socket, more than the high-water mark.
void tst_Multipart::aLargeFileIsWrittenWhole()
{
    Uploads uploads;
    net::HttpServer server(uploads.app, test::patientOptions());
    QVERIFY(server.listen(QHostAddress::LocalHost, 0));
    QByteArray bytes(8 * 1024 * 1024, Qt::Uninitialized);
    for (qsizetype i = 0; i < bytes.size(); ++i)
        bytes[i] = "\r\n--b-abcdefghijklmnopqrstuvwxyz"[(i * i / 7) % 32];
    bytes.replace("\r\n--b", "\r\n--c");
    const QByteArray form = part("name=f; filename=x", bytes) + "--b--";
    RawClient client(server.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: "
                + QByteArray::number(form.size()) + "\r\n\r\n" + form);
    QVERIFY(client.waitFor("<f|x|text/plain|" + QByteArray::number(bytes.size()) + '|' + sha256(bytes) + '>'));
    QVERIFY(uploads.contents == QByteArrayList{bytes});
    QTRY_VERIFY(uploads.left().isEmpty());
}

void tst_Multipart::aFormThatFailsLeavesNothing_data()
{
    QTest::addColumn<QByteArray>("form");
    QTest::addColumn<int>("status");
    const QByteArray file = part("name=f; filename=x", "12345");
    QTest::newRow("the last boundary is missing") << file << 400;
    QTest::newRow("a part without a name") << QByteArray(file + "--b\r\n\r\n\r\n--b--") << 400;
    QTest::newRow("a file too large") << QByteArray(file + part("name=f; filename=y", "123456") + "--b--") << 413;
    QTest::newRow("a file too many") << QByteArray(file + file + file + "--b--") << 413;
    QTest::newRow("a body too large") << QByteArray(file + part("name=f; filename=y", QByteArray(1'000, 'x')) + "--b--")
                                      << 413;
    QTest::newRow("no form") << QByteArray("hello") << 400;
}

void tst_Multipart::aFormThatFailsLeavesNothing()
{
    QFETCH(QByteArray, form);
    QFETCH(int, status);
    MultipartOptions options;
    options.limits.fileSize = 5;
    options.limits.files = 2;
    options.maxBodyBytes = 900;
    Uploads uploads(options);
    const InjectResponse response = uploads.post(form);
    QCOMPARE(response.status, status);
    QVERIFY(response.body.endsWith(".\n"));
    QCOMPARE(uploads.seen, 0);
    QTRY_VERIFY(uploads.left().isEmpty());
    QCOMPARE(uploads.post(part("name=f; filename=x", "12345") + "--b--").status, 200); // and the next one is as ever
}

void tst_Multipart::aHandlerThatFailsLeavesNothing()
{
    Uploads uploads;
    QCOMPARE(uploads.post(part("name=f; filename=x", "1") + "--b--", "/fail").status, 409);
    QTRY_VERIFY(uploads.left().isEmpty());
}

void tst_Multipart::aClientThatLeavesLeavesNothing()
{
    Uploads uploads;
    net::HttpServer server(uploads.app, test::patientOptions());
    QVERIFY(server.listen(QHostAddress::LocalHost, 0));
    {
        RawClient client(server.port());
        client.send(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000"
            "\r\n\r\n--b\r\nContent-Disposition: form-data; name=f; filename=x\r\n\r\n"
            + QByteArray(5'000, 'x'));
        QTRY_COMPARE(uploads.left().size(), 1); // it is being written
        client.socket().abort();
        QTRY_VERIFY(uploads.left().isEmpty());
    }
    QTRY_COMPARE(server.connections(), 0);
    QCOMPARE(uploads.seen, 0);
}

// While the disk is slow (all workers are busy) the server reads no more than it may keep.
void tst_Multipart::aClientWaitsForTheDisk()
{
    const QTemporaryDir folder;
    qint64 received = 0;
    net::ExchangeRef held;
    const Request *watchedRequest = nullptr;
    Application watched;
    watched.use([&](Request &req, Response &, Next next) {
        held = req.hold();
        watchedRequest = &req;
        req.setMaxBodyBytes(64 * 1024 * 1024);
        next();
    });
    watched.use(multipart({.directory = folder.path()}));
    watched.post("/", [](Request &req, Response &res) { res.send(QByteArray::number(req.files.at(0).size)); });
    net::HttpServer server(watched, test::patientOptions());
    QVERIFY(server.listen(QHostAddress::LocalHost, 0));
    auto &pool = loop::EventLoop::current()->pool();
    std::mutex blocked; // held: the workers wait
    std::unique_lock lock(blocked);
    for (int i = 0; i < pool.threads(); ++i)
        pool.submit(
            "block", [&] { const std::lock_guard wait(blocked); }, [](std::exception_ptr) {});
    const QByteArray form = part("name=f; filename=x", QByteArray(16 * 1024 * 1024, 'x')) + "--b--";
    RawClient client(server.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: "
                + QByteArray::number(form.size()) + "\r\n\r\n" + form);
    QTRY_VERIFY(watchedRequest && watchedRequest->receivedBytes() >= multipartHighWaterMark);
    // The client pushes on until nothing more goes: then the server has stopped reading.
    qint64 before = -1;
    QVERIFY(RawClient::until([&] {
        received = watchedRequest->receivedBytes();
        return std::exchange(before, client.socket().bytesToWrite()) == client.socket().bytesToWrite();
    }));
    QVERIFY2(received < 4 * multipartHighWaterMark, QByteArray::number(received).constData());
    QVERIFY(client.socket().bytesToWrite() > 0);
    lock.unlock();
    QVERIFY(client.waitFor(QByteArray::number(16 * 1024 * 1024)));
}

void tst_Multipart::tooManyUploadsAre503()
{
    MultipartOptions options;
    options.maxUploads = 1;
    Uploads uploads(options);
    net::HttpServer server(uploads.app, test::patientOptions());
    QVERIFY(server.listen(QHostAddress::LocalHost, 0));
    const QByteArray form = part("name=f; filename=x", QByteArray(5'000, 'x')) + "--b--";
    RawClient first(server.port());
    first.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: "
               + QByteArray::number(form.size()) + "\r\n\r\n" + form.first(1'000));
    QTRY_COMPARE(uploads.left().size(), 1);
    const InjectResponse second = uploads.post(form);
    QCOMPARE(second.status, 503);
    QVERIFY(second.body.endsWith(".\n"));
    QCOMPARE(second.header("Retry-After"), QByteArrayView("1"));
    first.send(form.sliced(1'000));
    QVERIFY(first.waitFor("HTTP/1.1 200"));
    QCOMPARE(uploads.post(form).status, 200);
}

void tst_Multipart::aFullDiskIs507AndLeavesNothing()
{
    Uploads uploads;
    // Beyond this limit a write fails with EFBIG, as it would with ENOSPC on a full disk.
    struct Limited {
        rlimit before{};
        Limited()
        {
            getrlimit(RLIMIT_FSIZE, &before);
            rlimit limited = before;
            limited.rlim_cur = 100'000;
            setrlimit(RLIMIT_FSIZE, &limited);
        }
        ~Limited()
        {
            setrlimit(RLIMIT_FSIZE, &before);
        }
    };
    const QByteArray form =
        part("name=f; filename=x", QByteArray(300'000, 'x')) + part("name=f; filename=y", "1") + "--b--";
    {
        const Limited limited;
        const InjectResponse response = uploads.post(form);
        QCOMPARE(response.status, 507);
        QCOMPARE(response.body, QByteArray("The server has no room for the upload.\n"));
        QCOMPARE(uploads.seen, 0);
        QTRY_VERIFY(uploads.left().isEmpty());
    }
    QCOMPARE(uploads.post(form).status, 200);
}

void tst_Multipart::withoutDescriptorsItIs503()
{
    Uploads uploads;
    const QByteArray form = part("name=f; filename=x", "1") + "--b--";
    {
        const test::NoDescriptors none;
        const InjectResponse response = uploads.post(form);
        QCOMPARE(response.status, 503);
        QCOMPARE(response.header("Retry-After"), QByteArrayView("1"));
    }
    QCOMPARE(uploads.post(form).status, 200);
}

void tst_Multipart::aDirectoryThatCannotBeMadeIs500()
{
    Uploads uploads;
    QFile file(uploads.path());
    QVERIFY(file.open(QIODevice::WriteOnly));
    const InjectResponse response = uploads.post(part("name=f; filename=x", "1") + "--b--");
    QCOMPARE(response.status, 500);
    QCOMPARE(response.body, QByteArray("The server could not use its files for the upload: ENOTDIR.\n"));
}

void tst_Multipart::otherBodiesAreLeftAlone()
{
    Uploads uploads;
    QCOMPARE(uploads.post("--b--", "/", "multipart/mixed; boundary=b").status, 200);
    QCOMPARE(uploads.post("a=1", "/", "application/x-www-form-urlencoded").body, QByteArray());
    QCOMPARE(uploads.post("--b--", "/", "multipart/form-data").status, 400);
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_Multipart)
#include "tst_multipart.moc"
