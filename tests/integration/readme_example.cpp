#include "server/loop/uveventdispatcher.h"
#include "server/net/httpserver.h"
#include "server/web/application.h"

#include <QtCore/QCoreApplication>
#include <QtNetwork/QHostAddress>

using namespace loopscope;

int main(int argc, char **argv)
{
    QCoreApplication::setEventDispatcher(new loop::UvEventDispatcher); // Qt on libuv, on this thread
    QCoreApplication application(argc, argv);

    web::Application app;
    app.use([](web::Request &, web::Response &res, web::Next next) { res.set("X-Seen", "1"); next(); });
    app.get("/hello/:name", [](web::Request &req, web::Response &res) { res.send("Hello, " + req.param("name").toUtf8()); });
    app.post("/echo", [](web::Request &req, web::Response &res) -> loop::Task<> { res.send(co_await req.read()); });

    net::HttpServer server(app);
    if (!server.listen(QHostAddress::LocalHost, argc > 1 ? QByteArray(argv[1]).toUShort() : 8080))
        qFatal("%s", qPrintable(server.errorString()));
    qInfo("Listening on port %d", server.port());
    return application.exec();
}
