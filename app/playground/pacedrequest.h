// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/playground/responsereader.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QTimer>
#include <QtNetwork/QTcpSocket>

#include <chrono>
#include <memory>

namespace loopscope::app {

// One HTTP/1.1 request, sent in pieces with pauses between them over a real socket, and its answer as it arrives.
//
// Owned by who makes it (the playground); lives on the GUI thread and is asynchronous throughout: no function waits.
// The body is cut into pieces; a request without a body has its head cut instead. The first piece goes out with the
// head. Each exchange, a followed redirect included, has a connection of its own. It knows nothing of the server.
class PacedRequest final : public QObject {
    Q_OBJECT

public:
    // More pieces than bytes are never sent; more than this many are not accepted.
    static constexpr int maximumPieces = 1'000;
    static constexpr std::chrono::milliseconds maximumPause{60'000};
    static constexpr qsizetype maximumBodyBytes = 64 * 1024 * 1024;
    // Of the answer's body this much is kept; what is beyond is counted.
    static constexpr qsizetype maximumKeptBytes = 1024 * 1024;
    // Redirects followed in a row. Fetch's limit is 20; a practice site needs fewer.
    static constexpr int maximumRedirects = 5;
    // Without a byte in either direction for this long the request is given up. Node's requestTimeout is 300 s.
    static constexpr std::chrono::milliseconds defaultTimeout{300'000};

    struct Request {
        QByteArray method = QByteArrayLiteral("GET");
        QString host = QStringLiteral("127.0.0.1");
        quint16 port = 0;
        QByteArray target = QByteArrayLiteral("/"); // path and query, already percent-encoded
        QList<HeaderField> headers; // Host, Content-Length and Connection are added where missing
        QByteArray body;
        int pieces = 1;
        std::chrono::milliseconds pause{0}; // between one piece and the next
        bool followRedirects = true;
        std::chrono::milliseconds timeout = defaultTimeout;
    };

    explicit PacedRequest(Request request, QObject *parent = nullptr);
    ~PacedRequest() override;

    // Connects and sends. Once. A request that cannot be sent fails from the event loop, not from here.
    void start();
    // Closes the connection; cancelled() follows at once, and nothing after it. Does nothing when it has ended.
    void cancel();

    [[nodiscard]] const Request &request() const { return m_request; }
    [[nodiscard]] bool isRunning() const { return m_state != State::New && m_state != State::Ended; }
    // Of the latest exchange.
    [[nodiscard]] const ResponseHead &responseHead() const { return m_head; }
    // The first maximumKeptBytes of the body, and the length of the whole.
    [[nodiscard]] const QByteArray &body() const { return m_body; }
    [[nodiscard]] qint64 bodyBytes() const { return m_bodyBytes; }
    // Since start(); of the whole request when it has ended.
    [[nodiscard]] std::chrono::nanoseconds elapsed() const;

    // What is wrong with a request, as one sentence; empty if it can be sent.
    [[nodiscard]] static QString problemWith(const Request &request);
    // The head and the body as sent, cut into pieces: what start() writes. A chunked request
    // (Transfer-Encoding: chunked in its headers) has each piece as one chunk.
    [[nodiscard]] static QList<QByteArray> serialise(const Request &request);
    // Cuts bytes into `pieces` parts whose lengths differ by at most one; fewer parts if there are fewer bytes.
    [[nodiscard]] static QList<QByteArray> split(const QByteArray &bytes, int pieces);

Q_SIGNALS:
    // `at` is time since start(), in all signals. All are emitted on the GUI thread.
    void connected(std::chrono::nanoseconds at);
    // Piece number `piece` (from 1) of `pieces`, `bytes` long, has gone to the kernel.
    void pieceSent(int piece, int pieces, qint64 bytes, std::chrono::nanoseconds at);
    void headReceived(const loopscope::app::ResponseHead &head, std::chrono::nanoseconds at);
    void bodyReceived(const QByteArray &bytes, std::chrono::nanoseconds at);
    // The answer was a redirect and is followed: a new exchange with its own pieceSent() and headReceived() begins.
    void redirected(const QByteArray &method, const QByteArray &target, std::chrono::nanoseconds at);
    // Exactly one of these three ends a started request.
    void finished(std::chrono::nanoseconds at);
    void failed(const QString &sentence, std::chrono::nanoseconds at);
    void cancelled(std::chrono::nanoseconds at);

private:
    enum class State { New, Connecting, Exchanging, Ended };

    void beginExchange();
    void sendNextPiece();
    void noteWritten();
    void read();
    void onSocketError(QAbstractSocket::SocketError error);
    void onPeerClosed();
    void completeExchange();
    bool followRedirect();
    void fail(const QString &sentence);
    void end();
    void dropSocket();

    Request m_request;
    State m_state = State::New;
    QElapsedTimer m_clock;
    std::chrono::nanoseconds m_total{0};
    std::unique_ptr<QTcpSocket> m_socket;
    std::unique_ptr<ResponseReader> m_reader;
    QList<QByteArray> m_pieces;
    int m_nextPiece = 0; // index into m_pieces
    bool m_pieceInFlight = false; // written to the socket, not yet all with the kernel
    int m_redirects = 0;
    ResponseHead m_head;
    QByteArray m_body;
    qint64 m_bodyBytes = 0;
    QTimer m_pauseTimer;
    QTimer m_timeoutTimer;
};

} // namespace loopscope::app
