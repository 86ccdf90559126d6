// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGui/QPalette>

QT_BEGIN_NAMESPACE
class QApplication;
QT_END_NAMESPACE

namespace loopscope::theme {

// How the program looks. System follows the desktop.
enum class Theme { System, Light, Dark };

// Sets the Fusion style (the same on every desktop, and wholly drawn from the palette) and the palette of the theme.
// The GUI thread's; may be called again at any time: every widget gets a PaletteChange.
// A desktop that says nothing about dark or light gets the light theme.
void applyTheme(QApplication &application, Theme theme);

// The two palettes, also for tests and pictures.
[[nodiscard]] QPalette lightPalette();
[[nodiscard]] QPalette darkPalette();

// Whether text is lighter than what it stands on. Views ask this of their own palette, never of the application's.
[[nodiscard]] bool isDark(const QPalette &palette);

} // namespace loopscope::theme
