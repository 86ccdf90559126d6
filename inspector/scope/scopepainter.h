// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/scope/scopegeometry.h"
#include "inspector/scope/scopestyle.h"

#include <QtCore/QString>

QT_BEGIN_NAMESPACE
class QPainter;
QT_END_NAMESPACE

namespace loopscope::scope {

// How a bar stands to what is selected.
enum class Emphasis {
    Normal,
    Dimmed, // something else is selected
    Related, // belongs to the selected request: outlined and patterned
    Selected, // the selected slice itself: a double outline
};

// The strokes of the timeline: given where and what, it draws. It knows no session and decides nothing.
// Lives for one paint event. All edges are rounded to device pixels, so that they are crisp at every ratio.
class ScopePainter {
public:
    // A bar narrower than this gets no text, logical pixels.
    static constexpr qreal leastTextWidth = 22;

    ScopePainter(QPainter &painter, const ScopeGeometry &geometry, const ScopeStyle &style, qreal pixel);

    // The axis with its ticks, and the grid below it. `zeroNs` is what the labels count from.
    void axis(qint64 zeroNs);
    // The header of a lane; the names of its rows are written below its own, as long as there is room.
    void laneHeader(int box, const QString &name, const QStringList &rowNames);
    // The corner above the headers.
    void corner(const QString &text);
    // A thin line along a row, from one time to another: idle.
    void idleLine(int box, qint64 fromNs, qint64 toNs, Emphasis emphasis);

    struct Bar {
        QRectF rect;
        QColor fill;
        QString text;
        Emphasis emphasis = Emphasis::Normal;
        Qt::BrushStyle pattern = Qt::SolidPattern; // laid over when Related or Selected
        bool open = false; // still running: the right edge is ragged
        bool alarm = false; // it blocks: outlined in the alarm colour
        QColor edge = {}; // valid: an outline of its own
        qreal textBottom = 0; // the text keeps this far from the lower edge
    };
    void bar(const Bar &bar);
    // Sleep: a light gap between two lines.
    void gap(const QRectF &rect, const QString &text);
    // Many slices on one pixel, filled from below as far as they ran.
    void density(const QRectF &rect, const QColor &fill, qreal busy, Emphasis emphasis);

    // ▮ received, ▯ sent, ◆ the end of a response; centred at x.
    enum class Glyph { ChunkIn, ChunkOut, End };
    void glyph(Glyph glyph, qreal x, const QRectF &band, const QColor &color, Emphasis emphasis);
    // The name of a phase, on what a wait left free of its bar.
    void barLabel(const QRectF &rect, const QColor &fill, const QString &text);

    // From where a callback was registered to where it ran.
    void arrow(QPointF from, QPointF to);
    // A vertical line through all lanes with a time beside it in the axis.
    void cursor(qreal x, const QString &time);
    void range(qreal fromX, qreal toX, const QString &duration);
    // What blocks, at the right end of the axis, where it hides nothing that was measured.
    void alarmBanner(const QString &text);
    // In the middle of an empty plot.
    void emptyText(const QString &title, const QString &hint);

    [[nodiscard]] QRectF rowRect(int box, int row, qreal x, qreal width) const;

private:
    [[nodiscard]] qreal snap(qreal value) const { return std::round(value / m_pixel) * m_pixel; }
    [[nodiscard]] QRectF snapped(const QRectF &rect) const;
    [[nodiscard]] QColor dimmed(const QColor &color, Emphasis emphasis) const;
    void outline(const QRectF &rect, const QColor &color, qreal width);
    void barText(const Bar &bar, const QRectF &rect, const QColor &fill);
    // Text on its own ground, kept inside the plot; beside x if there is room, otherwise left of it.
    void tag(qreal x, qreal y, const QString &text, const QColor &ground);

    QPainter &m_painter;
    const ScopeGeometry &m_geometry;
    const ScopeStyle &m_style;
    const qreal m_pixel; // width of a device pixel, logical
};

} // namespace loopscope::scope
