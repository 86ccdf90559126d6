// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/headerparameters.h"

#include "server/http/requesthead.h"
#include "server/web/percent.h"

namespace loopscope::web {

namespace {

using Backslash = HeaderParameters::Backslash;

// Takes a value from the front of `text`: a token, or a quoted string. Nothing if it is neither.
std::optional<QByteArray> takeValue(QByteArrayView &text, Backslash backslash)
{
    if (!text.startsWith('"')) {
        qsizetype end = 0;
        while (end < text.size() && http::isToken(text.sliced(end, 1)))
            ++end;
        const QByteArray token = text.first(end).toByteArray();
        text = text.sliced(end);
        return token.isEmpty() ? std::nullopt : std::optional(token);
    }
    QByteArray value;
    for (qsizetype i = 1; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') {
            text = text.sliced(i + 1);
            return value;
        }
        const bool quotes = c == '\\' && i + 1 < text.size()
            && (backslash == Backslash::QuotesAny || text[i + 1] == '"' || text[i + 1] == '\\');
        value += quotes ? text[++i] : c;
    }
    return std::nullopt; // the quotes are never closed
}

} // namespace

const QByteArray *HeaderParameters::find(QByteArrayView name) const noexcept
{
    for (const auto &[known, text] : parameters) {
        if (known == name)
            return &text;
    }
    return nullptr;
}

// RFC 9110 §5.6.6: parameters = *( OWS ";" OWS [ parameter ] )
std::optional<HeaderParameters> HeaderParameters::parse(QByteArrayView text, Backslash backslash)
{
    HeaderParameters result;
    const qsizetype first = text.indexOf(';');
    result.value = http::trimmedOws(first < 0 ? text : text.first(first)).toByteArray().toLower();
    text = first < 0 ? QByteArrayView() : text.sliced(first);
    while (!text.isEmpty()) {
        if (text.front() != ';')
            return std::nullopt;
        text = http::trimmedOws(text.sliced(1));
        if (text.isEmpty() || text.front() == ';')
            continue;
        const qsizetype equals = text.indexOf('=');
        if (equals < 0 || !http::isToken(text.first(equals)))
            return std::nullopt;
        const QByteArray name = text.first(equals).toByteArray().toLower();
        text = text.sliced(equals + 1);
        auto value = takeValue(text, backslash);
        if (!value || result.find(name) || result.parameters.size() == maximumParameters)
            return std::nullopt;
        result.parameters.emplace_back(name, std::move(*value));
        text = http::trimmedOws(text);
    }
    return result;
}

std::optional<QString> decodeExtendedValue(QByteArrayView text)
{
    const qsizetype first = text.indexOf('\'');
    const qsizetype second = first < 0 ? -1 : text.indexOf('\'', first + 1);
    if (second < 0)
        return std::nullopt;
    const QByteArrayView encoded = text.sliced(second + 1);
    const QByteArrayView charset = text.first(first);
    if (http::equalsIgnoringCase(charset, "ISO-8859-1")) {
        const std::optional<QByteArray> bytes = percentDecoded(encoded);
        return bytes ? std::optional(QString::fromLatin1(*bytes)) : std::nullopt;
    }
    if (!http::equalsIgnoringCase(charset, "UTF-8"))
        return std::nullopt;
    const std::optional<QByteArray> bytes = decodeUriComponent(encoded);
    return bytes ? std::optional(QString::fromUtf8(*bytes)) : std::nullopt;
}

bool matchesType(QByteArrayView type, QByteArrayView pattern) noexcept
{
    const qsizetype slash = type.indexOf('/');
    if (slash <= 0 || slash == type.size() - 1)
        return false;
    const QByteArrayView subtype = type.sliced(slash + 1);
    const auto endsWithSuffix = [&](QByteArrayView suffix) { // "+json"
        return subtype.size() > suffix.size() && http::equalsIgnoringCase(subtype.last(suffix.size()), suffix);
    };
    if (pattern.startsWith('+'))
        return endsWithSuffix(pattern);
    const qsizetype patternSlash = pattern.indexOf('/');
    if (patternSlash < 0)
        return false;
    const QByteArrayView wantedType = pattern.first(patternSlash);
    const QByteArrayView wantedSubtype = pattern.sliced(patternSlash + 1);
    if (wantedType != QByteArrayView("*") && !http::equalsIgnoringCase(wantedType, type.first(slash)))
        return false;
    if (wantedSubtype.startsWith("*+"))
        return endsWithSuffix(wantedSubtype.sliced(1));
    return wantedSubtype == QByteArrayView("*") || http::equalsIgnoringCase(wantedSubtype, subtype);
}

} // namespace loopscope::web
