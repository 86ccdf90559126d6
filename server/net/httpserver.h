// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/event.h"
#include "server/loop/eventloop.h"
#include "server/loop/handlereference.h"
#include "server/net/serveroptions.h"
#include "server/net/timeoutlist.h"
#include "server/net/transport.h"

#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QObject>

#include <memory>
#include <vector>

QT_BEGIN_NAMESPACE
class QHostAddress;
class QSocketNotifier;
class QSslConfiguration;
class QSslSocket;
class QTcpServer;
QT_END_NAMESPACE

namespace loopscope::loop {
class UvEventDispatcher;
}

namespace loopscope::net {

class Connection;
class TlsListener;

// A connection that a drain had to cut.
struct CutConnection {
    quint64 connection = 0;
    QByteArray peer; // "127.0.0.1:51234"
    quint64 request = 0; // 0: it had sent a part of a request's head
    QByteArray requestLine; // "GET /download?mb=5", without control bytes
    qint64 sentBytes = 0; // of the answer's body
    qint64 contentLength = -1; // of the answer; -1 if not known, or not begun
};

// An HTTP/1.1 server on one thread whose dispatcher is a loop::UvEventDispatcher.
//
// Made without listening; listen() is for the program's entry point. The handler must outlive it. Everything is used
// on the server's thread. It never waits and never runs a nested loop.
class HttpServer final : public QObject {
    Q_OBJECT

public:
    explicit HttpServer(RequestHandler &handler, const ServerOptions &options = {}, QObject *parent = nullptr);
    // Cuts what is still open, without a word.
    ~HttpServer() override;

    // Before listen(): what is served is https. `configuration` has a certificate and its key (loadTlsFiles()). TLS 1.2
    // is the least, clients need no certificate, and there is no ALPN, whatever else it says.
    void setTls(const QSslConfiguration &configuration);

    // Port 0 picks a free one. "::" takes IPv4, too, as in Node (net.Server: ipv6Only false). False: errorString() says why
    // in one sentence.
    bool listen(const QHostAddress &address, quint16 port);
    [[nodiscard]] bool isListening() const;
    [[nodiscard]] quint16 port() const;
    [[nodiscard]] QString errorString() const { return m_error; }

    // Stops accepting, closes idle connections, lets the others finish with "Connection: close"; drained() follows.
    // After `deadline` (0 or more) what is left is cut. A second call only moves the deadline.
    void drain(std::chrono::milliseconds deadline);
    // Cuts every connection now; drained() follows.
    void cut();
    [[nodiscard]] bool isDraining() const noexcept { return m_draining; }

    // Open ones, those that are being refused among them.
    [[nodiscard]] int connections() const noexcept { return int(m_connections.size()); }
    [[nodiscard]] int inFlight() const noexcept;
    // Connections so far, those that were refused and TLS handshakes that failed among them.
    [[nodiscard]] quint64 acceptedConnections() const noexcept { return m_lastConnection - m_options.lastConnection; }
    [[nodiscard]] quint64 requests() const noexcept { return m_lastRequest - m_options.lastRequest; }
    // The numbers that were given last; ServerOptions say where they began.
    [[nodiscard]] quint64 lastConnection() const noexcept { return m_lastConnection; }
    [[nodiscard]] quint64 lastRequest() const noexcept { return m_lastRequest; }
    // Connections that were refused because as many were open as may be: of all, or of their address.
    [[nodiscard]] quint64 refusedConnections() const noexcept { return m_refused; }

Q_SIGNALS:
    // Emitted once per drain on the server's thread, from the loop (never from within drain() or cut()), when no
    // connection is left. `cut`: those that had to be cut.
    void drained(const QList<loopscope::net::CutConnection> &cut);

private:
    friend class Connection;
    friend class TlsListener;

    void stopListening();
    void onAcceptable();
    void accept(qintptr descriptor);
    // A handshake is done.
    void accept(std::unique_ptr<QSslSocket> socket);
    // A handshake came to nothing. `startedAt`: ns on the trace's clock, or 0.
    void onHandshakeFailed(const QByteArray &peer, qint64 startedAt);
    void admit(std::unique_ptr<Connection> connection);
    [[nodiscard]] bool isFull() const noexcept;
    // Not even a refusal can be sent.
    [[nodiscard]] bool isOverfull() const noexcept { return isFull() && m_refusing >= m_options.maxRefusals; }
    void closeUnanswered(qintptr descriptor);
    void traceUnanswered(http::Error error, quint64 connection);
    [[nodiscard]] bool countAddress(Connection &connection);
    void discountAddress(const Connection &connection);
    void onAcceptError(int error);
    // A connection is over: it leaves the table now and is deleted in the close phase.
    void bury(Connection &connection);
    // Makes sure that onTimer() comes no later than `due`.
    void armTimer(std::chrono::milliseconds due);
    void onTimer();
    void expire(std::chrono::milliseconds now);
    void checkDrained();
    [[nodiscard]] QByteArrayView date();
    [[nodiscard]] trace::Recorder *tracing() const noexcept { return m_loop ? m_loop->tracing() : nullptr; }

    RequestHandler &m_handler;
    const ServerOptions m_options;
    loop::EventLoop *m_loop = nullptr; // of the thread that listens
    const loop::UvEventDispatcher *m_dispatcher = nullptr;
    std::unique_ptr<QSslConfiguration> m_tls; // null: plain
    std::unique_ptr<QTcpServer> m_listener; // listens; accepting is onAcceptable()'s
    TlsListener *m_tlsListener = nullptr; // m_listener, with TLS
    qintptr m_acceptDescriptor = -1; // m_listener's, once more: QSslServer turns its own notifier on at times
    std::unique_ptr<QSocketNotifier> m_acceptNotifier;
    std::unique_ptr<loop::HandleReference> m_handle; // while it listens
    QString m_error;

    std::vector<std::unique_ptr<Connection>> m_connections; // each knows its index
    std::vector<std::unique_ptr<Connection>> m_buried;
    quint64 m_lastConnection = 0;
    quint64 m_lastRequest = 0;
    quint64 m_refused = 0;
    int m_refusing = 0; // of m_connections
    QHash<QByteArray, int> m_ofAddress; // connections, where maxConnectionsPerAddress says something

    // Waiting connections by what they wait for.
    TimeoutList m_headerTimeouts;
    TimeoutList m_requestTimeouts;
    TimeoutList m_requestChecks; // those whose time stood still for a while: looked at again and again
    TimeoutList m_keepAliveTimeouts;
    TimeoutList m_sendTimeouts;
    TimeoutList m_lingerTimeouts;
    TimeoutList m_rateTimeouts; // beside those: of Connection::RateEntry
    TimeoutList m_sendRateTimeouts; // the same
    loop::TimerId m_timer = loop::TimerId::None;
    std::chrono::milliseconds m_timerDue{};
    loop::ImmediateId m_expiry = loop::ImmediateId::None; // after m_timer, expire()

    bool m_draining = false;
    bool m_drainedPending = false;
    qint64 m_drainStart = 0; // ns on the trace's clock
    loop::TimerId m_drainTimer = loop::TimerId::None;
    QList<CutConnection> m_cut;

    loop::TimerId m_acceptTimer = loop::TimerId::None;
    bool m_acceptFails = false; // and was logged

    // Shared by all connections, which use them only while they run: reading, parsing, writing.
    std::vector<char> m_readBuffer;
    http::EventList m_events;
    http::RequestHead m_head;
    QByteArray m_out; // of the connection that is corked
    QByteArray m_outOther; // of any other, written at once
    bool m_outInUse = false;
    QByteArray m_date;
    std::chrono::milliseconds m_dateUntil{-1};
    // Lets what was posted to the loop see that the server is gone.
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace loopscope::net

Q_DECLARE_METATYPE(loopscope::net::CutConnection)
