// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"

#include <QtCore/QString>

namespace loopscope::exporting {

// What curlCommand() makes a command of.
struct CurlRequest {
    QByteArrayView head; // as received
    QByteArrayView body; // as captured
    bool bodyIsWhole = true; // false: a comment line in front says that the body is only a part
};

// A command for a POSIX shell that sends this request again to `baseUrl` ("http://127.0.0.1:3000"): method, target,
// every header field as it was, body, HTTP version. What curl would add by itself and the request did not have is
// suppressed; Content-Length is left to curl. Text bodies go as --data-raw, others by printf into --data-binary @-.
// Whatever bytes a client sent: quoted, they cannot become another command. Empty if there is no request line.
[[nodiscard]] QString curlCommand(const CurlRequest &request, const QString &baseUrl);

// The same of a recorded request; empty if it or its head is not (or no longer) kept.
[[nodiscard]] QString curlCommand(const model::Session &session, quint64 request, const QString &baseUrl);

// `text` as one word of a POSIX shell (POSIX.1-2017, XCU 2.2.2), always in single quotes. NUL cannot be passed in a
// word and is left out.
[[nodiscard]] QString shellQuoted(const QString &text);

} // namespace loopscope::exporting
