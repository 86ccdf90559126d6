// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/chunkmodel.h"
#include "inspector/panel/detailpage.h"

#include <QtCore/QIdentityProxyModel>

QT_BEGIN_NAMESPACE
class QLabel;
QT_END_NAMESPACE

namespace loopscope::panel {

class ListView;

// The chunk model with the gap to the chunk before it beside each time: "12.0 ms (+10.1 ms)".
class ChunkGaps final : public QIdentityProxyModel {
    Q_OBJECT

public:
    using QIdentityProxyModel::QIdentityProxyModel;

    // ns since the chunk before it in the same direction; -1: it is the first.
    [[nodiscard]] qint64 gapBefore(int row) const;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
};

// Every piece of both bodies as it came or went: time since the request's start and since the piece before it, size,
// offset, framing, first bytes. GUI thread.
class ChunksPage final : public DetailPage {
    Q_OBJECT

public:
    explicit ChunksPage(const model::Session &session, QWidget *parent = nullptr);

    void setRequest(quint64 request) override;
    void refresh(qint64 nowNs) override;
    [[nodiscard]] const ListView &list() const { return *m_list; }
    [[nodiscard]] const ChunkGaps &gaps() const { return m_gaps; }

private:
    model::ChunkModel m_model;
    ChunkGaps m_gaps;
    ListView *const m_list;
    QLabel *const m_missing;
};

} // namespace loopscope::panel
