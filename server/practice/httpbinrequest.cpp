// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/httpbinrequest.h"

#include "server/web/apperror.h"
#include "server/web/urlencodedparser.h"

#include <QtCore/QJsonArray>
#include <QtCore/QStringDecoder>

#include <optional>

namespace loopscope::practice {

using namespace Qt::StringLiterals;
using web::AppError;
using web::FormData;
using web::Request;

namespace {

std::optional<QString> decodeUtf8(QByteArrayView bytes)
{
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    QString text = decoder(bytes);
    if (decoder.hasError())
        return std::nullopt;
    return text;
}

// "user-agent" → "User-Agent", as WSGI gives names to httpbin.
QString titleCase(QByteArrayView name)
{
    QByteArray title = name.toByteArray().toLower();
    bool first = true;
    for (char &c : title) {
        if (first && c >= 'a' && c <= 'z')
            c = char(c - 'a' + 'A');
        first = c == '-';
    }
    return QString::fromLatin1(title);
}

// A body that is JSON of any kind, else null. QJsonDocument reads no plain values: an array of one is read instead.
QJsonValue parseJson(const QByteArray &body)
{
    const QJsonArray values = QJsonDocument::fromJson('[' + body + ']').array();
    return values.size() == 1 ? values.first() : QJsonValue(QJsonValue::Null);
}

QJsonObject filesOf(const Request &req)
{
    FormData files;
    for (const web::UploadedFile &file : req.files)
        files.append(file.fieldname, jsonSafe(file.buffer, file.mimetype));
    return toJson(files);
}

} // namespace

FormData argsOf(const Request &req)
{
    web::UrlencodedParser parser;
    if (!parser.feed(req.queryString()) || !parser.finish())
        throw AppError(400, u"The query has too many parts."_s, "ERR_OUT_OF_RANGE");
    return parser.takeFields();
}

QJsonObject toJson(const FormData &fields)
{
    QJsonObject object;
    for (const auto &[name, value] : fields.entries()) {
        if (object.contains(name))
            continue;
        const QStringList values = fields.getAll(name);
        object.insert(name, values.size() == 1 ? QJsonValue(value) : QJsonValue(QJsonArray::fromStringList(values)));
    }
    return object;
}

QString baseUrlOf(const Request &req)
{
    const QByteArrayView host = req.get("Host");
    return host.isEmpty() ? QString() : u"http://"_s + QString::fromLatin1(host);
}

QJsonObject headersOf(const Request &req)
{
    const http::RequestHead &head = req.head();
    QJsonObject headers;
    for (qsizetype i = 0; i < head.headerCount(); ++i) {
        const QByteArray value = head.allHeaders(head.name(i));
        headers.insert(titleCase(head.name(i)), decodeUtf8(value).value_or(QString::fromLatin1(value)));
    }
    return headers;
}

QString jsonSafe(const QByteArray &bytes, const QByteArray &type)
{
    if (const auto text = decodeUtf8(bytes))
        return text->isNull() ? u""_s : *text;
    return QString::fromLatin1("data:" + type + ";base64," + bytes.toBase64());
}

QJsonObject describe(const Request &req)
{
    const QString target = QString::fromLatin1(req.originalUrl());
    return {{u"args"_s, toJson(argsOf(req))},
            {u"headers"_s, headersOf(req)},
            {u"origin"_s, QString::fromLatin1(req.ip())},
            {u"url"_s, target.startsWith(u'/') ? baseUrlOf(req) + target : target}};
}

loop::Task<QJsonObject> describeWithBody(Request &req)
{
    QByteArray data;
    if (req.hasBody() && !req.bodyUsed())
        data = co_await req.read();
    QJsonObject described = describe(req);
    described.insert(u"data"_s, jsonSafe(data));
    described.insert(u"files"_s, filesOf(req));
    described.insert(u"form"_s, toJson(req.form));
    described.insert(u"json"_s, parseJson(data));
    co_return described;
}

int wholeNumber(const QString &text, const QString &what, int minimum, int maximum)
{
    bool ok = false;
    const int number = text.toInt(&ok);
    if (!ok || number < minimum || number > maximum)
        throw AppError(400, u"%1 is a whole number from %2 to %3."_s.arg(what).arg(minimum).arg(maximum),
                       "ERR_OUT_OF_RANGE");
    return number;
}

int queryNumber(const Request &req, const QString &name, int otherwise, int minimum, int maximum)
{
    const QString text = req.query(name);
    return text.isNull() ? otherwise : wholeNumber(text, name, minimum, maximum);
}

} // namespace loopscope::practice
