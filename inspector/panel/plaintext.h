// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>

namespace loopscope::panel {

// What came from a network is shown as text, whatever it contains. Pure functions; any thread.

// A tooltip for text that may look like markup: Qt guesses whether a tooltip is rich text, so it is given rich text
// that says exactly `text`, with its line breaks. Longer ones are cut at maximumToolTipCharacters with a word.
inline constexpr qsizetype maximumToolTipCharacters = 4'000;
[[nodiscard]] QString plainToolTip(const QString &text);

// `text` with control, bidirectional and zero-width characters as visible escapes ("\u202e", "\x1b"), so that what
// is read is what was sent and in that order. Line feeds and tabs stay if `keepLines`.
[[nodiscard]] QString visibleText(QStringView text, bool keepLines = false);

} // namespace loopscope::panel
