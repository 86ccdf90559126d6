// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>
#include <QtCore/QList>

namespace loopscope::model {

// Views into a head's text; null where the head does not have it. They live as long as the text.
struct RequestLine {
    QByteArrayView method;
    QByteArrayView target; // "/users?a=b"
    QByteArrayView version; // "HTTP/1.1"
    // The target without its query.
    [[nodiscard]] QByteArrayView path() const noexcept;
    // What follows the first '?', or null.
    [[nodiscard]] QByteArrayView query() const noexcept;
};

struct StatusLine {
    QByteArrayView version;
    int code = 0;
    QByteArrayView reason;
};

struct HeaderField {
    QByteArrayView name; // as received
    QByteArrayView value; // without the whitespace around it
};

// RFC 9112 §3 and §4, for showing: the server has judged the head already, so these forgive whatever they meet, never
// fail and never read outside `head`. Cheap enough to be called on each look.
[[nodiscard]] RequestLine parseRequestLine(QByteArrayView head) noexcept;
[[nodiscard]] StatusLine parseStatusLine(QByteArrayView head) noexcept;
// The fields behind the start line, in order, 1,000 at most.
[[nodiscard]] QList<HeaderField> parseHeaders(QByteArrayView head);
// The first field of that name (case-insensitive), or null.
[[nodiscard]] QByteArrayView headerValue(QByteArrayView head, QByteArrayView name) noexcept;

} // namespace loopscope::model
