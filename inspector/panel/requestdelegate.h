// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/viewstate.h"

#include <QtWidgets/QStyledItemDelegate>

namespace loopscope::model {
class Session;
}

namespace loopscope::panel {

// Paints the request table's cells that are more than text: the number with the request's colour swatch, the status
// with a sign, and the waterfall. Owned by the table; GUI thread; reads the session only for the rows that it paints.
class RequestDelegate final : public QStyledItemDelegate {
    Q_OBJECT

public:
    // Both must outlive it.
    RequestDelegate(const model::Session &session, const model::ViewState &view, QObject *parent);

    // The time on the clock that running requests are drawn up to.
    void setNow(qint64 nowNs) { m_now = nowNs; }

    // "● 200", "→ 302", "▲ 404", "✕ 500", "… running": the sign says the class where the colour cannot be seen.
    [[nodiscard]] static QString statusText(const QModelIndex &index);
    // The stretch [from, to] of times as px in `cell` when `range` is as wide as it; null if it lies outside.
    [[nodiscard]] static QRectF barRect(qint64 from, qint64 to, model::TimeRange range, const QRectF &cell);

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override;

private:
    void paintSwatch(QPainter *painter, const QStyleOptionViewItem &option, int colorIndex) const;
    void paintWaterfall(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const;

    const model::Session &m_session;
    const model::ViewState &m_view;
    qint64 m_now = 0;
};

} // namespace loopscope::panel
