// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/uveventdispatcher.h"

#include "server/loop/uveventdispatcher_p.h"
#include "server/trace/trace.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDebug>
#include <QtCore/QScopeGuard>
#include <QtCore/QThread>
#include <QtCore/QTimerEvent>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <system_error>

namespace loopscope::loop {

using trace::Phase;

static constexpr qint64 nsPerMs = 1'000'000;
// Registrations of one lane: a million a second for twelve days. With the lane's number they fit into a double.
static constexpr int idBitsOfALane = 40;

// Qt's timers are measured by the system's clock even where a test drives the trace's.
static qint64 steadyNs() noexcept
{
    return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

static void require(int uvResult, const char *what)
{
    if (uvResult != 0)
        throw std::system_error(-uvResult, std::generic_category(), what);
}

// A write beyond the limit of a file's size is to fail with EFBIG, and not to end the process. As Node does at its start
// (PlatformInit() in src/node.cc), and Qt with SIGPIPE for its sockets; who has set a handler keeps it.
static void ignoreFileSizeSignal()
{
    struct sigaction now = {};
    if (sigaction(SIGXFSZ, nullptr, &now) == 0 && !(now.sa_flags & SA_SIGINFO) && now.sa_handler == SIG_DFL)
        std::signal(SIGXFSZ, SIG_IGN);
}

template<typename Handle>
static UvEventDispatcher::Private *ownerOf(Handle *handle) noexcept
{
    return static_cast<UvEventDispatcher::Private *>(handle->data);
}

UvEventDispatcher::Private::Private(UvEventDispatcher &owner)
    : q(owner)
{
    ignoreFileSizeSignal();
    require(uv_loop_init(&uv), "uv_loop_init");
    uv_timer_init(&uv, &timer);
    uv_prepare_init(&uv, &prepare);
    uv_check_init(&uv, &check);
    uv_idle_init(&uv, &idle);
    require(uv_async_init(&uv, &async,
                          [](uv_async_t *handle) {
                              Private *d = ownerOf(handle);
                              d->run().pollReturned(true);
                              // exchange, not store: it also orders what the wakers did before this thread's next turn
                              (void)d->wokenFromAfar.exchange(false, std::memory_order_seq_cst);
                              d->eventsPosted = d->deletesPosted = true;
                          }),
            "uv_async_init");
    timer.data = prepare.data = check.data = idle.data = async.data = this;
    uv_prepare_start(&prepare, [](uv_prepare_t *handle) { ownerOf(handle)->onPrepare(); });
    uv_check_start(&check, [](uv_check_t *handle) { ownerOf(handle)->onCheck(); });
}

UvEventDispatcher::Private::~Private()
{
    loop->d->takeDown(); // what it drops may still use notifiers and timers
    watches.reset();
    for (uv_handle_t *handle : {reinterpret_cast<uv_handle_t *>(&timer), reinterpret_cast<uv_handle_t *>(&prepare),
                                reinterpret_cast<uv_handle_t *>(&check), reinterpret_cast<uv_handle_t *>(&idle),
                                reinterpret_cast<uv_handle_t *>(&async)})
        uv_close(handle, nullptr);
    uv_run(&uv, UV_RUN_NOWAIT);
    uv_run(&uv, UV_RUN_NOWAIT); // a close callback may have closed another handle
    if (uv_loop_close(&uv) == UV_EBUSY)
        qCritical("UvEventDispatcher: a libuv handle of another room was not closed before the loop.");
}

// --- one turn ---

bool UvEventDispatcher::processEvents(QEventLoop::ProcessEventsFlags flags)
{
    if (d->inTurn)
        return d->refuseNested(flags);
    Q_ASSERT(QThread::currentThread() == thread());
    d->inTurn = true;
    const auto ended = qScopeGuard([this] { d->inTurn = false; });
    EventLoop::Private &run = d->run();
    (void)EventLoop::current(); // binds this thread, so that wakeUp() knows it
    d->interrupted.store(false, std::memory_order_relaxed);
    d->waitForMore = flags.testFlag(QEventLoop::WaitForMoreEvents);
    d->watches->setExcluded(flags.testFlag(QEventLoop::ExcludeSocketNotifiers));

    run.boundary = 0;
    const bool ticksWaited = run.hasTicks();
    if (!run.ticksHeld)
        run.drainTicks(); // queued outside of any callback
    // QEventLoop::exec() calls again and again; but another caller waits for any event, and may have had it
    d->waitsAfterCallbacks = flags.testFlag(QEventLoop::EventLoopExec);
    d->waitForMore = d->waitForMore && (d->waitsAfterCallbacks || !ticksWaited);
    run.turnBegan();
    d->armTimer();
    uv_run(&d->uv, d->waitForMore ? UV_RUN_DEFAULT : UV_RUN_NOWAIT); // onCheck() ends it after one turn
    d->closePhase();
    run.turnEnded();
    return ticksWaited || run.turnCallbacks > 0 || d->eventsPosted;
}

bool UvEventDispatcher::Private::refuseNested(QEventLoop::ProcessEventsFlags flags)
{
    qCritical("UvEventDispatcher: processEvents() was called from a callback of the same loop; libuv does not "
              "re-enter.");
    // QEventLoop::exec() would call it again and again: only an exception ends that.
    if (flags.testFlag(QEventLoop::EventLoopExec))
        throw NestedLoopError();
    return false;
}

void UvEventDispatcher::Private::onTimer()
{
    armedMs = -1;
    EventLoop::Private &run = this->run();
    run.enter(Phase::Timers);
    // The clock is read once, as in Node's processTimers(): what becomes due while callbacks run waits for the next turn,
    // and so do those who are started in them.
    const qint64 nowNs = steadyNs();
    const auto nowMs = qint64(uv_now(&uv));
    const quint64 lastInsertion = run.timeouts.lastInsertion();
    const quint64 lastSequence = qtTimers.lastSequence();
    for (;;) {
        Timeout *timeout = run.timeouts.due(nowMs, lastInsertion);
        const QtTimer *qtTimer = qtTimers.due(nowNs, lastSequence);
        if (timeout && (!qtTimer || timeout->dueMs() * nsPerMs <= qtTimer->dueNs)) {
            run.runTimeout(timeout);
        } else if (qtTimer) {
            fireQtTimer(*qtTimer, nowNs);
        } else {
            break;
        }
    }
    run.drainTicks(); // that a failed one left
    run.leave();
}

void UvEventDispatcher::runDueTimers()
{
    Q_ASSERT(QThread::currentThread() == thread() && !d->inTurn);
    d->inTurn = true;
    const auto ended = qScopeGuard([this] {
        d->inTurn = false;
        d->run().loop.m_phase = Phase::None;
    });
    uv_update_time(&d->uv);
    uv_timer_stop(&d->timer); // the next turn arms it
    d->onTimer();
}

void UvEventDispatcher::Private::fireQtTimer(const QtTimer &due, qint64 nowNs)
{
    const Slice slice{due.number, due.object->metaObject()->className(), {}, due.context, Phase::Timers,
                      due.dueNs};
    QObject *object = due.object;
    const int id = due.id;
    qtTimers.advance(due, nowNs);
    run().run(slice, [object, id] { // neither may exist when it returns
        QTimerEvent event(id);
        QCoreApplication::sendEvent(object, &event);
    });
}

void UvEventDispatcher::Private::sendPostedEvents()
{
    EventLoop::Private &run = this->run();
    if (!std::exchange(eventsPosted, false))
        return;
    run.run({0, "posted events", {}, {}, Phase::Pending, 0}, [] { QCoreApplication::sendPostedEvents(); });
}

bool UvEventDispatcher::Private::mayBlock() const noexcept
{
    return waitForMore && !eventsPosted && !interrupted.load(std::memory_order_relaxed)
        && loop->d->referencedImmediates == 0 && loop->d->closing.empty() && !loop->d->hasTicks()
        && (waitsAfterCallbacks || loop->d->turnCallbacks == 0) && !loop->d->takenDown
        && (!loop->d->endsAtZero || loop->references() > 0);
}

void UvEventDispatcher::Private::onPrepare()
{
    EventLoop::Private &run = this->run();
    run.enter(Phase::Pending);
    sendPostedEvents();
    run.leave();
    const bool blocks = mayBlock();
    if (blocks) {
        Q_EMIT q.aboutToBlock();
        run.drainTicks(); // whatever its receivers did
    }
    watches->apply();
    armTimer();
    const bool stay = !blocks || !mayBlock() || watches->hasAlwaysReady();
    if (stay != idleActive) {
        idleActive = stay;
        if (stay)
            uv_idle_start(&idle, [](uv_idle_t *) {});
        else
            uv_idle_stop(&idle);
    }
    run.pollBegins(blocks && uv_backend_timeout(&uv) != 0);
}

void UvEventDispatcher::Private::onCheck()
{
    EventLoop::Private &run = this->run();
    run.pollReturned(false);
    watches->deliverAlwaysReady();
    run.leave();
    run.enter(Phase::Check);
    run.runImmediates();
    run.leave();
    run.enter(Phase::Close); // libuv's close callbacks come next
    uv_stop(&uv);
}

void UvEventDispatcher::Private::closePhase()
{
    EventLoop::Private &run = this->run();
    run.boundary = 0;
    run.runClosing();
    // deleteLater() outside of an event handler, in a setTimeout callback for instance, is on the level of the loop
    // itself and not delivered with the other posted events. As no callback of a program's it does not let the ticks run
    // that one that failed has left: then it waits a turn.
    if (!run.ticksHeld && std::exchange(deletesPosted, false)) {
        run.run({0, "deferred deletes", {}, {}, Phase::Close, 0},
                [] { QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete); });
    }
    run.leave();
}

void UvEventDispatcher::Private::armTimer()
{
    const qint64 timeoutMs = run().timeouts.nextExpiryMs();
    const qint64 qtMs = qtTimers.nextExpiryMs();
    const qint64 nextMs = timeoutMs < 0 || (qtMs >= 0 && qtMs < timeoutMs) ? qtMs : timeoutMs;
    if (nextMs == armedMs)
        return;
    armedMs = nextMs;
    if (nextMs < 0) {
        uv_timer_stop(&timer);
        return;
    }
    const qint64 leftMs = std::max<qint64>(0, nextMs - qint64(uv_now(&uv)));
    uv_timer_start(&timer, [](uv_timer_t *handle) { ownerOf(handle)->onTimer(); }, quint64(leftMs), 0);
}

// --- QAbstractEventDispatcher ---

UvEventDispatcher::UvEventDispatcher(trace::Trace *trace, const QByteArray &laneName, QObject *parent)
    : QAbstractEventDispatcher(parent)
{
    try {
        d = std::make_unique<Private>(*this);
    } catch (const std::system_error &error) { // nothing can be done without it
        qFatal("UvEventDispatcher: %s", error.what());
    }
    d->loop = std::make_unique<EventLoop>(*this, trace);
    d->watches = std::make_unique<SocketWatches>(*d->loop);
    if (trace)
        d->loop->m_recorder = trace->addRecorder(trace::Trace::LaneKind::Loop, laneName);
}

UvEventDispatcher::UvEventDispatcher(trace::Trace *trace, trace::Recorder *recorder, QObject *parent)
    : QAbstractEventDispatcher(parent)
    , d(std::make_unique<Private>(*this))
{
    d->loop = std::make_unique<EventLoop>(*this, trace);
    d->watches = std::make_unique<SocketWatches>(*d->loop);
    d->loop->m_recorder = recorder;
    if (recorder)
        d->loop->m_lastId = std::max(recorder->lastId(), quint64(recorder->lane()) << idBitsOfALane);
}

UvEventDispatcher::~UvEventDispatcher()
{
    if (d->loop->m_recorder)
        d->loop->m_recorder->setLastId(d->loop->m_lastId);
}

EventLoop &UvEventDispatcher::eventLoop() noexcept
{
    return *d->loop;
}

bool UvEventDispatcher::peerHasClosed(qintptr descriptor) const noexcept
{
    return d->watches->peerHasClosed(descriptor);
}

quint64 UvEventDispatcher::kernelChanges() const noexcept
{
    return d->watches->kernelChanges();
}

void UvEventDispatcher::registerSocketNotifier(QSocketNotifier *notifier)
{
    Q_ASSERT(notifier->thread() == thread() && QThread::currentThread() == thread());
    d->watches->add(notifier);
}

void UvEventDispatcher::unregisterSocketNotifier(QSocketNotifier *notifier)
{
    Q_ASSERT(notifier->thread() == thread() && QThread::currentThread() == thread());
    d->watches->remove(notifier);
}

void UvEventDispatcher::registerTimer(int timerId, qint64 interval, Qt::TimerType timerType, QObject *object)
{
    Q_ASSERT(timerId > 0 && interval >= 0 && object);
    Q_ASSERT(object->thread() == thread() && QThread::currentThread() == thread());
    const QtTimer &timer = d->qtTimers.add(timerId, interval, timerType, object, d->loop->nextId(),
                                           d->loop->context(), steadyNs());
    d->run().recordRegistered(timer.number, object->metaObject()->className(), {}, timer.dueNs);
}

bool UvEventDispatcher::unregisterTimer(int timerId)
{
    Q_ASSERT(QThread::currentThread() == thread());
    if (const QtTimer *timer = d->qtTimers.find(timerId))
        d->run().recordCleared(timer->number);
    return d->qtTimers.remove(timerId);
}

bool UvEventDispatcher::unregisterTimers(QObject *object)
{
    const QList<int> ids = d->qtTimers.idsOf(object);
    for (const int id : ids)
        unregisterTimer(id);
    return !ids.isEmpty();
}

QList<QAbstractEventDispatcher::TimerInfo> UvEventDispatcher::registeredTimers(QObject *object) const
{
    return d->qtTimers.infosOf(object);
}

int UvEventDispatcher::remainingTime(int timerId)
{
    return d->qtTimers.remainingMs(timerId, steadyNs());
}

void UvEventDispatcher::wakeUp()
{
    if (EventLoop::isCurrent(d->loop.get())) {
        d->eventsPosted = d->deletesPosted = true;
        return;
    }
    // One message is enough until it is handled: whoever set the flag has sent it, or is about to.
    if (!d->wokenFromAfar.exchange(true, std::memory_order_seq_cst))
        uv_async_send(&d->async);
}

void UvEventDispatcher::interrupt()
{
    d->interrupted.store(true, std::memory_order_relaxed);
    wakeUp();
}

void UvEventDispatcher::startingUp() { }

void UvEventDispatcher::closingDown() { }

} // namespace loopscope::loop
