// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

#include <array>

namespace loopscope::model {

inline constexpr int requestColors = 8;

// The palette index, 0 … 7, of a request's colour, the same in every view; 0 for no request as well, so test for that
// first. Neighbouring numbers never share a colour. Colour is never the only sign: the number stands beside it.
[[nodiscard]] constexpr int requestColorIndex(quint64 request) noexcept
{
    return request == 0 ? 0 : int((request - 1) % requestColors);
}

// 0xRRGGBB by index: Okabe and Ito's colour-blind-safe set, its black and yellow replaced by a grey and a purple that
// can be seen on light and dark grounds alike (https://jfly.uni-koeln.de/color/).
inline constexpr std::array<quint32, requestColors> requestRgb{
    0x0072b2, 0xe69f00, 0x009e73, 0xcc79a7, 0x56b4e9, 0xd55e00, 0x8073ac, 0x8c8c8c,
};

} // namespace loopscope::model
