// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Not part of the room's interface: shared by eventloop.cpp, the dispatcher and the pool.

#include "server/loop/cpuwait_unix.h"
#include "server/loop/eventloop.h"
#include "server/loop/ringqueue.h"
#include "server/loop/timeoutlists.h"
#include "server/loop/workerpool.h"

#include <uv.h>

#include <map>
#include <utility>
#include <vector>

namespace loopscope::loop {

// What is known of a callback before it runs.
struct Slice {
    quint64 id = 0;
    const char *name = nullptr;
    Site site;
    Context context;
    trace::Phase phase = trace::Phase::None;
    qint64 dueNs = 0; // timers only
};

// How old trace::LiveCounts may be when a callback begins, ns: a view refreshes a few times a second, and a count costs
// less than one record.
inline constexpr qint64 countEveryNs = 1'000'000;

// The part of an EventLoop that runs callbacks, drains ticks and microtasks after each, and measures all of it.
struct EventLoop::Private {
    struct Queued {
        Callback callback;
        quint64 id = 0;
        const char *name = nullptr;
        Site site;
        Context context;
    };
    struct Immediate : Queued {
        bool referenced = true;
    };

    Private(EventLoop &owner, UvEventDispatcher &ofThread, uv_loop_t *uvLoop)
        : loop(owner)
        , dispatcher(ofThread)
        , uv(uvLoop)
    {
    }

    // Runs `function` as one callback: context, phase, uncaught exceptions, trace; then ticks and microtasks. False if
    // it failed; then these wait for the next callback, or for the end of the timers or the start of the check phase.
    template<typename Function>
    bool run(const Slice &slice, Function &&function)
    {
        const bool went = runOne(slice, std::forward<Function>(function));
        ++phaseCallbacks;
        if (went)
            drainTicks();
        else
            ticksHeld = true;
        return went;
    }

    // The nextTick queue, then the microtask queue, until both are empty. Costs three compares if they are.
    void drainTicks()
    {
        if (hasTicks())
            drainQueues();
    }
    [[nodiscard]] bool hasTicks() const noexcept
    {
        return !ticks.isEmpty() || !microtasks.isEmpty() || !rejections.empty();
    }

    // --- the turn, called by the dispatcher in this order ---
    void turnBegan();
    void enter(trace::Phase phase) noexcept;
    void leave() noexcept; // writes PhaseRun if something ran
    void pollBegins(bool mayBlock) noexcept; // enters Poll
    // First thing in each callback of the poll phase; the first of them ends the sleep.
    void pollReturned(bool somethingReady)
    {
        boundary = 0;
        if (inPoll)
            awoke(somethingReady);
    }
    void turnEnded() noexcept;

    // --- what runs in the phases ---
    void runTimeout(Timeout *timeout); // one that timeouts.due() gave
    void timeoutRan(TimerId id, qint64 startMs, Callback &callback);
    void runImmediates();
    void runClosing();

    void takeDown(); // drops everything that is still queued

    [[nodiscard]] Queued registered(const char *name, const Context &context, Callback &&callback, Site site);
    void queue(RingQueue<Queued> &into, const char *name, const Context &context, Callback &&callback, Site site);
    // Null if it has run or was cleared.
    [[nodiscard]] Immediate *find(ImmediateId id) noexcept;
    void recordRegistered(quint64 id, const char *name, Site site, qint64 dueNs = 0) noexcept;
    void recordCleared(quint64 id) noexcept;
    // Publishes trace::LiveCounts.
    void publishCounts(trace::Recorder *recorder, qint64 nowNs) noexcept;

    EventLoop &loop;
    UvEventDispatcher &dispatcher;
    uv_loop_t *const uv;
    RingQueue<Queued> ticks;
    RingQueue<Queued> microtasks;
    std::vector<std::exception_ptr> rejections; // to report when ticks and microtasks are empty
    std::vector<Queued> closing;
    std::vector<Queued> runningClosing; // of this turn
    std::vector<Immediate> immediates; // queued; by id, as they come
    std::vector<Immediate> runningImmediates; // of this turn
    std::size_t nextImmediate = 0; // of runningImmediates
    qsizetype referencedImmediates = 0;
    qsizetype waitingImmediates = 0; // without those that were cleared
    TimeoutLists timeouts;
    qsizetype referencedTimeouts = 0;
    qsizetype jobs = 0; // of the pool, whose completion has not run
    std::shared_ptr<qsizetype> handles = std::make_shared<qsizetype>(0); // HandleReference may outlive the loop
    std::unique_ptr<WorkerPool> pool;
    std::map<quint64, Callback> endHooks; // onEnd()
    UncaughtHandler uncaught;
    WarningHandler warned;
    bool ticksHeld = false; // a callback failed: what waits in the queues is left to the next one
    bool exiting = false; // 'exit' is emitted: nothing can be put off to a tick any more
    bool endsAtZero = false; // a LoopRunner turns it: polling does not wait for what is not referenced
    bool takenDown = false; // nothing runs and nothing is registered any more

    quint64 turn = 0;
    quint64 turnCallbacks = 0;
    quint64 phaseCallbacks = 0;
    // Measured only while recording; 0 otherwise.
    qint64 turnStart = 0;
    qint64 phaseStart = 0; // of the first callback in it
    qint64 waitStart = 0;
    // End of the last callback while nothing measurable has happened since, so that the next one may start there
    // without reading the clock again; else 0.
    qint64 boundary = 0;
    qint64 lastEnd = 0;
    // When poll last looked and found nothing of what it tells of now: its start, or its end if it slept. 0: not known.
    qint64 lookedBefore = 0;
    qint64 lookedAt = 0; // the same of the poll that runs or ran last
    // While recording: how long the thread had waited for a processor, and the process had been stopped, at a time not long
    // before the running callback.
    CpuWait cpuWait;
    qint64 cpuWaited = -1; // ns; -1: not known
    qint64 stopped = 0; // ns
    qint64 cpuWaitAskedAt = 0;
    qint64 countedAt = 0; // when publishCounts() was called last
    bool inPoll = false; // from pollBegins() to the first pollReturned()

private:
    template<typename Function>
    bool runOne(const Slice &slice, Function &&function)
    {
        if (takenDown)
            return true;
        bool went = true;
        trace::Recorder *recorder = loop.tracing();
        const qint64 start = recorder ? sliceBegins(recorder, slice) : 0;
        const trace::Phase outer = std::exchange(loop.m_phase, slice.phase);
        loop.m_running = slice.id;
        loop.m_context = slice.context;
        try {
            function();
        } catch (...) {
            went = false;
            loop.reportUncaught(std::current_exception());
        }
        if (recorder)
            sliceEnded(recorder, slice, start);
        else
            boundary = 0;
        loop.m_context = {};
        loop.m_running = 0;
        loop.m_phase = outer;
        ++turnCallbacks;
        return went;
    }

    qint64 sliceBegins(trace::Recorder *recorder, const Slice &slice) noexcept;
    void sliceEnded(trace::Recorder *recorder, const Slice &slice, qint64 start) noexcept;
    void awoke(bool somethingReady);
    void noteCpuWait(qint64 now) noexcept;
    [[nodiscard]] quint32 notRunningOf(qint64 duration) noexcept;
    void drainQueues();
    [[nodiscard]] bool drainTickQueue();
    bool reportRejections();
    bool runQueued(Queued queued, trace::Phase phase);
    [[nodiscard]] bool runQueuedImmediates();
};

// Says which error nobody caught, as the last words of a program.
void logUncaught(const std::exception_ptr &error);

} // namespace loopscope::loop
