// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArrayView>

namespace loopscope::http {

// The reason phrase of a status code ("Not Found"), static storage; empty for a code that RFC 9110 §15 and the IANA
// registry do not name.
[[nodiscard]] QByteArrayView reasonPhrase(int status) noexcept;

// True for 1xx, 204 and 304: such a response never has a body (RFC 9110 §6.4.1).
[[nodiscard]] constexpr bool statusForbidsBody(int status) noexcept
{
    return (status >= 100 && status < 200) || status == 204 || status == 304;
}

} // namespace loopscope::http
