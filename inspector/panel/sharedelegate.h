// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/panel/listview.h"

namespace loopscope::panel {

// Paints one column of a ListView as a bar with its text beside it: a share of the cell's width in the colour of a loop
// phase, or two stretches one after the other, pale and full (waiting and running). The rows of what runs are bold.
// Owned by the list; GUI thread. The text says everything that the bar says.
class ShareDelegate final : public PlainDelegate {
    Q_OBJECT

public:
    // The roles that it asks the model for; -1: it has none.
    struct Roles {
        int column = -1; // with the bar
        int share = -1; // double, 0 … 1; invalid: this row has no bar
        int second = -1; // double, 0 … 1: behind the first, which is then the pale one
        int phase = -1; // int: trace::Phase, for the colour
        int bold = -1; // bool
        QString sample = QStringLiteral("100.0 %"); // the widest text that has room beside the bar
    };

    ShareDelegate(const Roles &roles, QObject *parent)
        : PlainDelegate(parent)
        , m_roles(roles)
    {
    }

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override;

private:
    const Roles m_roles;
};

} // namespace loopscope::panel
