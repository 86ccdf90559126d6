// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QHash>
#include <QtNetwork/QSslServer>

namespace loopscope::net {

class HttpServer;

// Shakes hands with the clients that its HttpServer accepts, and gives them back when that is done.
//
// Owned by the HttpServer, on its thread. A handshake is no connection yet: it is bounded in time (Timeouts::handshake)
// and number (ServerOptions::maxHandshakes) here, leaves a trace only if it fails, and goes with the listener.
class TlsListener final : public QSslServer {
public:
    TlsListener(HttpServer &server, const QSslConfiguration &configuration);

    // Begins the handshake with an accepted connection.
    void take(qintptr descriptor);

protected:
    void incomingConnection(qintptr descriptor) override;

private:
    struct Handshake {
        QByteArray peer; // "127.0.0.1:51234"
        qint64 startedAt = 0; // ns on the trace's clock; 0: nothing is traced
    };
    void onPendingConnection();
    void onDestroyed(const QObject *socket);

    HttpServer &m_server;
    QHash<const QObject *, Handshake> m_handshakes;
};

} // namespace loopscope::net
