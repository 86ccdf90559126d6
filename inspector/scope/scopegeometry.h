// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QList>
#include <QtCore/QRectF>
#include <QtCore/QtGlobal>

#include <algorithm>
#include <cmath>

namespace loopscope::scope {

// One lane of the timeline as it is laid out: a thread or a connection, `rows` deep.
struct LaneBox {
    int lane = 0; // which lane: the index that the owner of the geometry gave it
    int rows = 1;
    qreal rowHeight = 0;
    qreal top = 0; // from the top of the first lane, before scrolling

    [[nodiscard]] qreal height() const noexcept { return rows * rowHeight; }
    friend bool operator==(const LaneBox &, const LaneBox &) = default;
};

// What lies under a point.
struct Hit {
    int box = -1; // index into ScopeGeometry::boxes(), -1: no lane
    int row = -1; // row within the lane
    qint64 ns = 0;
};

// Where everything is: time to pixel and back, lane to pixel and back. A plain value without a window.
//
// x is in logical pixels from the view's left edge, header column included; y from its top edge, axis included. Times
// are ns on the trace's clock.
class ScopeGeometry {
public:
    // The nearest one can come, and the farthest: 0.1 ns and 1,000 s a pixel.
    static constexpr double minimumNsPerPixel = 0.1;
    static constexpr double maximumNsPerPixel = 1e12;
    // Between two lanes, logical pixels.
    static constexpr qreal laneGap = 6;

    // The frame: size of the view, width of the header column, height of the axis.
    void setFrame(QSizeF size, qreal headerWidth, qreal axisHeight);
    [[nodiscard]] QSizeF size() const noexcept { return m_size; }
    [[nodiscard]] qreal headerWidth() const noexcept { return m_headerWidth; }
    [[nodiscard]] qreal axisHeight() const noexcept { return m_axisHeight; }
    // Right of the headers, below the axis.
    [[nodiscard]] QRectF plot() const noexcept;

    // Shows startNs to endNs across the plot; an empty or reversed range is made one pixel's least time long.
    void setTimeRange(qint64 startNs, qint64 endNs);
    [[nodiscard]] qint64 startNs() const noexcept { return m_startNs; }
    [[nodiscard]] qint64 endNs() const noexcept { return toNs(m_headerWidth + plotWidth()); }
    [[nodiscard]] double nsPerPixel() const noexcept { return m_nsPerPixel; }

    [[nodiscard]] qreal toX(qint64 ns) const noexcept
    {
        return m_headerWidth + (double(ns - m_startNs) - m_startFraction) / m_nsPerPixel;
    }
    [[nodiscard]] qint64 toNs(qreal x) const noexcept
    {
        return m_startNs + qint64(std::floor((x - m_headerWidth) * m_nsPerPixel + m_startFraction + 1e-6));
    }

    // The first whole ns at or right of x.
    [[nodiscard]] qint64 toNsRightOf(qreal x) const noexcept
    {
        return m_startNs + qint64(std::ceil((x - m_headerWidth) * m_nsPerPixel + m_startFraction - 1e-6));
    }

    // Multiplies the scale by `factor` (above 1: farther away) so that the time at x stays at x.
    void zoomAround(qreal x, double factor);
    // Moves what is seen by dx pixels: positive shows later times.
    void panBy(qreal dx);

    // Lays lanes out, one below the other, in the order given; `top` is filled in.
    void setBoxes(QList<LaneBox> boxes);
    [[nodiscard]] const QList<LaneBox> &boxes() const noexcept { return m_boxes; }
    [[nodiscard]] qreal contentHeight() const noexcept { return m_contentHeight; }
    void setScrollY(qreal y) noexcept { m_scrollY = y; }
    [[nodiscard]] qreal scrollY() const noexcept { return m_scrollY; }

    // y of a lane's top edge, or of a row's.
    [[nodiscard]] qreal laneY(int box) const noexcept { return m_axisHeight + m_boxes[box].top - m_scrollY; }
    [[nodiscard]] qreal rowY(int box, int row) const noexcept { return laneY(box) + row * m_boxes[box].rowHeight; }
    // Index of the box of `lane`, -1 if it is not laid out.
    [[nodiscard]] int boxOfLane(int lane) const noexcept;
    // The boxes that touch the plot: [first, last).
    struct BoxRange {
        int first = 0;
        int last = 0;
    };
    [[nodiscard]] BoxRange visibleBoxes() const noexcept;
    [[nodiscard]] Hit hitTest(QPointF point) const noexcept;

private:
    [[nodiscard]] qreal plotWidth() const noexcept { return std::max<qreal>(1, m_size.width() - m_headerWidth); }

    QSizeF m_size;
    qreal m_headerWidth = 0;
    qreal m_axisHeight = 0;
    qint64 m_startNs = 0;
    double m_startFraction = 0; // 0 ≤ … < 1: keeps zooming below 1 ns a pixel from drifting
    double m_nsPerPixel = 1000;
    qreal m_scrollY = 0;
    qreal m_contentHeight = 0;
    QList<LaneBox> m_boxes;
};

} // namespace loopscope::scope
