// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/requesttablemodel.h"

#include "inspector/model/formatting.h"
#include "inspector/model/httphead.h"
#include "inspector/model/requestcolor.h"

#include <QtCore/QElapsedTimer>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::model {

RequestTableModel::RequestTableModel(const Session &session, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
    , m_now(session.lastTime())
{
    connect(&session, &Session::changed, this, &RequestTableModel::onChanged);
    connect(&session, &Session::cleared, this, &RequestTableModel::onCleared);
    rebuild();
}

bool RequestTableModel::setFilter(const FilterExpression &filter)
{
    m_error = {};
    beginResetModel();
    m_filter = filter;
    rebuild();
    endResetModel();
    return true;
}

bool RequestTableModel::setFilterText(const QString &text)
{
    FilterExpression::Error error;
    const FilterExpression filter = FilterExpression::parse(text, &error);
    if (!error.isEmpty()) {
        m_error = error;
        return false;
    }
    return setFilter(filter);
}

const Request *RequestTableModel::at(int row) const
{
    if (row < 0 || std::size_t(row) >= m_rows.size())
        return nullptr;
    const Key key = m_rows[std::size_t(row)];
    return key >= m_firstKey && key - m_firstKey < m_session.requestCount() ? &m_session.requestAt(key - m_firstKey)
                                                                           : nullptr;
}

quint64 RequestTableModel::requestAt(int row) const
{
    const Request *request = at(row);
    return request ? request->number : 0;
}

int RequestTableModel::rowOfKey(Key key) const
{
    if (isSorted()) {
        const auto found = std::find(m_rows.begin(), m_rows.end(), key);
        return found == m_rows.end() ? -1 : int(found - m_rows.begin());
    }
    const auto found = std::lower_bound(m_rows.begin(), m_rows.end(), key);
    return found == m_rows.end() || *found != key ? -1 : int(found - m_rows.begin());
}

int RequestTableModel::rowOf(quint64 request) const
{
    const qint64 row = m_session.requestRow(request);
    return row < 0 ? -1 : rowOfKey(m_firstKey + quint64(row));
}

std::pair<qint64, qint64> RequestTableModel::waterfallRange() const
{
    std::pair<qint64, qint64> range{0, 0};
    bool first = true;
    for (int row = 0; row < rowCount(); ++row) {
        const Request *request = at(row);
        if (!request)
            continue;
        const qint64 end = request->start + request->durationAt(m_now);
        range = first ? std::pair(request->start, end)
                      : std::pair(std::min(range.first, request->start), std::max(range.second, end));
        first = false;
    }
    return range;
}

bool RequestTableModel::accepts(const Request &request) const
{
    return m_filter.isEmpty() || m_filter.matches(m_session, request, m_now);
}

// --- following the session ---

void RequestTableModel::rebuild()
{
    m_rows.clear();
    m_shown.clear();
    m_endKey = m_firstKey + m_session.requestCount();
    for (Key key = m_firstKey; key < m_endKey; ++key) {
        m_shown.push_back(accepts(m_session.requestAt(key - m_firstKey)));
        if (m_shown.back())
            m_rows.push_back(key);
    }
    m_unsortedTail = false;
    if (isSorted())
        m_rows = sortedKeys();
}

void RequestTableModel::onCleared()
{
    beginResetModel();
    m_firstKey = 0;
    rebuild();
    endResetModel();
}

void RequestTableModel::onChanged(const Session::Change &change)
{
    m_now = std::max(m_now, m_session.lastTime());
    if (change.requestsEvicted > 0)
        evict(change.requestsEvicted);
    if (!change.requestsUpdated.isEmpty())
        update(change.requestsUpdated);
    if (change.requestsAppended > 0)
        append(change.requestsAppended);
}

void RequestTableModel::evict(quint64 count)
{
    m_firstKey += count; // before the rows go: what is read meanwhile must not be another's
    m_shown.erase(m_shown.begin(), m_shown.begin() + std::ptrdiff_t(count));
    if (isSorted())
        return removeHidden();
    const auto kept = std::lower_bound(m_rows.begin(), m_rows.end(), m_firstKey);
    if (kept == m_rows.begin())
        return;
    beginRemoveRows({}, 0, int(kept - m_rows.begin()) - 1);
    m_rows.erase(m_rows.begin(), kept);
    endRemoveRows();
}

void RequestTableModel::append(quint64 count)
{
    std::vector<Key> added;
    const Key end = m_endKey + count;
    for (Key key = m_endKey; key < end; ++key) {
        m_shown.push_back(accepts(m_session.requestAt(key - m_firstKey)));
        if (m_shown.back())
            added.push_back(key);
    }
    m_endKey = end;
    insert(added);
}

void RequestTableModel::update(const QList<quint64> &numbers)
{
    recheck(numbers);
    if (emitChanged(numbers, Number, {}) && isSorted())
        m_unsortedTail = true;
}

// One dataChanged() for the rows of all these requests, from `column` on. False: none of them is shown.
bool RequestTableModel::emitChanged(const QList<quint64> &numbers, int column, const QList<int> &roles)
{
    int low = rowCount();
    int high = -1;
    for (const quint64 number : numbers) {
        const qint64 place = m_session.requestRow(number);
        if (place < 0 || std::size_t(place) >= m_shown.size() || !m_shown[std::size_t(place)])
            continue;
        if (isSorted()) { // it may be anywhere, and looking for each would take long; a view paints only what it shows
            low = 0;
            high = rowCount() - 1;
            break;
        }
        const int row = rowOfKey(m_firstKey + quint64(place));
        low = std::min(low, row);
        high = std::max(high, row);
    }
    if (high >= 0)
        Q_EMIT dataChanged(index(low, column), index(high, ColumnCount - 1), roles);
    return high >= 0;
}

// Requests that changed may match now, or no longer.
void RequestTableModel::recheck(const QList<quint64> &numbers)
{
    if (m_filter.isEmpty())
        return;
    std::vector<Key> gone;
    std::vector<Key> come;
    for (const quint64 number : numbers) {
        const qint64 place = m_session.requestRow(number);
        if (place < 0 || std::size_t(place) >= m_shown.size())
            continue;
        const bool wanted = accepts(m_session.requestAt(quint64(place)));
        if (wanted == bool(m_shown[std::size_t(place)]))
            continue;
        m_shown[std::size_t(place)] = wanted;
        (wanted ? come : gone).push_back(m_firstKey + quint64(place));
    }
    if (!gone.empty())
        removeHidden();
    std::sort(come.begin(), come.end());
    come.erase(std::unique(come.begin(), come.end()), come.end());
    insert(come);
}

// Takes out, run by run from the end, the rows that are no longer to be shown.
void RequestTableModel::removeHidden()
{
    const auto isHidden = [this](std::size_t row) { return m_rows[row] < m_firstKey || !m_shown[m_rows[row] - m_firstKey]; };
    for (std::size_t end = m_rows.size(); end > 0;) {
        if (!isHidden(end - 1)) {
            --end;
            continue;
        }
        std::size_t begin = end - 1;
        while (begin > 0 && isHidden(begin - 1))
            --begin;
        beginRemoveRows({}, int(begin), int(end) - 1);
        m_rows.erase(m_rows.begin() + std::ptrdiff_t(begin), m_rows.begin() + std::ptrdiff_t(end));
        endRemoveRows();
        end = begin;
    }
}

// Puts rows in, ascending keys that are not there: unsorted each to its place, run by run, sorted at the end.
void RequestTableModel::insert(const std::vector<Key> &keys)
{
    const auto placeOf = [this](Key key) {
        return isSorted() ? m_rows.end() : std::lower_bound(m_rows.begin(), m_rows.end(), key);
    };
    for (auto end = keys.end(); end != keys.begin();) {
        const auto place = placeOf(*(end - 1));
        auto begin = end - 1;
        while (begin != keys.begin() && placeOf(*(begin - 1)) == place)
            --begin;
        const int row = int(place - m_rows.begin());
        beginInsertRows({}, row, row + int(end - begin) - 1);
        m_rows.insert(place, begin, end);
        endInsertRows();
        end = begin;
    }
    m_unsortedTail = m_unsortedTail || (isSorted() && !keys.empty());
}

void RequestTableModel::tick(qint64 nowNs)
{
    m_now = std::max(m_now, nowNs);
    const QList<quint64> running(m_session.inFlight().begin(), m_session.inFlight().end());
    if (m_filter.dependsOnTime())
        recheck(running);
    emitChanged(running, Time, {Qt::DisplayRole, SortRole, EndRole});
    constexpr qint64 shortestNs = 250'000'000;
    if (m_unsortedTail && m_now - m_lastSort >= std::max(shortestNs, 20 * m_sortCost))
        resort();
}

// --- sorting ---

void RequestTableModel::sort(int column, Qt::SortOrder order)
{
    m_sortColumn = column < 0 || column >= ColumnCount ? int(Number) : column;
    m_sortOrder = order;
    resort();
}

void RequestTableModel::resort()
{
    QElapsedTimer timer;
    timer.start();
    Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    const QModelIndexList before = persistentIndexList();
    std::vector<Key> keysBefore;
    for (const QModelIndex &each : before)
        keysBefore.push_back(m_rows[std::size_t(each.row())]);
    m_rows = sortedKeys();
    QModelIndexList after;
    for (qsizetype i = 0; i < before.size(); ++i)
        after.append(index(rowOfKey(keysBefore[std::size_t(i)]), before[i].column()));
    changePersistentIndexList(before, after);
    m_unsortedTail = false;
    m_lastSort = m_now;
    Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
    m_sortCost = timer.nsecsElapsed();
}

std::vector<RequestTableModel::Key> RequestTableModel::sortedKeys() const
{
    struct Entry {
        qint64 value = 0;
        QByteArrayView text;
        Key key = 0;
    };
    std::vector<Entry> entries;
    entries.reserve(m_rows.size());
    for (const Key key : m_rows) {
        const Request &request = m_session.requestAt(key - m_firstKey);
        Entry entry{0, {}, key};
        switch (m_sortColumn) {
        case Method: entry.text = parseRequestLine(m_session.text(request.head)).method; break;
        case Path: entry.text = parseRequestLine(m_session.text(request.head)).target; break;
        case Status: entry.value = request.status; break;
        case Size: entry.value = request.responseBytes; break;
        case Time: entry.value = request.durationAt(m_now); break;
        case Waterfall: entry.value = request.start; break;
        default: break; // Number: the key alone
        }
        entries.push_back(entry);
    }
    const bool down = m_sortOrder == Qt::DescendingOrder;
    std::sort(entries.begin(), entries.end(), [down](const Entry &a, const Entry &b) {
        const Entry &low = down ? b : a;
        const Entry &high = down ? a : b;
        if (low.value != high.value)
            return low.value < high.value;
        const int order = low.text.compare(high.text);
        return order != 0 ? order < 0 : low.key < high.key;
    });
    std::vector<Key> keys;
    keys.reserve(entries.size());
    for (const Entry &entry : entries)
        keys.push_back(entry.key);
    return keys;
}

// --- what a view reads ---

int RequestTableModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int RequestTableModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant RequestTableModel::data(const QModelIndex &index, int role) const
{
    const Request *request = index.isValid() ? at(index.row()) : nullptr;
    if (!request)
        return {};
    switch (role) {
    case Qt::DisplayRole: return display(*request, index.column());
    case Qt::ToolTipRole: return toolTip(*request, index.column());
    case Qt::TextAlignmentRole: {
        const int column = index.column();
        const bool right = column == Number || column == Size || column == Time;
        return int((right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    case SortRole: return sortValue(*request, index.column());
    case RequestRole: return qulonglong(request->number);
    case ConnectionRole: return qulonglong(request->connection);
    case RunningRole: return request->isRunning();
    case ColorIndexRole: return requestColorIndex(request->number);
    case StartRole: return qlonglong(request->start);
    case ResponseHeadRole: return qlonglong(request->responseHead);
    case EndRole: return qlonglong(request->start + request->durationAt(m_now));
    case FailedRole: return request->hasFailed();
    default: return {};
    }
}

QVariant RequestTableModel::display(const Request &request, int column) const
{
    const RequestLine line = parseRequestLine(m_session.text(request.head));
    switch (column) {
    case Number: return QString::number(request.number);
    case Method: return line.method.isNull() ? tr("?") : printable(line.method, 32);
    case Path:
        if (line.target.isNull())
            return m_session.isEvicted(request.head) ? tr("(no longer kept)") : tr("(not recorded)");
        return printable(line.target);
    case Status: return request.status == 0 ? (request.isRunning() ? tr("…") : tr("none")) : QString::number(request.status);
    case Size: return formatSize(request.responseBytes);
    case Time: return formatDuration(request.durationAt(m_now));
    default: return {};
    }
}

QVariant RequestTableModel::sortValue(const Request &request, int column) const
{
    const RequestLine line = parseRequestLine(m_session.text(request.head));
    switch (column) {
    case Number: return qulonglong(request.number);
    case Method: return printable(line.method, 32);
    case Path: return printable(line.target);
    case Status: return int(request.status);
    case Size: return qlonglong(request.responseBytes);
    case Time: return qlonglong(request.durationAt(m_now));
    case Waterfall: return qlonglong(request.start);
    default: return {};
    }
}

QVariant RequestTableModel::toolTip(const Request &request, int column) const
{
    switch (column) {
    case Path: return display(request, Path);
    case Status: {
        const StatusLine status = parseStatusLine(m_session.text(request.responseHeadText));
        if (request.isRunning())
            return tr("The response has not ended.");
        if (request.endedWithoutResponse)
            return tr("No end of a response was recorded.");
        if (request.outcome != trace::ResponseOutcome::Complete)
            return tr("%1 %2: %3").arg(QString::number(request.status), printable(status.reason, 80),
                                       QString::fromUtf8(trace::toString(request.outcome)));
        return tr("%1 %2").arg(QString::number(request.status), printable(status.reason, 80));
    }
    case Size:
        return tr("%1 bytes of body sent, %2 received").arg(formatCount(request.responseBytes), formatCount(request.bodyBytes));
    case Time:
    case Waterfall:
        return tr("Began %1, took %2").arg(formatTimestamp(request.start, m_session.firstTime()),
                                           formatDuration(request.durationAt(m_now)));
    default: return {};
    }
}

QVariant RequestTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Number: return tr("#");
    case Method: return tr("Method");
    case Path: return tr("Path");
    case Status: return tr("Status");
    case Size: return tr("Size");
    case Time: return tr("Time");
    case Waterfall: return tr("Waterfall");
    default: return {};
    }
}

} // namespace loopscope::model
