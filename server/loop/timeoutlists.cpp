// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/timeoutlists.h"

#include <algorithm>
#include <utility>

namespace loopscope::loop {

Timeout *TimeoutLists::add(quint64 number, qint64 durationMs)
{
    if (m_free.empty()) {
        if (m_places.size() >> placeBits)
            qFatal("TimeoutLists: more than %u timeouts at once.", 1U << placeBits);
        m_free.push_back(quint32(m_places.size()));
        m_places.emplace_back().place = m_free.back();
    }
    Timeout *timeout = &m_places[m_free.back()];
    m_free.pop_back();
    timeout->number = number;
    timeout->durationMs = durationMs < 1 || durationMs > maximumMs ? 1 : durationMs;
    return timeout;
}

// As Node's insert(): a list that is there keeps its expiry, and so its place among the lists, until the loop looks at it.
void TimeoutLists::insert(Timeout *timeout, qint64 startMs)
{
    auto &list = m_byDuration[timeout->durationMs];
    if (!list) {
        list = std::make_unique<List>();
        list->durationMs = timeout->durationMs;
    }
    if (timeout->waits)
        detach(*list, timeout);
    timeout->startMs = startMs;
    timeout->insertion = ++m_insertions;
    append(*list, timeout);
    if (list->heapPosition == IndexedHeap<List>::notInHeap) {
        list->expiryMs = timeout->dueMs();
        list->sequence = ++m_sequence;
        m_lists.insert(list.get());
    }
}

void TimeoutLists::append(List &list, Timeout *timeout)
{
    if (std::exchange(list.abandoned, false))
        --m_abandoned;
    timeout->previous = list.last;
    timeout->next = nullptr;
    (list.last ? list.last->next : list.first) = timeout;
    list.last = timeout;
    timeout->waits = true;
}

void TimeoutLists::detach(List &list, Timeout *timeout)
{
    (timeout->previous ? timeout->previous->next : list.first) = timeout->next;
    (timeout->next ? timeout->next->previous : list.last) = timeout->previous;
    timeout->previous = timeout->next = nullptr;
    timeout->waits = false;
}

// As Node's unenroll(). "We only delete refed lists because unrefed ones are incredibly likely to come from http and be
// more usefully left around."
void TimeoutLists::unlink(Timeout *timeout)
{
    if (!timeout->waits && timeout != m_running)
        return;
    const auto found = m_byDuration.find(timeout->durationMs);
    if (found == m_byDuration.end()) // its callback runs, and its list has gone
        return;
    List &list = *found->second;
    if (timeout->waits)
        detach(list, timeout);
    if (list.first || list.abandoned || list.heapPosition == IndexedHeap<List>::notInHeap)
        return;
    if (timeout->referenced || m_abandoned >= maximumAbandoned) {
        drop(list);
    } else if (&list != m_runningList) {
        list.abandoned = true;
        ++m_abandoned;
    }
}

void TimeoutLists::drop(List &list)
{
    if (std::exchange(list.abandoned, false))
        --m_abandoned;
    if (m_runningList == &list)
        m_runningList = nullptr;
    m_lists.remove(&list);
    if (m_byDuration.size() > keptLists)
        m_byDuration.erase(m_byDuration.find(list.durationMs));
}

void TimeoutLists::setRunning(Timeout *timeout)
{
    List &list = *m_byDuration.find(timeout->durationMs)->second;
    detach(list, timeout);
    m_running = timeout;
    m_runningList = &list;
}

void TimeoutLists::lookOn()
{
    if (List *list = std::exchange(m_runningList, nullptr))
        look(*list);
}

void TimeoutLists::release(Timeout *timeout)
{
    const quint32 place = timeout->place;
    const Callback dropped = std::move(timeout->callback); // may call back into the loop: last
    if (m_running == timeout)
        m_running = nullptr;
    *timeout = Timeout();
    timeout->place = place;
    m_free.push_back(place);
}

Timeout *TimeoutLists::find(TimerId id) noexcept
{
    const quint64 place = quint64(id) & ((quint64(1) << placeBits) - 1);
    if (id == TimerId::None || place >= m_places.size())
        return nullptr;
    Timeout *timeout = &m_places[std::size_t(place)];
    return timeout->number != 0 && idOf(*timeout) == id ? timeout : nullptr;
}

// As Node's processTimers().
Timeout *TimeoutLists::due(qint64 nowMs, quint64 lastInsertion)
{
    m_nowMs = nowMs;
    for (;;) {
        List *list = m_lists.top();
        if (!list || list->expiryMs > nowMs)
            return nullptr;
        if (look(*list))
            return list->first->insertion <= lastInsertion ? list->first : nullptr;
    }
}

// As the loop of Node's listOnTimeout().
bool TimeoutLists::look(List &list)
{
    if (!list.first) {
        drop(list);
        return false;
    }
    if (list.first->dueMs() <= m_nowMs)
        return true;
    list.expiryMs = std::max(list.first->dueMs(), m_nowMs + 1);
    list.sequence = ++m_sequence;
    m_lists.update(&list);
    return false;
}

// The lists are gone through only while an empty one comes first, which is until it expires.
qint64 TimeoutLists::nextDueMs() const noexcept
{
    if (m_lists.isEmpty() || m_lists.top()->first)
        return nextExpiryMs();
    qint64 next = -1;
    for (const auto &[duration, list] : m_byDuration) {
        if (list->first && (next < 0 || list->expiryMs < next))
            next = list->expiryMs;
    }
    return next;
}

Timeout *TimeoutLists::any() noexcept
{
    while (!m_lists.isEmpty() && !m_lists.top()->first)
        drop(*m_lists.top());
    return m_lists.isEmpty() ? nullptr : m_lists.top()->first;
}

} // namespace loopscope::loop
