// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/labroutes.h"

#include "server/loop/workerpool.h"
#include "server/practice/labcpu.h"
#include "server/practice/labfiles.h"
#include "server/practice/laborder.h"
#include "server/practice/laborders.h"
#include "server/practice/labrefs.h"
#include "server/practice/numbers.h"
#include "server/web/diskerror.h"
#include "server/work/workerthread.h"

#include <QtCore/QDir>
#include <QtCore/QJsonArray>

#include <system_error>

namespace loopscope::practice {

using namespace Qt::StringLiterals;
using loop::Task;
using web::AppError;
using web::Application;
using web::Request;
using web::Response;

static constexpr qint64 mib = 1024 * 1024;

LabRoutes::LabRoutes(const QString &directory)
    : m_folder(QDir(directory).filePath(u"lab"_s))
    , m_gate({maximumRuns, maximumBytes, u"As many experiments run as may. Try again later."_s, "ERR_LAB_BUSY"})
{
}

LabRoutes::~LabRoutes()
{
    QDir().rmdir(m_folder);
}

void LabRoutes::addTo(Application &application)
{
    application.get("/lab", [](Request &, Response &res) {
        QJsonArray all;
        for (const Experiment &experiment : experiments())
            all.append(experiment.toJson());
        res.json(QJsonDocument(QJsonObject{{u"experiments"_s, all}}));
    });
    addPoolRoutes(application);
    addFileExperiments(application);
    addCpuExperiments(application);
    addOrderExperiments(application);
}

// --- running one ---

void LabRoutes::add(Application &application, QByteArrayView name, Handler handler, loop::Site site)
{
    const Experiment *experiment = findExperiment(name);
    Q_ASSERT(experiment);
    application.route(
        experiment->method == "GET" ? http::Method::Get : http::Method::Post, experiment->path(),
        [this, experiment, handler = std::move(handler)](Request &req, Response &res) {
            return answer(*experiment, handler, req, res);
        },
        {}, site);
}

Task<> LabRoutes::answer(const Experiment &experiment, const Handler &handler, Request &req, Response &res)
{
    const LabRun run(experiment, req);
    const Gate::Pass pass = m_gate.enter(handler.bytes ? handler.bytes(run) : 0);
    QJsonObject result;
    try {
        result = co_await handler.run(run);
    } catch (const loop::fs::FsError &error) {
        throw web::diskError(error, u"experiment"_s);
    } catch (const loop::JobError &) {
        throw AppError::tryLater(u"The worker pool takes no more jobs."_s, "ERR_POOL_FULL");
    } catch (const work::WorkerInitError &) {
        throw AppError::tryLater(u"No worker thread could be started."_s, "ERR_WORKER_INIT_FAILED");
    }
    result.insert(u"experiment"_s, QString::fromUtf8(experiment.name));
    result.insert(u"variant"_s, QString::fromUtf8(run.variant()));
    res.set("Cache-Control", "no-store");
    res.json(QJsonDocument(result));
}

void LabRoutes::addFileExperiments(Application &application)
{
    add(application, "write",
        {[this](LabRun run) { return labfiles::write(std::move(run), m_folder); },
         [](const LabRun &run) { return 2 * run.number("mib") * mib; }});
    add(application, "callback", {[this](LabRun run) { return labfiles::callback(std::move(run), m_folder); }, {}});
    add(application, "read",
        {[this](LabRun run) { return labfiles::read(std::move(run), m_folder); },
         [](const LabRun &run) { return 2 * run.number("files") * run.number("kib") * 1024; }});
}

void LabRoutes::addCpuExperiments(Application &application)
{
    add(application, "fibonacci", {labcpu::fibonacci, {}});
    add(application, "pbkdf2", {labcpu::pbkdf2, {}});
    add(application, "image",
        {labcpu::image, [](const LabRun &run) { return 6 * run.number("width") * run.number("height"); }});
    add(application, "sort",
        {labcpu::sort, [](const LabRun &run) { return run.number("count") * qint64(sizeof(double)); }});
    add(application, "hash", {labcpu::hash, [](const LabRun &) { return mib; }});
}

void LabRoutes::addOrderExperiments(Application &application)
{
    add(application, "order", {[this](LabRun run) { return laborder::order(std::move(run), m_folder); }, {}});
    add(application, "phases", {laborder::phases, {}});
    add(application, "phases-io", {[this](LabRun run) { return laborder::phasesIo(std::move(run), m_folder); }, {}});
    add(application, "starvation", {laborder::starvation, {}});
    // a thread each, of which there are WorkerThread::maximumThreads: sixteen at once
    const auto aThread = [](const LabRun &) { return maximumBytes / 16; };
    add(application, "refs", {labrefs::refs, aThread});
    add(application, "orders", {laborders::orders, aThread});
}

// --- the pool ---

static QJsonObject describePool(const loop::WorkerPool &pool)
{
    return {{u"threads"_s, pool.threads()},
            {u"running"_s, pool.running()},
            {u"queued"_s, pool.queued()},
            {u"minimum"_s, loop::WorkerPool::minimumThreads},
            {u"maximum"_s, loop::WorkerPool::maximumThreads}};
}

void LabRoutes::addPoolRoutes(Application &application)
{
    application.get("/lab/pool", [](Request &, Response &res) {
        res.json(QJsonDocument(describePool(loop::EventLoop::current()->pool())));
    });
    application.post("/lab/pool", [](Request &req, Response &res) {
        bool ok = false;
        const qint64 threads = toWholeNumber(req.query(u"threads"_s), &ok);
        if (!ok || threads < loop::WorkerPool::minimumThreads || threads > loop::WorkerPool::maximumThreads) {
            throw AppError(400,
                           u"threads is a whole number from %1 to %2."_s.arg(loop::WorkerPool::minimumThreads)
                               .arg(loop::WorkerPool::maximumThreads),
                           "ERR_OUT_OF_RANGE");
        }
        loop::WorkerPool &pool = loop::EventLoop::current()->pool();
        try {
            pool.resize(int(threads));
        } catch (const std::system_error &) {
            throw AppError(503, u"The system gives no more threads: there are %1 now."_s.arg(pool.threads()), "ERR_NO_THREAD");
        }
        res.json(QJsonDocument(describePool(pool)));
    });
}

} // namespace loopscope::practice
