// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/accept.h"

#include "server/http/requesthead.h"

#include <algorithm>

namespace loopscope::web {

namespace {

struct Range {
    QByteArrayView value; // "text/html", "text/*", "*/*"; "gzip", "*"; "en-US"
    double quality = 1;
};

// qvalue: 0 or 1, and up to three decimals (RFC 9110 §12.4.2). Clients send ".2" and more decimals, too: those are read as
// they are meant, as in Express, and more than 1 is 1. What is no decimal number asks for nothing.
double parseQuality(QByteArrayView text)
{
    double quality = 0;
    double unit = 0; // of the next decimal; 0: before the point
    bool hasDigit = false;
    for (const char c : text) {
        if (c == '.' && unit == 0) {
            unit = 0.1;
        } else if (c < '0' || c > '9') {
            return 0;
        } else if (unit == 0) {
            quality = std::min(2.0, quality * 10 + (c - '0'));
            hasDigit = true;
        } else {
            quality += (c - '0') * unit;
            unit /= 10;
            hasDigit = true;
        }
    }
    return hasDigit ? std::min(1.0, quality) : 0;
}

// Of the first `separator` that is in no quoted string (RFC 9110 §5.6.4), or -1.
qsizetype indexOfUnquoted(QByteArrayView text, char separator)
{
    bool quoted = false;
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i] == '"')
            quoted = !quoted;
        else if (quoted && text[i] == '\\')
            ++i;
        else if (!quoted && text[i] == separator)
            return i;
    }
    return -1;
}

// One element: value *( OWS ";" OWS parameter ). Parameters other than q are not told apart.
Range parseRange(QByteArrayView element)
{
    Range range;
    const qsizetype end = element.indexOf(';');
    range.value = http::trimmedOws(end < 0 ? element : element.first(end));
    while (true) {
        const qsizetype semicolon = indexOfUnquoted(element, ';');
        if (semicolon < 0)
            return range;
        element = element.sliced(semicolon + 1);
        const qsizetype next = indexOfUnquoted(element, ';');
        const QByteArrayView parameter = http::trimmedOws(next < 0 ? element : element.first(next));
        if (parameter.size() > 2 && (parameter[0] == 'q' || parameter[0] == 'Q') && parameter[1] == '=') {
            range.quality = parseQuality(parameter.sliced(2));
        }
    }
}

// How closely a range of the header names what is offered: the larger the closer, 0 no match.
using Specificity = int (*)(QByteArrayView range, QByteArrayView offered);

struct Match {
    int specificity = 0; // of the closest range; 0: none
    double quality = 0;
};

Match closest(QByteArrayView header, QByteArrayView offered, Specificity specificity)
{
    Match match;
    for (;;) {
        const qsizetype comma = indexOfUnquoted(header, ',');
        const Range range = parseRange(comma < 0 ? header : header.first(comma));
        if (const int how = specificity(range.value, offered); how > match.specificity)
            match = {how, range.quality};
        if (comma < 0)
            return match;
        header = header.sliced(comma + 1);
    }
}

template<typename Offer>
int best(QByteArrayView header, const Offer &offered, Specificity specificity)
{
    if (http::trimmedOws(header).isEmpty())
        return offered.size() > 0 ? 0 : -1;
    int bestIndex = -1;
    double bestQuality = 0;
    int index = 0;
    for (const QByteArrayView candidate : offered) {
        if (const Match match = closest(header, candidate, specificity); match.quality > bestQuality) {
            bestQuality = match.quality;
            bestIndex = index;
        }
        ++index;
    }
    return bestIndex;
}

// 3 exact, 2 type/*, 1 */*.
int mediaSpecificity(QByteArrayView range, QByteArrayView type)
{
    if (http::equalsIgnoringCase(range, type))
        return 3;
    if (range == QByteArrayView("*/*") || range == QByteArrayView("*")) // the second is Java's
        return 1;
    const qsizetype slash = type.indexOf('/');
    return range.endsWith("/*") && http::equalsIgnoringCase(range.chopped(1), type.first(slash + 1)) ? 2 : 0;
}

// 2 exact, 1 *.
int tokenSpecificity(QByteArrayView range, QByteArrayView token)
{
    if (http::equalsIgnoringCase(range, token))
        return 2;
    return range == QByteArrayView("*") ? 1 : 0;
}

int codingSpecificity(QByteArrayView range, QByteArrayView coding)
{
    if (http::equalsIgnoringCase(range, "x-gzip")) // RFC 9110 §8.4.1.3
        range = "gzip";
    return tokenSpecificity(range, coding);
}

// 4 exact, 3 the range is the tag's beginning, 2 the tag is the range's beginning, 1 *.
int languageSpecificity(QByteArrayView range, QByteArrayView tag)
{
    const auto begins = [](QByteArrayView whole, QByteArrayView with) {
        return !with.isEmpty() && whole.size() > with.size() && whole[with.size()] == '-'
            && http::equalsIgnoringCase(whole.first(with.size()), with);
    };
    if (http::equalsIgnoringCase(range, tag))
        return 4;
    if (begins(tag, range))
        return 3;
    if (begins(range, tag))
        return 2;
    return range == QByteArrayView("*") ? 1 : 0;
}

} // namespace

int negotiate(QByteArrayView accept, std::initializer_list<QByteArrayView> offered)
{
    return best(accept, offered, mediaSpecificity);
}

int negotiate(QByteArrayView accept, const std::vector<QByteArrayView> &offered)
{
    return best(accept, offered, mediaSpecificity);
}

int negotiateEncoding(QByteArrayView acceptEncoding, std::initializer_list<QByteArrayView> offered)
{
    int bestIndex = -1;
    double bestQuality = 0;
    int unnamedIdentity = -1;
    int index = 0;
    for (const QByteArrayView coding : offered) {
        const Match match = closest(acceptEncoding, coding, codingSpecificity);
        const bool isIdentity = http::equalsIgnoringCase(coding, "identity");
        if (isIdentity && match.specificity < 2) {
            if (match.specificity == 0 || match.quality > 0)
                unnamedIdentity = index;
        } else if (match.quality > bestQuality) {
            bestQuality = match.quality;
            bestIndex = index;
        }
        ++index;
    }
    return bestIndex >= 0 ? bestIndex : unnamedIdentity;
}

int negotiateCharset(QByteArrayView acceptCharset, std::initializer_list<QByteArrayView> offered)
{
    return best(acceptCharset, offered, tokenSpecificity);
}

int negotiateLanguage(QByteArrayView acceptLanguage, std::initializer_list<QByteArrayView> offered)
{
    return best(acceptLanguage, offered, languageSpecificity);
}

} // namespace loopscope::web
