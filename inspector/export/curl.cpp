// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/export/curl.h"

#include "inspector/model/httphead.h"

#include <QtCore/QStringDecoder>
#include <QtCore/QUrl>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::exporting {

QString shellQuoted(const QString &text)
{
    QString inside = text;
    inside.remove(QChar::Null);
    inside.replace(u'\'', u"'\\''"_s);
    return u'\'' % inside % u'\'';
}

// RFC 9110 §5.6.2. A name of other characters is no header that curl could send.
static bool isToken(QByteArrayView name)
{
    static constexpr char others[] = "!#$%&'*+-.^_`|~";
    return !name.isEmpty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || (c != 0 && QByteArrayView(others).contains(c));
    });
}

static bool isText(QByteArrayView bytes)
{
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    const QString text = decoder(bytes);
    const bool controls = std::any_of(text.begin(), text.end(), [](QChar c) {
        return c.unicode() < 0x20 && c != u'\n' && c != u'\t';
    });
    return !decoder.hasError() && !controls; // a terminal or clipboard may change a lone CR
}

// The format of a printf(1) that gives these bytes, quoted.
static QString printfFormat(QByteArrayView bytes)
{
    QString format = u"'"_s;
    for (qsizetype at = 0; at < bytes.size(); ++at) {
        const char c = bytes[at];
        const auto byte = quint8(c);
        const bool option = at == 0 && c == '-'; // some printf would take it for one
        if (byte >= 0x20 && byte < 0x7f && c != '\'' && c != '\\' && c != '%' && !option)
            format += QLatin1Char(c);
        else
            format += u'\\' % QString::number(byte, 8).rightJustified(3, u'0');
    }
    return format % u'\'';
}

static void appendTarget(QString &command, QByteArrayView target, const QString &baseUrl)
{
    QString base = baseUrl;
    while (base.endsWith(u'/'))
        base.chop(1);
    if (!target.startsWith('/')) { // "*", or the absolute form (RFC 9112 §3.2)
        command += u" --request-target "_s % shellQuoted(QString::fromUtf8(target)) % u' ' % shellQuoted(base);
        return;
    }
    if (target.contains('[') || target.contains(']') || target.contains('{') || target.contains('}'))
        command += u" --globoff"_s;
    if (target.contains("/."))
        command += u" --path-as-is"_s;
    command += u' ' % shellQuoted(base % QString::fromUtf8(target));
}

static void appendHeaders(QString &command, QByteArrayView head, const QString &baseUrl, bool hasBody)
{
    bool agent = false;
    bool accept = false;
    bool type = false;
    for (const model::HeaderField &field : model::parseHeaders(head)) {
        const auto is = [&](QByteArrayView name) { return field.name.compare(name, Qt::CaseInsensitive) == 0; };
        agent = agent || is("user-agent");
        accept = accept || is("accept");
        type = type || is("content-type");
        if (is("content-length") || !isToken(field.name))
            continue;
        if (is("host") && QString::fromUtf8(field.value) == QUrl(baseUrl).authority())
            continue;
        const QString name = QString::fromUtf8(field.name);
        // "Name;" is how curl sends a field without a value.
        const QString line = field.value.isEmpty() ? QString(name % u';') : QString(name % u": " % QString::fromUtf8(field.value));
        command += u" \\\n  -H "_s % shellQuoted(line);
    }
    if (!agent)
        command += u" \\\n  -H 'User-Agent:'"_s;
    if (!accept)
        command += u" \\\n  -H 'Accept:'"_s;
    if (hasBody && !type)
        command += u" \\\n  -H 'Content-Type:'"_s;
}

QString curlCommand(const CurlRequest &request, const QString &baseUrl)
{
    const model::RequestLine line = model::parseRequestLine(request.head);
    if (line.method.isEmpty() || line.target.isEmpty())
        return {};
    const bool hasBody = !request.body.isEmpty();
    const bool asText = isText(request.body);
    QString command;
    if (!request.bodyIsWhole)
        command += u"# only the captured part of the body\n"_s;
    if (hasBody && !asText)
        command += u"printf "_s % printfFormat(request.body) % u" | "_s;
    command += u"curl"_s;
    if (line.version == QByteArrayView("HTTP/1.0"))
        command += u" --http1.0"_s;
    else
        command += u" --http1.1"_s;
    if (line.method == QByteArrayView("HEAD"))
        command += u" --head"_s;
    else if (line.method != QByteArrayView(hasBody ? "POST" : "GET"))
        command += u" -X "_s % shellQuoted(QString::fromUtf8(line.method));
    appendTarget(command, line.target, baseUrl);
    appendHeaders(command, request.head, baseUrl, hasBody);
    if (hasBody) {
        command += asText ? QString(u" \\\n  --data-raw "_s % shellQuoted(QString::fromUtf8(request.body)))
                          : u" \\\n  --data-binary @-"_s;
    }
    return command;
}

QString curlCommand(const model::Session &session, quint64 number, const QString &baseUrl)
{
    const model::Request *request = session.request(number);
    if (!request)
        return {};
    QByteArray body;
    for (const model::Chunk &chunk : session.chunks(number)) {
        if (!chunk.toClient && chunk.offset == body.size())
            body += chunk.firstBytes;
    }
    return curlCommand({session.text(request->head), body, body.size() == request->bodyBytes}, baseUrl);
}

} // namespace loopscope::exporting
