// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/serverconnection.h"
#include "server/loop/handlereference.h"
#include "server/net/connectiontrace.h"
#include "server/net/httpserver.h"
#include "server/net/pipelinedbytes.h"
#include "server/net/timeoutlist.h"
#include "server/net/transport.h"

#include <memory>

QT_BEGIN_NAMESPACE
class QAbstractSocket;
class QSslSocket;
QT_END_NAMESPACE

namespace loopscope::net {

// One client: a socket, the protocol's state, and the request that is being answered.
//
// Made and owned by its HttpServer; lives and is used on the server's thread. The socket is unbuffered: bytes go
// straight from the kernel into the server's read buffer, and an answer goes out with one write at the end of the
// callback that made it. It is never deleted inside a callback of its own: the server buries it.
//
// With TLS the socket is a QSslSocket, which is buffered, within readBufferBytes. Deviation: a client that ends its
// side (close_notify or FIN) before it has its answer does not get it, for QSslSocket closes both ways then, as Node's
// tls.Server does by default (allowHalfOpen).
class Connection final : public Transport, private TimeoutEntry {
public:
    Connection(HttpServer &server, quint64 number);
    ~Connection();

    // False: the descriptor is unusable and was closed.
    bool open(qintptr descriptor);
    // With TLS, the handshake done. False: the client has left since.
    bool open(std::unique_ptr<QSslSocket> socket);
    // It has a socket and a place in the server's table: requests are read from now on.
    void begin();
    // Instead: answers `error` to whatever the client may ask, and ends.
    void turnAway(http::Error error);

    // The server drains: an idle connection closes, one in flight is told to close after its answer.
    void drain();
    // Ends it at once, whatever is under way.
    void cut(trace::CloseReason reason);
    // Its wait has taken too long.
    void onTimeout();
    // A Timeouts::rateWindow is over in which the client owed bytes.
    void onRateWindow();
    // The same of one in which bytes waited for the client.
    void onSendRateWindow();

    [[nodiscard]] bool isInFlight() const noexcept
    {
 return !m_closed && !m_lingering && !m_protocol.isIdle(); }
    [[nodiscard]] CutConnection description() const;

    // Transport
    bool cork() override;
    void uncork() override;
    void sendContinue() override;
    void sendHead(int status, const http::HeaderList &headers, qint64 contentLength) override;
    void bodyIsLeft() override;
    bool sendData(QByteArrayView bytes) override;
    void sendEnd() override;
    void abort(trace::ResponseOutcome outcome) override;
    void setReading(bool reading) override;
    [[nodiscard]] QByteArray peerAddress() const override;
    [[nodiscard]] bool isSecure() const noexcept override { return m_tls; }
    [[nodiscard]] quint64 requestNumber() const noexcept override { return m_request; }
    [[nodiscard]] quint64 connectionNumber() const noexcept override { return m_number; }

private:
    friend class HttpServer;
    class Cork;
    enum class Wait : quint8 { Nothing, Header, Request, KeepAlive, Send, Linger };
    // Its place in a list of rate windows, which runs beside that of what it waits for.
    struct RateEntry final : TimeoutEntry {
        explicit RateEntry(Connection &connection) noexcept
            : owner(connection)
        {
        }
        Connection &owner;
    };

    static Connection &of(TimeoutEntry &entry) noexcept { return static_cast<Connection &>(entry); }
    static Connection &ofRate(TimeoutEntry &entry) noexcept { return static_cast<RateEntry &>(entry).owner; }

    // socket
    void onReadable();
    void onBytesWritten();
    void onDisconnected();
    qint64 receive();
    void onPeerClosed();
    void write();
    [[nodiscard]] QByteArray &out() const;
    [[nodiscard]] qint64 unwrittenBytes() const;
    [[nodiscard]] qint64 waitingBytes() const;
    void watchWrites();
    void limitUnsentBytes();

    // protocol
    void take(QByteArrayView bytes, qint64 arrivedAt);
    void takePipelined();
    [[nodiscard]] bool canTake() const noexcept { return !m_closed && !m_lingering && !m_endPending; }
    [[nodiscard]] qsizetype takeOne(QByteArrayView bytes, qint64 arrivedAt);
    void readAway(QByteArrayView bytes);
    void onHead();
    void onData(const http::Event &event);
    void onRequestEnd(qint64 bodyBytes);
    void refuse(http::Error error);
    void completeResponse();
    void finishRequest();
    void continueSoon();
    void continueNow();
    void waitFor(Wait wait);
    void updateWait();
    [[nodiscard]] bool wantsBody() const noexcept;
    void updateOwing();
    void updateSendRate();
    [[nodiscard]] qint64 takenBytes() const;
    [[nodiscard]] std::chrono::milliseconds requestTime() const noexcept;

    // ends
    void close(trace::CloseReason reason);
    void closeNow(trace::CloseReason reason);
    void linger(trace::CloseReason reason);
    void release(trace::ResponseOutcome outcome);
    void endResponse(trace::ResponseOutcome outcome);
    // What is recorded now belongs to this request, or to none.
    [[nodiscard]] quint64 tracedRequest() const noexcept { return m_answering ? m_request : 0; }

    HttpServer &m_server;
    const quint64 m_number;
    http::ServerConnection m_protocol;
    ConnectionTrace m_trace;
    const loop::HandleReference m_handle;
    std::unique_ptr<QAbstractSocket> m_socket;
    std::size_t m_index = 0; // in the server's table
    QByteArray m_countedAddress; // empty: not counted
    ExchangeRef m_exchange; // of the request that is being answered

    PipelinedBytes m_pipelined; // requests that came while an answer is outstanding
    quint64 m_request = 0; // number of the request in progress, or the last one
    quint64 m_served = 0;
    qint64 m_contentLength = -1; // of the answer
    qint64 m_lingeredBytes = 0;
    RateEntry m_rate{*this};
    qint64 m_windowBytes = 0; // received in the rate window
    RateEntry m_sendRate{*this};
    qint64 m_writtenBytes = 0; // given to the socket so far
    qint64 m_takenBytes = -1; // of those, by the client when the send rate's window began; -1: in its first
    std::chrono::milliseconds m_owingSince{}; // while m_owing
    std::chrono::milliseconds m_owedTime{}; // of the request, before that
    int m_status = 0;
    Wait m_wait = Wait::Nothing;
    quint8 m_continuations = 0;
    bool m_corked = false; // what is written waits in the server's m_out
    bool m_reading = true; // the exchange wants the body
    bool m_inputEnded = false; // the peer has sent FIN
    bool m_continuing = false; // continueNow() is queued
    bool m_needsDrained = false; // sendData() said false
    bool m_watchesWrites = false;
    bool m_limitsUnsent = false;
    bool m_stalled = false; // the last readiness was left unread
    bool m_owing = false; // the client owes bytes that the server wants to read
    bool m_awaitsContinue = false; // the client sends its body when it is told to
    bool m_tls = false; // m_socket is a QSslSocket
    bool m_turnedAway = false;
    bool m_taking = false; // take() is on the stack
    bool m_endPending = false; // the answer is complete but for what the kernel has not taken yet
    bool m_answering = false; // a request's head has come, and ResponseEnd is not recorded yet
    bool m_lingering = false;
    bool m_closing = false; // closes when the socket's buffer is empty
    bool m_closed = false;
    http::Framing m_requestFraming = http::Framing::None;
    qint64 m_requestLength = 0; // bytes of its body, where it says; else 0
    trace::ResponseOutcome m_outcome = trace::ResponseOutcome::Complete; // of the last answer
    trace::CloseReason m_closeReason = trace::CloseReason::ByPeer;
    QByteArray m_requestLine; // method and target, while in flight, for description()
};

} // namespace loopscope::net
