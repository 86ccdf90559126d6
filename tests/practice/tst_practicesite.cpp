// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/practicesite.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"

#include <QtCore/QCryptographicHash>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QTemporaryDir>

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
    void aMessageThatCannotBeWrittenIsAnError();
    void aDownloadIsWholeAndTheSameEveryTime();
    void uploadsAreDescribedAsHtmlOrJson();
    void anUploadThatIsNoneIsRefused();
    void theNewestUploadsAreKept();
    void staticFilesAreServedIfAFolderIsGiven();
    void pathsAndMethodsOfOthersAreRefused();
    void pagesRunNoScript();
};

struct Site {
    explicit Site(const QString &folder = {})
        : site(PracticeOptions{.directory = folder.isEmpty() ? directory.filePath(u"messages"_s) : folder})
    {
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
        if (!QTest::qWaitFor([&] { return done; }, 60'000))
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
    QCOMPARE(site.ask("GET", "/users", {}, {}, "image/png").status, 406);
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

void tst_PracticeSite::aMessageThatCannotBeWrittenIsAnError()
{
    QTemporaryDir directory;
    QFile file(directory.filePath(u"file"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    PracticeSite site(PracticeOptions{.directory = directory.filePath(u"file"_s)}); // a file, not a folder
    web::InjectResponse response;
    site.application().inject({.method = "POST", .target = "/message", .headers = {}, .body = "x"},
                              [&](web::InjectResponse answer) { response = std::move(answer); });
    QTRY_COMPARE(response.status, 500);
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
        return QTest::qWaitFor([&] { return response.status != 0; }, 20'000) ? response : web::InjectResponse();
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
