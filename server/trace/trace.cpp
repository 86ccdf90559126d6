// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/trace/trace.h"

namespace loopscope::trace {

Trace::Trace(const Clock &clock)
    : m_clock(clock)
{
}

Trace::Trace()
    : m_clock(m_ownClock)
{
}

Trace::~Trace() = default;

void Trace::watchForStops()
{
    Q_ASSERT(laneCount() == 0);
    m_heartbeat = std::make_unique<Heartbeat>(m_clock);
}

void Trace::setEnabled(bool enabled) noexcept
{
    if (enabled && !isEnabled())
        m_enabledSince.store(m_clock.now().count(), std::memory_order_relaxed);
    m_enabled.store(enabled, std::memory_order_relaxed);
}

Recorder *Trace::addRecorder(LaneKind kind, const QByteArray &name, std::size_t capacityBytes)
{
    const QMutexLocker lock(&m_mutex);
    return add(Lane{kind, name}, capacityBytes);
}

Recorder *Trace::add(const Lane &lane, std::size_t capacityBytes)
{
    const int index = m_laneCount.load(std::memory_order_relaxed);
    if (index == maximumLanes)
        return nullptr;
    m_lanes[std::size_t(index)] = lane;
    auto &slot = m_recorders[std::size_t(index)];
    slot = std::make_unique<Recorder>(m_clock, m_enabled, quint16(index), capacityBytes);
    m_laneCount.store(index + 1, std::memory_order_release);
    return slot.get();
}

void Trace::release(Recorder *recorder)
{
    // After all that its thread has written, which setLastId() released at its end: whoever has waited for the thread is, but
    // a thread sanitizer does not see how QThread::wait() waits.
    (void)recorder->lastId();
    const QMutexLocker lock(&m_mutex);
    m_released.append(recorder);
}

Recorder *Trace::takeRecorder(LaneKind kind, const QByteArray &name, std::size_t capacityBytes)
{
    const QMutexLocker lock(&m_mutex);
    const QByteArray prefix = name + ' ';
    const auto fits = [&](int index) {
        const Lane &lane = m_lanes[std::size_t(index)];
        return lane.kind == kind && lane.name.startsWith(prefix);
    };
    for (qsizetype i = 0; i < m_released.size(); ++i) {
        if (fits(m_released[i]->lane()))
            return m_released.takeAt(i);
    }
    int number = 1;
    for (int i = 0; i < m_laneCount.load(std::memory_order_relaxed); ++i)
        number += fits(i);
    return add(Lane{kind, name + ' ' + QByteArray::number(number)}, capacityBytes);
}

Trace::Lane Trace::lane(int index) const
{
    const QMutexLocker lock(&m_mutex);
    Q_ASSERT(index >= 0 && index < m_laneCount.load(std::memory_order_relaxed));
    return m_lanes[std::size_t(index)];
}

LiveSlice Trace::live(int lane) const noexcept
{
    Q_ASSERT(lane >= 0 && lane < laneCount());
    return m_recorders[std::size_t(lane)]->live();
}

LiveCounts Trace::counts(int lane) const noexcept
{
    Q_ASSERT(lane >= 0 && lane < laneCount());
    const LiveCounts counts = m_recorders[std::size_t(lane)]->counts();
    return isEnabled() && counts.at >= m_enabledSince.load(std::memory_order_relaxed) ? counts : LiveCounts{};
}

const char *Trace::intern(QByteArrayView string)
{
    if (string.size() > maximumStringBytes)
        return "…";
    const QMutexLocker lock(&m_mutex);
    const auto found = m_strings.constFind(QByteArray::fromRawData(string.data(), string.size()));
    if (found != m_strings.constEnd())
        return found->constData();
    if (m_strings.size() >= maximumStrings)
        return "…";
    return m_strings.insert(string.toByteArray())->constData();
}

quint64 Trace::dropped() const noexcept
{
    quint64 sum = 0;
    const int lanes = laneCount();
    for (int i = 0; i < lanes; ++i)
        sum += m_recorders[std::size_t(i)]->ring().dropped();
    return sum;
}

} // namespace loopscope::trace
