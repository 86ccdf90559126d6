// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/delaybar.h"

#include "inspector/model/formatting.h"
#include "inspector/panel/plaintext.h"

#include <QtGui/QHelpEvent>
#include <QtGui/QPainter>
#include <QtWidgets/QToolTip>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

namespace {
constexpr int margin = 8; // px, at both ends
constexpr int minimumBarWidth = 120; // px
constexpr qreal minimumPartWidth = 1; // px
constexpr int labelPadding = 3; // px, around a label in its part
} // namespace

DelayBar::DelayBar(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Parts of the request's time"));
}

void DelayBar::setParts(const QList<DelayBarPart> &parts)
{
    QList<DelayBarPart> shown;
    std::copy_if(parts.cbegin(), parts.cend(), std::back_inserter(shown), [](const DelayBarPart &part) { return part.ns > 0; });
    if (shown == m_parts)
        return;
    m_parts = shown;
    m_total = 0;
    QString spoken;
    for (const DelayBarPart &part : std::as_const(m_parts)) {
        m_total += part.ns;
        spoken += part.label + u": "_s + model::formatDuration(part.ns) + u"; "_s;
    }
    setAccessibleDescription(spoken);
    update();
}

QRectF DelayBar::partRect(int part) const
{
    // What is widened to be seen takes its width from the others, in proportion.
    const qreal whole = std::max<qreal>(1, width() - 2 * margin);
    qreal left = 0;
    qreal small = 0;
    qint64 largeNs = 0;
    const auto isSmall = [&](const DelayBarPart &p) { return qreal(p.ns) / qreal(m_total) * whole < minimumPartWidth; };
    for (const DelayBarPart &p : m_parts) {
        small += isSmall(p) ? minimumPartWidth : 0;
        largeNs += isSmall(p) ? 0 : p.ns;
    }
    const qreal scale = largeNs > 0 ? std::max<qreal>(0, whole - small) / qreal(largeNs) : 0;
    const auto widthOf = [&](const DelayBarPart &p) { return isSmall(p) ? minimumPartWidth : qreal(p.ns) * scale; };
    for (int i = 0; i < part; ++i)
        left += widthOf(m_parts[i]);
    return {margin + left, 4, widthOf(m_parts[part]), height() - 8.0};
}

QSize DelayBar::sizeHint() const
{
    return {3 * minimumBarWidth, fontMetrics().height() + 18};
}

QSize DelayBar::minimumSizeHint() const
{
    return {minimumBarWidth, fontMetrics().height() + 18};
}

bool DelayBar::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    for (int i = 0; i < m_parts.size(); ++i) {
        if (!partRect(i).adjusted(-1, -4, 1, 4).contains(help->pos()))
            continue;
        QToolTip::showText(help->globalPos(),
                           plainToolTip(m_parts[i].label + u": "_s + model::formatDuration(m_parts[i].ns) + u'\n'
                                        + m_parts[i].explanation),
                           this);
        return true;
    }
    QToolTip::hideText();
    return true;
}

void DelayBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const QColor ground = palette().color(QPalette::Window);
    const QColor ink = palette().color(QPalette::WindowText);
    for (int i = 0; i < m_parts.size(); ++i) {
        const QRectF rect = partRect(i);
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_parts[i].brush);
        painter.drawRect(rect);
        if (rect.width() > 3) { // a seam between two
            painter.setPen(ground);
            painter.drawLine(rect.topRight(), rect.bottomRight());
        }
        const qreal labelWidth = fontMetrics().horizontalAdvance(m_parts[i].label) + 2 * labelPadding;
        if (labelWidth + 4 > rect.width())
            continue;
        QRectF plate(0, 0, labelWidth, fontMetrics().height());
        plate.moveCenter(rect.center());
        painter.fillRect(plate, ground); // words on a pattern could not be read
        painter.setPen(ink);
        painter.drawText(plate, Qt::AlignCenter, m_parts[i].label);
    }
}

} // namespace loopscope::panel
