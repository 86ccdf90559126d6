// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/theme/fonts.h"

#include <QtGui/QFontDatabase>
#include <QtGui/QFontMetricsF>

namespace loopscope::theme {

QFont monospaceFont(const QFont &base)
{
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    if (base.pixelSize() > 0)
        font.setPixelSize(base.pixelSize());
    else
        font.setPointSizeF(base.pointSizeF());
    return font;
}

QFont tabularFont(const QFont &base)
{
    const QFontMetricsF metrics(base);
    const qreal width = metrics.horizontalAdvance(QLatin1Char('0'));
    for (char digit = '1'; digit <= '9'; ++digit) {
        if (!qFuzzyCompare(metrics.horizontalAdvance(QLatin1Char(digit)), width))
            return monospaceFont(base);
    }
    return base;
}

} // namespace loopscope::theme
