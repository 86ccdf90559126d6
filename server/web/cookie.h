// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>
#include <QtCore/QString>

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

namespace loopscope::web {

// Cookies (RFC 6265bis), with the semantics of the npm packages cookie and Express. Pure; for any thread.
// https://expressjs.com/en/5x/api.html#res.cookie

// Name and value in the order in which they came. A name appears once: the first wins, as a user agent sends the
// cookie of the longest path first.
using Cookies = std::vector<std::pair<QByteArray, QString>>;

// Cookies taken from one header at most; what follows is ignored. Twice what a user agent keeps for a domain at least
// (RFC 6265 §6.1: 50).
constexpr int maximumCookies = 100;
// Name and value of one cookie together, bytes: a larger one is ignored by parseCookies() and refused by
// serializeCookie() (RFC 6265bis §5.6: a user agent ignores it).
constexpr qsizetype maximumCookieBytes = 4096;
// An attribute's value, bytes; refused beyond (RFC 6265bis §5.6: a user agent ignores it).
constexpr qsizetype maximumCookieAttributeBytes = 1024;

// The value of one Cookie header. A pair without '=' or whose name is no token is skipped; quotes around a value are
// taken off; a value is percent-decoded, and left as it came if it is malformed or no UTF-8 (then Latin-1 is assumed).
[[nodiscard]] Cookies parseCookies(QByteArrayView header);

// RFC 6265bis §5.4.7.
enum class SameSite : quint8 { Unset, Lax, Strict, None };

struct CookieOptions {
    QByteArray domain; // host only if empty
    QByteArray path = "/";
    // After now; 0 or less deletes the cookie. Sets Max-Age and Expires, as Express does (seconds here).
    std::optional<std::chrono::seconds> maxAge;
    std::optional<std::chrono::sys_seconds> expires; // when maxAge is not set
    bool httpOnly = false;
    bool secure = false;
    bool partitioned = false; // needs secure
    SameSite sameSite = SameSite::Unset;
};

// The value of a Set-Cookie header; `value` is percent-encoded as by encodeURIComponent(). Throws
// std::invalid_argument, saying what is wrong, for what a user agent would ignore or what could add an attribute of its
// own: a name that is no token; a domain or path that holds ';' or a control byte, or is malformed; SameSite=None or
// Partitioned without Secure; "__Secure-" without Secure; "__Host-" without Secure, with a Domain, or a Path other than
// "/" (prefixes without regard to case, RFC 6265bis §4.1.3); what is too large.
[[nodiscard]] QByteArray serializeCookie(const QByteArray &name, const QString &value, const CookieOptions &options,
                                         std::chrono::sys_seconds now);

} // namespace loopscope::web
