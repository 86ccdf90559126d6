// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/router.h"

#include "server/web/exchange.h"

namespace loopscope::web {

static loop::Task<> awaitHandler(loop::Task<> task, Next next)
{
    std::exception_ptr error;
    try {
        co_await std::move(task);
    } catch (...) {
        error = std::current_exception();
    }
    if (error)
        next(error);
}

void supervise(loop::Task<> task, Next next)
{
    static_cast<void>(awaitHandler(std::move(task), std::move(next))); // goes on by itself
}

Router &Router::use(const QByteArray &prefix, std::shared_ptr<const Router> router, loop::Site site)
{
    m_layers.push_back(Layer{Layer::Kind::Mount, PathPattern(prefix), 0xff, {}, {}, std::move(router), {},
                             QByteArray("router " + prefix), site});
    return *this;
}

Router &Router::addMiddleware(const QByteArray &prefix, Handler handler, const QByteArray &name, loop::Site site)
{
    m_layers.push_back(
        Layer{Layer::Kind::Middleware, PathPattern(prefix), 0xff, std::move(handler), {}, {}, {}, name, site});
    return *this;
}

Router &Router::addError(const QByteArray &prefix, ErrorHandler handler, const QByteArray &name, loop::Site site)
{
    m_layers.push_back(
        Layer{Layer::Kind::Error, PathPattern(prefix), 0xff, {}, std::move(handler), {}, {}, name, site});
    return *this;
}

quint8 Router::methods() const noexcept
{
    quint8 methods = 0;
    for (const Layer &layer : m_layers) {
        if (layer.kind == Layer::Kind::Route)
            methods |= layer.methods;
        else if (layer.kind == Layer::Kind::Mount)
            methods |= layer.mounted->methods();
    }
    return methods;
}

Router &Router::addRoute(quint8 methods, const QByteArray &path, Handler handler, RouteOptions options,
                         loop::Site site)
{
    QByteArray name = "ALL";
    for (int i = 0; i < http::methodCount; ++i) {
        if (methods == (1u << unsigned(i)))
            name = http::toString(static_cast<http::Method>(i)).toByteArray();
    }
    name += ' ';
    name += path;
    m_layers.push_back(
        Layer{Layer::Kind::Route, PathPattern(path), methods, std::move(handler), {}, {}, options, name, site});
    return *this;
}

} // namespace loopscope::web
