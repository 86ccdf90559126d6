// SPDX-License-Identifier: GPL-3.0-or-later
//
// Qt's own HTTP server with the same answer as the others of the load benchmark.
//
//   qhttpserver_bench [--port N]      prints "Listening on http://127.0.0.1:N" first; ends by signal

#include <QtCore/QCoreApplication>
#include <QtCore/QStringList>
#include <QtHttpServer/QHttpServer>
#include <QtHttpServer/QHttpServerResponse>
#include <QtNetwork/QTcpServer>

#include <cstdio>

using namespace Qt::StringLiterals;

namespace {

constexpr int backlog = 1'024; // as the other servers; QTcpServer's own default is 50

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication app(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    const qsizetype portAt = arguments.indexOf(u"--port"_s) + 1;
    const quint16 port = portAt > 0 ? arguments.value(portAt).toUShort() : quint16(0);

    QHttpServer server;
    server.route(u"/"_s, [] { return QHttpServerResponse("text/plain"_ba, "Hello, world!"_ba); });

    auto *listener = new QTcpServer(&server);
    listener->setListenBacklogSize(backlog);
    if (!listener->listen(QHostAddress(QHostAddress::LocalHost), port)) {
        std::fprintf(stderr, "qhttpserver_bench: %s\n", qPrintable(listener->errorString()));
        return 2;
    }
    server.bind(listener);
    std::printf("Listening on http://127.0.0.1:%u\n", unsigned(listener->serverPort()));
    std::fflush(stdout);
    return QCoreApplication::exec();
}
