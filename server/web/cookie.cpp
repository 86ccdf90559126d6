// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/cookie.h"

#include "server/http/date.h"
#include "server/http/requesthead.h"
#include "server/web/percent.h"

#include <algorithm>
#include <stdexcept>

namespace loopscope::web {

namespace {

QString decodedValue(QByteArrayView raw)
{
    if (raw.size() >= 2 && raw.front() == '"' && raw.back() == '"')
        raw = raw.sliced(1).chopped(1);
    if (const std::optional<QByteArray> decoded = decodeUriComponent(raw))
        return QString::fromUtf8(*decoded);
    return raw.toByteArray().isValidUtf8() ? QString::fromUtf8(raw) : QString::fromLatin1(raw);
}

void require(bool condition, const char *otherwise)
{
    if (!condition)
        throw std::invalid_argument(otherwise);
}

// Letters, digits, '-' and '.', as a host is written; a leading dot is allowed and means nothing (RFC 6265 §4.1.2.3).
bool isDomain(QByteArrayView domain)
{
    if (domain.startsWith('.'))
        domain = domain.sliced(1);
    const bool known = std::all_of(domain.begin(), domain.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
    return known && !domain.isEmpty() && domain.front() != '-' && domain.front() != '.' && domain.back() != '-'
        && domain.back() != '.' && domain.indexOf("..") < 0;
}

// RFC 6265 §4.1.1: path-value is any byte but control bytes and ';'. It begins with a slash, or a user agent ignores it.
bool isPath(QByteArrayView path)
{
    return path.startsWith('/') && std::all_of(path.begin(), path.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 && byte < 0x7f && c != ';';
    });
}

bool startsWithIgnoringCase(QByteArrayView text, QByteArrayView prefix)
{
    return text.size() >= prefix.size() && http::equalsIgnoringCase(text.first(prefix.size()), prefix);
}

void check(const QByteArray &name, const CookieOptions &options)
{
    require(http::isToken(name), "a cookie's name must be a token (RFC 6265 4.1.1)");
    require(options.domain.isEmpty() || isDomain(options.domain), "a cookie's Domain must be a host name");
    require(options.path.isEmpty() || isPath(options.path), "a cookie's Path begins with '/' and holds no ';' or control byte");
    require(options.domain.size() <= maximumCookieAttributeBytes && options.path.size() <= maximumCookieAttributeBytes,
            "an attribute of a cookie holds at most 1024 bytes");
    require(options.sameSite != SameSite::None || options.secure, "a cookie with SameSite=None must be Secure");
    require(!options.partitioned || options.secure, "a partitioned cookie must be Secure");
    if (startsWithIgnoringCase(name, "__Secure-"))
        require(options.secure, "a cookie named __Secure-... must be Secure");
    if (startsWithIgnoringCase(name, "__Host-"))
        require(options.secure && options.domain.isEmpty() && options.path == "/",
                "a cookie named __Host-... must be Secure, have the Path \"/\" and no Domain");
}

} // namespace

Cookies parseCookies(QByteArrayView header)
{
    Cookies cookies;
    while (!header.isEmpty() && cookies.size() < std::size_t(maximumCookies)) {
        const qsizetype semicolon = header.indexOf(';');
        const QByteArrayView pair = semicolon < 0 ? header : header.first(semicolon);
        header = semicolon < 0 ? QByteArrayView() : header.sliced(semicolon + 1);
        const qsizetype equals = pair.indexOf('=');
        if (equals < 0)
            continue;
        const QByteArrayView name = http::trimmedOws(pair.first(equals));
        const QByteArrayView value = http::trimmedOws(pair.sliced(equals + 1));
        if (!http::isToken(name) || name.size() + value.size() > maximumCookieBytes)
            continue;
        if (std::none_of(cookies.begin(), cookies.end(), [&](const auto &known) { return known.first == name; }))
            cookies.emplace_back(name.toByteArray(), decodedValue(value));
    }
    return cookies;
}

QByteArray serializeCookie(const QByteArray &name, const QString &value, const CookieOptions &options,
                           std::chrono::sys_seconds now)
{
    check(name, options);
    QByteArray cookie = name + '=' + encodeUriComponent(value.toUtf8());
    require(cookie.size() - 1 <= maximumCookieBytes, "a cookie's name and value hold at most 4096 bytes");
    if (options.maxAge)
        cookie += "; Max-Age=" + QByteArray::number(qint64(options.maxAge->count()));
    if (!options.domain.isEmpty())
        cookie += "; Domain=" + options.domain;
    if (!options.path.isEmpty())
        cookie += "; Path=" + options.path;
    // RFC 6265bis §5.6.2: a user agent keeps a cookie for 400 days at most, and Expires has four digits for the year
    using std::chrono::days;
    if (options.maxAge)
        cookie += "; Expires=" + http::imfFixdate(now + std::clamp<std::chrono::seconds>(*options.maxAge, days(-1), days(400)));
    else if (options.expires)
        cookie += "; Expires=" + http::imfFixdate(*options.expires);
    if (options.httpOnly)
        cookie += "; HttpOnly";
    if (options.secure)
        cookie += "; Secure";
    if (options.partitioned)
        cookie += "; Partitioned";
    switch (options.sameSite) {
    case SameSite::Unset: break;
    case SameSite::Lax: cookie += "; SameSite=Lax"; break;
    case SameSite::Strict: cookie += "; SameSite=Strict"; break;
    case SameSite::None: cookie += "; SameSite=None"; break;
    }
    return cookie;
}

} // namespace loopscope::web
