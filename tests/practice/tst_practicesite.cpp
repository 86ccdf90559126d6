// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/httpserver.h"
#include "server/practice/practicesite.h"
#include "tests/support/loopmain.h"
#include "tests/support/nodescriptors.h"
#include "tests/support/patientserver.h"
#include "tests/support/rawclient.h"
#include "tests/support/testcase.h"

#include <QtCore/QCryptographicHash>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QTemporaryDir>
#include <QtNetwork/QHostAddress>

#include <sys/resource.h>


using namespace loopscope;
using namespace loopscope::practice;
using namespace Qt::StringLiterals;

class tst_PracticeSite : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void theFormLeadsToTheList();
    void usersAreHtmlOrJson();
    void everyNameIsEscaped();
    void aNameIsNeeded();
    void aMessageIsWrittenBeforeTheAnswer_data();
    void aMessageIsWrittenBeforeTheAnswer();
    void aMessageThatCannotBeWrittenIsAnError_data();
    void aMessageThatCannotBeWrittenIsAnError();
    void withoutDescriptorsWhatNeedsFilesIs503_data();
    void withoutDescriptorsWhatNeedsFilesIs503();
    void withoutRoomOnTheDiskAMessageIs507();
    void aMessageMayBeSoLarge();
    void noRouteTakesMoreThanTheCeiling_data();
    void noRouteTakesMoreThanTheCeiling();
    void aHeadOfADownloadIsAtOnce();
    void messagesTogetherMayBeSoLarge();
    void anUploadMayBeSoLarge();
    void soManyUploadsMayBeOnTheirWay();
    void aDownloadIsWholeAndTheSameEveryTime();
    void uploadsAreDescribedAsHtmlOrJson();
    void anUploadThatIsNoneIsRefused();
    void theNewestUploadsAreKept();
    void staticFilesAreServedIfAFolderIsGiven();
    void staticFilesMayBeCompressedBeforehand();
    void pathsAndMethodsOfOthersAreRefused();
    void pagesRunNoScript();
};

struct Site {
    explicit Site(const QString &folder = {})
        : Site(PracticeOptions{.directory = folder})
    {
    }
    explicit Site(PracticeOptions options)
        : site(withFolder(std::move(options), directory))
    {
    }
    static PracticeOptions withFolder(PracticeOptions options, const QTemporaryDir &otherwise)
    {
        if (options.directory.isEmpty())
            options.directory = otherwise.filePath(u"messages"_s);
        return options;
    }
    web::InjectResponse ask(const QByteArray &method, const QByteArray &target, const QByteArray &body = {},
                            const QByteArray &type = "application/x-www-form-urlencoded",
                            const QByteArray &accept = "text/html")
    {
        web::InjectRequest request{.method = method, .target = target, .headers = {}, .body = body};
        if (!body.isEmpty())
            request.headers.set("Content-Type", type);
        request.headers.set("Accept", accept);
        web::InjectResponse response;
        bool done = false;
        site.application().inject(request, [&](web::InjectResponse answer) {
            response = std::move(answer);
            done = true;
        });
        if (!test::waitFor([&] { return done; }))
            response.body = "(never answered)";
        return response;
    }
    QTemporaryDir directory;
    PracticeSite site;
};

void tst_PracticeSite::theFormLeadsToTheList()
{
    Site site;
    const web::InjectResponse home = site.ask("GET", "/");
    QCOMPARE(home.status, 200);
    QVERIFY(home.body.contains("<form action=\"/create-user\" method=\"post\">"));
    QVERIFY(home.body.contains("name=\"username\""));
    const web::InjectResponse created = site.ask("POST", "/create-user", "username=Ada+L.");
    QCOMPARE(created.status, 302);
    QCOMPARE(created.header("Location"), QByteArrayView("/users"));
    QVERIFY(site.ask("GET", "/users").body.contains("<li>Ada L.</li>"));
}

void tst_PracticeSite::usersAreHtmlOrJson()
{
    Site site;
    site.ask("POST", "/create-user", "username=Ada");
    site.ask("POST", "/create-user", QByteArray("username=") + QString(u"Józef"_s).toUtf8().toPercentEncoding());
    const web::InjectResponse json = site.ask("GET", "/users", {}, {}, "application/json");
    QCOMPARE(json.header("Content-Type"), QByteArrayView("application/json; charset=utf-8"));
    QCOMPARE(json.body, QString(u"[\"Ada\",\"Józef\"]"_s).toUtf8());
    QCOMPARE(json.header("Vary"), QByteArrayView("Accept, Accept-Encoding"));
    const web::InjectResponse refused = site.ask("GET", "/users", {}, {}, "image/png");
    QCOMPARE(refused.status, 406);
    QCOMPARE(refused.header("Vary"), QByteArrayView("Accept, Accept-Encoding"));
}

void tst_PracticeSite::everyNameIsEscaped()
{
    Site site;
    site.ask("POST", "/create-user",
             "username=" + QByteArray("<script>alert('x')</script>\"&").toPercentEncoding());
    const QByteArray body = site.ask("GET", "/users").body;
    QVERIFY(!body.contains("<script"));
    QVERIFY(body.contains("&lt;script&gt;alert('x')&lt;/script&gt;&quot;&amp;"));
}

void tst_PracticeSite::aNameIsNeeded()
{
    Site site;
    QCOMPARE(site.ask("POST", "/create-user", "username=+").status, 400);
    QCOMPARE(site.ask("POST", "/create-user", "other=1").status, 400);
    QCOMPARE(site.ask("POST", "/create-user", "username=" + QByteArray(101, 'x')).status, 400);
    QVERIFY(site.site.users().names().isEmpty());
}

void tst_PracticeSite::aMessageIsWrittenBeforeTheAnswer_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::newRow("by the pool") << QByteArray("/message");
    QTest::newRow("on the loop") << QByteArray("/message?mode=sync");
}

void tst_PracticeSite::aMessageIsWrittenBeforeTheAnswer()
{
    QFETCH(QByteArray, target);
    Site site;
    const auto written = [&] {
        QFile file(site.site.messageFile());
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("(no file)");
    };
    const web::InjectResponse answer = site.ask("POST", target, "message=Hello+%C5%82%0A2");
    QCOMPARE(answer.status, 302);
    QCOMPARE(answer.header("Location"), QByteArrayView("/"));
    QCOMPARE(written(), QString(u"Hello ł\n2"_s).toUtf8());
    const QByteArray raw(3 * 1024 * 1024, 'm'); // more than other routes accept
    QCOMPARE(site.ask("POST", target, raw, "text/plain").status, 302);
    QCOMPARE(written(), raw);
}

void tst_PracticeSite::aMessageThatCannotBeWrittenIsAnError_data()
{
    QTest::addColumn<web::Application::Environment>("environment");
    QTest::addColumn<bool>("tellsThePath");
    QTest::newRow("in production") << web::Application::Environment::Production << false;
    QTest::newRow("in development") << web::Application::Environment::Development << true;
}

void tst_PracticeSite::aMessageThatCannotBeWrittenIsAnError()
{
    QFETCH(web::Application::Environment, environment);
    QFETCH(bool, tellsThePath);
    QTemporaryDir directory;
    QVERIFY(QDir(directory.path()).mkpath(u"message.txt"_s)); // a folder, not a file
    Site site(PracticeOptions{.environment = environment, .directory = directory.path()});
    for (const char *target : {"/message", "/message?mode=sync"}) {
        const web::InjectResponse response = site.ask("POST", target, "x", "text/plain");
        QCOMPARE(response.status, 500);
        QVERIFY2(response.body.contains("EISDIR"), response.body.constData());
        QCOMPARE(response.body.contains(directory.path().toUtf8()), tellsThePath);
    }
}

void tst_PracticeSite::withoutDescriptorsWhatNeedsFilesIs503_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::newRow("a message") << QByteArray("/message");
    QTest::newRow("a message, on the loop") << QByteArray("/message?mode=sync");
    QTest::newRow("an experiment that writes") << QByteArray("/lab/write?mib=1");
    QTest::newRow("an experiment that reads") << QByteArray("/lab/read?files=1&kib=1");
}

void tst_PracticeSite::withoutDescriptorsWhatNeedsFilesIs503()
{
    QFETCH(QByteArray, target);
    Site site;
    {
        const test::NoDescriptors none;
        const web::InjectResponse response = site.ask("POST", target, "x", "text/plain");
        QCOMPARE(response.status, 503);
        QCOMPARE(response.header("Retry-After"), QByteArrayView("1"));
        QVERIFY2(!response.body.contains(site.directory.path().toUtf8()), response.body.constData());
    }
    QVERIFY(site.ask("POST", target, "x", "text/plain").status < 400);
}

void tst_PracticeSite::withoutRoomOnTheDiskAMessageIs507()
{
    // Beyond this limit a write fails with EFBIG, as it would with ENOSPC on a full disk.
    struct Limited {
        rlimit before{};
        Limited()
        {
            getrlimit(RLIMIT_FSIZE, &before);
            const rlimit limited{100'000, before.rlim_max};
            setrlimit(RLIMIT_FSIZE, &limited);
        }
        ~Limited()
        {
            setrlimit(RLIMIT_FSIZE, &before);
        }
    };
    Site site;
    const Limited limited;
    for (const char *target : {"/message", "/message?mode=sync"})
        QCOMPARE(site.ask("POST", target, QByteArray(200'000, 'x'), "text/plain").status, 507);
    QCOMPARE(site.ask("POST", "/message", QByteArray(99'000, 'x'), "text/plain").status, 302);
}

void tst_PracticeSite::noRouteTakesMoreThanTheCeiling_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArray>("head");
    const QByteArray form = "application/x-www-form-urlencoded";
    QTest::newRow("a route's own") << QByteArray("/message") << QByteArray("text/plain") << QByteArray();
    QTest::newRow("httpbin") << QByteArray("/post") << QByteArray("text/plain") << QByteArray();
    QTest::newRow("urlencoded") << QByteArray("/create-user") << form << QByteArray("username=a&b=");
    QTest::newRow("multipart") << QByteArray("/upload") << QByteArray("multipart/form-data; boundary=b")
                               << QByteArray("--b\r\nContent-Disposition: form-data; name=f; filename=x\r\n\r\n");
}

void tst_PracticeSite::noRouteTakesMoreThanTheCeiling()
{
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, type);
    QFETCH(QByteArray, head);
    const QByteArray body = head + QByteArray(2'000, 'x') + (head.startsWith("--b") ? "\r\n--b--" : "");
    Site low(PracticeOptions{.bodyCeiling = 1'000});
    QCOMPARE(low.ask("POST", target, body, type).status, 413);
    Site high(PracticeOptions{.bodyCeiling = 10'000});
    QVERIFY(high.ask("POST", target, body, type).status < 400);
    QCOMPARE(low.ask("POST", "/status/200", body, type).status, 413); // nobody reads it
}

// A body of 4 GiB that nobody gets would take thousands of turns.
void tst_PracticeSite::aHeadOfADownloadIsAtOnce()
{
    Site site;
    const web::InjectResponse response = site.ask("HEAD", "/download?mb=4096");
    QCOMPARE(response.status, 200);
    QCOMPARE(response.contentLength, qint64(4'096) * 1'024 * 1'024);
}

void tst_PracticeSite::aMessageMayBeSoLarge()
{
    Site site(PracticeOptions{.maxMessageBytes = 1'000});
    QCOMPARE(site.ask("POST", "/message", QByteArray(1'001, 'x'), "text/plain").status, 413);
    QVERIFY(!QFile::exists(site.site.messageFile()));
    QCOMPARE(site.ask("POST", "/message", QByteArray(1'000, 'x'), "text/plain").status, 302);
}

static QByteArray postHead(const QByteArray &target, const QByteArray &type, qsizetype length)
{
    return "POST " + target + " HTTP/1.1\r\nHost: a\r\nContent-Type: " + type
        + "\r\nContent-Length: " + QByteArray::number(length) + "\r\n\r\n";
}

void tst_PracticeSite::messagesTogetherMayBeSoLarge()
{
    Site site(PracticeOptions{.maxMessagesBytes = 100'000});
    const QByteArray message(60'000, 'x');
    net::HttpServer server(site.site.application(), test::patientOptions());
    QVERIFY(server.listen(QHostAddress::LocalHost, 0));
    test::RawClient first(server.port());
    first.send(postHead("/message", "text/plain", 60'000) + message.first(59'000));
    QTRY_COMPARE(site.site.messageBytesUnderWay(), 59'000);
    const web::InjectResponse second = site.ask("POST", "/message", message, "text/plain");
    QCOMPARE(second.status, 503);
    QCOMPARE(second.header("Retry-After"), QByteArrayView("1"));
    QCOMPARE(site.site.messageBytesUnderWay(), 59'000); // what was refused counts no more
    QCOMPARE(site.ask("POST", "/message", message.first(40'000), "text/plain").status, 302);
    first.send(message.sliced(59'000));
    QVERIFY(first.waitFor("HTTP/1.1 302"));
    QCOMPARE(site.site.messageBytesUnderWay(), 0);
    QCOMPARE(site.ask("POST", "/message", message.repeated(2), "text/plain").status, 302); // alone
    test::RawClient gone(server.port());
    gone.send(postHead("/message", "text/plain", 60'000) + message.first(59'000));
    QTRY_COMPARE(site.site.messageBytesUnderWay(), 59'000);
    gone.socket().abort();
    QTRY_COMPARE(site.site.messageBytesUnderWay(), 0);
}

void tst_PracticeSite::aDownloadIsWholeAndTheSameEveryTime()
{
    Site site;
    const web::InjectResponse answer = site.ask("GET", "/download?mb=3");
    QCOMPARE(answer.status, 200);
    QVERIFY(!answer.aborted);
    QCOMPARE(answer.body, PracticeSite::downloadBlock().repeated(48));
    QCOMPARE(PracticeSite::downloadBlock().size(), PracticeSite::downloadBlockBytes);
    for (const char *target : {"/download?mb=0", "/download?mb=-1", "/download?mb=4097", "/download?mb=x", "/download?mb="})
        QCOMPARE(site.ask("GET", target).status, 400);
}

static const char *const formType = "multipart/form-data; boundary=b";

static QByteArray filePart(const QByteArray &name, const QByteArray &bytes)
{
    return "--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"" + name + "\"\r\n\r\n" + bytes + "\r\n";
}

void tst_PracticeSite::uploadsAreDescribedAsHtmlOrJson()
{
    Site site;
    const QByteArray sha256 = QCryptographicHash::hash("abc", QCryptographicHash::Sha256).toHex();
    QVERIFY(site.ask("GET", "/upload").body.contains("enctype=\"multipart/form-data\""));
    const QByteArray form = filePart("../<script>&.txt", "abc") + "--b--";
    const web::InjectResponse html = site.ask("POST", "/upload", form, formType);
    QCOMPARE(html.status, 200);
    QVERIFY(html.body.contains(QByteArray("<td>&lt;script&gt;&amp;.txt</td><td>3</td><td><code>" + sha256)));
    const web::InjectResponse json = site.ask("POST", "/upload", form, formType, "application/json");
    QCOMPARE(json.header("Vary"), QByteArrayView("Accept, Accept-Encoding"));
    const QJsonObject file = QJsonDocument::fromJson(json.body).object().value("files"_L1).toArray().at(0).toObject();
    QCOMPARE(file, (QJsonObject{{u"fieldname"_s, u"files"_s}, {u"originalname"_s, u"<script>&.txt"_s},
                                {u"mimetype"_s, u"text/plain"_s}, {u"size"_s, 3}, {u"sha256"_s, QString::fromLatin1(sha256)}}));
}

void tst_PracticeSite::anUploadThatIsNoneIsRefused()
{
    Site site;
    QCOMPARE(site.ask("POST", "/upload", "a=1").status, 415);
    QCOMPARE(site.ask("POST", "/upload", filePart("x", "1"), formType).status, 400); // it does not end
    QCOMPARE(site.ask("POST", "/upload", filePart("x", "1") + "--b--", formType, "image/png").status, 406);
    QVERIFY(site.site.uploads().files().empty());
    QTRY_VERIFY(QDir(site.site.uploadFolder()).entryList(QDir::Files).isEmpty());
}

void tst_PracticeSite::anUploadMayBeSoLarge()
{
    const QByteArray form = filePart("x", QByteArray(1'000, 'x')) + "--b--";
    Site site(PracticeOptions{.maxUploadBytes = form.size()});
    QCOMPARE(site.ask("POST", "/upload", form, formType).status, 200);
    QCOMPARE(site.ask("POST", "/upload", filePart("x", QByteArray(1'001, 'x')) + "--b--", formType).status, 413);
    QCOMPARE(site.site.uploads().files().size(), std::size_t(1));
}

void tst_PracticeSite::soManyUploadsMayBeOnTheirWay()
{
    Site site(PracticeOptions{.maxUploads = 1});
    const QByteArray form = filePart("x", "1") + "--b--";
    net::HttpServer server(site.site.application(), test::patientOptions());
    QVERIFY(server.listen(QHostAddress::LocalHost, 0));
    test::RawClient first(server.port());
    first.send(postHead("/upload", formType, form.size()) + form.first(form.size() - 5));
    QTRY_COMPARE(QDir(site.site.uploadFolder()).entryList(QDir::Files).size(), 1);
    QCOMPARE(site.ask("POST", "/upload", form, formType).status, 503);
    first.send(form.last(5));
    QVERIFY(first.waitFor("HTTP/1.1 200"));
    QCOMPARE(site.ask("POST", "/upload", form, formType).status, 200);
}

void tst_PracticeSite::theNewestUploadsAreKept()
{
    QTemporaryDir folder;
    const auto stored = [&] { return QDir(folder.filePath(u"uploads"_s)).entryList(QDir::Files).size(); };
    {
        Site site(folder.path());
        QByteArray form;
        for (int i = 0; i < PracticeSite::maximumUploadedFiles; ++i)
            form += filePart("f" + QByteArray::number(i), "x");
        QCOMPARE(site.ask("POST", "/upload", form + "--b--", formType).status, 200);
        QCOMPARE(stored(), qsizetype(UploadShelf::maximumFiles));
        QCOMPARE(site.ask("POST", "/upload", form + filePart("one too many", "x") + "--b--", formType).status, 413);
        QCOMPARE(site.ask("POST", "/upload", filePart("newest", "x") + "--b--", formType).status, 200);
        QTRY_COMPARE(stored(), qsizetype(UploadShelf::maximumFiles));
        QCOMPARE(site.site.uploads().files().back().originalname, u"newest"_s);
        QCOMPARE(site.site.uploads().files().front().originalname, u"f1"_s);
        QVERIFY(QFile::exists(site.site.uploads().files().front().path));
    }
    QCOMPARE(stored(), 0); // they go with the site
}

void tst_PracticeSite::staticFilesAreServedIfAFolderIsGiven()
{
    QTemporaryDir folder;
    const QByteArray text = QByteArray("a text\n").repeated(1'000);
    QFile file(folder.filePath(u"a.txt"_s));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
    file.close();
    QFile hidden(folder.filePath(u".secret"_s));
    QVERIFY(hidden.open(QIODevice::WriteOnly));
    PracticeSite served(PracticeOptions{.directory = folder.filePath(u"site"_s), .staticRoot = folder.path()});
    const auto ask = [&](const QByteArray &method, const QByteArray &target) {
        web::InjectRequest request{.method = method, .target = target, .headers = {}, .body = {}};
        request.headers.set("Accept-Encoding", "gzip");
        web::InjectResponse response;
        served.application().inject(request, [&](web::InjectResponse answer) { response = std::move(answer); });
        return test::waitFor([&] { return response.status != 0; }) ? response : web::InjectResponse();
    };
    const web::InjectResponse whole = ask("GET", "/static/a.txt");
    QCOMPARE(whole.status, 200);
    QCOMPARE(whole.body, text); // not compressed on the loop
    QCOMPARE(whole.header("Accept-Ranges"), QByteArrayView("bytes"));
    QCOMPARE(whole.header("X-Content-Type-Options"), QByteArrayView("nosniff"));
    QVERIFY(whole.header("Content-Security-Policy").startsWith("default-src 'self'"));
    for (const char *target : {"/static/none", "/static/.secret", "/static/..%2f..%2fetc%2fpasswd", "/a.txt"})
        QVERIFY2(ask("GET", target).status >= 400, target);
    for (const char *method : {"POST", "PUT", "DELETE"})
        QVERIFY2(ask(method, "/static/a.txt").status >= 400, method);
    QCOMPARE(QFileInfo(folder.filePath(u"a.txt"_s)).size(), text.size());

    Site without;
    QCOMPARE(without.ask("GET", "/static/a.txt").status, 404);
}

void tst_PracticeSite::staticFilesMayBeCompressedBeforehand()
{
    QTemporaryDir folder;
    for (const auto &[name, bytes] : {std::pair(u"a.css"_s, "plain"), {u"a.css.br"_s, "as br"}, {u"a.css.gz"_s, "as gzip"}}) {
        QFile file(folder.filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) > 0);
    }
    PracticeSite site(PracticeOptions{.directory = folder.filePath(u"site"_s), .staticRoot = folder.path()});
    for (const auto &[accept, coding, body] : {std::tuple("gzip, br", "br", "as br"), {"gzip", "gzip", "as gzip"}, {"zstd", "", "plain"}}) {
        web::InjectRequest request{.method = "GET", .target = "/static/a.css", .headers = {}, .body = {}};
        request.headers.set("Accept-Encoding", accept);
        web::InjectResponse response;
        site.application().inject(request, [&](web::InjectResponse answer) { response = std::move(answer); });
        QTRY_COMPARE(response.status, 200);
        QCOMPARE(response.header("Content-Encoding"), QByteArrayView(coding));
        QCOMPARE(response.header("Vary"), QByteArrayView("Accept-Encoding"));
        QCOMPARE(response.header("Content-Type"), QByteArrayView("text/css; charset=utf-8"));
        QCOMPARE(response.body, QByteArray(body));
    }
}

void tst_PracticeSite::pathsAndMethodsOfOthersAreRefused()
{
    Site site;
    QCOMPARE(site.ask("GET", "/healthz").body, QByteArray("{\"status\":\"ok\"}"));
    QCOMPARE(site.ask("GET", "/nobody").status, 404);
    const web::InjectResponse wrong = site.ask("DELETE", "/users");
    QCOMPARE(wrong.status, 405);
    QCOMPARE(wrong.header("Allow"), QByteArrayView("GET, HEAD, OPTIONS"));
    QCOMPARE(site.ask("GET", "/create-user").header("Allow"), QByteArrayView("POST, OPTIONS"));
}

void tst_PracticeSite::pagesRunNoScript()
{
    Site site;
    for (const char *target : {"/", "/users", "/message"}) {
        const web::InjectResponse answer = site.ask("GET", target);
        QVERIFY(answer.header("Content-Security-Policy").startsWith("default-src 'none'"));
        QCOMPARE(answer.header("X-Content-Type-Options"), QByteArrayView("nosniff"));
    }
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_PracticeSite)
#include "tst_practicesite.moc"
