// SPDX-License-Identifier: GPL-3.0-or-later
//
// Loopscope's own server, through Application and Router, with the same answers as the others of the load benchmark.
//
//   loopscope_bench [--port N] [--trace off|on] [--files FOLDER] [--uploads FOLDER]
//
// Prints "Listening on http://127.0.0.1:N" first; ends by SIGTERM. GET / has 13 bytes; GET /users/ID goes through five
// middleware to a JSON answer; GET /static/NAME is one of the files, and POST /upload/NAME makes one of the uploads; POST /
// waits for its body.
// With --trace on the records go into the ring and a second thread drains them into a session, as in the desktop; at
// the end it prints "Records: N drained, M dropped".

#include "inspector/model/session.h"
#include "server/loop/uveventdispatcher.h"
#include "server/net/httpserver.h"
#include "server/stream/writestream.h"
#include "server/trace/trace.h"
#include "server/web/application.h"
#include "server/web/jsonwriter.h"
#include "server/web/middleware/servestatic.h"
#include "server/web/request.h"
#include "server/web/response.h"

#include <QtCore/QByteArrayView>
#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QEventLoop>
#include <QtCore/QThread>
#include <QtCore/QTimer>
#include <QtNetwork/QHostAddress>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace loopscope;

namespace {

constexpr auto drainInterval = 16ms; // 60 times a second, as the desktop
constexpr auto idleTimeout = 10min; // the idle connections of the benchmark stay; the server's own default is 5 s
constexpr qint64 largestUpload = qint64(4) * 1024 * 1024 * 1024; // bytes
constexpr qsizetype uploadHighWaterMark = 512 * 1024; // bytes that wait for the disk until the client has to

// The desktop's side of a trace: a thread with a session that is fed in batches.
class Inspector {
public:
    explicit Inspector(trace::Trace &trace)
        : m_trace(trace)
    {
        m_thread.reset(QThread::create([this] { follow(); }));
        m_thread->start();
    }

    // Ends the thread; what is left in the ring is drained too.
    void finish()
    {
        m_thread->requestInterruption();
        m_thread->wait();
        std::printf("Records: %zu drained, %llu dropped\n", m_drained,
                    static_cast<unsigned long long>(m_trace.dropped()));
    }

private:
    void follow()
    {
        model::Session session;
        QEventLoop loop;
        QTimer timer;
        QObject::connect(&timer, &QTimer::timeout, &loop, [&] {
            m_drained += session.drain(m_trace);
            if (QThread::currentThread()->isInterruptionRequested())
                loop.quit();
        });
        timer.start(drainInterval);
        loop.exec();
        m_drained += session.drain(m_trace);
    }

    trace::Trace &m_trace;
    std::size_t m_drained = 0; // the thread's, until it has ended
    std::unique_ptr<QThread> m_thread;
};

// Five small middleware, as in express_bench.cjs: headers, a note for what follows, a count, a look at the request.
void addMiddleware(web::Application &site)
{
    site.use([](web::Request &, web::Response &res, web::Next next) {
        res.set("X-Content-Type-Options"_ba, "nosniff"_ba);
        next();
    });
    site.use([](web::Request &, web::Response &res, web::Next next) {
        res.set("Cache-Control"_ba, "no-store"_ba);
        next();
    });
    site.use([](web::Request &req, web::Response &, web::Next next) {
        req.locals[u"role"_s] = u"reader"_s;
        next();
    });
    site.use([count = quint64(0)](web::Request &, web::Response &, web::Next next) mutable {
        ++count;
        next();
    });
    site.use([](web::Request &req, web::Response &res, web::Next next) {
        if (req.get("Authorization") == "none")
            res.sendStatus(403);
        else
            next();
    });
}

void addUsers(web::Application &site)
{
    site.get("/users/:id"_ba, [](web::Request &req, web::Response &res) {
        const QString id = req.param("id");
        web::JsonWriter user;
        user.beginObject().key("id").value(id).key("name").value(QString("User "_L1 + id));
        user.key("roles").beginArray().value(req.locals.value(u"role"_s).toString()).endArray().endObject();
        res.json(user);
    });
}

// req.pipe(createWriteStream()), as far as a request is no stream: what the file does not take yet, the client waits for.
void save(web::Request &req, web::Response &res, const QString &path)
{
    const auto file = stream::createWriteStream(path, {.highWaterMark = uploadHighWaterMark});
    const net::ExchangeRef kept = req.hold();
    req.onData([&req, file](QByteArrayView bytes) {
        if (!file->write(bytes.toByteArray()))
            req.pause();
    });
    file->onDrain([&req, kept] { req.resume(); });
    req.onEnd([file] { file->end(); });
    req.onAborted([file] { file->destroy(); });
    file->onFinish([&res, kept] { res.send("saved"_ba); });
    file->onError([&res, kept](const std::exception_ptr &) { res.sendStatus(500); });
}

void addUploads(web::Application &site, const QString &folder)
{
    site.post(
        "/upload/:name"_ba,
        [folder](web::Request &req, web::Response &res) { save(req, res, QDir(folder).filePath(req.param("name"))); },
        {.maxBodyBytes = largestUpload});
}

QByteArrayView option(int argc, char **argv, QByteArrayView name)
{
    for (int i = 1; i + 1 < argc; ++i) {
        if (name == argv[i])
            return argv[i + 1];
    }
    return {};
}

} // namespace

int main(int argc, char **argv)
{
    // Before any thread is made, so that all inherit it: one thread waits for the signals.
    sigset_t endings;
    sigemptyset(&endings);
    sigaddset(&endings, SIGTERM);
    sigaddset(&endings, SIGINT);
    pthread_sigmask(SIG_BLOCK, &endings, nullptr);

    const quint16 port = option(argc, argv, "--port").toUShort();
    const bool traced = option(argc, argv, "--trace") == "on";

    const std::unique_ptr<trace::Trace> trace = traced ? std::make_unique<trace::Trace>() : nullptr;
    QCoreApplication::setEventDispatcher(new loop::UvEventDispatcher(trace.get()));
    const QCoreApplication application(argc, argv);

    web::Application site;
    site.get("/"_ba, [](web::Request &, web::Response &response) {
        response.type("text/plain"_ba).send("Hello, world!"_ba);
    });
    site.post("/"_ba, [](web::Request &request, web::Response &response) -> loop::Task<> {
        loop::Task<QByteArray> body = request.read();
        co_await body;
        response.type("text/plain"_ba).send("Hello, world!"_ba);
    });
    if (const QByteArrayView folder = option(argc, argv, "--files"); !folder.isEmpty())
        site.use("/static"_ba, web::serveStatic(QString::fromLocal8Bit(folder)));
    if (const QByteArrayView folder = option(argc, argv, "--uploads"); !folder.isEmpty())
        addUploads(site, QString::fromLocal8Bit(folder));
    addMiddleware(site); // of what follows
    addUsers(site);
    net::ServerOptions options;
    options.timeouts.keepAlive = idleTimeout;
    net::HttpServer server(site, options);
    if (!server.listen(QHostAddress(QHostAddress::LocalHost), port)) {
        std::fprintf(stderr, "loopscope_bench: %s\n", qPrintable(server.errorString()));
        return 2;
    }
    std::printf("Listening on http://127.0.0.1:%u\n", unsigned(server.port()));
    std::fflush(stdout);

    const std::unique_ptr<Inspector> inspector = trace ? std::make_unique<Inspector>(*trace) : nullptr;
    std::thread signalWaiter([&endings] {
        int signal = 0;
        sigwait(&endings, &signal);
        QMetaObject::invokeMethod(
            QCoreApplication::instance(), [] { QCoreApplication::quit(); }, Qt::QueuedConnection);
    });
    const int status = QCoreApplication::exec();
    signalWaiter.join();
    if (inspector)
        inspector->finish();
    return status;
}
