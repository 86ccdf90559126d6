// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

#include <optional>

namespace loopscope::web {

// Percent-encoding (RFC 3986 §2.1). Pure functions, for any thread.

// Nothing if a '%' is not followed by two hex digits. What comes out may be any bytes, NUL and '/' among them.
[[nodiscard]] std::optional<QByteArray> percentDecoded(QByteArrayView encoded);
// As decodeURIComponent(): nothing, too, if what comes out is no UTF-8 (overlong forms and surrogates are none).
[[nodiscard]] std::optional<QByteArray> decodeUriComponent(QByteArrayView encoded);
// As encodeURIComponent(), of UTF-8: all but letters, digits and -_.!~*'() is encoded.
[[nodiscard]] QByteArray encodeUriComponent(QByteArrayView bytes);
// Percent-encodes what a header or a URI may not hold, and leaves what is encoded already, as Express's encodeurl.
[[nodiscard]] QByteArray encodeUrl(QByteArrayView url);

} // namespace loopscope::web
