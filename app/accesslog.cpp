// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/accesslog.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDateTime>
#include <QtCore/QFileDevice>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::app {

namespace {

// Written to the device at once beyond this, so that a batch does not grow without end. Bytes.
constexpr qsizetype batchBytes = 64 * 1024;

QByteArray milliseconds(qint64 ns)
{
    return QByteArray::number(double(ns) / 1e6, 'f', 3);
}

// Numbers stay exact, names stay in this order.
class JsonLine {
public:
    void add(const char *name, const QByteArray &value) { raw(name, quoted(value)); }
    void add(const char *name, qint64 value) { raw(name, QByteArray::number(value)); }
    void raw(const char *name, const QByteArray &value)
    {
        m_line.append(m_line.isEmpty() ? "{\"" : ",\"").append(name).append("\":").append(value);
    }
    [[nodiscard]] QByteArray line() const { return m_line + '}'; }

private:
    // What is no UTF-8 is replaced, and what is no ASCII escaped: a line stays a line for every reader (U+2028 too).
    static QByteArray quoted(QByteArrayView bytes)
    {
        QByteArray result = "\"";
        for (const QChar c : QString::fromUtf8(bytes)) {
            if (c == u'"' || c == u'\\')
                result.append('\\').append(c.toLatin1());
            else if (c.unicode() >= 0x20 && c.unicode() < 0x7f)
                result += c.toLatin1();
            else
                result += "\\u" + QByteArray::number(c.unicode(), 16).rightJustified(4, '0');
        }
        return result + '"';
    }
    QByteArray m_line;
};

QByteArrayView firstLine(QByteArrayView head)
{
    const qsizetype end = head.indexOf('\r');
    return head.first(std::min(end < 0 ? head.size() : end, AccessLog::maximumLineBytes));
}

} // namespace

AccessLog::AccessLog(QIODevice &device, Format format, std::chrono::nanoseconds wallMinusTrace)
    : m_device(device)
    , m_format(format)
    , m_wallMinusTrace(wallMinusTrace)
{
}

std::chrono::nanoseconds AccessLog::wallMinus(std::chrono::nanoseconds traceNow)
{
    return std::chrono::system_clock::now().time_since_epoch() - traceNow;
}

QByteArray AccessLog::escaped(QByteArrayView bytes)
{
    QByteArray result;
    for (const char c : bytes) {
        if (c == '"' || c == '\\')
            result.append('\\').append(c);
        else if (c == '\n')
            result += "\\n";
        else if (c == '\r')
            result += "\\r";
        else if (uchar(c) < 0x20 || uchar(c) >= 0x7f)
            result += "\\x" + QByteArray::number(uchar(c), 16).rightJustified(2, '0');
        else
            result += c;
    }
    return result;
}

void AccessLog::take(int, const trace::TraceRecord &record, QByteArrayView text)
{
    switch (record.kind) {
    case trace::Kind::ConnectionOpened:
        if (m_peers.size() < maximumRemembered)
            m_peers.insert(record.connection, text.toByteArray());
        break;
    case trace::Kind::ConnectionClosed:
        m_peers.remove(record.connection);
        break;
    case trace::Kind::RequestBegin:
        if (m_open.size() < maximumRemembered)
            m_open.insert(record.request, {firstLine(text).toByteArray(), record.connection});
        break;
    case trace::Kind::ResponseEnd:
        onResponseEnd(record);
        break;
    case trace::Kind::ClientError:
        onMessage(record, "client-error", record.name ? record.name : "");
        break;
    case trace::Kind::Log:
        if (record.request == m_answeredRequest && text == QByteArrayView(m_answered))
            break;
        onMessage(record, trace::toString(trace::LogLevel(record.detail)), text);
        break;
    case trace::Kind::Listening:
        onMessage(record, "listening", text);
        break;
    case trace::Kind::DrainBegan:
        onMessage(record, "drain", QByteArray(QByteArray::number(record.id) + " in flight"));
        break;
    case trace::Kind::DrainEnded:
        onMessage(record, "drained", QByteArray(QByteArray::number(record.value) + " cut"));
        break;
    default:
        break;
    }
}

void AccessLog::onResponseEnd(const trace::TraceRecord &record)
{
    const Open open = m_open.take(record.request);
    const QByteArray peer = m_peers.value(record.connection);
    const auto outcome = trace::ResponseOutcome(record.detail);
    const qint64 end = record.start + record.duration;
    const QByteArrayList words = open.line.split(' ');
    m_answeredRequest = record.request;
    m_answered = words.value(0) + ' ' + words.value(1) + ' ' + QByteArray::number(record.id);
    if (m_format == Format::Text) {
        QByteArray line = time(end) + ' ' + (peer.isEmpty() ? QByteArray("-") : escaped(peer)) + " \""
            + escaped(open.line) + "\" " + QByteArray::number(record.id) + ' ' + QByteArray::number(record.value)
            + " B " + milliseconds(record.duration) + " ms";
        if (outcome != trace::ResponseOutcome::Complete)
            line += QByteArray(" ") + trace::toString(outcome);
        add(line);
        return;
    }
    JsonLine line;
    line.add("time", time(end));
    line.add("event", QByteArray("request"));
    line.add("request", qint64(record.request));
    line.add("connection", qint64(record.connection));
    line.add("peer", peer);
    line.add("method", words.value(0));
    line.add("target", words.value(1));
    line.add("status", qint64(record.id));
    line.add("bytes", record.value);
    line.raw("ms", milliseconds(record.duration));
    line.add("outcome", QByteArray(trace::toString(outcome)));
    add(line.line());
}

void AccessLog::onMessage(const trace::TraceRecord &record, const char *event, QByteArrayView message)
{
    const QByteArray peer = m_peers.value(record.connection);
    const bool refused = record.kind == trace::Kind::ClientError && record.value > 0;
    if (m_format == Format::Text) {
        QByteArray line = time(record.start + record.duration) + ' ' + (peer.isEmpty() ? QByteArray("-") : escaped(peer))
            + ' ' + event;
        if (refused)
            line += ' ' + QByteArray::number(record.value);
        add(line + ": " + escaped(message));
        return;
    }
    JsonLine line;
    line.add("time", time(record.start + record.duration));
    line.add("event", QByteArray(event));
    if (record.request)
        line.add("request", qint64(record.request));
    if (record.connection) {
        line.add("connection", qint64(record.connection));
        line.add("peer", peer);
    }
    if (refused)
        line.add("status", record.value);
    line.add("message", message.toByteArray());
    add(line.line());
}

QByteArray AccessLog::time(qint64 atNs) const
{
    const auto wall = std::chrono::nanoseconds(atNs) + m_wallMinusTrace;
    const qint64 ms = std::chrono::duration_cast<std::chrono::milliseconds>(wall).count();
    return QDateTime::fromMSecsSinceEpoch(ms, Qt::UTC).toString(Qt::ISODateWithMs).toLatin1();
}

void AccessLog::add(const QByteArray &line)
{
    m_batch.append(line).append('\n');
    if (m_batch.size() >= batchBytes)
        endBatch();
}

void AccessLog::endBatch()
{
    if (m_batch.isEmpty() || !m_error.isEmpty())
        return;
    const bool written = m_device.write(m_batch) == m_batch.size();
    auto *file = qobject_cast<QFileDevice *>(&m_device);
    if (!written || (file && !file->flush()))
        m_error = QCoreApplication::translate("loopscope::app::AccessLog", "The log could not be written: %1.")
                      .arg(m_device.errorString());
    m_batch.clear();
}

void AccessLog::finish(const trace::Trace &, quint64)
{
    endBatch();
}

} // namespace loopscope::app
