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

namespace {

bool hasTabularDigits(const QFont &font)
{
    const QFontMetricsF metrics(font);
    const qreal width = metrics.horizontalAdvance(QLatin1Char('0'));
    for (char digit = '1'; digit <= '9'; ++digit) {
        if (!qFuzzyCompare(metrics.horizontalAdvance(QLatin1Char(digit)), width))
            return false;
    }
    return true;
}

} // namespace

// The tables ask for each cell that they paint, nearly always with the same font: the last answer is kept.
QFont tabularFont(const QFont &base)
{
    static QFont lastBase;
    static QFont lastTabular = hasTabularDigits(lastBase) ? lastBase : monospaceFont(lastBase);
    if (base != lastBase) {
        lastBase = base;
        lastTabular = hasTabularDigits(base) ? base : monospaceFont(base);
    }
    return lastTabular;
}

} // namespace loopscope::theme
