// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/httpbinpages.h"
#include "server/practice/httpbinroutes.h"
#include "server/practice/practicesite.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"
#include "tests/web/decoding.h"

#include <QtCore/QDateTime>
#include <QtCore/QElapsedTimer>
#include <QtCore/QJsonArray>
#include <QtCore/QTemporaryDir>
#include <QtCore/QUuid>

using namespace loopscope;
using namespace loopscope::practice;
using namespace Qt::StringLiterals;

using Headers = QList<std::pair<QByteArray, QByteArray>>;

// httpbin's endpoints on the practice site, by injected requests.
class tst_HttpbinRoutes : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void getShowsTheRequest();
    void postShowsTheBody_data();
    void postShowsTheBody();
    void everyMethodHasItsEndpoint_data();
    void everyMethodHasItsEndpoint();
    void partsOfTheRequest();
    void statuses_data();
    void statuses();
    void statusesAreWeighted();
    void delaysAreTimersAndNotBlocking();
    void drips();
    void streams();
    void bytesAreTheSameForTheSameSeed();
    void ranges_data();
    void ranges();
    void aRangeIsConditional();
    void aRangeTakesItsTime();
    void aHeadDoesNotWaitForTheBody();
    void eventsAreNumbered();
    void codings_data();
    void codings();
    void pagesAreCompressedForWhoWantsIt();
    void cookiesAreShown();
    void aTraceTellsNoSecrets();
    void cookiesAreSetAndDeleted();
    void redirects_data();
    void redirects();
    void redirectToLeadsOnlyToTheWeb_data();
    void redirectToLeadsOnlyToTheWeb();
    void cacheAnswersConditionalRequests();
    void etags_data();
    void etags();
    void responseHeadersAreTheClients();
    void responseHeadersCannotBeInjected_data();
    void responseHeadersCannotBeInjected();
    void basicAuthentication_data();
    void basicAuthentication();
    void bearerAuthentication();
    void samples();
    void linksLeaveOneOut();
    void numbersAreWrittenPlainly();
    void whatIsOutOfRangeIs400WithASentence_data();
    void whatIsOutOfRangeIs400WithASentence();
    void wrongMethodsAre405_data();
    void wrongMethodsAre405();
    void everyExampleOfTheListIsAnswered();
    void pagesRunNoScript();

private:
    web::InjectResponse ask(const QByteArray &method, const QByteArray &target, const QByteArray &body = {},
                            const Headers &headers = {});
    web::InjectResponse get(const QByteArray &target, const Headers &headers = {})
    {
        return ask("GET", target, {}, headers);
    }
    QJsonObject json(const web::InjectResponse &response) const;

    QTemporaryDir m_folder;
    PracticeSite m_site{PracticeOptions{.directory = m_folder.path()}};
};

web::InjectResponse tst_HttpbinRoutes::ask(const QByteArray &method, const QByteArray &target, const QByteArray &body,
                                           const Headers &headers)
{
    web::InjectRequest request{.method = method, .target = target, .headers = {}, .body = body};
    for (const auto &[name, value] : headers)
        request.headers.append(name, value);
    web::InjectResponse response;
    bool done = false;
    m_site.application().inject(request, [&](web::InjectResponse answer) {
        response = std::move(answer);
        done = true;
    });
    if (!QTest::qWaitFor([&] { return done; }, 60'000))
        response.body = "(never answered)";
    return response;
}

QJsonObject tst_HttpbinRoutes::json(const web::InjectResponse &response) const
{
    return response.header("Content-Type").startsWith("application/json")
        ? QJsonDocument::fromJson(response.body).object()
        : QJsonObject();
}

static QJsonObject parsed(const QByteArray &text)
{
    return QJsonDocument::fromJson(text).object();
}

void tst_HttpbinRoutes::getShowsTheRequest()
{
    const QJsonObject shown =
        json(get("/get?a=1&b=x+%C5%82&a=2&c", {{"user-agent", "me"}, {"X-Two", "1"}, {"X-Two", "2"}}));
    QCOMPARE(shown.value("args"_L1).toObject(), parsed("{\"a\":[\"1\",\"2\"],\"b\":\"x \xc5\x82\",\"c\":\"\"}"));
    QCOMPARE(shown.value("headers"_L1).toObject(),
             parsed("{\"Host\":\"inject\",\"User-Agent\":\"me\",\"X-Two\":\"1, 2\"}"));
    QCOMPARE(shown.value("url"_L1).toString(), u"http://inject/get?a=1&b=x+%C5%82&a=2&c"_s);
    QCOMPARE(shown.keys(), (QStringList{u"args"_s, u"headers"_s, u"origin"_s, u"url"_s}));
    QCOMPARE(json(get("http://other/get", {{"Host", "other"}})).value("url"_L1).toString(), u"http://other/get"_s);
    QCOMPARE(get("http://other:81/absolute-redirect/1", {{"Host", "host"}}).header("Location"),
             QByteArrayView("http://other:81/get"));
}

void tst_HttpbinRoutes::postShowsTheBody_data()
{
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char *name, const char *type, const QByteArray &body, const QByteArray &expected) {
        QTest::newRow(name) << QByteArray(type) << body << expected;
    };
    const QByteArray fileHead =
        "--b\r\nContent-Disposition: form-data; name=f; filename=x\r\nContent-Type: image/png\r\n\r\n";
    row("text", "text/plain", "hello \xc5\x82", "{\"data\":\"hello \xc5\x82\",\"files\":{},\"form\":{},\"json\":null}");
    row("bytes that are no UTF-8", "application/octet-stream", "\xff",
        "{\"data\":\"data:application/octet-stream;base64,/w==\",\"files\":{},\"form\":{},\"json\":null}");
    row("JSON", "application/json", "{\"a\":1}",
        "{\"data\":\"{\\\"a\\\":1}\",\"files\":{},\"form\":{},\"json\":{\"a\":1}}");
    row("JSON that is a plain value", "application/json", "7", "{\"data\":\"7\",\"files\":{},\"form\":{},\"json\":7}");
    row("two values are no JSON", "application/json", "7,8",
        "{\"data\":\"7,8\",\"files\":{},\"form\":{},\"json\":null}");
    row("a form", "application/x-www-form-urlencoded",
        "a=1&a=2&b=", "{\"data\":\"\",\"files\":{},\"form\":{\"a\":[\"1\",\"2\"],\"b\":\"\"},\"json\":null}");
    row("a form with a file", "multipart/form-data; boundary=b",
        "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n" + fileHead + "text\r\n--b--",
        "{\"data\":\"\",\"files\":{\"f\":\"text\"},\"form\":{\"a\":\"1\"},\"json\":null}");
    row("a file that is no text", "multipart/form-data; boundary=b", fileHead + "\xff\r\n--b--",
        "{\"data\":\"\",\"files\":{\"f\":\"data:image/png;base64,/w==\"},\"form\":{},\"json\":null}");
    row("no body", "text/plain", "", "{\"data\":\"\",\"files\":{},\"form\":{},\"json\":null}");
}

void tst_HttpbinRoutes::postShowsTheBody()
{
    QFETCH(QByteArray, type);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, expected);
    QJsonObject shown = json(ask("POST", "/post", body, {{"Content-Type", type}}));
    for (const auto key : {"args"_L1, "headers"_L1, "origin"_L1, "url"_L1}) {
        QVERIFY(shown.contains(key));
        shown.remove(key);
    }
    QCOMPARE(shown, parsed(expected));
}

void tst_HttpbinRoutes::everyMethodHasItsEndpoint_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("path");
    for (const char *method : {"POST", "PUT", "PATCH", "DELETE"})
        QTest::addRow("%s at its own path", method)
            << QByteArray(method) << QByteArray('/' + QByteArray(method).toLower());
    for (const char *method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
        QTest::addRow("%s at /anything", method) << QByteArray(method) << QByteArray("/anything");
        QTest::addRow("%s below /anything", method) << QByteArray(method) << QByteArray("/anything/a/b");
    }
}

void tst_HttpbinRoutes::everyMethodHasItsEndpoint()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, path);
    const QJsonObject shown = json(ask(method, path, "x=1", {{"Content-Type", "application/x-www-form-urlencoded"}}));
    QCOMPARE(shown.value("form"_L1).toObject(), parsed("{\"x\":\"1\"}"));
    QCOMPARE(shown.value("url"_L1).toString(), QString(u"http://inject"_s + QString::fromLatin1(path)));
    if (path.startsWith("/anything"))
        QCOMPARE(shown.value("method"_L1).toString(), QString::fromLatin1(method));
}

void tst_HttpbinRoutes::partsOfTheRequest()
{
    QCOMPARE(json(get("/headers", {{"x-a", "1"}})), parsed("{\"headers\":{\"Host\":\"inject\",\"X-A\":\"1\"}}"));
    QCOMPARE(json(get("/ip")), parsed("{\"origin\":\"\"}")); // injected: it has no address
    QCOMPARE(json(get("/user-agent", {{"User-Agent", "me"}})), parsed("{\"user-agent\":\"me\"}"));
}

void tst_HttpbinRoutes::statuses_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<bool>("hasBody");
    const auto row = [](const char *name, int status, const char *header, const char *value, bool hasBody) {
        QTest::newRow(name) << status << QByteArray(header) << QByteArray(value) << hasBody;
    };
    row("200 is empty", 200, "", "", false);
    row("204 has no body", 204, "Content-Type", "", false);
    row("304 has no body", 304, "Content-Type", "", false);
    row("301 leads on", 301, "Location", "/redirect/1", false);
    row("302 leads on", 302, "Location", "/redirect/1", false);
    row("307 leads on", 307, "Location", "/redirect/1", false);
    row("401 asks who", 401, "WWW-Authenticate", "Basic realm=\"Fake Realm\"", false);
    row("402 wants to be paid", 402, "Content-Type", "text/plain; charset=utf-8", true);
    row("406 says what there is", 406, "Content-Type", "application/json; charset=utf-8", true);
    row("407 asks who", 407, "Proxy-Authenticate", "Basic realm=\"Fake Realm\"", false);
    row("418 is a teapot", 418, "Content-Type", "text/plain; charset=utf-8", true);
    row("a status without a name", 599, "", "", false);
}

void tst_HttpbinRoutes::statuses()
{
    QFETCH(int, status);
    QFETCH(QByteArray, header);
    QFETCH(QByteArray, value);
    QFETCH(bool, hasBody);
    for (const char *method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
        const web::InjectResponse answer = ask(method, "/status/" + QByteArray::number(status));
        QCOMPARE(answer.status, status);
        QCOMPARE(answer.header(header).toByteArray(), value);
        QCOMPARE(!answer.body.isEmpty(), hasBody);
    }
}

void tst_HttpbinRoutes::statusesAreWeighted()
{
    int often = 0;
    int seldom = 0;
    for (int i = 0; i < 300; ++i) {
        const int status = get("/status/200:1000000,503:0.000001,204:0.000001").status;
        ++(status == 200 ? often : seldom);
    }
    QVERIFY(often > 290); // one of 10^12 is another
    QCOMPARE(often + seldom, 300);
    bool saw[2] = {};
    for (int i = 0; i < 200; ++i)
        saw[get("/status/200,503").status == 503] = true;
    QVERIFY(saw[0] && saw[1]); // fails once in 2^199
}

void tst_HttpbinRoutes::delaysAreTimersAndNotBlocking()
{
    QElapsedTimer timer;
    timer.start();
    bool answered = false;
    m_site.application().inject({.method = "GET", .target = "/delay/0.2", .headers = {}, .body = {}},
                                [&](web::InjectResponse answer) { answered = answer.status == 200; });
    QCOMPARE(get("/get").status, 200); // others are served meanwhile
    QVERIFY(!answered);
    QTRY_VERIFY(answered);
    QVERIFY(timer.elapsed() >= 199); // the loop's clock counts whole milliseconds
    const QJsonObject shown =
        json(ask("POST", "/delay/0", "a=1", {{"Content-Type", "application/x-www-form-urlencoded"}}));
    QCOMPARE(shown.value("form"_L1).toObject(), parsed("{\"a\":\"1\"}"));
}

void tst_HttpbinRoutes::drips()
{
    QElapsedTimer timer;
    timer.start();
    const web::InjectResponse answer = get("/drip?duration=0.2&numbytes=4&delay=0.1&code=503");
    QCOMPARE(answer.status, 503);
    QCOMPARE(answer.body, QByteArray("****"));
    QVERIFY(!answer.aborted);
    QVERIFY(timer.elapsed() >= 290); // six waits, each up to a millisecond short
    QCOMPARE(get("/drip?duration=0&numbytes=100000").body, QByteArray(100'000, '*'));
    QCOMPARE(get("/drip?duration=0.003&numbytes=100000").body, QByteArray(100'000, '*'));
}

void tst_HttpbinRoutes::streams()
{
    const web::InjectResponse answer = get("/stream/3?a=1", {{"X-A", "b"}});
    QVERIFY(answer.header("Content-Type").startsWith("application/json"));
    const QByteArrayList lines = answer.body.split('\n');
    QCOMPARE(lines.size(), 4);
    QCOMPARE(lines.last(), QByteArray());
    for (int i = 0; i < 3; ++i) {
        const QJsonObject line = parsed(lines[i]);
        QCOMPARE(line.value("id"_L1).toInt(-1), i);
        QCOMPARE(line.value("args"_L1).toObject(), parsed("{\"a\":\"1\"}"));
        QCOMPARE(line.value("headers"_L1).toObject().value("X-A"_L1).toString(), u"b"_s);
    }
    QCOMPARE(get("/stream/100").body.count('\n'), 100);
}

void tst_HttpbinRoutes::bytesAreTheSameForTheSameSeed()
{
    const web::InjectResponse answer = get("/bytes/1023?seed=7");
    QCOMPARE(answer.header("Content-Type"), QByteArrayView("application/octet-stream"));
    QCOMPARE(answer.body.size(), 1'023);
    QCOMPARE(get("/bytes/1023?seed=7").body, answer.body);
    QCOMPARE(get("/stream-bytes/1023?seed=7&chunk_size=100").body, answer.body);
    QVERIFY(get("/bytes/1023?seed=8").body != answer.body);
    QVERIFY(get("/bytes/1023").body != get("/bytes/1023").body);
    QCOMPARE(get("/bytes/0").body.size(), 0);
    QCOMPARE(get("/stream-bytes/0").status, 200);
    QCOMPARE(get("/stream-bytes/102400").body.size(), 102'400);
}

void tst_HttpbinRoutes::ranges_data()
{
    QTest::addColumn<QByteArray>("range");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("contentRange");
    QTest::addColumn<QByteArray>("body");
    const auto row = [](const char *name, const char *range, int status, const char *contentRange, const char *body) {
        QTest::newRow(name) << QByteArray(range) << status << QByteArray(contentRange) << QByteArray(body);
    };
    const char *whole = "abcdefghijklmnopqrstuvwxyzabcd";
    row("no range", "", 200, "", whole);
    row("the start", "bytes=0-2", 206, "bytes 0-2/30", "abc");
    row("the end", "bytes=-5", 206, "bytes 25-29/30", "zabcd");
    row("from somewhere on", "bytes=28-", 206, "bytes 28-29/30", "cd");
    row("all of it", "bytes=0-", 206, "bytes 0-29/30", whole);
    row("beyond the end", "bytes=30-", 416, "bytes */30", "");
    row("another unit", "pages=1-2", 200, "", whole);
    row("several are answered with the whole", "bytes=0-1,5-6", 200, "", whole);
}

void tst_HttpbinRoutes::ranges()
{
    QFETCH(QByteArray, range);
    QFETCH(int, status);
    QFETCH(QByteArray, contentRange);
    QFETCH(QByteArray, body);
    const web::InjectResponse answer = get("/range/30?chunk_size=4", {{range.isEmpty() ? "X-None" : "Range", range}});
    QCOMPARE(answer.status, status);
    QCOMPARE(answer.body, body);
    QCOMPARE(answer.contentLength, body.size());
    QCOMPARE(answer.header("Content-Range").toByteArray(), contentRange);
    QCOMPARE(answer.header("Accept-Ranges"), QByteArrayView("bytes"));
    QCOMPARE(answer.header("ETag"), QByteArrayView("\"range30\""));
}

void tst_HttpbinRoutes::aRangeIsConditional()
{
    QCOMPARE(get("/range/30", {{"If-None-Match", "\"range30\""}}).status, 304);
    QCOMPARE(get("/range/30", {{"If-Match", "\"range31\""}}).status, 412);
    QCOMPARE(get("/range/30", {{"Range", "bytes=0-0"}, {"If-Range", "\"range30\""}}).status, 206);
    QCOMPARE(get("/range/30", {{"Range", "bytes=0-0"}, {"If-Range", "\"range31\""}}).status, 200);
}

void tst_HttpbinRoutes::aRangeTakesItsTime()
{
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(get("/range/102400?duration=0.2&chunk_size=1024").body.size(), 102'400);
    QVERIFY(timer.elapsed() >= 200);
    timer.restart();
    QCOMPARE(get("/range/102400?duration=10&chunk_size=10", {{"Range", "bytes=5-14"}}).body.size(), 10);
    QVERIFY(timer.elapsed() < 9'000); // its share
}

void tst_HttpbinRoutes::aHeadDoesNotWaitForTheBody()
{
    QElapsedTimer timer;
    timer.start();
    for (const char *target : {"/sse?count=2&duration=10&delay=10", "/drip?duration=10&delay=10", "/range/100?duration=10"})
        QCOMPARE(ask("HEAD", target).status, 200);
    QVERIFY(timer.elapsed() < 9'000);
}

void tst_HttpbinRoutes::eventsAreNumbered()
{
    QElapsedTimer timer;
    timer.start();
    const web::InjectResponse answer = get("/sse?count=3&duration=0.2&delay=0.1");
    QVERIFY(timer.elapsed() >= 300);
    QCOMPARE(answer.header("Content-Type"), QByteArrayView("text/event-stream"));
    const QList<QByteArray> events = answer.body.split('\n');
    QCOMPARE(events.size(), 3 * 3 + 1);
    for (int id = 0; id < 3; ++id) {
        QCOMPARE(events[id * 3], QByteArray("event: ping"));
        QVERIFY(events[id * 3 + 1].startsWith("data: "));
        const QJsonObject data = parsed(events[id * 3 + 1].sliced(6));
        QCOMPARE(data.value("id"_L1).toInt(-1), id);
        QVERIFY(data.value("timestamp"_L1).toInteger() > 1'600'000'000'000);
        QVERIFY(events[id * 3 + 2].isEmpty());
    }
    QCOMPARE(get("/sse?count=1&duration=0").body.count("event: ping"), 1);
    QCOMPARE(get("/sse?count=100&duration=0").body.count("event: ping"), 100);
}

void tst_HttpbinRoutes::codings_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("coding");
    QTest::addColumn<QString>("key");
    QTest::newRow("gzip") << QByteArray("/gzip") << QByteArray("gzip") << u"gzipped"_s;
    QTest::newRow("deflate") << QByteArray("/deflate") << QByteArray("deflate") << u"deflated"_s;
    QTest::newRow("brotli") << QByteArray("/brotli") << QByteArray("br") << u"brotli"_s;
}

void tst_HttpbinRoutes::codings()
{
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, coding);
    QFETCH(QString, key);
    for (const Headers &headers : {Headers{{"X-Me", "1"}}, Headers{{"X-Me", "1"}, {"Accept-Encoding", "gzip, br"}}}) {
        const web::InjectResponse answer = get(target, headers);
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.header("Content-Encoding").toByteArray(), coding); // once, whatever is accepted
        QVERIFY(answer.header("Content-Type").startsWith("application/json"));
        bool whole = false;
        const QByteArray body =
            coding == "br" ? test::unbrotlied(answer.body, &whole) : test::inflated(answer.body, &whole);
        QVERIFY(whole);
        const QJsonObject shown = parsed(body);
        QCOMPARE(shown.value(key), QJsonValue(true));
        QCOMPARE(shown.value("method"_L1).toString(), u"GET"_s);
        QCOMPARE(shown.value("headers"_L1).toObject().value("X-Me"_L1).toString(), u"1"_s);
        QCOMPARE(shown.size(), 4);
    }
}

void tst_HttpbinRoutes::pagesAreCompressedForWhoWantsIt()
{
    const web::InjectResponse plain = get("/httpbin");
    QVERIFY(plain.header("Content-Encoding").isNull());
    QCOMPARE(plain.header("Vary"), QByteArrayView("Accept-Encoding"));
    const web::InjectResponse coded = get("/httpbin", {{"Accept-Encoding", "gzip"}});
    QCOMPARE(coded.header("Content-Encoding"), QByteArrayView("gzip"));
    QVERIFY(coded.body.size() < plain.body.size() / 2);
    QVERIFY(test::inflated(coded.body) == plain.body);
    QVERIFY(get("/range/10240", {{"Accept-Encoding", "gzip"}}).header("Content-Encoding").isNull());
    QCOMPARE(get("/sse?count=2&duration=0", {{"Accept-Encoding", "gzip"}}).status, 200);
}

void tst_HttpbinRoutes::cookiesAreShown()
{
    QCOMPARE(json(get("/cookies")), parsed("{\"cookies\":{}}"));
    QCOMPARE(json(get("/cookies", {{"Cookie", "a=1; b=x%20y; a=2"}})), parsed("{\"cookies\":{\"a\":\"1\",\"b\":\"x y\"}}"));
}

// RFC 9110 §9.3.8.
void tst_HttpbinRoutes::aTraceTellsNoSecrets()
{
    const Headers headers = {{"Cookie", "a=1"}, {"Authorization", "Basic eDp5"}, {"Proxy-Authorization", "x"}, {"X-Other", "y"}};
    const QJsonObject traced = json(ask("TRACE", "/anything", {}, headers)).value(u"headers"_s).toObject();
    QCOMPARE(traced.value(u"X-Other"_s).toString(), u"y"_s);
    QVERIFY(!traced.contains(u"Cookie"_s) && !traced.contains(u"Authorization"_s) && !traced.contains(u"Proxy-Authorization"_s));
    QVERIFY(json(ask("GET", "/anything", {}, headers)).value(u"headers"_s).toObject().contains(u"Cookie"_s));
}

void tst_HttpbinRoutes::cookiesAreSetAndDeleted()
{
    const web::InjectResponse set = get("/cookies/set?a=1&b=x+%C5%82");
    QCOMPARE(set.status, 302);
    QCOMPARE(set.header("Location"), QByteArrayView("/cookies"));
    QList<QByteArray> cookies;
    for (const http::HeaderList::Field &field : set.headers.fields()) {
        if (field.name == "Set-Cookie")
            cookies.append(field.value);
    }
    QCOMPARE(cookies, (QList<QByteArray>{"a=1; Path=/", "b=x%20%C5%82; Path=/"}));
    const web::InjectResponse one = get("/cookies/set/flavour/a%20b");
    QCOMPARE(one.status, 302);
    QCOMPARE(one.header("Set-Cookie"), QByteArrayView("flavour=a%20b; Path=/"));
    const web::InjectResponse deleted = get("/cookies/delete?flavour");
    QCOMPARE(deleted.status, 302);
    QVERIFY(deleted.header("Set-Cookie").startsWith("flavour=; Max-Age=0; Path=/; Expires="));
    QCOMPARE(get("/cookies/set").status, 302);
    const web::InjectResponse twice = get("/cookies/set?a=1&a=2"); // RFC 6265 §4.1.1
    QCOMPARE(std::count_if(twice.headers.fields().begin(), twice.headers.fields().end(),
                           [](const http::HeaderList::Field &field) { return field.name == "Set-Cookie"; }), 1);
    QCOMPARE(twice.header("Set-Cookie"), QByteArrayView("a=1; Path=/"));
}

void tst_HttpbinRoutes::redirects_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("location");
    QTest::newRow("one more") << QByteArray("/redirect/2") << QByteArray("/relative-redirect/1");
    QTest::newRow("the last") << QByteArray("/redirect/1") << QByteArray("/get");
    QTest::newRow("relative ones") << QByteArray("/relative-redirect/100") << QByteArray("/relative-redirect/99");
    QTest::newRow("absolute ones") << QByteArray("/absolute-redirect/2")
                                   << QByteArray("http://inject/absolute-redirect/1");
    QTest::newRow("the last absolute one") << QByteArray("/absolute-redirect/1") << QByteArray("http://inject/get");
    QTest::newRow("absolute by the query")
        << QByteArray("/redirect/2?absolute=True") << QByteArray("http://inject/absolute-redirect/1");
}

void tst_HttpbinRoutes::redirects()
{
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, location);
    const web::InjectResponse answer = get(target);
    QCOMPARE(answer.status, 302);
    QCOMPARE(answer.header("Location").toByteArray(), location);
}

void tst_HttpbinRoutes::redirectToLeadsOnlyToTheWeb_data()
{
    QTest::addColumn<QByteArray>("query");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("location");
    const auto row = [](const char *name, const QByteArray &query, int status, const QByteArray &location) {
        QTest::newRow(name) << query << status << location;
    };
    row("a path", "url=/get", 302, "/get");
    row("a path with a colon", "url=/a:b", 302, "/a:b");
    row("a query with a colon", "url=%3Fa=b:c", 302, "?a=b:c");
    row("another site", "url=https%3A%2F%2Fexample.com%2Fa%3Fb", 302, "https://example.com/a?b");
    row("a scheme in capitals", "url=HTTP://example.com/", 302, "HTTP://example.com/");
    row("another status", "url=/get&status_code=307", 307, "/get");
    row("a quote is encoded", "url=/%22%3E%3Cscript%3E", 302, "/%22%3E%3Cscript%3E");
    row("no url", "", 400, "");
    row("an empty url", "url=", 400, "");
    row("a script", "url=javascript:alert(1)", 400, "");
    row("a script in capitals", "url=JavaScript:alert(1)", 400, "");
    row("a script after a space", "url=%20javascript:alert(1)", 400, "");
    row("a script with a tab in it", "url=java%09script:alert(1)", 400, "");
    row("a script with a line end in it", "url=java%0Ascript:alert(1)", 400, "");
    row("something that is no scheme", "url=1javascript:alert(1)", 400, "");
    row("data", "url=data:text/html,x", 400, "");
    row("a file", "url=file:///etc/passwd", 400, "");
    row("a header", "url=/a%0D%0ASet-Cookie:%20a=b", 400, "");
    row("a status that leads nowhere", "url=/get&status_code=304", 400, "");
    row("a status that is no redirect", "url=/get&status_code=200", 400, "");
}

void tst_HttpbinRoutes::redirectToLeadsOnlyToTheWeb()
{
    QFETCH(QByteArray, query);
    QFETCH(int, status);
    QFETCH(QByteArray, location);
    for (const char *method : {"GET", "POST"}) {
        const web::InjectResponse answer = ask(method, "/redirect-to?" + query);
        QCOMPARE(answer.status, status);
        QCOMPARE(answer.header("Location").toByteArray(), location);
    }
}

void tst_HttpbinRoutes::cacheAnswersConditionalRequests()
{
    const web::InjectResponse first = get("/cache");
    QCOMPARE(first.status, 200);
    QVERIFY(first.header("ETag").startsWith('"') && first.header("ETag").endsWith('"'));
    QVERIFY(first.header("Last-Modified").endsWith(" GMT"));
    QCOMPARE(get("/cache", {{"If-None-Match", first.header("ETag").toByteArray()}}).status, 304);
    const web::InjectResponse since =
        get("/cache", {{"If-Modified-Since", first.header("Last-Modified").toByteArray()}});
    QCOMPARE(since.status, 304);
    QVERIFY(since.body.isEmpty());
    QCOMPARE(get("/cache", {{"If-None-Match", "\"another\""}}).status, 200);
    QCOMPARE(get("/cache", {{"If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"}}).status, 200);
    QCOMPARE(get("/cache", {{"If-Match", "\"another\""}}).status, 412);
    const web::InjectResponse aged = get("/cache/60");
    QCOMPARE(aged.status, 200);
    QCOMPARE(aged.header("Cache-Control"), QByteArrayView("public, max-age=60"));
}

void tst_HttpbinRoutes::etags_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<int>("status");
    const auto row = [](const char *name, const char *header, const char *value, int status) {
        QTest::newRow(name) << QByteArray(header) << QByteArray(value) << status;
    };
    row("no condition", "X-None", "1", 200);
    row("the tag is known", "If-None-Match", "\"a\"", 304);
    row("the tag is known weakly", "If-None-Match", "\"x\", W/\"a\"", 304);
    row("any tag is known", "If-None-Match", "*", 304);
    row("another tag is known", "If-None-Match", "\"b\", \"aa\"", 200);
    row("a tag without quotes is none", "If-None-Match", "a", 200);
    row("a comma within a tag", "If-None-Match", "\"x,\"a\"", 200);
    row("the tag is wanted", "If-Match", "\"b\",\"a\"", 200);
    row("any tag is wanted", "If-Match", "*", 200);
    row("another tag is wanted", "If-Match", "\"b\"", 412);
}

void tst_HttpbinRoutes::etags()
{
    QFETCH(QByteArray, header);
    QFETCH(QByteArray, value);
    QFETCH(int, status);
    const web::InjectResponse answer = get("/etag/a", {{header, value}});
    QCOMPARE(answer.status, status);
    QCOMPARE(answer.header("ETag"), QByteArrayView("\"a\""));
    QCOMPARE(answer.body.isEmpty(), status != 200);
}

void tst_HttpbinRoutes::responseHeadersAreTheClients()
{
    for (const char *method : {"GET", "POST"}) {
        const web::InjectResponse answer = ask(method, "/response-headers?X-A=1&X-B=%3Cscript%3E&X-A=2");
        QCOMPARE(answer.header("X-A"), QByteArrayView("1"));
        QCOMPARE(answer.header("X-B"), QByteArrayView("<script>"));
        const QJsonObject shown = json(answer);
        QCOMPARE(shown.value("X-A"_L1).toArray(), (QJsonArray{u"1"_s, u"2"_s}));
        QCOMPARE(shown.value("Content-Type"_L1).toString(), u"application/json; charset=utf-8"_s);
    }
}

void tst_HttpbinRoutes::responseHeadersCannotBeInjected_data()
{
    QTest::addColumn<QByteArray>("query");
    QTest::newRow("a line end in a value") << QByteArray("X-A=1%0D%0ASet-Cookie:%20a=b");
    QTest::newRow("a bare line feed") << QByteArray("X-A=1%0A2");
    QTest::newRow("a NUL") << QByteArray("X-A=%00");
    QTest::newRow("a line end in a name") << QByteArray("X-A%0D%0AX-B=1");
    QTest::newRow("a name that is no token") << QByteArray("X%20A=1");
    QTest::newRow("an empty name") << QByteArray("=1");
    QTest::newRow("too many") << QByteArray("X=1&").repeated(300);
    for (const char *name : {"Content-Type", "content-length", "Transfer-Encoding", "Connection", "Content-Encoding",
                             "Content-Security-Policy", "X-Content-Type-Options", "Refresh"})
        QTest::addRow("%s is the server's", name) << QByteArray(QByteArray(name) + "=1");
}

void tst_HttpbinRoutes::responseHeadersCannotBeInjected()
{
    QFETCH(QByteArray, query);
    const web::InjectResponse answer = get("/response-headers?" + query);
    QCOMPARE(answer.status, 400);
    QVERIFY(!answer.headers.contains("X-A") && !answer.headers.contains("Set-Cookie"));
    QVERIFY(answer.body.endsWith(".\n"));
}

void tst_HttpbinRoutes::basicAuthentication_data()
{
    QTest::addColumn<QByteArray>("authorization");
    QTest::addColumn<bool>("right");
    QTest::newRow("none") << QByteArray() << false;
    QTest::newRow("the right one") << "Basic " + QByteArray("ada:se cret").toBase64() << true;
    QTest::newRow("a scheme in lower case") << "basic  " + QByteArray("ada:se cret").toBase64() << true;
    QTest::newRow("another password") << "Basic " + QByteArray("ada:se").toBase64() << false;
    QTest::newRow("another user") << "Basic " + QByteArray("ad:se cret").toBase64() << false;
    QTest::newRow("no base64") << QByteArray("Basic ada:secret") << false;
    QTest::newRow("another scheme") << "Bearer " + QByteArray("ada:se cret").toBase64() << false;
}

void tst_HttpbinRoutes::basicAuthentication()
{
    QFETCH(QByteArray, authorization);
    QFETCH(bool, right);
    const Headers headers = authorization.isEmpty() ? Headers() : Headers{{"Authorization", authorization}};
    const web::InjectResponse shown = get("/basic-auth/ada/se%20cret", headers);
    const web::InjectResponse hidden = get("/hidden-basic-auth/ada/se%20cret", headers);
    QCOMPARE(shown.status, right ? 200 : 401);
    QCOMPARE(hidden.status, right ? 200 : 404);
    QCOMPARE(shown.header("WWW-Authenticate").toByteArray(), QByteArray(right ? "" : "Basic realm=\"Fake Realm\""));
    if (right) {
        QCOMPARE(json(shown), parsed("{\"authenticated\":true,\"user\":\"ada\"}"));
        QCOMPARE(hidden.body, shown.body);
    }
}

void tst_HttpbinRoutes::bearerAuthentication()
{
    QCOMPARE(json(get("/bearer", {{"Authorization", "Bearer abc"}})),
             parsed("{\"authenticated\":true,\"token\":\"abc\"}"));
    for (const char *wrong : {"Bearer ", "Bearer", "Basic abc"}) {
        const web::InjectResponse answer = get("/bearer", {{"Authorization", wrong}});
        QCOMPARE(answer.status, 401);
        QCOMPARE(answer.header("WWW-Authenticate"), QByteArrayView("Bearer"));
    }
}

void tst_HttpbinRoutes::samples()
{
    const QString uuid = json(get("/uuid")).value("uuid"_L1).toString();
    QVERIFY(!QUuid(uuid).isNull());
    QVERIFY(json(get("/uuid")).value("uuid"_L1).toString() != uuid);
    const web::InjectResponse decoded = get("/base64/PHNjcmlwdD4_fn4-");
    QCOMPARE(decoded.body, QByteArray("<script>?~~>"));
    QCOMPARE(decoded.header("Content-Type"), QByteArrayView("text/plain; charset=utf-8")); // never HTML
    QCOMPARE(get("/base64/PHNjcmlwdD4/fn4+").body, decoded.body); // the other alphabet
    QVERIFY(json(get("/json")).value("slideshow"_L1).toObject().value("slides"_L1).isArray());
    QVERIFY(get("/xml").body.startsWith("<?xml "));
    QCOMPARE(get("/xml").header("Content-Type"), QByteArrayView("application/xml"));
    QVERIFY(get("/html").body.contains("<h1>"));
    QVERIFY(get("/encoding/utf8").body.contains(QString(u"Zażółć"_s).toUtf8()));
    QCOMPARE(get("/robots.txt").body, QByteArray("User-agent: *\nDisallow: /deny\n"));
    QVERIFY(get("/deny").header("Content-Type").startsWith("text/plain"));
    QVERIFY(get("/forms/post").body.contains("<form action=\"/post\" method=\"post\">"));
}

void tst_HttpbinRoutes::linksLeaveOneOut()
{
    QCOMPARE(get("/links/3").header("Location"), QByteArrayView("/links/3/0"));
    const QByteArray body = get("/links/3/1").body;
    QCOMPARE(body.count("href=\"/links/3/"), 2);
    QVERIFY(!body.contains("href=\"/links/3/1\""));
    QCOMPARE(get("/links/200/0").body.count("href=\"/links/200/"), 199);
}

// Qt's own conversions would take nearly all of them.
void tst_HttpbinRoutes::numbersAreWrittenPlainly()
{
    for (const char *target : {"/bytes/+5", "/bytes/%205", "/bytes/5.0", "/bytes/4294967301", "/delay/1e0", "/delay/.5",
                               "/delay/+1", "/delay/%201", "/status/+200", "/status/200:1e0"})
        QVERIFY2(get(target).status == 400, target);
}

void tst_HttpbinRoutes::whatIsOutOfRangeIs400WithASentence_data()
{
    QTest::addColumn<QByteArray>("target");
    for (const char *target : {"/status/199",
                               "/status/101",
                               "/status/600",
                               "/status/x",
                               "/status/200:0",
                               "/status/200:x",
                               "/status/200:inf",
                               "/status/200,",
                               "/status/200:-1,503",
                               "/delay/-1",
                               "/delay/10.1",
                               "/delay/x",
                               "/delay/nan",
                               "/drip?numbytes=0",
                               "/drip?numbytes=10485761",
                               "/drip?duration=11",
                               "/drip?delay=-1",
                               "/drip?code=100",
                               "/drip?code=204",
                               "/stream/0",
                               "/stream/101",
                               "/stream/x",
                               "/bytes/102401",
                               "/bytes/-1",
                               "/bytes/x",
                               "/bytes/1?seed=x",
                               "/stream-bytes/102401",
                               "/stream-bytes/1?chunk_size=0",
                               "/range/0",
                               "/range/102401",
                               "/range/x",
                               "/range/9?chunk_size=0",
                               "/range/9?duration=11",
                               "/sse?count=0",
                               "/sse?count=101",
                               "/sse?duration=11",
                               "/sse?delay=x",
                               "/cookies/set?a%20b=1",
                               "/cookies/set/a;b/1",
                               "/cookies/delete?a%3Db",
                               "/redirect/0",
                               "/redirect/101",
                               "/relative-redirect/0",
                               "/absolute-redirect/x",
                               "/cache/-1",
                               "/cache/31536001",
                               "/etag/%22",
                               "/etag/a%20b",
                               "/links/0",
                               "/links/201/0",
                               "/links/3/x",
                               "/base64/@@@",
                               "/base64/_-8"})
        QTest::addRow("%s", target) << QByteArray(target);
}

void tst_HttpbinRoutes::whatIsOutOfRangeIs400WithASentence()
{
    QFETCH(QByteArray, target);
    const web::InjectResponse answer = get(target);
    QCOMPARE(answer.status, 400);
    QVERIFY(answer.header("Content-Type").startsWith("text/plain"));
    QCOMPARE(answer.body.count('\n'), 1);
    QVERIFY(answer.body.size() > 10);
}

void tst_HttpbinRoutes::wrongMethodsAre405_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("allow");
    const auto row = [](const char *method, const char *target, const char *allow) {
        QTest::addRow("%s %s", method, target) << QByteArray(method) << QByteArray(target) << QByteArray(allow);
    };
    row("POST", "/get", "GET, HEAD, OPTIONS");
    row("GET", "/post", "POST, OPTIONS");
    row("GET", "/put", "PUT, OPTIONS");
    row("GET", "/patch", "OPTIONS, PATCH");
    row("GET", "/delete", "DELETE, OPTIONS");
    row("POST", "/headers", "GET, HEAD, OPTIONS");
    row("DELETE", "/stream/1", "GET, HEAD, OPTIONS");
    row("PUT", "/response-headers", "GET, HEAD, POST, OPTIONS");
    row("POST", "/bytes/1", "GET, HEAD, OPTIONS");
    row("POST", "/cookies", "GET, HEAD, OPTIONS");
    row("POST", "/sse", "GET, HEAD, OPTIONS");
    row("POST", "/basic-auth/a/b", "GET, HEAD, OPTIONS");
}

void tst_HttpbinRoutes::wrongMethodsAre405()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, allow);
    const web::InjectResponse answer = ask(method, target);
    QCOMPARE(answer.status, 405);
    QCOMPARE(answer.header("Allow").toByteArray(), allow);
}

void tst_HttpbinRoutes::everyExampleOfTheListIsAnswered()
{
    const QByteArray page = get("/httpbin").body;
    int examples = 0;
    for (const HttpbinEndpoint &endpoint : httpbinEndpoints()) {
        QVERIFY(page.contains(endpoint.path.toHtmlEscaped().toUtf8()));
        if (endpoint.example.isEmpty() || endpoint.example.startsWith(u"/delay")
            || endpoint.example.startsWith(u"/drip"))
            continue; // those take a second
        ++examples;
        const int status = get(endpoint.example.toUtf8()).status;
        QVERIFY2(status != 404 && status != 405 && status != 400 && status < 500, qPrintable(endpoint.example));
    }
    QVERIFY(examples > 20);
}

void tst_HttpbinRoutes::pagesRunNoScript()
{
    for (const char *target : {"/httpbin", "/html", "/encoding/utf8", "/forms/post", "/links/3/0", "/upload"}) {
        const web::InjectResponse answer = get(target);
        QCOMPARE(answer.status, 200);
        QVERIFY(answer.header("Content-Security-Policy").startsWith("default-src 'none'"));
        QVERIFY(!answer.body.contains("<script"));
    }
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_HttpbinRoutes)
#include "tst_httpbinroutes.moc"
