// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/trace/tracerecord.h"

#include <QtCore/Qt>
#include <QtGui/QColor>
#include <QtGui/QPalette>

namespace loopscope::theme {

// The colours that carry a meaning. Each has a variant for light and for dark palettes, with a contrast of at least
// 3:1 against QPalette::Base (WCAG 2.1 §1.4.11), and none is ever the only sign: a number, word or pattern goes with it.

// The set that requests share out, repeated: model::requestColorIndex() gives the index. Derived from Okabe and Ito's
// colour-blind-safe set (https://jfly.uni-koeln.de/color/); lightness differs wherever hue alone might not tell.
inline constexpr int requestColorCount = 8;
// `index` from 0; larger ones wrap around.
[[nodiscard]] QColor requestColor(int index, const QPalette &palette);
// A pattern to lay over a request's fill, so that neighbours differ without hue. Solid for the first.
[[nodiscard]] Qt::BrushStyle requestPattern(int index);

// The colour of a loop phase: muted, so that it is not taken for a request's.
[[nodiscard]] QColor phaseColor(trace::Phase phase, const QPalette &palette);

// The colour of a status code's class: 1xx and 2xx, 3xx, 4xx, 5xx; 0 (no answer yet) is the placeholder text's.
[[nodiscard]] QColor statusColor(int status, const QPalette &palette);

// What blocks, failed or was cut; and what only deserves a look. Always beside a word.
[[nodiscard]] QColor alarmColor(const QPalette &palette);
[[nodiscard]] QColor warningColor(const QPalette &palette);

// Around fields and boxes: 3:1 with the window around them.
[[nodiscard]] QColor frameColor(const QPalette &palette);

// Black or white: what can be read on `fill`, with a contrast of at least 4.5:1 on every colour of this file.
[[nodiscard]] QColor textOn(const QColor &fill);

// `amount` 0 is `a`, 1 is `b`.
[[nodiscard]] QColor blend(const QColor &a, const QColor &b, qreal amount);

// WCAG 2.1's contrast ratio, 1 to 21.
[[nodiscard]] qreal contrastRatio(const QColor &a, const QColor &b);

} // namespace loopscope::theme
