// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/httpbinroutes.h"

#include "server/http/date.h"
#include "server/http/status.h"
#include "server/practice/httpbinpages.h"
#include "server/practice/httpbinrequest.h"
#include "server/web/middleware/multipart.h"
#include "server/web/middleware/urlencoded.h"

#include <QtCore/QCryptographicHash>
#include <QtCore/QDateTime>
#include <QtCore/QJsonArray>
#include <QtCore/QRandomGenerator>
#include <QtCore/QUrl>
#include <QtCore/QUuid>

#include <algorithm>
#include <cmath>
#include <stdexcept>

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

[[noreturn]] void refuse(const QString &sentence)
{
    throw AppError(400, sentence, "ERR_OUT_OF_RANGE");
}

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

void sendJson(Response &res, const QJsonObject &object)
{
    res.json(QJsonDocument(object));
}

Task<> answerAnything(Request &req, Response &res)
{
    QJsonObject described = co_await describeWithBody(req);
    described.insert(u"method"_s, QString::fromLatin1(http::toString(req.method())));
    sendJson(res, described);
}

// Seconds, with a fraction or not, from a path or a query.
std::chrono::milliseconds secondsOf(const QString &text, const QString &what)
{
    bool ok = false;
    const double seconds = text.toDouble(&ok);
    if (!ok || !(seconds >= 0 && seconds <= Routes::maximumDelaySeconds)) // false for NaN, too
        refuse(u"%1 is a number of seconds from 0 to %2."_s.arg(what).arg(Routes::maximumDelaySeconds));
    return std::chrono::milliseconds(std::llround(seconds * 1'000));
}

// --- /status ---

int statusOf(const QString &text)
{
    bool ok = false;
    const int code = text.toInt(&ok);
    if (!ok || code < 200 || code > 599) // 1xx is never the answer to a request (RFC 9110 §15.2)
        refuse(u"A status is a number from 200 to 599."_s);
    return code;
}

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
        const double weight = colon < 0 ? 1 : choice.sliced(colon + 1).toDouble(&ok);
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

// --- streams ---

Task<> drip(Request &req, Response &res)
{
    const auto seconds = [&](const QString &name, const QString &otherwise) {
        const QString text = req.query(name);
        return secondsOf(text.isNull() ? otherwise : text, name);
    };
    const auto duration = seconds(u"duration"_s, u"2"_s);
    const auto delay = seconds(u"delay"_s, u"0"_s);
    const int bytes = queryNumber(req, u"numbytes"_s, 10, 1, Routes::maximumDripBytes);
    const QString code = req.query(u"code"_s);
    res.status(code.isNull() ? 200 : statusOf(code)).type("application/octet-stream");
    if (http::statusForbidsBody(res.statusCode()))
        refuse(u"A drip needs a status with a body."_s);
    res.contentLength(bytes);
    if (delay.count() > 0)
        co_await loop::sleep(delay);
    // A byte a step, but no steps shorter than a timer's millisecond.
    const auto steps = std::clamp<qint64>(duration.count(), 1, bytes);
    for (qint64 step = 0, sent = 0; step < steps && res.isWritable(); ++step) {
        const qint64 due = (step + 1) * bytes / steps;
        if (!res.write(QByteArray(due - sent, '*')))
            co_await res.drained();
        sent = due;
        const auto until = [&](qint64 of) { return of * duration / steps; };
        if (const auto pause = until(step + 1) - until(step); pause.count() > 0)
            co_await loop::sleep(pause);
    }
    if (res.isWritable())
        res.end();
}

Task<> streamLines(Request &req, Response &res)
{
    const int lines = wholeNumber(req.param("n"), u"n"_s, 1, Routes::maximumStreamLines);
    QJsonObject described = describe(req);
    res.type("application/json");
    for (int i = 0; i < lines && res.isWritable(); ++i) {
        described.insert(u"id"_s, i);
        const QByteArray line = QJsonDocument(described).toJson(QJsonDocument::Compact) + '\n';
        if (!res.write(line))
            co_await res.drained();
    }
    if (res.isWritable())
        res.end();
}

// The same bytes for the same seed. (httpbin's are Python's, and others.)
QByteArray randomBytes(const Request &req)
{
    const int count = wholeNumber(req.param("n"), u"n"_s, 0, Routes::maximumBytes);
    const QString seed = req.query(u"seed"_s);
    constexpr int largest = std::numeric_limits<int>::max();
    QRandomGenerator generator = seed.isNull() ? QRandomGenerator::securelySeeded()
                                               : QRandomGenerator(quint32(wholeNumber(seed, u"seed"_s, 0, largest)));
    QByteArray bytes((count + 3) / 4 * 4, Qt::Uninitialized);
    generator.fillRange(reinterpret_cast<quint32 *>(bytes.data()), bytes.size() / 4);
    bytes.truncate(count);
    return bytes;
}

Task<> streamBytes(Request &req, Response &res)
{
    const QByteArray bytes = randomBytes(req);
    const int chunk = queryNumber(req, u"chunk_size"_s, Routes::defaultChunkBytes, 1, Routes::maximumBytes);
    res.type("application/octet-stream");
    for (qsizetype at = 0; at < bytes.size() && res.isWritable(); at += chunk) {
        if (!res.write(QByteArrayView(bytes).sliced(at, std::min<qsizetype>(chunk, bytes.size() - at))))
            co_await res.drained();
    }
    if (res.isWritable())
        res.end();
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

// Whether a list of entity tags, or "*", holds this one, weakly compared (RFC 9110 §8.8.3.2).
bool holdsTag(QByteArrayView list, QByteArrayView quotedTag)
{
    list = http::trimmedOws(list);
    if (list == QByteArrayView("*"))
        return true;
    while (!list.isEmpty()) {
        list = http::trimmedOws(list.startsWith(',') ? list.sliced(1) : list);
        if (list.startsWith("W/"))
            list = list.sliced(2);
        const qsizetype end = list.startsWith('"') ? list.indexOf('"', 1) : -1;
        if (end < 0) // no tag: as if the rest were not there
            return false;
        if (list.first(end + 1) == quotedTag)
            return true;
        list = http::trimmedOws(list.sliced(end + 1));
    }
    return false;
}

void answerEtag(Request &req, Response &res)
{
    const QByteArray tag = req.param("etag").toUtf8();
    const auto isTagByte = [](char c) { return c != '"' && quint8(c) > 0x20 && c != '\x7f'; };
    if (!std::all_of(tag.begin(), tag.end(), isTagByte)) // RFC 9110 §8.8.3: etagc
        refuse(u"An entity tag holds no quotes, spaces or control characters."_s);
    const QByteArray quoted = '"' + tag + '"';
    res.set("ETag", quoted);
    // RFC 9110 §13.2.2: If-Match comes first
    if (const QByteArray match = req.head().allHeaders("If-Match"); !match.isEmpty() && !holdsTag(match, quoted))
        res.status(412).end();
    else if (holdsTag(req.head().allHeaders("If-None-Match"), quoted))
        res.status(304).end();
    else
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
    addStreamRoutes(application);
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

void HttpbinRoutes::addStreamRoutes(Application &application)
{
    application.get("/drip", drip);
    application.get("/stream/:n", streamLines);
    application.get("/bytes/:n", [](Request &req, Response &res) { res.send(randomBytes(req)); });
    application.get("/stream-bytes/:n", streamBytes);
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
    application.get("/cache", [](Request &req, Response &res) {
        if (!req.get("If-Modified-Since").isEmpty() || !req.get("If-None-Match").isEmpty()) {
            res.status(304).end();
            return;
        }
        res.set("Last-Modified", http::imfFixdate(QDateTime::currentDateTimeUtc()));
        res.set("ETag", '"' + QUuid::createUuid().toByteArray(QUuid::Id128) + '"');
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
