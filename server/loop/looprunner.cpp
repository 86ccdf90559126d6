// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/looprunner.h"

#include "server/loop/eventloop_p.h"
#include "server/loop/uveventdispatcher.h"

#include <QtCore/QDebug>

#include <utility>

namespace loopscope::loop {

LoopRunner::LoopRunner(EventLoop &loop)
    : m_loop(loop)
{
    loop.setUncaughtHandler([this](std::exception_ptr error) { onUncaught(error); });
    loop.setWarningHandler([this](const Warning &warning) {
        if (!emit(warningEvent, warning))
            qWarning("%s: %s", warning.name.constData(), qUtf8Printable(warning.message));
    });
}

LoopRunner::~LoopRunner()
{
    m_loop.setUncaughtHandler(nullptr);
    m_loop.setWarningHandler(nullptr);
}

// As SpinEventLoop() in Node's src/api/embed_helpers.cc.
int LoopRunner::run(Callback main, Site site)
{
    Q_ASSERT(EventLoop::current() == &m_loop && !m_ended);
    EventLoop::Private &loop = *m_loop.d;
    loop.endsAtZero = true;
    // What a script that failed has put off does not wait, unlike that of a callback: it is not run by one.
    if (!loop.run({m_loop.nextId(), "main", site, {}, trace::Phase::None, 0}, main))
        loop.drainTicks();
    do {
        turnWhileAlive();
        if (!m_ended)
            emitNow(beforeExitEvent);
    } while (!m_ended && m_loop.references() > 0);
    if (!m_ended) {
        loop.exiting = true;
        emitNow(exitEvent);
        end();
    }
    return m_exitCode;
}

// libuv 1.45 and later look at the timers after the close phase, and only then whether anything keeps the loop alive:
// so a timer that is not referenced but due still runs.
void LoopRunner::turnWhileAlive()
{
    while (!m_ended && m_loop.references() > 0) {
        m_loop.d->dispatcher.processEvents(QEventLoop::WaitForMoreEvents | QEventLoop::EventLoopExec);
        if (!m_ended && m_loop.references() == 0)
            m_loop.d->dispatcher.runDueTimers();
    }
}

// As a callback of its own, with ticks and microtasks after it.
void LoopRunner::emitNow(const Event<int> &event)
{
    m_loop.runCallback(m_loop.nextId(), event.name() == exitEvent.name() ? "exit" : "beforeExit",
                       [this, &event] { emit(event, m_exitCode); });
}

void LoopRunner::exit(int code)
{
    if (m_ended || m_loop.d->exiting)
        return;
    m_exitCode = code;
    m_loop.d->exiting = true;
    emit(exitEvent, m_exitCode);
    end();
}

void LoopRunner::end()
{
    m_ended = true;
    m_loop.d->takenDown = true;
}

void LoopRunner::onUncaught(const std::exception_ptr &error)
{
    if (m_ended)
        return;
    const bool handled = listenerCount(uncaughtExceptionEvent) > 0;
    try {
        if (handled) {
            emit(uncaughtExceptionEvent, error);
            return;
        }
        logUncaught(error);
        m_exitCode = uncaughtFatalException; // also if it is the listener of 'exit' that failed
        exit();
    } catch (...) { // by a listener
        logUncaught(std::current_exception());
        m_exitCode = handled ? exceptionHandlerFailed : uncaughtFatalException;
    }
    end();
}

} // namespace loopscope::loop
