// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"

#include <QtCore/QAbstractTableModel>

#include <deque>
#include <map>
#include <tuple>
#include <vector>

namespace loopscope::model {

// What records of the loop and the pool come to, read as a fault by a fixed rule. Times are measured; that it is worth a
// warning is an interpretation.
struct Warning {
    enum class Kind : quint8 {
        // One callback kept the loop for more than Warnings::blockedNs, less what its thread had to wait for a processor,
        // or the whole process was stopped (a debugger, a paused machine).
        LoopBlocked,
        // In one drain of the nextTick and microtask queues, Warnings::starvingCallbacks callbacks or more ran for more
        // than Warnings::starvedNs, without the longest of them (in which the system may have run others) and without
        // those that alone are LoopBlocked: the loop did not go on.
        LoopStarved,
        // Jobs waited for more than Warnings::saturatedNs each, less what the whole process was stopped meanwhile, while
        // every worker of the pool had one. Jobs that run are never a warning, however long.
        PoolSaturated,
    };
    Kind kind = Kind::LoopBlocked;
    qint64 from = 0; // ns on the clock
    qint64 to = 0;
    qint64 longest = 0; // ns: PoolSaturated: the longest wait; LoopStarved: the longest callback
    qint64 noProcessor = 0; // ns, at most, of a LoopBlocked: its thread could run and the system ran others, or the
    // process was stopped; of the longest wait of PoolSaturated: the process was stopped
    quint64 count = 1; // callbacks, or jobs that waited
    int workers = 0; // of PoolSaturated
    // By what: the innermost slice that had most of the time; of PoolSaturated, the job that waited longest.
    quint64 request = 0;
    StringId name = 0;
    StringId file = 0;
    quint32 line = 0;
    SliceKey slice;
    bool seen = false;
};

// The warnings of a session, the newest first, few and never wrong.
//
// Made by app/ (or a test); the session's thread, and the session must outlive it. It follows Session::changed() and
// looks only at what is new, maximumSlices of each lane at a time. What is dropped or evicted before it was looked at
// raises no warning.
class Warnings final : public QAbstractTableModel {
    Q_OBJECT

public:
    // What people begin to notice as a delay, and what Node's users take for a blocked loop (blocked-at, its default is 20).
    static constexpr qint64 blockedNs = 50'000'000;
    static constexpr qint64 starvedNs = 50'000'000;
    static constexpr qint64 saturatedNs = 50'000'000;
    static constexpr quint64 starvingCallbacks = 10;
    // Warnings that are kept; of more the oldest go, and are counted.
    static constexpr int defaultMost = 1'000;
    // Of a lane, that are looked at for one change; the rest waits for the next.
    static constexpr quint64 maximumSlices = 65'536;

    enum Column { Time, What, Duration, Who, Site, ColumnCount };

    explicit Warnings(const Session &session, int most = defaultMost, QObject *parent = nullptr);

    [[nodiscard]] int count() const noexcept { return int(m_warnings.size()); }
    // 0: the newest.
    [[nodiscard]] const Warning &at(int row) const { return m_warnings[std::size_t(row)]; }
    // Dropped because there were more than may be kept, since the session was cleared.
    [[nodiscard]] quint64 forgotten() const noexcept { return m_forgotten; }
    [[nodiscard]] int unseen() const noexcept { return m_unseen; }
    void markAllSeen();

    // "The loop was blocked", "The pool was saturated (workers: 4, jobs that waited: 12)".
    [[nodiscard]] static QString what(const Warning &warning);
    // The rule by which it was raised, and its figures.
    [[nodiscard]] static QString rule(const Warning &warning);
    // "POST /message #41, writeFileSync".
    [[nodiscard]] QString who(const Warning &warning) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

Q_SIGNALS:
    // How many nobody has looked at: for a badge. On the session's thread.
    void unseenChanged(int unseen);

private:
    using SiteKey = std::tuple<quint64, StringId, StringId, quint32>; // request, name, file, line
    // Callbacks of the two queues, one after another.
    struct Drain {
        qint64 from = 0;
        qint64 to = 0;
        qint64 sum = 0; // ns; of those that are not LoopBlocked by themselves
        qint64 longest = 0; // of the same
        quint64 callbacks = 0;
        quint64 warning = 0; // its number; 0: none yet
        std::map<SiteKey, qint64> bySite; // ns; maximumSites
    };
    struct LoopCursor {
        quint64 turn = 0; // index: the next turn
        qint64 turnEnd = 0; // of the one before
        qint64 drained = 0; // ns: up to here the drains are known
        Drain drain;
    };
    static constexpr std::size_t maximumSites = 64;

    void onChanged(const Session::Change &change);
    void onCleared();
    void readTurns(int lane, LoopCursor &cursor);
    void readTurn(int lane, const Slice &turn, qint64 from);
    void judgeCallback(int lane, const Slice &slice);
    void readDrains(int lane, LoopCursor &cursor);
    void addToDrain(int lane, Drain &drain, const Slice &slice);
    void readJobs(int lane);
    // A job that has started: `start` of its run, and `stopped` of its wait, ns.
    struct StartedJob {
        quint64 id = 0;
        quint64 request = 0;
        qint64 start = 0;
        qint64 stopped = 0;
    };
    void judgeJob(int lane, const StartedJob &job);
    // In all of that time but `stopped` of it.
    [[nodiscard]] bool allWorkersBusy(qint64 from, qint64 to, qint64 stopped) const;
    [[nodiscard]] int workerLanes() const;
    quint64 raise(const Warning &warning);
    // Null if it is gone. changed() after writing to it.
    [[nodiscard]] Warning *find(quint64 number);
    void changed(quint64 number);
    void setUnseen(int unseen);

    const Session &m_session;
    const int m_most;
    std::deque<Warning> m_warnings; // the newest first; the first has the number m_lastNumber
    quint64 m_lastNumber = 0;
    quint64 m_forgotten = 0;
    int m_unseen = 0;
    std::vector<LoopCursor> m_loops; // by lane
    std::vector<qint64> m_jobsKnown; // by lane: ns of the last start that was judged
    quint64 m_saturation = 0; // number of the last PoolSaturated
};

} // namespace loopscope::model
