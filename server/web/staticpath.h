// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

namespace loopscope::web {

// What is done with names that begin with a dot, in the path that is asked for: where a link inside of the root leads is its
// owner's word, as with the npm package send and nginx. https://expressjs.com/en/5x/api.html#express.static
enum class Dotfiles : quint8 {
    Ignore, // as if they were not there: 404
    Deny, // 403
    Allow,
};

// The path of a URL as the path of a file below a root, or why it is none. Pure functions, for any thread.
struct StaticPath {
    enum class Status : quint8 {
        Good,
        Malformed, // 400: a '%' without two hex digits, NUL, no UTF-8, or a slash or backslash inside of a segment
        Forbidden, // 403: "." or "..", or a dotfile that is denied
        Ignored, // 404: a dotfile
    };
    Status status = Status::Good;
    QByteArray file; // of Good: segments with one '/' between, none of them ".", ".." or empty; "" is the root
    bool isFolder = false; // it ended with a slash

    friend bool operator==(const StaticPath &, const StaticPath &) = default;
};

// `path`: percent-encoded, with or without a slash before it. Segments are taken apart first, and decoded once: so
// "%2e%2e" is "..", "%252e" is the file "%2e", and "%2f" separates nothing. Deviation from the npm package send, which
// decodes first: an encoded slash is refused there too once it leads somewhere, but separates. Backslashes are refused,
// although Unix allows them in names.
[[nodiscard]] StaticPath parseUrlPath(QByteArrayView path, Dotfiles dotfiles);
// The same of a path that is not encoded.
[[nodiscard]] StaticPath parseFilePath(QByteArrayView path, Dotfiles dotfiles);

} // namespace loopscope::web
