// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/serverhost.h"

#include "server/loop/uveventdispatcher.h"
#include "server/loop/workerpool.h"

#include <QtNetwork/QHostAddress>

#include <system_error>

namespace loopscope::app {

ServerHost::ServerHost(trace::Trace &trace, QObject *parent)
    : QObject(parent)
    , m_trace(trace)
    , m_there(new QObject)
{
    m_thread.setObjectName(QStringLiteral("server"));
    m_thread.setEventDispatcher(new loop::UvEventDispatcher(&m_trace));
    m_there->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_there, &QObject::deleteLater);
    m_thread.start();
}

ServerHost::~ServerHost()
{
    m_thread.quit();
    m_thread.wait();
}

void ServerHost::start(quint16 port, const SiteServerOptions &options)
{
    if (m_state != State::Stopped)
        return;
    setState(State::Starting);
    QMetaObject::invokeMethod(m_there, [this, port, options] {
        SiteServerOptions numbered = options;
        numbered.lastConnection = m_lastConnection;
        numbered.lastRequest = m_lastRequest;
        m_server = new SiteServer(numbered, m_there);
        if (!m_server->listen(QHostAddress(QHostAddress::LocalHost), port)) {
            const QString sentence = m_server->errorString();
            delete std::exchange(m_server, nullptr);
            QMetaObject::invokeMethod(this, [this, sentence] { onFailed(sentence); });
            return;
        }
        connect(m_server, &SiteServer::drained, m_server, [this](const QList<net::CutConnection> &cut) {
            QStringList lines;
            for (const net::CutConnection &connection : cut)
                lines.append(describe(connection));
            m_lastConnection = m_server->httpServer().lastConnection();
            m_lastRequest = m_server->httpServer().lastRequest();
            std::exchange(m_server, nullptr)->deleteLater(); // it is the sender
            QMetaObject::invokeMethod(this, [this, lines] { onDrained(lines); });
        });
        connect(m_server, &SiteServer::uncaught, m_server, [this](const QString &sentence) {
            m_server->drain(uncaughtDrainTimeout);
            QMetaObject::invokeMethod(this, [this, sentence] { onUncaught(sentence); });
        });
        QMetaObject::invokeMethod(this, [this, got = m_server->port()] { onListening(got); });
    });
}

void ServerHost::drain(std::chrono::milliseconds deadline)
{
    if (m_state != State::Listening)
        return;
    setState(State::Draining);
    QMetaObject::invokeMethod(m_there, [this, deadline] {
        if (m_server)
            m_server->drain(deadline);
    });
}

void ServerHost::cut()
{
    if (m_state != State::Listening && m_state != State::Draining)
        return;
    setState(State::Draining);
    QMetaObject::invokeMethod(m_there, [this] {
        if (m_server)
            m_server->cut();
    });
}

void ServerHost::resizePool(int threads)
{
    QMetaObject::invokeMethod(m_there, [threads] {
        try {
            loop::EventLoop::current()->pool().resize(threads);
        } catch (const std::system_error &) { // the pool has those that it got, and its board says how many
        }
    });
}

void ServerHost::setState(State state)
{
    if (m_state == state)
        return;
    m_state = state;
    Q_EMIT stateChanged(state);
}

void ServerHost::onListening(quint16 port)
{
    m_port = port;
    setState(State::Listening);
    Q_EMIT listening(QStringLiteral("127.0.0.1"), port);
}

void ServerHost::onFailed(const QString &sentence)
{
    setState(State::Stopped);
    Q_EMIT failed(sentence);
}

void ServerHost::onUncaught(const QString &sentence)
{
    if (m_state == State::Listening)
        setState(State::Draining);
    Q_EMIT uncaught(sentence);
}

void ServerHost::onDrained(const QStringList &cut)
{
    setState(State::Stopped);
    Q_EMIT drained(cut);
}

} // namespace loopscope::app
