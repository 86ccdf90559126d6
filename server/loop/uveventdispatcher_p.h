// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Not part of the room's interface.

#include "server/loop/eventloop_p.h"
#include "server/loop/qttimers.h"
#include "server/loop/socketwatches.h"
#include "server/loop/uveventdispatcher.h"

#include <uv.h>

#include <atomic>
#include <memory>

namespace loopscope::loop {

// The libuv handles of a loop, and what happens in each phase of its turn.
struct UvEventDispatcher::Private {
    explicit Private(UvEventDispatcher &owner);
    ~Private();

    void onTimer();
    void onPrepare();
    void onCheck();
    void closePhase();
    void fireQtTimer(const QtTimer &due, qint64 nowNs);
    void sendPostedEvents();
    // Makes libuv's timer end the poll when the next timer is due.
    void armTimer();
    [[nodiscard]] bool mayBlock() const noexcept;
    [[nodiscard]] bool refuseNested(QEventLoop::ProcessEventsFlags flags);
    [[nodiscard]] EventLoop::Private &run() noexcept { return *loop->d; }

    UvEventDispatcher &q;
    uv_loop_t uv;
    uv_timer_t timer;
    uv_prepare_t prepare;
    uv_check_t check;
    uv_idle_t idle; // active: the poll must not block
    uv_async_t async;

    std::unique_ptr<EventLoop> loop;
    std::unique_ptr<SocketWatches> watches;
    QtTimers qtTimers;
    qint64 armedMs = -1; // for what libuv's timer is armed, on the loop's clock; -1: it is not

    bool inTurn = false;
    bool waitForMore = false; // QEventLoop::WaitForMoreEvents
    bool waitsAfterCallbacks = false; // even if callbacks have run in this turn
    bool idleActive = false;
    bool eventsPosted = true; // wakeUp() came from the loop's own thread, or has been handed over from another
    bool deletesPosted = true; // the same, since the last close phase
    std::atomic<bool> wokenFromAfar = false; // wakeUp() came from another thread and is not handled
    std::atomic<bool> interrupted = false;
};

} // namespace loopscope::loop
