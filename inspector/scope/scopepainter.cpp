// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/scope/scopepainter.h"

#include "inspector/scope/timeticks.h"

#include <QtGui/QPainter>
#include <QtGui/QPainterPath>

namespace loopscope::scope {

ScopePainter::ScopePainter(QPainter &painter, const ScopeGeometry &geometry, const ScopeStyle &style, qreal pixel)
    : m_painter(painter)
    , m_geometry(geometry)
    , m_style(style)
    , m_pixel(pixel)
{
    m_painter.setFont(style.font);
}

QRectF ScopePainter::snapped(const QRectF &rect) const
{
    const qreal left = snap(rect.left());
    const qreal top = snap(rect.top());
    return {left, top, std::max(m_pixel, snap(rect.right()) - left), std::max(m_pixel, snap(rect.bottom()) - top)};
}

QRectF ScopePainter::rowRect(int box, int row, qreal x, qreal width) const
{
    // Far outside the view a double is too large for a painter: cut to a little more than what is seen.
    const QRectF plot = m_geometry.plot();
    const qreal left = std::max(x, plot.left() - 10);
    const qreal right = std::min(x + width, plot.right() + 10);
    return {left, m_geometry.rowY(box, row), std::max<qreal>(0, right - left), m_geometry.boxes()[box].rowHeight - 1};
}

QColor ScopePainter::dimmed(const QColor &color, Emphasis emphasis) const
{
    return emphasis == Emphasis::Dimmed ? theme::blend(m_style.base, color, 0.28) : color;
}

void ScopePainter::axis(qint64 zeroNs)
{
    const QRectF plot = m_geometry.plot();
    const QRectF band(plot.left(), 0, plot.width(), m_geometry.axisHeight());
    m_painter.fillRect(band, m_style.header);
    const qreal labelWidth = m_style.metrics.horizontalAdvance(QStringLiteral("-00,000.000 ms")) + 16;
    const TimeTicks ticks = TimeTicks::between(m_geometry.startNs() - zeroNs, m_geometry.endNs() - zeroNs,
                                               m_geometry.nsPerPixel(), labelWidth);
    m_painter.save();
    m_painter.setClipRect(QRectF(plot.left(), 0, plot.width(), m_geometry.size().height()));
    const auto minor = [&](qint64 ns) {
        const qreal x = snap(m_geometry.toX(zeroNs + ns));
        m_painter.fillRect(QRectF(x, band.bottom() - 4, m_pixel, 4), m_style.faintText);
    };
    const qint64 minorStep = ticks.stepNs % 5 == 0 ? ticks.stepNs / 5 : ticks.stepNs / 2;
    const qint64 firstMajor = ticks.at.isEmpty() ? 0 : ticks.at.first() - ticks.stepNs;
    for (qint64 at = firstMajor; minorStep > 0 && !ticks.at.isEmpty() && at <= ticks.at.last() + ticks.stepNs; at += minorStep)
        minor(at);
    for (const qint64 at : ticks.at) {
        const qreal x = snap(m_geometry.toX(zeroNs + at));
        m_painter.fillRect(QRectF(x, band.bottom() - 9, m_pixel, 9), m_style.faintText);
        m_painter.fillRect(QRectF(x, plot.top(), m_pixel, plot.height()), m_style.grid);
        m_painter.setPen(m_style.text);
        m_painter.drawText(QRectF(x + 4, 0, labelWidth, band.height() - 6), Qt::AlignLeft | Qt::AlignVCenter, ticks.label(at));
    }
    m_painter.restore();
    m_painter.fillRect(QRectF(0, snap(band.bottom()) - m_pixel, m_geometry.size().width(), m_pixel), m_style.line);
}

void ScopePainter::laneHeader(int box, const QString &name, const QStringList &rowNames)
{
    const LaneBox &lane = m_geometry.boxes()[box];
    const qreal y = m_geometry.laneY(box);
    const qreal width = m_geometry.headerWidth();
    m_painter.fillRect(QRectF(0, snap(y + lane.height() + ScopeGeometry::laneGap / 2), m_geometry.size().width(), m_pixel),
                       m_style.line);
    const QRectF first(8, y, width - 16, lane.rowHeight);
    m_painter.setPen(m_style.text);
    m_painter.setFont(m_style.boldFont);
    const QFontMetricsF boldMetrics(m_style.boldFont);
    m_painter.drawText(first, Qt::AlignLeft | Qt::AlignVCenter,
                       boldMetrics.elidedText(name, Qt::ElideRight, first.width()));
    const qreal nameWidth = boldMetrics.horizontalAdvance(name) + 8;
    m_painter.setFont(m_style.font);
    m_painter.setPen(m_style.faintText);
    for (int row = 0; row < rowNames.size() && row < lane.rows; ++row) {
        QRectF rect = first.translated(0, row * lane.rowHeight);
        if (row == 0)
            rect.setLeft(rect.left() + nameWidth);
        m_painter.drawText(rect, Qt::AlignRight | Qt::AlignVCenter,
                           m_style.metrics.elidedText(rowNames[row], Qt::ElideRight, rect.width()));
    }
}

void ScopePainter::corner(const QString &text)
{
    const QRectF rect(0, 0, m_geometry.headerWidth(), m_geometry.axisHeight());
    m_painter.fillRect(rect, m_style.header);
    m_painter.setPen(m_style.faintText);
    m_painter.drawText(rect.adjusted(8, 0, -8, -2), Qt::AlignLeft | Qt::AlignVCenter,
                       m_style.metrics.elidedText(text, Qt::ElideRight, rect.width() - 16));
    m_painter.fillRect(QRectF(0, snap(rect.bottom()) - m_pixel, rect.width(), m_pixel), m_style.line);
    m_painter.fillRect(QRectF(snap(rect.right()) - m_pixel, 0, m_pixel, m_geometry.size().height()), m_style.line);
}

void ScopePainter::idleLine(int box, qint64 fromNs, qint64 toNs, Emphasis emphasis)
{
    const qreal from = m_geometry.toX(fromNs);
    const QRectF rect = rowRect(box, 0, from, m_geometry.toX(toNs) - from);
    if (rect.width() <= 0)
        return;
    const qreal y = snap(rect.center().y());
    m_painter.fillRect(QRectF(rect.left(), y, rect.width(), m_pixel), dimmed(m_style.nobody, emphasis));
}

void ScopePainter::outline(const QRectF &rect, const QColor &color, qreal width)
{
    const qreal w = std::max(m_pixel, snap(width));
    if (rect.width() <= 2 * w || rect.height() <= 2 * w) {
        m_painter.fillRect(rect, color);
        return;
    }
    m_painter.fillRect(QRectF(rect.left(), rect.top(), rect.width(), w), color);
    m_painter.fillRect(QRectF(rect.left(), rect.bottom() - w, rect.width(), w), color);
    m_painter.fillRect(QRectF(rect.left(), rect.top(), w, rect.height()), color);
    m_painter.fillRect(QRectF(rect.right() - w, rect.top(), w, rect.height()), color);
}

void ScopePainter::bar(const Bar &bar)
{
    const QRectF rect = snapped(bar.rect);
    const QColor fill = dimmed(bar.fill, bar.emphasis);
    m_painter.fillRect(rect, fill);
    const bool emphasized = bar.emphasis == Emphasis::Related || bar.emphasis == Emphasis::Selected;
    if (emphasized && rect.width() >= 6 && bar.pattern != Qt::SolidPattern) {
        QColor ink = theme::textOn(fill);
        ink.setAlphaF(0.16f);
        m_painter.fillRect(rect, QBrush(ink, bar.pattern));
    }
    if (bar.alarm) {
        outline(rect, m_style.alarm, 2);
    } else if (bar.emphasis == Emphasis::Selected) {
        outline(rect, m_style.text, 2);
        if (rect.width() > 8)
            outline(rect.adjusted(2, 2, -2, -2), m_style.base, 1);
    } else if (bar.emphasis == Emphasis::Related) {
        outline(rect, m_style.text, 1);
    } else if (bar.edge.isValid()) {
        outline(rect, dimmed(bar.edge, bar.emphasis), 1);
    } else if (rect.width() >= 4 * m_pixel) { // neighbours of one colour stay apart
        m_painter.fillRect(QRectF(rect.right() - m_pixel, rect.top(), m_pixel, rect.height()),
                           theme::blend(fill, m_style.base, 0.6));
    }
    if (bar.open) {
        const qreal step = rect.height() / 4;
        QPolygonF edge{QPointF(rect.right() - 0.01, rect.top())};
        for (int i = 0; i < 4; ++i) {
            edge << QPointF(rect.right() + step, rect.top() + (i + 0.5) * step)
                 << QPointF(rect.right(), rect.top() + (i + 1) * step);
        }
        m_painter.setPen(Qt::NoPen);
        m_painter.setBrush(bar.alarm ? m_style.alarm : bar.edge.isValid() ? dimmed(bar.edge, bar.emphasis) : fill);
        m_painter.drawPolygon(edge);
    }
    barText(bar, rect, fill);
}

void ScopePainter::barText(const Bar &bar, const QRectF &rect, const QColor &fill)
{
    // The text of a bar that begins left of the view starts at the view's edge.
    QRectF place = rect.intersected(m_geometry.plot().adjusted(0, -1e6, 0, 1e6)).adjusted(4, 0, -3, -bar.textBottom);
    if (bar.text.isEmpty() || place.width() < leastTextWidth)
        return;
    const QString text = m_style.metrics.elidedText(bar.text, Qt::ElideRight, place.width());
    if (text.size() < 2)
        return;
    QColor ink = theme::textOn(fill);
    if (bar.emphasis == Emphasis::Dimmed)
        ink = theme::blend(fill, m_style.text, 0.6);
    m_painter.setPen(ink);
    m_painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter, text);
}

void ScopePainter::barLabel(const QRectF &rect, const QColor &fill, const QString &text)
{
    barText({.rect = rect, .fill = fill, .text = text}, snapped(rect), fill);
}

void ScopePainter::gap(const QRectF &bounds, const QString &text)
{
    const QRectF rect = snapped(bounds);
    m_painter.fillRect(rect, theme::blend(m_style.base, m_style.text, 0.04));
    m_painter.fillRect(QRectF(rect.left(), rect.bottom() - m_pixel, rect.width(), m_pixel), m_style.line);
    const QRectF place = rect.intersected(m_geometry.plot().adjusted(0, -1e6, 0, 1e6)).adjusted(4, 0, -4, 0);
    if (place.width() < m_style.metrics.horizontalAdvance(text))
        return;
    m_painter.setPen(m_style.faintText);
    m_painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter, text);
}

void ScopePainter::density(const QRectF &bounds, const QColor &fill, qreal busy, Emphasis emphasis)
{
    // At least two pixels high: something ran, however briefly.
    const qreal height = std::max(2 * m_pixel, snap(bounds.height() * busy));
    m_painter.fillRect(snapped(QRectF(bounds.left(), bounds.bottom() - height, bounds.width(), height)), dimmed(fill, emphasis));
}

void ScopePainter::glyph(Glyph glyph, qreal x, const QRectF &band, const QColor &color, Emphasis emphasis)
{
    const QColor ink = dimmed(color, emphasis);
    const qreal half = 2.5;
    const QRectF box = snapped(QRectF(x - half, band.top(), 2 * half, band.height()));
    switch (glyph) {
    case Glyph::ChunkIn:
        m_painter.fillRect(box, ink);
        break;
    case Glyph::ChunkOut:
        m_painter.fillRect(box, m_style.base);
        outline(box, ink, 1);
        break;
    case Glyph::End: {
        const qreal r = std::min<qreal>(6, band.height() / 2 - 1);
        const QPointF c(x, band.center().y());
        m_painter.setRenderHint(QPainter::Antialiasing);
        m_painter.setPen(QPen(m_style.base, 1));
        m_painter.setBrush(ink);
        m_painter.drawPolygon(QPolygonF{c + QPointF(0, -r), c + QPointF(r, 0), c + QPointF(0, r), c + QPointF(-r, 0)});
        m_painter.setRenderHint(QPainter::Antialiasing, false);
        break;
    }
    }
}

void ScopePainter::arrow(QPointF from, QPointF to)
{
    m_painter.save();
    m_painter.setClipRect(m_geometry.plot());
    m_painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath path(from);
    const qreal bend = std::clamp(std::abs(to.x() - from.x()) / 2, 12.0, 120.0);
    path.cubicTo(from + QPointF(bend, 0), to - QPointF(bend, 0), to - QPointF(5, 0));
    m_painter.setBrush(Qt::NoBrush);
    m_painter.setPen(QPen(m_style.base, 4)); // a halo, so that it is seen on every fill
    m_painter.drawPath(path);
    m_painter.setPen(QPen(m_style.text, 1.5));
    m_painter.drawPath(path);
    m_painter.setPen(QPen(m_style.base, 1));
    m_painter.setBrush(m_style.text);
    m_painter.drawEllipse(from, 3.5, 3.5);
    m_painter.drawPolygon(QPolygonF{to, to + QPointF(-8, -4.5), to + QPointF(-8, 4.5)});
    m_painter.restore();
}

void ScopePainter::tag(qreal x, qreal y, const QString &text, const QColor &ground)
{
    const QRectF plot = m_geometry.plot();
    const qreal width = m_style.metrics.horizontalAdvance(text) + 10;
    qreal left = x + 3;
    if (left + width > plot.right())
        left = x - 3 - width;
    const QRectF rect = snapped(QRectF(std::max(left, plot.left()), y, width, m_style.metrics.height() + 4));
    m_painter.fillRect(rect, ground);
    m_painter.setPen(theme::textOn(ground));
    m_painter.drawText(rect, Qt::AlignCenter, text);
}

void ScopePainter::cursor(qreal x, const QString &time)
{
    const QRectF plot = m_geometry.plot();
    if (x < plot.left() || x > plot.right())
        return;
    QColor line = m_style.text;
    line.setAlphaF(0.45f); // what it crosses stays readable
    m_painter.fillRect(QRectF(snap(x), 0, m_pixel, m_geometry.size().height()), line);
    tag(x, 2, time, m_style.text);
}

void ScopePainter::range(qreal fromX, qreal toX, const QString &duration)
{
    const QRectF plot = m_geometry.plot();
    const qreal left = std::clamp(fromX, plot.left() - 4, plot.right() + 4);
    const qreal right = std::clamp(toX, plot.left() - 4, plot.right() + 4);
    QColor wash = m_style.highlight;
    wash.setAlphaF(0.16f);
    m_painter.save();
    m_painter.setClipRect(QRectF(plot.left(), 0, plot.width(), m_geometry.size().height()));
    m_painter.fillRect(QRectF(left, 0, right - left, m_geometry.size().height()), wash);
    for (const qreal x : {left, right})
        m_painter.fillRect(QRectF(snap(x), 0, 2 * m_pixel, m_geometry.size().height()), m_style.highlight);
    const qreal width = m_style.metrics.horizontalAdvance(duration) + 10;
    const qreal middle = (std::max(left, plot.left()) + std::min(right, plot.right())) / 2;
    tag(middle - width / 2 - 3, 2, duration, m_style.highlight);
    m_painter.restore();
}

void ScopePainter::alarmBanner(const QString &text)
{
    const QRectF plot = m_geometry.plot();
    m_painter.setFont(m_style.boldFont);
    const qreal width = std::min(plot.width(), QFontMetricsF(m_style.boldFont).horizontalAdvance(text) + 20);
    const QRectF rect = snapped(QRectF(plot.right() - width - 4, 3, width, plot.top() - 6));
    m_painter.fillRect(rect, m_style.alarm);
    m_painter.setPen(theme::textOn(m_style.alarm));
    m_painter.drawText(rect, Qt::AlignCenter, text);
    m_painter.setFont(m_style.font);
}

void ScopePainter::emptyText(const QString &title, const QString &hint)
{
    const QRectF plot = m_geometry.plot().adjusted(16, 0, -16, 0);
    const qreal middle = plot.center().y();
    m_painter.setPen(m_style.text);
    m_painter.setFont(m_style.boldFont);
    m_painter.drawText(QRectF(plot.left(), plot.top(), plot.width(), middle - plot.top() - 4),
                       Qt::AlignHCenter | Qt::AlignBottom | Qt::TextWordWrap, title);
    m_painter.setFont(m_style.font);
    m_painter.setPen(m_style.faintText);
    m_painter.drawText(QRectF(plot.left(), middle + 4, plot.width(), plot.bottom() - middle - 4),
                       Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap, hint);
}

} // namespace loopscope::scope
