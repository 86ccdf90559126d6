// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/serve.h"

#include "app/accesslog.h"
#include "app/shutdownsignals.h"
#include "app/siteserver.h"
#include "app/tracefilewriter.h"
#include "app/tracesinks.h"
#include "server/loop/uveventdispatcher.h"
#include "server/trace/trace.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QFile>
#include <QtNetwork/QHostAddress>

#include <cstdio>

using namespace Qt::StringLiterals;

namespace loopscope::app {

namespace {

constexpr int drainedWhole = 0;
constexpr int somethingCut = 1;
constexpr int hadUncaughtError = 1; // as Node
constexpr int recordingFailed = 1;
constexpr int couldNotStart = 2;

void complain(const QString &line)
{
    const QByteArray bytes = "loopscope: " + line.toUtf8() + '\n';
    std::fwrite(bytes.constData(), 1, std::size_t(bytes.size()), stderr);
}

bool wantsRecords(const ServeOptions &options)
{
    return !options.traceFile.isEmpty() || !options.harFile.isEmpty() || options.log != ServeOptions::Log::None;
}

// Opens what the options name. False: `error` says why, in one line.
bool makeSinks(const ServeOptions &options, const trace::Trace &trace, QFile &standardOutput,
               std::vector<std::unique_ptr<RecordSink>> &sinks, QString &error)
{
    if (!options.traceFile.isEmpty()) {
        auto sink = makeChromeTraceSink(options.traceFile, trace);
        error = sink->error();
        sinks.push_back(std::move(sink));
    }
    if (error.isEmpty() && !options.harFile.isEmpty()) {
        auto sink = makeHarSink(options.harFile, trace);
        error = sink->error();
        sinks.push_back(std::move(sink));
    }
    if (error.isEmpty() && options.log != ServeOptions::Log::None) {
        const auto format = options.log == ServeOptions::Log::Json ? AccessLog::Format::Json : AccessLog::Format::Text;
        sinks.push_back(
            std::make_unique<AccessLog>(standardOutput, format, AccessLog::wallMinus(trace.clock().now())));
    }
    return error.isEmpty();
}

SiteServerOptions siteOptions(const ServeOptions &options)
{
    return {.development = options.environment == ServeOptions::Environment::Development,
            .headerTimeout = options.headerTimeout,
            .requestTimeout = options.requestTimeout,
            .keepAliveTimeout = options.keepAliveTimeout,
            .maximumBody = options.maximumBody,
            .maximumConnections = options.maximumConnections,
            .maximumConnectionsPerAddress = options.maximumConnectionsPerAddress,
            .maximumRequests = options.maximumRequests,
            .minimumRate = options.minimumRate,
            .certificateFile = options.certificateFile,
            .keyFile = options.keyFile,
            .uploads = options.uploads,
            .staticFiles = options.staticFiles};
}

QString urlOf(const ServeOptions &options, quint16 port)
{
    const QString name = options.host.toString();
    const QString scheme = options.certificateFile.isEmpty() ? u"http"_s : u"https"_s;
    return u"%1://%2:%3"_s.arg(scheme, name.contains(u':') ? u'[' + name + u']' : name).arg(port);
}

void reportCut(const QList<net::CutConnection> &cut)
{
    for (const net::CutConnection &connection : cut)
        complain(describe(connection));
}

} // namespace

int serve(const ServeOptions &options, int &argc, char **argv)
{
    // The trace outlives the dispatcher, which the application owns and which writes to it.
    const std::unique_ptr<trace::Trace> trace = wantsRecords(options) ? std::make_unique<trace::Trace>() : nullptr;
    auto *dispatcher = new loop::UvEventDispatcher(trace.get());
    QCoreApplication::setEventDispatcher(dispatcher);
    QCoreApplication application(argc, argv);
    QFile standardOutput;
    if (!standardOutput.open(stdout, QIODevice::WriteOnly)) {
        complain(u"standard output cannot be written: "_s + standardOutput.errorString());
        return couldNotStart;
    }

    // Before listening: a signal that comes from now on drains.
    ShutdownSignals signalsOfTheSystem(dispatcher->eventLoop().uvLoop());
    SiteServer server(siteOptions(options));
    if (!server.listen(options.host, options.port)) {
        complain(server.errorString());
        return couldNotStart;
    }
    std::unique_ptr<TraceFileWriter> writer;
    if (trace) {
        std::vector<std::unique_ptr<RecordSink>> sinks;
        QString error;
        if (!makeSinks(options, *trace, standardOutput, sinks, error)) {
            complain(error);
            return couldNotStart;
        }
        writer = std::make_unique<TraceFileWriter>(*trace, std::move(sinks), &complain);
    }
    standardOutput.write("Listening on " + urlOf(options, server.port()).toUtf8() + '\n');
    standardOutput.flush();
    if (writer)
        writer->start();

    QObject::connect(&signalsOfTheSystem, &ShutdownSignals::received, &server, [&](int, int count) {
        if (count == 1)
            server.drain(options.drainTimeout);
        else
            server.cut();
    });
    bool failed = false;
    QObject::connect(&server, &SiteServer::uncaught, &application, [&](const QString &sentence) {
        complain(sentence);
        if (!std::exchange(failed, true))
            server.drain(options.drainTimeout);
    });
    QObject::connect(&server, &SiteServer::drained, &application, [&failed](const QList<net::CutConnection> &cut) {
        reportCut(cut);
        QCoreApplication::exit(failed ? hadUncaughtError : cut.isEmpty() ? drainedWhole : somethingCut);
    });
    const int status = QCoreApplication::exec();
    if (writer && !writer->finish() && status == drainedWhole)
        return recordingFailed;
    return status;
}

} // namespace loopscope::app
