// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"

#include <QtCore/QAbstractTableModel>

#include <vector>

namespace loopscope::model {

// The connections of a session for the drain view: what each does, and how it ended. Owned by its view; the
// session's thread; the session must outlive it. Owns no timer: tick(now) makes times grow.
class ConnectionTableModel final : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Number, Peer, State, InFlightRequest, Served, Time, Outcome, ColumnCount };
    enum Role {
        SortRole = Qt::UserRole, // raw value of the column
        ConnectionRole, // qulonglong: number
        RequestRole, // qulonglong: the request in flight, or 0
        StateRole, // int: Connection::State
        OpenedRole, // qlonglong, ns
        ClosedRole, // qlonglong, ns; -1: open
        StateSinceRole, // qlonglong, ns: idle since, in flight since, closed at
        IdleDueRole, // qlonglong, ns: when an idle one is closed by its timeout; 0: not idle, or no timeout
        CutRole, // bool: the drain's deadline cut it
        ColorIndexRole, // int: of the request in flight
    };
    // Which connections are rows.
    enum class Shown {
        All,
        Open, // those that are open, and, once a drain has begun, those that were open when it began: each one's fate
    };

    explicit ConnectionTableModel(const Session &session, Shown shown = Shown::Open, QObject *parent = nullptr);

    void setShown(Shown shown); // resets the model
    [[nodiscard]] Shown shown() const noexcept { return m_shown; }
    // Number of the connection in `row`, 0 if there is none.
    [[nodiscard]] quint64 connectionAt(int row) const;
    // -1 if it is not shown.
    [[nodiscard]] int rowOf(quint64 connection) const;
    // The time on the clock: ages are emitted as changed.
    void tick(qint64 nowNs);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    void onChanged(const Session::Change &change);
    void onCleared();
    void rebuild();
    void insert(std::vector<quint64> numbers);
    void removeHidden();
    void update(const QList<quint64> &numbers);
    [[nodiscard]] bool isShown(const Connection &connection) const;
    [[nodiscard]] bool isShown(quint64 number) const;
    [[nodiscard]] const Request *requestInFlight(const Connection &connection) const;
    [[nodiscard]] QString outcome(const Connection &connection) const;
    [[nodiscard]] QVariant display(const Connection &connection, int column) const;
    [[nodiscard]] QVariant sortValue(const Connection &connection, int column) const;
    [[nodiscard]] qint64 stateSince(const Connection &connection) const;

    const Session &m_session;
    Shown m_shown;
    std::vector<quint64> m_rows; // numbers, ascending
    qint64 m_now = 0;
    qint64 m_drainBegan = -1; // as followed
};

} // namespace loopscope::model
