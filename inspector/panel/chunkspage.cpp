// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/chunkspage.h"

#include "inspector/model/formatting.h"
#include "inspector/panel/emptytext.h"
#include "inspector/panel/listview.h"

#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QVBoxLayout>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

using model::ChunkModel;

qint64 ChunkGaps::gapBefore(int row) const
{
    const QModelIndex chunk = index(row, ChunkModel::Time);
    const bool toClient = chunk.data(ChunkModel::ToClientRole).toBool();
    for (int before = row - 1; before >= 0; --before) {
        const QModelIndex other = index(before, ChunkModel::Time);
        if (other.data(ChunkModel::ToClientRole).toBool() == toClient)
            return chunk.data(ChunkModel::TimeRole).toLongLong() - other.data(ChunkModel::TimeRole).toLongLong();
    }
    return -1;
}

QVariant ChunkGaps::data(const QModelIndex &index, int role) const
{
    const QVariant value = QIdentityProxyModel::data(index, role);
    if (index.column() != ChunkModel::Time || role != Qt::DisplayRole)
        return value;
    const qint64 gap = gapBefore(index.row());
    return gap < 0 ? value : QVariant(tr("%1 (+%2)").arg(value.toString(), model::formatDuration(gap)));
}

QVariant ChunkGaps::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && section == ChunkModel::Time) {
        if (role == Qt::DisplayRole)
            return tr("Time (gap)");
        if (role == Qt::ToolTipRole)
            return tr("Since the request's first byte, and since the chunk before it in the same direction");
    }
    return QIdentityProxyModel::headerData(section, orientation, role);
}

ChunksPage::ChunksPage(const model::Session &session, QWidget *parent)
    : DetailPage(parent)
    , m_model(session)
    , m_list(new ListView(tr("Chunks"), this))
    , m_missing(new QLabel(this))
{
    m_gaps.setSourceModel(&m_model);
    m_list->setModel(&m_gaps);
    m_list->setNumericColumns({ChunkModel::Number, ChunkModel::Time, ChunkModel::Size, ChunkModel::Offset});
    // direction, time, size and the first bytes are in view at the dock's width; the rest after a scroll
    m_list->setColumnHidden(ChunkModel::Number, true);
    QHeaderView *header = m_list->horizontalHeader();
    header->moveSection(header->visualIndex(ChunkModel::Bytes), header->visualIndex(ChunkModel::Offset));
    m_list->setColumnSample(ChunkModel::Bytes, u"name=Ann&te"_s);
    m_list->setColumnSample(ChunkModel::Direction, u"← response"_s);
    m_list->setColumnSample(ChunkModel::Time, u"99.9 ms (+99.9 ms)"_s);
    m_list->setColumnSample(ChunkModel::Size, u"99.9 kB"_s);
    m_list->setColumnSample(ChunkModel::Offset, u"999,999"_s);
    m_list->setColumnSample(ChunkModel::Framing, u"content-length"_s);
    new EmptyText(m_list, tr("No body chunk of this request, in either direction."));
    m_missing->setTextFormat(Qt::PlainText);
    m_missing->setWordWrap(true);
    m_missing->setContentsMargins(6, 4, 6, 4);
    m_missing->hide();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_missing);
    layout->addWidget(m_list);
    setFocusProxy(m_list);
}

void ChunksPage::setRequest(quint64 request)
{
    m_model.setRequest(request);
}

void ChunksPage::refresh(qint64)
{
    const qint64 missing = m_model.missingCount();
    m_missing->setText(tr("%1 older chunks are not shown: the session's memory holds only so many.")
                           .arg(model::formatCount(missing)));
    m_missing->setVisible(missing > 0);
}

} // namespace loopscope::panel
