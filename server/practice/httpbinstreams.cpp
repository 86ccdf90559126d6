// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/httpbinstreams.h"

#include "server/http/status.h"
#include "server/practice/httpbinrequest.h"
#include "server/web/application.h"
#include "server/web/eventstream.h"

#include <QtCore/QDateTime>
#include <QtCore/QRandomGenerator>

#include <algorithm>
#include <limits>
#include <optional>

namespace loopscope::practice {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using loop::Task;
using web::Application;
using web::Request;
using web::Response;
using Streams = HttpbinStreams;

namespace {

// To HEAD the head is the whole answer (RFC 9110 §9.3.2): nobody waits for a body that does not come.
bool endsWithHead(const Request &req, Response &res)
{
    if (req.method() != http::Method::Head)
        return false;
    res.end();
    return true;
}

Task<> drip(Request &req, Response &res)
{
    const auto duration = querySeconds(req, u"duration"_s, 2s);
    const auto delay = querySeconds(req, u"delay"_s, 0s);
    const int bytes = queryNumber(req, u"numbytes"_s, 10, 1, Streams::maximumDripBytes);
    const QString code = req.query(u"code"_s);
    res.status(code.isNull() ? 200 : statusOf(code)).type("application/octet-stream");
    if (http::statusForbidsBody(res.statusCode()))
        refuse(u"A drip needs a status with a body."_s);
    res.contentLength(bytes);
    if (endsWithHead(req, res))
        co_return;
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
    const int lines = wholeNumber(req.param("n"), u"n"_s, 1, Streams::maximumStreamLines);
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
    const int count = wholeNumber(req.param("n"), u"n"_s, 0, Streams::maximumBytes);
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
    const int chunk = queryNumber(req, u"chunk_size"_s, Streams::defaultChunkBytes, 1, Streams::maximumBytes);
    res.type("application/octet-stream");
    for (qsizetype at = 0; at < bytes.size() && res.isWritable(); at += chunk) {
        if (!res.write(QByteArrayView(bytes).sliced(at, std::min<qsizetype>(chunk, bytes.size() - at))))
            co_await res.drained();
    }
    if (res.isWritable())
        res.end();
}

// --- /range ---

// A byte is its position's letter, so that any part of it can be checked.
QByteArray alphabet(qint64 first, qint64 count)
{
    QByteArray bytes(count, Qt::Uninitialized);
    for (qint64 i = 0; i < count; ++i)
        bytes[i] = char('a' + (first + i) % 26);
    return bytes;
}

// The part that is asked for, with its head set; nothing if the head is the whole answer.
// Deviation: of several ranges httpbin understands the first; here they are answered with the whole (RFC 9110 §14.2).
std::optional<web::ByteRange> rangeOf(Request &req, Response &res, int bytes)
{
    const web::Validators validators{"\"range" + QByteArray::number(bytes) + '"', std::nullopt};
    res.type("application/octet-stream").set("Accept-Ranges", "bytes").set("ETag", validators.etag);
    if (answersPreconditions(req, res, validators))
        return std::nullopt;
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const web::RangeRequest wanted =
        web::rangeApplies(req.head(), validators, now) ? req.range(bytes) : web::RangeRequest();
    if (wanted.kind == web::RangeRequest::Kind::Unsatisfiable) {
        res.status(416).set("Content-Range", web::contentRange(bytes)).end();
        return std::nullopt;
    }
    if (wanted.kind == web::RangeRequest::Kind::Whole || wanted.ranges.size() != 1)
        return web::ByteRange{0, bytes - 1};
    res.status(206).set("Content-Range", web::contentRange(wanted.ranges.front(), bytes));
    return wanted.ranges.front();
}

Task<> answerRange(Request &req, Response &res)
{
    const int bytes = wholeNumber(req.param("n"), u"n"_s, 1, Streams::maximumBytes);
    const int chunk = queryNumber(req, u"chunk_size"_s, Streams::defaultChunkBytes, 1, Streams::maximumBytes);
    const auto duration = querySeconds(req, u"duration"_s, 0s);
    const std::optional<web::ByteRange> range = rangeOf(req, res, bytes);
    if (!range)
        co_return;
    res.contentLength(range->size());
    if (endsWithHead(req, res))
        co_return;
    // The duration is the whole's: a part takes its share. What is due sooner than a timer's millisecond goes at once.
    std::chrono::milliseconds slept{0};
    for (qint64 at = range->first; at <= range->last && res.isWritable(); at += chunk) {
        const qint64 count = std::min<qint64>(chunk, range->last - at + 1);
        if (!res.write(alphabet(at, count)))
            co_await res.drained();
        const std::chrono::milliseconds due = duration * (at + count - range->first) / bytes;
        if (due > slept)
            co_await loop::sleep(due - slept);
        slept = std::max(slept, due);
    }
    if (res.isWritable())
        res.end();
}

// --- /sse ---

// httpbingo's: events "ping" with a number and the time, spread over the duration.
Task<> answerEvents(Request &req, Response &res)
{
    const int count = queryNumber(req, u"count"_s, Streams::defaultEvents, 1, Streams::maximumEvents);
    const auto duration = querySeconds(req, u"duration"_s, 5s);
    const auto delay = querySeconds(req, u"delay"_s, 0s);
    if (delay.count() > 0 && req.method() != http::Method::Head)
        co_await loop::sleep(delay);
    web::EventStream events(req, res);
    if (req.method() == http::Method::Head)
        co_return; // which ends it
    const auto pause = count > 1 ? duration / (count - 1) : duration;
    for (int id = 0; id < count && events.isOpen(); ++id) {
        if (id > 0 && pause.count() > 0)
            co_await loop::sleep(pause);
        const QJsonObject data{{u"id"_s, id}, {u"timestamp"_s, QDateTime::currentMSecsSinceEpoch()}};
        events.send(
            {.data = QJsonDocument(data).toJson(QJsonDocument::Compact), .event = "ping", .id = {}, .retry = {}});
    }
}

} // namespace

void HttpbinStreams::addTo(Application &application)
{
    application.get("/drip", drip);
    application.get("/stream/:n", streamLines);
    application.get("/bytes/:n", [](Request &req, Response &res) { res.send(randomBytes(req)); });
    application.get("/stream-bytes/:n", streamBytes);
    application.get("/range/:n", answerRange);
    application.get("/sse", answerEvents);
}

} // namespace loopscope::practice
