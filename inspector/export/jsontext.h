// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

// JSON (RFC 8259) appended to a buffer, for writers that stream. Pure functions, any thread.
// (The room is "export"; that word is taken in C++, so its namespace is "exporting".)
namespace loopscope::exporting {

// `bytes` as a JSON string with its quotes. What is not UTF-8 becomes U+FFFD; controls are escaped.
void appendJsonString(QByteArray &out, QByteArrayView bytes);
// ns as microseconds with three decimals, "1234.567", exact for every value.
void appendMicroseconds(QByteArray &out, qint64 ns);

} // namespace loopscope::exporting
