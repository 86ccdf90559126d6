// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/numbers.h"

#include <algorithm>

namespace loopscope::practice {

namespace {

// Where `text` is written with digits and, among them, as many points as may be.
bool isPlain(QStringView text, qsizetype maximumPoints)
{
    if (text.startsWith(u'-'))
        text = text.sliced(1);
    const auto isDigit = [](QChar c) { return c >= u'0' && c <= u'9'; };
    return !text.isEmpty() && text.count(u'.') <= maximumPoints && isDigit(text.front()) && isDigit(text.back())
        && std::all_of(text.begin(), text.end(), [&](QChar c) { return isDigit(c) || c == u'.'; });
}

} // namespace

qint64 toWholeNumber(const QString &text, bool *ok)
{
    *ok = isPlain(text, 0);
    return *ok ? text.toLongLong(ok) : 0;
}

double toDecimal(const QString &text, bool *ok)
{
    *ok = isPlain(text, 1);
    return *ok ? text.toDouble(ok) : 0;
}

} // namespace loopscope::practice
