// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/replay.h"

#include <QtCore/QAbstractTableModel>

namespace loopscope::panel {

// The steps of a replay as rows. Owned by ReplayView, which says when the replay was loaded anew; GUI thread.
class ReplaySteps final : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Number, Start, Phase, Name, Duration, Site, ColumnCount };

    explicit ReplaySteps(const model::Replay &replay, QObject *parent = nullptr);

    // The replay is about to be loaded; and it was.
    void beginLoad() { beginResetModel(); }
    void endLoad() { endResetModel(); }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    const model::Replay &m_replay;
};

} // namespace loopscope::panel
