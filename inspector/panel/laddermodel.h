// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/layermodel.h"

#include <QtCore/QHash>
#include <QtCore/QIdentityProxyModel>

namespace loopscope::panel {

// The layers of a request as a ladder: "↓ logger", deeper ones indented, "↑ logger" on the way back, and whether each
// passed on. Over a LayerModel, of which it keeps the columns; owned by LadderPage.
class LadderModel final : public QIdentityProxyModel {
    Q_OBJECT

public:
    LadderModel(const model::Session &session, model::LayerModel &layers, QObject *parent = nullptr);

    // When next() was called: "after 0.02 ms", "not called", of the way down; empty of the way up.
    [[nodiscard]] QString nextWords(int row) const;

    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    void read();
    [[nodiscard]] const model::LayerCall *callAt(int row) const;

    const model::Session &m_session;
    model::LayerModel &m_layers;
    QHash<quint64, model::LayerCall> m_calls; // by id
};

} // namespace loopscope::panel
