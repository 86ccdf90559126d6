// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QElapsedTimer>
#include <QtCore/QThread>
#include <QtCore/QTimer>
#include <QtCore/QUrl>
#include <QtCore/QUrlQuery>
#include <QtNetwork/QNetworkProxy>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>

#include <atomic>
#include <semaphore>

namespace loopscope::test {

// A server of one thread that does what its paths say, rightly or wrongly: what a load generator may meet.
//
//   /healthz        200                        /status/N   N, in one line of text
//   /close          closes instead             /garbage    no HTTP
//   /never          no answer                  /once       200, Connection: close
//   /hangup         200, then closes           /until-end  200 without a length, ends with the connection
//   /lab            200, or the status that it was made with
//   /lab/x?variant=blocking|right&ms=N         200 after N ms, in which its thread stands still, or does not
//   /lab/order?variant=…                       200 with an order
class StubServer {
public:
    explicit StubServer(int listStatus = 200)
        : m_listStatus(listStatus)
    {
        m_server = new QTcpServer;
        m_server->setProxy(QNetworkProxy::NoProxy);
        m_server->setMaxPendingConnections(10'000);
        m_server->listen(QHostAddress::LocalHost);
        m_port = m_server->serverPort();
        QObject::connect(m_server, &QTcpServer::newConnection, m_server, [this] { accept(); });
        m_server->moveToThread(&m_thread);
        QObject::connect(&m_thread, &QThread::finished, m_server, &QObject::deleteLater);
        m_thread.start();
    }
    ~StubServer()
    {
        m_thread.quit();
        m_thread.wait();
    }
    [[nodiscard]] quint16 port() const { return m_port; }
    // So far.
    [[nodiscard]] int connections() const { return m_connections; }
    [[nodiscard]] int requests() const { return m_requests; }
    [[nodiscard]] int mostOpen() const { return m_mostOpen; }
    // The thread stands still until release().
    void hold()
    {
        QMetaObject::invokeMethod(m_server, [this] { m_mayGoOn.acquire(); });
    }
    void release() { m_mayGoOn.release(); }
    // The thread stands still for so long, from now on.
    void block(int ms)
    {
        QMetaObject::invokeMethod(m_server, [ms] { QThread::msleep(ulong(ms)); });
    }

private:
    void accept()
    {
        while (QTcpSocket *socket = m_server->nextPendingConnection()) {
            ++m_connections;
            m_mostOpen = std::max<int>(m_mostOpen, ++m_open);
            QObject::connect(socket, &QTcpSocket::disconnected, socket, [this, socket] {
                --m_open;
                socket->deleteLater();
            });
            QObject::connect(socket, &QTcpSocket::readyRead, socket, [this, socket] {
                while (socket->canReadLine()) {
                    const QByteArray line = socket->readLine();
                    if (const QList<QByteArray> words = line.split(' '); words.size() == 3)
                        answer(socket, QUrl::fromEncoded(words[1]));
                }
            });
        }
    }
    static void send(QTcpSocket *socket, int status, const QByteArray &body, const QByteArray &more = {})
    {
        socket->write("HTTP/1.1 " + QByteArray::number(status)
                      + " X\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n" + more + "\r\n" + body);
    }
    void answer(QTcpSocket *socket, const QUrl &url)
    {
        ++m_requests;
        const QString path = url.path();
        const QUrlQuery query(url);
        if (path == u"/lab") {
            send(socket, m_listStatus, "[]");
        } else if (path == u"/healthz") {
            send(socket, 200, "ok");
        } else if (path.startsWith(u"/status/")) {
            send(socket, path.section(u'/', 2).toInt(), "The stub says no.\n");
        } else if (path == u"/close") {
            socket->abort();
        } else if (path == u"/garbage") {
            socket->write("220 this is no web server\r\n");
        } else if (path == u"/once") {
            send(socket, 200, "ok", "Connection: close\r\n");
            socket->disconnectFromHost();
        } else if (path == u"/hangup") {
            send(socket, 200, "ok");
            socket->disconnectFromHost();
        } else if (path == u"/until-end") {
            socket->write("HTTP/1.1 200 OK\r\n\r\nall of it");
            socket->disconnectFromHost();
        } else if (path == u"/lab/order") {
            const bool wrong = query.queryItemValue(QStringLiteral("variant")) == u"wrong";
            send(socket, 200,
                 wrong ? R"({"milliseconds":0.5,"order":["b","a"]})" : R"({"milliseconds":0.5,"order":["a","b"]})");
        } else if (path == u"/lab/x") {
            work(socket, query);
        }
    }
    void work(QTcpSocket *socket, const QUrlQuery &query)
    {
        const int ms = query.queryItemValue(QStringLiteral("ms")).toInt();
        QElapsedTimer timer;
        timer.start();
        const auto finish = [socket, timer] {
            send(socket, 200, "{\"milliseconds\":" + QByteArray::number(double(timer.nsecsElapsed()) / 1e6) + "}");
        };
        if (query.queryItemValue(QStringLiteral("variant")) == u"blocking") {
            QThread::msleep(ulong(ms)); // this is the harm that the experiment shows
            finish();
        } else {
            QTimer::singleShot(ms, Qt::PreciseTimer, socket, finish);
        }
    }

    const int m_listStatus;
    QThread m_thread;
    std::binary_semaphore m_mayGoOn{0};
    QTcpServer *m_server;
    quint16 m_port = 0;
    std::atomic<int> m_connections = 0;
    std::atomic<int> m_requests = 0;
    std::atomic<int> m_open = 0;
    std::atomic<int> m_mostOpen = 0;
};

} // namespace loopscope::test
