// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/orderprogram.h"

#include "server/loop/uveventdispatcher.h"
#include "server/loop/workerpool.h"

#include <QtCore/QFileInfo>
#include <QtCore/QThread>

#include <memory>
#include <stdexcept>

namespace loopscope::test {

namespace {
struct Running {
    LoopRunner &process;
    QByteArrayList &lines;
};
Running *running = nullptr; // on the thread that runs it
} // namespace

QByteArrayList linesOf(void (*script)())
{
    QByteArrayList lines;
    const std::unique_ptr<QThread> thread(QThread::create([&lines, script] {
        LoopRunner runner(*loop::EventLoop::current());
        Running program{runner, lines};
        running = &program;
        const int status = runner.run(script);
        running = nullptr;
        if (status != 0)
            lines << numbered("status ", status);
    }));
    thread->setEventDispatcher(new loop::UvEventDispatcher);
    thread->start();
    thread->wait();
    return lines;
}

LoopRunner &process()
{
    return running->process;
}

loop::EventLoop &theLoop()
{
    return *loop::EventLoop::current();
}

void log(const QByteArray &line)
{
    running->lines << line;
}

TimerId setTimeout(Callback callback, int ms)
{
    return theLoop().setTimeout(std::move(callback), std::chrono::milliseconds(ms));
}

TimerId setInterval(Callback callback, int ms)
{
    return theLoop().setInterval(std::move(callback), std::chrono::milliseconds(ms));
}

void clearTimeout(TimerId id)
{
    theLoop().clearTimer(id);
}

ImmediateId setImmediate(Callback callback)
{
    return theLoop().setImmediate(std::move(callback));
}

void clearImmediate(ImmediateId id)
{
    theLoop().clearImmediate(id);
}

void nextTick(Callback callback)
{
    theLoop().nextTick(std::move(callback));
}

void queueMicrotask(Callback callback)
{
    theLoop().queueMicrotask(std::move(callback));
}

void spin(int ms)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
    while (std::chrono::steady_clock::now() < end) {
    }
}

void closeHandle(Callback callback)
{
    theLoop().onClose(std::move(callback));
}

void io(Callback callback)
{
    theLoop().pool().submit("stat", [] { (void)QFileInfo::exists(QStringLiteral(".")); },
                            [callback = std::move(callback)](std::exception_ptr) mutable { callback(); });
}

std::exception_ptr makeError(const char *message)
{
    return std::make_exception_ptr(std::runtime_error(message));
}

QByteArray messageOf(const std::exception_ptr &error)
{
    try {
        std::rethrow_exception(error);
    } catch (const std::exception &known) {
        return known.what();
    }
}

void logUncaughtErrors()
{
    process().on(LoopRunner::uncaughtExceptionEvent,
                 [](const std::exception_ptr &error) { log("uncaught: " + messageOf(error)); });
}

} // namespace loopscope::test
