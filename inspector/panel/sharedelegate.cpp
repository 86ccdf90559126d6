// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/sharedelegate.h"

#include "inspector/theme/colors.h"

#include <QtGui/QPainter>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

void ShareDelegate::initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const
{
    PlainDelegate::initStyleOption(option, index);
    if (m_roles.bold >= 0 && index.data(m_roles.bold).toBool()) {
        option->font.setBold(true);
        option->fontMetrics = QFontMetrics(option->font);
    }
}

void ShareDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    PlainDelegate::paint(painter, option, index);
    if (index.column() != m_roles.column)
        return;
    const QVariant share = index.data(m_roles.share);
    if (!share.isValid())
        return;
    // the text is at the right: the bar takes what that leaves
    const int text = option.fontMetrics.horizontalAdvance(m_roles.sample) + 10;
    QRectF cell = QRectF(option.rect).adjusted(3, 4, m_roles.second >= 0 ? -3 : -text, -4);
    if (cell.width() < 8)
        return;
    const QPalette &palette = option.palette;
    const auto phase = trace::Phase(m_roles.phase >= 0 ? index.data(m_roles.phase).toInt() : 0);
    const QColor full = theme::phaseColor(phase, palette);
    // on its own ground, so that it is seen on a selected row too
    painter->fillRect(cell, palette.color(QPalette::Base));
    const qreal first = std::clamp(share.toDouble(), 0.0, 1.0) * cell.width();
    if (m_roles.second < 0) {
        painter->fillRect(QRectF(cell.left(), cell.top(), first, cell.height()), full);
        return;
    }
    const qreal second = std::clamp(index.data(m_roles.second).toDouble(), 0.0, 1.0) * cell.width();
    painter->fillRect(QRectF(cell.left(), cell.top(), first, cell.height()),
                      theme::blend(full, palette.color(QPalette::Base), 0.6));
    painter->fillRect(QRectF(cell.left() + first, cell.top(), std::max<qreal>(second, second > 0 ? 1 : 0), cell.height()),
                      full);
}

} // namespace loopscope::panel
