// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/site.h"
#include "server/loop/uniquefunction.h"
#include "server/trace/recorder.h"

#include <QtCore/QByteArray>
#include <QtCore/QString>
#include <QtCore/QtGlobal>

#include <chrono>
#include <exception>
#include <memory>

struct uv_loop_s;

namespace loopscope::trace {
class Trace;
}

namespace loopscope::loop {

class UvEventDispatcher;
class WorkerPool;

using Callback = UniqueFunction<void()>;

// For whom a callback runs. Captured when a callback is registered and current again while it runs, as Node's
// AsyncLocalStorage does; so a timer, tick, job or coroutine started for a request is traced as part of it.
struct Context {
    quint64 request = 0;
    quint64 connection = 0;
    // The layer (a middleware or handler) whose work it is: its order of entry, from 1, or 0, and its name, interned.
    quint32 layer = 0;
    const char *layerName = nullptr;
    friend bool operator==(const Context &, const Context &) = default;
};

// What keeps a loop alive, by kind. A Node program ends when nothing is left (LoopRunner).
struct References {
    qsizetype timers = 0; // setTimeout, setInterval that are referenced
    qsizetype immediates = 0; // setImmediate that are referenced; and one while ticks wait, as Node has after an error
    qsizetype jobs = 0; // of the pool, whose completion has not run
    qsizetype closing = 0; // close callbacks that wait for their phase
    qsizetype handles = 0; // HandleReference: servers, sockets
    [[nodiscard]] qsizetype total() const noexcept { return timers + immediates + jobs + closing + handles; }
    friend bool operator==(const References &, const References &) = default;
};

// process.emitWarning(): its kind ("MaxListenersExceededWarning") and its words.
struct Warning {
    QByteArray name;
    QString message;
};

// A registration, valid until it ran (or, repeating, was cleared). Never reused within a loop; 0 is none.
enum class TimerId : quint64 { None = 0 };
enum class ImmediateId : quint64 { None = 0 };

// Node's view of the loop of one thread: timers, immediates, ticks, microtasks, the worker pool.
//
// Owned by the UvEventDispatcher of its thread and as old as it. Every function is for that thread alone unless it
// says otherwise. Nothing here runs a nested loop or waits. https://nodejs.org/docs/latest-v20.x/api/timers.html
class EventLoop {
public:

    EventLoop(UvEventDispatcher &dispatcher, trace::Trace *trace);
    ~EventLoop();
    EventLoop(const EventLoop &) = delete;
    EventLoop &operator=(const EventLoop &) = delete;

    // The calling thread's loop, or null where a stock Qt dispatcher runs.
    [[nodiscard]] static EventLoop *current() noexcept;
    // Any thread: whether the calling thread is known to be this loop's.
    [[nodiscard]] static bool isCurrent(const EventLoop *loop) noexcept;

    // setTimeout: `callback` once, in the timers phase, when `delay` has passed on the loop's clock, which counts whole
    // milliseconds (so up to one less by a finer clock). As in Node, a delay under 1 ms or over 2'147'483'647 ms counts
    // as 1 ms, equal delays run in the order of registration, and the loop's clock is brought up to date first.
    // What becomes due while the timers phase runs waits for the next turn, and so does what is started in it.
    TimerId setTimeout(Callback callback, std::chrono::milliseconds delay, Site site = Site::here());
    // setInterval: again and again; the next run is counted from the start of the last, as in Node.
    TimerId setInterval(Callback callback, std::chrono::milliseconds interval, Site site = Site::here());
    // clearTimeout and clearInterval: true if it was still to run. Clearing twice, or in its own callback, is allowed.
    bool clearTimer(TimerId id);
    // timeout.refresh(): its time counts anew, from now on, behind those of the same delay that were started before. Within
    // its own callback a timeout is started again. False: it was cleared, or has run.
    // Deviation: Node also starts one again that has run; here its id, and what it was to call, are gone by then.
    // https://nodejs.org/docs/latest-v20.x/api/timers.html#timeoutrefresh
    bool refresh(TimerId id, Site site = Site::here());
    // timeout.unref() and ref(): whether the timer keeps the loop alive (hasReferences()).
    void setReferenced(TimerId id, bool referenced);
    [[nodiscard]] bool isReferenced(TimerId id) const;

    // setImmediate: once, in the check phase. One queued by an immediate runs in the next turn.
    ImmediateId setImmediate(Callback callback, Site site = Site::here());
    bool clearImmediate(ImmediateId id);
    void setReferenced(ImmediateId id, bool referenced);

    // process.nextTick: after the running callback, before microtasks and before the loop goes on.
    void nextTick(Callback callback, Site site = Site::here());
    // queueMicrotask: after the nextTick queue is empty.
    // A tick that fails, or a callback, leaves the ticks that wait to the next callback of its phase, or to the check
    // phase: as in Node, where the scope of a callback that failed runs no ticks. A failed microtask holds up nothing.
    void queueMicrotask(Callback callback, Site site = Site::here());

    // The pool of this loop, made at first use with WorkerPool::defaultThreads threads.
    [[nodiscard]] WorkerPool &pool();

    // As queueMicrotask(), for a given context and under a name (a literal, or interned): how coroutines run on.
    void queueMicrotaskAs(const char *name, const Context &context, Callback callback, Site site);

    // Runs `callback` later, in the close phase of this turn: for what a closing handle has to say. The last one that
    // was registered runs first, as libuv's closing handles do; one registered in that phase runs in the next turn's.
    void onClose(Callback callback, Site site = Site::here());

    // Calls `callback` when the loop is taken down, before what it still holds is dropped: for what has a thread of its own
    // and a handle here. Gives a number that takes it back. No callback of the loop: nothing can be registered any more.
    quint64 onEnd(Callback callback);
    void cancelOnEnd(quint64 id);

    // Runs `callback` now, as a callback of this loop with all that belongs to it (ticks after it, its slice in the
    // trace): for the callback of a libuv handle that another room put on uvLoop(). `id` is nextId() or a registration
    // of its own, `name` a literal or interned. Not to be called from within a callback.
    void runCallback(quint64 id, const char *name, Callback callback, Site site = Site::here());

    // For whom the running callback runs. Setting it lasts until that callback ends.
    [[nodiscard]] const Context &context() const noexcept { return m_context; }
    void setContext(const Context &context) noexcept
    {
        const bool isOther = m_context.request != context.request;
        m_context = context;
        if (isOther && m_recorder)
            publishRequest();
    }
    // Which layer of the request runs from now on; a callback that it registers is traced as its own
    // (Kind::LayerResumed). The caller puts back what was there before.
    void setLayer(quint32 layer, const char *name) noexcept
    {
        m_context.layer = layer;
        m_context.layerName = name;
    }

    // libuv's uv_now(): milliseconds, cached at the start of the turn and brought up to date by setTimeout().
    [[nodiscard]] std::chrono::milliseconds now() const noexcept;
    // The phase that runs at this moment.
    [[nodiscard]] trace::Phase phase() const noexcept { return m_phase; }
    // Registration number of the running callback; 0 between callbacks.
    [[nodiscard]] quint64 runningCallback() const noexcept { return m_running; }
    // Number of the turn that runs, or ran last; from 1.
    [[nodiscard]] quint64 turn() const noexcept;

    // When what the running callback of the poll phase was told of became ready, ns on the trace's clock: not before
    // `after`, when the loop last looked and it was not, and not later than `by`, when poll returned. A poll that slept
    // was woken by it, so both are the same then. Both 0: not known, for nothing is recorded, or not long enough, or
    // this is another phase. Costs no look at the clock.
    struct ReadyWithin {
        qint64 after = 0;
        qint64 by = 0;
    };
    [[nodiscard]] ReadyWithin readyWithin() const noexcept;

    // What keeps the loop alive; the loop of a Node program would end at zero. Notifiers of Qt objects are not counted.
    [[nodiscard]] References referencesByKind() const noexcept;
    [[nodiscard]] qsizetype references() const noexcept { return referencesByKind().total(); }

    // The recorder while recording, or null. Test it before building a record.
    [[nodiscard]] trace::Recorder *tracing() const noexcept
    {
        return m_recorder && m_recorder->isEnabled() ? m_recorder : nullptr;
    }
    [[nodiscard]] trace::Trace *trace() const noexcept { return m_trace; }
    [[nodiscard]] uv_loop_s *uvLoop() const noexcept;
    // A new registration number, for what is registered elsewhere but runs here.
    [[nodiscard]] quint64 nextId() noexcept { return ++m_lastId; }

    // What an exception that leaves a callback does: it is given here, and the loop goes on. Without a handler it is
    // logged and the process ends with std::terminate(), as Node ends on 'uncaughtException'.
    using UncaughtHandler = UniqueFunction<void(std::exception_ptr)>;
    void setUncaughtHandler(UncaughtHandler handler);
    // Gives it to that handler now: for an error that nobody can catch.
    void reportUncaught(std::exception_ptr error) noexcept;
    // The same once ticks and microtasks are empty, as Node's 'unhandledRejection': for a coroutine that failed and that
    // nobody can await any more.
    void reportRejection(std::exception_ptr error);
    // process.emitWarning(): in a tick, to the handler (Node's process 'warning'); without one it is logged.
    using WarningHandler = UniqueFunction<void(const Warning &)>;
    void setWarningHandler(WarningHandler handler);
    void emitWarning(Warning warning);

private:
    friend class HandleReference;
    friend class LoopRunner;
    friend class UvEventDispatcher;
    friend class WorkerPool;
    friend class SocketWatches;
    struct Private;

    TimerId startTimeout(Callback &&callback, std::chrono::milliseconds delay, bool repeats, Site site);
    // The live slice names the request from now on, so that a view knows whose callback blocks.
    void publishRequest() noexcept;

    trace::Trace *const m_trace;
    trace::Recorder *m_recorder = nullptr;
    Context m_context;
    trace::Phase m_phase = trace::Phase::None;
    quint64 m_running = 0;
    quint64 m_lastId = 0;
    std::unique_ptr<Private> d;
};

// A named stretch inside a callback, traced as Kind::Span from construction to destruction ("writeFileSync").
// Lives on the stack of the loop's thread; without a loop, or without recording, it does nothing.
// `name` must be a literal or interned.
class Span {
public:
    explicit Span(const char *name, Site site = Site::here());
    ~Span();
    Span(const Span &) = delete;
    Span &operator=(const Span &) = delete;
    void setValue(qint64 value) noexcept { m_value = value; }

private:
    trace::Recorder *m_recorder = nullptr;
    trace::LiveSlice m_before;
    const char *m_name;
    Site m_site;
    qint64 m_start = 0;
    qint64 m_value = 0;
    quint64 m_request = 0;
    trace::Phase m_phase = trace::Phase::None;
};

} // namespace loopscope::loop
