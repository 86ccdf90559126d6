// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"

#include <QtCore/QAbstractTableModel>

namespace loopscope::panel {

// The slices in which a request ran: callbacks, layers and spans on the loop, jobs on workers; as rows in order of
// start. Owned by SlicesPage, which says when to look again. It copies what it shows, so that rows survive eviction.
class RequestSlices final : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Start, Duration, Name, LaneName, Site, ColumnCount };
    // Rows at most; of more, the first.
    static constexpr qsizetype maximumRows = 10'000;

    explicit RequestSlices(const model::Session &session, QObject *parent = nullptr);

    // Resets the model only if the slices are others than before.
    void load(quint64 request);
    [[nodiscard]] model::SliceKey keyAt(int row) const;
    [[nodiscard]] int rowOf(const model::SliceKey &key) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Row {
        model::SliceKey key;
        model::Slice slice;
    };
    [[nodiscard]] QString nameOf(const model::Slice &slice) const;

    const model::Session &m_session;
    quint64 m_request = 0;
    qint64 m_start = 0; // of the request, ns
    QList<Row> m_rows;
};

} // namespace loopscope::panel
