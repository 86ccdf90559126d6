// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/timingbars.h"

#include "inspector/panel/plaintext.h"

#include <QtGui/QHelpEvent>
#include <QtGui/QPainter>
#include <QtWidgets/QToolTip>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

namespace {
constexpr int gap = 8; // px between label, bar and value
constexpr int minimumBarWidth = 60; // px of the whole axis
} // namespace

TimingBars::TimingBars(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Timing"));
}

void TimingBars::setRows(const QList<TimingRow> &rows, qint64 start, qint64 duration)
{
    if (rows == m_rows && start == m_start && duration == m_duration)
        return;
    m_rows = rows;
    m_start = start;
    m_duration = duration;
    QString spoken;
    for (const TimingRow &row : rows)
        spoken += row.label + u": "_s + row.value + u"; "_s;
    setAccessibleDescription(spoken);
    measure();
}

void TimingBars::measure()
{
    QFont bold = font();
    bold.setBold(true);
    const QFontMetrics boldMetrics(bold);
    m_labelWidth = 0;
    m_valueWidth = 0;
    for (const TimingRow &row : std::as_const(m_rows)) {
        m_labelWidth = std::max(m_labelWidth, boldMetrics.horizontalAdvance(row.label));
        m_valueWidth = std::max(m_valueWidth, boldMetrics.horizontalAdvance(row.value));
    }
    updateGeometry();
    update();
}

QList<QRectF> TimingBars::barRects(int row) const
{
    const qreal left = m_labelWidth + 2 * gap;
    const qreal axis = std::max<qreal>(minimumBarWidth, width() - left - m_valueWidth - 2 * gap);
    const qreal scale = m_duration > 0 ? axis / qreal(m_duration) : 0;
    QList<QRectF> rects;
    for (const auto &[from, to] : m_rows[row].stretches) {
        const qreal barWidth = std::max<qreal>(2, qreal(to - from) * scale);
        const qreal x = std::min(left + qreal(from - m_start) * scale, left + axis - barWidth);
        if (!rects.isEmpty() && x < rects.last().right()) // falls on the same pixels
            rects.last().setRight(std::max(rects.last().right(), x + barWidth));
        else
            rects.append({x, row * rowHeight() + rowHeight() * 0.2, barWidth, rowHeight() * 0.6});
    }
    return rects;
}

QSize TimingBars::sizeHint() const
{
    return {m_labelWidth + m_valueWidth + 3 * minimumBarWidth + 4 * gap, int(m_rows.size()) * rowHeight()};
}

QSize TimingBars::minimumSizeHint() const
{
    return {m_labelWidth + m_valueWidth + minimumBarWidth + 4 * gap, int(m_rows.size()) * rowHeight()};
}

bool TimingBars::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const int row = help->pos().y() / rowHeight();
        if (row >= 0 && row < m_rows.size())
            QToolTip::showText(help->globalPos(), plainToolTip(m_rows[row].explanation), this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

void TimingBars::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor ink = palette().color(QPalette::WindowText);
    for (int i = 0; i < m_rows.size(); ++i) {
        const TimingRow &row = m_rows[i];
        const QRect line(0, i * rowHeight(), width(), rowHeight());
        QFont lineFont = font();
        lineFont.setBold(row.isTotal);
        painter.setFont(lineFont);
        painter.setPen(palette().color(QPalette::Mid));
        if (row.isTotal)
            painter.drawLine(line.topLeft(), line.topRight());
        painter.setPen(ink);
        painter.drawText(line.adjusted(gap, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, row.label);
        painter.drawText(line.adjusted(0, 0, -gap, 0), Qt::AlignVCenter | Qt::AlignRight, row.value);
        painter.setPen(Qt::NoPen);
        painter.setBrush(row.color);
        const QList<QRectF> rects = barRects(i);
        for (const QRectF &rect : rects)
            painter.drawRoundedRect(rect, 2, 2);
    }
}

void TimingBars::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        measure();
}

int TimingBars::rowHeight() const
{
    return fontMetrics().height() + 8;
}

} // namespace loopscope::panel
