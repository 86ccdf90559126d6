// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QtGlobal>

namespace loopscope::scope {

// The marks of a time axis: a step of 1, 2 or 5 times a power of ten, and labels in one unit with it.
struct TimeTicks {
    qint64 stepNs = 1;
    QList<qint64> at; // offsets from the axis' zero, ns, ascending

    // Ticks at multiples of the step within [startNs, endNs] (offsets from the axis' zero), at least
    // minimumPixels apart at nsPerPixel. Never more than a few hundred.
    [[nodiscard]] static TimeTicks between(qint64 startNs, qint64 endNs, double nsPerPixel, double minimumPixels);

    // "0", "250 µs", "1.25 s": the unit of the step's size or of the offset's, whichever is shorter to read; as
    // many decimals as the step needs, so that no two neighbours get the same label.
    [[nodiscard]] QString label(qint64 offsetNs) const;
};

// The smallest 1-2-5 step that is at least minimumNs (and at least 1 ns).
[[nodiscard]] qint64 niceStep(double minimumNs);

} // namespace loopscope::scope
