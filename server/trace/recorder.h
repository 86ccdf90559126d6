// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/trace/clock.h"
#include "server/trace/livecounts.h"
#include "server/trace/sequencelock.h"
#include "server/trace/tracering.h"

#include <QtCore/QByteArray>

#include <atomic>

namespace loopscope::trace {

// What a thread is doing at this moment, for a view that must not wait until it has ended.
struct LiveSlice {
    qint64 since = 0; // ns on the clock
    const char *name = nullptr; // null: the thread runs no callback (it sleeps, or is between two)
    const char *file = nullptr;
    quint32 line = 0;
    quint64 request = 0;
    Phase phase = Phase::None;
    bool sleeps = false; // a loop that waits in poll since `since`: the Wait that has not ended; `name` is null

    friend bool operator==(const LiveSlice &, const LiveSlice &) = default;
};

// The writing end of one thread's trace: its ring, and what it does right now. Made and owned by a Trace.
//
// Producer functions are for the one thread that the recorder was given to; live(), counts() and lane() for any thread.
// Nothing here allocates, locks or waits.
class Recorder {
public:
    Recorder(const Clock &clock, const std::atomic<bool> &enabled, quint16 lane, std::size_t capacityBytes)
        : m_clock(clock)
        , m_enabled(enabled)
        , m_lane(lane)
        , m_ring(capacityBytes)
    {
    }

    // Any thread. False while recording is paused: a producer then writes nothing, and nothing counts as dropped.
    [[nodiscard]] bool isEnabled() const noexcept { return m_enabled.load(std::memory_order_relaxed); }
    // Any thread. Index of this thread's lane: 0, 1, … in the order in which the Trace gave them out.
    [[nodiscard]] quint16 lane() const noexcept { return m_lane; }
    // Any thread. ns on the clock.
    [[nodiscard]] qint64 now() const noexcept { return m_clock.now().count(); }

    // Producer. The last number that the loop of this thread gave to a registration; a thread that takes the recorder over
    // goes on from there, so that no number of a lane means two things. The one thread is over before the other begins.
    [[nodiscard]] quint64 lastId() const noexcept { return m_lastId.load(std::memory_order_acquire); }
    void setLastId(quint64 id) noexcept { m_lastId.store(id, std::memory_order_release); }

    // Producer. See TraceRing::write().
    bool write(const TraceRecord &record, QByteArrayView text = {}) noexcept { return m_ring.write(record, text); }

    // Producer. Publishes what runs from now on; returns what ran before, to be set again when it has ended.
    LiveSlice setLive(const LiveSlice &slice) noexcept
    {
        const LiveSlice before = m_current;
        m_current = slice;
        const quint32 sequence = m_sequence.load(std::memory_order_relaxed);
        m_sequence.store(sequence + 1, std::memory_order_relaxed); // odd: being written
        std::atomic_thread_fence(std::memory_order_release);
        m_since.store(slice.since, std::memory_order_relaxed);
        m_name.store(slice.name, std::memory_order_relaxed);
        m_file.store(slice.file, std::memory_order_relaxed);
        m_line.store(slice.line, std::memory_order_relaxed);
        m_request.store(slice.request, std::memory_order_relaxed);
        m_phase.store(slice.phase, std::memory_order_relaxed);
        m_sleeps.store(slice.sleeps, std::memory_order_relaxed);
        m_sequence.store(sequence + 2, std::memory_order_release);
        return before;
    }

    // Producer. What runs now runs for this request.
    void setLiveRequest(quint64 request) noexcept
    {
        m_current.request = request;
        m_request.store(request, std::memory_order_relaxed); // one of its own: no other field belongs to it
    }

    // Any thread. A consistent moment's view; an empty slice if the producer was quicker than a few reads.
    [[nodiscard]] LiveSlice live() const noexcept;

    // Producer, of a loop. What waits in its phases at this moment.
    void setCounts(const LiveCounts &counts) noexcept { m_counts.store(counts); }
    // Any thread. The last that was published; empty if there was none.
    [[nodiscard]] LiveCounts counts() const noexcept
    {
        LiveCounts counts;
        (void)m_counts.load(counts);
        return counts;
    }

    // Consumer side, for Trace and tests.
    [[nodiscard]] TraceRing &ring() noexcept { return m_ring; }
    [[nodiscard]] const TraceRing &ring() const noexcept { return m_ring; }

private:
    const Clock &m_clock;
    const std::atomic<bool> &m_enabled;
    const quint16 m_lane;
    TraceRing m_ring;

    std::atomic<quint64> m_lastId = 0;
    LiveSlice m_current; // the producer's own copy
    // A sequence lock: its one writer is the producer, a reader tries again if the number was odd or changed.
    std::atomic<quint32> m_sequence = 0;
    std::atomic<qint64> m_since = 0;
    std::atomic<const char *> m_name = nullptr;
    std::atomic<const char *> m_file = nullptr;
    std::atomic<quint32> m_line = 0;
    std::atomic<quint64> m_request = 0;
    std::atomic<Phase> m_phase = Phase::None;
    std::atomic<bool> m_sleeps = false;
    SequenceLock<LiveCounts> m_counts;
};

} // namespace loopscope::trace
