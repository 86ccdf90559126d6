// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/task.h"

#include <QtCore/QtGlobal>

namespace loopscope::loop {

void TaskPromise::suspended(Site site) noexcept
{
    m_site = site;
    if (m_loop)
        m_context = m_loop->context();
}

// The microtask owns the suspended frame: if it is dropped with the loop, so is the coroutine.
void TaskPromise::queueResumption()
{
    struct Resume {
        TaskPromise *promise;
        explicit Resume(TaskPromise *of) noexcept
            : promise(of)
        {
        }
        Resume(Resume &&other) noexcept
            : promise(std::exchange(other.promise, nullptr))
        {
        }
        ~Resume()
        {
            if (promise)
                promise->abandon();
        }
        void operator()() { std::exchange(promise, nullptr)->m_handle.resume(); }
    };
    Q_ASSERT(m_loop && EventLoop::isCurrent(m_loop));
    m_loop->queueMicrotaskAs("await", m_context, Resume(this), m_site);
}

void TaskPromise::wakeAwaiting()
{
    if (m_awaiting)
        std::exchange(m_awaiting, nullptr)->queueResumption();
}

// Whoever awaits this one waits in vain as well. The outermost frame is destroyed, if no Task object holds it, and
// takes the others with it: their Task objects stand in it.
void TaskPromise::abandon() noexcept
{
    TaskPromise *outermost = this;
    outermost->m_abandoned = true;
    while (outermost->m_awaiting) {
        outermost = outermost->m_awaiting;
        outermost->m_abandoned = true;
    }
    if (outermost->m_detached)
        outermost->m_handle.destroy();
}

void TaskPromise::reportRejection(std::exception_ptr error) const noexcept
{
    if (m_loop) {
        m_loop->reportRejection(std::move(error));
        return;
    }
    qCritical("A task that nobody awaits failed on a thread without a loop.");
    std::terminate();
}

void SleepAwaiter::start(Resumption resumption)
{
    EventLoop::current()->setTimeout([resumption = std::move(resumption)]() mutable { resumption.resume(); }, m_delay,
                                     m_site);
}

void NextTurnAwaiter::start(Resumption resumption)
{
    EventLoop::current()->setImmediate([resumption = std::move(resumption)]() mutable { resumption.resume(); },
                                       m_site);
}

} // namespace loopscope::loop
