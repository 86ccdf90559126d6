// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/method.h"
#include "server/loop/site.h"
#include "server/web/handler.h"
#include "server/web/pathpattern.h"

#include <QtCore/QByteArray>

#include <memory>
#include <vector>

namespace loopscope::web {

class Router;

// What a route allows that others do not.
struct RouteOptions {
    qint64 maxBodyBytes = -1; // -1: that of Application::Options
};

// One entry of a router, in the order of registration.
struct Layer {
    enum class Kind : quint8 { Middleware, Mount, Route, Error };
    Kind kind;
    PathPattern pattern;
    quint8 methods; // bit 1 << http::Method; all for what is not a route
    Handler handler; // Middleware, Route
    ErrorHandler errorHandler; // Error
    std::shared_ptr<const Router> mounted; // Mount
    RouteOptions options;
    QByteArray name; // "logger", "GET /users/:id"
    loop::Site site;
};

// Middleware and routes, in the order in which they were added: a request meets them in that order, and each decides
// with next() whether it goes on. Made before the server listens and not changed while it does.
// https://expressjs.com/en/5x/api.html#router
class Router {
public:
    Router() = default;
    Router(const Router &) = delete;
    Router &operator=(const Router &) = delete;

    // Middleware for every request, or for those whose path starts with `prefix`. `name` is what the trace calls it.
    template<HandlerLike F>
    Router &use(F &&middleware, const QByteArray &name = "middleware", loop::Site site = loop::Site::here())
    {
        return addMiddleware("/", makeHandler(std::forward<F>(middleware)), name, site);
    }
    template<HandlerLike F>
    Router &use(const QByteArray &prefix, F &&middleware, const QByteArray &name = "middleware",
                loop::Site site = loop::Site::here())
    {
        return addMiddleware(prefix, makeHandler(std::forward<F>(middleware)), name, site);
    }
    // Error middleware: only requests that failed come here.
    template<ErrorHandlerLike F>
    Router &use(F &&errorMiddleware, const QByteArray &name = "error handler", loop::Site site = loop::Site::here())
    {
        return addError("/", makeErrorHandler(std::forward<F>(errorMiddleware)), name, site);
    }
    // Another router below a prefix; its paths are relative to it.
    Router &use(const QByteArray &prefix, std::shared_ptr<const Router> router, loop::Site site = loop::Site::here());

    // Routes. HEAD is answered by GET's, without the body, unless it has one of its own.
    template<HandlerLike F>
    Router &get(const QByteArray &path, F &&handler, RouteOptions options = {}, loop::Site site = loop::Site::here())
    {
        return route(http::Method::Get, path, std::forward<F>(handler), options, site);
    }
    template<HandlerLike F>
    Router &post(const QByteArray &path, F &&handler, RouteOptions options = {}, loop::Site site = loop::Site::here())
    {
        return route(http::Method::Post, path, std::forward<F>(handler), options, site);
    }
    template<HandlerLike F>
    Router &put(const QByteArray &path, F &&handler, RouteOptions options = {}, loop::Site site = loop::Site::here())
    {
        return route(http::Method::Put, path, std::forward<F>(handler), options, site);
    }
    template<HandlerLike F>
    Router &patch(const QByteArray &path, F &&handler, RouteOptions options = {}, loop::Site site = loop::Site::here())
    {
        return route(http::Method::Patch, path, std::forward<F>(handler), options, site);
    }
    // DELETE; `delete` is a word of C++.
    template<HandlerLike F>
    Router &del(const QByteArray &path, F &&handler, RouteOptions options = {}, loop::Site site = loop::Site::here())
    {
        return route(http::Method::Delete, path, std::forward<F>(handler), options, site);
    }
    template<HandlerLike F>
    Router &route(http::Method method, const QByteArray &path, F &&handler, RouteOptions options = {},
                  loop::Site site = loop::Site::here())
    {
        return addRoute(quint8(1u << unsigned(method)), path, makeHandler(std::forward<F>(handler)), options, site);
    }
    // Every method.
    template<HandlerLike F>
    Router &all(const QByteArray &path, F &&handler, RouteOptions options = {}, loop::Site site = loop::Site::here())
    {
        return addRoute(0xff, path, makeHandler(std::forward<F>(handler)), options, site);
    }

    // The methods of all its routes and of those of the routers mounted on it; bit 1 << http::Method.
    [[nodiscard]] quint8 methods() const noexcept;

    // Layers are called through a const router, and a callable may have state of its own.
    [[nodiscard]] std::vector<Layer> &layers() const noexcept { return m_layers; }

private:
    Router &addMiddleware(const QByteArray &prefix, Handler handler, const QByteArray &name, loop::Site site);
    Router &addError(const QByteArray &prefix, ErrorHandler handler, const QByteArray &name, loop::Site site);
    Router &addRoute(quint8 methods, const QByteArray &path, Handler handler, RouteOptions options, loop::Site site);

    mutable std::vector<Layer> m_layers;
};

} // namespace loopscope::web
