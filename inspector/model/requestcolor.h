// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

namespace loopscope::model {

inline constexpr int requestColors = 8;

// The palette index, 0 … 7, of a request's colour, the same in every view; 0 for no request as well, so test for that
// first. The colours themselves are theme::requestColor()'s. Neighbouring numbers never share one.
// Colour is never the only sign: the number stands beside it.
[[nodiscard]] constexpr int requestColorIndex(quint64 request) noexcept
{
    return request == 0 ? 0 : int((request - 1) % requestColors);
}

} // namespace loopscope::model
