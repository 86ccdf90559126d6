// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/trace/heartbeat.h"
#include "server/trace/recorder.h"

#include <QtCore/QByteArray>
#include <QtCore/QList>
#include <QtCore/QMutex>
#include <QtCore/QSet>

#include <array>
#include <atomic>
#include <memory>

namespace loopscope::trace {

// A running trace: one recorder per producing thread, the strings that records point to, and the way to drain all.
//
// Made by app/ (or a test), which keeps it alive longer than every thread that writes to it and than every model
// that keeps `name` or `file` pointers. addRecorder() and intern() may be called from any thread, and are for set-up,
// not for the hot path; drain() from one consumer thread at a time.
class Trace {
public:
    // Lanes at most: one loop, 64 workers, and room for more servers in one process.
    static constexpr quint16 maximumLanes = 256;
    // Interned strings at most, and bytes of one; beyond them intern() gives "…".
    static constexpr int maximumStrings = 65'536;
    static constexpr qsizetype maximumStringBytes = 4'096;
    // A worker writes two records a job, and up to sixty a second of its progress.
    static constexpr std::size_t workerRingBytes = std::size_t(1) << 17;

    enum class LaneKind : quint8 {
        Loop, // of a server: what blocks it blocks everybody
        Worker, // of its pool
        Thread, // a WorkerThread: a loop of its own, which nobody else waits for
    };
    struct Lane {
        LaneKind kind = LaneKind::Loop;
        QByteArray name; // "loop", "pool 1"
    };

    // `clock` must outlive the trace.
    explicit Trace(const Clock &clock);
    Trace();
    ~Trace();
    Trace(const Trace &) = delete;
    Trace &operator=(const Trace &) = delete;

    [[nodiscard]] const Clock &clock() const noexcept { return m_clock; }

    // Pausing: producers stop writing; what is in the rings can still be drained. Any thread.
    void setEnabled(bool enabled) noexcept;
    [[nodiscard]] bool isEnabled() const noexcept { return m_enabled.load(std::memory_order_relaxed); }

    // From now on it is known for how long the process stood still. Before any thread writes to the trace; costs a thread.
    void watchForStops();
    // Any thread. ns, all stops together; 0 without watchForStops().
    [[nodiscard]] qint64 stoppedNs() const noexcept { return m_heartbeat ? m_heartbeat->stoppedNs() : 0; }

    // How much of bodies is copied. Set before the server starts.
    CaptureLimits capture;

    // A recorder for one more thread, owned by the trace; null when all lanes are given out. A lane is never freed,
    // but a thread that ends may hand its recorder to its successor: by itself, or by release().
    [[nodiscard]] Recorder *addRecorder(LaneKind kind, const QByteArray &name,
                                        std::size_t capacityBytes = TraceRing::defaultBytes);
    // The recorder's thread has ended: takeRecorder() may give it to another.
    void release(Recorder *recorder);
    // A recorder that was released of a lane of this kind whose name starts with `name`, or a new one of the lane "NAME n",
    // where n counts these lanes; null when all are given out. For threads that come and go.
    [[nodiscard]] Recorder *takeRecorder(LaneKind kind, const QByteArray &name, std::size_t capacityBytes);
    [[nodiscard]] int laneCount() const noexcept { return m_laneCount.load(std::memory_order_acquire); }
    [[nodiscard]] Lane lane(int index) const;
    // Any thread. What the lane's thread does right now.
    [[nodiscard]] LiveSlice live(int lane) const noexcept;
    // Any thread. What waits in the phases of the lane's loop; empty for a worker, while recording is paused, and until
    // the loop has counted since that was resumed.
    [[nodiscard]] LiveCounts counts(int lane) const noexcept;

    // The same pointer for equal strings, valid as long as the trace.
    [[nodiscard]] const char *intern(QByteArrayView string);

    // Consumer. Calls sink(int lane, const TraceRecord &, QByteArrayView text) for at most `most` records of each
    // lane and returns how many there were. Within a lane they come in the order of writing (a slice when it has
    // ended); between lanes there is no order but that a job's JobQueued is drained no later than the batch that
    // holds its JobStarted: workers are read before loops.
    template<typename Sink>
    std::size_t drain(Sink &&sink, std::size_t most = std::size_t(-1))
    {
        std::size_t count = 0;
        for (int i = laneCount() - 1; i >= 0; --i) {
            count += m_recorders[std::size_t(i)]->ring().drain(
                [&](const TraceRecord &record, QByteArrayView text) { sink(i, record, text); }, most);
        }
        return count;
    }

    // Any thread. Records dropped by all lanes since the trace was made.
    [[nodiscard]] quint64 dropped() const noexcept;

private:
    Clock m_ownClock;
    const Clock &m_clock;
    std::atomic<bool> m_enabled = true;
    std::atomic<qint64> m_enabledSince = 0; // ns; what a loop counted before is stale

    Recorder *add(const Lane &lane, std::size_t capacityBytes); // under the mutex

    mutable QMutex m_mutex; // guards m_lanes, m_strings, m_released and the adding of recorders
    std::array<std::unique_ptr<Recorder>, maximumLanes> m_recorders; // read without the mutex below m_laneCount
    std::atomic<int> m_laneCount = 0;
    std::array<Lane, maximumLanes> m_lanes;
    QSet<QByteArray> m_strings;
    QList<Recorder *> m_released;
    std::unique_ptr<Heartbeat> m_heartbeat;
};

} // namespace loopscope::trace
