// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"
#include "inspector/model/slicecursor.h"

#include <QtCore/QAbstractTableModel>

#include <deque>
#include <vector>

namespace loopscope::model {

// The jobs that wait for a free worker as rows, the next one first. What is queued comes from Session::events(); what has
// started from the lanes of the workers: the pool starts jobs in the order of submission, so with one all before it have.
//
// Owned by its panel; the session's thread; the session must outlive it. Owns no timer: tick(now) reads what is new, at
// most mostPerTick events at once, and costs nothing while it is not called.
class PoolQueueModel final : public QAbstractTableModel {
    Q_OBJECT

public:
    static constexpr quint64 mostPerTick = 50'000; // events; about 1 ms of work
    static constexpr std::size_t maximumRows = 65'536; // as many as a pool's queue holds; then the oldest go
    static constexpr qint64 announceNs = 100'000'000; // between two changes of rows: what moves faster cannot be read

    enum Column { Job, RequestNumber, Waits, Where, ColumnCount };
    enum Role {
        IdRole = Qt::UserRole, // qulonglong
        RequestRole, // qulonglong: for whom, or 0
    };

    explicit PoolQueueModel(const Session &session, QObject *parent = nullptr);

    // The time on the clock, ns.
    void tick(qint64 nowNs);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Waiting {
        quint64 id = 0;
        quint64 request = 0;
        qint64 since = 0; // ns
        StringId name = 0;
        StringId file = 0;
        quint32 line = 0;
    };

    bool readQueued();
    void readStarted();
    void started(quint64 id);
    void removeRows(std::size_t begin, std::size_t end);
    void announce();
    void removeCancelled();
    [[nodiscard]] QString site(const Waiting &job) const;

    const Session &m_session;
    std::deque<Waiting> m_rows; // by id
    std::vector<Waiting> m_new; // by id, not announced
    std::vector<quint64> m_cancelled; // not announced
    std::vector<SliceCursor> m_cursors; // by lane
    quint64 m_nextEvent = 0;
    quint64 m_startedUpTo = 0; // id: it and all before it have started, or were cancelled
    quint64 m_lastQueued = 0; // id
    qint64 m_now = 0;
    qint64 m_announced = -1; // ns
};

} // namespace loopscope::model
