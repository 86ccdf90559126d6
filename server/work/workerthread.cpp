// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/work/workerthread.h"

#include "server/loop/handlereference.h"
#include "server/loop/uveventdispatcher.h"
#include "server/trace/trace.h"
#include "server/work/workerchannel_p.h"

#include <QtCore/QScopeGuard>
#include <QtCore/QThread>

#include <system_error>
#include <utility>
#include <vector>

namespace loopscope::work {

// Bytes of the trace ring of such a thread: some ten thousand records between two drains.
static constexpr std::size_t ringBytes = std::size_t(1) << 20;

static std::atomic<int> runningThreads = 0;
static std::atomic<int> lastThreadId = 0;

// One of maximumThreads.
struct WorkerThread::Place {
    Place()
    {
        if (++runningThreads > maximumThreads) {
            --runningThreads;
            throw WorkerInitError("there are as many worker threads as there may be");
        }
    }
    ~Place() { --runningThreads; }
    Place(const Place &) = delete;
    Place &operator=(const Place &) = delete;
};

// --- the thread ---

class WorkerThread::Thread final : public QThread {
public:
    Thread(std::shared_ptr<WorkerChannel> channel, Program program, Options options, int id, trace::Trace *trace,
           loop::Site site)
        : m_channel(std::move(channel))
        , m_program(std::move(program))
        , m_options(std::move(options))
        , m_id(id)
        , m_trace(trace)
        , m_site(site)
    {
        setObjectName(QString::fromUtf8(m_options.name));
        if (m_trace)
            m_recorder = m_trace->takeRecorder(trace::Trace::LaneKind::Thread, m_options.name, ringBytes);
        auto release = qScopeGuard([this] { releaseRecorder(); });
        m_unused = std::make_unique<loop::UvEventDispatcher>(m_trace, m_recorder);
        release.dismiss();
    }
    ~Thread() override
    {
        wait();
        m_unused.reset();
        releaseRecorder();
    }
    // False if the system gives no thread.
    [[nodiscard]] bool startOrFail()
    {
        setEventDispatcher(m_unused.get());
        start();
        if (!isRunning() && !isFinished())
            return false;
        (void)m_unused.release(); // QThread deletes it at its end
        return true;
    }

protected:
    void run() override
    {
        auto *dispatcher = static_cast<loop::UvEventDispatcher *>(eventDispatcher());
        WorkerScope scope(m_channel, dispatcher->eventLoop(), std::move(m_options.workerData), m_id);
        {
            Program program = std::move(m_program); // what it holds dies here, on this thread
            scope.runMain(program, m_site);
            while (scope.isRunning())
                dispatcher->processEvents(QEventLoop::WaitForMoreEvents);
        }
        scope.finish();
    }

private:
    void releaseRecorder()
    {
        if (m_recorder)
            m_trace->release(m_recorder);
    }

    const std::shared_ptr<WorkerChannel> m_channel;
    Program m_program;
    Options m_options;
    const int m_id;
    trace::Trace *const m_trace;
    trace::Recorder *m_recorder = nullptr;
    std::unique_ptr<loop::UvEventDispatcher> m_unused; // until the thread has started
    const loop::Site m_site;
};

// --- the parent's side ---

// Shared with the callback that runs, in which the WorkerThread may be destroyed.
struct WorkerThread::Parent : std::enable_shared_from_this<WorkerThread::Parent> {
    Parent(loop::EventLoop &of, int maximumMessages, loop::Site at)
        : eventLoop(of)
        , reference(of)
        , channel(std::make_shared<WorkerChannel>(maximumMessages))
        , context(of.context())
        , site(at)
    {
        const std::lock_guard lock(channel->mutex);
        channel->parent.open(eventLoop.uvLoop(), [](void *parent) { static_cast<Parent *>(parent)->take(); }, this);
    }

    // Nothing is called any more.
    void leave()
    {
        if (std::exchange(gone, true))
            return;
        eventLoop.cancelOnEnd(endHook);
        reference.unref();
        if (!exitTold)
            trace(trace::Kind::Cleared);
        const std::lock_guard lock(channel->mutex);
        channel->parent.close();
    }
    // Registered, or Cleared, is 'exit': so it is seen for how long somebody has a thread at work.
    void trace(trace::Kind kind) const
    {
        trace::Recorder *recorder = eventLoop.tracing();
        if (!recorder)
            return;
        trace::TraceRecord record;
        record.kind = kind;
        record.start = recorder->now();
        record.id = exitId;
        record.parent = eventLoop.runningCallback();
        record.request = context.request;
        if (kind == trace::Kind::Registered) {
            record.name = "exit";
            record.file = site.file;
            record.line = quint32(site.line);
        }
        recorder->write(record);
    }
    template<typename Function>
    void run(const char *name, Function &&function, quint64 id = 0)
    {
        if (gone)
            return;
        eventLoop.runCallback(
            id != 0 ? id : eventLoop.nextId(), name,
            [&] {
                eventLoop.setContext(context);
                function();
            },
            site);
    }
    void dropListeners()
    {
        // each as a local, so that what it destroys finds none of them here
        const loop::Callback online = std::move(onOnline);
        const auto message = std::move(onMessage);
        const auto error = std::move(onError);
        const auto exit = std::move(onExit);
        const auto waiting = std::exchange(terminated, {});
    }
    void take();
    void exited(std::exception_ptr error, int code);

    loop::EventLoop &eventLoop;
    loop::HandleReference reference;
    const std::shared_ptr<WorkerChannel> channel;
    const loop::Context context;
    const loop::Site site;
    loop::Callback onOnline;
    loop::UniqueFunction<void(QVariant)> onMessage;
    loop::UniqueFunction<void(std::exception_ptr)> onError;
    loop::UniqueFunction<void(int)> onExit;
    std::vector<loop::Deferred<int>::Resolver> terminated;
    quint64 endHook = 0;
    const quint64 exitId = eventLoop.nextId(); // of 'exit', in the trace
    int threadId = 0;
    int exitCode = 0;
    bool wasOnline = false;
    bool ended = false; // 'error' and 'exit' were, or are being, told
    bool exitTold = false; // or is being
    bool gone = false; // the WorkerThread is
};

// A listener may set another in its place while it runs: it runs from here, and goes back if nobody did.
template<typename Function, typename... Arguments>
static void call(Function &listener, Arguments &&...arguments)
{
    if (!listener)
        return;
    Function running = std::move(listener);
    const auto back = qScopeGuard([&] {
        if (!listener)
            listener = std::move(running);
    });
    running(std::forward<Arguments>(arguments)...);
}

void WorkerThread::Parent::take()
{
    const auto self = shared_from_this();
    std::deque<QVariant> messages;
    std::exception_ptr error;
    bool online = false;
    bool hasEnded = false;
    int code = 0;
    {
        const std::lock_guard lock(channel->mutex);
        messages.swap(channel->toParent);
        online = channel->online;
        hasEnded = channel->ended;
        error = channel->error;
        code = channel->exitCode;
    }
    if (online && !std::exchange(wasOnline, true))
        run("online", [&] { call(onOnline); });
    for (QVariant &message : messages)
        run("message", [&] { call(onMessage, std::move(message)); });
    if (hasEnded && !std::exchange(ended, true))
        exited(std::move(error), code);
}

void WorkerThread::Parent::exited(std::exception_ptr error, int code)
{
    if (error) {
        run("error", [&] {
            if (!onError)
                std::rethrow_exception(error); // as of an 'error' without a listener
            call(onError, error);
        });
    }
    if (gone)
        return;
    threadId = -1;
    exitCode = code;
    reference.unref();
    exitTold = true;
    run("exit", [&] {
        for (const auto &resolver : std::exchange(terminated, {}))
            resolver.resolve(code); // what awaits goes on after this callback
        call(onExit, code);
    }, exitId);
}

// --- the interface ---

WorkerThread::WorkerThread(Program program, loop::Site site)
    : WorkerThread(std::move(program), Options(), site)
{
}

WorkerThread::WorkerThread(Program program, Options options, loop::Site site)
{
    loop::EventLoop *current = loop::EventLoop::current();
    Q_ASSERT(current);
    m_place = std::make_unique<Place>();
    auto parent = std::make_shared<Parent>(*current, options.maximumMessages, site);
    auto leave = qScopeGuard([&] { parent->leave(); });
    parent->threadId = ++lastThreadId;
    parent->trace(trace::Kind::Registered); // and cleared if it does not start
    try {
        m_thread = std::make_unique<Thread>(parent->channel, std::move(program), std::move(options), parent->threadId,
                                            current->trace(), site);
    } catch (const std::system_error &error) {
        throw WorkerInitError(error.what());
    }
    if (!m_thread->startOrFail())
        throw WorkerInitError("the system gives no thread");
    leave.dismiss();
    parent->reference.ref();
    parent->endHook = current->onEnd([this] { endWithLoop(); });
    m_parent = std::move(parent);
}

WorkerThread::~WorkerThread()
{
    m_parent->channel->terminate();
    m_parent->leave();
    endThread();
}

void WorkerThread::endThread()
{
    m_thread.reset(); // waits
    m_place.reset();
}

// A listener may own the coroutine in whose frame this stands: it goes last.
void WorkerThread::endWithLoop()
{
    const std::shared_ptr<Parent> parent = m_parent;
    parent->channel->terminate();
    parent->leave();
    endThread();
    parent->dropListeners();
}

void WorkerThread::onOnline(loop::Callback listener)
{
    m_parent->onOnline = std::move(listener);
}

void WorkerThread::onMessage(loop::UniqueFunction<void(QVariant)> listener)
{
    m_parent->onMessage = std::move(listener);
}

void WorkerThread::onError(loop::UniqueFunction<void(std::exception_ptr)> listener)
{
    m_parent->onError = std::move(listener);
}

void WorkerThread::onExit(loop::UniqueFunction<void(int code)> listener)
{
    m_parent->onExit = std::move(listener);
}

bool WorkerThread::postMessage(QVariant message)
{
    return m_parent->channel->postToWorker(std::move(message));
}

loop::Task<int> WorkerThread::terminate()
{
    m_parent->channel->terminate();
    if (m_parent->ended)
        co_return m_parent->exitCode;
    loop::Deferred<int> exited;
    m_parent->terminated.push_back(exited.resolver());
    co_return co_await exited; // `this` may be gone by then
}

void WorkerThread::ref()
{
    if (!m_parent->ended)
        m_parent->reference.ref();
}

void WorkerThread::unref()
{
    m_parent->reference.unref();
}

int WorkerThread::threadId() const noexcept
{
    return m_parent->threadId;
}

} // namespace loopscope::work
