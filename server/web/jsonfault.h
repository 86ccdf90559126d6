// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArrayView>

#include <optional>

namespace loopscope::web {

// Where a text is no JSON.
struct JsonFault {
    const char *what = ""; // a phrase, static storage
    qsizetype at = 0; // bytes from its start
};

// Nothing if `text` is one JSON value of any kind by RFC 8259, a byte order mark before it or not. For what QJsonDocument
// takes is more: "[1.]", "\q", control bytes in strings.
// Deviation: half of a surrogate pair ("\ud800") is a fault, which JSON.parse() takes (RFC 8259 §8.2).
[[nodiscard]] std::optional<JsonFault> findJsonFault(QByteArrayView text);

} // namespace loopscope::web
