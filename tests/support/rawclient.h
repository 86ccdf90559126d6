// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/patience.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QTimer>
#include <QtCore/QCoreApplication>
#include <QtNetwork/QHostAddress>
#include <QtNetwork/QNetworkProxy>
#include <QtNetwork/QTcpSocket>

namespace loopscope::test {

// A client that sends exactly the bytes it is told to and keeps what comes back. Runs on the test's own loop; its
// waits process events until a condition holds, and give up after `patience`.
class RawClient {
public:
    explicit RawClient(quint16 port)
    {
        m_socket.setProxy(QNetworkProxy::NoProxy); // asks no library of the system's for one, in a thread of its own
        m_socket.connectToHost(QHostAddress::LocalHost, port);
    }

    [[nodiscard]] bool connected()
    {
        const auto isConnected = [&] { return m_socket.state() == QAbstractSocket::ConnectedState; };
        return until([&] { return isConnected() || isClosed(); }) && isConnected();
    }
    void send(const QByteArray &bytes)
    {
        if (connected()) {
            m_socket.write(bytes);
            m_socket.flush();
        }
    }
    // All that came so far.
    const QByteArray &received()
    {
        m_received += m_socket.readAll();
        return m_received;
    }
    // False as soon as it cannot come any more.
    [[nodiscard]] bool waitFor(const QByteArray &text)
    {
        return until([&] { return received().contains(text) || isClosed(); }) && received().contains(text);
    }
    // By the server, or refused.
    [[nodiscard]] bool isClosed() const { return m_socket.state() == QAbstractSocket::UnconnectedState; }
    [[nodiscard]] bool waitForBytes(qsizetype bytes)
    {
        return until([&] { return received().size() >= bytes; });
    }
    [[nodiscard]] bool waitForClose()
    {
        return until([&] {
            received();
            return isClosed();
        });
    }
    // What came until the server closed.
    QByteArray exchange(const QByteArray &bytes)
    {
        send(bytes);
        return waitForClose() ? received() : received() + "(not closed)";
    }
    QTcpSocket &socket() { return m_socket; }

    template<typename Condition>
    static bool until(Condition &&condition)
    {
        QElapsedTimer timer;
        timer.start();
        QTimer look; // what is waited for may be no event of this thread
        look.start(10);
        while (!condition()) {
            if (timer.elapsed() > patience)
                return false;
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        }
        return true;
    }

    // The number that `value` gives is above 0, and the same for 20 turns of the loop: what makes it grow has stopped.
    template<typename Value>
    static bool untilSteady(Value &&value)
    {
        constexpr int enough = 20;
        int turns = 0;
        return until([&, before = qint64(0)]() mutable {
            const qint64 now = value();
            turns = now > 0 && now == before ? turns + 1 : 0;
            before = now;
            return turns == enough;
        });
    }

private:
    QTcpSocket m_socket;
    QByteArray m_received;
};

} // namespace loopscope::test
