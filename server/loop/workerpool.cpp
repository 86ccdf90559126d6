// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/workerpool.h"

#include "server/loop/eventloop_p.h"
#include "server/trace/trace.h"

#include <QtCore/QScopeGuard>

#include <uv.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace loopscope::loop {

using trace::JobOutcome;
using trace::Kind;
using trace::TraceRecord;

struct WorkerPool::Private {
    struct Job {
        quint64 id = 0;
        const char *name = nullptr;
        Work work;
        ProgressWork progressWork; // instead of work; then there is a progress
        Done done;
        Site site;
        Context context;
        std::exception_ptr error;
        qint64 stoppedBefore = -1; // Trace::stoppedNs() when it was queued, ns; -1: nothing was recorded then
        std::shared_ptr<JobProgress> progress;
        std::shared_ptr<Progress> onProgress; // called and destroyed on the loop; null: nobody listens
    };
    using JobPointer = std::unique_ptr<Job>;

    // The newest report of a job that the loop has not taken.
    struct Report {
        quint64 id = 0;
        Site site;
        Context context;
        std::shared_ptr<Progress> onProgress;
        qint64 done = 0;
        qint64 total = 0;
    };

    struct Worker {
        std::thread thread; // loop's thread only
        trace::Recorder *recorder = nullptr; // kept for the next thread of this place
        bool alive = false; // under the mutex: it will look at the queue again
    };

    explicit Private(EventLoop &owner)
        : loop(owner)
    {
    }

    void closeCompletion();
    // Those of places that have none, up to `threads`. If the system gives no more, those that run are what is wanted.
    void startUpTo(int threads);
    void start(int index);
    void runWorker(int index);
    void runJob(Job &job, trace::Recorder *recorder);
    void progressed(const Job &job, trace::Recorder *recorder, qint64 done, qint64 total);
    JobId enqueue(JobPointer job);
    // Any thread. Hands a job back to the loop.
    void complete(JobPointer job, bool wasRunning = false);
    [[nodiscard]] bool nothingToTake() const noexcept { return completed.empty() && reports.empty(); }
    void drainCompleted();
    void record(Kind kind, const Job &job, qint64 value, JobOutcome outcome = JobOutcome::Done);

    EventLoop &loop;
    uv_async_t *completion = nullptr; // freed by its close callback, when the loop has let go of it
    std::array<Worker, maximumThreads> workers;
    std::vector<JobPointer> draining; // loop only; reused storage
    std::vector<Report> drainingReports; // the same

    mutable std::mutex mutex; // guards what follows, and Worker::alive
    std::condition_variable changed; // a job came, or wanted or stopping changed
    std::deque<JobPointer> waiting; // by id, as they come
    std::vector<JobPointer> completed; // in the order of ending
    std::vector<Report> reports; // at most one a running job
    std::vector<std::pair<quint64, std::shared_ptr<JobProgress>>> cancellable; // running jobs that can be told
    int wanted = 0; // workers with an index below it live
    int running = 0;
    bool stopping = false;
};

WorkerPool::WorkerPool(EventLoop &loop, int threads)
    : d(std::make_unique<Private>(loop))
{
    d->completion = new uv_async_t;
    uv_async_init(loop.uvLoop(), d->completion,
                  [](uv_async_t *handle) { static_cast<Private *>(handle->data)->drainCompleted(); });
    d->completion->data = d.get();
    try {
        resize(threads);
    } catch (const std::system_error &) {
        if (d->wanted >= minimumThreads)
            return; // fewer do, too
        d->closeCompletion();
        throw;
    }
}

WorkerPool::~WorkerPool()
{
    std::deque<Private::JobPointer> dropped;
    {
        const std::lock_guard lock(d->mutex);
        d->stopping = true;
        dropped.swap(d->waiting);
        for (const auto &[id, progress] : d->cancellable)
            progress->cancel();
    }
    d->changed.notify_all();
    for (Private::Worker &worker : d->workers) {
        if (worker.thread.joinable())
            worker.thread.join();
    }
    d->loop.d->jobs -= qsizetype(dropped.size() + d->completed.size());
    d->closeCompletion();
}

void WorkerPool::Private::closeCompletion()
{
    uv_close(reinterpret_cast<uv_handle_t *>(completion),
             [](uv_handle_t *handle) { delete reinterpret_cast<uv_async_t *>(handle); });
}

// --- the loop's side ---

WorkerPool::JobId WorkerPool::submit(const char *name, Work work, Done done, Site site)
{
    auto job = std::make_unique<Private::Job>();
    job->name = name;
    job->work = std::move(work);
    job->done = std::move(done);
    job->site = site;
    return d->enqueue(std::move(job));
}

WorkerPool::JobId WorkerPool::submit(const char *name, ProgressWork work, Done done, Progress progress, Site site)
{
    auto job = std::make_unique<Private::Job>();
    job->name = name;
    job->progressWork = std::move(work);
    job->done = std::move(done);
    job->site = site;
    if (progress)
        job->onProgress = std::make_shared<Progress>(std::move(progress));
    return d->enqueue(std::move(job));
}

WorkerPool::JobId WorkerPool::Private::enqueue(JobPointer job)
{
    job->id = loop.nextId();
    job->context = loop.context();
    const JobId id{job->id};
    ++loop.d->jobs;
    {
        std::unique_lock lock(mutex);
        if (waiting.size() >= std::size_t(maximumQueued)) {
            lock.unlock();
            job->error = std::make_exception_ptr(JobError(JobError::Code::QueueFull));
            complete(std::move(job));
            return id;
        }
        if (loop.tracing())
            job->stoppedBefore = loop.trace()->stoppedNs();
        // before a worker can take it, so that it is in the trace before it has started
        record(Kind::JobQueued, *job, qint64(waiting.size()) + 1);
        waiting.push_back(std::move(job));
    }
    changed.notify_one();
    return id;
}

bool WorkerPool::cancel(JobId id)
{
    Private::JobPointer job;
    {
        const std::lock_guard lock(d->mutex);
        const auto found = std::lower_bound(
            d->waiting.begin(), d->waiting.end(), quint64(id),
            [](const Private::JobPointer &waiting, quint64 number) { return waiting->id < number; });
        if (found == d->waiting.end() || (*found)->id != quint64(id)) {
            for (const auto &[running, progress] : d->cancellable) {
                if (running == quint64(id))
                    progress->cancel();
            }
            return false;
        }
        job = std::move(*found);
        d->waiting.erase(found);
    }
    d->record(Kind::JobFinished, *job, 0, JobOutcome::Cancelled);
    job->error = std::make_exception_ptr(JobError(JobError::Code::Cancelled));
    d->complete(std::move(job));
    return true;
}

void WorkerPool::resize(int threads)
{
    threads = std::clamp(threads, minimumThreads, maximumThreads);
    {
        const std::lock_guard lock(d->mutex);
        if (threads == d->wanted)
            return;
        d->wanted = threads;
    }
    d->changed.notify_all();
    const auto tell = qScopeGuard([this] {
        if (trace::Recorder *recorder = d->loop.tracing()) {
            TraceRecord record;
            record.kind = Kind::PoolResized;
            record.start = recorder->now();
            record.value = d->wanted;
            recorder->write(record);
        }
    });
    d->startUpTo(threads);
}

int WorkerPool::threads() const noexcept
{
    return d->wanted; // which this thread alone writes
}

int WorkerPool::running() const noexcept
{
    const std::lock_guard lock(d->mutex);
    return d->running;
}

int WorkerPool::queued() const noexcept
{
    const std::lock_guard lock(d->mutex);
    return int(d->waiting.size());
}

void WorkerPool::Private::startUpTo(int threads)
{
    for (int index = 0; index < threads; ++index) {
        Worker &worker = workers[std::size_t(index)];
        {
            const std::lock_guard lock(mutex);
            if (std::exchange(worker.alive, true))
                continue;
        }
        try {
            start(index);
        } catch (const std::system_error &) {
            {
                const std::lock_guard lock(mutex);
                worker.alive = false;
                wanted = index;
            }
            changed.notify_all();
            throw;
        }
    }
}

void WorkerPool::Private::start(int index)
{
    Worker &worker = workers[std::size_t(index)];
    if (worker.thread.joinable())
        worker.thread.join(); // it has left its loop: alive was false
    if (!worker.recorder && loop.trace()) {
        worker.recorder = loop.trace()->addRecorder(trace::Trace::LaneKind::Worker,
                                                    QByteArrayLiteral("pool ") + QByteArray::number(index + 1),
                                                    trace::Trace::workerRingBytes);
    }
    worker.thread = std::thread([this, index] { runWorker(index); });
}

void WorkerPool::Private::drainCompleted()
{
    loop.d->pollReturned(true);
    {
        const std::lock_guard lock(mutex);
        draining.swap(completed);
        drainingReports.swap(reports); // together: a job's last report comes before its end
    }
    for (Report &report : drainingReports) {
        // a number of its own: the job's is that of its completion, which is still to come
        loop.d->run({loop.nextId(), "progress", report.site, report.context, trace::Phase::Poll, 0},
                    [&report] { (*report.onProgress)(report.done, report.total); });
    }
    drainingReports.clear();
    for (JobPointer &job : draining) {
        --loop.d->jobs;
        loop.d->run({job->id, job->name, job->site, job->context, trace::Phase::Poll, 0},
                    [&job] { job->done(std::move(job->error)); });
        job.reset();
    }
    draining.clear();
}

void WorkerPool::Private::record(Kind kind, const Job &job, qint64 value, JobOutcome outcome)
{
    trace::Recorder *recorder = loop.tracing();
    if (!recorder)
        return;
    TraceRecord record;
    record.kind = kind;
    record.start = recorder->now();
    record.id = job.id;
    record.name = job.name;
    record.request = job.context.request;
    record.value = value;
    record.detail = quint32(outcome);
    if (kind == Kind::JobQueued) {
        record.parent = loop.runningCallback();
        record.file = job.site.file;
        record.line = quint32(job.site.line);
    }
    recorder->write(record);
}

// --- the workers' side ---

void WorkerPool::Private::runWorker(int index)
{
    Worker &worker = workers[std::size_t(index)];
    for (;;) {
        JobPointer job;
        {
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return stopping || index >= wanted || !waiting.empty(); });
            if (stopping || index >= wanted) {
                worker.alive = false;
                return;
            }
            job = std::move(waiting.front());
            waiting.pop_front();
            ++running;
            if (job->progressWork) {
                job->progress = std::make_shared<JobProgress>(
                    [this, job = job.get(), recorder = worker.recorder](qint64 done, qint64 total) {
                        progressed(*job, recorder, done, total);
                    });
                cancellable.emplace_back(job->id, job->progress);
            }
        }
        runJob(*job, worker.recorder);
        complete(std::move(job), true);
    }
}

void WorkerPool::Private::complete(JobPointer job, bool wasRunning)
{
    bool first = false;
    {
        const std::lock_guard lock(mutex);
        if (wasRunning) {
            --running;
            std::erase_if(cancellable, [&](const auto &entry) { return entry.first == job->id; });
        }
        first = nothingToTake(); // else a message to the loop is on its way
        completed.push_back(std::move(job));
    }
    if (first)
        uv_async_send(completion);
}

void WorkerPool::Private::runJob(Job &job, trace::Recorder *recorder)
{
    if (recorder && !recorder->isEnabled())
        recorder = nullptr;
    TraceRecord record;
    record.id = job.id;
    record.name = job.name;
    record.request = job.context.request;
    if (recorder) {
        record.kind = Kind::JobStarted;
        record.start = recorder->now();
        if (job.stoppedBefore >= 0)
            record.value = std::max<qint64>(0, loop.trace()->stoppedNs() - job.stoppedBefore);
        recorder->write(record);
        recorder->setLive({record.start, job.name, job.site.file, quint32(job.site.line), job.context.request,
                           trace::Phase::None});
    }
    JobOutcome outcome = JobOutcome::Done;
    try {
        if (job.progress)
            job.progressWork(*job.progress);
        else
            job.work();
    } catch (const JobError &error) {
        job.error = std::current_exception();
        outcome = error.code() == JobError::Code::Cancelled ? JobOutcome::Cancelled : JobOutcome::Threw;
    } catch (...) {
        job.error = std::current_exception();
        outcome = JobOutcome::Threw;
    }
    if (recorder) {
        recorder->setLive({});
        record.kind = Kind::JobFinished;
        record.duration = recorder->now() - record.start;
        record.detail = quint32(outcome);
        recorder->write(record);
    }
}

void WorkerPool::Private::progressed(const Job &job, trace::Recorder *recorder, qint64 done, qint64 total)
{
    if (recorder && recorder->isEnabled()) {
        TraceRecord record;
        record.kind = Kind::JobProgress;
        record.start = recorder->now();
        record.id = job.id;
        record.name = job.name;
        record.request = job.context.request;
        record.value = done;
        record.parent = quint64(std::max<qint64>(0, total));
        recorder->write(record);
    }
    if (!job.onProgress)
        return;
    bool first = false;
    {
        const std::lock_guard lock(mutex);
        first = nothingToTake();
        const auto waitingReport
            = std::find_if(reports.begin(), reports.end(), [&](const Report &report) { return report.id == job.id; });
        if (waitingReport != reports.end()) {
            waitingReport->done = done;
            waitingReport->total = total;
        } else {
            reports.push_back({job.id, job.site, job.context, job.onProgress, done, total});
        }
    }
    if (first)
        uv_async_send(completion);
}

} // namespace loopscope::loop
