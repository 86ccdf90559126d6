// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/net/transport.h"
#include "server/web/inject.h"
#include "server/web/router.h"

#include <array>
#include <limits>
#include <memory>
#include <vector>

namespace loopscope::trace {
class Trace;
}

namespace loopscope::web {

class WebExchange;

// An Express-style application: a router, and what happens to a request that no layer answered.
//
// It knows no socket. A net::HttpServer serves it, or inject() runs a request through the same chain without a port.
// Made and used on one thread, and only changed before the first request; it outlives the server. An exchange that a
// suspended coroutine still holds when it dies goes no further and deletes itself.
class Application final : public Router, public net::RequestHandler {
public:
    enum class Environment : quint8 {
        Production, // a programmer error is answered with a bare 500
        Development, // … with what was thrown
    };
    struct Options {
        Environment environment = Environment::Production;
        qint64 maxBodyBytes = 1024 * 1024; // where the route does not say otherwise; nginx: client_max_body_size 1 MiB
        qint64 bodyCeiling = std::numeric_limits<qint64>::max(); // whatever a route or a middleware says: beyond it 413
        // Response::send() and json() add an ETag to a whole answer of 200 to 299 that has none, and answer 304 to a GET or HEAD
        // whose client has it (RFC 9110 §13.1.2). https://expressjs.com/en/5x/api.html#etag.options.table
        // Deviation: in Express it is "weak" unless it is turned off, and for errors too. It costs a SHA-1 of each answer.
        bool etag = false;
    };
    // Exchanges kept for reuse at most; each keeps the buffers of its last request.
    static constexpr std::size_t maximumPooled = 1'024;

    explicit Application(const Options &options);
    Application();
    ~Application();

    [[nodiscard]] const Options &options() const noexcept { return m_options; }
    // Exchanges under way: not yet answered, or held by somebody.
    [[nodiscard]] int exchanges() const noexcept { return m_exchanges; }

    // Runs a request through the whole chain; `done` gets the answer, once, before or after inject() returns.
    void inject(const InjectRequest &request, loop::UniqueFunction<void(InjectResponse)> done);

    // net::RequestHandler
    net::ExchangeRef handle(net::Transport &transport, http::RequestHead &head) override;

private:
    friend class WebExchange;
    void recycle(std::unique_ptr<WebExchange> exchange) noexcept;
    [[nodiscard]] const char *tracedName(const QByteArray &name, trace::Trace &trace);

    const Options m_options;
    std::vector<std::unique_ptr<WebExchange>> m_pool;
    int m_exchanges = 0;
    // Layers' names as the trace knows them; by the address of the layer's name, which does not change. Direct-mapped: a
    // clash costs a look into the trace's table.
    struct TracedName {
        const char *name = nullptr;
        const char *interned = nullptr;
    };
    const trace::Trace *m_namesOf = nullptr;
    std::array<TracedName, 256> m_names;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace loopscope::web
