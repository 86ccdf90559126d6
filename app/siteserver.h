// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/net/httpserver.h"

#include <QtCore/QObject>
#include <QtCore/QString>

#include <memory>
#include <optional>

QT_BEGIN_NAMESPACE
class QTemporaryDir;
QT_END_NAMESPACE

namespace loopscope::practice {
class PracticeSite;
}

namespace loopscope::app {

// What of the server a person may choose. None: the server's own default.
struct SiteServerOptions {
    bool development = false; // errors are shown to clients in full
    std::optional<std::chrono::milliseconds> headerTimeout;
    std::optional<std::chrono::milliseconds> requestTimeout;
    std::optional<std::chrono::milliseconds> keepAliveTimeout;
    std::optional<qint64> maximumBody; // bytes, of all routes; none: each has its own
    std::optional<int> maximumConnections;
    std::optional<int> maximumConnectionsPerAddress;
    std::optional<int> maximumRequests; // on one connection
    std::optional<qint64> minimumRate; // bytes a second that a client must send
    QString certificateFile; // PEM, with keyFile; empty: http
    QString keyFile;
    quint64 lastConnection = 0; // numbers that an earlier server gave last
    quint64 lastRequest = 0;
    QString uploads; // a folder; empty: a temporary one
    QString staticFiles; // a folder served below /static; empty: none is
};

// The practice site and the HTTP server that serves it, put together: the one place where app/ meets server/.
//
// Made, used and destroyed on the server's thread, whose dispatcher is a loop::UvEventDispatcher. Owned by serve()
// or by the ServerHost.
class SiteServer final : public QObject {
    Q_OBJECT

public:
    explicit SiteServer(const SiteServerOptions &options, QObject *parent = nullptr);
    ~SiteServer() override;

    // As HttpServer's: false when it could not, errorString() is one sentence.
    bool listen(const QHostAddress &address, quint16 port);
    [[nodiscard]] quint16 port() const;
    [[nodiscard]] QString errorString() const;
    void drain(std::chrono::milliseconds deadline);
    void cut();
    [[nodiscard]] const net::HttpServer &httpServer() const noexcept { return *m_server; }

Q_SIGNALS:
    // On the server's thread, once per drain; see HttpServer::drained().
    void drained(const QList<loopscope::net::CutConnection> &cut);
    // On the server's thread, from within the callback that failed: an error that no handler and no awaiting coroutine
    // took. What it left half done is not known, so whoever owns the server should drain it and end, as Node's
    // documentation asks of an 'uncaughtException' listener. One sentence; the trace has it as an error of the log.
    void uncaught(const QString &sentence);

private:
    void useTls(const QString &certificateFile, const QString &keyFile);
    void onUncaught(std::exception_ptr error);

    loop::EventLoop *m_loop = nullptr; // whose uncaught handler this is, once it listens
    std::unique_ptr<QTemporaryDir> m_uploads; // where no folder was chosen; removed with the server
    std::unique_ptr<practice::PracticeSite> m_site;
    std::unique_ptr<net::HttpServer> m_server; // destroyed before the site that handles its requests
    QString m_error;
};

// "cut connection 7 (127.0.0.1:51234): GET /download?mb=500, 12.3 MB of 524.3 MB sent"
[[nodiscard]] QString describe(const net::CutConnection &cut);

} // namespace loopscope::app
