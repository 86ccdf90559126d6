// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/formatting.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QStringDecoder>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

using namespace Qt::StringLiterals;

namespace loopscope::model {

static QString tr(const char *text)
{
    return QCoreApplication::translate("loopscope::model", text);
}

static QString grouped(quint64 value)
{
    QString digits = QString::number(value);
    for (qsizetype at = digits.size() - 3; at > 0; at -= 3)
        digits.insert(at, u',');
    return digits;
}

// Three significant digits of a value below 1000: "0.41", "4.20", "41.2", "412".
static QString threeDigits(double value, int mostDecimals = 2)
{
    const int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    return QString::number(value, 'f', std::min(decimals, mostDecimals));
}

static QString withUnit(const QString &number, const QString &unit)
{
    return number % u' ' % unit;
}

static QString minutesAndHours(qint64 seconds)
{
    if (seconds < 3'600) {
        //: a duration, minutes and seconds
        return tr("%1 min %2 s").arg(seconds / 60).arg(seconds % 60);
    }
    //: a duration, hours and minutes
    return tr("%1 h %2 min").arg(grouped(quint64(seconds / 3'600))).arg(seconds / 60 % 60);
}

QString formatDuration(qint64 ns)
{
    if (ns < 0)
        return u'\u2212' % formatDuration(ns == std::numeric_limits<qint64>::min() ? std::numeric_limits<qint64>::max() : -ns);
    if (ns == 0)
        return withUnit(u"0"_s, tr("ms"));
    if (ns < 99'950) // below 0.1 ms
        return withUnit(threeDigits(double(ns) / 1e3, 1), tr("µs"));
    if (ns < 999'500'000)
        return withUnit(threeDigits(double(ns) / 1e6), tr("ms"));
    if (ns < 99'950'000'000)
        return withUnit(threeDigits(double(ns) / 1e9), tr("s"));
    return minutesAndHours(ns / 1'000'000'000 + (ns % 1'000'000'000 >= 500'000'000));
}

QString formatSpan(qint64 ns)
{
    if (ns < 0)
        return u'\u2212' % formatSpan(ns == std::numeric_limits<qint64>::min() ? std::numeric_limits<qint64>::max() : -ns);
    struct Unit {
        double ns;
        const char *name;
    };
    static constexpr std::array<Unit, 4> units{{{1, "ns"}, {1e3, "µs"}, {1e6, "ms"}, {1e9, "s"}}};
    for (const Unit &unit : units) {
        const double value = double(ns) / unit.ns;
        const double limit = unit.ns == 1e9 ? 59.95 : 999.5;
        if (value < limit) {
            QString number = QString::number(value, 'f', value >= 9.95 ? 0 : 1);
            if (number.endsWith(u".0"))
                number.chop(2);
            return withUnit(number, tr(unit.name));
        }
    }
    return minutesAndHours(ns / 1'000'000'000 + (ns % 1'000'000'000 >= 500'000'000));
}

QString formatSize(qint64 bytes)
{
    if (bytes < 0)
        return u'\u2212' % formatSize(bytes == std::numeric_limits<qint64>::min() ? std::numeric_limits<qint64>::max() : -bytes);
    if (bytes < 1'000)
        return withUnit(QString::number(bytes), tr("B"));
    static constexpr std::array<const char *, 6> units{"kB", "MB", "GB", "TB", "PB", "EB"};
    double value = double(bytes) / 1e3;
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < units.size()) {
        value /= 1e3;
        ++unit;
    }
    return withUnit(threeDigits(value, 1), tr(units[unit]));
}

QString formatCount(qint64 count)
{
    return count < 0 ? u'\u2212' % grouped(quint64(0) - quint64(count)) : grouped(quint64(count));
}

QString formatRate(double perSecond)
{
    const bool whole = perSecond == 0 || perSecond >= 9.95;
    return withUnit(whole ? formatCount(std::llround(perSecond)) : QString::number(perSecond, 'f', 1), tr("req/s"));
}

QString formatShare(double share)
{
    return withUnit(QString::number(share * 100, 'f', 1), u"%"_s);
}

QString formatTimestamp(qint64 ns, qint64 originNs)
{
    const qint64 since = ns - originNs;
    const quint64 milliseconds = (quint64(since < 0 ? -since : since) + 500'000) / 1'000'000;
    const QString fraction = QString::number(milliseconds % 1'000).rightJustified(3, u'0');
    const QString number = (since < 0 ? u'\u2212' : u'+') % grouped(milliseconds / 1'000) % u'.' % fraction;
    return withUnit(number, tr("s"));
}

QString printable(QByteArrayView bytes, qsizetype mostCharacters)
{
    static constexpr char hex[] = "0123456789abcdef";
    // A character has at most four bytes; what lies behind the cut need not be decoded.
    const QByteArrayView head = bytes.first(std::min(bytes.size(), mostCharacters * 4));
    QString result;
    for (qsizetype at = 0; at < head.size();) {
        if (result.size() >= mostCharacters)
            return result.first(mostCharacters) % u'…';
        const auto byte = quint8(head[at]);
        if (byte >= 0x20 && byte < 0x7f) {
            result += QLatin1Char(char(byte));
            ++at;
            continue;
        }
        if (byte >= 0x80) { // a whole UTF-8 sequence, or the byte by itself
            const qsizetype length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
            QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
            const QString decoded = at + length <= head.size() ? decoder(head.sliced(at, length)) : QString();
            const bool control = decoded.size() == 1 && decoded[0].category() != QChar::Other_NotAssigned
                && (decoded[0].category() == QChar::Other_Control || decoded[0].category() == QChar::Other_Format);
            if (!decoded.isEmpty() && !decoder.hasError() && !control) {
                result += decoded;
                at += length;
                continue;
            }
        }
        switch (byte) {
        case '\r': result += u"\\r"; break;
        case '\n': result += u"\\n"; break;
        case '\t': result += u"\\t"; break;
        default: result += u"\\x" % QLatin1Char(hex[byte >> 4]) % QLatin1Char(hex[byte & 15]);
        }
        ++at;
    }
    if (head.size() < bytes.size())
        result += u'…';
    return result;
}

} // namespace loopscope::model
