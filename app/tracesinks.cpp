// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/tracesinks.h"

#include "inspector/export/chrometracewriter.h"
#include "inspector/export/harwriter.h"
#include "server/trace/trace.h"

#include <QtCore/QDateTime>
#include <QtCore/QFile>

using namespace Qt::StringLiterals;

namespace loopscope::app {

namespace {

// A file and the writer on it. The writer is made only when the file could be opened.
template<typename Writer>
class FileSink : public RecordSink {
public:
    [[nodiscard]] QString error() const final { return m_error; }

protected:
    // Without QFile's own buffer, which loses the reason of a write that failed: the writers give it large pieces.
    explicit FileSink(const QString &fileName)
        : m_file(fileName)
    {
        if (!m_file.open(QIODevice::WriteOnly | QIODevice::Truncate | QIODevice::Unbuffered))
            m_error = u"cannot write %1: %2"_s.arg(fileName, m_file.errorString());
    }
    [[nodiscard]] bool isOpen() const { return m_file.isOpen(); }
    void close(quint64 dropped)
    {
        if (!m_writer)
            return;
        m_writer->setDropped(dropped);
        m_writer->finish();
        checkWriter();
        m_writer.reset();
        m_file.close();
    }
    // After each batch.
    void checkWriter()
    {
        if (m_error.isEmpty() && m_writer && m_writer->hasFailed())
            m_error = u"%1: %2"_s.arg(m_file.fileName(), m_writer->errorString());
    }

    QFile m_file;
    std::unique_ptr<Writer> m_writer; // dies before its file
    QString m_error;
};

class ChromeTraceSink final : public FileSink<exporting::ChromeTraceWriter> {
public:
    ChromeTraceSink(const QString &fileName, const trace::Trace &trace)
        : FileSink(fileName)
        , m_trace(trace)
    {
        if (isOpen())
            m_writer = std::make_unique<exporting::ChromeTraceWriter>(m_file);
    }
    void take(int lane, const trace::TraceRecord &record, QByteArrayView text) override
    {
        for (; m_lanesNamed <= lane; ++m_lanesNamed)
            m_writer->setLane(m_lanesNamed, m_trace.lane(m_lanesNamed).name);
        m_writer->write(lane, record, text);
    }
    void endBatch() override
    {
        m_writer->flush(); // so that little is missing from the file of a server that was killed
        checkWriter();
    }
    void finish(const trace::Trace &, quint64 dropped) override { close(dropped); }

private:
    const trace::Trace &m_trace;
    int m_lanesNamed = 0;
};

class HarSink final : public FileSink<exporting::HarWriter> {
public:
    HarSink(const QString &fileName, const trace::Trace &trace)
        : FileSink(fileName)
    {
        if (isOpen())
            m_writer = std::make_unique<exporting::HarWriter>(
                m_file, exporting::HarWriter::ClockPair{trace.clock().now().count(), QDateTime::currentDateTimeUtc()});
    }
    void take(int lane, const trace::TraceRecord &record, QByteArrayView text) override
    {
        m_writer->write(lane, record, text);
    }
    void endBatch() override { checkWriter(); }
    void finish(const trace::Trace &, quint64 dropped) override { close(dropped); }
};

} // namespace

std::unique_ptr<RecordSink> makeChromeTraceSink(const QString &fileName, const trace::Trace &trace)
{
    return std::make_unique<ChromeTraceSink>(fileName, trace);
}

std::unique_ptr<RecordSink> makeHarSink(const QString &fileName, const trace::Trace &trace)
{
    return std::make_unique<HarSink>(fileName, trace);
}

} // namespace loopscope::app
