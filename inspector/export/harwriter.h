// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/trace/trace.h"

#include <QtCore/QByteArray>
#include <QtCore/QDateTime>
#include <QtCore/QJsonObject>
#include <QtCore/QString>

#include <map>

QT_BEGIN_NAMESPACE
class QIODevice;
QT_END_NAMESPACE

namespace loopscope::exporting {

// Writes requests as they end into an HTTP Archive, HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/).
//
// It is fed the records of a trace and writes an entry at each ResponseEnd; requests that are in flight at finish()
// are written with status 0 and a comment. A request whose RequestBegin was dropped is not written, but counted in
// the log's comment. Times are what the server saw: `send` until the request had arrived whole, `wait` until the
// response's head was sent, `receive` until its end; blocked, dns, connect and ssl are unknown to a server (-1).
// Bodies are the captured parts (trace::CaptureLimits); what is missing of them is said in a comment.
//
// Owned and called by one thread. Memory is bounded by the constants below. After an error every call does nothing
// and returns false.
class HarWriter {
public:
    // Requests in flight; beyond it the oldest is written as it stands, with a comment.
    static constexpr std::size_t maximumInFlight = 16'384;
    // Bytes of heads and bodies held for requests in flight; beyond it bodies are cut (heads are not).
    static constexpr qsizetype maximumHeldBytes = qsizetype(64) << 20;
    // Bytes held of one body.
    static constexpr qsizetype maximumBodyBytes = 64 * 1'024;

    // A moment on both clocks, so that times of the trace become dates.
    struct ClockPair {
        qint64 clockNs = 0;
        QDateTime wall;
    };

    // `device` must be open for writing, and outlive the writer, which neither closes nor owns it.
    HarWriter(QIODevice &device, const ClockPair &clocks);
    // Calls finish() if nobody did.
    ~HarWriter();
    HarWriter(const HarWriter &) = delete;
    HarWriter &operator=(const HarWriter &) = delete;

    bool write(int lane, const trace::TraceRecord &record, QByteArrayView text);
    // Goes into the log's comment.
    void setDropped(quint64 records) noexcept { m_dropped = records; }
    bool finish();

    [[nodiscard]] bool hasFailed() const noexcept { return !m_error.isEmpty(); }
    // One sentence, or empty.
    [[nodiscard]] const QString &errorString() const noexcept { return m_error; }

private:
    struct Body {
        QByteArray captured; // its first bytes, without a gap
        qint64 bytes = 0; // its true size, so far
    };
    struct Pending {
        QByteArray head;
        QByteArray responseHead;
        Body body;
        Body responseBody;
        quint64 connection = 0;
        qint64 start = 0;
        qint64 arrived = -1; // ns: head or, later, body complete
        qint64 responseHeadTime = -1;
        qint64 end = -1;
        int status = 0;
        QString comment;
        [[nodiscard]] qsizetype heldBytes() const noexcept
        {
            return head.size() + responseHead.size() + body.captured.size() + responseBody.captured.size();
        }
    };

    void begin(const trace::TraceRecord &record, QByteArrayView head);
    void addChunk(Body &body, const trace::TraceRecord &record, QByteArrayView text);
    bool writeEntry(const Pending &pending);
    bool put(const QByteArray &bytes);
    [[nodiscard]] QJsonObject entryOf(const Pending &pending) const;
    [[nodiscard]] QJsonObject requestOf(const Pending &pending) const;
    [[nodiscard]] QJsonObject responseOf(const Pending &pending) const;
    [[nodiscard]] static bool isWholeForm(QByteArrayView type, const Body &body);
    [[nodiscard]] QString dateOf(qint64 ns) const;

    QIODevice &m_device;
    const ClockPair m_clocks;
    std::map<quint64, Pending> m_pending; // by number: the first is the oldest
    QByteArray m_serverAddress; // without the port
    QByteArray m_scheme = "http://"; // of the server's URLs
    QString m_error;
    qsizetype m_heldBytes = 0;
    quint64 m_dropped = 0;
    quint64 m_unknown = 0; // ends of requests whose beginning was not seen
    bool m_first = true;
    bool m_finished = false;
};

} // namespace loopscope::exporting
