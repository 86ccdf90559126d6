// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/work/atomics.h"

#include "server/loop/eventloop.h"
#include "server/work/rangeerror.h"
#include "server/work/workerscope.h"

#include <QtCore/QScopeGuard>

#include <stdexcept>

namespace loopscope::work::atomics {

static void requireIndex(const SharedBuffer &buffer, qsizetype index)
{
    requireRange("index", index, 0, buffer.length() - 1);
}

static std::atomic<qint32> &at(const SharedBuffer &buffer, qsizetype index)
{
    requireIndex(buffer, index);
    return buffer.memory()->words[std::size_t(index)];
}

qint32 load(const SharedBuffer &buffer, qsizetype index)
{
    return at(buffer, index).load();
}

void store(const SharedBuffer &buffer, qsizetype index, qint32 value)
{
    at(buffer, index).store(value);
}

qint32 add(const SharedBuffer &buffer, qsizetype index, qint32 value)
{
    return at(buffer, index).fetch_add(value);
}

qint32 sub(const SharedBuffer &buffer, qsizetype index, qint32 value)
{
    return at(buffer, index).fetch_sub(value);
}

qint32 exchange(const SharedBuffer &buffer, qsizetype index, qint32 value)
{
    return at(buffer, index).exchange(value);
}

qint32 compareExchange(const SharedBuffer &buffer, qsizetype index, qint32 expected, qint32 replacement)
{
    at(buffer, index).compare_exchange_strong(expected, replacement);
    return expected;
}

// https://tc39.es/ecma262/#sec-atomics.wait
Wait wait(const SharedBuffer &buffer, qsizetype index, qint32 value, std::chrono::milliseconds timeout)
{
    requireIndex(buffer, index);
    WorkerScope *scope = WorkerScope::current();
    if (!scope && loop::EventLoop::current())
        throw std::logic_error("Atomics.wait cannot be called on a loop that others wait for");
    SharedBuffer::Memory &memory = *buffer.memory();
    std::unique_lock lock(memory.mutex);
    if (memory.words[std::size_t(index)].load() != value)
        return Wait::NotEqual;
    SharedBuffer::Waiter waiter{index};
    memory.waiters.push_back(&waiter);
    if (scope)
        scope->beginWait(buffer.memory());
    const auto left = qScopeGuard([&] {
        memory.waiters.remove(&waiter);
        if (scope)
            scope->endWait();
    });
    memory.changed.wait_until(lock, std::chrono::steady_clock::now() + timeout,
                              [&] { return waiter.woken || (scope && scope->isTerminating()); });
    if (waiter.woken)
        return Wait::Ok;
    if (scope)
        scope->throwIfTerminating();
    return Wait::TimedOut;
}

// https://tc39.es/ecma262/#sec-atomics.notify
int notify(const SharedBuffer &buffer, qsizetype index, int count)
{
    requireIndex(buffer, index);
    SharedBuffer::Memory &memory = *buffer.memory();
    int woken = 0;
    {
        const std::lock_guard lock(memory.mutex);
        for (SharedBuffer::Waiter *waiter : memory.waiters) {
            if (woken == count)
                break;
            if (waiter->index != index || waiter->woken)
                continue;
            waiter->woken = true;
            ++woken;
        }
    }
    memory.changed.notify_all();
    return woken;
}

} // namespace loopscope::work::atomics
