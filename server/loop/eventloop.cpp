// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/eventloop.h"

#include "server/loop/eventloop_p.h"
#include "server/loop/uveventdispatcher_p.h"
#include "server/loop/workerpool.h"
#include "server/trace/trace.h"

#include <QtCore/QDebug>
#include <QtCore/QScopeGuard>

#include <algorithm>

namespace loopscope::loop {

using trace::Kind;
using trace::Phase;
using trace::TraceRecord;

static constexpr qint64 nsPerMs = 1'000'000;
// A poll that took longer has slept: one that finds something ready returns within a few microseconds.
static constexpr qint64 sleptNs = 100'000;
// Of a callback that took as long it is said how much of that its thread had no processor: what a warning is made of.
static constexpr qint64 longCallbackNs = 50'000'000;
// Between two looks at that figure, so that it costs nothing to speak of.
static constexpr qint64 cpuWaitEveryNs = 10'000'000;

static thread_local EventLoop *currentLoop = nullptr;

EventLoop::EventLoop(UvEventDispatcher &dispatcher, trace::Trace *trace)
    : m_trace(trace)
    , d(std::make_unique<Private>(*this, dispatcher, &dispatcher.d->uv))
{
}

EventLoop::~EventLoop()
{
    d->takeDown();
    if (currentLoop == this)
        currentLoop = nullptr;
}

EventLoop *EventLoop::current() noexcept
{
    if (!currentLoop) {
        // not yet bound, or a stock dispatcher
        if (auto *dispatcher = qobject_cast<UvEventDispatcher *>(QAbstractEventDispatcher::instance()))
            currentLoop = &dispatcher->eventLoop();
    }
    return currentLoop;
}

bool EventLoop::isCurrent(const EventLoop *loop) noexcept
{
    return currentLoop == loop;
}

// --- timers ---

TimerId EventLoop::setTimeout(Callback callback, std::chrono::milliseconds delay, Site site)
{
    return startTimeout(std::move(callback), delay, false, site);
}

TimerId EventLoop::setInterval(Callback callback, std::chrono::milliseconds interval, Site site)
{
    return startTimeout(std::move(callback), interval, true, site);
}

TimerId EventLoop::startTimeout(Callback &&callback, std::chrono::milliseconds delay, bool repeats, Site site)
{
    if (d->takenDown)
        return TimerId::None;
    uv_update_time(d->uv); // as Node's getLibuvNow()
    Timeout *timeout = d->timeouts.add(nextId(), delay.count());
    timeout->registration = timeout->number;
    timeout->callback = std::move(callback);
    timeout->site = site;
    timeout->context = m_context;
    timeout->repeats = repeats;
    d->timeouts.insert(timeout, qint64(uv_now(d->uv)));
    ++d->referencedTimeouts;
    d->recordRegistered(timeout->registration, timeout->name(), site, timeout->dueMs() * nsPerMs);
    return TimeoutLists::idOf(*timeout);
}

bool EventLoop::clearTimer(TimerId id)
{
    Timeout *timeout = d->timeouts.find(id);
    if (!timeout)
        return false;
    const bool wasToRun = timeout->isLive();
    if (wasToRun)
        d->recordCleared(timeout->registration);
    if (wasToRun && timeout->referenced)
        --d->referencedTimeouts;
    d->timeouts.unlink(timeout);
    d->timeouts.release(timeout);
    return wasToRun;
}

// In the trace it is cleared and registered again, for so it is with its due time and with who asked for it.
bool EventLoop::refresh(TimerId id, Site site)
{
    Timeout *timeout = d->timeouts.find(id);
    if (!timeout)
        return false;
    if (timeout->isLive())
        d->recordCleared(timeout->registration);
    else if (timeout->referenced)
        ++d->referencedTimeouts; // its callback runs: the count has gone without it
    uv_update_time(d->uv); // as Node's getLibuvNow()
    d->timeouts.insert(timeout, qint64(uv_now(d->uv)));
    timeout->registration = nextId();
    timeout->site = site;
    d->recordRegistered(timeout->registration, timeout->name(), site, timeout->dueMs() * nsPerMs);
    return true;
}

void EventLoop::setReferenced(TimerId id, bool referenced)
{
    Timeout *timeout = d->timeouts.find(id);
    if (!timeout || timeout->referenced == referenced)
        return;
    timeout->referenced = referenced;
    if (timeout->isLive())
        d->referencedTimeouts += referenced ? 1 : -1;
}

bool EventLoop::isReferenced(TimerId id) const
{
    const Timeout *timeout = d->timeouts.find(id);
    return timeout && timeout->referenced;
}

void EventLoop::Private::runTimeout(Timeout *timeout)
{
    timeouts.setRunning(timeout);
    const Slice slice{timeout->registration, timeout->name(), timeout->site, timeout->context, Phase::Timers,
                      timeout->dueMs() * nsPerMs};
    const TimerId id = TimeoutLists::idOf(*timeout);
    Callback callback = std::move(timeout->callback);
    if (timeout->repeats)
        uv_update_time(uv);
    else if (timeout->referenced)
        --referencedTimeouts;
    const qint64 startMs = qint64(uv_now(uv));
    run(slice, [&] {
        {
            const auto ended = qScopeGuard([&] { timeoutRan(id, startMs, callback); });
            callback();
        }
        timeouts.lookOn();
    });
}

// Before the ticks, as in Node: what they start comes behind an interval in its list.
void EventLoop::Private::timeoutRan(TimerId id, qint64 startMs, Callback &callback)
{
    Timeout *timeout = timeouts.find(id);
    if (!timeout) // was cleared
        return;
    timeouts.setIdle();
    if (timeout->repeats)
        timeouts.insert(timeout, startMs);
    if (timeout->waits)
        timeout->callback = std::move(callback);
    else
        timeouts.release(timeout);
}

// --- immediates ---

ImmediateId EventLoop::setImmediate(Callback callback, Site site)
{
    if (d->takenDown)
        return ImmediateId::None;
    Private::Immediate immediate;
    immediate.callback = std::move(callback);
    immediate.id = nextId();
    immediate.name = "setImmediate";
    immediate.site = site;
    immediate.context = m_context;
    d->recordRegistered(immediate.id, immediate.name, site);
    const ImmediateId id{immediate.id};
    d->immediates.push_back(std::move(immediate));
    ++d->waitingImmediates;
    ++d->referencedImmediates;
    return id;
}

EventLoop::Private::Immediate *EventLoop::Private::find(ImmediateId id) noexcept
{
    const auto before = [](const Immediate &immediate, quint64 number) { return immediate.id < number; };
    const auto in = [&](std::vector<Immediate> &queue, std::size_t from) -> Immediate * {
        const auto found = std::lower_bound(queue.begin() + std::ptrdiff_t(from), queue.end(), quint64(id), before);
        return found != queue.end() && found->id == quint64(id) && found->callback ? &*found : nullptr;
    };
    Immediate *running = in(runningImmediates, nextImmediate);
    return running ? running : in(immediates, 0);
}

bool EventLoop::clearImmediate(ImmediateId id)
{
    Private::Immediate *immediate = d->find(id);
    if (!immediate)
        return false;
    d->recordCleared(immediate->id);
    --d->waitingImmediates;
    if (immediate->referenced)
        --d->referencedImmediates;
    const Callback dropped = std::move(immediate->callback); // may call back into the loop: last
    return true;
}

void EventLoop::setReferenced(ImmediateId id, bool referenced)
{
    Private::Immediate *immediate = d->find(id);
    if (!immediate || immediate->referenced == referenced)
        return;
    immediate->referenced = referenced;
    d->referencedImmediates += referenced ? 1 : -1;
}

// https://github.com/nodejs/node/blob/v20.x/src/env.cc, CheckImmediate(): if the last one fails, those that it queued run
// in the same phase, with an empty one that Node queues for the sake of the ticks; that one does not fail.
void EventLoop::Private::runImmediates()
{
    drainTicks(); // that a failed callback of another phase left
    if (!runQueuedImmediates())
        (void)runQueuedImmediates();
    drainTicks();
    ticksHeld = false;
}

// False if the last one failed.
bool EventLoop::Private::runQueuedImmediates()
{
    bool went = true;
    runningImmediates.swap(immediates);
    for (nextImmediate = 0; nextImmediate < runningImmediates.size();) {
        Immediate &immediate = runningImmediates[nextImmediate++];
        if (!immediate.callback) // cleared
            continue;
        --waitingImmediates;
        if (immediate.referenced)
            --referencedImmediates;
        Callback callback = std::move(immediate.callback);
        went = run({immediate.id, immediate.name, immediate.site, immediate.context, Phase::Check, 0}, callback);
    }
    runningImmediates.clear();
    nextImmediate = 0;
    return went;
}

// --- ticks, microtasks, closing ---

void EventLoop::nextTick(Callback callback, Site site)
{
    if (d->exiting) // as Node's
        return;
    d->queue(d->ticks, "nextTick", m_context, std::move(callback), site);
}

void EventLoop::queueMicrotask(Callback callback, Site site)
{
    d->queue(d->microtasks, "queueMicrotask", m_context, std::move(callback), site);
}

void EventLoop::queueMicrotaskAs(const char *name, const Context &context, Callback callback, Site site)
{
    d->queue(d->microtasks, name, context, std::move(callback), site);
}

void EventLoop::onClose(Callback callback, Site site)
{
    if (!d->takenDown)
        d->closing.push_back(d->registered("close", m_context, std::move(callback), site));
}

quint64 EventLoop::onEnd(Callback callback)
{
    const quint64 id = nextId();
    d->endHooks.emplace(id, std::move(callback));
    return id;
}

void EventLoop::cancelOnEnd(quint64 id)
{
    d->endHooks.erase(id);
}

void EventLoop::Private::queue(RingQueue<Queued> &into, const char *name, const Context &context, Callback &&callback,
                               Site site)
{
    if (!takenDown)
        into.push(registered(name, context, std::move(callback), site));
}

EventLoop::Private::Queued EventLoop::Private::registered(const char *name, const Context &context, Callback &&callback,
                                                          Site site)
{
    Queued queued;
    queued.callback = std::move(callback);
    queued.id = loop.nextId();
    queued.name = name;
    queued.site = site;
    queued.context = context;
    recordRegistered(queued.id, name, site);
    return queued;
}

// https://nodejs.org/en/learn/asynchronous-work/understanding-processnexttick: ticks first, all of them; then
// microtasks, all of them; and again while these queued ticks. Then what failed without anybody to await it, all of it,
// and again. As processTicksAndRejections() in Node's lib/internal/process/task_queues.js.
void EventLoop::Private::drainQueues()
{
    ticksHeld = false;
    do {
        if (!drainTickQueue()) {
            ticksHeld = true;
            return;
        }
        while (!microtasks.isEmpty())
            runQueued(microtasks.takeFirst(), Phase::Microtask);
    } while (!ticks.isEmpty() || reportRejections());
}

// False if one failed.
bool EventLoop::Private::drainTickQueue()
{
    while (!ticks.isEmpty()) {
        if (!runQueued(ticks.takeFirst(), Phase::NextTick))
            return false;
    }
    return true;
}

bool EventLoop::Private::reportRejections()
{
    const std::vector<std::exception_ptr> reported = std::exchange(rejections, {});
    for (const std::exception_ptr &error : reported)
        loop.reportUncaught(error);
    return !reported.empty();
}

bool EventLoop::Private::runQueued(Queued queued, Phase phase)
{
    return runOne({queued.id, queued.name, queued.site, queued.context, phase, 0}, queued.callback);
}

// The last handle that was closed comes first: libuv keeps them in a list that it pushes to the front of
// (uv__make_close_pending()), and takes the whole list before it runs the first.
void EventLoop::Private::runClosing()
{
    runningClosing.swap(closing);
    while (!runningClosing.empty()) {
        Queued queued = std::move(runningClosing.back());
        runningClosing.pop_back();
        run({queued.id, queued.name, queued.site, queued.context, Phase::Close, 0}, queued.callback);
    }
}

void EventLoop::runCallback(quint64 id, const char *name, Callback callback, Site site)
{
    Q_ASSERT(m_running == 0);
    d->pollReturned(true);
    d->run({id, name, site, {}, m_phase, 0}, callback);
}

// --- the rest of the interface ---

WorkerPool &EventLoop::pool()
{
    if (!d->pool)
        d->pool = std::make_unique<WorkerPool>(*this);
    return *d->pool;
}

quint64 EventLoop::turn() const noexcept
{
    return d->turn;
}

EventLoop::ReadyWithin EventLoop::readyWithin() const noexcept
{
    if (m_phase != Phase::Poll || d->lookedBefore == 0 || d->phaseStart == 0)
        return {};
    return {d->lookedBefore, d->phaseStart};
}

std::chrono::milliseconds EventLoop::now() const noexcept
{
    return std::chrono::milliseconds(uv_now(d->uv));
}

References EventLoop::referencesByKind() const noexcept
{
    return {.timers = d->referencedTimeouts,
            .immediates = d->referencedImmediates + (d->hasTicks() ? 1 : 0),
            .jobs = d->jobs,
            .closing = qsizetype(d->closing.size()),
            .handles = *d->handles};
}

uv_loop_s *EventLoop::uvLoop() const noexcept
{
    return d->uv;
}

void EventLoop::setUncaughtHandler(UncaughtHandler handler)
{
    d->uncaught = std::move(handler);
}

void EventLoop::reportUncaught(std::exception_ptr error) noexcept
{
    if (d->uncaught) {
        d->uncaught(std::move(error));
        return;
    }
    logUncaught(error);
    std::terminate();
}

void logUncaught(const std::exception_ptr &error)
{
    try {
        std::rethrow_exception(error);
    } catch (const std::exception &known) {
        qCritical("Uncaught exception in a callback of the loop: %s", known.what());
    } catch (...) {
        qCritical("Uncaught exception in a callback of the loop, not derived from std::exception.");
    }
}

void EventLoop::reportRejection(std::exception_ptr error)
{
    if (!d->takenDown)
        d->rejections.push_back(std::move(error));
}

void EventLoop::setWarningHandler(WarningHandler handler)
{
    d->warned = std::move(handler);
}

void EventLoop::emitWarning(Warning warning)
{
    nextTick([this, warning = std::move(warning)] {
        if (d->warned)
            d->warned(warning);
        else
            qWarning("%s: %s", warning.name.constData(), qUtf8Printable(warning.message));
    });
}

// Destroying a callback may destroy whatever it owns, a coroutine's frame for instance, which may call the loop again:
// until it is empty, registering is refused.
void EventLoop::Private::takeDown()
{
    takenDown = true;
    while (!endHooks.empty()) { // each may take back others
        Callback hook = std::move(endHooks.begin()->second);
        endHooks.erase(endHooks.begin());
        hook();
    }
    pool.reset();
    while (Timeout *timeout = timeouts.any()) {
        timeouts.unlink(timeout);
        timeouts.release(timeout);
    }
    for (RingQueue<Queued> *queue : {&ticks, &microtasks}) {
        while (!queue->isEmpty())
            (void)queue->takeFirst();
    }
    for (Queued &queued : closing)
        const Callback dropped = std::move(queued.callback);
    rejections.clear();
    for (Immediate &immediate : immediates)
        const Callback dropped = std::move(immediate.callback);
    uncaught = nullptr;
    warned = nullptr;
}

// --- trace ---

void EventLoop::publishRequest() noexcept
{
    if (!tracing() || m_running == 0)
        return;
    m_recorder->setLiveRequest(m_context.request);
}

void EventLoop::Private::recordRegistered(quint64 id, const char *name, Site site, qint64 dueNs) noexcept
{
    trace::Recorder *recorder = loop.tracing();
    if (!recorder)
        return;
    TraceRecord record;
    record.kind = Kind::Registered;
    record.start = recorder->now();
    record.id = id;
    record.parent = loop.m_running;
    record.request = loop.m_context.request;
    record.value = dueNs;
    record.name = name;
    record.file = site.file;
    record.line = quint32(site.line);
    recorder->write(record);
}

void EventLoop::Private::recordCleared(quint64 id) noexcept
{
    trace::Recorder *recorder = loop.tracing();
    if (!recorder)
        return;
    TraceRecord record;
    record.kind = Kind::Cleared;
    record.start = recorder->now();
    record.id = id;
    record.parent = loop.m_running;
    record.request = loop.m_context.request;
    recorder->write(record);
}

qint64 EventLoop::Private::sliceBegins(trace::Recorder *recorder, const Slice &slice) noexcept
{
    const qint64 start = boundary ? boundary : recorder->now();
    if (phaseStart == 0)
        phaseStart = start;
    if (start - countedAt >= countEveryNs)
        publishCounts(recorder, start);
    // "await" says nothing of what runs on: the layer whose coroutine it is does
    const char *name = slice.context.layerName ? slice.context.layerName : slice.name;
    recorder->setLive({start, name, slice.site.file, quint32(slice.site.line), slice.context.request, slice.phase});
    return start;
}

void EventLoop::Private::sliceEnded(trace::Recorder *recorder, const Slice &slice, qint64 start) noexcept
{
    boundary = lastEnd = recorder->now();
    TraceRecord record;
    record.start = start;
    record.duration = lastEnd - start;
    if (slice.context.layer != 0) {
        record.kind = Kind::LayerResumed;
        record.id = slice.context.layer;
        record.request = slice.context.request;
        record.name = slice.context.layerName;
        recorder->write(record);
    }
    record.kind = Kind::Callback;
    record.id = slice.id;
    record.request = loop.m_context.request; // as the callback left it: a read notifier learns whose bytes came
    record.connection = loop.m_context.connection;
    record.value = slice.dueNs;
    record.name = slice.name;
    record.file = slice.site.file;
    record.line = quint32(slice.site.line);
    record.phase = slice.phase;
    if (record.duration >= longCallbackNs) [[unlikely]]
        record.detail = notRunningOf(record.duration);
    recorder->write(record);
    recorder->setLive({});
}

void EventLoop::Private::noteCpuWait(qint64 now) noexcept
{
    if (now - cpuWaitAskedAt < cpuWaitEveryNs)
        return;
    cpuWaitAskedAt = now;
    cpuWaited = cpuWait.waitedNs();
    stopped = loop.m_trace->stoppedNs();
}

// µs. What was waited since the last look counts, so it may have been before the callback: never too little.
quint32 EventLoop::Private::notRunningOf(qint64 duration) noexcept
{
    const qint64 waitedBefore = std::exchange(cpuWaited, cpuWait.waitedNs());
    const qint64 waited = waitedBefore < 0 ? 0 : std::max<qint64>(0, cpuWaited - waitedBefore);
    const qint64 stoppedBefore = std::exchange(stopped, loop.m_trace->stoppedNs());
    return quint32(std::min(duration, waited + std::max<qint64>(0, stopped - stoppedBefore)) / 1'000);
}

void EventLoop::Private::publishCounts(trace::Recorder *recorder, qint64 nowNs) noexcept
{
    const UvEventDispatcher::Private &thread = *dispatcher.d;
    const qint64 timeoutMs = timeouts.nextDueMs();
    const qint64 qtMs = thread.qtTimers.nextExpiryMs();
    const qint64 nextMs = timeoutMs < 0 || (qtMs >= 0 && qtMs < timeoutMs) ? qtMs : timeoutMs;
    const bool posted = thread.eventsPosted || thread.wokenFromAfar.load(std::memory_order_relaxed);
    trace::LiveCounts counts;
    counts.at = countedAt = nowNs;
    // a Qt timer of 0 ms is always due: its time is 0
    counts.nextTimer = nextMs < 0 ? 0 : std::max<qint64>(1, nextMs * nsPerMs);
    counts.timers = quint32(timeouts.size());
    counts.qtTimers = quint32(thread.qtTimers.size());
    counts.postedEvents = posted ? 1 : 0;
    counts.sockets = thread.watches->watched();
    counts.jobs = quint32(jobs);
    counts.immediates = quint32(waitingImmediates);
    counts.closing = quint32(closing.size() + runningClosing.size());
    counts.ticks = quint32(ticks.size());
    counts.microtasks = quint32(microtasks.size());
    counts.referencedTimers = quint32(referencedTimeouts);
    counts.referencedImmediates = quint32(referencedImmediates);
    counts.poolThreads = quint32(pool ? pool->threads() : WorkerPool::defaultThreads);
    counts.poolStarted = pool ? 1 : 0;
    counts.turnCallbacks = quint32(turnCallbacks);
    recorder->setCounts(counts);
}

void EventLoop::Private::turnBegan()
{
    trace::Recorder *recorder = loop.tracing();
    boundary = 0;
    ++turn;
    turnCallbacks = 0;
    turnStart = recorder ? recorder->now() : 0;
}

void EventLoop::Private::enter(Phase phase) noexcept
{
    loop.m_phase = phase;
    boundary = 0;
    phaseStart = 0;
    phaseCallbacks = 0;
}

void EventLoop::Private::leave() noexcept
{
    trace::Recorder *recorder = loop.tracing();
    if (!recorder || phaseCallbacks == 0 || phaseStart == 0)
        return;
    TraceRecord record;
    record.kind = Kind::PhaseRun;
    record.start = phaseStart;
    record.duration = lastEnd - phaseStart;
    record.id = turn;
    record.value = qint64(phaseCallbacks);
    record.phase = loop.m_phase;
    recorder->write(record);
}

void EventLoop::Private::pollBegins(bool mayBlock) noexcept
{
    enter(Phase::Poll);
    inPoll = mayBlock;
    trace::Recorder *recorder = loop.tracing();
    lookedBefore = recorder ? lookedAt : 0;
    lookedAt = recorder ? recorder->now() : 0;
    waitStart = mayBlock ? lookedAt : 0;
    if (!recorder)
        return;
    if (!mayBlock) {
        noteCpuWait(lookedAt);
        return;
    }
    publishCounts(recorder, waitStart);
    recorder->setLive({.since = waitStart, .phase = Phase::Poll, .sleeps = true});
}

void EventLoop::Private::awoke(bool somethingReady)
{
    inPoll = false;
    if (waitStart != 0)
        loop.m_recorder->setLive({}); // also if recording was paused meanwhile
    trace::Recorder *recorder = loop.tracing();
    if (recorder && waitStart != 0) {
        TraceRecord record;
        record.kind = Kind::Wait;
        record.start = waitStart;
        boundary = recorder->now();
        record.duration = boundary - waitStart;
        if (record.duration > sleptNs)
            lookedBefore = lookedAt = boundary;
        record.value = somethingReady ? 1 : 0;
        recorder->write(record);
        noteCpuWait(boundary);
    }
    Q_EMIT dispatcher.awake();
}

void EventLoop::Private::turnEnded() noexcept
{
    loop.m_phase = Phase::None;
    trace::Recorder *recorder = loop.tracing();
    if (!recorder || turnStart == 0)
        return;
    TraceRecord record;
    record.kind = Kind::Turn;
    record.start = turnStart;
    record.duration = recorder->now() - turnStart;
    record.id = turn;
    record.value = qint64(turnCallbacks);
    recorder->write(record);
}

} // namespace loopscope::loop
