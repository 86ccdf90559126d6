// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"

#include <QtCore/QAbstractTableModel>

namespace loopscope::model {

// The phases of a loop as rows, in libuv's order: what waits in each at this moment, and how much of the last second
// went into it. Two rows more make the shares add up: the sleep in poll, and the time between callbacks.
//
// Owned by its panel; the session's thread; the session must outlive it. Owns no timer and follows no signal: tick(now)
// reads the session. Nothing is computed here that was not counted or measured by the loop.
class LoopPhaseModel final : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Phase, Waits, Time, Share, ColumnCount };
    // In the order of a turn; ticks and microtasks run after each callback, of whatever phase.
    enum Row { Timers, Pending, Poll, Asleep, Check, Close, NextTick, Microtask, Between, RowCount };
    enum Role {
        RunningRole = Qt::UserRole, // bool: it is what the loop does right now
        CountRole, // qlonglong: how much waits in it; -1: not known, or nothing can
        NsRole, // qlonglong: ns of the last second
        ShareRole, // double: 0 … 1 of the last second
        PhaseRole, // int: trace::Phase; None for the rows that are no phase
    };

    explicit LoopPhaseModel(const Session &session, QObject *parent = nullptr);

    // The time on the clock. Emits dataChanged() for what may be different.
    void tick(qint64 nowNs);
    // As of the last tick().
    [[nodiscard]] const LoopStatistics &statistics() const noexcept { return m_statistics; }
    // What the loop counted last; `at` is 0 when that is not known.
    [[nodiscard]] const trace::LiveCounts &counts() const noexcept { return m_counts; }
    // "poll", "timers", …
    [[nodiscard]] static QString phaseName(trace::Phase phase);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    [[nodiscard]] static trace::Phase phaseOf(int row);
    [[nodiscard]] static QString rowName(int row);
    [[nodiscard]] bool isRunning(int row) const;
    [[nodiscard]] qint64 count(int row) const;
    [[nodiscard]] qint64 ns(int row) const;
    [[nodiscard]] QString waits(int row) const;
    [[nodiscard]] QString nextTimer() const;
    [[nodiscard]] QString toolTip(int row) const;

    const Session &m_session;
    qint64 m_now = 0;
    LoopStatistics m_statistics;
    trace::LiveCounts m_counts;
    trace::Phase m_phase = trace::Phase::None; // that runs
    bool m_sleeps = false;
    bool m_known = false; // the session has a loop
};

} // namespace loopscope::model
