// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/eventemitter.h"
#include "server/loop/eventloop.h"

#include <exception>

namespace loopscope::loop {

// Runs one program on a loop from its first line to its end, as `node program.js` does, and is the `process` that the
// program listens to. https://nodejs.org/docs/latest-v20.x/api/process.html#process-events
//
// For a thread with a UvEventDispatcher that no QEventLoop turns: a test, an experiment, a tool. On the stack there; every
// function is for that thread. A loop runs one program: when run() returns nothing runs on it any more, and nothing can
// be registered.
class LoopRunner final : public EventEmitter {
public:
    // The loop is empty, and the program is about to end; what a listener starts lets it go on. The exit code so far.
    inline static const Event<int> beforeExitEvent{QByteArrayLiteral("beforeExit")};
    // The program ends: listeners only do what is done when they return. Microtasks still run, as in Node. The exit code.
    inline static const Event<int> exitEvent{QByteArrayLiteral("exit")};
    // What nobody caught: an exception that left a callback, or a coroutine that nobody awaits. The program goes on.
    inline static const Event<std::exception_ptr> uncaughtExceptionEvent{QByteArrayLiteral("uncaughtException")};
    // EventLoop::emitWarning(). Without a listener it is logged.
    inline static const Event<Warning> warningEvent{QByteArrayLiteral("warning")};

    // Node's exit codes. https://nodejs.org/docs/latest-v20.x/api/process.html#exit-codes
    static constexpr int uncaughtFatalException = 1;
    static constexpr int exceptionHandlerFailed = 7;

    // Takes the loop's handlers for uncaught errors and warnings, until it is destroyed.
    explicit LoopRunner(EventLoop &loop);
    ~LoopRunner() override;

    // Runs `main` as the first callback, then turns until nothing referenced is left, then 'beforeExit', and again if
    // that started something; then 'exit'. Gives the exit code. An error that nobody listens for is logged, and ends the
    // program at once, with 'exit' and code 1. Not to be called from a callback; once.
    int run(Callback main, Site site = Site::here());

    // process.exit(): 'exit' now, and no callback runs any more. Deviation: it returns, for C++ cannot leave all that is on
    // the stack; Node's never does.
    void exit(int code);
    void exit() { exit(m_exitCode); }
    // process.exitCode: what run() gives in the end.
    void setExitCode(int code) noexcept { m_exitCode = code; }
    [[nodiscard]] int exitCode() const noexcept { return m_exitCode; }

private:
    void turnWhileAlive();
    void emitNow(const Event<int> &event);
    void end();
    void onUncaught(const std::exception_ptr &error);

    EventLoop &m_loop;
    int m_exitCode = 0;
    bool m_ended = false;
};

} // namespace loopscope::loop
