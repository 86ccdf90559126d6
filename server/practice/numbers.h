// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>

namespace loopscope::practice {

// Numbers of URLs, strictly: digits, with a minus before them, and for a decimal a point among them. Qt's own conversions
// take spaces, '+', exponents and "inf" as well. 0 and *ok false if it is none, or too large. Any thread.
[[nodiscard]] qint64 toWholeNumber(const QString &text, bool *ok);
[[nodiscard]] double toDecimal(const QString &text, bool *ok);

} // namespace loopscope::practice
