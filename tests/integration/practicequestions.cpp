// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/practicequestions.h"

#include "server/practice/experiment.h"
#include "server/web/router.h"

#include <QtCore/QDir>
#include <QtCore/QFile>

#include <utility>

namespace loopscope::test {

using namespace Qt::StringLiterals;

namespace {

constexpr auto form = "Content-Type: application/x-www-form-urlencoded\r\n";
constexpr auto text = "Content-Type: text/plain\r\n";
constexpr auto json = "Accept: application/json\r\n";
constexpr auto coded = "Accept-Encoding: gzip, br\r\n";

// Asks a route by the method that its name begins with.
Question ask(const QByteArray &route, const QByteArray &target, const QByteArray &fields = {},
             const std::optional<QByteArray> &body = std::nullopt)
{
    return {route, route.first(route.indexOf(' ')), target, fields, body};
}

// By another one.
Question askBy(const QByteArray &method, const QByteArray &route, const QByteArray &target,
               const QByteArray &fields = {}, const std::optional<QByteArray> &body = std::nullopt)
{
    return {route, method, target, fields, body};
}

// Routes whose only question is their path.
QList<Question> plainQuestions()
{
    QList<Question> all;
    for (const char *path :
         {"/",           "/healthz",    "/users",      "/message", "/upload",   "/httpbin", "/get",
          "/headers",    "/ip",         "/user-agent", "/gzip",    "/deflate",  "/brotli",  "/cookies",
          "/cache",      "/bearer",     "/uuid",       "/json",    "/html",     "/xml",     "/encoding/utf8",
          "/forms/post", "/robots.txt", "/deny",       "/lab",     "/lab/pool"})
        all << ask(QByteArray("GET ") + path, path);
    for (const QByteArray path : {"/status/:codes", "/delay/:seconds", "/redirect-to"}) {
        for (const QByteArray method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
            const QByteArray target = path == "/status/:codes" ? "/status/200:3,503:1"
                : path == "/redirect-to"                       ? "/redirect-to?url=/get"
                                                               : "/delay/0.01";
            all << ask(method + ' ' + path, target);
        }
    }
    return all;
}

QList<Question> formQuestions()
{
    const QByteArray multipart = "Content-Type: multipart/form-data; boundary=b\r\n";
    const auto part = [](const QByteArray &bytes) -> QByteArray {
        return "--b\r\nContent-Disposition: form-data; name=f; filename=a.txt\r\nContent-Type: text/plain\r\n\r\n"
            + bytes + "\r\n--b--\r\n";
    };
    return {ask("POST /uncaught", "/uncaught"), // without a body
            ask("POST /create-user", "/create-user", form, "username=Ada"),
            ask("POST /create-user", "/create-user", form, "username="), // 400
            ask("POST /message", "/message", text, QByteArray(20'000, 'm')),
            ask("POST /message", "/message", form, "message=Hello"),
            ask("POST /message", "/message?mode=sync", text, QByteArray(1'000'000, 'm')),
            ask("POST /upload", "/upload", multipart, part(QByteArray(200'000, 'u'))),
            ask("POST /upload", "/upload", multipart + json, part("small")),
            ask("POST /upload", "/upload", text, "no form"), // 415
            ask("POST /post", "/post", form, "a=b&c=d"),
            ask("POST /post", "/post", multipart, part("in memory")),
            ask("POST /post", "/post", "Content-Type: application/json\r\n", "{\"a\": [1, 2]}"),
            ask("PUT /put", "/put?a=b", text, "put"),
            ask("PATCH /patch", "/patch", text, "patch"),
            ask("DELETE /delete", "/delete"),
            askBy("GET", "ALL /anything", "/anything?a=b"),
            askBy("POST", "ALL /anything", "/anything", QByteArray(text) + coded,
                  QByteArray(150'000, 'a')), // the pool compresses
            askBy("OPTIONS", "ALL /anything", "/anything"),
            askBy("DELETE", "ALL /anything/*path", "/anything/a/b"),
            askBy("POST", "POST /delay/:seconds", "/delay/0.005", text, QByteArray(2'000, 'd'))};
}

QList<Question> streamQuestions()
{
    return {ask("GET /download", "/download?mb=2"),
            ask("GET /download", "/download?mb=0"), // 400
            askBy("HEAD", "GET /download", "/download?mb=5"),
            ask("GET /drip", "/drip?duration=0.02&numbytes=5"),
            ask("GET /drip", "/drip?duration=0.01&numbytes=400000&delay=0.005"),
            ask("GET /stream/:n", "/stream/20"),
            ask("GET /stream/:n", "/stream/100", coded),
            ask("GET /bytes/:n", "/bytes/50000?seed=1"),
            ask("GET /stream-bytes/:n", "/stream-bytes/100000?chunk_size=5000"),
            ask("GET /range/:n", "/range/20000"),
            ask("GET /range/:n", "/range/20000?duration=0.01&chunk_size=5000", "Range: bytes=100-12000\r\n"),
            ask("GET /range/:n", "/range/200", "Range: bytes=300-\r\n"), // 416
            ask("GET /sse", "/sse?count=3&duration=0.01&delay=0.003")};
}

QList<Question> answerQuestions()
{
    return {ask("GET /users", "/users", json),
            ask("GET /users", "/users", "Accept: image/png\r\n"), // 406
            ask("GET /html", "/html", coded),
            askBy("HEAD", "GET /html", "/html"),
            ask("GET /status/:codes", "/status/204"),
            ask("GET /status/:codes", "/status/304"),
            ask("GET /status/:codes", "/status/418"),
            ask("GET /status/:codes", "/status/none"), // 400
            ask("GET /cookies", "/cookies", "Cookie: a=b; c=d\r\n"),
            ask("GET /cookies/set", "/cookies/set?a=b"),
            ask("GET /cookies/set/:name/:value", "/cookies/set/a/b"),
            ask("GET /cookies/delete", "/cookies/delete?a"),
            ask("GET /redirect/:n", "/redirect/2"),
            ask("GET /relative-redirect/:n", "/relative-redirect/1"),
            ask("GET /absolute-redirect/:n", "/absolute-redirect/2"),
            ask("GET /cache", "/cache", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n"), // 304
            ask("GET /cache/:seconds", "/cache/60"),
            ask("GET /etag/:etag", "/etag/a", "If-None-Match: \"a\"\r\n"), // 304
            ask("GET /etag/:etag", "/etag/a", "If-Match: \"b\"\r\n"), // 412
            ask("GET /response-headers", "/response-headers?X-A=b"),
            ask("POST /response-headers", "/response-headers?X-A=b"),
            ask("GET /basic-auth/:user/:password", "/basic-auth/a/b", "Authorization: Basic YTpi\r\n"),
            ask("GET /basic-auth/:user/:password", "/basic-auth/a/b"), // 401
            ask("GET /hidden-basic-auth/:user/:password", "/hidden-basic-auth/a/b"), // 404
            ask("GET /bearer", "/bearer", "Authorization: Bearer t\r\n"),
            ask("GET /base64/*value", "/base64/TG9vcHNjb3Bl"),
            ask("GET /links/:n", "/links/10"),
            ask("GET /links/:n/:offset", "/links/200/7", coded)};
}

// Nothing but the server answers, or a middleware.
QList<Question> routelessQuestions()
{
    QList<Question> all;
    for (const char *target :
         {"/static/small.txt", "/static/large.bin", "/static/folder", "/static/folder/", "/static/none", "/none"})
        all << Question{{}, "GET", target};
    all << Question{{}, "HEAD", "/static/large.bin"} << Question{{}, "GET", "/static/style.css", coded}
        << Question{{}, "GET", "/static/large.bin", "Range: bytes=1000-900000\r\n"}
        << Question{{}, "GET", "/static/large.bin", "Range: bytes=0-9,100-109\r\n"}
        << Question{{}, "GET", "/static/large.bin", "Range: bytes=99999999-\r\n"}
        << Question{{}, "GET", "/static/small.txt", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n"}
        << Question{{}, "OPTIONS", "*"} << Question{{}, "OPTIONS", "/message"}
        << Question{{}, "PUT", "/message", text, "405"} << Question{{}, "TRACE", "/"}
        << Question{{}, "GET", "/healthz", "Expect: nothing\r\n"} // 417
        << Question{{}, "POST", "/create-user", QByteArray(form), QByteArray(1'200'000, 'a')} // 413
        << Question{{}, "GET", '/' + QByteArray(9'000, 'a')}; // 414
    for (const char *request :
         {"GET / HTTP/1.1\r\n\r\n", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/3.0\r\nHost: a\r\n\r\n",
          "no request\r\n\r\n", "POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"})
        all << Question{{}, {}, request, {}, std::nullopt, true};
    all << Question{{}, {},           "GET / HTTP/1.1\r\nHost: a\r\nX: " + QByteArray(20'000, 'x') + "\r\n\r\n",
                    {}, std::nullopt, true}; // 431
    return all;
}

// Each variant with the least of its numbers, and with a little more.
QList<Question> labQuestions()
{
    QList<Question> all;
    for (const practice::Experiment &experiment : practice::experiments()) {
        const QByteArray path = experiment.path();
        for (const practice::ExperimentVariant &variant : experiment.variants) {
            for (const int hundredths : {0, 1}) {
                QByteArray target = path + "?variant=" + variant.name;
                for (const practice::ExperimentParameter &number : experiment.parameters) {
                    const qint64 more = (number.standard - number.minimum) * hundredths / 100;
                    target += '&' + number.name + '=' + QByteArray::number(number.minimum + more);
                }
                all << ask(experiment.method + ' ' + path, target);
                if (experiment.parameters.isEmpty())
                    break;
            }
        }
        all << ask(experiment.method + ' ' + path, path + "?variant=none"); // 400
    }
    for (const char *target :
         {"/lab/fibonacci?variant=blocking&n=24", "/lab/fibonacci?variant=pool&n=24",
          "/lab/read?variant=parallel&files=6&kib=64&delay=5", "/lab/read?variant=sequential&files=3&kib=64&delay=2"}) {
        const QByteArray path = QByteArray(target).first(QByteArrayView(target).indexOf('?'));
        for (const practice::Experiment &experiment : practice::experiments()) {
            if (experiment.path() == path)
                all << ask(experiment.method + ' ' + path, target);
        }
    }
    return all << ask("POST /lab/pool", "/lab/pool?threads=4") << ask("POST /lab/pool", "/lab/pool?threads=2")
               << ask("POST /lab/pool", "/lab/pool"); // 400
}

bool makeFile(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

} // namespace

QList<Question> practiceQuestions()
{
    return plainQuestions() + formQuestions() + streamQuestions() + answerQuestions() + routelessQuestions()
        + labQuestions();
}

bool makeStaticFiles(const QString &folder)
{
    const QDir directory(folder);
    return directory.mkpath(u"folder"_s) && makeFile(directory.filePath(u"small.txt"_s), "small\n")
        && makeFile(directory.filePath(u"large.bin"_s), QByteArray(1'500'000, 'l'))
        && makeFile(directory.filePath(u"style.css"_s), QByteArray(3'000, ' '))
        && makeFile(directory.filePath(u"style.css.gz"_s), QByteArray(30, 'z'))
        && makeFile(directory.filePath(u"folder/index.html"_s), "<p>index");
}

QList<QByteArray> routesOf(const web::Router &router)
{
    QList<QByteArray> routes;
    for (const web::Layer &layer : router.layers()) {
        if (layer.kind == web::Layer::Kind::Route)
            routes << layer.name;
        else if (layer.mounted)
            routes << routesOf(*layer.mounted);
    }
    return routes;
}

} // namespace loopscope::test
