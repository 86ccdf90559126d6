// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"

#include <QtCore/QAbstractTableModel>

namespace loopscope::model {

// The ladder of one request: its layers downwards in order of entry, then upwards those that ran on after next().
// Owned by its view; the session's thread; the session must outlive it. It refreshes itself when its request changes.
class LayerModel final : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Direction, Name, Kind, OwnTime, Start, Site, ColumnCount };
    enum Role {
        SortRole = Qt::UserRole, // raw value: bool, QString, int, qlonglong ns, qlonglong ns since the request's start
        LayerRole, // qulonglong: id
        UpRole, // bool: the way back up
        OwnTimeRole, // qlonglong, ns
        ShareRole, // double, 0 … 1: of the own times of all rows
        StuckRole, // bool: it is the last layer entered, called no next(), and there is no response yet
    };

    explicit LayerModel(const Session &session, QObject *parent = nullptr);

    // 0: none. Resets the model.
    void setRequest(quint64 number);
    [[nodiscard]] quint64 request() const noexcept { return m_request; }
    // "in auth for 3.2 s: no next(), no response", or empty.
    [[nodiscard]] QString stuckMessage(qint64 nowNs) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Row {
        LayerCall call;
        bool up = false;
        [[nodiscard]] qint64 ownNs() const noexcept { return up ? call.upNs : call.downNs; }
    };
    void reload();
    [[nodiscard]] bool isStuck(const Row &row) const;
    [[nodiscard]] QVariant display(const Row &row, int column) const;
    [[nodiscard]] QVariant sortValue(const Row &row, int column) const;

    const Session &m_session;
    quint64 m_request = 0;
    qint64 m_start = 0; // of the request
    QList<Row> m_rows;
    qint64 m_total = 0; // ns, of all rows
};

} // namespace loopscope::model
