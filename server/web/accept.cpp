// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/accept.h"

#include "server/http/requesthead.h"

namespace loopscope::web {

namespace {

struct Range {
    QByteArrayView type; // "text/html", "text/*", "*/*"
    double quality = 1;
};

// One element: media-range *( OWS ";" OWS parameter ). Parameters other than q are not told apart.
Range parseRange(QByteArrayView element)
{
    Range range;
    const qsizetype end = element.indexOf(';');
    range.type = http::trimmedOws(end < 0 ? element : element.first(end));
    while (true) {
        const qsizetype semicolon = element.indexOf(';');
        if (semicolon < 0)
            return range;
        element = element.sliced(semicolon + 1);
        const qsizetype next = element.indexOf(';');
        const QByteArrayView parameter = http::trimmedOws(next < 0 ? element : element.first(next));
        if (parameter.size() > 2 && (parameter[0] == 'q' || parameter[0] == 'Q') && parameter[1] == '=') {
            bool ok = false;
            const double quality = parameter.sliced(2).toByteArray().toDouble(&ok);
            range.quality = ok && quality >= 0 && quality <= 1 ? quality : 0;
        }
    }
}

// 3 exact, 2 type/*, 1 */*, 0 no match.
int specificity(QByteArrayView range, QByteArrayView type)
{
    if (http::equalsIgnoringCase(range, type))
        return 3;
    if (range == QByteArrayView("*/*"))
        return 1;
    const qsizetype slash = type.indexOf('/');
    return range.endsWith("/*") && http::equalsIgnoringCase(range.chopped(1), type.first(slash + 1)) ? 2 : 0;
}

} // namespace

int negotiate(QByteArrayView accept, std::initializer_list<QByteArrayView> offered)
{
    if (http::trimmedOws(accept).isEmpty())
        return offered.size() > 0 ? 0 : -1;
    int best = -1;
    double bestQuality = 0;
    int index = 0;
    for (const QByteArrayView type : offered) {
        int closest = 0;
        double quality = 0;
        QByteArrayView rest = accept;
        for (;;) {
            const qsizetype comma = rest.indexOf(',');
            const Range range = parseRange(comma < 0 ? rest : rest.first(comma));
            if (const int how = specificity(range.type, type); how > closest) {
                closest = how;
                quality = range.quality;
            }
            if (comma < 0)
                break;
            rest = rest.sliced(comma + 1);
        }
        if (quality > bestQuality) {
            bestQuality = quality;
            best = index;
        }
        ++index;
    }
    return best;
}

} // namespace loopscope::web
