// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/layermodel.h"

#include "inspector/model/formatting.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::model {

LayerModel::LayerModel(const Session &session, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
{
    connect(&session, &Session::changed, this, [this](const Session::Change &change) {
        if (m_request != 0 && change.requestsUpdated.contains(m_request))
            reload();
    });
    connect(&session, &Session::cleared, this, &LayerModel::reload);
}

void LayerModel::setRequest(quint64 number)
{
    m_request = number;
    reload();
}

void LayerModel::reload()
{
    beginResetModel();
    m_rows.clear();
    m_total = 0;
    const Request *request = m_session.request(m_request);
    m_start = request ? request->start : 0;
    const QList<LayerCall> calls = m_session.layers(m_request);
    for (const LayerCall &call : calls)
        m_rows.append({call, false});
    for (qsizetype i = calls.size(); i-- > 0;) {
        if (calls[i].upNs > 0)
            m_rows.append({calls[i], true});
    }
    for (const Row &row : std::as_const(m_rows))
        m_total += row.ownNs();
    endResetModel();
}

bool LayerModel::isStuck(const Row &row) const
{
    const Request *request = m_session.request(m_request);
    if (!request || !request->isRunning() || request->responseHead != Request::unknown || row.up)
        return false;
    return row.call.next == LayerCall::unknown
        && std::none_of(m_rows.begin(), m_rows.end(), [&](const Row &other) { return other.call.id > row.call.id; });
}

QString LayerModel::stuckMessage(qint64 nowNs) const
{
    for (const Row &row : m_rows) {
        if (isStuck(row)) {
            return tr("in %1 for %2: no next(), no response")
                .arg(printable(m_session.string(row.call.name), 200), formatDuration(std::max<qint64>(0, nowNs - row.call.entered)));
        }
    }
    return {};
}

int LayerModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int LayerModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant LayerModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= m_rows.size())
        return {};
    const Row &row = m_rows[index.row()];
    switch (role) {
    case Qt::DisplayRole: return display(row, index.column());
    case Qt::ToolTipRole: return index.column() == Name || index.column() == Site ? display(row, index.column()) : QVariant();
    case Qt::TextAlignmentRole: {
        const bool right = index.column() == OwnTime || index.column() == Start;
        return int((right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    case SortRole: return sortValue(row, index.column());
    case LayerRole: return qulonglong(row.call.id);
    case UpRole: return row.up;
    case OwnTimeRole: return qlonglong(row.ownNs());
    case ShareRole: return m_total > 0 ? double(row.ownNs()) / double(m_total) : 0.0;
    case StuckRole: return isStuck(row);
    default: return {};
    }
}

static QString kindText(trace::LayerKind kind)
{
    switch (kind) {
    case trace::LayerKind::Middleware: return LayerModel::tr("middleware");
    case trace::LayerKind::RouterMount: return LayerModel::tr("router");
    case trace::LayerKind::Route: return LayerModel::tr("route");
    case trace::LayerKind::Error: return LayerModel::tr("error middleware");
    case trace::LayerKind::BuiltIn: return LayerModel::tr("built-in");
    }
    return {};
}

QVariant LayerModel::display(const Row &row, int column) const
{
    switch (column) {
    case Direction: return row.up ? u"↑"_s : u"↓"_s;
    case Name: return printable(m_session.string(row.call.name), 200);
    case Kind: return kindText(row.call.kind);
    case OwnTime: return formatDuration(row.ownNs());
    case Start: return formatDuration((row.up ? row.call.next : row.call.entered) - m_start);
    case Site:
        return row.call.file == 0 ? QString()
                                  : QString(QString::fromUtf8(m_session.string(row.call.file)) % u':' % QString::number(row.call.line));
    default: return {};
    }
}

QVariant LayerModel::sortValue(const Row &row, int column) const
{
    switch (column) {
    case Direction: return row.up;
    case Kind: return int(row.call.kind);
    case OwnTime: return qlonglong(row.ownNs());
    case Start: return qlonglong((row.up ? row.call.next : row.call.entered) - m_start);
    default: return display(row, column);
    }
}

QVariant LayerModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Direction: return u"↕"_s;
    case Name: return tr("Layer");
    case Kind: return tr("Kind");
    case OwnTime: return tr("Own time");
    case Start: return tr("Began after");
    case Site: return tr("Registered at");
    default: return {};
    }
}

} // namespace loopscope::model
