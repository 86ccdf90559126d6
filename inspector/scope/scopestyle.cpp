// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/scope/scopestyle.h"

#include "inspector/model/requestcolor.h"
#include "inspector/scope/slicemarks.h"
#include "inspector/theme/fonts.h"

namespace loopscope::scope {

static QFont bold(QFont font)
{
    font.setBold(true);
    return font;
}

ScopeStyle::ScopeStyle(const QPalette &from, const QFont &baseFont)
    : palette(from)
    , font(theme::tabularFont(baseFont))
    , boldFont(bold(font))
    , metrics(font)
    , rowHeight(std::ceil(metrics.height()) + 3)
    , connectionHeight(rowHeight + chunkBand)
    , idleHeight(std::ceil(metrics.height()) - 1)
    , axisHeight(std::ceil(metrics.height()) + 10)
    , base(palette.color(QPalette::Base))
    , text(palette.color(QPalette::Text))
    , faintText(palette.color(QPalette::PlaceholderText))
    , header(palette.color(QPalette::Window))
    , line(theme::blend(base, text, 0.14))
    , grid(theme::blend(base, text, 0.07))
    , nobody(theme::blend(base, text, 0.38))
    , alarm(theme::alarmColor(palette))
    , highlight(palette.color(QPalette::Highlight))
{
    for (int i = 0; i < theme::requestColorCount; ++i)
        requests[std::size_t(i)] = theme::requestColor(i, palette);
}

QColor ScopeStyle::fill(quint64 request) const
{
    if (request == 0 || request == SliceMark::mixedRequests)
        return nobody;
    return requests[std::size_t(model::requestColorIndex(request)) % requests.size()];
}

QColor ScopeStyle::fill(quint64 request, int row) const
{
    return theme::blend(fill(request), base, std::min(0.45, 0.17 * row));
}

} // namespace loopscope::scope
