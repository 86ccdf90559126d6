// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/scope/scopegeometry.h"

namespace loopscope::scope {

void ScopeGeometry::setFrame(QSizeF size, qreal headerWidth, qreal axisHeight)
{
    m_size = size;
    m_headerWidth = headerWidth;
    m_axisHeight = axisHeight;
}

QRectF ScopeGeometry::plot() const noexcept
{
    return {m_headerWidth, m_axisHeight, plotWidth(), std::max<qreal>(0, m_size.height() - m_axisHeight)};
}

void ScopeGeometry::setTimeRange(qint64 startNs, qint64 endNs)
{
    m_startNs = startNs;
    m_startFraction = 0;
    m_nsPerPixel = std::clamp(double(endNs - startNs) / plotWidth(), minimumNsPerPixel, maximumNsPerPixel);
}

void ScopeGeometry::zoomAround(qreal x, double factor)
{
    const double scale = std::clamp(m_nsPerPixel * factor, minimumNsPerPixel, maximumNsPerPixel);
    const double offset = (x - m_headerWidth) * (m_nsPerPixel - scale) + m_startFraction;
    m_startNs += qint64(std::floor(offset));
    m_startFraction = offset - std::floor(offset);
    m_nsPerPixel = scale;
}

void ScopeGeometry::panBy(qreal dx)
{
    const double offset = dx * m_nsPerPixel + m_startFraction;
    m_startNs += qint64(std::floor(offset));
    m_startFraction = offset - std::floor(offset);
}

void ScopeGeometry::setBoxes(QList<LaneBox> boxes)
{
    qreal top = laneGap / 2;
    for (LaneBox &box : boxes) {
        box.top = top;
        top += box.height() + laneGap;
    }
    m_contentHeight = boxes.isEmpty() ? 0 : top;
    m_boxes = std::move(boxes);
}

int ScopeGeometry::boxOfLane(int lane) const noexcept
{
    const auto it = std::find_if(m_boxes.begin(), m_boxes.end(), [lane](const LaneBox &b) { return b.lane == lane; });
    return it == m_boxes.end() ? -1 : int(it - m_boxes.begin());
}

ScopeGeometry::BoxRange ScopeGeometry::visibleBoxes() const noexcept
{
    const qreal top = m_scrollY;
    const qreal bottom = m_scrollY + std::max<qreal>(0, m_size.height() - m_axisHeight);
    const auto first = std::partition_point(m_boxes.begin(), m_boxes.end(),
                                            [top](const LaneBox &b) { return b.top + b.height() <= top; });
    const auto last = std::partition_point(first, m_boxes.end(), [bottom](const LaneBox &b) { return b.top < bottom; });
    return {int(first - m_boxes.begin()), int(last - m_boxes.begin())};
}

Hit ScopeGeometry::hitTest(QPointF point) const noexcept
{
    Hit hit;
    hit.ns = toNs(point.x());
    if (point.y() < m_axisHeight)
        return hit;
    const qreal y = point.y() - m_axisHeight + m_scrollY;
    const auto it = std::partition_point(m_boxes.begin(), m_boxes.end(),
                                         [y](const LaneBox &b) { return b.top + b.height() <= y; });
    if (it == m_boxes.end() || y < it->top)
        return hit;
    hit.box = int(it - m_boxes.begin());
    hit.row = std::min(it->rows - 1, int((y - it->top) / it->rowHeight));
    return hit;
}

} // namespace loopscope::scope
