// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"
#include "inspector/model/viewstate.h"

#include <QtCore/QHash>
#include <QtCore/QList>

#include <optional>
#include <vector>

namespace loopscope::model {

// The queues of a loop that callbacks wait in.
enum class ReplayQueue : quint8 {
    Timers, // by due time
    Jobs, // of the pool, until their completion has run in the poll phase
    Immediates,
    Closing,
    Ticks,
    Microtasks,
};
inline constexpr int replayQueueCount = 6;

// One callback that ran. A copy: it survives the eviction of its slice.
struct ReplayStep {
    SliceKey key;
    qint64 start = 0; // ns
    qint64 duration = 0; // ns
    trace::Phase phase = trace::Phase::None;
    StringId name = 0;
    StringId file = 0;
    quint32 line = 0;
    quint64 id = 0; // of its registration, or 0
    quint64 request = 0;
    qint64 due = 0; // ns, timers only
    std::size_t ordinal = 0; // among all callbacks that ran on the lane in the time looked at
};

// One that waits at a step.
struct ReplayEntry {
    enum class Job : quint8 { None, Waiting, Running, Ended }; // Ended: its completion waits for the poll phase

    quint64 id = 0;
    StringId name = 0;
    StringId file = 0;
    quint32 line = 0;
    quint64 request = 0;
    qint64 registered = 0; // ns
    std::optional<qint64> due; // ns, timers only; not known of an interval whose next run was not recorded
    Job job = Job::None;
    bool runsNow = false; // it is what this step runs
};

// A stretch of a session again, step by step: which callbacks ran on a loop, and what waited in its queues before each.
//
// All of it is computed from the records alone: what was Registered (or queued for the pool) waits from then until its
// callback begins, or it is Cleared; nothing is simulated. A timer or notifier that fires again and again waits until it is
// cleared. What the records do not tell is missing here, and missing() says so.
//
// Owned by a view, or a test; same thread as the session, which must outlive it. load…() look at the session; what they
// gave stays, also when the session forgets.
class Replay {
public:
    // Steps at most; of more, the first. As many as a person could ever step through.
    static constexpr std::size_t maximumSteps = 10'000;
    // Registrations at most that are known of, those from before the first step included.
    static constexpr std::size_t maximumEntries = 100'000;
    // Events before the first step that are searched for what waited there already: some ten milliseconds' work.
    static constexpr quint64 lookBackEvents = 100'000;

    // Why the queues may not be whole.
    struct Missing {
        quint64 droppedRecords = 0; // by the trace, at some time: its ring was full
        bool evicted = false; // the session has forgotten records that are older than what it still has
        bool lookedBackOnly = false; // older registrations than lookBackEvents were not looked at
        bool steps = false; // there were more than maximumSteps
        bool entries = false; // there were more than maximumEntries
        std::size_t unregistered = 0; // steps of a queue whose registration was not recorded
        [[nodiscard]] bool isNothing() const noexcept { return *this == Missing(); }
        friend bool operator==(const Missing &, const Missing &) = default;
    };

    explicit Replay(const Session &session)
        : m_session(session)
    {
    }

    // What began on that lane within the range; -1: the first loop. False if nothing did; then it is empty.
    bool loadRange(TimeRange range, int lane = -1);
    // What ran for one request, from its first callback to the last that it registered. The queues are the whole loop's.
    bool loadRequest(quint64 request);
    void clear();

    [[nodiscard]] const std::vector<ReplayStep> &steps() const noexcept { return m_steps; }
    [[nodiscard]] bool isEmpty() const noexcept { return m_steps.empty(); }
    // Index of the step with that slice, or -1.
    [[nodiscard]] qsizetype stepOf(const SliceKey &slice) const noexcept;
    // What waited just before the step began: timers by due time, the others as they were registered. O(entries).
    [[nodiscard]] QList<ReplayEntry> queueBefore(std::size_t step, ReplayQueue queue) const;
    [[nodiscard]] const Missing &missing() const noexcept { return m_missing; }
    [[nodiscard]] const Session &session() const noexcept { return m_session; }

    // The queue that such a registration waits in; none for what is only watched (a socket).
    [[nodiscard]] static std::optional<ReplayQueue> queueOf(trace::Kind kind, const QByteArray &name, qint64 dueNs);

private:
    static constexpr std::size_t never = std::size_t(-1);
    struct Run {
        std::size_t ordinal = 0;
        qint64 due = 0;
    };
    // A registration and how long it waited: visible at ordinals born … gone-1.
    struct Waiting {
        ReplayEntry entry;
        ReplayQueue queue = ReplayQueue::Timers;
        bool repeats = false;
        std::size_t born = 0;
        std::size_t gone = never;
        std::vector<Run> runs; // of one that repeats, in the range
        qint64 jobStart = -1;
        qint64 jobEnd = -1;
    };

    bool load(TimeRange range, int lane, quint64 request);
    void collectSteps(TimeRange range, quint64 request);
    void collectEntries();
    void addEvent(const Event &event);
    void addEventsUntil(quint64 &next, qint64 time);
    void runBefore(quint64 id);
    void run(const ReplayStep &step);
    void dropGone();
    void readJobs();
    [[nodiscard]] std::size_t ordinalAfter(const Event &event) const;
    [[nodiscard]] quint64 firstEventToLookAt() const;
    [[nodiscard]] int firstLoop() const;

    const Session &m_session;
    int m_lane = 0;
    std::vector<ReplayStep> m_ran; // every callback of the time looked at: the ordinals
    std::vector<ReplayStep> m_steps; // those to step through
    std::vector<Waiting> m_waiting;
    QHash<quint64, std::size_t> m_byId; // index of the registration that still waits, while loading
    Missing m_missing;
};

} // namespace loopscope::model
