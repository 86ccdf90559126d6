// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/qttimers.h"

#include <algorithm>
#include <limits>

namespace loopscope::loop {

static constexpr qint64 nsPerMs = 1'000'000;
static constexpr qint64 nsPerSecond = 1'000'000'000;
// From 20 s, 5 % are a second or more: Qt treats such a coarse timer as a very coarse one.
static constexpr qint64 coarseMaximumMs = 20'000;
// Up to 20 ms, 5 % are less than a millisecond: precise.
static constexpr qint64 coarseMinimumMs = 20;

static qint64 roundedTo(qint64 ns, qint64 stepNs) noexcept
{
    return (ns + stepNs / 2) / stepNs * stepNs;
}

// Coarse timers of similar intervals are moved to common times, so that one turn serves many of them: to the
// nearest multiple of the largest round step that is not more than 5 % of the interval.
static qint64 coarseStepNs(qint64 intervalMs) noexcept
{
    static constexpr qint64 steps[] = {1'000, 500, 250, 200, 100, 50, 25, 20, 10, 5, 2, 1};
    const qint64 most = std::max<qint64>(1, intervalMs / 20);
    return *std::find_if(std::begin(steps), std::end(steps), [most](qint64 step) { return step <= most; }) * nsPerMs;
}

static bool isVeryCoarse(const QtTimer &timer) noexcept
{
    if (timer.type == Qt::VeryCoarseTimer)
        return timer.intervalMs > 0;
    return timer.type == Qt::CoarseTimer && timer.intervalMs >= coarseMaximumMs;
}

static qint64 wholeSecondsNs(qint64 intervalMs) noexcept
{
    return roundedTo(intervalMs * nsPerMs, nsPerSecond);
}

static qint64 aligned(const QtTimer &timer, qint64 dueNs) noexcept
{
    if (timer.type != Qt::CoarseTimer || timer.intervalMs <= coarseMinimumMs)
        return dueNs;
    return roundedTo(dueNs, coarseStepNs(timer.intervalMs));
}

const QtTimer &QtTimers::add(int id, qint64 intervalMs, Qt::TimerType type, QObject *object, quint64 number,
                             const Context &context, qint64 nowNs)
{
    QtTimer *timer = &m_byId[id];
    timer->id = id;
    timer->intervalMs = intervalMs;
    timer->type = type;
    timer->object = object;
    timer->number = number;
    timer->context = context;
    timer->sequence = ++m_sequence;
    // far beyond any process's life, and no overflow
    const qint64 boundedMs = std::min(intervalMs, std::numeric_limits<qint64>::max() / nsPerMs / 4);
    if (isVeryCoarse(*timer))
        timer->dueNs = roundedTo(nowNs, nsPerSecond) + wholeSecondsNs(boundedMs);
    else
        timer->dueNs = aligned(*timer, nowNs + boundedMs * nsPerMs);
    m_heap.insert(timer);
    return *timer;
}

const QtTimer *QtTimers::find(int id) const noexcept
{
    const auto found = m_byId.find(id);
    return found == m_byId.end() ? nullptr : &found->second;
}

bool QtTimers::remove(int id)
{
    const auto found = m_byId.find(id);
    if (found == m_byId.end())
        return false;
    m_heap.remove(&found->second);
    m_byId.erase(found);
    return true;
}

QList<int> QtTimers::idsOf(const QObject *object) const
{
    QList<int> ids;
    for (const auto &[id, timer] : m_byId) {
        if (timer.object == object)
            ids.append(id);
    }
    return ids;
}

QList<QAbstractEventDispatcher::TimerInfo> QtTimers::infosOf(const QObject *object) const
{
    QList<QAbstractEventDispatcher::TimerInfo> infos;
    for (const auto &[id, timer] : m_byId) {
        if (timer.object == object)
            infos.append({id, int(timer.intervalMs), timer.type});
    }
    return infos;
}

int QtTimers::remainingMs(int id, qint64 nowNs) const
{
    const QtTimer *timer = find(id);
    if (!timer)
        return -1;
    const qint64 leftMs = (std::max<qint64>(0, timer->dueNs - nowNs) + nsPerMs - 1) / nsPerMs;
    return int(std::min<qint64>(leftMs, std::numeric_limits<int>::max()));
}

const QtTimer *QtTimers::due(qint64 nowNs, quint64 lastSequence) const noexcept
{
    const QtTimer *first = m_heap.top();
    return first && first->dueNs <= nowNs && first->sequence <= lastSequence ? first : nullptr;
}

void QtTimers::advance(const QtTimer &timer, qint64 nowNs)
{
    QtTimer *changed = &m_byId.find(timer.id)->second;
    changed->sequence = ++m_sequence;
    if (changed->intervalMs == 0) {
        changed->dueNs = nowNs;
    } else if (isVeryCoarse(*changed)) {
        const qint64 stepNs = std::max(wholeSecondsNs(changed->intervalMs), nsPerSecond);
        changed->dueNs += stepNs;
        if (changed->dueNs <= nowNs)
            changed->dueNs = roundedTo(nowNs, nsPerSecond) + stepNs;
    } else {
        const qint64 stepNs = changed->intervalMs * nsPerMs;
        changed->dueNs += stepNs;
        if (changed->dueNs < nowNs)
            changed->dueNs = nowNs + stepNs;
        changed->dueNs = aligned(*changed, changed->dueNs);
        if (changed->dueNs <= nowNs) // was moved back
            changed->dueNs += coarseStepNs(changed->intervalMs);
    }
    m_heap.update(changed);
}

qint64 QtTimers::nextExpiryMs() const noexcept
{
    const QtTimer *first = m_heap.top();
    if (!first)
        return -1;
    return first->intervalMs == 0 ? 0 : (first->dueNs + nsPerMs - 1) / nsPerMs;
}

} // namespace loopscope::loop
