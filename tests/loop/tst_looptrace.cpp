// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/eventloop.h"
#include "server/loop/workerpool.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"

#include <QtCore/QSocketNotifier>
#include <QtCore/QTimer>

#include <unistd.h>

#include <algorithm>
#include <semaphore>
#include <thread>
#include <vector>

using namespace loopscope;
using namespace loopscope::loop;
using namespace std::chrono_literals;
using trace::Kind;
using trace::Phase;
using trace::TraceRecord;

// What the loop and the pool write into the trace.
class tst_LoopTrace : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void eachRegistrationHasItsSiteAndItsSlice_data();
    void eachRegistrationHasItsSiteAndItsSlice();
    void clearingIsRecorded();
    void refreshingIsClearingAndRegisteringAgain();
    void qtTimersCarryTheirClassAndDueTime();
    void aNotifierIsRegisteredOnceAndItsSliceTakesTheContextThatItSets();
    void slicesNestInPhasesAndPhasesInTurns();
    void theSleepOfTheLoopIsAWait();
    void jobsAreOnTheLaneOfTheirWorker();
    void theLiveSliceShowsWhatRuns();
    void theLiveSliceOfACoroutineIsNamedAfterItsLayer();
    void pollSaysSinceWhenWhatItReportsMayHaveBeenReady();
    void postedEventsAreASliceOfThePendingPhase();
    void nothingIsWrittenWhilePaused();

private:
    struct Entry {
        int lane;
        TraceRecord record;
    };
    static EventLoop &loop() { return *EventLoop::current(); }
    static void runToEnd()
    {
        while (loop().references() > 0)
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        QCoreApplication::processEvents();
    }
    // On another thread: until the loop sleeps.
    static void untilAsleep()
    {
        while (!test::theTrace().live(0).sleeps)
            std::this_thread::yield();
    }
    static std::vector<Entry> taken()
    {
        std::vector<Entry> entries;
        test::theTrace().drain(
            [&](int lane, const TraceRecord &record, QByteArrayView) { entries.push_back({lane, record}); });
        return entries;
    }
    static std::vector<TraceRecord> of(Kind kind, const std::vector<Entry> &entries)
    {
        std::vector<TraceRecord> found;
        for (const Entry &entry : entries) {
            if (entry.record.kind == kind)
                found.push_back(entry.record);
        }
        return found;
    }
};

void tst_LoopTrace::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); // as TestCase::init(), which this hides
    test::theTrace().setEnabled(true);
    QCoreApplication::processEvents();
    (void)taken();
}

using Register = void (*)(EventLoop &, Site);

void tst_LoopTrace::eachRegistrationHasItsSiteAndItsSlice_data()
{
    QTest::addColumn<Register>("registration");
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<Phase>("phase");
    const auto row = [](const char *name, Phase phase, Register registration) {
        QTest::newRow(name) << registration << QByteArray(name) << phase;
    };
    row("setTimeout", Phase::Timers, [](EventLoop &loop, Site site) { loop.setTimeout([] {}, 1ms, site); });
    row("setInterval", Phase::Timers, [](EventLoop &loop, Site site) {
        auto id = std::make_shared<TimerId>();
        *id = loop.setInterval([&loop, id] { loop.clearTimer(*id); }, 1ms, site);
    });
    row("setImmediate", Phase::Check, [](EventLoop &loop, Site site) { loop.setImmediate([] {}, site); });
    row("nextTick", Phase::NextTick, [](EventLoop &loop, Site site) { loop.nextTick([] {}, site); });
    row("queueMicrotask", Phase::Microtask, [](EventLoop &loop, Site site) { loop.queueMicrotask([] {}, site); });
    row("close", Phase::Close, [](EventLoop &loop, Site site) { loop.onClose([] {}, site); });
}

void tst_LoopTrace::eachRegistrationHasItsSiteAndItsSlice()
{
    QFETCH(Register, registration);
    QFETCH(QByteArray, name);
    QFETCH(Phase, phase);
    quint64 parent = 0;
    loop().setImmediate([&] {
        loop().setContext({3, 9});
        parent = loop().runningCallback();
        registration(loop(), {"routes.cpp", 12});
    });
    runToEnd();
    const auto entries = taken();
    std::vector<TraceRecord> registered = of(Kind::Registered, entries);
    QCOMPARE(registered.size(), 2u);
    const TraceRecord &first = registered.back();
    QCOMPARE(QByteArray(first.name), name);
    QCOMPARE(first.file, "routes.cpp");
    QCOMPARE(first.line, 12u);
    QCOMPARE(first.parent, parent);
    QCOMPARE(first.request, 3u);
    QCOMPARE(first.value != 0, phase == Phase::Timers);

    std::vector<TraceRecord> slices = of(Kind::Callback, entries);
    std::erase_if(slices, [&](const TraceRecord &slice) { return slice.id != first.id; });
    QCOMPARE(slices.size(), 1u);
    QCOMPARE(QByteArray(slices[0].name), name);
    QCOMPARE(slices[0].phase, phase);
    QCOMPARE(slices[0].file, "routes.cpp");
    QCOMPARE(slices[0].line, 12u);
    QCOMPARE(slices[0].request, 3u);
    QCOMPARE(slices[0].connection, 9u);
    QVERIFY(slices[0].start >= first.start);
    QCOMPARE(slices[0].value, first.value); // the due time
    QVERIFY(phase != Phase::Timers || slices[0].start >= slices[0].value);
}

void tst_LoopTrace::clearingIsRecorded()
{
    quint64 parent = 0;
    loop().setImmediate([&] {
        parent = loop().runningCallback();
        loop().clearTimer(loop().setTimeout([] {}, 1h));
        loop().clearImmediate(loop().setImmediate([] {}));
    });
    runToEnd();
    const auto entries = taken();
    const auto registered = of(Kind::Registered, entries);
    const auto cleared = of(Kind::Cleared, entries);
    QCOMPARE(cleared.size(), 2u);
    QCOMPARE(cleared[0].id, registered[1].id);
    QCOMPARE(cleared[1].id, registered[2].id);
    QCOMPARE(cleared[0].parent, parent);
    QCOMPARE(of(Kind::Callback, entries).size(), 1u);
}

// A view that knows nothing of refresh() sees the new due time, and who asked for it.
void tst_LoopTrace::refreshingIsClearingAndRegisteringAgain()
{
    TimerId timer = TimerId::None;
    const int line = __LINE__ + 1;
    loop().setImmediate([&] { loop().refresh(timer); });
    timer = loop().setTimeout([] {}, 2ms);
    std::vector<Entry> entries;
    while (of(Kind::Callback, entries).size() < 2) {
        runToEnd();
        for (const Entry &entry : taken())
            entries.push_back(entry);
    }
    const auto registered = of(Kind::Registered, entries);
    const auto cleared = of(Kind::Cleared, entries);
    const auto ran = of(Kind::Callback, entries);
    QCOMPARE(registered.size(), 3u);
    QCOMPARE(cleared.size(), 1u);
    QCOMPARE(cleared[0].id, registered[1].id);
    QCOMPARE(QByteArray(registered[2].name), QByteArray("setTimeout"));
    QCOMPARE(registered[2].line, quint32(line));
    QCOMPARE(registered[2].parent, ran[0].id);
    QVERIFY(registered[2].value >= registered[1].value);
    QCOMPARE(ran[1].id, registered[2].id);
    QCOMPARE(ran[1].value, registered[2].value);
}

class Named : public QObject {
    Q_OBJECT
protected:
    void timerEvent(QTimerEvent *event) override { killTimer(event->timerId()); }
};

void tst_LoopTrace::qtTimersCarryTheirClassAndDueTime()
{
    Named object;
    object.startTimer(2, Qt::PreciseTimer);
    QTimer timer;
    timer.setSingleShot(true);
    timer.start(1);
    std::vector<Entry> entries;
    while (of(Kind::Cleared, entries).size() < 2) {
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        const auto more = taken();
        entries.insert(entries.end(), more.begin(), more.end());
    }
    std::vector<TraceRecord> slices = of(Kind::Callback, entries);
    std::erase_if(slices, [](const TraceRecord &slice) { return slice.phase != Phase::Timers; });
    QCOMPARE(slices.size(), 2u);
    const auto registered = of(Kind::Registered, entries);
    for (const TraceRecord &slice : slices) {
        const auto isIt = [&](const TraceRecord &record) { return record.id == slice.id; };
        const auto its = std::find_if(registered.begin(), registered.end(), isIt);
        QVERIFY(its != registered.end());
        QCOMPARE(slice.name, its == registered.begin() ? "Named" : "QTimer");
        QCOMPARE(slice.value, its->value);
        QVERIFY(slice.start >= slice.value);
    }
}

void tst_LoopTrace::aNotifierIsRegisteredOnceAndItsSliceTakesTheContextThatItSets()
{
    int ends[2];
    QCOMPARE(::pipe(ends), 0);
    {
        QSocketNotifier notifier(ends[0], QSocketNotifier::Read);
        int seen = 0;
        connect(&notifier, &QSocketNotifier::activated, [&] {
            char byte;
            QCOMPARE(loop().context(), Context{});
            QCOMPARE(::read(ends[0], &byte, 1), 1);
            loop().setContext({6, 2});
            notifier.setEnabled(false);
            notifier.setEnabled(true);
            ++seen;
        });
        for (int i = 1; i <= 2; ++i) {
            QCOMPARE(::write(ends[1], "x", 1), 1);
            while (seen < i)
                QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        }
    }
    QCoreApplication::processEvents();
    const auto entries = taken();
    const auto registered = of(Kind::Registered, entries);
    QCOMPARE(registered.size(), 1u);
    QCOMPARE(registered[0].name, "readable");
    std::vector<TraceRecord> slices = of(Kind::Callback, entries);
    std::erase_if(slices, [](const TraceRecord &slice) { return slice.phase != Phase::Poll; });
    QCOMPARE(slices.size(), 2u);
    for (const TraceRecord &slice : slices) {
        QCOMPARE(slice.name, "readable");
        QCOMPARE(slice.id, registered[0].id);
        QCOMPARE(slice.request, 6u);
        QCOMPARE(slice.connection, 2u);
    }
    const auto cleared = of(Kind::Cleared, entries);
    QCOMPARE(cleared.size(), 1u);
    QCOMPARE(cleared[0].id, registered[0].id);
    ::close(ends[0]);
    ::close(ends[1]);
}

void tst_LoopTrace::slicesNestInPhasesAndPhasesInTurns()
{
    for (int i = 0; i < 3; ++i) {
        loop().setTimeout([] { loop().nextTick([] {}); }, std::chrono::milliseconds(i));
        loop().setImmediate([] { loop().onClose([] {}); });
        loop().pool().submit("job", [] {}, [](std::exception_ptr) {});
    }
    runToEnd();
    const auto entries = taken();
    const auto within = [](const TraceRecord &inner, const TraceRecord &outer) {
        return inner.start >= outer.start && inner.start + inner.duration <= outer.start + outer.duration;
    };
    const auto phases = of(Kind::PhaseRun, entries);
    const auto turns = of(Kind::Turn, entries);
    const auto slices = of(Kind::Callback, entries);
    QCOMPARE(slices.size(), 15u);
    QCOMPARE(phases.empty(), false);
    for (const TraceRecord &slice : slices) {
        QCOMPARE(std::count_if(turns.begin(), turns.end(), [&](auto &turn) { return within(slice, turn); }), 1);
        if (slice.phase == Phase::NextTick)
            continue;
        const auto holds = [&](const TraceRecord &run) { return run.phase == slice.phase && within(slice, run); };
        QCOMPARE(std::count_if(phases.begin(), phases.end(), holds), 1);
    }
    qint64 inPhases = 0;
    for (const TraceRecord &run : phases) {
        inPhases += run.value;
        const auto holds = [&](const TraceRecord &turn) { return turn.id == run.id && within(run, turn); };
        QCOMPARE(std::count_if(turns.begin(), turns.end(), holds), 1);
    }
    QCOMPARE(inPhases, 12); // ticks belong to no phase of libuv's
    qint64 inTurns = 0;
    for (std::size_t i = 0; i < turns.size(); ++i) {
        inTurns += turns[i].value;
        QVERIFY(i == 0 || turns[i].id == turns[i - 1].id + 1);
    }
    QCOMPARE(inTurns, 15);
}

void tst_LoopTrace::theSleepOfTheLoopIsAWait()
{
    std::vector<TraceRecord> timed;
    qint64 due = 0;
    while (timed.empty()) { // once more if the machine took the time before the loop could sleep
        loop().setTimeout([] {}, 20ms);
        runToEnd();
        const auto entries = taken();
        timed = of(Kind::Wait, entries);
        due = of(Kind::Registered, entries).back().value;
    }
    QCOMPARE(timed.back().value, 0);
    QVERIFY(timed.back().start + timed.back().duration >= due - 1'000'000); // to the loop's clock, which counts ms
    QVERIFY(timed.back().start < due);

    loop().pool().submit("job", [] { untilAsleep(); }, [](std::exception_ptr) {});
    runToEnd();
    const auto woken = of(Kind::Wait, taken());
    QVERIFY(!woken.empty());
    QCOMPARE(woken.back().value, 1);
}

void tst_LoopTrace::jobsAreOnTheLaneOfTheirWorker()
{
    WorkerPool pool(loop(), 1);
    std::binary_semaphore mayEnd(0); // keeps the worker from the job that is cancelled
    quint64 parent = 0;
    loop().setImmediate([&] {
        parent = loop().runningCallback();
        loop().setContext({11, 0});
        pool.submit("good", [&] { mayEnd.acquire(); }, [](std::exception_ptr) {}, {"a.cpp", 1});
        pool.submit("bad", [] { throw 1; }, [](std::exception_ptr) {}, {"a.cpp", 2});
        pool.cancel(pool.submit("never", [] {}, [](std::exception_ptr) {}, {"a.cpp", 3}));
        mayEnd.release();
    });
    runToEnd();
    pool.resize(2);
    const auto entries = taken();
    const auto resized = of(Kind::PoolResized, entries);
    QCOMPARE(resized.size(), 2u);
    QCOMPARE(resized[1].value, 2);
    const auto queued = of(Kind::JobQueued, entries);
    QCOMPARE(queued.size(), 3u);
    for (const TraceRecord &job : queued)
        QCOMPARE(job.parent, parent);
    QHash<QByteArray, trace::JobOutcome> outcomes;
    int worker = -1;
    for (const Entry &entry : entries) {
        const TraceRecord &record = entry.record;
        if (record.kind == Kind::JobStarted)
            worker = entry.lane;
        if (record.kind == Kind::JobFinished) {
            outcomes[record.name] = trace::JobOutcome(record.detail);
            QCOMPARE(record.request, 11u);
            QVERIFY(record.id == queued[0].id || record.id == queued[1].id || record.id == queued[2].id);
        }
    }
    QVERIFY(worker > 0);
    QCOMPARE(test::theTrace().lane(worker).kind, trace::Trace::LaneKind::Worker);
    QCOMPARE(test::theTrace().lane(worker).name, "pool 1");
    QCOMPARE(outcomes.size(), 3);
    QCOMPARE(outcomes["good"], trace::JobOutcome::Done);
    QCOMPARE(outcomes["bad"], trace::JobOutcome::Threw);
    QCOMPARE(outcomes["never"], trace::JobOutcome::Cancelled);
    std::vector<TraceRecord> slices = of(Kind::Callback, entries);
    std::erase_if(slices, [](const TraceRecord &slice) { return slice.phase != Phase::Poll; });
    QCOMPARE(slices.size(), 3u);
    for (const TraceRecord &slice : slices) {
        QCOMPARE(slice.request, 11u);
        QCOMPARE(slice.file, "a.cpp");
    }
    const int lanes = test::theTrace().laneCount();
    pool.resize(1);
    pool.resize(2); // takes the recorder of the thread before
    QCOMPARE(test::theTrace().laneCount(), lanes);
}

void tst_LoopTrace::theLiveSliceShowsWhatRuns()
{
    bool checked = false;
    loop().setImmediate(
        [&] {
            trace::LiveSlice live = test::theTrace().live(0);
            QCOMPARE(live.name, "setImmediate");
            QCOMPARE(live.file, "live.cpp");
            QCOMPARE(live.phase, Phase::Check);
            QCOMPARE(live.request, 0u);
            loop().setContext({5, 0});
            QCOMPARE(test::theTrace().live(0).request, 5u);
            {
                const Span span("inner");
                live = test::theTrace().live(0);
                QCOMPARE(live.name, "inner");
                QCOMPARE(live.request, 5u);
            }
            QCOMPARE(test::theTrace().live(0).name, "setImmediate");
            checked = true;
        },
        {"live.cpp", 1});
    runToEnd();
    QVERIFY(checked);
    QCOMPARE(test::theTrace().live(0), trace::LiveSlice{});

    std::binary_semaphore started(0);
    std::binary_semaphore mayEnd(0);
    WorkerPool pool(loop(), 1);
    pool.submit("slow",
                [&] {
                    started.release();
                    mayEnd.acquire();
                },
                [](std::exception_ptr) {});
    started.acquire();
    bool shown = false;
    for (int lane = 0; lane < test::theTrace().laneCount(); ++lane) {
        const trace::LiveSlice live = test::theTrace().live(lane);
        shown = shown || (live.name && QByteArrayView(live.name) == "slow");
    }
    mayEnd.release();
    runToEnd();
    QVERIFY(shown);
}

void tst_LoopTrace::theLiveSliceOfACoroutineIsNamedAfterItsLayer()
{
    trace::LiveSlice live;
    loop().setImmediate([&] {
        loop().setContext({5, 1, 2, "POST /message"});
        loop().queueMicrotaskAs("await", loop().context(), [&] { live = test::theTrace().live(0); }, {"site.cpp", 9});
    });
    runToEnd();
    QCOMPARE(live.name, "POST /message");
    QCOMPARE(live.file, "site.cpp");
    QCOMPARE(live.line, 9U);
    QCOMPARE(live.request, 5U);
    const auto slices = of(Kind::Callback, taken());
    QVERIFY(std::any_of(slices.begin(), slices.end(),
                        [](const TraceRecord &slice) { return slice.name == QByteArrayView("await"); }));
}

// A pipe is written to at the beginning of a callback that keeps the loop for a while; and to one while the loop sleeps.
void tst_LoopTrace::pollSaysSinceWhenWhatItReportsMayHaveBeenReady()
{
    constexpr qint64 held = 20'000'000; // ns
    int ends[2];
    QCOMPARE(::pipe(ends), 0);
    QSocketNotifier notifier(ends[0], QSocketNotifier::Read);
    std::vector<EventLoop::ReadyWithin> seen;
    QObject::connect(&notifier, &QSocketNotifier::activated, [&] {
        seen.push_back(loop().readyWithin());
        char byte = 0;
        QCOMPARE(::read(ends[0], &byte, 1), 1);
    });
    for (int i = 0; i < 3; ++i) // until the loop has polled
        QCoreApplication::processEvents();
    const auto now = [] { return test::theTrace().clock().now().count(); };
    qint64 written = 0;
    loop().setImmediate([&] {
        QCOMPARE(loop().readyWithin().by, 0); // this is not the poll phase
        written = now();
        QCOMPARE(::write(ends[1], "a", 1), 1);
        while (now() < written + held) { }
    });
    while (seen.empty())
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    QVERIFY(seen[0].after > 0 && seen[0].after <= written);
    QVERIFY(seen[0].by >= written + held);

    std::thread writer([&] {
        untilAsleep();
        const qint64 asleep = test::theTrace().live(0).since;
        do // it is no moment that it sleeps
            written = now();
        while (written < asleep + held);
        (void)!::write(ends[1], "b", 1);
    });
    while (seen.size() < 2)
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    writer.join();
    QVERIFY(seen[1].after >= written); // which woke it
    QCOMPARE(seen[1].by, seen[1].after);
    notifier.setEnabled(false);
    ::close(ends[0]);
    ::close(ends[1]);
}

void tst_LoopTrace::postedEventsAreASliceOfThePendingPhase()
{
    bool ran = false;
    QMetaObject::invokeMethod(
        this, [&] { ran = loop().phase() == Phase::Pending; }, Qt::QueuedConnection);
    QCoreApplication::processEvents();
    QVERIFY(ran);
    const auto entries = taken();
    const auto slices = of(Kind::Callback, entries);
    QVERIFY(!slices.empty());
    QCOMPARE(slices[0].name, "posted events");
    QCOMPARE(slices[0].phase, Phase::Pending);
}

void tst_LoopTrace::nothingIsWrittenWhilePaused()
{
    test::theTrace().setEnabled(false);
    loop().setTimeout([] { const Span span("span"); }, 1ms);
    loop().setImmediate([] { loop().nextTick([] {}); });
    loop().pool().submit("job", [] {}, [](std::exception_ptr) {});
    runToEnd();
    QVERIFY(taken().empty());
    // recording that starts within a callback starts with the next
    loop().setImmediate([] { test::theTrace().setEnabled(true); });
    loop().setImmediate([] {});
    runToEnd();
    const auto slices = of(Kind::Callback, taken());
    QCOMPARE(slices.size(), 1u);
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_LoopTrace)
#include "tst_looptrace.moc"
