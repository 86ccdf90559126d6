// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/work/workerscope.h"

#include "server/work/workerchannel_p.h"

#include <utility>

namespace loopscope::work {

static thread_local WorkerScope *currentScope = nullptr;

static constexpr int failureCode = 1; // Node: of a thread that an error ended, and of one that was terminated

WorkerScope *WorkerScope::current() noexcept
{
    return currentScope;
}

WorkerScope::WorkerScope(std::shared_ptr<WorkerChannel> channel, loop::EventLoop &loop, QVariant workerData, int threadId)
    : m_channel(std::move(channel))
    , m_loop(loop)
    , m_workerData(std::move(workerData))
    , m_threadId(threadId)
{
    currentScope = this;
    m_loop.setUncaughtHandler([this](std::exception_ptr error) { failed(std::move(error)); });
    const std::lock_guard lock(m_channel->mutex);
    m_channel->worker.open(m_loop.uvLoop(), [](void *scope) { static_cast<WorkerScope *>(scope)->takeMessages(); }, this);
    m_channel->online = true;
    m_channel->parent.send();
}

WorkerScope::~WorkerScope()
{
    currentScope = nullptr;
    m_loop.setUncaughtHandler([](const std::exception_ptr &) {}); // of what the loop still drops
}

bool WorkerScope::postMessage(QVariant message)
{
    return !m_closed && m_channel->postToParent(std::move(message));
}

void WorkerScope::onMessage(loop::UniqueFunction<void(QVariant)> listener)
{
    m_onMessage = std::make_shared<loop::UniqueFunction<void(QVariant)>>(std::move(listener));
    const std::lock_guard lock(m_channel->mutex);
    m_channel->worker.send(); // for those that have waited
}

void WorkerScope::close()
{
    m_closed = true;
    m_onMessage = nullptr;
}

void WorkerScope::exit(int code) noexcept
{
    if (std::exchange(m_exiting, true))
        return;
    m_exitCode = code;
}

bool WorkerScope::isTerminating() const noexcept
{
    return m_channel->terminating;
}

void WorkerScope::throwIfTerminating() const
{
    if (isTerminating())
        throw WorkerTerminated();
}

void WorkerScope::beginWait(std::shared_ptr<SharedBuffer::Memory> memory)
{
    const std::lock_guard lock(m_channel->mutex);
    m_channel->waitsFor = std::move(memory);
}

void WorkerScope::endWait()
{
    const std::lock_guard lock(m_channel->mutex);
    m_channel->waitsFor = nullptr;
}

void WorkerScope::runMain(loop::UniqueFunction<void(WorkerScope &)> &program, loop::Site site)
{
    m_loop.runCallback(m_loop.nextId(), "main", [&] { program(*this); }, site);
}

bool WorkerScope::isRunning() const
{
    return !m_exiting && !isTerminating() && (m_loop.references() > 0 || (m_onMessage && m_referenced));
}

// The first one counts: as in Node, it ends the thread.
void WorkerScope::failed(std::exception_ptr error) noexcept
{
    if (m_exiting || isTerminating())
        return;
    m_error = std::move(error);
    exit(failureCode);
}

// One callback a message, in their order; ticks and microtasks run after each.
void WorkerScope::takeMessages()
{
    for (;;) {
        const auto listener = m_onMessage;
        if (!listener || m_exiting || isTerminating())
            return;
        QVariant message;
        {
            const std::lock_guard lock(m_channel->mutex);
            if (m_channel->toWorker.empty())
                return;
            message = std::move(m_channel->toWorker.front());
            m_channel->toWorker.pop_front();
        }
        m_loop.runCallback(m_loop.nextId(), "message", [&] { (*listener)(std::move(message)); });
    }
}

void WorkerScope::finish()
{
    close();
    const std::lock_guard lock(m_channel->mutex);
    m_channel->worker.close();
    m_channel->toWorker.clear();
    m_channel->error = m_error;
    m_channel->exitCode = m_exiting || !isTerminating() ? m_exitCode : failureCode;
    m_channel->ended = true;
    m_channel->parent.send();
}

} // namespace loopscope::work
