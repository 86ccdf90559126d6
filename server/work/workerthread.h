// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/task.h"
#include "server/work/workerscope.h"

#include <QtCore/QByteArray>
#include <QtCore/QVariant>

#include <memory>
#include <stdexcept>
#include <string>

namespace loopscope::work {

// A thread could not be started. Node: ERR_WORKER_INIT_FAILED.
class WorkerInitError final : public std::runtime_error {
public:
    explicit WorkerInitError(const std::string &reason)
        : std::runtime_error("ERR_WORKER_INIT_FAILED: " + reason)
    {
    }
};

// A thread of its own with a loop of its own, for programs that go on for longer than a job. Node's worker_threads.Worker.
// https://nodejs.org/docs/latest-v20.x/api/worker_threads.html#class-worker
//
// Made, used and destroyed on the thread of the loop that is current then, its parent. If that ends before, so does the
// thread, and what listens is dropped (a coroutine that waits for it, too). The listeners are called there, in the poll phase and in the Context in which the thread was made, in this order: 'online', 'message's,
// 'error', 'exit'. There is one of each; a later one takes the place of an earlier. Values are moved through the queues: what
// shares its data implicitly (QByteArray, QJsonValue) is not copied, nothing else is shared but a SharedBuffer.
// While it runs it keeps the parent's loop alive (EventLoop::references()), unless unref() was called.
// Its slices are on a lane of its own ("worker 1"), which a later thread of that name takes over.
class WorkerThread {
public:
    // Threads of the process at most. Node: none.
    static constexpr int maximumThreads = 64;

    struct Options {
        QVariant workerData = {};
        QByteArray name = "worker"; // of its lane
        // Messages that wait, in each direction; postMessage() says false beyond. Node: none.
        int maximumMessages = 1'024;
    };
    // The program: called once on the new thread. Throwing is an 'error', and the end.
    using Program = loop::UniqueFunction<void(WorkerScope &)>;

    // Starts. Throws WorkerInitError if there are maximumThreads, or the system gives no thread or no descriptors for its
    // loop.
    explicit WorkerThread(Program program, Options options, loop::Site site = loop::Site::here());
    explicit WorkerThread(Program program, loop::Site site = loop::Site::here());
    // Terminates it and waits for its end: its running callback, if that does not look. No listener is called any more.
    ~WorkerThread();
    WorkerThread(const WorkerThread &) = delete;
    WorkerThread &operator=(const WorkerThread &) = delete;

    // Its program is about to run.
    void onOnline(loop::Callback listener);
    // Those that come while nobody listens are lost, as in Node.
    void onMessage(loop::UniqueFunction<void(QVariant)> listener);
    // An exception left its program, or a callback on its loop. Without a listener it goes to the uncaught handler of the
    // parent's loop.
    void onError(loop::UniqueFunction<void(std::exception_ptr)> listener);
    // It has ended. 0: by itself; exit()'s code; 1: by an error, or terminated.
    void onExit(loop::UniqueFunction<void(int code)> listener);

    // False: the queue is full, or the thread has ended, and the message is not sent.
    bool postMessage(QVariant message);
    // Ends it after its running callback, or in Atomics.wait; gives its exit code when it has ended.
    // Deviation: Node stops the running JavaScript at once; here a long callback has to look (WorkerScope::isTerminating()).
    loop::Task<int> terminate();
    void ref();
    void unref();
    // From 1 on in each process; -1 after 'exit'.
    [[nodiscard]] int threadId() const noexcept;

private:
    class Thread;
    struct Parent;
    struct Place;
    void endWithLoop();
    void endThread();

    std::unique_ptr<Place> m_place; // while there is a thread
    std::shared_ptr<Parent> m_parent;
    std::unique_ptr<Thread> m_thread;
};

} // namespace loopscope::work
