// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/tracefilewriter.h"
#include "server/trace/trace.h"
#include "tests/support/testcase.h"

#include <atomic>

using namespace loopscope::app;
using namespace loopscope::trace;
using namespace Qt::StringLiterals;

namespace {

// Counts what it gets; says that it failed once it has had `failAfter` records.
struct Counts {
    std::atomic<int> records = 0;
    std::atomic<int> finished = 0;
};
class CountingSink final : public RecordSink {
public:
    explicit CountingSink(Counts &counts, int failAfter = 1'000'000)
        : m_counts(counts)
        , m_failAfter(failAfter)
    {
    }
    void take(int, const TraceRecord &, QByteArrayView) override { ++m_counts.records; }
    void finish(const Trace &, quint64) override { ++m_counts.finished; }
    [[nodiscard]] QString error() const override
    {
        return m_counts.records >= m_failAfter ? u"disk full"_s : QString();
    }

private:
    Counts &m_counts;
    const int m_failAfter;
};

void write(Recorder &recorder, int records)
{
    TraceRecord record;
    record.kind = Kind::Log;
    for (int i = 0; i < records; ++i)
        recorder.write(record, "text");
}

} // namespace

class tst_TraceFileWriter : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void everySinkGetsEveryRecordAndOneEnd();
    void recordsAreTakenWhileItRuns();
    void aSinkThatFailsIsLeftOutAndSaidOnce();
    void neverStartedItEndsQuietly();
};

void tst_TraceFileWriter::everySinkGetsEveryRecordAndOneEnd()
{
    Trace trace;
    Recorder *recorder = trace.addRecorder(Trace::LaneKind::Loop, "loop");
    Counts first, second;
    std::vector<std::unique_ptr<RecordSink>> sinks;
    sinks.push_back(std::make_unique<CountingSink>(first));
    sinks.push_back(std::make_unique<CountingSink>(second));
    TraceFileWriter writer(trace, std::move(sinks), [](const QString &) { });
    writer.start();
    write(*recorder, 1000);
    QVERIFY(writer.finish());
    QVERIFY(writer.finish());
    for (const Counts *counts : {&first, &second}) {
        QCOMPARE(counts->records.load(), 1000);
        QCOMPARE(counts->finished.load(), 1);
    }
}

void tst_TraceFileWriter::recordsAreTakenWhileItRuns()
{
    Trace trace;
    Recorder *recorder = trace.addRecorder(Trace::LaneKind::Loop, "loop");
    Counts counts;
    std::vector<std::unique_ptr<RecordSink>> sinks;
    sinks.push_back(std::make_unique<CountingSink>(counts));
    TraceFileWriter writer(trace, std::move(sinks), [](const QString &) { });
    writer.start();
    write(*recorder, 10);
    QTRY_COMPARE(counts.records.load(), 10);
    QCOMPARE(counts.finished.load(), 0);
}

void tst_TraceFileWriter::aSinkThatFailsIsLeftOutAndSaidOnce()
{
    Trace trace;
    Recorder *recorder = trace.addRecorder(Trace::LaneKind::Loop, "loop");
    Counts failing, healthy;
    std::vector<std::unique_ptr<RecordSink>> sinks;
    sinks.push_back(std::make_unique<CountingSink>(failing, 1));
    sinks.push_back(std::make_unique<CountingSink>(healthy));
    std::atomic<int> complaints = 0;
    TraceFileWriter writer(trace, std::move(sinks), [&](const QString &) { ++complaints; });
    writer.start();
    write(*recorder, 5);
    QTRY_COMPARE(complaints.load(), 1);
    const int before = failing.records;
    write(*recorder, 5);
    QVERIFY(!writer.finish());
    QCOMPARE(failing.records.load(), before);
    QCOMPARE(healthy.records.load(), 10);
    QCOMPARE(complaints.load(), 1);
}

void tst_TraceFileWriter::neverStartedItEndsQuietly()
{
    Trace trace;
    TraceFileWriter writer(trace, {}, [](const QString &) { });
    QVERIFY(writer.finish());
}

QTEST_GUILESS_MAIN(tst_TraceFileWriter)
#include "tst_tracefilewriter.moc"
