// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/practicesite.h"

#include "server/loop/fs.h"
#include "server/practice/httpbinroutes.h"
#include "server/practice/numbers.h"
#include "server/practice/pages.h"
#include "server/web/diskerror.h"
#include "server/web/middleware/bodyreader.h"
#include "server/web/middleware/compression.h"
#include "server/web/middleware/logger.h"
#include "server/web/middleware/multipart.h"
#include "server/web/middleware/servestatic.h"
#include "server/web/middleware/urlencoded.h"
#include "server/web/urlencodedparser.h"

#include <QtCore/QDir>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QRandomGenerator>

#include <limits>

namespace loopscope::practice {

using namespace Qt::StringLiterals;
using loop::Task;
using web::AppError;
using web::Next;
using web::Request;
using web::Response;

namespace {

// What a browser may do with the pages: nothing but show them and send their forms back here.
void protectPage(Request &, Response &res, Next next)
{
    res.set("Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    res.set("X-Content-Type-Options", "nosniff");
    res.set("Referrer-Policy", "no-referrer");
    next();
}

// What stops the server, or keeps it busy, is not for the pages of other sites that the browser has open as well: they need
// no permission to send a form. https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
void refuseCrossSite(Request &req, Response &, Next next)
{
    const bool isSafe = req.method() == http::Method::Get || req.method() == http::Method::Head;
    if (!isSafe && req.get("Sec-Fetch-Site") == "cross-site")
        throw AppError(403, u"A page of another site may not ask for this."_s, "ERR_CROSS_SITE");
    next();
}

} // namespace

PracticeSite::PracticeSite(const PracticeOptions &options)
    : m_options(options)
    , m_messages({std::numeric_limits<int>::max(), options.maxMessagesBytes,
                  u"The messages that are under way fill the server. Try again later."_s, "ERR_TOO_MANY_MESSAGES"})
    , m_lab(options.directory)
    , m_application(web::Application::Options{options.environment, options.maxBodyBytes, options.bodyCeiling, true})
{
    m_application.use(web::logger(), "logger");
    m_application.use(protectPage, "protectPage");
    if (!options.staticRoot.isEmpty())
        addStaticFiles();
    m_application.use(web::compression(), "compression");
    m_application.get("/", [](Request &, Response &res) { res.send(homePage()); });
    m_application.get("/healthz", [](Request &, Response &res) {
        res.json(QJsonDocument(QJsonObject{{u"status"_s, u"ok"_s}}));
    });
    addUserRoutes();
    addMessageRoutes();
    addDownloadRoute();
    addUploadRoutes();
    HttpbinRoutes::addTo(m_application);
    m_application.use("/lab", refuseCrossSite, "refuseCrossSite");
    m_lab.addTo(m_application);
    if (options.environment == web::Application::Environment::Development)
        addUncaughtRoute();
}

// Before the compression, which works on the loop: files may be large. They are somebody's pages, which may use each other.
void PracticeSite::addStaticFiles()
{
    const auto allowOwn = [](Request &, Response &res, Next next) {
        res.set("Content-Security-Policy",
                "default-src 'self' 'unsafe-inline' data:; base-uri 'none'; frame-ancestors 'none'");
        next();
    };
    m_application.use("/static", allowOwn, "allowOwn");
    web::StaticOptions options;
    options.precompressed = true;
    options.fallthrough = false; // nothing else answers below it: another method is 405
    m_application.use("/static", web::serveStatic(m_options.staticRoot, options), "serveStatic");
}

QString PracticeSite::messageFile() const
{
    return QDir(m_options.directory).filePath(u"message.txt"_s);
}

QString PracticeSite::uploadFolder() const
{
    return QDir(m_options.directory).filePath(u"uploads"_s);
}

void PracticeSite::addUserRoutes()
{
    m_application.use("/create-user", web::urlencoded(), "urlencoded");
    m_application.post("/create-user", [this](Request &req, Response &res) {
        m_users.add(req.form.get(u"username"_s));
        res.redirect("/users");
    });
    m_application.get("/users", [this](Request &req, Response &res) {
        res.set("Vary", "Accept");
        switch (req.accepts({"text/html", "application/json"})) {
        case 0: res.send(usersPage(m_users.names())); break;
        case 1: res.json(QJsonDocument(QJsonArray::fromStringList(m_users.names()))); break;
        default: throw AppError(406, u"This resource is text/html or application/json."_s, "ERR_NOT_ACCEPTABLE");
        }
    });
}

// The lesson of POST /message: collect the body as it arrives, write it, and answer only when it is written. What all
// clients send together is in memory meanwhile, so that is counted.
Task<> PracticeSite::saveMessage(Request &req, Response &res)
{
    const QString directory = m_options.directory; // the site may be gone when the disk has answered
    const QString file = messageFile();
    Gate::Pass pass = m_messages.enter();
    QByteArray message;
    co_await web::receiveBody(req, [&pass, &message](QByteArrayView piece) {
        pass.grow(piece.size());
        message.append(piece);
    });
    if (req.is("application/x-www-form-urlencoded")) {
        web::UrlencodedParser parser;
        if (!parser.feed(message) || !parser.finish())
            throw AppError(413, u"The form has too many fields."_s, "parameters.too.many");
        message = parser.fields().get(u"message"_s).toUtf8();
    }
    try {
        co_await loop::fs::mkdir(directory, {.recursive = true});
        if (req.query(u"mode"_s) == u"sync"_s) {
            if (const auto error = loop::fs::writeFileSync(file, message)) // on the loop: everybody waits
                throw *error;
        } else {
            co_await loop::fs::writeFile(file, message); // on the pool
        }
    } catch (const loop::fs::FsError &error) {
        throw web::diskError(error, u"message"_s);
    }
    res.redirect("/");
}

void PracticeSite::addMessageRoutes()
{
    m_application.get("/message", [](Request &, Response &res) { res.send(messagePage()); });
    m_application.post(
        "/message", [this](Request &req, Response &res) { return saveMessage(req, res); }, {m_options.maxMessageBytes});
}

const QByteArray &PracticeSite::downloadBlock()
{
    static const QByteArray block = [] {
        QByteArray bytes(downloadBlockBytes, Qt::Uninitialized);
        QRandomGenerator generator(20'091'108);
        generator.fillRange(reinterpret_cast<quint32 *>(bytes.data()), downloadBlockBytes / 4);
        return bytes;
    }();
    return block;
}

void PracticeSite::addDownloadRoute()
{
    m_application.get("/download", [](Request &req, Response &res) -> Task<> {
        const QString wanted = req.query(u"mb"_s);
        bool ok = true;
        const qint64 mb = wanted.isNull() ? defaultDownloadMb : toWholeNumber(wanted, &ok);
        if (!ok || mb < 1 || mb > maximumDownloadMb)
            throw AppError(400, u"mb is a whole number of MiB from 1 to %1."_s.arg(maximumDownloadMb), "ERR_OUT_OF_RANGE");
        res.type("application/octet-stream");
        res.set("Content-Disposition", "attachment; filename=\"download.bin\"");
        res.contentLength(mb * 1024 * 1024);
        if (req.method() == http::Method::Head) {
            res.end();
            co_return;
        }
        // One turn of the loop a MiB at the most, so that a fast client does not keep the others waiting.
        constexpr qint64 blocksPerTurn = 1024 * 1024 / downloadBlockBytes;
        for (qint64 block = 0; block < mb * blocksPerTurn && res.isWritable(); ++block) {
            if (!res.write(downloadBlock()))
                co_await res.drained();
            else if (block % blocksPerTurn == blocksPerTurn - 1)
                co_await loop::nextTurn();
        }
        if (res.isWritable())
            res.end();
    });
}

// The lesson of an error that is thrown outside any handler: nobody can answer it, so the server logs it, drains and
// ends. Only where errors are shown: otherwise any client could stop the server.
void PracticeSite::addUncaughtRoute()
{
    m_application.use("/uncaught", refuseCrossSite, "refuseCrossSite");
    m_application.post("/uncaught", [](Request &, Response &res) {
        loop::EventLoop::current()->setTimeout([] { throw std::runtime_error("thrown in a timer, outside any handler"); },
                                               std::chrono::milliseconds(1));
        res.status(202).type("text/plain; charset=utf-8");
        res.send(QByteArray("A timer throws now: the server logs it, drains and ends.\n"));
    });
}

static QJsonObject describeUpload(const Request &req)
{
    QJsonArray files;
    for (const web::UploadedFile &file : req.files) {
        files.append(QJsonObject{{u"fieldname"_s, file.fieldname},
                                 {u"originalname"_s, file.originalname},
                                 {u"mimetype"_s, QString::fromLatin1(file.mimetype)},
                                 {u"size"_s, file.size},
                                 {u"sha256"_s, QString::fromLatin1(file.sha256.toHex())}});
    }
    return {{u"files"_s, files}, {u"fields"_s, int(req.form.entries().size())}};
}

// The lesson of POST /upload: files go to the disk as they arrive, whatever their size. They stay on the shelf.
void PracticeSite::addUploadRoutes()
{
    web::MultipartOptions options{.directory = uploadFolder(), .maxBodyBytes = m_options.maxUploadBytes, .maxUploads = m_options.maxUploads};
    options.limits.files = maximumUploadedFiles;
    options.limits.fileSize = m_options.maxUploadBytes;
    m_application.use("/upload", web::multipart(options), "multipart");
    m_application.get("/upload", [this](Request &, Response &res) { res.send(uploadPage({}, m_uploads.files().size())); });
    m_application.post("/upload", [this](Request &req, Response &res) {
        if (!req.is("multipart/form-data"))
            throw AppError(415, u"An upload is a form of multipart/form-data."_s, "ERR_NO_FORM");
        res.set("Vary", "Accept");
        const int type = req.accepts({"text/html", "application/json"});
        if (type < 0)
            throw AppError(406, u"This resource is text/html or application/json."_s, "ERR_NOT_ACCEPTABLE");
        for (const web::UploadedFile &file : req.files)
            m_uploads.add(file);
        if (type == 0)
            res.send(uploadPage(req.files, m_uploads.files().size()));
        else
            res.json(QJsonDocument(describeUpload(req)));
    });
}

} // namespace loopscope::practice
