// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/net/transport.h"

namespace loopscope::test {

// The server side of the wire cases: answers every request with what it was (README.md has the special targets).
// Knows a Transport only, so that the same answers come over a socket and without one. Of the transport's thread.
class Echo final : public net::RequestHandler {
public:
    // Requests that were handed over.
    [[nodiscard]] int requests() const noexcept { return m_requests; }

    net::ExchangeRef handle(net::Transport &transport, http::RequestHead &head) override
    {
        ++m_requests;
        net::ExchangeRef exchange(new EchoExchange(transport, head));
        static_cast<EchoExchange *>(exchange.get())->begin();
        return exchange;
    }

private:
    class EchoExchange final : public net::Exchange {
    public:
        EchoExchange(net::Transport &transport, http::RequestHead &head)
            : m_transport(transport)
        {
            std::swap(m_head, head);
        }
        void begin()
        {
            if (m_head.target() == QByteArrayView("/early"))
                answer();
            else
                m_transport.sendContinue();
        }
        void onData(QByteArrayView bytes) override { m_body += bytes; }
        void onEnd() override { answer(); }
        void onDrained() override { }
        void onClosed(trace::ResponseOutcome) override { }

    private:
        void recycle() noexcept override { delete this; }
        void answer()
        {
            const QByteArrayView target = m_head.target();
            const int status = target == QByteArrayView("/204") ? 204 : target == QByteArrayView("/304") ? 304 : 200;
            const QByteArray text = toString(m_head.method).toByteArray() + ' ' + target.toByteArray() + '\n' + m_body;
            m_transport.sendHead(status, {}, target == QByteArrayView("/stream") ? -1 : text.size());
            m_transport.sendData(text);
            m_transport.sendEnd();
        }

        net::Transport &m_transport;
        http::RequestHead m_head;
        QByteArray m_body;
    };

    int m_requests = 0;
};

} // namespace loopscope::test
