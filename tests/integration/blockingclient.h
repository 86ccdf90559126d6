// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/httphead.h"
#include "tests/support/patience.h"

#include <QtNetwork/QNetworkProxy>
#include <QtNetwork/QSslConfiguration>
#include <QtNetwork/QSslSocket>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

namespace loopscope::test {

// An HTTP client of blocking calls, for a thread of its own: it sends the bytes that it is told to, and takes one answer
// after another. With a TLS configuration it speaks https.
class BlockingClient {
public:
    struct Answer {
        int status = 0;
        bool closes = false; // the server closes behind it
    };

    explicit BlockingClient(quint16 port, const std::optional<QSslConfiguration> &tls = std::nullopt)
        : m_port(port)
        , m_tls(tls)
    {
    }
    ~BlockingClient() { disconnect(); }
    BlockingClient(const BlockingClient &) = delete;
    BlockingClient &operator=(const BlockingClient &) = delete;

    // `receiveBytes`: the system's buffer for what comes, or 0 for its own choice.
    bool connect(int receiveBytes = 0)
    {
        disconnect();
        m_received.clear();
        m_socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(m_port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int on = 1;
        ::setsockopt(m_socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (receiveBytes > 0)
            ::setsockopt(m_socket, SOL_SOCKET, SO_RCVBUF, &receiveBytes, sizeof receiveBytes);
        const timeval longest{patience / 1'000, 0}; // a server that never answers is a failure, no test that never ends
        ::setsockopt(m_socket, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
        if (::connect(m_socket, reinterpret_cast<const sockaddr *>(&to), sizeof to) != 0)
            return false;
        return !m_tls || encrypt();
    }
    void disconnect()
    {
        if (m_secure)
            m_secure->abort();
        m_secure.reset();
        if (m_socket >= 0)
            ::close(std::exchange(m_socket, -1));
    }
    [[nodiscard]] bool isConnected() const { return m_socket >= 0 || m_secure; }

    bool send(QByteArrayView bytes)
    {
        if (m_secure)
            return sendSecurely(bytes);
        while (!bytes.isEmpty()) {
            const ssize_t sent = ::send(m_socket, bytes.data(), std::size_t(bytes.size()), MSG_NOSIGNAL);
            if (sent <= 0)
                return false;
            bytes = bytes.sliced(sent);
        }
        return true;
    }
    // Nothing more will come from here. Not with TLS.
    void finishSending() { ::shutdown(m_socket, SHUT_WR); }
    // Some bytes; false: no more come. At most `most` at once, and then a pause, as of a slow reader.
    bool receiveSome(qsizetype most = 256 * 1024, std::chrono::milliseconds pause = {})
    {
        QByteArray buffer(most, Qt::Uninitialized);
        const qint64 got = m_secure ? receiveSecurely(buffer) : ::recv(m_socket, buffer.data(), std::size_t(most), 0);
        if (got <= 0)
            return false;
        m_received.append(buffer.constData(), got);
        if (pause.count() > 0)
            std::this_thread::sleep_for(pause);
        return true;
    }
    // "100 Continue", which is left aside; false: another answer came, or nothing does.
    bool receiveContinue()
    {
        const qsizetype head = receiveHead({}, 0);
        if (head < 0 || model::parseStatusLine(m_received.first(head)).code != 100)
            return false;
        m_received.remove(0, head);
        return true;
    }
    // One whole answer, but not what is before it of 1xx; false: it did not come. Status and the rest are in answer().
    bool receive(bool toHead = false, qsizetype most = 256 * 1024, std::chrono::milliseconds pause = {})
    {
        while (receiveContinue()) { }
        const qsizetype head = receiveHead(pause, most);
        if (head < 0)
            return false;
        const QByteArray text = m_received.first(head);
        m_answer.status = model::parseStatusLine(text).code;
        m_answer.closes = model::headerValue(text, "Connection").toByteArray().toLower().contains("close");
        const QByteArrayView length = model::headerValue(text, "Content-Length");
        qsizetype end = head;
        if (toHead || m_answer.status == 204 || m_answer.status == 304) {
            // no body
        } else if (model::headerValue(text, "Transfer-Encoding") == "chunked") {
            end = receiveChunks(head, most, pause);
        } else if (!length.isNull()) {
            end = head + length.toByteArray().toLongLong();
        } else { // RFC 9112 §6.3: until the end of the connection
            m_answer.closes = true;
            while (receiveSome(most, pause)) { }
            end = m_received.size();
        }
        while (end >= 0 && m_received.size() < end) {
            if (!receiveSome(most, pause))
                return false;
        }
        m_received.remove(0, qMax<qsizetype>(end, 0));
        return end >= 0;
    }
    // The last that was received.
    [[nodiscard]] const Answer &answer() const { return m_answer; }

private:
    bool encrypt()
    {
        m_secure = std::make_unique<QSslSocket>();
        m_secure->setProxy(QNetworkProxy::NoProxy);
        m_secure->setSslConfiguration(*m_tls);
        m_secure->setPeerVerifyName(QStringLiteral("127.0.0.1"));
        if (!m_secure->setSocketDescriptor(std::exchange(m_socket, -1)))
            return false;
        m_secure->startClientEncryption();
        return m_secure->waitForEncrypted(patience);
    }
    bool sendSecurely(QByteArrayView bytes)
    {
        if (m_secure->write(bytes.data(), bytes.size()) != bytes.size())
            return false;
        while (m_secure->bytesToWrite() > 0 || m_secure->encryptedBytesToWrite() > 0) {
            if (!m_secure->waitForBytesWritten(patience))
                return false;
        }
        return true;
    }
    qint64 receiveSecurely(QByteArray &buffer)
    {
        if (m_secure->bytesAvailable() == 0 && !m_secure->waitForReadyRead(patience))
            return -1;
        return m_secure->read(buffer.data(), buffer.size());
    }
    // Where the head that comes next ends; -1: it does not come.
    qsizetype receiveHead(std::chrono::milliseconds pause, qsizetype most)
    {
        for (;;) {
            if (const qsizetype end = m_received.indexOf("\r\n\r\n"); end >= 0)
                return end + 4;
            if (!receiveSome(most > 0 ? most : 4'096, pause))
                return -1;
        }
    }
    // Where the body ends whose first chunk is at `at`; -1: it does not come.
    qsizetype receiveChunks(qsizetype at, qsizetype most, std::chrono::milliseconds pause)
    {
        for (;;) {
            qsizetype line = m_received.indexOf("\r\n", at);
            while (line < 0) {
                if (!receiveSome(most, pause))
                    return -1;
                line = m_received.indexOf("\r\n", at);
            }
            bool ok = false;
            const qsizetype size = m_received.sliced(at, line - at).toLongLong(&ok, 16);
            if (!ok)
                return -1;
            at = line + 2 + size + 2;
            if (size == 0) // nothing here sends trailers
                return at;
        }
    }

    const quint16 m_port;
    const std::optional<QSslConfiguration> m_tls;
    int m_socket = -1;
    std::unique_ptr<QSslSocket> m_secure; // has the descriptor
    QByteArray m_received; // and not taken
    Answer m_answer;
};

} // namespace loopscope::test
