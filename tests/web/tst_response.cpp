// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/application.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"
#include "tests/web/injecting.h"

#include <stdexcept>

using namespace loopscope;
using namespace loopscope::web;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using test::get;

// What a handler asks of its request and says with its response, beyond the ways that tst_Application goes.
class tst_Response : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void varyNamesEachHeaderOnce();
    void locationIsEncoded();
    void linksAreAdded();
    void attachmentNamesTheFile();
    void cookiesAreSetAndCleared();
    void aBadCookieIsTheHandlersError();
    void formatFollowsAccept_data();
    void formatFollowsAccept();
    void requestCookies();
    void hostname_data();
    void hostname();
    void theAuthorityOfAnAbsoluteFormIsTheHost();
    void baseUrlIsWhatTheMountsTook();
    void requestGetters();
    void freshComparesWithTheResponse();
    void anEtagIsMadeOfWholeAnswers();
    void aClientThatHasTheAnswerGets304();
    void flushHeadersSendsOnlyTheHead();
    void destroyCutsTheAnswer();
    void aBodyFilterChangesTheBody_data();
    void aBodyFilterChangesTheBody();
};

template<typename Handler>
static InjectResponse answerOf(Handler handler, const test::Headers &headers = {}, const QByteArray &method = "GET")
{
    Application app;
    app.all("/", handler);
    return get(app, "/", headers, method);
}

static QByteArray all(const InjectResponse &response, const QByteArray &name)
{
    QByteArray values;
    for (const http::HeaderList::Field &field : response.headers.fields()) {
        if (http::equalsIgnoringCase(field.name, name))
            values += field.value + '\n';
    }
    return values;
}

void tst_Response::varyNamesEachHeaderOnce()
{
    const InjectResponse one = answerOf([](Request &, Response &res) {
        res.vary("Accept-Encoding").vary("Origin").vary("accept-encoding").sendStatus(200);
    });
    QCOMPARE(one.header("Vary"), QByteArrayView("Accept-Encoding, Origin"));
    const InjectResponse any = answerOf([](Request &, Response &res) { res.vary("Origin").vary("*").vary("Accept").sendStatus(200); });
    QCOMPARE(any.header("Vary"), QByteArrayView("*"));
}

void tst_Response::locationIsEncoded()
{
    const InjectResponse response = answerOf([](Request &, Response &res) {
        res.location("/a b\\\r\n%20ł").sendStatus(201);
    });
    QCOMPARE(response.header("Location"), QByteArrayView("/a%20b%5C%0D%0A%20%C5%82"));
}

void tst_Response::linksAreAdded()
{
    const InjectResponse response = answerOf([](Request &, Response &res) {
        res.links({{"next", "/users?page=2"}, {"last", "/users?page=<5>"}}).links({{"first", "/users"}}).sendStatus(200);
    });
    QCOMPARE(response.header("Link"), QByteArrayView("</users?page=2>; rel=\"next\", </users?page=%3C5%3E>; rel=\"last\", "
                                                     "</users>; rel=\"first\""));
    QCOMPARE(answerOf([](Request &, Response &res) { res.links({{"a\"b", "/"}}); }).status, 500);
}

void tst_Response::attachmentNamesTheFile()
{
    const InjectResponse response = answerOf([](Request &, Response &res) {
        res.attachment(u"logo.png"_s).send(QByteArray("x"));
    });
    QCOMPARE(response.header("Content-Disposition"), QByteArrayView("attachment; filename=\"logo.png\""));
    QCOMPARE(response.header("Content-Type"), QByteArrayView("image/png"));
}

void tst_Response::cookiesAreSetAndCleared()
{
    const InjectResponse response = answerOf([](Request &, Response &res) {
        res.cookie("a", u"1"_s).cookie("b", u"2"_s, {.domain = {}, .path = "/b", .maxAge = {}, .expires = {}, .httpOnly = true,
                                                     .secure = false, .partitioned = false, .sameSite = SameSite::Lax});
        CookieOptions options;
        options.maxAge = 60s;
        res.clearCookie("c", options).sendStatus(204);
    });
    QCOMPARE(all(response, "Set-Cookie"), QByteArray("a=1; Path=/\nb=2; Path=/b; HttpOnly; SameSite=Lax\n"
                                                     "c=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT\n"));
}

void tst_Response::aBadCookieIsTheHandlersError()
{
    const InjectResponse response = answerOf([](Request &, Response &res) {
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, res.cookie("__Host-a", u"1"_s));
        res.sendStatus(200);
    });
    QVERIFY(all(response, "Set-Cookie").isEmpty());
}

void tst_Response::formatFollowsAccept_data()
{
    QTest::addColumn<QByteArray>("accept");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("the first of equals") << QByteArray("*/*") << 200 << QByteArray("text/html; charset=utf-8") << QByteArray("<p>hi");
    QTest::newRow("the better one") << QByteArray("text/html;q=0.5, application/json") << 200 << QByteArray("application/json")
                                    << QByteArray("{}");
    QTest::newRow("none") << QByteArray("image/png") << 406 << QByteArray("text/plain; charset=utf-8")
                          << QByteArray("This resource has no representation that the client accepts.\n");
}

void tst_Response::formatFollowsAccept()
{
    QFETCH(QByteArray, accept);
    QFETCH(int, status);
    QFETCH(QByteArray, type);
    QFETCH(QByteArray, body);
    const InjectResponse response = answerOf(
        [](Request &, Response &res) {
            res.format({{"text/html", [&] { res.send(u"<p>hi"_s); }}, {"application/json", [&] { res.send(u"{}"_s); }}});
        },
        {{"Accept", accept}});
    QCOMPARE(response.status, status);
    QCOMPARE(response.header("Content-Type"), QByteArrayView(type));
    QCOMPARE(response.body, body);
    if (status == 200)
        QCOMPARE(response.header("Vary"), QByteArrayView("Accept"));
}

void tst_Response::requestCookies()
{
    const InjectResponse response = answerOf(
        [](Request &req, Response &res) {
            res.send(QString(req.cookie("a") + u'|' + req.cookie("b") + u'|' + QString::number(req.cookies().size())
                             + (req.cookie("none").isNull() ? u"|null"_s : u""_s) + (req.cookie("e").isNull() ? u"|null"_s : u"|empty"_s)));
        },
        {{"Cookie", "a=1; b=%20"}, {"Cookie", "a=2; e="}});
    QCOMPARE(response.body, QByteArray("1| |3|null|empty"));
}

void tst_Response::hostname_data()
{
    QTest::addColumn<QByteArray>("host");
    QTest::addColumn<QByteArray>("name");
    QTest::newRow("without a port") << QByteArray("example.com") << QByteArray("example.com");
    QTest::newRow("with a port") << QByteArray("example.com:8080") << QByteArray("example.com");
    QTest::newRow("IPv6") << QByteArray("[::1]") << QByteArray("[::1]");
    QTest::newRow("IPv6 with a port") << QByteArray("[::1]:80") << QByteArray("[::1]");
}

void tst_Response::hostname()
{
    QFETCH(QByteArray, host);
    QFETCH(QByteArray, name);
    const InjectResponse response = answerOf([](Request &req, Response &res) { res.send(req.hostname().toByteArray()); },
                                             {{"Host", host}});
    QCOMPARE(response.body, name);
}

void tst_Response::theAuthorityOfAnAbsoluteFormIsTheHost()
{
    Application app;
    app.use([](Request &req, Response &res) {
        res.send(QByteArray(req.host().toByteArray() + ' ' + req.hostname().toByteArray() + ' '
                            + req.path().toByteArray()));
    });
    const auto ask = [&](const QByteArray &target) { return get(app, target, {{"Host", "other:1"}}).body; };
    QCOMPARE(ask("http://a.example:8080/b"), QByteArray("a.example:8080 a.example /b"));
    QCOMPARE(ask("http://[::1]:80?c"), QByteArray("[::1]:80 [::1] /"));
    QCOMPARE(ask("/b"), QByteArray("other:1 other /b"));
}

void tst_Response::baseUrlIsWhatTheMountsTook()
{
    const auto tell = [](Request &req, Response &res) { res.send(req.baseUrl().toByteArray()); };
    auto inner = std::make_shared<Router>();
    inner->use("/files", tell);
    inner->get("/route", tell);
    Application app;
    app.use("/outer/:id", inner);
    app.use("/plain", tell);
    app.get("/route", tell);
    QCOMPARE(get(app, "/outer/7/files/a").body, QByteArray("/outer/7/files"));
    QCOMPARE(get(app, "/outer/7/route").body, QByteArray("/outer/7"));
    QCOMPARE(get(app, "/plain").body, QByteArray("/plain"));
    QCOMPARE(get(app, "/route").body, QByteArray());
}

void tst_Response::requestGetters()
{
    const InjectResponse response = answerOf(
        [](Request &req, Response &res) {
            const RangeRequest range = req.range(100);
            res.send(QByteArray(req.protocol().toByteArray() + ' ' + (req.xhr() ? "xhr " : "") + toRangeHeader(range.ranges) + ' '
                                + QByteArray::number(req.acceptsEncodings({"gzip", "br"})) + ' '
                                + QByteArray::number(req.acceptsLanguages({"de", "pl"})) + ' '
                                + QByteArray::number(req.acceptsCharsets({"utf-8"}))));
        },
        {{"X-Requested-With", "xmlhttprequest"}, {"Range", "bytes=-10"}, {"Accept-Encoding", "br"}, {"Accept-Language", "pl"}});
    QCOMPARE(response.body, QByteArray("http xhr bytes=90-99 1 1 0"));
}

void tst_Response::freshComparesWithTheResponse()
{
    const auto handler = [](Request &req, Response &res) {
        res.set("ETag", "\"1\"");
        res.sendStatus(req.fresh() ? 304 : 200);
    };
    QCOMPARE(answerOf(handler, {{"If-None-Match", "W/\"1\""}}).status, 304);
    QCOMPARE(answerOf(handler, {{"If-None-Match", "\"2\""}}).status, 200);
    QCOMPARE(answerOf(handler).status, 200);
    const auto failed = [](Request &req, Response &res) {
        res.status(404).set("ETag", "\"1\"");
        res.sendStatus(req.fresh() ? 304 : 404);
    };
    QCOMPARE(answerOf(failed, {{"If-None-Match", "\"1\""}}).status, 404);
}

// An application that makes ETags.
struct Tagging {
    Tagging()
        : app(Application::Options{.etag = true})
    {
        app.get("/", [](Request &, Response &res) { res.type("text/plain").set("Cache-Control", "no-cache").send("Hello, World!"_ba); });
        app.get("/own", [](Request &, Response &res) { res.set("ETag", "\"mine\"").send("Hello, World!"_ba); });
        app.get("/pieces", [](Request &, Response &res) {
            res.write("Hello");
            res.end();
        });
        app.post("/", [](Request &, Response &res) { res.send("Hello, World!"_ba); });
    }
    Application app;
};

void tst_Response::anEtagIsMadeOfWholeAnswers()
{
    Tagging site;
    QCOMPARE(get(site.app, "/").header("ETag"), QByteArrayView("W/\"d-CgqfKmdylCVXq1NV12r0Qvj2XgE\"")); // as Express's
    QCOMPARE(get(site.app, "/", {}, "HEAD").header("ETag"), QByteArrayView("W/\"d-CgqfKmdylCVXq1NV12r0Qvj2XgE\""));
    QCOMPARE(get(site.app, "/own").header("ETag"), QByteArrayView("\"mine\""));
    QVERIFY(get(site.app, "/pieces").header("ETag").isNull());
    QVERIFY(get(site.app, "/none").header("ETag").isNull());
    Application plain;
    plain.get("/", [](Request &, Response &res) { res.send("Hello, World!"_ba); });
    QVERIFY(get(plain, "/").header("ETag").isNull());
}

// RFC 9110 §13.1.2, §15.4.5.
void tst_Response::aClientThatHasTheAnswerGets304()
{
    Tagging site;
    const test::Headers known = {{"If-None-Match", "W/\"d-CgqfKmdylCVXq1NV12r0Qvj2XgE\""}};
    const InjectResponse cached = get(site.app, "/", known);
    QCOMPARE(cached.status, 304);
    QCOMPARE(cached.body, QByteArray());
    QCOMPARE(cached.header("ETag"), QByteArrayView("W/\"d-CgqfKmdylCVXq1NV12r0Qvj2XgE\""));
    QCOMPARE(cached.header("Cache-Control"), QByteArrayView("no-cache"));
    QVERIFY(cached.header("Content-Type").isNull());
    QCOMPARE(get(site.app, "/", known, "HEAD").status, 304);
    QCOMPARE(get(site.app, "/", known, "POST").status, 200);
    QCOMPARE(get(site.app, "/own", known).status, 200);
    QCOMPARE(get(site.app, "/none", {{"If-None-Match", "*"}}).status, 404);
}

void tst_Response::flushHeadersSendsOnlyTheHead()
{
    const InjectResponse response = answerOf([](Request &, Response &res) {
        res.flushHeaders();
        QVERIFY(res.headersSent());
        res.flushHeaders();
        res.end("later");
    });
    QCOMPARE(response.status, 200);
    QCOMPARE(response.contentLength, -1);
    QCOMPARE(response.body, QByteArray("later"));
}

void tst_Response::destroyCutsTheAnswer()
{
    bool closed = false;
    const InjectResponse response = answerOf([&](Request &, Response &res) {
        res.onClose([&] { closed = true; });
        res.contentLength(10).write("part");
        res.destroy();
        QVERIFY(!res.isWritable());
        res.destroy();
    });
    QVERIFY(response.aborted);
    QVERIFY(closed);
    QCOMPARE(response.body, QByteArray("part"));
}

// Writes each piece in brackets, and what it kept at a flush and at the end.
class Brackets final : public BodyFilter {
public:
    bool begin(Response &response, qint64 contentLength) override
    {
        response.set("X-Length", QByteArray::number(contentLength));
        return contentLength != 0;
    }
    void write(QByteArrayView bytes, QByteArray &out) override
    {
        m_kept += bytes.toByteArray();
        if (m_kept.size() > 3)
            flush(out);
    }
    void flush(QByteArray &out) override { out += '[' + std::exchange(m_kept, QByteArray()) + ']'; }
    void end(QByteArray &out) override
    {
        flush(out);
        out += '.';
    }

private:
    QByteArray m_kept;
};

void tst_Response::aBodyFilterChangesTheBody_data()
{
    QTest::addColumn<int>("how");
    QTest::addColumn<QByteArray>("told");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<qint64>("length");
    QTest::newRow("sent at once: the length is of what goes out") << 0 << QByteArray("5") << QByteArray("[hello][].") << qint64(10);
    QTest::newRow("in pieces: chunked") << 1 << QByteArray("-1") << QByteArray("[hello][a].") << qint64(-1);
    QTest::newRow("in pieces of a known length: chunked") << 2 << QByteArray("6") << QByteArray("[hello][a].") << qint64(-1);
    QTest::newRow("flushed") << 3 << QByteArray("-1") << QByteArray("[a][b].") << qint64(-1);
    QTest::newRow("a filter that does not want to") << 4 << QByteArray("0") << QByteArray() << qint64(0);
}

void tst_Response::aBodyFilterChangesTheBody()
{
    QFETCH(int, how);
    QFETCH(QByteArray, told);
    QFETCH(QByteArray, body);
    QFETCH(qint64, length);
    const InjectResponse response = answerOf([how](Request &, Response &res) {
        res.setBodyFilter(std::make_unique<Brackets>());
        if (how == 0)
            res.send(QByteArray("hello"));
        if (how == 2)
            res.contentLength(6);
        if (how == 1 || how == 2) {
            res.write("hello");
            res.end("a");
        }
        if (how == 3) {
            res.write("a");
            res.flush();
            res.end("b");
        }
        if (how == 4)
            res.end();
    });
    QCOMPARE(response.header("X-Length"), QByteArrayView(told));
    QCOMPARE(response.body, body);
    QCOMPARE(response.contentLength, length);
    QVERIFY(!response.aborted);
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_Response)
#include "tst_response.moc"
