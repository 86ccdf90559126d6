// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/net/transport.h"
#include "server/web/application.h"
#include "server/web/request.h"
#include "server/web/response.h"

#include <memory>
#include <vector>

namespace loopscope::web {

// A request on its way through the layers: the engine behind next(). Private to the room.
//
// Owned by the Application, which reuses it when the last reference is gone. The loop's thread.
class WebExchange final : public net::Exchange {
public:
    explicit WebExchange(Application &application);
    ~WebExchange() override;

    void start(net::Transport &transport, http::RequestHead &head);

    // net::Exchange
    void onData(QByteArrayView bytes) override;
    void onEnd() override;
    void onDrained() override;
    void onClosed(trace::ResponseOutcome outcome) override;

    // A layer passes on; `token` tells which.
    void next(quint32 token, std::exception_ptr error);
    // Something failed outside of a layer's call (a body too large): to the error middleware after the last layer.
    void fail(std::exception_ptr error);

    [[nodiscard]] net::Transport *transport() const noexcept { return m_transport; }
    [[nodiscard]] Request &request() noexcept { return m_request; }
    [[nodiscard]] Response &response() noexcept { return m_response; }

protected:
    void recycle() noexcept override;

private:
    // A router on the way: which layer comes next, and which part of the path it sees.
    struct Frame {
        const Router *router;
        std::size_t index;
        qsizetype prefixBytes;
        std::size_t params; // how many parameters were known before
        quint32 token; // of the mount, 0 for the application
    };
    // A layer's function that is on the stack.
    struct Run {
        quint32 token;
        qint64 start;
        qint64 nextAt; // ns after start; -1: next() was not called
    };
    class Traced;

    void advance(std::exception_ptr error);
    [[nodiscard]] Layer *findLayer(bool failed, qsizetype &prefixBytes);
    void run(Layer &layer, qsizetype prefixBytes, std::exception_ptr error);
    void finish(std::exception_ptr error);
    void answerError(std::exception_ptr error);
    void answerNotFound();
    void markNext(quint32 token);

    Application &m_application;
    const std::weak_ptr<bool> m_applicationAlive; // a coroutine that was left suspended may outlive it
    net::Transport *m_transport = nullptr; // null once it is gone
    Request m_request;
    Response m_response;

    std::vector<Frame> m_frames;
    std::vector<Run> m_runs; // the innermost is the last
    quint32 m_token = 0; // of the layer that may call next()
    quint32 m_layers = 0; // entered so far
    quint8 m_allowed = 0; // methods of routes whose path matched
};

} // namespace loopscope::web
