// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/application.h"
#include "server/web/middleware/json.h"
#include "server/web/middleware/urlencoded.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>

#include <stdexcept>

using namespace loopscope;
using namespace loopscope::web;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

// No port anywhere: every request is injected.
class tst_Application : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void layersRunInTheOrderOfTheirRegistration();
    void aRouteGetsItsParametersDecoded();
    void aMountedRouterSeesPathsRelativeToItself();
    void headIsAnsweredByGet();
    void anUnknownPathIs404AndAWrongMethod405WithAllow();
    void optionsListsTheMethods();
    void optionsOfTheServerListsTheMethodsOfAllRoutes_data();
    void optionsOfTheServerListsTheMethodsOfAllRoutes();
    void whatAHandlerThrowsReachesTheErrorMiddleware_data();
    void whatAHandlerThrowsReachesTheErrorMiddleware();
    void theBuiltInErrorAnswerTellsTheClientOnlyWhatItMayKnow();
    void anErrorKeepsTheHeadersOfMiddleware();
    void anErrorAfterTheHeadCutsTheAnswer();
    void aSecondNextChangesNothing();
    void aSecondAnswerIsAnError();
    void aCoroutineAnswersLater();
    void aPlainHandlerMayAnswerLaterIfItHolds();
    void bodiesComeWholeOrInPieces();
    void aBodyIsReadOnce();
    void aBodyBeyondTheLimitIs413();
    void formsAndJson();
    void aRedirectCannotInjectAHeader();
    void layersAreTraced();
};

static InjectResponse inject(Application &application, const InjectRequest &request)
{
    InjectResponse response;
    bool done = false;
    application.inject(request, [&](InjectResponse answer) {
        response = std::move(answer);
        done = true;
    });
    if (!test::waitFor([&] { return done; }))
        response.body = "(never answered)";
    return response;
}

static InjectResponse get(Application &application, const QByteArray &target, const QByteArray &method = "GET")
{
    return inject(application, {.method = method, .target = target, .headers = {}, .body = {}});
}

static void echo(Request &, Response &res)
{
    res.send(u"ok"_s);
}

void tst_Application::layersRunInTheOrderOfTheirRegistration()
{
    Application app;
    QByteArray order;
    app.use([&](Request &, Response &, Next next) {
        order += "a(";
        next();
        order += ")a";
    });
    app.use("/other", [&](Request &, Response &, Next next) { order += "never"; next(); });
    app.use([&](Request &, Response &, Next next) {
        order += "b(";
        next();
        order += ")b";
    });
    app.get("/", [&](Request &, Response &res) {
        order += "handler";
        res.send(u"ok"_s);
    });
    app.use([&](Request &, Response &, Next next) { order += "after"; next(); });
    const InjectResponse response = get(app, "/");
    QCOMPARE(response.status, 200);
    QCOMPARE(response.body, QByteArray("ok"));
    QCOMPARE(response.header("content-type"), QByteArrayView("text/html; charset=utf-8"));
    QCOMPARE(order, QByteArray("a(b(handler)b)a"));
}

void tst_Application::aRouteGetsItsParametersDecoded()
{
    Application app;
    app.get("/users/:id/*rest", [](Request &req, Response &res) {
        res.send(QString(req.param("id") + u'|' + req.param("rest") + u'|' + req.query(u"q"_s)
                         + (req.query(u"none"_s).isNull() ? u"|null"_s : QString())));
    });
    QCOMPARE(get(app, "/users/%C5%82a%2Fb/c/d?q=1+2%2B3&q=4").body, QString(u"ła/b|c/d|1 2+3|null"_s).toUtf8());
    QCOMPARE(get(app, "http://host/users/1/2?q=x").body, QByteArray("1|2|x|null"));
    QCOMPARE(get(app, "/users/%C5/c").status, 400);
    QCOMPARE(get(app, "/users/%zz/c").status, 400);
}

void tst_Application::aMountedRouterSeesPathsRelativeToItself()
{
    auto users = std::make_shared<Router>();
    users->get("/", [](Request &req, Response &res) { res.send(QString(u"all of "_s + req.param("team"))); });
    users->get("/:id", [](Request &req, Response &res) {
        res.send(QString(req.param("id") + u" of "_s + req.param("team")));
    });
    Application app;
    app.use("/teams/:team/users", users);
    app.get("/teams/:team/users/:id/more", [](Request &req, Response &res) { res.send(req.param("id")); });
    QCOMPARE(get(app, "/teams/red/users").body, QByteArray("all of red"));
    QCOMPARE(get(app, "/teams/red/users/7").body, QByteArray("7 of red"));
    QCOMPARE(get(app, "/teams/red/users/7/more").body, QByteArray("7"));
    QCOMPARE(get(app, "/teams/red/users/7/none").status, 404);
}

void tst_Application::headIsAnsweredByGet()
{
    Application app;
    app.get("/", echo);
    const InjectResponse response = get(app, "/", "HEAD");
    QCOMPARE(response.status, 200);
    QVERIFY(response.body.isEmpty());
    QVERIFY(!response.aborted);
}

void tst_Application::anUnknownPathIs404AndAWrongMethod405WithAllow()
{
    Application app;
    app.get("/users", echo);
    app.post("/users", echo);
    app.all("/any", echo);
    QCOMPARE(get(app, "/nobody").status, 404);
    const InjectResponse response = get(app, "/users", "DELETE");
    QCOMPARE(response.status, 405);
    QCOMPARE(response.header("Allow"), QByteArrayView("GET, HEAD, POST, OPTIONS"));
    QCOMPARE(get(app, "/any", "PATCH").status, 200);
}

void tst_Application::optionsListsTheMethods()
{
    Application app;
    app.put("/x", echo);
    const InjectResponse response = get(app, "/x", "OPTIONS");
    QCOMPARE(response.status, 204);
    QCOMPARE(response.header("Allow"), QByteArrayView("PUT, OPTIONS"));
    QCOMPARE(get(app, "/y", "OPTIONS").status, 404);
}

void tst_Application::optionsOfTheServerListsTheMethodsOfAllRoutes_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("allow"); // empty: 404
    QTest::newRow("asterisk form") << QByteArray("*") << QByteArray("GET, HEAD, PUT, DELETE, OPTIONS");
    QTest::newRow("an absolute form without a path")
        << QByteArray("http://a") << QByteArray("GET, HEAD, PUT, DELETE, OPTIONS");
    QTest::newRow("a slash is a path") << QByteArray("http://a/") << QByteArray();
    QTest::newRow("a query makes it a resource") << QByteArray("http://a?b") << QByteArray();
}

void tst_Application::optionsOfTheServerListsTheMethodsOfAllRoutes()
{
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, allow);
    Application app;
    app.get("/x", echo);
    auto inner = std::make_shared<Router>();
    inner->put("/", echo);
    inner->del("/y", echo);
    app.use("/inner", inner);
    const InjectResponse response = get(app, target, "OPTIONS");
    QCOMPARE(response.status, allow.isEmpty() ? 404 : 204);
    QCOMPARE(response.header("Allow").toByteArray(), allow);
    QVERIFY(response.body.isEmpty() == !allow.isEmpty());
}

void tst_Application::whatAHandlerThrowsReachesTheErrorMiddleware_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::newRow("thrown") << QByteArray("/throw");
    QTest::newRow("given to next") << QByteArray("/next");
    QTest::newRow("thrown by a coroutine before it suspends") << QByteArray("/early");
    QTest::newRow("thrown by a coroutine after it was suspended") << QByteArray("/late");
}

void tst_Application::whatAHandlerThrowsReachesTheErrorMiddleware()
{
    QFETCH(QByteArray, path);
    Application app;
    app.use([](std::exception_ptr, Request &, Response &res, Next) { res.send(u"too early in the chain"_s); });
    app.get("/throw", [](Request &, Response &) { throw std::runtime_error("boom"); });
    app.get("/next", [](Request &, Response &, Next next) { next(std::make_exception_ptr(std::runtime_error("boom"))); });
    app.get("/early", [](Request &, Response &) -> loop::Task<> {
        throw std::runtime_error("boom");
        co_return;
    });
    app.get("/late", [](Request &, Response &) -> loop::Task<> {
        co_await loop::nextTurn();
        throw std::runtime_error("boom");
    });
    app.use([](Request &, Response &res) { res.send(u"skipped by an error"_s); });
    app.use([](std::exception_ptr error, Request &, Response &res, Next next) {
        try {
            std::rethrow_exception(error);
        } catch (const std::runtime_error &e) {
            res.status(503).send(QString(u"caught "_s + QString::fromUtf8(e.what())));
        } catch (...) {
            next(error);
        }
    });
    const InjectResponse response = get(app, path);
    QCOMPARE(response.status, 503);
    QCOMPARE(response.body, QByteArray("caught boom"));
}

void tst_Application::theBuiltInErrorAnswerTellsTheClientOnlyWhatItMayKnow()
{
    const auto bodyOf = [](Application::Environment environment, const QByteArray &path) {
        Application app(Application::Options{.environment = environment});
        app.get("/operational", [](Request &, Response &) {
            throw AppError(409, u"There is one already."_s);
        });
        app.get("/programmer", [](Request &, Response &) { throw std::runtime_error("secret detail"); });
        const InjectResponse response = get(app, path);
        return QByteArray(QByteArray::number(response.status) + ' ' + response.body);
    };
    using enum Application::Environment;
    QCOMPARE(bodyOf(Production, "/operational"), QByteArray("409 There is one already.\n"));
    QCOMPARE(bodyOf(Production, "/programmer"), QByteArray("500 Internal Server Error\n"));
    QCOMPARE(bodyOf(Development, "/programmer"), QByteArray("500 secret detail\n"));
}

// As Express's: what middleware has said of every answer stays, what described the one that does not come goes.
void tst_Application::anErrorKeepsTheHeadersOfMiddleware()
{
    Application app;
    app.use([](Request &, Response &res, Next next) {
        res.set("Access-Control-Allow-Origin", "*").set("Vary", "Accept").set("Content-Security-Policy", "default-src 'self'");
        next();
    });
    app.get("/", [](Request &, Response &res) {
        res.set("ETag", "\"1\"").set("Cache-Control", "max-age=60").set("Content-Encoding", "gzip").contentLength(1'000);
        throw AppError(409, u"There is one already."_s);
    });
    app.get("/crowded", [](Request &, Response &res) {
        for (int i = 0; i < 190; ++i)
            res.set("X-" + QByteArray::number(i), "1");
        throw AppError::tryLater(u"Later."_s, "ERR_LATER");
    });
    const InjectResponse response = get(app, "/");
    QCOMPARE(response.status, 409);
    QCOMPARE(response.header("Access-Control-Allow-Origin"), QByteArrayView("*"));
    QCOMPARE(response.header("Vary"), QByteArrayView("Accept"));
    QCOMPARE(response.header("Content-Security-Policy"), QByteArrayView("default-src 'self'"));
    QCOMPARE(response.header("X-Content-Type-Options"), QByteArrayView("nosniff"));
    for (const char *header : {"ETag", "Cache-Control", "Content-Encoding"})
        QVERIFY2(response.header(header).isNull(), header);
    QCOMPARE(response.body, QByteArray("There is one already.\n"));
    QCOMPARE(response.contentLength, response.body.size());
    QCOMPARE(get(app, "/crowded").header("Retry-After"), QByteArrayView("1"));
}

void tst_Application::anErrorAfterTheHeadCutsTheAnswer()
{
    Application app;
    app.get("/", [](Request &, Response &res) {
        res.write("half");
        throw std::runtime_error("boom");
    });
    const InjectResponse response = get(app, "/");
    QCOMPARE(response.status, 200);
    QCOMPARE(response.body, QByteArray("half"));
    QVERIFY(response.aborted);
}

void tst_Application::aSecondNextChangesNothing()
{
    Application app;
    int calls = 0;
    app.use([](Request &, Response &, Next next) {
        next();
        next();
    });
    app.get("/", [&](Request &, Response &res) {
        ++calls;
        res.send(u"ok"_s);
    });
    QCOMPARE(get(app, "/").body, QByteArray("ok"));
    QCOMPARE(calls, 1);
}

void tst_Application::aSecondAnswerIsAnError()
{
    Application app;
    QByteArray why;
    app.get("/", [&](Request &, Response &res) {
        res.send(u"first"_s);
        try {
            res.send(u"second"_s);
        } catch (const std::logic_error &error) {
            why = error.what();
        }
    });
    QCOMPARE(get(app, "/").body, QByteArray("first"));
    QVERIFY(!why.isEmpty());
}

void tst_Application::aCoroutineAnswersLater()
{
    Application app;
    app.get("/", [](Request &req, Response &res) -> loop::Task<> {
        co_await loop::sleep(5ms);
        res.send(QString(u"after a timer: "_s + req.query(u"a"_s)));
    });
    QCOMPARE(get(app, "/?a=1").body, QByteArray("after a timer: 1"));
}

void tst_Application::aPlainHandlerMayAnswerLaterIfItHolds()
{
    Application app;
    app.get("/", [](Request &, Response &res) {
        loop::EventLoop::current()->setTimeout([&res, hold = res.hold()] { res.send(u"later"_s); }, 2ms);
    });
    QCOMPARE(get(app, "/").body, QByteArray("later"));
}

void tst_Application::bodiesComeWholeOrInPieces()
{
    Application app;
    app.post("/whole", [](Request &req, Response &res) -> loop::Task<> { res.send(co_await req.read()); });
    app.post("/pieces", [](Request &req, Response &res) {
        auto sizes = std::make_shared<QByteArray>();
        req.onData([sizes](QByteArrayView piece) { *sizes += QByteArray::number(piece.size()) + ' '; });
        req.onEnd([sizes, &res] { res.send(QByteArray(*sizes + "end")); });
    });
    QCOMPARE(inject(app, {.method = "POST", .target = "/whole", .headers = {}, .body = "abc"}).body, QByteArray("abc"));
    QCOMPARE(inject(app, {.method = "POST", .target = "/whole", .headers = {}, .body = {}}).body, QByteArray());
    http::HeaderList chunked;
    chunked.set("Transfer-Encoding", "chunked");
    QCOMPARE(inject(app, {.method = "POST", .target = "/pieces", .headers = chunked,
                          .body = "3\r\nabc\r\n5\r\nabcde\r\n0\r\n\r\n"})
                 .body,
             QByteArray("3 5 end"));
}

void tst_Application::aBodyIsReadOnce()
{
    Application app(Application::Options{.environment = Application::Environment::Development});
    app.post("/", [](Request &req, Response &res) -> loop::Task<> {
        co_await req.read();
        res.send(co_await req.read());
    });
    const InjectResponse response = inject(app, {.method = "POST", .target = "/", .headers = {}, .body = "abc"});
    QCOMPARE(response.status, 500);
    QCOMPARE(response.body, QByteArray("the body was read already\n"));
}

void tst_Application::aBodyBeyondTheLimitIs413()
{
    Application app(Application::Options{.maxBodyBytes = 4});
    app.post("/small", [](Request &req, Response &res) -> loop::Task<> { res.send(co_await req.read()); });
    app.post(
        "/large", [](Request &req, Response &res) -> loop::Task<> { res.send(co_await req.read()); }, {8});
    const auto status = [&](const char *target, const char *body, bool chunked) {
        InjectRequest request{.method = "POST", .target = target, .headers = {}, .body = body};
        if (chunked)
            request.headers.set("Transfer-Encoding", "chunked");
        return inject(app, request).status;
    };
    QCOMPARE(status("/small", "1234", false), 200);
    QCOMPARE(status("/small", "12345", false), 413);
    QCOMPARE(status("/small", "4\r\n1234\r\n1\r\n5\r\n0\r\n\r\n", true), 413);
    QCOMPARE(status("/large", "12345", false), 200);
    QCOMPARE(status("/large", "123456789", false), 413);
}

void tst_Application::formsAndJson()
{
    Application app;
    app.use(urlencoded({.limit = 100, .parameterLimit = 3}), "urlencoded");
    app.use(json({.limit = 100}), "json");
    app.post("/form", [](Request &req, Response &res) {
        res.send(req.form.get(u"name"_s));
    });
    app.post("/json", [](Request &req, Response &res) { res.json(req.json); });
    const auto post = [&](const char *target, const char *type, const QByteArray &body) {
        InjectRequest request{.method = "POST", .target = target, .headers = {}, .body = body};
        request.headers.set("Content-Type", type);
        return inject(app, request);
    };
    QCOMPARE(post("/form", "application/x-www-form-urlencoded; charset=utf-8", "name=J%C3%B3zef+K%2B").body,
             QString(u"Józef K+"_s).toUtf8());
    QCOMPARE(post("/form", "application/x-www-form-urlencoded", "a&b&c&d").status, 413);
    QCOMPARE(post("/form", "application/x-www-form-urlencoded", QByteArray(101, 'x')).status, 413);
    QCOMPARE(post("/json", "application/json", "{\"a\":[1]}").body, QByteArray("{\"a\":[1]}"));
    QCOMPARE(post("/json", "application/json", "{\"a\":").status, 400);
    QVERIFY(post("/json", "text/plain", "{\"a\":1}").body.isEmpty()); // not read: it does not say that it is JSON
}

void tst_Application::aRedirectCannotInjectAHeader()
{
    Application app;
    app.get("/", [](Request &req, Response &res) { res.redirect(req.query(u"to"_s).toUtf8()); });
    const InjectResponse response = get(app, "/?to=/a%0D%0ASet-Cookie:%20a=1%20%C5%82");
    QCOMPARE(response.status, 302);
    QCOMPARE(response.header("Location"), QByteArrayView("/a%0D%0ASet-Cookie:%20a=1%20%C5%82"));
    QVERIFY(!response.headers.contains("Set-Cookie"));
}

void tst_Application::layersAreTraced()
{
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) { });
    Application app;
    app.use([](Request &, Response &, Next next) { next(); }, "outer");
    const int line = __LINE__ + 1;
    app.get("/x", echo);
    QCOMPARE(get(app, "/x").status, 200);
    QList<QByteArray> layers;
    test::theTrace().drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
        if (record.kind != trace::Kind::Layer)
            return;
        layers.append(QByteArray::number(record.id) + ' ' + record.name + (record.value >= 0 ? " next" : ""));
        if (QByteArrayView(record.name) == QByteArrayView("GET /x")) {
            QCOMPARE(int(record.line), line);
            QVERIFY(QByteArrayView(record.file).endsWith("tst_application.cpp"));
        }
        QVERIFY(record.value <= record.duration);
    });
    QCOMPARE(layers, (QList<QByteArray>{"2 GET /x", "1 outer next"})); // written as they return
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_Application)
#include "tst_application.moc"
