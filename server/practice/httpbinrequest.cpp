// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/httpbinrequest.h"

#include "server/practice/numbers.h"
#include "server/web/apperror.h"
#include "server/web/jsonfault.h"
#include "server/web/urlencodedparser.h"

#include <QtCore/QJsonArray>
#include <QtCore/QStringDecoder>

#include <cmath>
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
    if (web::findJsonFault(body))
        return QJsonValue::Null;
    const QJsonArray values = QJsonDocument::fromJson('[' + body + ']').array();
    return values.size() == 1 ? values.first() : QJsonValue(QJsonValue::Null);
}

// RFC 9110 §9.3.8: an answer to TRACE leaves out what a client's script might not see otherwise.
bool isSecret(QByteArrayView header)
{
    return http::equalsIgnoringCase(header, "Cookie") || http::equalsIgnoringCase(header, "Authorization")
        || http::equalsIgnoringCase(header, "Proxy-Authorization");
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
        refuse(u"The query has too many parts."_s);
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
    const QByteArrayView host = req.host();
    return host.isEmpty() ? QString() : QString::fromLatin1(req.protocol()) + u"://"_s + QString::fromLatin1(host);
}

QJsonObject headersOf(const Request &req)
{
    const http::RequestHead &head = req.head();
    QJsonObject headers;
    for (qsizetype i = 0; i < head.headerCount(); ++i) {
        if (head.method == http::Method::Trace && isSecret(head.name(i)))
            continue;
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

void refuse(const QString &sentence)
{
    throw AppError(400, sentence, "ERR_OUT_OF_RANGE");
}

bool answersPreconditions(Request &req, web::Response &res, const web::Validators &validators)
{
    switch (web::evaluatePreconditions(req.head(), validators)) {
    case web::Precondition::Proceed: return false;
    case web::Precondition::NotModified: res.status(304).end(); return true;
    case web::Precondition::Failed: res.status(412).end(); return true;
    }
    return false;
}

void sendJson(web::Response &res, const QJsonObject &object)
{
    res.json(QJsonDocument(object));
}

std::chrono::milliseconds secondsOf(const QString &text, const QString &what)
{
    bool ok = false;
    const double seconds = toDecimal(text, &ok);
    if (!ok || !(seconds >= 0 && seconds <= maximumDelaySeconds)) // false for NaN, too
        refuse(u"%1 is a number of seconds from 0 to %2."_s.arg(what).arg(maximumDelaySeconds));
    return std::chrono::milliseconds(std::llround(seconds * 1'000));
}

std::chrono::milliseconds querySeconds(const Request &req, const QString &name, std::chrono::milliseconds otherwise)
{
    const QString text = req.query(name);
    return text.isNull() ? otherwise : secondsOf(text, name);
}

int statusOf(const QString &text)
{
    bool ok = false;
    const qint64 code = toWholeNumber(text, &ok);
    if (!ok || code < 200 || code > 599) // 1xx is never the answer to a request (RFC 9110 §15.2)
        refuse(u"A status is a number from 200 to 599."_s);
    return int(code);
}

int wholeNumber(const QString &text, const QString &what, int minimum, int maximum)
{
    bool ok = false;
    const qint64 number = toWholeNumber(text, &ok);
    if (!ok || number < minimum || number > maximum)
        refuse(u"%1 is a whole number from %2 to %3."_s.arg(what).arg(minimum).arg(maximum));
    return int(number);
}

int queryNumber(const Request &req, const QString &name, int otherwise, int minimum, int maximum)
{
    const QString text = req.query(name);
    return text.isNull() ? otherwise : wholeNumber(text, name, minimum, maximum);
}

} // namespace loopscope::practice
