// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/delaytable.h"

#include "inspector/model/formatting.h"
#include "inspector/panel/delaywords.h"
#include "inspector/panel/requestwords.h"

#include <QtGui/QFont>
#include <QtGui/QGuiApplication>
#include <QtGui/QPainter>
#include <QtGui/QPalette>
#include <QtGui/QPixmap>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

using model::DelayPart;
using model::DelayShare;

namespace {
constexpr int swatchSize = 12; // px
}

DelayTable::DelayTable(const model::Session &session, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
{
}

DelayTable::Row DelayTable::rowOf(const DelayShare &share) const
{
    const QByteArray &file = m_session.string(share.file);
    Row row{.share = share,
            .part = delayPartWords(share.part),
            .who = delayWho(m_session, share),
            .site = siteWords(file, share.line),
            .file = {}};
    if (!file.isEmpty())
        row.file = model::printable(file) + u':' + QString::number(share.line);
    return row;
}

void DelayTable::show(const model::DelayAccount &account)
{
    QList<Row> rows;
    int ofPart = 0;
    for (const DelayShare &share : account.shares) {
        if (share.part == DelayPart::Unaccounted)
            continue;
        ofPart = rows.isEmpty() || rows.last().share.part != share.part ? 1 : ofPart + 1;
        if (ofPart <= maximumRowsOfPart) {
            rows.append(rowOf(share));
            continue;
        }
        if (ofPart == maximumRowsOfPart + 1) {
            DelayShare rest;
            rest.part = share.part;
            rest.others = true;
            rows.append(rowOf(rest));
        }
        rows.last().share.ns += share.ns;
        rows.last().share.stretches += share.stretches;
    }
    DelayShare unaccounted;
    unaccounted.ns = account.of(DelayPart::Unaccounted);
    rows.append(rowOf(unaccounted));
    DelayShare total;
    total.ns = account.total();
    rows.append({.share = total, .part = account.ended ? tr("Total") : tr("So far"), .who = {}, .site = {}, .file = {},
                 .isTotal = true});
    const bool sameShape = account.request == m_request && rows.size() == m_rows.size();
    if (sameShape && rows == m_rows && m_total == account.total())
        return;
    if (!sameShape)
        beginResetModel();
    m_request = account.request;
    m_total = account.total();
    m_rows = rows;
    if (sameShape) // a selection stays
        Q_EMIT dataChanged(index(0, 0), index(int(m_rows.size()) - 1, ColumnCount - 1));
    else
        endResetModel();
}

void DelayTable::clear()
{
    if (m_rows.isEmpty())
        return;
    beginResetModel();
    m_rows.clear();
    m_request = 0;
    endResetModel();
}

model::SliceKey DelayTable::keyAt(int row) const
{
    return row >= 0 && row < m_rows.size() ? m_rows[row].share.slice : model::SliceKey();
}

int DelayTable::rowOf(const model::SliceKey &key) const
{
    for (int row = 0; key.isValid() && row < m_rows.size(); ++row) {
        if (m_rows[row].share.slice == key)
            return row;
    }
    return -1;
}

int DelayTable::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int DelayTable::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant DelayTable::swatch(const Row &row) const
{
    if (row.isTotal)
        return {};
    QPixmap pixmap(swatchSize, swatchSize);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    const QBrush brush = delayBrush(row.share.part, m_request, QGuiApplication::palette());
    painter.setPen(brush.color());
    painter.setBrush(brush);
    painter.drawRect(0, 0, swatchSize - 1, swatchSize - 1);
    return pixmap;
}

QVariant DelayTable::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= m_rows.size())
        return {};
    const Row &row = m_rows[index.row()];
    if (role == Qt::FontRole && row.isTotal) {
        QFont bold = QGuiApplication::font();
        bold.setBold(true);
        return bold;
    }
    if (role == Qt::DecorationRole && index.column() == Part)
        return swatch(row);
    if (role == Qt::ToolTipRole) {
        if (index.column() == Site)
            return row.file;
        if (index.column() == Who || row.isTotal)
            return {};
        return QString(delayPartExplanation(row.share.part) + u'\n' + tr("In %n piece(s).", nullptr, row.share.stretches));
    }
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Part: return row.part;
    case Amount: return model::formatDuration(row.share.ns);
    case Share: return m_total > 0 ? model::formatShare(double(row.share.ns) / double(m_total)) : QString();
    case Who: return row.who;
    case Site: return row.site;
    default: return {};
    }
}

QVariant DelayTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || (role != Qt::DisplayRole && role != Qt::ToolTipRole))
        return {};
    const bool tip = role == Qt::ToolTipRole;
    switch (section) {
    case Part: return tip ? tr("What the request did, or waited for") : tr("Part");
    case Amount: return tip ? tr("How long, in all") : tr("Time");
    case Share: return tip ? tr("Of the request's whole time") : tr("Share");
    case Who: return tip ? tr("What ran meanwhile: the request, and the longest stretch of it") : tr("Who");
    case Site: return tip ? tr("Where that was registered") : tr("Registered");
    default: return {};
    }
}

} // namespace loopscope::panel
