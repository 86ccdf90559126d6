// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/export/chrometracewriter.h"

#include "inspector/export/jsontext.h"
#include "inspector/export/writewhole.h"
#include "inspector/model/httphead.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QIODevice>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::exporting {

using trace::Kind;
using trace::TraceRecord;

namespace {

constexpr int serverProcess = 1;
constexpr int connectionProcess = 2;

QByteArrayView cut(QByteArrayView text)
{
    return text.first(std::min(text.size(), ChromeTraceWriter::maximumTextBytes));
}

} // namespace

ChromeTraceWriter::ChromeTraceWriter(QIODevice &device)
    : m_device(device)
{
    m_buffer.reserve(bufferBytes + 8 * maximumTextBytes);
    m_buffer += "{\"traceEvents\":[";
    nameTrack(serverProcess, 0, "server", true);
    nameTrack(connectionProcess, 0, "connections", true);
}

ChromeTraceWriter::~ChromeTraceWriter()
{
    finish();
}

// --- the format ---

void ChromeTraceWriter::begin(char phase, QByteArrayView name, QByteArrayView category, qint64 ns, int process,
                              quint64 track)
{
    m_buffer += m_firstEvent ? "\n{\"ph\":\"" : ",\n{\"ph\":\"";
    m_firstEvent = false;
    m_firstArgument = true;
    m_buffer += phase;
    m_buffer += "\",\"pid\":";
    m_buffer += QByteArray::number(process);
    m_buffer += ",\"tid\":";
    m_buffer += QByteArray::number(track);
    m_buffer += ",\"ts\":";
    appendMicroseconds(m_buffer, ns);
    m_buffer += ",\"name\":";
    appendJsonString(m_buffer, name);
    m_buffer += ",\"cat\":";
    appendJsonString(m_buffer, category);
}

void ChromeTraceWriter::argument(QByteArrayView key, qint64 value)
{
    m_buffer += m_firstArgument ? ",\"args\":{" : ",";
    m_firstArgument = false;
    appendJsonString(m_buffer, key);
    m_buffer += ':';
    m_buffer += QByteArray::number(value);
}

void ChromeTraceWriter::argument(QByteArrayView key, QByteArrayView text)
{
    m_buffer += m_firstArgument ? ",\"args\":{" : ",";
    m_firstArgument = false;
    appendJsonString(m_buffer, key);
    m_buffer += ':';
    appendJsonString(m_buffer, cut(text));
}

void ChromeTraceWriter::end()
{
    m_buffer += m_firstArgument ? "}" : "}}";
}

void ChromeTraceWriter::nameTrack(int process, quint64 track, QByteArrayView name, bool ofProcess)
{
    begin('M', ofProcess ? "process_name" : "thread_name", "__metadata", 0, process, track);
    argument("name", name);
    end();
}

// --- records ---

bool ChromeTraceWriter::setLane(int lane, const QByteArray &name)
{
    if (m_finished || hasFailed())
        return false;
    nameTrack(serverProcess, quint64(lane), name);
    return m_buffer.size() < bufferBytes || flush();
}

bool ChromeTraceWriter::write(int lane, const TraceRecord &record, QByteArrayView text)
{
    if (m_finished || hasFailed())
        return false;
    ++m_records;
    m_lastTime = std::max(m_lastTime, record.start + record.duration);
    switch (record.kind) {
    case Kind::Invalid:
        break;
    case Kind::Turn:
    case Kind::Wait:
    case Kind::PhaseRun:
    case Kind::Span:
    case Kind::Layer:
    case Kind::LayerResumed:
        slice(lane, record);
        break;
    case Kind::Callback:
        slice(lane, record);
        if (record.id != 0 && record.file)
            flow('f', lane, record);
        break;
    case Kind::JobFinished:
        slice(lane, record);
        flow('t', lane, record);
        break;
    case Kind::Registered:
    case Kind::JobQueued:
        instant(serverProcess, quint64(lane), record, text);
        flow('s', lane, record);
        break;
    case Kind::ConnectionOpened: {
        const QByteArray name = "conn " + QByteArray::number(record.connection) + ' ' + cut(text).toByteArray();
        nameTrack(connectionProcess, record.connection, name);
        instant(connectionProcess, record.connection, record, text);
        break;
    }
    case Kind::RequestBegin:
        remember(record, text);
        break;
    case Kind::ResponseEnd:
        requestSlice(record);
        break;
    default:
        if (record.connection != 0)
            instant(connectionProcess, record.connection, record, text);
        else
            instant(serverProcess, quint64(lane), record, text);
    }
    return m_buffer.size() < bufferBytes || flush();
}

void ChromeTraceWriter::commonArguments(const TraceRecord &record)
{
    if (record.request != 0)
        argument("request", qint64(record.request));
    if (record.connection != 0)
        argument("connection", qint64(record.connection));
    if (record.file)
        argument("site", QByteArray(QByteArray(record.file) + ':' + QByteArray::number(record.line)));
}

void ChromeTraceWriter::slice(int lane, const TraceRecord &record)
{
    QByteArrayView name = record.name ? QByteArrayView(record.name) : QByteArrayView(trace::toString(record.kind));
    if (record.kind == Kind::PhaseRun)
        name = trace::toString(record.phase);
    else if (record.kind == Kind::Wait)
        name = "wait";
    else if (record.kind == Kind::Turn)
        name = "turn";
    begin('X', name, trace::toString(record.kind), record.start, serverProcess, quint64(lane));
    m_buffer += ",\"dur\":";
    appendMicroseconds(m_buffer, record.duration);
    commonArguments(record);
    kindArguments(record, {});
    end();
}

void ChromeTraceWriter::instant(int process, quint64 track, const TraceRecord &record, QByteArrayView text)
{
    // An instant stands where the thing happened: what has a duration ended then.
    const qint64 time = record.kind == Kind::ConnectionClosed || record.kind == Kind::DrainEnded
        ? record.start + record.duration
        : record.start;
    begin('i', trace::toString(record.kind), trace::toString(record.kind), time, process, track);
    m_buffer += ",\"s\":\"t\"";
    commonArguments(record);
    if (record.name)
        argument("name", QByteArrayView(record.name));
    kindArguments(record, text);
    end();
}

void ChromeTraceWriter::kindArguments(const TraceRecord &record, QByteArrayView text)
{
    switch (record.kind) {
    case Kind::Turn:
    case Kind::PhaseRun:
        argument("turn", qint64(record.id));
        argument("callbacks", record.value);
        break;
    case Kind::Wait: argument("ready", record.value); break;
    case Kind::Callback:
        argument("phase", QByteArrayView(trace::toString(record.phase)));
        [[fallthrough]];
    case Kind::Registered:
    case Kind::Cleared:
        argument("id", qint64(record.id));
        if (record.parent != 0)
            argument("parent", qint64(record.parent));
        if (record.value != 0)
            argument("dueNs", record.value);
        break;
    case Kind::Span: argument("bytes", record.value); break;
    case Kind::JobQueued:
        argument("id", qint64(record.id));
        argument("waiting", record.value);
        break;
    case Kind::JobStarted: argument("id", qint64(record.id)); break;
    case Kind::JobFinished:
        argument("id", qint64(record.id));
        argument("outcome", QByteArrayView(trace::toString(trace::JobOutcome(record.detail))));
        break;
    case Kind::JobProgress:
        argument("id", qint64(record.id));
        argument("done", record.value);
        argument("total", qint64(record.parent));
        break;
    case Kind::PoolResized: argument("threads", record.value); break;
    case Kind::ConnectionOpened: argument("peer", text); break;
    case Kind::ConnectionClosed:
        argument("reason", QByteArrayView(trace::toString(trace::CloseReason(record.detail))));
        argument("served", record.value);
        break;
    case Kind::ConnectionIdle: argument("dueNs", record.value); break;
    case Kind::ClientError: argument("status", record.value); break;
    case Kind::Backpressure:
        argument("bufferedBytes", record.value);
        argument("aboveMark", qint64(record.detail));
        break;
    default: messageArguments(record, text);
    }
}

// Of requests, responses and the server.
void ChromeTraceWriter::messageArguments(const TraceRecord &record, QByteArrayView text)
{
    switch (record.kind) {
    case Kind::BodyChunk:
    case Kind::ResponseChunk:
        argument("bytes", record.value);
        argument("offset", qint64(record.id));
        argument("framing", QByteArrayView(trace::toString(trace::BodyFraming(record.detail))));
        break;
    case Kind::RequestComplete: argument("bytes", record.value); break;
    case Kind::BytesArrived:
        argument("waitedNs", record.duration);
        argument("told", record.value);
        break;
    case Kind::Layer:
        argument("layer", qint64(record.id));
        argument("layerKind", QByteArrayView(trace::toString(trace::LayerKind(record.detail))));
        argument("nextAfterNs", record.value);
        break;
    case Kind::LayerNext:
    case Kind::LayerResumed: argument("layer", qint64(record.id)); break;
    case Kind::Redirected: argument("location", text); break;
    case Kind::ResponseHead:
        argument("status", record.value);
        argument("framing", QByteArrayView(trace::toString(trace::BodyFraming(record.detail))));
        break;
    case Kind::Listening:
        argument("address", text);
        argument("port", record.value);
        break;
    case Kind::DrainBegan:
        argument("deadlineNs", record.value);
        argument("inFlight", qint64(record.id));
        break;
    case Kind::DrainEnded: argument("cut", record.value); break;
    case Kind::Log:
        argument("level", QByteArrayView(trace::toString(trace::LogLevel(record.detail))));
        argument("message", text);
        break;
    default: // RequestBegin and ResponseEnd have arguments of their own
        break;
    }
}

// An arrow from where something was registered, by way of the worker if it is a job, to its callback.
void ChromeTraceWriter::flow(char phase, int lane, const TraceRecord &record)
{
    begin(phase, "registration", "flow", record.start, serverProcess, quint64(lane));
    m_buffer += ",\"id\":";
    m_buffer += QByteArray::number(record.id);
    if (phase == 'f')
        m_buffer += ",\"bp\":\"e\""; // binds to the slice that begins here, not to the next one
    end();
}

// --- requests ---

void ChromeTraceWriter::remember(const TraceRecord &record, QByteArrayView head)
{
    const model::RequestLine line = model::parseRequestLine(head);
    const QByteArray name = cut(line.method).toByteArray() + ' ' + cut(line.target).toByteArray();
    begin('i', "RequestBegin", "RequestBegin", record.start + record.duration, connectionProcess, record.connection);
    m_buffer += ",\"s\":\"t\"";
    commonArguments(record);
    argument("method", line.method);
    argument("target", line.target);
    argument("headBytes", record.value);
    argument("framing", QByteArrayView(trace::toString(trace::BodyFraming(record.detail))));
    end();
    if (m_inFlight.size() >= maximumInFlight) {
        unfinished(m_inFlight.begin()->first, m_inFlight.begin()->second);
        m_inFlight.erase(m_inFlight.begin());
        ++m_forgotten;
    }
    m_inFlight[record.request] = {name, record.connection, record.start};
}

void ChromeTraceWriter::requestSlice(const TraceRecord &record)
{
    const auto found = m_inFlight.find(record.request);
    const QByteArray name = found != m_inFlight.end() ? found->second.name
                                                      : QByteArray("request " + QByteArray::number(record.request));
    if (found != m_inFlight.end())
        m_inFlight.erase(found);
    begin('X', name, "Request", record.start, connectionProcess, record.connection);
    m_buffer += ",\"dur\":";
    appendMicroseconds(m_buffer, record.duration);
    commonArguments(record);
    argument("status", qint64(record.id));
    argument("bytes", record.value);
    argument("outcome", QByteArrayView(trace::toString(trace::ResponseOutcome(record.detail))));
    end();
}

void ChromeTraceWriter::unfinished(quint64 number, const InFlight &request)
{
    begin('X', request.name, "Request", request.start, connectionProcess, request.connection);
    m_buffer += ",\"dur\":";
    appendMicroseconds(m_buffer, std::max<qint64>(0, m_lastTime - request.start));
    argument("request", qint64(number));
    argument("connection", qint64(request.connection));
    argument("outcome", QByteArrayView("unfinished"));
    end();
}

// --- the device ---

bool ChromeTraceWriter::flush()
{
    if (hasFailed())
        return false;
    if (!writeWhole(m_device, m_buffer)) {
        const QString why = m_device.errorString();
        m_error = QCoreApplication::translate("loopscope::exporting", "The trace could not be written: %1.").arg(why);
    }
    m_buffer.clear();
    return !hasFailed();
}

bool ChromeTraceWriter::finish()
{
    if (m_finished || hasFailed())
        return m_finished && !hasFailed();
    for (const auto &[number, request] : m_inFlight) {
        unfinished(number, request);
        if (m_buffer.size() >= bufferBytes && !flush())
            return false;
    }
    m_inFlight.clear();
    m_finished = true;
    m_buffer += "\n],\n\"displayTimeUnit\":\"ns\",\n\"metadata\":{\"generator\":\"Loopscope\",\"clock\":\"monotonic\","
                "\"records\":";
    m_buffer += QByteArray::number(m_records);
    m_buffer += ",\"droppedRecords\":";
    m_buffer += QByteArray::number(m_dropped);
    m_buffer += ",\"requestsNotFollowed\":";
    m_buffer += QByteArray::number(m_forgotten);
    m_buffer += "}}\n";
    return flush();
}

} // namespace loopscope::exporting
