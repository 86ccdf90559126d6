// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/practicesite.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"

#include <QtCore/QFile>
#include <QtCore/QFileInfo>
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
    void pathsAndMethodsOfOthersAreRefused();
    void pagesRunNoScript();
};

struct Site {
    Site()
        : site(PracticeOptions{.directory = directory.filePath(u"messages"_s)})
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
    QCOMPARE(json.header("Vary"), QByteArrayView("Accept"));
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
