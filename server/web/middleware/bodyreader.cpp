// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/middleware/bodyreader.h"

#include "server/stream/pipeline.h"
#include "server/stream/streamerror.h"
#include "server/stream/writable.h"
#include "server/stream/zlib.h"
#include "server/stream/zliberror.h"
#include "server/web/apperror.h"
#include "server/web/headerparameters.h"

#include <algorithm>
#include <limits>

namespace loopscope::web {

using namespace Qt::StringLiterals;

QByteArray mediaTypeOf(const Request &req)
{
    const QByteArrayView value = req.get("Content-Type");
    const qsizetype semicolon = value.indexOf(';');
    return http::trimmedOws(semicolon < 0 ? value : value.first(semicolon)).toByteArray().toLower();
}

bool wantsBody(const Request &req, const QByteArrayList &types)
{
    if (!req.hasBody() || req.bodyUsed())
        return false;
    const QByteArray type = mediaTypeOf(req);
    return std::any_of(types.begin(), types.end(), [&](const QByteArray &wanted) { return matchesType(type, wanted); });
}

QByteArray charsetOf(const Request &req, const QByteArray &otherwise)
{
    const auto parsed = HeaderParameters::parse(req.get("Content-Type"));
    if (!parsed)
        throw AppError(415, u"The Content-Type is malformed."_s, "charset.unsupported");
    const QByteArray *charset = parsed->find("charset");
    return charset ? charset->toLower() : otherwise;
}

void requireUtf8(const Request &req)
{
    if (charsetOf(req) != "utf-8")
        throw AppError(415, u"The body's charset must be UTF-8."_s, "charset.unsupported");
}

Coding codingOf(const Request &req, bool inflate)
{
    const QByteArray name = req.get("Content-Encoding").toByteArray().toLower();
    if (name.isEmpty() || name == "identity")
        return Coding::Identity;
    if (!inflate)
        throw AppError(415, u"The body must not have a Content-Encoding."_s, "encoding.unsupported")
            .setHeader("Accept-Encoding", "identity");
    if (name == "gzip" || name == "x-gzip")
        return Coding::Gzip;
    if (name == "deflate")
        return Coding::Deflate;
    if (name == "br")
        return Coding::Brotli;
    throw AppError(415, u"The body's Content-Encoding must be gzip, deflate or br."_s, "encoding.unsupported")
        .setHeader("Accept-Encoding", "gzip, deflate, br");
}

namespace {

// Keeps what is written to it.
class Collector final : public stream::Writable {
public:
    QByteArray bytes;

protected:
    void doWrite(QByteArray chunk, Done done) override
    {
        bytes += chunk;
        done(nullptr);
    }
};

std::shared_ptr<stream::CodecStream> decoderOf(Coding coding, qint64 limit, loop::Site site)
{
    const auto bounded = [limit](auto options) {
        options.maxOutputLength = std::max<qint64>(1, limit);
        return options;
    };
    if (coding == Coding::Brotli)
        return stream::createBrotliDecompress(bounded(stream::BrotliOptions()), site);
    const auto options = bounded(stream::ZlibOptions());
    return coding == Coding::Gzip ? stream::createGunzip(options, site) : stream::createInflate(options, site);
}

// What a client did that ended the decoding.
[[noreturn]] void rethrowAsClients(Coding coding, qint64 limit)
{
    try {
        throw;
    } catch (const stream::StreamError &error) {
        if (error.code() == stream::StreamError::Code::BufferTooLarge)
            throw AppError::bodyTooLarge(limit);
        if (error.code() == stream::StreamError::Code::PrematureClose)
            throw RequestAborted();
        throw;
    } catch (const stream::ZlibError &error) {
        if (error.name() == "Z_MEM_ERROR")
            throw;
        throw AppError(400, u"The body is not coded with %1 as it says: %2."_s.arg(QString::fromLatin1(toString(coding)),
                                                                              QString::fromLatin1(error.message())),
                       error.name());
    }
}

} // namespace

loop::Task<QByteArray> readBody(Request &req, Coding coding, loop::Site site)
{
    if (coding == Coding::Identity)
        co_return co_await req.read(site);
    const qint64 limit = req.maxBodyBytes();
    const qint64 overhead = limit / 16 + 1'024; // stored blocks and headers: deflate adds 5 bytes to 16 KiB
    const BodyLimit coded(req, limit > std::numeric_limits<qint64>::max() / 2 ? limit : limit + overhead);
    const auto body = req.stream(site);
    const auto decoder = decoderOf(coding, limit, site);
    const auto collector = std::make_shared<Collector>();
    try {
        co_await stream::pipeline(body, decoder, collector);
    } catch (...) {
        rethrowAsClients(coding, limit);
    }
    co_return collector->bytes;
}

loop::Task<> receiveBody(Request &req, loop::UniqueFunction<void(QByteArrayView)> take, loop::Site site)
{
    if (req.isAborted())
        throw RequestAborted();
    struct Listeners {
        Request &request;
        ~Listeners() { request.removeAllListeners(); }
    };
    const net::ExchangeRef kept = req.hold();
    const Listeners listeners{req}; // they end before `take` does
    loop::Deferred<> whole(site);
    bool failed = false;
    { // the request alone holds the resolvers: without it nobody waits
        const auto resolver = whole.resolver();
        req.onAborted([resolver] { resolver.reject(std::make_exception_ptr(RequestAborted())); });
        req.onRefused([resolver](std::exception_ptr error) { resolver.reject(std::move(error)); });
        req.onEnd([resolver] { resolver.resolve(); }, site);
        req.onData(
            [resolver, &take, &failed](QByteArrayView piece) {
                if (failed)
                    return;
                try {
                    take(piece);
                } catch (...) {
                    failed = true;
                    resolver.reject(std::current_exception());
                }
            },
            site);
    }
    co_await whole;
}

} // namespace loopscope::web
