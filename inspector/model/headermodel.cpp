// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/headermodel.h"

#include "inspector/model/formatting.h"
#include "inspector/model/httphead.h"

namespace loopscope::model {

HeaderModel::HeaderModel(const Session &session, Side side, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
    , m_side(side)
{
    connect(&session, &Session::changed, this, &HeaderModel::onChanged);
    connect(&session, &Session::cleared, this, &HeaderModel::reload);
}

void HeaderModel::setRequest(quint64 number)
{
    m_request = number;
    reload();
}

static TextRef headOf(const Request &request, HeaderModel::Side side)
{
    return side == HeaderModel::Side::Request ? request.head : request.responseHeadText;
}

void HeaderModel::onChanged(const Session::Change &change)
{
    const Request *request = m_request != 0 && change.requestsUpdated.contains(m_request) ? m_session.request(m_request) : nullptr;
    if (request && headOf(*request, m_side) != m_head)
        reload();
}

void HeaderModel::reload()
{
    beginResetModel();
    const Request *request = m_session.request(m_request);
    m_head = request ? headOf(*request, m_side) : TextRef{};
    m_raw = m_session.text(m_head).toByteArray();
    m_evicted = m_session.isEvicted(m_head);
    m_startLine = printable(QByteArrayView(m_raw).first(qMax<qsizetype>(0, m_raw.indexOf("\r\n"))));
    m_rows.clear();
    for (const HeaderField &field : parseHeaders(m_raw))
        m_rows.append({printable(field.name), printable(field.value, 32'768)});
    endResetModel();
}

int HeaderModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int HeaderModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant HeaderModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= m_rows.size() || (role != Qt::DisplayRole && role != Qt::ToolTipRole))
        return {};
    const auto &row = m_rows[index.row()];
    return index.column() == Name ? row.first : row.second;
}

QVariant HeaderModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == Name ? tr("Name") : tr("Value");
}

} // namespace loopscope::model
