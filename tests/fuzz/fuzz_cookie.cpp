// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/requesthead.h"
#include "server/web/cookie.h"

#include <cstdlib>
#include <set>
#include <stdexcept>

using namespace loopscope;
using namespace loopscope::web;

// The bytes are a Cookie header: whatever it says, names are tokens and come once, the bounds hold, and each cookie that
// is set again comes back the same. Then they are a name, a path and a domain: what is accepted is one line of a header
// with the attributes that were asked for and no other.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size)
{
    const auto require = [](bool condition) {
        if (!condition)
            std::abort();
    };
    const QByteArrayView input(reinterpret_cast<const char *>(data), qsizetype(size));
    const std::chrono::sys_seconds now{};
    const Cookies cookies = parseCookies(input);
    require(cookies.size() <= std::size_t(maximumCookies));
    std::set<QByteArray> names;
    for (const auto &[name, value] : cookies) {
        require(http::isToken(name) && names.insert(name).second);
        CookieOptions options;
        options.secure = true;
        try {
            const QByteArray header = serializeCookie(name, value, options, now);
            const Cookies again = parseCookies(QByteArrayView(header).first(header.indexOf(';')));
            require(again.size() == 1 && again.front().first == name && again.front().second == value);
        } catch (const std::invalid_argument &) { // encoded it is too large
            require(name.size() + 3 * value.toUtf8().size() > maximumCookieBytes);
        }
    }

    const qsizetype third = input.size() / 3;
    CookieOptions options;
    options.path = input.sliced(third, third).toByteArray();
    options.domain = input.sliced(2 * third).toByteArray();
    try {
        const QByteArray header = serializeCookie(input.first(third).toByteArray(), {}, options, now);
        require(http::isFieldValue(header));
        require(header.count(';') == (options.domain.isEmpty() ? 0 : 1) + (options.path.isEmpty() ? 0 : 1));
    } catch (const std::invalid_argument &) {
    }
    return 0;
}
