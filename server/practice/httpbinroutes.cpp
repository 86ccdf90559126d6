// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/httpbinroutes.h"

#include "server/http/date.h"
#include "server/http/status.h"
#include "server/practice/httpbinpages.h"
#include "server/practice/httpbinrequest.h"
#include "server/practice/httpbinstreams.h"
#include "server/practice/numbers.h"
#include "server/web/encoder.h"
#include "server/web/middleware/multipart.h"
#include "server/web/middleware/urlencoded.h"

#include <QtCore/QSet>
#include <QtCore/QCryptographicHash>
#include <QtCore/QJsonArray>
#include <QtCore/QRandomGenerator>
#include <QtCore/QUrl>
#include <QtCore/QUuid>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <tuple>

namespace loopscope::practice {

using namespace Qt::StringLiterals;
using http::Method;
using loop::Task;
using web::AppError;
using web::Application;
using web::FormData;
using web::Request;
using web::Response;
using Routes = HttpbinRoutes;

namespace {

// GET, POST, PUT, PATCH and DELETE, each with a copy of the handler.
template<typename F>
void anyOfFive(Application &application, const QByteArray &path, F handler)
{
    for (const Method method : {Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete})
        application.route(method, path, F(handler), {Routes::maximumBodyBytes});
}

// Forms that come to this path are read, with their files in memory.
void readForms(Application &application, const QByteArray &path)
{
    application.use(path, web::urlencoded({.limit = Routes::maximumBodyBytes}), "urlencoded");
    application.use(path,
                    web::multipart({.maxBodyBytes = Routes::maximumBodyBytes, .memoryBytes = Routes::maximumBodyBytes}),
                    "multipart");
}

Task<> answerAnything(Request &req, Response &res)
{
    QJsonObject described = co_await describeWithBody(req);
    described.insert(u"method"_s, QString::fromLatin1(http::toString(req.method())));
    sendJson(res, described);
}

// --- /status ---

// "200", or "200:3,503:1": one of these by its weight, 1 where none is given.
int pickStatus(const QString &text)
{
    const QStringList choices = text.split(u',');
    if (choices.size() > Routes::maximumStatusCodes)
        refuse(u"There are at most %1 codes."_s.arg(Routes::maximumStatusCodes));
    std::vector<std::pair<int, double>> weighted;
    double sum = 0;
    for (const QString &choice : choices) {
        const qsizetype colon = choice.indexOf(u':');
        bool ok = true;
        const double weight = colon < 0 ? 1 : toDecimal(choice.sliced(colon + 1), &ok);
        if (!ok || !(weight > 0 && weight <= Routes::maximumStatusWeight))
            refuse(u"A weight is a number above 0, up to %1."_s.arg(Routes::maximumStatusWeight));
        weighted.emplace_back(statusOf(colon < 0 ? choice : choice.first(colon)), weight);
        sum += weight;
    }
    double at = QRandomGenerator::global()->generateDouble() * sum;
    for (const auto &[code, weight] : weighted) {
        if (at < weight)
            return code;
        at -= weight;
    }
    return weighted.back().first;
}

// What httpbin sends along with a status.
void answerStatus(Response &res, int code)
{
    res.status(code).type("text/plain; charset=utf-8");
    switch (code) {
    case 301:
    case 302:
    case 303:
    case 305:
    case 307:
    case 308: res.set("Location", "/redirect/1").end(); return;
    case 401: res.set("WWW-Authenticate", "Basic realm=\"Fake Realm\"").end(); return;
    case 402:
        res.set("X-More-Info", "https://www.rfc-editor.org/rfc/rfc9110#status.402")
            .send(QByteArray("Please insert a coin.\n"));
        return;
    case 406:
        res.remove("Content-Type");
        sendJson(res,
                 {{u"message"_s, u"Client did not request a supported media type."_s},
                  {u"accept"_s,
                   QJsonArray{u"image/webp"_s, u"image/svg+xml"_s, u"image/jpeg"_s, u"image/png"_s, u"image/*"_s}}});
        return;
    case 407: res.set("Proxy-Authenticate", "Basic realm=\"Fake Realm\"").end(); return;
    case 418: res.set("X-More-Info", "https://www.rfc-editor.org/rfc/rfc2324").send(teapot()); return;
    default:
        if (http::statusForbidsBody(code))
            res.remove("Content-Type");
        res.end();
    }
}

// --- redirects ---

void redirectTimes(Request &req, Response &res, bool absolute)
{
    const int times = wholeNumber(req.param("n"), u"n"_s, 1, Routes::maximumRedirects);
    const QString next =
        times == 1 ? u"/get"_s : (absolute ? u"/absolute-redirect/%1"_s : u"/relative-redirect/%1"_s).arg(times - 1);
    res.redirect(((absolute ? baseUrlOf(req) : QString()) + next).toUtf8());
}

// A scheme that runs something (javascript:, data:) is no place to send a browser to; http and https are, though they
// lead elsewhere, for that is what httpbin's endpoint is for. Spaces and controls are refused as well: browsers skip
// some of them when they look for the scheme.
void redirectTo(Request &req, Response &res)
{
    const QString url = req.query(u"url"_s);
    const bool hasControls = std::any_of(url.begin(), url.end(), [](QChar c) { return c <= u' ' || c == u'\x7f'; });
    const QString scheme = QUrl(url).scheme();
    const bool schemeMissing =
        scheme.isEmpty() && url.section(u'/', 0, 0).section(u'?', 0, 0).section(u'#', 0, 0).contains(u':');
    if (url.isEmpty() || hasControls || schemeMissing
        || (!scheme.isEmpty() && scheme != "http"_L1 && scheme != "https"_L1))
        refuse(u"url is a relative URL, or one of http or https."_s);
    const int status = queryNumber(req, u"status_code"_s, 302, 300, 399);
    if (status != 301 && status != 302 && status != 303 && status != 307 && status != 308)
        refuse(u"status_code is 301, 302, 303, 307 or 308."_s);
    res.redirect(url.toUtf8(), status);
}

// --- caching ---

void answerEtag(Request &req, Response &res)
{
    const QByteArray quoted = '"' + req.param("etag").toUtf8() + '"';
    if (!web::isEtag(quoted))
        refuse(u"An entity tag holds no quotes, spaces or control characters."_s);
    res.set("ETag", quoted);
    if (!answersPreconditions(req, res, {quoted, std::nullopt}))
        sendJson(res, describe(req));
}

// --- headers of the client's choice ---

// What decides how a browser takes the answer is not the client's to choose: the values are shown in the body.
bool maySetHeader(const QByteArray &name)
{
    static constexpr const char *reserved[] = {"Connection",
                                               "Transfer-Encoding",
                                               "Keep-Alive",
                                               "Upgrade",
                                               "Trailer",
                                               "Content-Length",
                                               "Content-Type",
                                               "Content-Encoding",
                                               "Content-Security-Policy",
                                               "X-Content-Type-Options",
                                               "Referrer-Policy",
                                               "Refresh",
                                               "Date"};
    return std::none_of(std::begin(reserved), std::end(reserved),
                        [&](const char *header) { return http::equalsIgnoringCase(name, header); });
}

void answerResponseHeaders(Request &req, Response &res)
{
    const FormData args = argsOf(req);
    try {
        for (const auto &[name, value] : args.entries()) {
            if (!maySetHeader(name.toUtf8()))
                refuse(u"One of these headers is the server's own."_s);
            res.append(name.toUtf8(), value.toUtf8());
        }
    } catch (const std::logic_error &) { // a name that is no token, a line end in a value, too many
        refuse(u"One of these headers is malformed, or they are too many."_s);
    }
    QJsonObject shown = toJson(args);
    shown.insert(u"Content-Type"_s, u"application/json; charset=utf-8"_s);
    sendJson(res, shown);
}

// --- codings and cookies ---

// In that coding whatever the client accepts, as httpbin.
void answerCoded(Request &req, Response &res, web::Coding coding, const QString &key)
{
    const QJsonObject shown{{key, true},
                            {u"headers"_s, headersOf(req)},
                            {u"method"_s, QString::fromLatin1(http::toString(req.method()))},
                            {u"origin"_s, QString::fromLatin1(req.ip())}};
    QByteArray coded;
    web::Encoder encoder(coding, {});
    encoder.write(QJsonDocument(shown).toJson(QJsonDocument::Compact), coded);
    encoder.end(coded);
    res.type("application/json; charset=utf-8").set("Content-Encoding", web::toString(coding).toByteArray()).send(coded);
}

void answerCookies(Request &req, Response &res)
{
    QJsonObject shown;
    for (const auto &[name, value] : req.cookies()) {
        if (const QString key = QString::fromUtf8(name); !shown.contains(key)) // the first is the most specific
            shown.insert(key, value);
    }
    sendJson(res, {{u"cookies"_s, shown}});
}

// Deviation: a value is percent-encoded, as Express does; httpbin's Werkzeug quotes it.
void setCookie(Response &res, const QString &name, const QString &value,
               std::optional<std::chrono::seconds> maxAge = std::nullopt)
{
    try {
        web::CookieOptions options;
        options.maxAge = maxAge;
        res.cookie(name.toUtf8(), value, options);
    } catch (const std::logic_error &) {
        refuse(u"A cookie's name is a token, it has at most 4,096 bytes, and they are not too many."_s);
    }
}

// --- authentication ---

// Takes as long for any wrong value as for the right one: what differs early and what differs late look alike.
bool equalsInConstantTime(const QByteArray &a, const QByteArray &b)
{
    const QByteArray hashA = QCryptographicHash::hash(a, QCryptographicHash::Sha256);
    const QByteArray hashB = QCryptographicHash::hash(b, QCryptographicHash::Sha256);
    char difference = 0;
    for (qsizetype i = 0; i < hashA.size(); ++i)
        difference = char(difference | (hashA[i] ^ hashB[i]));
    return difference == 0;
}

// The credentials of an Authorization of this scheme; null if there are none (RFC 9110 §11.4).
QByteArray credentialsOf(const Request &req, QByteArrayView scheme)
{
    const QByteArrayView value = req.get("Authorization");
    const qsizetype space = value.indexOf(' ');
    if (space < 0 || !http::equalsIgnoringCase(value.first(space), scheme))
        return {};
    return http::trimmedOws(value.sliced(space)).toByteArray();
}

// RFC 7617. False: no, or other, credentials than those in the path.
bool checkBasic(const Request &req, Response &res)
{
    const auto decoded =
        QByteArray::fromBase64Encoding(credentialsOf(req, "Basic"), QByteArray::AbortOnBase64DecodingErrors);
    const QString user = req.param("user");
    if (!decoded || !equalsInConstantTime(*decoded, (user + u':' + req.param("password")).toUtf8()))
        return false;
    sendJson(res, {{u"authenticated"_s, true}, {u"user"_s, user}});
    return true;
}

void answerBearer(Request &req, Response &res)
{
    const QByteArray token = credentialsOf(req, "Bearer");
    if (token.isEmpty())
        res.status(401).set("WWW-Authenticate", "Bearer").end();
    else
        sendJson(res, {{u"authenticated"_s, true}, {u"token"_s, QString::fromUtf8(token)}});
}

// --- samples ---

void answerBase64(Request &req, Response &res)
{
    QByteArray encoded = req.param("value").toUtf8();
    encoded.replace('+', '-').replace('/', '_');
    const auto decoded = QByteArray::fromBase64Encoding(
        encoded, QByteArray::Base64UrlEncoding | QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded)
        refuse(u"The value is no Base64. Try TG9vcHNjb3Bl."_s);
    if (!(*decoded).isValidUtf8())
        refuse(u"The value is Base64 of what is no text in UTF-8."_s);
    res.type("text/plain; charset=utf-8").send(*decoded);
}

void answerLinks(Request &req, Response &res)
{
    const int count = wholeNumber(req.param("n"), u"n"_s, 1, Routes::maximumLinks);
    const int offset = wholeNumber(req.param("offset"), u"offset"_s, 0, Routes::maximumLinks);
    res.send(linksPage(count, offset));
}

} // namespace

void HttpbinRoutes::addTo(Application &application)
{
    application.get("/httpbin", [](Request &, Response &res) { res.send(httpbinPage()); });
    addRequestRoutes(application);
    addStatusRoutes(application);
    HttpbinStreams::addTo(application);
    addCodingRoutes(application);
    addCookieRoutes(application);
    addRedirectRoutes(application);
    addCacheRoutes(application);
    addAuthRoutes(application);
    addSampleRoutes(application);
}

void HttpbinRoutes::addRequestRoutes(Application &application)
{
    for (const char *path : {"/post", "/put", "/patch", "/delete", "/anything", "/delay"})
        readForms(application, path);
    const auto describeAll = [](Request &req, Response &res) -> Task<> {
        sendJson(res, co_await describeWithBody(req));
    };
    application.get("/get", [](Request &req, Response &res) { sendJson(res, describe(req)); });
    application.post("/post", describeAll, {maximumBodyBytes});
    application.put("/put", describeAll, {maximumBodyBytes});
    application.patch("/patch", describeAll, {maximumBodyBytes});
    application.del("/delete", describeAll, {maximumBodyBytes});
    application.all("/anything", answerAnything, {maximumBodyBytes});
    application.all("/anything/*path", answerAnything, {maximumBodyBytes});
    application.get("/headers", [](Request &req, Response &res) { sendJson(res, {{u"headers"_s, headersOf(req)}}); });
    application.get("/ip", [](Request &req, Response &res) {
        sendJson(res, {{u"origin"_s, QString::fromLatin1(req.ip())}});
    });
    application.get("/user-agent", [](Request &req, Response &res) {
        sendJson(res, {{u"user-agent"_s, headersOf(req).value(u"User-Agent"_s)}});
    });
}

void HttpbinRoutes::addStatusRoutes(Application &application)
{
    anyOfFive(application, "/status/:codes",
              [](Request &req, Response &res) { answerStatus(res, pickStatus(req.param("codes"))); });
    anyOfFive(application, "/delay/:seconds", [](Request &req, Response &res) -> Task<> {
        const auto delay = secondsOf(req.param("seconds"), u"The delay"_s);
        const QJsonObject described = co_await describeWithBody(req);
        co_await loop::sleep(delay);
        if (res.isWritable())
            sendJson(res, described);
    });
}

void HttpbinRoutes::addCodingRoutes(Application &application)
{
    for (const auto &[path, coding, key] : {std::tuple{"/gzip", web::Coding::Gzip, u"gzipped"_s},
                                            std::tuple{"/deflate", web::Coding::Deflate, u"deflated"_s},
                                            std::tuple{"/brotli", web::Coding::Brotli, u"brotli"_s}}) {
        application.get(path, [coding = coding, key = key](Request &req, Response &res) { answerCoded(req, res, coding, key); });
    }
}

void HttpbinRoutes::addCookieRoutes(Application &application)
{
    application.get("/cookies", answerCookies);
    application.get("/cookies/set", [](Request &req, Response &res) {
        const FormData args = argsOf(req);
        QSet<QString> names; // RFC 6265 §4.1.1: one of a name in an answer; the first, as httpbin
        for (const auto &[name, value] : args.entries()) {
            if (names.contains(name))
                continue;
            names.insert(name);
            setCookie(res, name, value);
        }
        res.redirect("/cookies");
    });
    application.get("/cookies/set/:name/:value", [](Request &req, Response &res) {
        setCookie(res, req.param("name"), req.param("value"));
        res.redirect("/cookies");
    });
    application.get("/cookies/delete", [](Request &req, Response &res) {
        const FormData args = argsOf(req);
        for (const auto &[name, value] : args.entries())
            setCookie(res, name, QString(), std::chrono::seconds(0));
        res.redirect("/cookies");
    });
}

void HttpbinRoutes::addRedirectRoutes(Application &application)
{
    application.get("/redirect/:n", [](Request &req, Response &res) {
        redirectTimes(req, res, req.query(u"absolute"_s).toLower() == u"true");
    });
    application.get("/relative-redirect/:n", [](Request &req, Response &res) { redirectTimes(req, res, false); });
    application.get("/absolute-redirect/:n", [](Request &req, Response &res) { redirectTimes(req, res, true); });
    anyOfFive(application, "/redirect-to", redirectTo);
}

void HttpbinRoutes::addCacheRoutes(Application &application)
{
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const web::Validators cached{'"' + QUuid::createUuid().toByteArray(QUuid::Id128) + '"', now};
    application.get("/cache", [cached](Request &req, Response &res) {
        res.set("Last-Modified", http::imfFixdate(*cached.lastModified));
        res.set("ETag", cached.etag);
        if (!answersPreconditions(req, res, cached))
            sendJson(res, describe(req));
    });
    application.get("/cache/:seconds", [](Request &req, Response &res) {
        const int seconds = wholeNumber(req.param("seconds"), u"The age"_s, 0, maximumCacheSeconds);
        res.set("Cache-Control", "public, max-age=" + QByteArray::number(seconds));
        sendJson(res, describe(req));
    });
    application.get("/etag/:etag", answerEtag);
    for (const Method method : {Method::Get, Method::Post})
        application.route(method, "/response-headers", answerResponseHeaders);
}

void HttpbinRoutes::addAuthRoutes(Application &application)
{
    application.get("/basic-auth/:user/:password", [](Request &req, Response &res) {
        if (!checkBasic(req, res))
            res.status(401).set("WWW-Authenticate", "Basic realm=\"Fake Realm\"").end();
    });
    application.get("/hidden-basic-auth/:user/:password", [](Request &req, Response &res) {
        if (!checkBasic(req, res))
            res.sendStatus(404);
    });
    application.get("/bearer", answerBearer);
}

void HttpbinRoutes::addSampleRoutes(Application &application)
{
    const auto text = [&](const QByteArray &path, const QByteArray &type, const QByteArray &body) {
        application.get(path, [type, body](Request &, Response &res) { res.type(type).send(body); });
    };
    application.get("/uuid", [](Request &, Response &res) {
        sendJson(res, {{u"uuid"_s, QUuid::createUuid().toString(QUuid::WithoutBraces)}});
    });
    application.get("/base64/*value", answerBase64);
    application.get("/json", [](Request &, Response &res) { sendJson(res, sampleJson()); });
    application.get("/links/:n", [](Request &req, Response &res) {
        const int count = wholeNumber(req.param("n"), u"n"_s, 1, maximumLinks);
        res.redirect("/links/" + QByteArray::number(count) + "/0");
    });
    application.get("/links/:n/:offset", answerLinks);
    text("/html", "text/html; charset=utf-8", samplePage().toUtf8());
    text("/xml", "application/xml", sampleXml());
    text("/encoding/utf8", "text/html; charset=utf-8", utf8Page().toUtf8());
    text("/forms/post", "text/html; charset=utf-8", formPage().toUtf8());
    text("/robots.txt", "text/plain; charset=utf-8", "User-agent: *\nDisallow: /deny\n");
    text("/deny", "text/plain; charset=utf-8", "You should not be here: robots.txt says so.\n");
}

} // namespace loopscope::practice
