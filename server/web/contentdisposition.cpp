// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/contentdisposition.h"

#include <QtCore/QByteArrayView>

namespace loopscope::web {

namespace {

bool isHexDigit(QChar c)
{
    return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f') || (c >= u'A' && c <= u'F');
}

bool holdsPercentEncoding(const QString &text)
{
    for (qsizetype i = 0; i + 2 < text.size(); ++i) {
        if (text[i] == u'%' && isHexDigit(text[i + 1]) && isHexDigit(text[i + 2]))
            return true;
    }
    return false;
}

QString lastSegment(const QString &path)
{
    const qsizetype slash = qMax(path.lastIndexOf(u'/'), path.lastIndexOf(u'\\'));
    return path.sliced(slash + 1);
}

// RFC 8187 §3.2.1: ext-value, all but attr-char is percent-encoded.
QByteArray extValue(const QString &text)
{
    return "UTF-8''" + text.toUtf8().toPercentEncoding("!#$&+^`|", "'()*");
}

} // namespace

QByteArray contentDisposition(const QString &fileName, const QByteArray &type)
{
    QString name = lastSegment(fileName);
    if (name.isEmpty())
        return type;
    QByteArray fallback;
    bool isPlain = !holdsPercentEncoding(name);
    for (QChar &c : name) {
        if (c < u' ' || (c >= QChar(0x7f) && c < QChar(0xa0)))
            c = u'?';
        const bool isAscii = c < QChar(0x7f);
        if (c == u'"' || c == u'\\')
            fallback += '\\';
        if (!c.isLowSurrogate())
            fallback += isAscii ? char(c.unicode()) : '?';
        isPlain = isPlain && isAscii;
    }
    QByteArray header = type + "; filename=\"" + fallback + '"';
    if (!isPlain)
        header += "; filename*=" + extValue(name);
    return header;
}

} // namespace loopscope::web
