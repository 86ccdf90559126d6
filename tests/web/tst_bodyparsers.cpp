// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/application.h"
#include "server/web/middleware/json.h"
#include "server/web/middleware/raw.h"
#include "server/web/middleware/text.h"
#include "server/web/middleware/urlencoded.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>

using namespace loopscope;
using namespace loopscope::web;
using namespace Qt::StringLiterals;

// json(), text(), raw() and urlencoded(), each in an application of its own, by injected requests.
class tst_BodyParsers : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void jsonBodies_data();
    void jsonBodies();
    void jsonTellsWhereItFailed();
    void jsonIsBoundedInDepth();
    void textBodies_data();
    void textBodies();
    void rawBodies_data();
    void rawBodies();
    void forms_data();
    void forms();
    void aFormMayComeInChunks();
    void aBodyIsReadByTheFirstThatWantsIt();
    void theLimitIsOfTheMiddlewareAlone();
    void aBodyThatCameBeforeItsLimitIsMeasured();
    void aCompressedBodyIsReadAsWhatItWas_data();
    void aCompressedBodyIsReadAsWhatItWas();
    void aCompressedBodyIsBoundedByWhatComesOut();
    void aCompressedBodyMayBeALittleLargerThanItsLimit();
    void whatIsNotCodedAsItSaysIs400_data();
    void whatIsNotCodedAsItSaysIs400();
    void aCodingThatIsNotReadIs415_data();
    void aCodingThatIsNotReadIs415();
    void errorsHaveTheTypesOfBodyParser_data();
    void errorsHaveTheTypesOfBodyParser();
};

static InjectResponse post(Application &app, const QByteArray &type, const QByteArray &body,
                           const http::HeaderList &more = {})
{
    InjectRequest request{.method = "POST", .target = "/", .headers = more, .body = body};
    if (!type.isEmpty())
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

// An application that shows what the middleware found.
struct Parser {
    explicit Parser(Handler middleware)
    {
        app.use(std::move(middleware));
        app.post("/", [](Request &req, Response &res) {
            QByteArray found;
            if (!req.json.isNull())
                found += "json " + req.json.toJson(QJsonDocument::Compact);
            if (!req.text.isNull())
                found += "text " + req.text.toUtf8();
            if (!req.raw.isNull())
                found += "raw " + req.raw;
            for (const auto &[name, value] : req.form.entries())
                found += '[' + name.toUtf8() + '|' + value.toUtf8() + ']';
            res.send(found);
        });
        app.use([this](std::exception_ptr error, Request &, Response &, Next next) {
            try {
                std::rethrow_exception(error);
            } catch (const AppError &appError) {
                code = appError.code();
            } catch (...) {
            }
            next(error);
        });
    }
    QByteArray result(const QByteArray &type, const QByteArray &body, const http::HeaderList &more = {})
    {
        const InjectResponse response = post(app, type, body, more);
        return response.status == 200 ? response.body : QByteArray::number(response.status);
    }
    Application app;
    QByteArray code; // of the last error
};

static void addColumns()
{
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("expected");
}

static void row(const char *name, const char *type, const QByteArray &body, const QByteArray &expected)
{
    QTest::newRow(name) << QByteArray(type) << body << expected;
}

void tst_BodyParsers::jsonBodies_data()
{
    addColumns();
    row("an object", "application/json", "{\"a\":[1,null]}", "json {\"a\":[1,null]}");
    row("an array", "application/json", " [1] ", "json [1]");
    row("a charset", "Application/JSON; charset=UTF-8", "[]", "json []");
    row("a quoted charset", "application/json; charset=\"utf-8\"", "[]", "json []");
    row("another type is left alone", "text/plain", "{}", "");
    row("no type is left alone", "", "{}", "");
    row("a suffix is not asked for", "application/problem+json", "{}", "");
    row("a byte order mark is skipped", "application/json", "\xef\xbb\xbf{}", "json {}");
    row("UTF-8", "application/json", "[\"\xc5\x82\"]", "json [\"\xc5\x82\"]");
    row("of two equal keys the last counts", "application/json", "{\"a\":1,\"b\":2,\"a\":3}", "json {\"a\":3,\"b\":2}");
    row("strict: a number", "application/json", "1", "400");
    row("strict: a string", "application/json", "\"a\"", "400");
    row("white space alone", "application/json", "  ", "400");
    row("half of a number", "application/json", "[1.]", "400");
    row("another half", "application/json", "[.5]", "400");
    row("an escape that there is not", "application/json", "[\"\\q\"]", "400");
    row("a line feed in a string", "application/json", "[\"a\nb\"]", "400");
    row("a control byte in a string", "application/json", "[\"\x01\"]", "400");
    row("a zero byte", "application/json", QByteArray("[1]\0[2]", 7), "400");
    row("half of a surrogate pair", "application/json", "[\"\\ud800\"]", "400");
    row("a pair", "application/json", "[\"\\ud83d\\ude00\"]", "json [\"\xf0\x9f\x98\x80\"]");
    row("numbers of all kinds", "application/json", "[-0.5,1e3,1E-2,12345678901]", "json [-0.5,1000,0.01,12345678901]");
    row("cut short", "application/json", "{\"a\":", "400");
    row("something after it", "application/json", "{} {}", "400");
    row("bytes that are no UTF-8", "application/json", "[\"\xff\"]", "400");
    row("as large as allowed", "application/json", "[" + QByteArray(98, ' ') + "]", "json []");
    row("too large", "application/json", "[" + QByteArray(99, ' ') + "]", "413");
    row("another charset", "application/json; charset=utf-16", "[]", "415");
    row("a type that is malformed", "application/json; charset", "[]", "415");
}

void tst_BodyParsers::jsonBodies()
{
    QFETCH(QByteArray, type);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, expected);
    Parser parser(json({.limit = 100}));
    QCOMPARE(parser.result(type, body), expected);
}

void tst_BodyParsers::jsonTellsWhereItFailed()
{
    Parser parser(json({.types = {"+json"}}));
    const InjectResponse response = post(parser.app, "application/problem+json", "{\"a\":}");
    QCOMPARE(response.status, 400);
    QVERIFY2(response.body.contains("at byte 6"), response.body.constData());
    // Express: an empty body is an empty object. It has to be announced to be one.
    http::HeaderList empty;
    empty.set("Content-Length", "0");
    QCOMPARE(parser.result("application/problem+json", {}, empty), QByteArray());
    http::HeaderList chunked;
    chunked.set("Transfer-Encoding", "chunked");
    QCOMPARE(parser.result("application/problem+json", "0\r\n\r\n", chunked), QByteArray("json {}"));
}

void tst_BodyParsers::jsonIsBoundedInDepth()
{
    Parser parser(json());
    const auto nested = [](int levels) -> QByteArray { return QByteArray(levels, '[') + QByteArray(levels, ']'); };
    QCOMPARE(parser.result("application/json", nested(1'024)), "json " + nested(1'024));
    QCOMPARE(parser.result("application/json", nested(1'025)), QByteArray("400"));
    QCOMPARE(parser.result("application/json", QByteArray(100'000, '[')), QByteArray("400"));
}

void tst_BodyParsers::textBodies_data()
{
    addColumns();
    row("UTF-8", "text/plain", "\xc5\x82", "text \xc5\x82");
    row("latin1", "text/plain; charset=ISO-8859-1", "\xe9", "text \xc3\xa9");
    row("UTF-16", "text/plain; charset=utf-16le", QByteArray("a\0", 2), "text a");
    row("what is malformed", "text/plain", "a\xff", "text a\xef\xbf\xbd");
    row("another type is left alone", "text/html", "a", "");
    row("an unknown charset", "text/plain; charset=klingon", "a", "415");
    row("the server's own charset", "text/plain; charset=system", "a", "415");
    row("too large", "text/plain", QByteArray(101, 'x'), "413");
}

void tst_BodyParsers::textBodies()
{
    QFETCH(QByteArray, type);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, expected);
    Parser parser(text({.limit = 100}));
    QCOMPARE(parser.result(type, body), expected);
}

void tst_BodyParsers::rawBodies_data()
{
    addColumns();
    row("bytes", "application/octet-stream", QByteArray("\0\xff", 2), QByteArray("raw \0\xff", 6));
    row("another type is left alone", "text/plain", "a", "");
    row("too large", "application/octet-stream", QByteArray(101, 'x'), "413");
}

void tst_BodyParsers::rawBodies()
{
    QFETCH(QByteArray, type);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, expected);
    Parser parser(raw({.limit = 100}));
    QCOMPARE(parser.result(type, body), expected);
}

void tst_BodyParsers::forms_data()
{
    addColumns();
    const char *type = "application/x-www-form-urlencoded";
    row("fields", type, "a=1&b=+%2B", "[a|1][b| +]");
    row("a charset", "application/x-www-form-urlencoded; charset=UTF-8", "a", "[a|]");
    row("malformed percent-encoding stands for itself", type, "a=%zz%", "[a|%zz%]");
    row("as many fields as allowed", type, "a&b&c", "[a|][b|][c|]");
    row("too many fields", type, "a&b&c&d", "413");
    row("too large", type, QByteArray(101, 'x'), "413");
    row("another charset", "application/x-www-form-urlencoded; charset=iso-8859-1", "a", "415");
    row("another type is left alone", "text/plain", "a", "");
}

void tst_BodyParsers::forms()
{
    QFETCH(QByteArray, type);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, expected);
    Parser parser(urlencoded({.limit = 100, .parameterLimit = 3}));
    QCOMPARE(parser.result(type, body), expected);
}

void tst_BodyParsers::aFormMayComeInChunks()
{
    Parser parser(urlencoded({.limit = 10}));
    http::HeaderList chunked;
    chunked.set("Transfer-Encoding", "chunked");
    const char *type = "application/x-www-form-urlencoded";
    QCOMPARE(parser.result(type, "3\r\na=%\r\n3\r\n41&\r\n1\r\nb\r\n0\r\n\r\n", chunked), QByteArray("[a|A][b|]"));
    QCOMPARE(parser.result(type, "8\r\na=123456\r\n3\r\n789\r\n0\r\n\r\n", chunked), QByteArray("413"));
}

void tst_BodyParsers::aBodyIsReadByTheFirstThatWantsIt()
{
    Parser parser(text({.types = {"*/*"}}));
    Application app;
    app.use(raw({.types = {"*/*"}}));
    app.use(json());
    app.post("/", [](Request &req, Response &res) {
        res.send(QByteArray(req.raw + (req.json.isNull() ? " and no json" : " and json")));
    });
    QCOMPARE(post(app, "application/json", "{}").body, QByteArray("{} and no json"));
}

void tst_BodyParsers::theLimitIsOfTheMiddlewareAlone()
{
    Application app(Application::Options{.maxBodyBytes = 50});
    app.use("/", json({.limit = 5}));
    app.post("/", [](Request &req, Response &res) -> loop::Task<> { res.send(co_await req.read()); });
    QCOMPARE(post(app, "text/plain", QByteArray(50, 'x')).body, QByteArray(50, 'x'));
    QCOMPARE(post(app, "text/plain", QByteArray(51, 'x')).status, 413);
    QCOMPARE(post(app, "application/json", "[     ]").status, 413);
}

// A chunked body does not say how long it is, and may be there before the middleware that limits it is reached.
void tst_BodyParsers::aBodyThatCameBeforeItsLimitIsMeasured()
{
    Application app;
    app.use([](Request &, Response &, Next next) -> loop::Task<> {
        co_await loop::nextTurn();
        next();
    });
    app.use(json({.limit = 5}));
    app.post("/", [](Request &req, Response &res) { res.json(req.json); });
    http::HeaderList chunked;
    chunked.set("Transfer-Encoding", "chunked");
    QCOMPARE(post(app, "application/json", "5\r\n[   ]\r\n0\r\n\r\n", chunked).body, QByteArray("[]"));
    QCOMPARE(post(app, "application/json", "6\r\n[    ]\r\n0\r\n\r\n", chunked).status, 413);
}

static QByteArray encoded(Coding coding, const QByteArray &body)
{
    Encoder encoder(coding, {});
    QByteArray out;
    encoder.write(body, out);
    encoder.end(out);
    return out;
}

static http::HeaderList contentEncoding(const QByteArray &value)
{
    http::HeaderList headers;
    headers.set("Content-Encoding", value);
    return headers;
}

void tst_BodyParsers::aCompressedBodyIsReadAsWhatItWas_data()
{
    addColumns();
    QTest::addColumn<Coding>("coding");
    QTest::addColumn<QByteArray>("name");
    constexpr std::pair<Coding, const char *> codings[] = {
        {Coding::Gzip, "gzip"}, {Coding::Gzip, "X-Gzip"}, {Coding::Deflate, "deflate"}, {Coding::Brotli, "BR"}};
    for (const auto &[coding, name] : codings) {
        const auto add = [&, coding = coding, name = name](const char *type, const QByteArray &body, const QByteArray &expected) {
            QTest::addRow("%s of %s", name, type) << QByteArray(type) << body << expected << coding << QByteArray(name);
        };
        add("application/json", "{\"a\":1}", "json {\"a\":1}");
        add("text/plain; charset=utf-16le", QByteArray("h\0i\0", 4), "text hi");
        add("application/octet-stream", QByteArray("\0\xff", 2), QByteArray("raw \0\xff", 6));
        add("application/x-www-form-urlencoded", "a=1&b=%20", "[a|1][b| ]");
    }
}

static Handler readerOf(const QByteArray &type)
{
    if (type.startsWith("application/json"))
        return json();
    if (type.startsWith("text/"))
        return text();
    return type.endsWith("octet-stream") ? raw() : urlencoded();
}

void tst_BodyParsers::aCompressedBodyIsReadAsWhatItWas()
{
    QFETCH(QByteArray, type);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, expected);
    QFETCH(Coding, coding);
    QFETCH(QByteArray, name);
    Parser parser(readerOf(type));
    QCOMPARE(parser.result(type, encoded(coding, body), contentEncoding(name)), expected);
}

// A body of a few kilobytes can become gigabytes.
void tst_BodyParsers::aCompressedBodyIsBoundedByWhatComesOut()
{
    for (const auto &[coding, name] : {std::pair(Coding::Gzip, "gzip"), std::pair(Coding::Brotli, "br")}) {
        Parser parser(text({.limit = 1'000}));
        const auto result = [&](int size) {
            return parser.result("text/plain", encoded(coding, QByteArray(size, 'x')), contentEncoding(name));
        };
        QCOMPARE(result(1'000), "text " + QByteArray(1'000, 'x'));
        QCOMPARE(result(1'001), QByteArray("413"));
        QCOMPARE(parser.code, QByteArray("ERR_BODY_TOO_LARGE"));
        QCOMPARE(result(50'000'000), QByteArray("413"));
    }
    Parser whole(json());
    const QByteArray nothing = encoded(Coding::Gzip, {}); // members that are empty, one after the other
    QCOMPARE(whole.result("application/json", nothing.repeated(10'000), contentEncoding("gzip")), QByteArray("413"));
}

void tst_BodyParsers::aCompressedBodyMayBeALittleLargerThanItsLimit()
{
    Parser parser(raw({.limit = 1'000}));
    QByteArray noise(1'000, Qt::Uninitialized);
    quint32 seed = 1;
    for (char &byte : noise)
        byte = char((seed = seed * 1'664'525 + 1'013'904'223) >> 24);
    const QByteArray coded = encoded(Coding::Gzip, noise);
    QVERIFY(coded.size() > noise.size());
    QCOMPARE(parser.result("application/octet-stream", coded, contentEncoding("gzip")), "raw " + noise);
}

void tst_BodyParsers::whatIsNotCodedAsItSaysIs400_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("expected");
    const QByteArray gzip = encoded(Coding::Gzip, "{\"a\":1}");
    QTest::newRow("plain text as gzip") << QByteArray("gzip") << QByteArray("{}") << QByteArray("400 Z_DATA_ERROR");
    QTest::newRow("deflate as gzip") << QByteArray("gzip") << encoded(Coding::Deflate, "{}") << QByteArray("400 Z_DATA_ERROR");
    QTest::newRow("gzip as deflate") << QByteArray("deflate") << gzip << QByteArray("400 Z_DATA_ERROR");
    QTest::newRow("half of gzip") << QByteArray("gzip") << gzip.chopped(5) << QByteArray("400 Z_BUF_ERROR");
    QTest::newRow("half of brotli") << QByteArray("br") << encoded(Coding::Brotli, "{\"a\":1}").chopped(2)
                                    << QByteArray("400 Z_BUF_ERROR");
    QTest::newRow("no JSON within gzip")
        << QByteArray("gzip") << encoded(Coding::Gzip, "{") << QByteArray("400 entity.parse.failed");
}

void tst_BodyParsers::whatIsNotCodedAsItSaysIs400()
{
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, expected);
    Parser parser(json());
    const QByteArray status = parser.result("application/json", body, contentEncoding(name));
    QCOMPARE(QByteArray(status + ' ' + parser.code), expected);
}

// RFC 9110 §15.5.16: with the codings that would be read.
void tst_BodyParsers::aCodingThatIsNotReadIs415_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<bool>("inflate");
    QTest::addColumn<QByteArray>("accepted");
    QTest::newRow("another one") << QByteArray("zstd") << true << QByteArray("gzip, deflate, br");
    QTest::newRow("two of them") << QByteArray("gzip, br") << true << QByteArray("gzip, deflate, br");
    QTest::newRow("none is read") << QByteArray("gzip") << false << QByteArray("identity");
}

void tst_BodyParsers::aCodingThatIsNotReadIs415()
{
    QFETCH(QByteArray, name);
    QFETCH(bool, inflate);
    QFETCH(QByteArray, accepted);
    Parser parser(json({.inflate = inflate}));
    const InjectResponse answer = post(parser.app, "application/json", "{}", contentEncoding(name));
    QCOMPARE(answer.status, 415);
    QCOMPARE(parser.code, QByteArray("encoding.unsupported"));
    QCOMPARE(answer.header("Accept-Encoding").toByteArray(), accepted);
}

void tst_BodyParsers::errorsHaveTheTypesOfBodyParser_data()
{
    addColumns();
    QTest::addColumn<QByteArray>("encoding");
    QTest::newRow("a body that is no JSON")
        << QByteArray("application/json") << QByteArray("{") << QByteArray("400 entity.parse.failed") << QByteArray();
    QTest::newRow("a charset") << QByteArray("application/json; charset=x") << QByteArray("{}")
                               << QByteArray("415 charset.unsupported") << QByteArray();
    QTest::newRow("a body that is the same as itself")
        << QByteArray("application/json") << QByteArray("{}") << QByteArray("json {} ") << QByteArray("Identity");
    QTest::newRow("too large") << QByteArray("application/json") << QByteArray(200'000, ' ')
                               << QByteArray("413 ERR_BODY_TOO_LARGE") << QByteArray();
}

void tst_BodyParsers::errorsHaveTheTypesOfBodyParser()
{
    QFETCH(QByteArray, type);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, expected);
    QFETCH(QByteArray, encoding);
    Parser parser(json());
    http::HeaderList more;
    if (!encoding.isEmpty())
        more.set("Content-Encoding", encoding);
    QCOMPARE(QByteArray(parser.result(type, body, more) + ' ' + parser.code), expected);
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_BodyParsers)
#include "tst_bodyparsers.moc"
