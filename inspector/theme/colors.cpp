// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/theme/colors.h"

#include "inspector/theme/theme.h"

#include <cmath>

namespace loopscope::theme {

namespace {

struct Variants {
    QRgb light;
    QRgb dark;
};

// Blue, vermilion, bluish green, reddish purple, sky, amber, grey, olive/yellow. Neighbours in the list differ most:
// requests that follow each other in time take neighbours.
constexpr Variants requestColors[requestColorCount] = {
    {0x0072b2, 0x4c9fe0}, {0xd55e00, 0xff8a4c}, {0x00825b, 0x2cc79a}, {0xb0528c, 0xe29cc4},
    {0x2e8fc7, 0xa5dcff}, {0xa66f00, 0xe0a020}, {0x555555, 0xc4c4c4}, {0x7a7400, 0xf0e442},
};

constexpr Qt::BrushStyle requestPatterns[requestColorCount] = {
    Qt::SolidPattern, Qt::BDiagPattern,  Qt::Dense6Pattern, Qt::HorPattern,
    Qt::FDiagPattern, Qt::DiagCrossPattern, Qt::VerPattern, Qt::CrossPattern,
};

QColor pick(const Variants &variants, const QPalette &palette)
{
    return QColor::fromRgb(isDark(palette) ? variants.dark : variants.light);
}

// WCAG 2.1, "relative luminance".
qreal luminance(const QColor &color)
{
    const auto linear = [](qreal channel) {
        return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

} // namespace

QColor requestColor(int index, const QPalette &palette)
{
    return pick(requestColors[unsigned(index) % requestColorCount], palette);
}

Qt::BrushStyle requestPattern(int index)
{
    return requestPatterns[unsigned(index) % requestColorCount];
}

QColor phaseColor(trace::Phase phase, const QPalette &palette)
{
    switch (phase) {
    case trace::Phase::Timers: return pick({0x8f7a3c, 0xbfa35a}, palette);
    case trace::Phase::Pending: return pick({0x7b6aa6, 0xa797d0}, palette);
    case trace::Phase::Poll: return pick({0x4f7f9e, 0x7faeca}, palette);
    case trace::Phase::Check: return pick({0x4f8a68, 0x7cb592}, palette);
    case trace::Phase::Close: return pick({0xa0625c, 0xcf918a}, palette);
    case trace::Phase::NextTick: return pick({0x8a6f8f, 0xb79bbd}, palette);
    case trace::Phase::Microtask: return pick({0x8f7f70, 0xb9a898}, palette);
    case trace::Phase::None: break;
    }
    return pick({0x767676, 0x9a9a9a}, palette);
}

QColor statusColor(int status, const QPalette &palette)
{
    switch (status / 100) {
    case 1:
    case 2: return pick({0x00774f, 0x4fcf9f}, palette);
    case 3: return pick({0x0067a3, 0x6fb8f0}, palette);
    case 4: return pick({0x9a6200, 0xf0b040}, palette);
    case 5: return alarmColor(palette);
    default: return palette.color(QPalette::PlaceholderText);
    }
}

QColor alarmColor(const QPalette &palette)
{
    return pick({0xc0281c, 0xff7a6b}, palette);
}

QColor warningColor(const QPalette &palette)
{
    return pick({0x9a6200, 0xf0b040}, palette);
}

QColor frameColor(const QPalette &palette)
{
    return pick({0x878785, 0x787c82}, palette);
}

QColor textOn(const QColor &fill)
{
    // White wherever it reaches WCAG's 4.5:1: on saturated colours it reads better than the figure alone says.
    const qreal white = contrastRatio(fill, Qt::white);
    return white >= 4.5 || white >= contrastRatio(fill, Qt::black) ? QColor(Qt::white) : QColor(Qt::black);
}

QColor blend(const QColor &a, const QColor &b, qreal amount)
{
    const auto mix = [amount](float from, float to) { return float(from + (to - from) * amount); };
    return QColor::fromRgbF(mix(a.redF(), b.redF()), mix(a.greenF(), b.greenF()), mix(a.blueF(), b.blueF()),
                            mix(a.alphaF(), b.alphaF()));
}

qreal contrastRatio(const QColor &a, const QColor &b)
{
    const qreal first = luminance(a);
    const qreal second = luminance(b);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

} // namespace loopscope::theme
