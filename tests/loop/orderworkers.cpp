// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/work/workerthread.h"
#include "tests/loop/orderprogram.h"

#include <memory>
#include <stdexcept>

// Threads of their own, and what they tell.
namespace loopscope::test {

using work::WorkerScope;
using work::WorkerThread;
using namespace std::chrono_literals;

static std::shared_ptr<WorkerThread> newWorker(WorkerThread::Program program)
{
    return std::make_shared<WorkerThread>(std::move(program));
}

static auto saysCode(const char *word)
{
    return [word](int code) { log(numbered(word, code)); };
}

// Held by its own listener until it has ended, as Node holds a worker.
static void logExit(const std::shared_ptr<WorkerThread> &worker)
{
    worker->onExit([worker](int code) { log(numbered("exit ", code)); });
}

static void runForEver(WorkerScope &scope)
{
    scope.eventLoop().setInterval([] {}, 1ms);
}

static void messages()
{
    const auto worker = newWorker([](WorkerScope &scope) {
        scope.postMessage(QByteArray("ready"));
        scope.onMessage([&scope](const QVariant &message) {
            if (message.toByteArray() == "end")
                scope.close();
            else
                scope.postMessage(QByteArray("echo of " + message.toByteArray()));
        });
    });
    worker->onOnline(says("online"));
    worker->onMessage([](const QVariant &message) { log(message.toByteArray()); });
    logExit(worker);
    for (const QByteArray message : {"a", "b", "c", "end", "too late"})
        worker->postMessage(message);
    log("script");
}

static void failsLater()
{
    const auto worker = newWorker([](WorkerScope &scope) {
        scope.postMessage(QByteArray("one"));
        scope.eventLoop().setTimeout([] { throw std::runtime_error("failed"); }, 100ms);
    });
    worker->onOnline(says("online"));
    worker->onMessage([](const QVariant &message) { log(message.toByteArray()); });
    worker->onError([](const std::exception_ptr &error) { log("error: " + messageOf(error)); });
    logExit(worker);
    process().on(LoopRunner::exitEvent, saysCode("the program: "));
}

static void exits()
{
    const auto worker = newWorker([](WorkerScope &scope) {
        for (int i = 1; i <= 3; ++i)
            scope.postMessage(QByteArray::number(i));
        scope.eventLoop().setImmediate([&scope] {
            scope.postMessage(QByteArray("immediate"));
            scope.exit(5);
        });
        scope.eventLoop().setTimeout([&scope] { scope.postMessage(QByteArray("never")); }, 50ms);
    });
    worker->onMessage([](const QVariant &message) { log("message " + message.toByteArray()); });
    worker->onExit([worker](int code) {
        log(numbered("exit ", code));
        log(QByteArray::number(worker->threadId()));
    });
    process().on(LoopRunner::beforeExitEvent, says("beforeExit"));
}

static Task<> awaitsEnd(std::shared_ptr<WorkerThread> worker)
{
    log(numbered("awaited ", co_await worker->terminate()));
}

static void terminated()
{
    const auto worker = newWorker(&runForEver);
    worker->onExit([](int code) {
        log(numbered("exit ", code));
        nextTick(says("tick"));
    });
    worker->onOnline([worker] {
        log("online");
        awaitsEnd(worker).detach();
    });
    process().on(LoopRunner::exitEvent, says("the program ends"));
}

static void unrefWorker()
{
    const auto worker = newWorker(&runForEver);
    worker->onOnline([worker] {
        log("online");
        worker->unref();
    });
    worker->onExit(saysCode("never "));
    process().on(LoopRunner::beforeExitEvent, says("beforeExit"));
    process().on(LoopRunner::exitEvent, says("exit"));
}

OrderPrograms workerPrograms()
{
    return {{"worker-messages", &messages},
            {"worker-fails", &failsLater},
            {"worker-exits", &exits},
            {"worker-terminated", &terminated},
            {"worker-unref", &unrefWorker}};
}

} // namespace loopscope::test
