// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/filterexpression.h"
#include "inspector/model/session.h"

#include <QtCore/QAbstractTableModel>

#include <vector>

namespace loopscope::model {

// The requests of a session as rows: filtered, sorted, live. One model per view; owned by it; the session's thread.
// It filters and sorts by itself (a QSortFilterProxyModel takes quadratic time to apply a filter to a million rows), so
// give it to the view without a proxy. The session must outlive it.
//
// Rows follow the session batch by batch. Unsorted (or sorted by number, ascending) new requests come at the end.
// Sorted otherwise they come at the end too and are put in their place by tick(). A request that runs grows in time:
// tick(now) says so. Nothing here owns a timer.
class RequestTableModel final : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Number, Method, Path, Status, Size, Time, Waterfall, ColumnCount };
    enum Role {
        // Of every column: raw values.
        SortRole = Qt::UserRole, // qulonglong, QString, int, qlonglong (bytes, ns), qlonglong (start, ns)
        RequestRole, // qulonglong: number of the request
        ConnectionRole, // qulonglong
        RunningRole, // bool
        ColorIndexRole, // int: requestColorIndex()
        StartRole, // qlonglong, ns: the waterfall's bar: start,
        ResponseHeadRole, // qlonglong, ns: where waiting turns into receiving; -1: not yet,
        EndRole, // qlonglong, ns: end, or the last tick() while it runs
        FailedRole, // bool: status 4xx or 5xx, or it did not end complete
    };

    explicit RequestTableModel(const Session &session, QObject *parent = nullptr);

    // An invalid expression changes nothing and returns false. A valid one resets the model.
    bool setFilter(const FilterExpression &filter);
    // Parses `text`; false, and error() says why, if it is not an expression (the old filter stays).
    bool setFilterText(const QString &text);
    [[nodiscard]] const FilterExpression &filter() const noexcept { return m_filter; }
    [[nodiscard]] const FilterExpression::Error &error() const noexcept { return m_error; }

    // Rows shown of rows there are, for "12 of 4,000 requests".
    [[nodiscard]] quint64 totalCount() const noexcept { return m_session.requestCount(); }

    // Number of the request in `row`, 0 if there is none.
    [[nodiscard]] quint64 requestAt(int row) const;
    // Row of a request, or -1 (evicted, or filtered out). O(log n) unsorted, O(n) sorted.
    [[nodiscard]] int rowOf(quint64 request) const;
    // Start of the earliest and end of the latest row, for the waterfall's scale; {0, 0} when empty. As of tick().
    [[nodiscard]] std::pair<qint64, qint64> waterfallRange() const;

    // The owner calls it at up to 60 Hz with the time on the clock: times of requests that run are emitted as changed,
    // "is:running" and "slower-than:" are looked at again for them, and a sorted model puts new rows in place (at most
    // every 250 ms, less often when sorting takes long).
    void tick(qint64 nowNs);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

private:
    // A shown row: the request's sequence (order in which it became known), counted by this model since its reset.
    using Key = quint64;

    void onChanged(const Session::Change &change);
    void onCleared();
    void rebuild();
    void evict(quint64 count);
    void append(quint64 count);
    void update(const QList<quint64> &numbers);
    bool emitChanged(const QList<quint64> &numbers, int column, const QList<int> &roles);
    void recheck(const QList<quint64> &numbers);
    void removeHidden();
    void insert(const std::vector<Key> &keys);
    void resort();
    [[nodiscard]] bool isSorted() const noexcept { return m_sortColumn > Number || m_sortOrder == Qt::DescendingOrder; }
    [[nodiscard]] bool accepts(const Request &request) const;
    [[nodiscard]] const Request *at(int row) const;
    [[nodiscard]] int rowOfKey(Key key) const;
    [[nodiscard]] QVariant display(const Request &request, int column) const;
    [[nodiscard]] QVariant sortValue(const Request &request, int column) const;
    [[nodiscard]] QVariant toolTip(const Request &request, int column) const;
    [[nodiscard]] std::vector<Key> sortedKeys() const;

    const Session &m_session;
    FilterExpression m_filter;
    FilterExpression::Error m_error;
    std::vector<Key> m_rows; // shown, in the order of rows
    std::vector<char> m_shown; // bool, by key - m_firstKey: whether it is in m_rows
    Key m_firstKey = 0; // key of the session's row 0
    Key m_endKey = 0; // one past the session's last row, as far as this model has followed
    qint64 m_now = 0;
    qint64 m_lastSort = 0; // ns on the clock
    qint64 m_sortCost = 0; // ns that the last sort took
    int m_sortColumn = Number;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
    bool m_unsortedTail = false;
};

} // namespace loopscope::model
