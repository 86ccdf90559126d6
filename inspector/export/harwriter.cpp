// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/export/harwriter.h"

#include "inspector/export/writewhole.h"
#include "inspector/model/httphead.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QIODevice>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QLocale>
#include <QtCore/QStringDecoder>

#include <algorithm>
#include <optional>

using namespace Qt::StringLiterals;

namespace loopscope::exporting {

using trace::Kind;
using trace::TraceRecord;

namespace {

QString utf8(QByteArrayView bytes)
{
    return QString::fromUtf8(bytes); // what is malformed becomes U+FFFD
}

bool isUtf8(QByteArrayView bytes)
{
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    const QString decoded = decoder(bytes);
    return !decoder.hasError() && !decoded.contains(QChar::Null);
}

double milliseconds(qint64 ns)
{
    return double(ns) / 1e6;
}

QJsonObject pair(QByteArrayView name, QByteArrayView value)
{
    return {{u"name"_s, utf8(name)}, {u"value"_s, utf8(value)}};
}

QJsonArray headersOf(QByteArrayView head)
{
    QJsonArray array;
    for (const model::HeaderField &field : model::parseHeaders(head))
        array.append(pair(field.name, field.value));
    return array;
}

// application/x-www-form-urlencoded (https://url.spec.whatwg.org/#urlencoded-parsing), as HAR wants it: decoded.
QByteArray formDecoded(QByteArrayView text)
{
    QByteArray copy = text.toByteArray();
    copy.replace('+', ' ');
    return QByteArray::fromPercentEncoding(copy);
}

template<typename Visit>
void split(QByteArrayView text, char separator, Visit &&visit)
{
    while (!text.isEmpty()) {
        const qsizetype at = text.indexOf(separator);
        const QByteArrayView part = at < 0 ? text : text.first(at);
        if (!part.trimmed().isEmpty())
            visit(part.trimmed());
        text = at < 0 ? QByteArrayView() : text.sliced(at + 1);
    }
}

std::pair<QByteArrayView, QByteArrayView> atEquals(QByteArrayView text)
{
    const qsizetype at = text.indexOf('=');
    return at < 0 ? std::pair(text, QByteArrayView("")) : std::pair(text.first(at), text.sliced(at + 1));
}

QJsonArray queryOf(QByteArrayView query)
{
    QJsonArray array;
    split(query, '&', [&](QByteArrayView part) {
        const auto [name, value] = atEquals(part);
        array.append(pair(formDecoded(name), formDecoded(value)));
    });
    return array;
}

// RFC 6265 §5.4.
QJsonArray requestCookies(QByteArrayView head)
{
    QJsonArray array;
    for (const model::HeaderField &field : model::parseHeaders(head)) {
        if (field.name.compare("cookie", Qt::CaseInsensitive) != 0)
            continue;
        split(field.value, ';', [&](QByteArrayView part) {
            const auto [name, value] = atEquals(part);
            array.append(pair(name, value));
        });
    }
    return array;
}

// RFC 6265 §5.2.
QJsonObject setCookie(QByteArrayView text)
{
    QJsonObject cookie;
    split(text, ';', [&](QByteArrayView part) {
        const auto [name, value] = atEquals(part);
        if (cookie.isEmpty())
            cookie = pair(name, value);
        else if (name.compare("path", Qt::CaseInsensitive) == 0)
            cookie[u"path"] = utf8(value);
        else if (name.compare("domain", Qt::CaseInsensitive) == 0)
            cookie[u"domain"] = utf8(value);
        else if (name.compare("httponly", Qt::CaseInsensitive) == 0)
            cookie[u"httpOnly"] = true;
        else if (name.compare("secure", Qt::CaseInsensitive) == 0)
            cookie[u"secure"] = true;
        else if (name.compare("expires", Qt::CaseInsensitive) == 0) {
            // RFC 9110 §5.6.7, the form that senders must use.
            QDateTime expires = QLocale::c().toDateTime(utf8(value), u"ddd, dd MMM yyyy HH:mm:ss 'GMT'"_s);
            expires.setTimeSpec(Qt::UTC);
            if (expires.isValid())
                cookie[u"expires"] = expires.toString(Qt::ISODateWithMs);
        }
    });
    return cookie;
}

QJsonArray responseCookies(QByteArrayView head)
{
    QJsonArray array;
    for (const model::HeaderField &field : model::parseHeaders(head)) {
        if (field.name.compare("set-cookie", Qt::CaseInsensitive) == 0)
            array.append(setCookie(field.value));
    }
    return array;
}

QString cutComment(qsizetype captured, qint64 bytes)
{
    return u"captured: the first "_s % QString::number(captured) % u" of "_s % QString::number(bytes) % u" bytes"_s;
}

} // namespace

HarWriter::HarWriter(QIODevice &device, const ClockPair &clocks)
    : m_device(device)
    , m_clocks(clocks)
{
    const QString version = QCoreApplication::applicationVersion();
    const QJsonObject creator{{u"name"_s, u"Loopscope"_s}, {u"version"_s, version.isEmpty() ? u"0"_s : version}};
    put("{\"log\":{\"version\":\"1.2\",\"creator\":" + QJsonDocument(creator).toJson(QJsonDocument::Compact)
        + ",\"entries\":[");
}

HarWriter::~HarWriter()
{
    finish();
}

bool HarWriter::put(const QByteArray &bytes)
{
    if (hasFailed())
        return false;
    if (writeWhole(m_device, bytes))
        return true;
    m_error = QCoreApplication::translate("loopscope::exporting", "The HAR could not be written: %1.").arg(m_device.errorString());
    return false;
}

bool HarWriter::write(int, const TraceRecord &record, QByteArrayView text)
{
    if (m_finished || hasFailed())
        return false;
    if (record.kind == Kind::Listening) {
        m_serverAddress = text.first(std::max<qsizetype>(0, text.lastIndexOf(':'))).toByteArray();
        m_scheme = record.detail == 1 ? "https://" : "http://";
        return true;
    }
    if (record.kind == Kind::RequestBegin) {
        begin(record, text);
        return !hasFailed();
    }
    const auto found = record.request == 0 ? m_pending.end() : m_pending.find(record.request);
    if (found == m_pending.end()) {
        m_unknown += record.kind == Kind::ResponseEnd;
        return true;
    }
    Pending &pending = found->second;
    switch (record.kind) {
    case Kind::BodyChunk:
        addChunk(pending.body, record, text);
        break;
    case Kind::RequestComplete:
        pending.arrived = record.start;
        pending.body.bytes = record.value;
        break;
    case Kind::ResponseHead:
        pending.responseHeadTime = record.start;
        pending.status = int(record.value);
        m_heldBytes += text.size() - pending.responseHead.size();
        pending.responseHead = text.toByteArray();
        break;
    case Kind::ResponseChunk:
        addChunk(pending.responseBody, record, text);
        break;
    case Kind::ResponseEnd: {
        pending.end = record.start + record.duration;
        pending.responseBody.bytes = record.value;
        if (record.id != 0)
            pending.status = int(record.id);
        if (trace::ResponseOutcome(record.detail) != trace::ResponseOutcome::Complete)
            pending.comment = utf8(trace::toString(trace::ResponseOutcome(record.detail)));
        const bool written = writeEntry(pending);
        m_heldBytes -= pending.heldBytes();
        m_pending.erase(found);
        return written;
    }
    default:
        break;
    }
    return true;
}

// A field that was cut would be another one.
bool HarWriter::isWholeForm(QByteArrayView type, const Body &body)
{
    const qsizetype end = type.indexOf(';');
    return (end < 0 ? type : type.first(end)).trimmed().compare("application/x-www-form-urlencoded", Qt::CaseInsensitive) == 0
        && body.captured.size() == body.bytes;
}

void HarWriter::begin(const TraceRecord &record, QByteArrayView head)
{
    if (m_pending.size() >= maximumInFlight) {
        Pending &oldest = m_pending.begin()->second;
        oldest.comment = u"still in flight when too many were to be remembered"_s;
        writeEntry(oldest);
        m_heldBytes -= oldest.heldBytes();
        m_pending.erase(m_pending.begin());
    }
    Pending pending;
    pending.head = head.toByteArray();
    pending.connection = record.connection;
    pending.start = record.start;
    pending.arrived = record.start + record.duration;
    m_heldBytes += pending.heldBytes();
    const auto before = m_pending.find(record.request);
    if (before != m_pending.end()) // a server that was started again counts from 1 again
        m_heldBytes -= before->second.heldBytes();
    m_pending[record.request] = std::move(pending);
}

// Keeps what continues the captured bytes without a gap: a body with a hole in it would be another body.
void HarWriter::addChunk(Body &body, const TraceRecord &record, QByteArrayView text)
{
    qint64 end = 0;
    if (!qAddOverflow(qint64(record.id), record.value, &end))
        body.bytes = std::max(body.bytes, end);
    if (qint64(record.id) != body.captured.size())
        return;
    const qsizetype room = std::min(maximumBodyBytes - body.captured.size(), maximumHeldBytes - m_heldBytes);
    const qsizetype taken = std::clamp<qsizetype>(text.size(), 0, std::max<qsizetype>(0, room));
    body.captured.append(text.first(taken));
    m_heldBytes += taken;
}

QString HarWriter::dateOf(qint64 ns) const
{
    return m_clocks.wall.addMSecs((ns - m_clocks.clockNs) / 1'000'000).toUTC().toString(Qt::ISODateWithMs);
}

QJsonObject HarWriter::requestOf(const Pending &pending) const
{
    const model::RequestLine line = model::parseRequestLine(pending.head);
    QByteArray host = model::headerValue(pending.head, "host").toByteArray();
    if (host.isEmpty())
        host = m_serverAddress;
    const bool absolute = line.target.startsWith("http://") || line.target.startsWith("https://");
    QJsonObject request{
        {u"method"_s, utf8(line.method)},
        {u"url"_s, absolute ? utf8(line.target) : utf8(QByteArray(m_scheme + host + line.target.toByteArray()))},
        {u"httpVersion"_s, utf8(line.version)},
        {u"cookies"_s, requestCookies(pending.head)},
        {u"headers"_s, headersOf(pending.head)},
        {u"queryString"_s, queryOf(line.query())},
        {u"headersSize"_s, qint64(pending.head.size())},
        {u"bodySize"_s, pending.body.bytes},
    };
    if (pending.body.bytes > 0) {
        const QByteArrayView type = model::headerValue(pending.head, "content-type");
        QJsonObject data{{u"mimeType"_s, utf8(type)},
                         {u"params"_s, isWholeForm(type, pending.body) ? queryOf(pending.body.captured) : QJsonArray()},
                         {u"text"_s, utf8(pending.body.captured)}};
        QStringList comments;
        if (pending.body.captured.size() < pending.body.bytes)
            comments.append(cutComment(pending.body.captured.size(), pending.body.bytes));
        if (!isUtf8(pending.body.captured))
            comments.append(u"not UTF-8: bytes are replaced"_s);
        if (!comments.isEmpty())
            data[u"comment"] = comments.join(u"; "_s);
        request[u"postData"] = data;
    }
    return request;
}

QJsonObject HarWriter::responseOf(const Pending &pending) const
{
    const model::StatusLine line = model::parseStatusLine(pending.responseHead);
    const Body &body = pending.responseBody;
    QJsonObject content{{u"size"_s, body.bytes},
                        {u"mimeType"_s, utf8(model::headerValue(pending.responseHead, "content-type"))}};
    if (!body.captured.isEmpty()) {
        const bool text = isUtf8(body.captured);
        content[u"text"] = text ? utf8(body.captured) : QString::fromLatin1(body.captured.toBase64());
        if (!text)
            content[u"encoding"] = u"base64"_s;
    }
    if (body.captured.size() < body.bytes)
        content[u"comment"] = cutComment(body.captured.size(), body.bytes);
    return {
        {u"status"_s, pending.status},
        {u"statusText"_s, utf8(line.reason)},
        {u"httpVersion"_s, utf8(line.version)},
        {u"cookies"_s, responseCookies(pending.responseHead)},
        {u"headers"_s, headersOf(pending.responseHead)},
        {u"content"_s, content},
        {u"redirectURL"_s, utf8(model::headerValue(pending.responseHead, "location"))},
        {u"headersSize"_s, pending.responseHead.isEmpty() ? qint64(-1) : qint64(pending.responseHead.size())},
        {u"bodySize"_s, body.bytes},
    };
}

QJsonObject HarWriter::entryOf(const Pending &pending) const
{
    const qint64 end = std::max({pending.start, pending.end, pending.arrived, pending.responseHeadTime});
    const qint64 head = pending.responseHeadTime < 0 ? end : std::clamp(pending.responseHeadTime, pending.start, end);
    const qint64 arrived = std::clamp(pending.arrived, pending.start, head); // an early answer ends the waiting
    QJsonObject entry{
        {u"startedDateTime"_s, dateOf(pending.start)},
        {u"time"_s, milliseconds(end - pending.start)},
        {u"request"_s, requestOf(pending)},
        {u"response"_s, responseOf(pending)},
        {u"cache"_s, QJsonObject()},
        {u"timings"_s, QJsonObject{{u"blocked"_s, -1}, {u"dns"_s, -1}, {u"connect"_s, -1}, {u"ssl"_s, -1},
                                   {u"send"_s, milliseconds(arrived - pending.start)},
                                   {u"wait"_s, milliseconds(head - arrived)},
                                   {u"receive"_s, milliseconds(end - head)}}},
        {u"connection"_s, QString::number(pending.connection)},
    };
    if (!m_serverAddress.isEmpty()) {
        QByteArray address = m_serverAddress;
        if (address.startsWith('[') && address.endsWith(']')) // "[::1]:3000"
            address = address.sliced(1, address.size() - 2);
        entry[u"serverIPAddress"] = utf8(address);
    }
    if (!pending.comment.isEmpty())
        entry[u"comment"] = pending.comment;
    return entry;
}

bool HarWriter::writeEntry(const Pending &pending)
{
    const QByteArray separator = m_first ? "\n" : ",\n";
    m_first = false;
    return put(separator + QJsonDocument(entryOf(pending)).toJson(QJsonDocument::Compact));
}

bool HarWriter::finish()
{
    if (m_finished || hasFailed())
        return m_finished && !hasFailed();
    for (auto &[number, pending] : m_pending) {
        pending.comment = u"in flight when the recording ended"_s;
        if (!writeEntry(pending))
            return false;
    }
    m_pending.clear();
    m_heldBytes = 0;
    m_finished = true;
    const QString comment = QString::number(m_dropped) % u" trace records were dropped; "_s % QString::number(m_unknown)
        % u" requests are missing because their beginning was not recorded"_s;
    const QByteArray tail = QJsonDocument(QJsonObject{{u"comment"_s, comment}}).toJson(QJsonDocument::Compact);
    return put("\n]," + tail.sliced(1) + "}\n"); // the rest of the log's object, without its opening brace
}

} // namespace loopscope::exporting
