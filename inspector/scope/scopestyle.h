// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/theme/colors.h"

#include <QtGui/QFont>
#include <QtGui/QFontMetricsF>
#include <QtGui/QPalette>

#include <array>

namespace loopscope::scope {

// Colours, fonts and sizes of the timeline, made of a palette and a font whenever one of them changes.
struct ScopeStyle {
    // Height of the band of chunk marks below the text of a request, logical pixels.
    static constexpr qreal chunkBand = 9;

    ScopeStyle(const QPalette &palette, const QFont &base);

    QPalette palette;
    QFont font; // tabular digits
    QFont boldFont;
    QFontMetricsF metrics;
    qreal rowHeight; // a row of slices: text with a little air
    qreal connectionHeight; // a connection's row: text above, its chunks below
    qreal idleHeight; // a connection with nothing in view
    qreal axisHeight;

    QColor base;
    QColor text;
    QColor faintText;
    QColor header; // ground of the header column and the axis
    QColor line; // between lanes
    QColor grid;
    QColor nobody; // a slice that ran for no request, and many for different ones
    QColor alarm;
    QColor highlight;
    std::array<QColor, theme::requestColorCount> requests;

    // `request` 0: nobody's.
    [[nodiscard]] QColor fill(quint64 request) const;
    // The same, paler with each row of nesting: still told from the ground.
    [[nodiscard]] QColor fill(quint64 request, int row) const;
};

} // namespace loopscope::scope
