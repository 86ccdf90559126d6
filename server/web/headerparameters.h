// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>
#include <QtCore/QString>

#include <optional>
#include <utility>
#include <vector>

namespace loopscope::web {

// A field value with parameters, taken apart: `text/html; charset="utf-8"`, `form-data; name="a"` (RFC 9110 §5.6.6).
// A plain value; it owns its bytes.
struct HeaderParameters {
    // Of one value at most; more is malformed.
    static constexpr std::size_t maximumParameters = 16;

    // What a backslash means within quotes.
    enum class Backslash : quint8 {
        QuotesAny, // RFC 9110 §5.6.4
        // Before '"' and '\' only: old browsers sent whole paths, C:\dir\file, without quoting them. As busboy does.
        QuotesItself,
    };

    QByteArray value; // before the first ';', in lower case: "text/html"
    std::vector<std::pair<QByteArray, QByteArray>> parameters; // names in lower case, values without quotes

    // Null if there is none of that (lower-case) name.
    [[nodiscard]] const QByteArray *find(QByteArrayView name) const noexcept;
    // Nothing for what is malformed, holds a name twice, or too many.
    [[nodiscard]] static std::optional<HeaderParameters> parse(QByteArrayView text,
                                                               Backslash backslash = Backslash::QuotesAny);

    friend bool operator==(const HeaderParameters &, const HeaderParameters &) = default;
};

// Decodes an extended value, `UTF-8'en'%e2%82%ac%20rates` (RFC 8187 §3.2). Nothing if it is malformed, or of a charset
// other than UTF-8 and ISO-8859-1.
[[nodiscard]] std::optional<QString> decodeExtendedValue(QByteArrayView text);

// Whether a media type ("application/problem+json", without parameters) is meant by a pattern, as type-is has it:
// the type itself, "text/*", "*/*", "*/json", or a suffix "+json". https://www.npmjs.com/package/type-is
[[nodiscard]] bool matchesType(QByteArrayView type, QByteArrayView pattern) noexcept;

} // namespace loopscope::web
