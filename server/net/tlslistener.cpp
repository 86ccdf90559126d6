// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/tlslistener.h"

#include "server/net/httpserver.h"
#include "server/net/peername.h"
#include "server/trace/trace.h"

#include <QtNetwork/QSslSocket>

#include <limits>

namespace loopscope::net {

namespace {

// Bytes that a QSslSocket takes from the kernel, and decrypts, ahead of its connection. As the server reads at once.
constexpr qint64 readBufferBytes = 64 * 1024;

} // namespace

TlsListener::TlsListener(HttpServer &server, const QSslConfiguration &configuration)
    : m_server(server)
{
    setSslConfiguration(configuration);
    setHandshakeTimeout(int(server.m_options.timeouts.handshake.count()));
    // the number that bounds handshakes is maxHandshakes
    setMaxPendingConnections(std::numeric_limits<int>::max());
    // queued: it is emitted from within the socket's own handshake
    connect(this, &QTcpServer::pendingConnectionAvailable, this, [this] { onPendingConnection(); },
            Qt::QueuedConnection);
}

// QTcpServer accepts too where QSslServer has told it to go on, until pauseAccepting().
void TlsListener::incomingConnection(qintptr descriptor)
{
    take(descriptor);
}

void TlsListener::take(qintptr descriptor)
{
    if (m_handshakes.size() >= m_server.m_options.maxHandshakes || m_server.isOverfull()) {
        m_server.closeUnanswered(descriptor);
        return;
    }
    const qsizetype before = children().size();
    QSslServer::incomingConnection(descriptor);
    auto *socket = children().size() > before ? qobject_cast<QSslSocket *>(children().constLast()) : nullptr;
    if (!socket)
        return;
    if (socket->state() != QAbstractSocket::ConnectedState) { // QSslServer forgets it
        delete socket;
        return;
    }
    socket->setReadBufferSize(readBufferBytes);
    const trace::Recorder *recorder = m_server.tracing();
    m_handshakes.insert(socket, {recorder ? peerName(*socket) : QByteArray(), recorder ? recorder->now() : 0});
    connect(socket, &QObject::destroyed, this, [this](const QObject *gone) { onDestroyed(gone); });
}

void TlsListener::onPendingConnection()
{
    while (auto *socket = qobject_cast<QSslSocket *>(nextPendingConnection())) {
        m_handshakes.remove(socket);
        socket->disconnect(this);
        socket->setParent(nullptr);
        m_server.accept(std::unique_ptr<QSslSocket>(socket));
    }
    pauseAccepting(); // which nextPendingConnection() has ended
}

// QSslServer deletes what fails, comes late, or is no TLS at all.
void TlsListener::onDestroyed(const QObject *socket)
{
    const Handshake handshake = m_handshakes.take(socket);
    m_server.onHandshakeFailed(handshake.peer, handshake.startedAt);
    pauseAccepting(); // which QSslServer ends where a handshake takes too long
}

} // namespace loopscope::net
