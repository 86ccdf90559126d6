// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"

#include <QtCore/QAbstractTableModel>

namespace loopscope::model {

// The body chunks of one request, both ways, as they came. Owned by its view; the session's thread; the session must
// outlive it. It follows its request batch by batch, appending at the end.
class ChunkModel final : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Number, Direction, Time, Size, Offset, Framing, Bytes, ColumnCount };
    enum Role {
        SortRole = Qt::UserRole, // raw value of the column; Time: ns since the request's start
        BytesRole, // QByteArray: the captured first bytes
        ToClientRole, // bool
        TimeRole, // qlonglong, ns on the clock
    };
    // Rows at most: of a longer stream, the newest.
    static constexpr int maximumRows = 100'000;

    explicit ChunkModel(const Session &session, QObject *parent = nullptr);

    // 0: none. Resets the model.
    void setRequest(quint64 number);
    [[nodiscard]] quint64 request() const noexcept { return m_request; }
    // Chunks of the request that are not rows (evicted, or over maximumRows).
    [[nodiscard]] qint64 missingCount() const noexcept { return m_missing; }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    void reload();
    void follow();
    [[nodiscard]] QVariant display(const Chunk &chunk, int row, int column) const;
    [[nodiscard]] QVariant sortValue(const Chunk &chunk, int row, int column) const;

    const Session &m_session;
    quint64 m_request = 0;
    qint64 m_start = 0;
    qint64 m_missing = 0;
    qint64 m_total = 0; // chunks known at the last reload
    QList<Chunk> m_rows;
};

} // namespace loopscope::model
