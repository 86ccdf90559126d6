// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/eventloop.h"
#include "server/work/sharedbuffer.h"

#include <QtCore/QVariant>

#include <exception>
#include <memory>

namespace loopscope::work {

struct WorkerChannel;

// Leaves the callback that runs on a WorkerThread which is terminated; caught by the thread itself.
class WorkerTerminated final : public std::exception {
public:
    [[nodiscard]] const char *what() const noexcept override { return "the worker thread was terminated"; }
};

// What a WorkerThread's program sees: its parent, and how to end. Node: parentPort, workerData, threadId, process.exit().
// https://nodejs.org/docs/latest-v20.x/api/worker_threads.html#workerparentport
//
// Lives on the worker's thread as long as that runs, and is used there alone. The thread ends by itself when its loop has
// no references (EventLoop::references()) and nobody listens for messages.
class WorkerScope {
public:
    // The calling thread's scope, or null where no WorkerThread runs.
    [[nodiscard]] static WorkerScope *current() noexcept;

    [[nodiscard]] const QVariant &workerData() const noexcept { return m_workerData; }
    // As WorkerThread::threadId().
    [[nodiscard]] int threadId() const noexcept { return m_threadId; }
    [[nodiscard]] loop::EventLoop &eventLoop() noexcept { return m_loop; }

    // --- parentPort ---
    // False: the queue is full (WorkerThread::Options::maximumMessages), and the message is not sent.
    bool postMessage(QVariant message);
    // Messages wait until there is a listener; while there is one the thread does not end by itself, until close() or unref().
    void onMessage(loop::UniqueFunction<void(QVariant)> listener);
    // No more messages are taken.
    void close();
    // Whether a listener keeps the thread running.
    void ref() noexcept { m_referenced = true; }
    void unref() noexcept { m_referenced = false; }

    // process.exit(): the thread ends with this code. Deviation: the running callback goes on to its end, and so do the ticks
    // after it; in Node nothing does.
    void exit(int code = 0) noexcept;
    // WorkerThread::terminate() was called: a callback that takes long should look, and end.
    [[nodiscard]] bool isTerminating() const noexcept;
    // WorkerTerminated, which ends the callback.
    void throwIfTerminating() const;

    WorkerScope(const WorkerScope &) = delete;
    WorkerScope &operator=(const WorkerScope &) = delete;

    // --- for server/work/atomics.h ---
    void beginWait(std::shared_ptr<SharedBuffer::Memory> memory);
    void endWait();

private:
    friend class WorkerThread;
    WorkerScope(std::shared_ptr<WorkerChannel> channel, loop::EventLoop &loop, QVariant workerData, int threadId);
    ~WorkerScope();

    void runMain(loop::UniqueFunction<void(WorkerScope &)> &program, loop::Site site);
    [[nodiscard]] bool isRunning() const;
    void failed(std::exception_ptr error) noexcept;
    void takeMessages();
    void finish();

    const std::shared_ptr<WorkerChannel> m_channel;
    loop::EventLoop &m_loop;
    const QVariant m_workerData;
    const int m_threadId;
    // Shared with the call of it that runs: it may set another.
    std::shared_ptr<loop::UniqueFunction<void(QVariant)>> m_onMessage;
    std::exception_ptr m_error;
    int m_exitCode = 0;
    bool m_exiting = false;
    bool m_closed = false;
    bool m_referenced = true;
};

} // namespace loopscope::work
