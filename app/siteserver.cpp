// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/siteserver.h"

#include "inspector/model/formatting.h"
#include "server/net/tlsfiles.h"
#include "server/practice/practicesite.h"
#include "server/web/log.h"

#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QTemporaryDir>
#include <QtCore/QTemporaryFile>
#include <QtNetwork/QSslConfiguration>

using namespace Qt::StringLiterals;

namespace loopscope::app {

// Makes the folder if it is not there, and tries it: permissions alone do not tell. Empty: it can be written.
static QString whyNotWritable(const QString &folder)
{
    if (!QDir().mkpath(folder))
        return u"the folder %1 cannot be made"_s.arg(folder);
    QTemporaryFile probe(QDir(folder).filePath(u".loopscope-XXXXXX"_s));
    if (!probe.open())
        return u"the folder %1 cannot be written: %2"_s.arg(folder, probe.errorString());
    return {};
}

SiteServer::SiteServer(const SiteServerOptions &options, QObject *parent)
    : QObject(parent)
{
    QString directory = options.uploads;
    if (directory.isEmpty()) {
        m_uploads = std::make_unique<QTemporaryDir>(QDir::tempPath() + u"/loopscope-XXXXXX"_s);
        directory = m_uploads->path();
        if (!m_uploads->isValid())
            m_error = u"no temporary folder could be made: %1"_s.arg(m_uploads->errorString());
    } else {
        m_error = whyNotWritable(directory);
    }
    if (!options.staticFiles.isEmpty() && !QFileInfo(options.staticFiles).isDir())
        m_error = u"%1 is no folder that could be served"_s.arg(options.staticFiles);
    practice::PracticeOptions siteOptions;
    siteOptions.environment = options.development ? web::Application::Environment::Development
                                                  : web::Application::Environment::Production;
    siteOptions.directory = directory;
    siteOptions.staticRoot = options.staticFiles;
    siteOptions.maxBodyBytes = options.maximumBody.value_or(siteOptions.maxBodyBytes);
    siteOptions.bodyCeiling = options.maximumBody.value_or(siteOptions.bodyCeiling);
    m_site = std::make_unique<practice::PracticeSite>(siteOptions);

    net::ServerOptions serverOptions;
    serverOptions.timeouts.header = options.headerTimeout.value_or(serverOptions.timeouts.header);
    serverOptions.timeouts.request = options.requestTimeout.value_or(serverOptions.timeouts.request);
    serverOptions.timeouts.keepAlive = options.keepAliveTimeout.value_or(serverOptions.timeouts.keepAlive);
    serverOptions.limits.minimumRate = options.minimumRate.value_or(serverOptions.limits.minimumRate);
    serverOptions.maxConnections = options.maximumConnections.value_or(serverOptions.maxConnections);
    serverOptions.maxConnectionsPerAddress
        = options.maximumConnectionsPerAddress.value_or(serverOptions.maxConnections);
    serverOptions.maxRequestsPerConnection
        = options.maximumRequests.value_or(serverOptions.maxRequestsPerConnection);
    serverOptions.lastConnection = options.lastConnection;
    serverOptions.lastRequest = options.lastRequest;
    m_server = std::make_unique<net::HttpServer>(m_site->application(), serverOptions);
    connect(m_server.get(), &net::HttpServer::drained, this, &SiteServer::drained);
    if (!options.certificateFile.isEmpty())
        useTls(options.certificateFile, options.keyFile);
}

void SiteServer::useTls(const QString &certificateFile, const QString &keyFile)
{
    QSslConfiguration configuration;
    QString error;
    if (net::loadTlsFiles(certificateFile, keyFile, configuration, error))
        m_server->setTls(configuration);
    else if (m_error.isEmpty())
        m_error = error;
}

SiteServer::~SiteServer()
{
    if (m_loop)
        m_loop->setUncaughtHandler(nullptr);
}

bool SiteServer::listen(const QHostAddress &address, quint16 port)
{
    if (!m_error.isEmpty() || !m_server->listen(address, port))
        return false;
    m_loop = loop::EventLoop::current();
    m_loop->setUncaughtHandler([this](std::exception_ptr error) { onUncaught(std::move(error)); });
    return true;
}

void SiteServer::onUncaught(std::exception_ptr error)
{
    QByteArray text = "something that is no std::exception";
    try {
        std::rethrow_exception(std::move(error));
    } catch (const std::exception &exception) {
        text = exception.what();
    } catch (...) { // as `text` says
    }
    text.prepend("uncaught error: ");
    web::log(trace::LogLevel::Error, text);
    Q_EMIT uncaught(QString::fromUtf8(text));
}

quint16 SiteServer::port() const
{
    return m_server->port();
}

QString SiteServer::errorString() const
{
    return m_error.isEmpty() ? m_server->errorString() : m_error;
}

void SiteServer::drain(std::chrono::milliseconds deadline)
{
    m_server->drain(deadline);
}

void SiteServer::cut()
{
    m_server->cut();
}

QString describe(const net::CutConnection &cut)
{
    const QString request
        = cut.request == 0 ? u"in the middle of a request's head"_s : QString::fromLatin1(cut.requestLine);
    QString sent = model::formatSize(cut.sentBytes);
    if (cut.contentLength >= 0)
        sent += u" of "_s + model::formatSize(cut.contentLength);
    return u"cut connection %1 (%2): %3, %4 sent"_s.arg(cut.connection)
        .arg(QString::fromLatin1(cut.peer), request, sent);
}

} // namespace loopscope::app
