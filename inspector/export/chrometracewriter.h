// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/trace/trace.h"

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include <map>

QT_BEGIN_NAMESPACE
class QIODevice;
QT_END_NAMESPACE

namespace loopscope::exporting {

// Writes records as they come into a file of the Chrome trace event format (object form), which Perfetto and
// chrome://tracing open. https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
//
//     process 1 "server": one track per lane; turns, waits, phases, callbacks, spans, layers, jobs as slices ("X");
//                         registrations and queued jobs as flows ("s", "t", "f") to where they ran
//     process 2 "connections": one track per connection; requests as slices, chunks and the rest as instants ("i")
//
// Every record becomes an event with "cat" its kind. Times are microseconds of the trace's clock with three decimals.
// Bodies are not written, only their sizes; of heads only method, target and status.
//
// Owned and called by one thread, which drains the trace. Memory is bounded: a buffer and the request lines of
// requests in flight (maximumInFlight). After an error every call does nothing and returns false.
class ChromeTraceWriter {
public:
    // Requests in flight whose method and target are remembered; the oldest is written as unfinished beyond it.
    static constexpr std::size_t maximumInFlight = 65'536;
    // Bytes of a target or message at most.
    static constexpr qsizetype maximumTextBytes = 1'024;
    // Bytes collected before they are written.
    static constexpr qsizetype bufferBytes = 64 * 1'024;

    // `device` must be open for writing, and outlive the writer, which neither closes nor owns it.
    explicit ChromeTraceWriter(QIODevice &device);
    // Calls finish() if nobody did.
    ~ChromeTraceWriter();
    ChromeTraceWriter(const ChromeTraceWriter &) = delete;
    ChromeTraceWriter &operator=(const ChromeTraceWriter &) = delete;

    // The name of a lane's track. Names given again are written again; the last holds.
    bool setLane(int lane, const QByteArray &name);
    bool write(int lane, const trace::TraceRecord &record, QByteArrayView text);
    // Goes into the metadata at the end.
    void setDropped(quint64 records) noexcept { m_dropped = records; }
    // Hands what is buffered to the device.
    bool flush();
    // Requests in flight as unfinished, metadata, the closing brackets. The file is whole after it; further writes
    // are ignored and return false.
    bool finish();

    [[nodiscard]] bool hasFailed() const noexcept { return !m_error.isEmpty(); }
    // One sentence, or empty.
    [[nodiscard]] const QString &errorString() const noexcept { return m_error; }

private:
    struct InFlight {
        QByteArray name; // "GET /users"
        quint64 connection = 0;
        qint64 start = 0; // ns
    };

    void begin(char phase, QByteArrayView name, QByteArrayView category, qint64 ns, int process, quint64 track);
    void argument(QByteArrayView key, qint64 value);
    void argument(QByteArrayView key, QByteArrayView text);
    void end();
    void nameTrack(int process, quint64 track, QByteArrayView name, bool ofProcess = false);
    void slice(int lane, const trace::TraceRecord &record);
    void instant(int process, quint64 track, const trace::TraceRecord &record, QByteArrayView text);
    void flow(char phase, int lane, const trace::TraceRecord &record);
    void requestSlice(const trace::TraceRecord &record);
    void unfinished(quint64 number, const InFlight &request);
    void remember(const trace::TraceRecord &record, QByteArrayView head);
    void commonArguments(const trace::TraceRecord &record);
    void kindArguments(const trace::TraceRecord &record, QByteArrayView text);
    void messageArguments(const trace::TraceRecord &record, QByteArrayView text);

    QIODevice &m_device;
    QByteArray m_buffer;
    QString m_error;
    std::map<quint64, InFlight> m_inFlight; // by number: the first is the oldest
    quint64 m_dropped = 0;
    quint64 m_records = 0;
    quint64 m_forgotten = 0; // requests over maximumInFlight
    qint64 m_lastTime = 0;
    bool m_firstEvent = true;
    bool m_firstArgument = true;
    bool m_finished = false;
};

} // namespace loopscope::exporting
