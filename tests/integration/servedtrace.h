// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/uveventdispatcher.h"
#include "server/net/httpserver.h"
#include "server/trace/trace.h"
#include "server/web/application.h"
#include "tests/support/patientserver.h"

#include <QtCore/QThread>
#include <QtNetwork/QHostAddress>
#include <QtNetwork/QSslConfiguration>

#include <functional>
#include <memory>
#include <optional>

namespace loopscope::test {

// A server on a thread of its own, as the desktop has it, recorded.
class ServedTrace {
public:
    // With a TLS configuration what it serves is https.
    explicit ServedTrace(const std::function<web::Application &()> &makeApplication,
                         const std::optional<QSslConfiguration> &tls = std::nullopt)
    {
        m_thread.setEventDispatcher(new loop::UvEventDispatcher(&trace));
        m_there.moveToThread(&m_thread);
        m_thread.start();
        onServer([&] {
            m_server = std::make_unique<net::HttpServer>(makeApplication(), patientOptions());
            if (tls)
                m_server->setTls(*tls);
            if (m_server->listen(QHostAddress::LocalHost, 0))
                port = m_server->port();
        });
    }
    // `last` runs on the server's thread when the server is gone.
    void stop(const std::function<void()> &last)
    {
        onServer([&] {
            m_server.reset();
            last();
        });
        m_thread.quit();
        m_thread.wait();
    }

    trace::Trace trace; // older than the thread that writes to it
    quint16 port = 0;

private:
    template<typename Function>
    void onServer(Function &&function)
    {
        QMetaObject::invokeMethod(&m_there, std::forward<Function>(function), Qt::BlockingQueuedConnection);
    }
    QObject m_there;
    QThread m_thread;
    std::unique_ptr<net::HttpServer> m_server;
};

} // namespace loopscope::test
