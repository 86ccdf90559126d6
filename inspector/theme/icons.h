// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>
#include <QtGui/QIcon>

namespace loopscope::theme {

// An icon from an SVG file (a resource path, usually) drawn in one colour of the application's palette: button text,
// or its disabled or highlighted variant. Rendered at the size and device pixel ratio asked for, and again in the new
// colour when the palette has changed, so it may be set once and kept. GUI thread.
// A file that is missing or no SVG gives a null icon.
[[nodiscard]] QIcon tintedIcon(const QString &svgFile);

} // namespace loopscope::theme
