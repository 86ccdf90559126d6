// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/recordsink.h"

#include <QtCore/QByteArray>
#include <QtCore/QHash>

#include <chrono>

QT_BEGIN_NAMESPACE
class QIODevice;
QT_END_NAMESPACE

namespace loopscope::app {

// One line for each answered request, each refused one, and each message of the server: "serve --log".
//
// Text lines look like
//     2026-11-21T03:08:43.123Z 127.0.0.1:51234 "GET /users HTTP/1.1" 200 1234 B 0.412 ms
// JSON lines are one object each. Whatever a client sent is escaped, so that it can neither begin a line of its own
// nor send a terminal commands (CWE-117). Made on the main thread, used on the writer's.
class AccessLog final : public RecordSink {
public:
    enum class Format { Text, Json };

    // Requests and connections remembered at most; those beyond have their line without method, path and peer.
    static constexpr qsizetype maximumRemembered = 65'536;
    // Of a request line, bytes.
    static constexpr qsizetype maximumLineBytes = 2'048;

    // `device` is open for writing and outlives the log. `wallMinusTrace`: what is added to a time on the trace's
    // clock to get the time since 1970.
    AccessLog(QIODevice &device, Format format, std::chrono::nanoseconds wallMinusTrace);

    void take(int lane, const trace::TraceRecord &record, QByteArrayView text) override;
    void endBatch() override;
    void finish(const trace::Trace &trace, quint64 dropped) override;
    [[nodiscard]] QString error() const override { return m_error; }

    // The difference as it is now.
    [[nodiscard]] static std::chrono::nanoseconds wallMinus(std::chrono::nanoseconds traceNow);
    // Control characters, quotes, backslashes and whatever is not ASCII as \n, \", \\, \x1b.
    [[nodiscard]] static QByteArray escaped(QByteArrayView bytes);

private:
    struct Open {
        QByteArray line; // "GET /users HTTP/1.1"
        quint64 connection = 0;
    };

    void onResponseEnd(const trace::TraceRecord &record);
    void onMessage(const trace::TraceRecord &record, const char *event, QByteArrayView message);
    [[nodiscard]] QByteArray time(qint64 atNs) const;
    void add(const QByteArray &line);

    QIODevice &m_device;
    const Format m_format;
    const std::chrono::nanoseconds m_wallMinusTrace;
    QHash<quint64, Open> m_open; // requests that run
    QHash<quint64, QByteArray> m_peers; // connections that are open
    // The latest answer as the logger middleware would word it: its message says nothing that the line does not.
    quint64 m_answeredRequest = 0;
    QByteArray m_answered;
    QByteArray m_batch;
    QString m_error;
};

} // namespace loopscope::app
