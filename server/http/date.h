// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>
#include <QtCore/QDateTime>

#include <chrono>
#include <optional>

namespace loopscope::http {

// IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7). Pure functions, for any thread.
[[nodiscard]] QByteArray imfFixdate(const QDateTime &time);
// For the years 0 to 9999.
[[nodiscard]] QByteArray imfFixdate(std::chrono::sys_seconds time);

// What a header says in any of the three forms that a recipient must accept (RFC 9110 §5.6.7): IMF-fixdate,
// "Sunday, 06-Nov-94 08:49:37 GMT" (RFC 850), "Sun Nov  6 08:49:37 1994" (asctime). Nothing for anything else, such as
// a day that the month does not have. A two-digit year that would lie more than 50 years after `now` is of the past.
// A leap second counts as the first second of the next minute. Deviation: the day's name must be one, but is not
// compared with the date.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parseHttpDate(QByteArrayView text,
                                                                    std::chrono::sys_seconds now);
// With the system's clock.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parseHttpDate(QByteArrayView text);

} // namespace loopscope::http
