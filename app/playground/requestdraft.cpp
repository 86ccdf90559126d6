// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/requestdraft.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QUrl>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::app {

namespace {

using Field = RequestDraft::Field;

// https://url.spec.whatwg.org/#concept-urlencoded-serializer
QByteArray urlEncoded(const QList<Field> &fields)
{
    QByteArray result;
    for (const Field &field : fields) {
        if (!result.isEmpty())
            result += '&';
        result += QUrl::toPercentEncoding(field.name, " *"_ba, "~"_ba).replace(' ', '+') + '='
            + QUrl::toPercentEncoding(field.value, " *"_ba, "~"_ba).replace(' ', '+');
    }
    return result;
}

QByteArray asJson(const QList<Field> &fields)
{
    QJsonObject object;
    for (const Field &field : fields)
        object.insert(field.name, field.value);
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

// Lines of letters, so that what was written can be looked at.
QByteArray filler(int kibibytes)
{
    constexpr qsizetype lineBytes = 64;
    QByteArray line;
    for (char c = 'a'; line.size() < lineBytes - 1; c = c == 'z' ? 'a' : char(c + 1))
        line += c;
    return line.append('\n').repeated(qsizetype(kibibytes) * 1024 / lineBytes);
}

// RFC 3986: what a target may hold stays, everything else is encoded; "%41" stays as it is.
QByteArray encodedTarget(const QString &target)
{
    const qsizetype fragment = target.indexOf(u'#');
    const QString sent = target.first(fragment < 0 ? target.size() : fragment).trimmed();
    const QByteArray bytes = sent.toUtf8();
    constexpr QByteArrayView allowed = "-._~!$&'()*+,;=:@/?%[]";
    QByteArray encoded;
    for (const char c : bytes) {
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || allowed.contains(c))
            encoded += c;
        else
            encoded += '%' + QByteArray::number(uchar(c), 16).rightJustified(2, '0').toUpper();
    }
    return encoded;
}

bool hasHeader(const QList<HeaderField> &headers, QByteArrayView name)
{
    return std::any_of(headers.begin(), headers.end(),
                       [&](const HeaderField &h) { return name.compare(h.name, Qt::CaseInsensitive) == 0; });
}

void addContentType(QList<HeaderField> &headers, const char *type)
{
    if (!hasHeader(headers, "content-type"))
        headers.append({"Content-Type"_ba, type});
}

QJsonArray toArray(const QList<Field> &fields)
{
    QJsonArray array;
    for (const Field &field : fields)
        array.append(QJsonArray{field.name, field.value});
    return array;
}

QList<Field> toFields(const QJsonValue &value)
{
    QList<Field> fields;
    for (const QJsonValue pair : value.toArray()) {
        if (fields.size() >= RequestDraft::maximumFields)
            break;
        if (pair.toArray().size() == 2)
            fields.append({pair.toArray().at(0).toString(), pair.toArray().at(1).toString()});
    }
    return fields;
}

int intWithin(const QJsonValue &value, int least, int most, int otherwise)
{
    const int number = value.toInt(otherwise);
    return number < least || number > most ? otherwise : number;
}

QString tr(const char *text)
{
    return QCoreApplication::translate("loopscope::app::RequestDraft", text);
}

} // namespace

PacedRequest::Request RequestDraft::toRequest(const QString &host, quint16 port) const
{
    PacedRequest::Request request;
    request.method = method.toUtf8();
    request.host = host;
    request.port = port;
    request.target = encodedTarget(target);
    request.pieces = pieces;
    request.pause = std::chrono::milliseconds(pauseMs);
    request.followRedirects = followRedirects;
    for (const Field &field : headers)
        request.headers.append({field.name.trimmed().toUtf8(), field.value.trimmed().toUtf8()});
    const bool fieldsAreQuery = method == "GET"_L1 || method == "HEAD"_L1;
    switch (body) {
    case Body::UrlEncoded:
        if (fields.isEmpty())
            break;
        if (fieldsAreQuery) {
            request.target += (request.target.contains('?') ? '&' : '?') + urlEncoded(fields);
            break;
        }
        request.body = urlEncoded(fields);
        addContentType(request.headers, "application/x-www-form-urlencoded");
        break;
    case Body::Json:
        if (fields.isEmpty() && fieldsAreQuery)
            break;
        request.body = asJson(fields);
        addContentType(request.headers, "application/json");
        break;
    case Body::Raw:
        request.body = raw.toUtf8();
        if (!request.body.isEmpty())
            addContentType(request.headers, "text/plain; charset=utf-8");
        break;
    case Body::Filler:
        request.body = filler(fillerKiB);
        addContentType(request.headers, "text/plain; charset=utf-8");
        break;
    }
    return request;
}

RequestDraft RequestDraft::fromSent(const QByteArray &method, const QByteArray &target,
                                    const QList<HeaderField> &headers, const QByteArray &body)
{
    RequestDraft draft;
    draft.method = QString::fromLatin1(method);
    draft.target = QString::fromUtf8(target);
    draft.body = body.isEmpty() ? Body::UrlEncoded : Body::Raw;
    draft.raw = QString::fromUtf8(body);
    draft.followRedirects = false; // what followed then is in the table by itself
    for (const HeaderField &field : headers) {
        const QByteArray name = field.name.toLower();
        if (name != "host" && name != "content-length" && name != "connection" && name != "transfer-encoding"
            && draft.headers.size() < maximumFields)
            draft.headers.append({QString::fromLatin1(field.name), QString::fromUtf8(field.value)});
    }
    return draft;
}

QJsonObject RequestDraft::toJson() const
{
    return {{u"method"_s, method},   {u"target"_s, target},       {u"body"_s, int(body)},
            {u"raw"_s, raw},         {u"fillerKiB"_s, fillerKiB}, {u"fields"_s, toArray(fields)},
            {u"pieces"_s, pieces},   {u"pauseMs"_s, pauseMs},     {u"headers"_s, toArray(headers)},
            {u"repeat"_s, repeat},   {u"followRedirects"_s, followRedirects}};
}

RequestDraft RequestDraft::fromJson(const QJsonObject &object)
{
    RequestDraft draft;
    draft.method = object[u"method"_s].toString(draft.method);
    draft.target = object[u"target"_s].toString(draft.target);
    draft.body = Body(intWithin(object[u"body"_s], 0, int(Body::Filler), int(draft.body)));
    draft.fields = toFields(object[u"fields"_s]);
    draft.headers = toFields(object[u"headers"_s]);
    draft.raw = object[u"raw"_s].toString();
    draft.fillerKiB = intWithin(object[u"fillerKiB"_s], 0, maximumFillerKiB, draft.fillerKiB);
    draft.pieces = intWithin(object[u"pieces"_s], 1, PacedRequest::maximumPieces, draft.pieces);
    draft.pauseMs = intWithin(object[u"pauseMs"_s], 0, int(PacedRequest::maximumPause.count()), draft.pauseMs);
    draft.repeat = intWithin(object[u"repeat"_s], 1, maximumRepeat, draft.repeat);
    draft.followRedirects = object[u"followRedirects"_s].toBool(draft.followRedirects);
    return draft;
}

QList<RequestPreset> requestPresets()
{
    const auto preset = [](const char *name, const char *hint, const char16_t *method, const char16_t *target) {
        RequestPreset result{tr(name), tr(hint), {}};
        result.draft.method = QString::fromUtf16(method);
        result.draft.target = QString::fromUtf16(target);
        return result;
    };
    RequestPreset user = preset(QT_TR_NOOP("Create user"), QT_TR_NOOP("A form, answered with a redirect to the list"),
                                u"POST", u"/create-user");
    user.draft.fields = {{u"username"_s, u"Ada Lovelace"_s}};
    RequestPreset message
        = preset(QT_TR_NOOP("Message in 4 pieces"), QT_TR_NOOP("The body arrives chunk by chunk, with pauses"),
                 u"POST", u"/message");
    message.draft.fields = {{u"message"_s, u"A message that arrives in four pieces, one after the other."_s}};
    message.draft.pieces = 4;
    message.draft.pauseMs = 250;
    const RequestPreset download
        = preset(QT_TR_NOOP("Download 8 MB"), QT_TR_NOOP("A streamed answer: watch its chunks"), u"GET",
                 u"/download?mb=8");
    RequestPreset blocking
        = preset(QT_TR_NOOP("Blocking write"),
                 QT_TR_NOOP("writeFileSync on the loop: everybody waits until the file is written"), u"POST",
                 u"/message?mode=sync");
    blocking.draft.body = RequestDraft::Body::Filler;
    blocking.draft.fillerKiB = 16 * 1024;
    RequestPreset free = blocking;
    free.name = tr(QT_TR_NOOP("Non-blocking write"));
    free.hint = tr(QT_TR_NOOP("writeFile on the worker pool: the loop stays free"));
    free.draft.target = u"/message"_s;
    RequestPreset fifty = preset(QT_TR_NOOP("50 at once"), QT_TR_NOOP("One thread serves them all, slice by slice"),
                                 u"GET", u"/users");
    fifty.draft.repeat = 50;
    return {user, message, download, blocking, free, fifty};
}

QStringList practicePaths()
{
    return {u"/"_s,        u"/users"_s,           u"/create-user"_s,   u"/message"_s,
            u"/healthz"_s, u"/message?mode=sync"_s, u"/download?mb=8"_s, u"/download?mb=100"_s};
}

} // namespace loopscope::app
