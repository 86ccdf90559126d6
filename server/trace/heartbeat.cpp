// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/trace/heartbeat.h"

namespace loopscope::trace {

Heartbeat::Heartbeat(const Clock &clock)
    : m_clock(clock)
    , m_lastBeat(nowNs())
    , m_thread([this] { run(); })
{
}

Heartbeat::~Heartbeat()
{
    {
        const std::lock_guard lock(m_mutex);
        m_ends = true;
    }
    m_wake.notify_all();
    m_thread.join();
}

void Heartbeat::run()
{
    std::unique_lock lock(m_mutex);
    while (!m_wake.wait_for(lock, period, [this] { return m_ends; })) {
        const qint64 now = nowNs();
        // in this order: who reads between the two sees a stop twice, and takes nobody for guilty
        m_stoppedNs += latenessNs(m_lastBeat, now);
        m_lastBeat = now;
    }
}

qint64 Heartbeat::latenessNs(qint64 last, qint64 now) noexcept
{
    const auto late = std::chrono::nanoseconds(now - last) - period;
    return late > tolerance ? late.count() : 0;
}

qint64 Heartbeat::stoppedNs() const noexcept
{
    // the beat first: a stop that is counted between the two reads is seen twice, not missed
    const qint64 last = m_lastBeat;
    return m_stoppedNs + latenessNs(last, nowNs());
}

} // namespace loopscope::trace
