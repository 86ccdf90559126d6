// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/trace/trace.h"
#include "tests/support/testcase.h"

#include <thread>

using namespace loopscope::trace;
using namespace std::chrono_literals;

class tst_Trace : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void theManualClockStandsStillUntilDriven();
    void everyThreadHasItsLane();
    void drainReadsWorkersBeforeLoops();
    void droppedSumsAllLanes();
    void equalStringsAreInternedOnce();
    void lanesAreBounded();
    void aReleasedLaneIsTakenByASuccessor();
    void liveShowsAConsistentSlice();
    void recordsPrintAndCompare();
};

void tst_Trace::theManualClockStandsStillUntilDriven()
{
    ManualClock clock;
    const Trace trace(clock);
    QCOMPARE(trace.clock().now(), 0ns);
    clock.advance(5ms);
    QCOMPARE(trace.clock().now(), 5ms);
    const Clock real;
    const auto first = real.now();
    QVERIFY(real.now() >= first);
}

void tst_Trace::everyThreadHasItsLane()
{
    Trace trace;
    QCOMPARE(trace.addRecorder(Trace::LaneKind::Loop, QByteArrayLiteral("loop"))->lane(), quint16(0));
    QCOMPARE(trace.addRecorder(Trace::LaneKind::Worker, QByteArrayLiteral("pool 1"), Trace::workerRingBytes)->lane(),
             quint16(1));
    QCOMPARE(trace.laneCount(), 2);
    QCOMPARE(trace.lane(1).name, QByteArrayLiteral("pool 1"));
    QCOMPARE(trace.lane(1).kind, Trace::LaneKind::Worker);
}

void tst_Trace::drainReadsWorkersBeforeLoops()
{
    Trace trace;
    Recorder *loop = trace.addRecorder(Trace::LaneKind::Loop, QByteArrayLiteral("loop"));
    Recorder *worker = trace.addRecorder(Trace::LaneKind::Worker, QByteArrayLiteral("pool 1"));
    TraceRecord record;
    record.kind = Kind::JobQueued;
    loop->write(record);
    record.kind = Kind::JobStarted;
    worker->write(record);
    QList<int> lanes;
    QCOMPARE(trace.drain([&](int lane, const TraceRecord &, QByteArrayView) { lanes.append(lane); }), 2u);
    QCOMPARE(lanes, (QList<int>{1, 0}));
}

void tst_Trace::droppedSumsAllLanes()
{
    Trace trace;
    for (const char *name : {"a", "b"}) {
        Recorder *recorder = trace.addRecorder(Trace::LaneKind::Worker, name, TraceRing::minimumBytes);
        TraceRecord record;
        record.kind = Kind::Log;
        while (recorder->write(record)) { }
    }
    QCOMPARE(trace.dropped(), 2u);
}

void tst_Trace::equalStringsAreInternedOnce()
{
    Trace trace;
    const char *first = trace.intern("logger");
    QCOMPARE(trace.intern(QByteArrayLiteral("a logger").last(6)), first);
    QVERIFY(trace.intern("other") != first);
    QCOMPARE(QByteArray(trace.intern(QByteArray(Trace::maximumStringBytes + 1, 'x'))), QByteArray("…"));
}

void tst_Trace::lanesAreBounded()
{
    Trace trace;
    for (int i = 0; i < Trace::maximumLanes; ++i)
        QVERIFY(trace.addRecorder(Trace::LaneKind::Worker, QByteArrayLiteral("w"), TraceRing::minimumBytes));
    QVERIFY(!trace.addRecorder(Trace::LaneKind::Worker, QByteArrayLiteral("w"), TraceRing::minimumBytes));
}

void tst_Trace::aReleasedLaneIsTakenByASuccessor()
{
    Trace trace;
    const auto take = [&](const char *name) {
        return trace.takeRecorder(Trace::LaneKind::Thread, name, TraceRing::minimumBytes);
    };
    Recorder *first = take("worker");
    Recorder *second = take("worker");
    Recorder *other = take("refs");
    QCOMPARE(trace.lane(first->lane()).name, QByteArray("worker 1"));
    QCOMPARE(trace.lane(first->lane()).kind, Trace::LaneKind::Thread);
    QCOMPARE(trace.lane(second->lane()).name, QByteArray("worker 2"));
    QCOMPARE(trace.lane(other->lane()).name, QByteArray("refs 1"));
    trace.release(other);
    trace.release(first);
    QCOMPARE(take("worker"), first);
    QCOMPARE(trace.lane(take("worker")->lane()).name, QByteArray("worker 3"));
    QCOMPARE(take("refs"), other);
    QCOMPARE(trace.laneCount(), 4);
    while (take("many")) { }
    QCOMPARE(trace.laneCount(), int(Trace::maximumLanes));
}

void tst_Trace::liveShowsAConsistentSlice()
{
    Trace trace;
    Recorder *recorder = trace.addRecorder(Trace::LaneKind::Loop, QByteArrayLiteral("loop"));
    QCOMPARE(trace.live(0), LiveSlice{});
    std::atomic<bool> stop = false;
    std::thread writer([&] {
        for (qint64 i = 1; !stop; ++i)
            recorder->setLive({.since = i, .name = "x", .file = nullptr, .line = quint32(i), .request = quint64(i)});
    });
    bool consistent = true;
    int seen = 0;
    for (int i = 0; i < 100'000 || seen == 0; ++i) {
        const LiveSlice slice = trace.live(0);
        consistent = consistent && quint32(slice.since) == slice.line && quint64(slice.since) == slice.request;
        seen += slice.name != nullptr;
    }
    stop = true;
    writer.join();
    QVERIFY(consistent);
    const LiveSlice before = recorder->setLive({});
    QCOMPARE(before, LiveSlice({.since = before.since, .name = before.name, .file = nullptr, .line = before.line, .request = before.request}));
    QCOMPARE(trace.live(0), LiveSlice{});
}

void tst_Trace::recordsPrintAndCompare()
{
    TraceRecord record;
    record.kind = Kind::Callback;
    record.phase = Phase::Poll;
    record.name = "readable";
    record.request = 7;
    TraceRecord same = record;
    const QByteArray copy("readable");
    same.name = copy.constData();
    QVERIFY(record == same);
    same.request = 8;
    QVERIFY(!(record == same));
    QString text;
    QDebug(&text) << record;
    QCOMPARE(text.trimmed(), QStringLiteral("Callback(start 0 ns, phase poll, name readable, request 7)"));
}

QTEST_GUILESS_MAIN(tst_Trace)
#include "tst_trace.moc"
