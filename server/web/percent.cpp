// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/percent.h"

#include "server/http/requesthead.h"

namespace loopscope::web {

namespace {

void appendEncoded(QByteArray &out, char c)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
}

bool isUnreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
        || QByteArrayView("-_.!~*'()").contains(c);
}

} // namespace

std::optional<QByteArray> percentDecoded(QByteArrayView encoded)
{
    QByteArray bytes;
    bytes.reserve(encoded.size());
    for (qsizetype i = 0; i < encoded.size(); ++i) {
        if (encoded[i] != '%') {
            bytes += encoded[i];
            continue;
        }
        const int high = i + 2 < encoded.size() ? http::hexDigit(encoded[i + 1]) : -1;
        const int low = i + 2 < encoded.size() ? http::hexDigit(encoded[i + 2]) : -1;
        if (high < 0 || low < 0)
            return std::nullopt;
        bytes += char(high * 16 + low);
        i += 2;
    }
    return bytes;
}

std::optional<QByteArray> decodeUriComponent(QByteArrayView encoded)
{
    std::optional<QByteArray> bytes = percentDecoded(encoded);
    return bytes && bytes->isValidUtf8() ? bytes : std::nullopt;
}

QByteArray encodeUriComponent(QByteArrayView bytes)
{
    QByteArray encoded;
    encoded.reserve(bytes.size());
    for (const char c : bytes) {
        if (isUnreserved(c))
            encoded += c;
        else
            appendEncoded(encoded, c);
    }
    return encoded;
}

QByteArray encodeUrl(QByteArrayView url)
{
    QByteArray encoded;
    encoded.reserve(url.size());
    for (const char c : url) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte >= 0x7f || QByteArrayView("\"<>\\^`{|}").contains(c))
            appendEncoded(encoded, c);
        else
            encoded += c;
    }
    return encoded;
}

} // namespace loopscope::web
