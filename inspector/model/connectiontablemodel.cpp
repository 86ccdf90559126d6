// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/connectiontablemodel.h"

#include "inspector/model/formatting.h"
#include "inspector/model/requestcolor.h"

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;

namespace loopscope::model {

ConnectionTableModel::ConnectionTableModel(const Session &session, Shown shown, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
    , m_shown(shown)
    , m_now(session.lastTime())
{
    connect(&session, &Session::changed, this, &ConnectionTableModel::onChanged);
    connect(&session, &Session::cleared, this, &ConnectionTableModel::onCleared);
    rebuild();
}

void ConnectionTableModel::setShown(Shown shown)
{
    if (shown == m_shown)
        return;
    beginResetModel();
    m_shown = shown;
    rebuild();
    endResetModel();
}

quint64 ConnectionTableModel::connectionAt(int row) const
{
    return row >= 0 && row < rowCount() ? m_rows[std::size_t(row)] : 0;
}

int ConnectionTableModel::rowOf(quint64 connection) const
{
    const auto found = std::lower_bound(m_rows.begin(), m_rows.end(), connection);
    return found == m_rows.end() || *found != connection ? -1 : int(found - m_rows.begin());
}

bool ConnectionTableModel::isShown(const Connection &connection) const
{
    if (m_shown == Shown::All || connection.isOpen())
        return true;
    const qint64 began = m_session.server().drainBegan;
    return began >= 0 && connection.closed >= began;
}

bool ConnectionTableModel::isShown(quint64 number) const
{
    const Connection *connection = m_session.connection(number);
    return connection && isShown(*connection);
}

// --- following the session ---

void ConnectionTableModel::rebuild()
{
    m_rows.clear();
    for (quint64 row = 0; row < m_session.connectionCount(); ++row) {
        const quint64 number = m_session.connectionAt(row).number;
        if (isShown(number))
            m_rows.push_back(number);
    }
    std::sort(m_rows.begin(), m_rows.end());
    m_rows.erase(std::unique(m_rows.begin(), m_rows.end()), m_rows.end());
    m_drainBegan = m_session.server().drainBegan;
}

void ConnectionTableModel::onCleared()
{
    beginResetModel();
    rebuild();
    endResetModel();
}

void ConnectionTableModel::onChanged(const Session::Change &change)
{
    m_now = std::max(m_now, m_session.lastTime());
    if (change.connectionsEvicted > 0 || !change.connectionsUpdated.isEmpty()
        || m_drainBegan != m_session.server().drainBegan) {
        m_drainBegan = m_session.server().drainBegan;
        removeHidden();
    }
    update(change.connectionsUpdated);
    std::vector<quint64> added;
    const quint64 count = m_session.connectionCount();
    for (quint64 row = count - change.connectionsAppended; row < count; ++row) {
        const quint64 number = m_session.connectionAt(row).number;
        if (isShown(number))
            added.push_back(number);
    }
    insert(std::move(added));
}

void ConnectionTableModel::insert(std::vector<quint64> numbers)
{
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    // Nearly always all of them come at the end; a number that is there already is one that a restarted server used again.
    const auto newer = m_rows.empty() ? numbers.begin() : std::upper_bound(numbers.begin(), numbers.end(), m_rows.back());
    for (auto number = numbers.begin(); number != newer; ++number) {
        const auto place = std::lower_bound(m_rows.begin(), m_rows.end(), *number);
        const int row = int(place - m_rows.begin());
        if (*place == *number) {
            Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
            continue;
        }
        beginInsertRows({}, row, row);
        m_rows.insert(place, *number);
        endInsertRows();
    }
    if (newer == numbers.end())
        return;
    beginInsertRows({}, rowCount(), rowCount() + int(numbers.end() - newer) - 1);
    m_rows.insert(m_rows.end(), newer, numbers.end());
    endInsertRows();
}

// Takes out, run by run from the end, what is no longer to be shown.
void ConnectionTableModel::removeHidden()
{
    for (std::size_t end = m_rows.size(); end > 0;) {
        if (isShown(m_rows[end - 1])) {
            --end;
            continue;
        }
        std::size_t begin = end - 1;
        while (begin > 0 && !isShown(m_rows[begin - 1]))
            --begin;
        beginRemoveRows({}, int(begin), int(end) - 1);
        m_rows.erase(m_rows.begin() + std::ptrdiff_t(begin), m_rows.begin() + std::ptrdiff_t(end));
        endRemoveRows();
        end = begin;
    }
}

void ConnectionTableModel::update(const QList<quint64> &numbers)
{
    int low = rowCount();
    int high = -1;
    for (const quint64 number : numbers) {
        const int row = rowOf(number);
        if (row >= 0) {
            low = std::min(low, row);
            high = std::max(high, row);
        }
    }
    if (high >= 0)
        Q_EMIT dataChanged(index(low, 0), index(high, ColumnCount - 1));
}

void ConnectionTableModel::tick(qint64 nowNs)
{
    m_now = std::max(m_now, nowNs);
    if (!m_rows.empty()) {
        Q_EMIT dataChanged(index(0, Time), index(rowCount() - 1, Outcome), {Qt::DisplayRole, SortRole});
    }
}

// --- what a view reads ---

int ConnectionTableModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int ConnectionTableModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

// The oldest that runs: with pipelining others wait behind it.
const Request *ConnectionTableModel::requestInFlight(const Connection &connection) const
{
    if (connection.inFlight == 0)
        return nullptr;
    const std::size_t first = m_session.firstRequestEndingAfter(connection, std::numeric_limits<qint64>::max());
    return first < connection.requestCount() ? m_session.request(connection.requestAt(first))
                                             : m_session.request(connection.lastRequest);
}

qint64 ConnectionTableModel::stateSince(const Connection &connection) const
{
    switch (connection.state()) {
    case Connection::State::Closed: return connection.closed;
    case Connection::State::Idle:
        return connection.idleSince == Connection::unknown ? connection.opened : connection.idleSince;
    case Connection::State::InFlight: break;
    }
    const Request *request = requestInFlight(connection);
    return request ? request->start : connection.opened;
}

QVariant ConnectionTableModel::data(const QModelIndex &index, int role) const
{
    const Connection *connection = index.isValid() ? m_session.connection(connectionAt(index.row())) : nullptr;
    if (!connection)
        return {};
    const Request *request = requestInFlight(*connection);
    switch (role) {
    case Qt::DisplayRole: return display(*connection, index.column());
    case Qt::ToolTipRole: return index.column() == Outcome || index.column() == Peer ? display(*connection, index.column()) : QVariant();
    case Qt::TextAlignmentRole: {
        const int column = index.column();
        const bool right = column == Number || column == InFlightRequest || column == Served || column == Time;
        return int((right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    case SortRole: return sortValue(*connection, index.column());
    case ConnectionRole: return qulonglong(connection->number);
    case RequestRole: return qulonglong(request ? request->number : 0);
    case StateRole: return int(connection->state());
    case OpenedRole: return qlonglong(connection->opened);
    case ClosedRole: return qlonglong(connection->closed);
    case StateSinceRole: return qlonglong(stateSince(*connection));
    case IdleDueRole: return qlonglong(connection->state() == Connection::State::Idle ? connection->idleDue : 0);
    case CutRole: return !connection->isOpen() && !connection->endNotSeen && connection->reason == trace::CloseReason::Cut;
    case ColorIndexRole: return request ? requestColorIndex(request->number) : 0;
    default: return {};
    }
}

static QString reasonText(trace::CloseReason reason)
{
    switch (reason) {
    case trace::CloseReason::ByPeer: return ConnectionTableModel::tr("closed by the client");
    case trace::CloseReason::ByServer: return ConnectionTableModel::tr("closed by the server");
    case trace::CloseReason::IdleTimeout: return ConnectionTableModel::tr("keep-alive timeout");
    case trace::CloseReason::HeaderTimeout: return ConnectionTableModel::tr("header timeout");
    case trace::CloseReason::RequestTimeout: return ConnectionTableModel::tr("request timeout");
    case trace::CloseReason::SendTimeout: return ConnectionTableModel::tr("send timeout");
    case trace::CloseReason::Drained: return ConnectionTableModel::tr("drained");
    case trace::CloseReason::Cut: return ConnectionTableModel::tr("cut");
    case trace::CloseReason::Error: return ConnectionTableModel::tr("socket error");
    }
    return {};
}

QString ConnectionTableModel::outcome(const Connection &connection) const
{
    const ServerState &server = m_session.server();
    if (!connection.isOpen()) {
        if (connection.endNotSeen)
            return tr("its end was not recorded");
        if (server.drainBegan >= 0 && connection.closed >= server.drainBegan)
            return tr("%1, %2 after the drain began").arg(reasonText(connection.reason), formatDuration(connection.closed - server.drainBegan));
        return reasonText(connection.reason);
    }
    if (connection.state() == Connection::State::InFlight && server.isDraining() && server.drainDeadline > m_now)
        return tr("cut in %1 unless it ends").arg(formatDuration(server.drainDeadline - m_now));
    if (connection.state() == Connection::State::Idle && connection.idleDue > m_now)
        return tr("closes in %1").arg(formatDuration(connection.idleDue - m_now));
    return {};
}

QVariant ConnectionTableModel::display(const Connection &connection, int column) const
{
    switch (column) {
    case Number: return QString::number(connection.number);
    case Peer: {
        const QByteArrayView peer = m_session.text(connection.peer);
        return peer.isNull() ? tr("(not recorded)") : printable(peer, 100);
    }
    case State:
        switch (connection.state()) {
        case Connection::State::Idle: return tr("idle");
        case Connection::State::InFlight: return tr("in flight");
        case Connection::State::Closed: return tr("closed");
        }
        return {};
    case InFlightRequest: {
        const Request *request = requestInFlight(connection);
        return request ? QString::number(request->number) : QString();
    }
    case Served: return formatCount(connection.served);
    case Time:
        return formatDuration(connection.isOpen() ? std::max<qint64>(0, m_now - stateSince(connection))
                                                  : connection.closed - connection.opened);
    case Outcome: return outcome(connection);
    default: return {};
    }
}

QVariant ConnectionTableModel::sortValue(const Connection &connection, int column) const
{
    switch (column) {
    case Number: return qulonglong(connection.number);
    case State: return int(connection.state());
    case InFlightRequest: {
        const Request *request = requestInFlight(connection);
        return qulonglong(request ? request->number : 0);
    }
    case Served: return qlonglong(connection.served);
    case Time:
        return qlonglong(connection.isOpen() ? std::max<qint64>(0, m_now - stateSince(connection))
                                             : connection.closed - connection.opened);
    default: return display(connection, column);
    }
}

QVariant ConnectionTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Number: return tr("#");
    case Peer: return tr("Client");
    case State: return tr("State");
    case InFlightRequest: return tr("Request");
    case Served: return tr("Served");
    case Time: return tr("Time");
    case Outcome: return tr("Outcome");
    default: return {};
    }
}

} // namespace loopscope::model
