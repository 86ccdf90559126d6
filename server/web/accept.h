// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

#include <initializer_list>
#include <vector>

namespace loopscope::web {

// Content negotiation (RFC 9110 §12.5): which of what is offered the client prefers, as an index; of equals the first
// offered; -1 if none is acceptable. Deviation from the npm package negotiator: among equals the order of the offer
// decides, not that of the header. Pure functions, for any thread.

// The Accept header (§12.5.1) and media types ("text/html"). An absent or empty header accepts all.
[[nodiscard]] int negotiate(QByteArrayView accept, std::initializer_list<QByteArrayView> offered);
[[nodiscard]] int negotiate(QByteArrayView accept, const std::vector<QByteArrayView> &offered);

// Accept-Encoding (§12.5.3) and codings ("br", "gzip", "identity"); "x-gzip" is gzip. "identity" is acceptable unless
// it is refused by name or by "*;q=0", and is taken last if the header does not name it. An absent header (null)
// accepts only identity, as negotiator's, although the RFC would allow any: such clients rarely decode.
[[nodiscard]] int negotiateEncoding(QByteArrayView acceptEncoding, std::initializer_list<QByteArrayView> offered);

// Accept-Charset (§12.5.2). An absent or empty header accepts all.
[[nodiscard]] int negotiateCharset(QByteArrayView acceptCharset, std::initializer_list<QByteArrayView> offered);

// Accept-Language (§12.5.4) and language tags ("en-US"), by negotiator's rule: a range takes the tag itself, then tags
// that begin with it ("en" takes "en-US"), then the tag that it begins with ("en-US" takes "en"). An absent or empty
// header accepts all.
[[nodiscard]] int negotiateLanguage(QByteArrayView acceptLanguage, std::initializer_list<QByteArrayView> offered);

} // namespace loopscope::web
