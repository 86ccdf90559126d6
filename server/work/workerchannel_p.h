// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Not part of the room's interface: what a WorkerThread and its WorkerScope share.

#include "server/work/sharedbuffer.h"

#include <QtCore/QVariant>

#include <atomic>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>

struct uv_loop_s;
struct uv_async_s;

namespace loopscope::work {

// Wakes the loop of one thread from another. Made, opened and closed on the loop's thread; send() is for any, under a lock
// that also guards open() and close().
class LoopWaker {
public:
    LoopWaker() = default;
    ~LoopWaker() { Q_ASSERT(!m_handle); }
    LoopWaker(const LoopWaker &) = delete;
    LoopWaker &operator=(const LoopWaker &) = delete;

    // `woken` is called with `data` in the poll phase; several sends may be one call.
    void open(uv_loop_s *loop, void (*woken)(void *data), void *data);
    // `woken` is not called any more.
    void close();
    void send();

private:
    uv_async_s *m_handle = nullptr; // freed by its close callback
    void (*m_woken)(void *) = nullptr;
    void *m_data = nullptr;
};

// The two queues between a WorkerThread and its thread, and how the thread ended.
struct WorkerChannel {
    explicit WorkerChannel(int maximum)
        : maximumMessages(maximum)
    {
    }

    // False: the queue is full, or there is nobody any more.
    bool postToWorker(QVariant &&message);
    bool postToParent(QVariant &&message);
    // Any thread: the thread shall end, also if it waits for a SharedBuffer.
    void terminate();

    const int maximumMessages; // of each direction
    std::atomic<bool> terminating = false;

    std::mutex mutex; // guards what follows
    LoopWaker worker;
    LoopWaker parent;
    std::deque<QVariant> toWorker;
    std::deque<QVariant> toParent;
    std::shared_ptr<SharedBuffer::Memory> waitsFor; // the worker, in Atomics.wait
    std::exception_ptr error; // that ended it
    int exitCode = 0;
    bool online = false;
    bool ended = false;
};

} // namespace loopscope::work
