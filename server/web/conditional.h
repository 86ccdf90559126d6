// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/requesthead.h"

#include <QtCore/QByteArray>

#include <chrono>
#include <optional>

namespace loopscope::web {

// Conditional requests (RFC 9110 §13). Pure functions, for any thread.

// What tells one state of a resource from another (RFC 9110 §8.8).
struct Validators {
    QByteArray etag; // with its quotes: "\"abc\"", "W/\"abc\""; empty if there is none
    std::optional<std::chrono::sys_seconds> lastModified;
};

enum class EtagComparison : quint8 {
    Strong, // equal, and neither is weak
    Weak, // equal but for W/
};
// RFC 9110 §8.8.3.2.
[[nodiscard]] bool etagsMatch(QByteArrayView a, QByteArrayView b, EtagComparison comparison) noexcept;
// Whether the list of an If-Match or If-None-Match, or its "*", names `etag`; `etag` may be empty ("*" matches that
// too, for the resource exists). What follows a malformed element is not looked at.
[[nodiscard]] bool etagListMatches(QByteArrayView list, QByteArrayView etag, EtagComparison comparison) noexcept;
// An opaque-tag with its quotes: no quote, control byte or space within (RFC 9110 §8.8.3).
[[nodiscard]] bool isEtag(QByteArrayView text) noexcept;

enum class Precondition : quint8 {
    Proceed, // the method is performed
    NotModified, // 304
    Failed, // 412
};
// RFC 9110 §13.2.2, steps 1 to 4, for a resource that exists and would be answered with a 2xx.
[[nodiscard]] Precondition evaluatePreconditions(const http::RequestHead &head, const Validators &validators);
// Step 5: false if an If-Range says that the client's parts are of another state, so that Range is ignored. An etag is
// compared strongly (a weak one never matches); a date must be the same, and be strong: at least a second before
// `now` (RFC 9110 §8.8.2.2, §13.1.5).
[[nodiscard]] bool rangeApplies(const http::RequestHead &head, const Validators &validators,
                                std::chrono::sys_seconds now);

// Whether what the client has is still good, as the npm package fresh: as above for If-None-Match and
// If-Modified-Since, but never with "Cache-Control: no-cache" (an end-to-end reload). For GET and HEAD.
[[nodiscard]] bool isFresh(const http::RequestHead &head, const Validators &validators);

} // namespace loopscope::web
