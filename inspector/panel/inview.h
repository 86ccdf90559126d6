// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QWidget>

namespace loopscope::panel {

// Whether a person can see any of it. A dock that is a tab behind another is "visible" for Qt, which keeps it beyond the
// window's edge.
[[nodiscard]] inline bool isInView(const QWidget &widget)
{
    return widget.isVisible() && !widget.visibleRegion().isEmpty();
}

} // namespace loopscope::panel
