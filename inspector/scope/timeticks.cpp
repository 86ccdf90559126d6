// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/scope/timeticks.h"

#include <QtCore/QLocale>

#include <algorithm>
#include <cmath>

namespace loopscope::scope {

using namespace Qt::StringLiterals;

qint64 niceStep(double minimumNs)
{
    qint64 power = 1;
    while (power < 1'000'000'000'000'000'000 && double(power) * 10 <= minimumNs)
        power *= 10;
    for (const qint64 factor : {1, 2, 5}) {
        if (double(power * factor) >= minimumNs)
            return power * factor;
    }
    return power > 900'000'000'000'000'000 ? power : power * 10;
}

TimeTicks TimeTicks::between(qint64 startNs, qint64 endNs, double nsPerPixel, double minimumPixels)
{
    constexpr int mostTicks = 400;
    TimeTicks ticks;
    ticks.stepNs = niceStep(std::max(nsPerPixel * minimumPixels, double(endNs - startNs) / mostTicks));
    qint64 first = startNs / ticks.stepNs * ticks.stepNs;
    if (first < startNs)
        first += ticks.stepNs;
    for (qint64 at = first; at <= endNs; at += ticks.stepNs)
        ticks.at.append(at);
    return ticks;
}

QString TimeTicks::label(qint64 offsetNs) const
{
    if (offsetNs == 0)
        return u"0"_s;
    struct Unit {
        qint64 ns;
        QStringView name;
    };
    static constexpr Unit units[] = {{1'000'000'000, u" s"}, {1'000'000, u" ms"}, {1'000, u" µs"}, {1, u" ns"}};
    const qint64 size = std::abs(offsetNs);
    const auto fits = [size](const Unit &unit) { return size >= unit.ns; };
    const Unit &unit = *std::find_if(std::begin(units), std::end(units), fits);
    int decimals = 0;
    for (qint64 rest = unit.ns; rest > 1 && stepNs % rest != 0; rest /= 10)
        ++decimals;
    const QString number = QLocale().toString(double(offsetNs) / double(unit.ns), 'f', decimals);
    return number + unit.name;
}

} // namespace loopscope::scope
