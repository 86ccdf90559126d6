// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/middleware/bodyreader.h"

#include "server/web/apperror.h"
#include "server/web/headerparameters.h"

#include <algorithm>

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

void requireIdentity(const Request &req)
{
    const QByteArrayView encoding = req.get("Content-Encoding");
    if (!encoding.isEmpty() && !http::equalsIgnoringCase(encoding, "identity"))
        throw AppError(415, u"The body must not have a Content-Encoding."_s, "encoding.unsupported");
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
