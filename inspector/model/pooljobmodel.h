// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"
#include "inspector/model/slicecursor.h"

#include <QtCore/QAbstractTableModel>

#include <array>
#include <deque>
#include <vector>

namespace loopscope::model {

// How long recent pool jobs waited and ran, a row for each name of a job. Of the last recentJobs that ended.
//
// Owned by its panel; the session's thread; the session must outlive it. Owns no timer: tick(now) reads what is new and
// costs nothing while it is not called.
class PoolJobModel final : public QAbstractTableModel {
    Q_OBJECT

public:
    static constexpr std::size_t recentJobs = 1'000;
    static constexpr qint64 refreshNs = 250'000'000; // between two counts: what moves faster cannot be read

    enum Column { Job, Count, Wait, Run, Longest, Bar, ColumnCount };
    enum Role {
        WaitShareRole = Qt::UserRole, // double, 0 … 1: mean wait, of the longest mean wait and run together
        RunShareRole, // double, 0 … 1
        MeanWaitRole, // qlonglong, ns; -1: not known
        MeanRunRole, // qlonglong, ns
        LongestRole, // qlonglong, ns: the longest run
    };

    explicit PoolJobModel(const Session &session, QObject *parent = nullptr);

    // The time on the clock, ns.
    void tick(qint64 nowNs);
    // Jobs that ended in the second before the last tick().
    [[nodiscard]] double jobsPerSecond() const noexcept { return m_perSecond; }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Ended {
        StringId name = 0;
        qint64 wait = -1; // ns; -1: when it was queued is not known
        qint64 run = 0; // ns
    };
    struct Row {
        StringId name = 0;
        qint64 count = 0;
        qint64 waits = 0; // how many of them have a known wait
        qint64 wait = 0; // ns, sum
        qint64 run = 0; // ns, sum
        qint64 longest = 0; // ns

        [[nodiscard]] qint64 meanWait() const noexcept { return waits ? wait / waits : -1; }
        [[nodiscard]] qint64 meanRun() const noexcept { return count ? run / count : 0; }
    };

    void read();
    void take(const Slice &job);
    void countPerSecond();
    void refreshRows();
    [[nodiscard]] std::vector<Row> counted() const;

    const Session &m_session;
    std::vector<SliceCursor> m_cursors; // by lane
    std::deque<Ended> m_recent;
    std::vector<Row> m_rows;
    qint64 m_longestMean = 1; // ns, wait and run together
    // Jobs ended, by 10 ms: a ring of a little more than a second.
    std::array<quint32, 128> m_counts{};
    std::array<qint64, 128> m_steps{};
    double m_perSecond = 0;
    qint64 m_now = 0;
    qint64 m_refreshed = -1; // ns
};

} // namespace loopscope::model
