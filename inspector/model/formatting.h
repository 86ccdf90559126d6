// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>

// Quantities as a person reads them: always with a unit, three significant digits or so, a dot for the decimals and
// a comma between thousands in every locale, so that columns line up. Pure functions, any thread.
namespace loopscope::model {

// "0 ms", "0.4 µs", "41.2 µs", "0.41 ms", "41.2 ms", "1.20 s", "75.0 s", "12 min 5 s", "3 h 20 min". A negative one
// has a minus sign.
[[nodiscard]] QString formatDuration(qint64 ns);
// For a scale or a session's whole length: no false precision: "400 ns", "20 µs", "0.8 s" → "800 ms", "12 s",
// "2 min 5 s", "3 h 20 min".
[[nodiscard]] QString formatSpan(qint64 ns);
// Decimal units, as browsers do: "0 B", "999 B", "1.2 kB", "34.5 MB", "1.2 GB".
[[nodiscard]] QString formatSize(qint64 bytes);
// "1,204".
[[nodiscard]] QString formatCount(qint64 count);
// "1,204 req/s", "0.4 req/s".
[[nodiscard]] QString formatRate(double perSecond);
// "12.3 %"; share is 0 … 1.
[[nodiscard]] QString formatShare(double share);
// A time on the clock as it stands since `originNs`: "+0.412 s". Seconds with three decimals.
[[nodiscard]] QString formatTimestamp(qint64 ns, qint64 originNs);

// What bytes from the network look like in a table: UTF-8 decoded, control characters and what is not UTF-8 shown as
// "\r", "\n", "\t", "\x1f"; cut after `mostCharacters` with "…".
[[nodiscard]] QString printable(QByteArrayView bytes, qsizetype mostCharacters = 4'096);

} // namespace loopscope::model
