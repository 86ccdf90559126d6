// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/delays.h"

#include <QtCore/QAbstractTableModel>

namespace loopscope::panel {

// The parts of a request's time as rows: part, amount, share of the total, who, where; then what is unaccounted, whatever
// it is, and the total. Owned by DelaysPage, which gives it the account. It copies its words, so that rows survive
// eviction.
class DelayTable final : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Part, Amount, Share, Who, Site, ColumnCount };
    // Rows of one part at most; of more, the smallest are one row.
    static constexpr int maximumRowsOfPart = 200;

    explicit DelayTable(const model::Session &session, QObject *parent = nullptr);

    void show(const model::DelayAccount &account);
    void clear();
    // Of the slice that had the longest stretch of it; invalid for a row without one.
    [[nodiscard]] model::SliceKey keyAt(int row) const;
    [[nodiscard]] int rowOf(const model::SliceKey &key) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Row {
        model::DelayShare share;
        QString part;
        QString who;
        QString site;
        QString file; // whole, for the tooltip
        bool isTotal = false;
        friend bool operator==(const Row &a, const Row &b)
        {
            return a.share.part == b.share.part && a.share.ns == b.share.ns && a.share.slice == b.share.slice
                && a.part == b.part && a.who == b.who && a.site == b.site && a.isTotal == b.isTotal;
        }
    };
    [[nodiscard]] Row rowOf(const model::DelayShare &share) const;
    [[nodiscard]] QVariant swatch(const Row &row) const;

    const model::Session &m_session;
    quint64 m_request = 0;
    qint64 m_total = 0; // ns
    QList<Row> m_rows;
};

} // namespace loopscope::panel
