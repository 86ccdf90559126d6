// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/delays.h"

#include <QtCore/QString>
#include <QtGui/QBrush>

QT_BEGIN_NAMESPACE
class QPalette;
QT_END_NAMESPACE

namespace loopscope::panel {

// What is said of a part of a request's time, and how it is drawn, the same in the bar and in the table. Pure.

// "Behind others".
[[nodiscard]] QString delayPartWords(model::DelayPart part);
// A sentence for the tooltip.
[[nodiscard]] QString delayPartExplanation(model::DelayPart part);
// "POST /message #41, writeFileSync", "readable", "12 others"; empty: nobody in particular.
[[nodiscard]] QString delayWho(const model::Session &session, const model::DelayShare &share);
// A colour and a pattern; no two parts share both. What is of the request's own has its colour.
[[nodiscard]] QBrush delayBrush(model::DelayPart part, quint64 request, const QPalette &palette);

} // namespace loopscope::panel
