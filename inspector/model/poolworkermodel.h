// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"

#include <QtCore/QAbstractTableModel>

#include <vector>

namespace loopscope::model {

// The worker threads of the pool as rows: what each runs now, for whom, since when, how far it is. A thread that the pool has not
// started is no row; nor is one that it has let go, once its job has ended.
//
// Owned by its panel; the session's thread; the session must outlive it. Owns no timer: tick(now) reads the session.
class PoolWorkerModel final : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Worker, Since, RequestNumber, Job, Progress, ColumnCount };
    enum Role {
        RunningRole = Qt::UserRole, // bool
        RequestRole, // qulonglong: for whom, or 0
        LaneRole, // int: of the session
        ProgressRole, // double, 0 … 1: how much of the job is done, as it says itself; invalid if none runs that says
    };

    explicit PoolWorkerModel(const Session &session, QObject *parent = nullptr);

    // The time on the clock, ns.
    void tick(qint64 nowNs);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    [[nodiscard]] std::vector<int> lanes() const;
    [[nodiscard]] QString toolTip(const Lane &lane) const;
    // "3 of 8"; empty for a job that says nothing.
    [[nodiscard]] static QString progressText(const Lane &lane);

    const Session &m_session;
    std::vector<int> m_lanes; // by row
    qint64 m_now = 0;
};

} // namespace loopscope::model
