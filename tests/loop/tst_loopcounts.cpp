// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/eventloop.h"
#include "server/loop/workerpool.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"

#include <QtCore/QSocketNotifier>
#include <QtCore/QTimer>

#include <unistd.h>

#include <atomic>
#include <semaphore>
#include <thread>

using namespace loopscope;
using namespace loopscope::loop;
using namespace std::chrono_literals;
using trace::LiveCounts;
using trace::Phase;

// What the loop publishes of what waits in its phases.
class tst_LoopCounts : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void timersThatWaitAreCountedAndClearedOnesAreNot();
    void intervalsStayAndTimeoutsGo();
    void qtTimersAreCountedApart();
    void clearedImmediatesDoNotWait();
    void ticksAndMicrotasksWaitBehindTheCallbackThatQueuedThem();
    void jobsAreOutstandingUntilTheirCompletionHasRun();
    void thePoolHasItsSizeBeforeItsFirstUse();
    void socketsAreThoseThatTheKernelWatches();
    void closeCallbacksWait();
    void theSleepIsLiveUntilTheLoopWakes();
    void nothingIsPublishedWhilePaused();

private:
    static EventLoop &loop() { return *EventLoop::current(); }
    static LiveCounts counts() { return test::theTrace().counts(0); }
    // Longer than countEveryNs: the next callback's count is fresh.
    static void outlastACount()
    {
        const auto until = std::chrono::steady_clock::now() + 2ms;
        while (std::chrono::steady_clock::now() < until) { }
    }
    // What waits in the check phase of the next turn.
    static LiveCounts look()
    {
        LiveCounts seen;
        loop().setImmediate([] { outlastACount(); });
        loop().setImmediate([&] { seen = counts(); });
        QCoreApplication::processEvents();
        return seen;
    }
};

void tst_LoopCounts::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); // as TestCase::init(), which this hides
    test::theTrace().setEnabled(true);
    QCoreApplication::processEvents();
}

void tst_LoopCounts::cleanup()
{
    while (loop().references() > 0)
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) {});
}

void tst_LoopCounts::timersThatWaitAreCountedAndClearedOnesAreNot()
{
    const qint64 before = test::theTrace().clock().now().count();
    const TimerId first = loop().setTimeout([] {}, 1h);
    const TimerId second = loop().setTimeout([] {}, 1h);
    const TimerId third = loop().setTimeout([] {}, 2h);
    loop().setReferenced(third, false);
    LiveCounts seen = look();
    QCOMPARE(seen.timers, 3u);
    QCOMPARE(seen.referencedTimers, 2u);
    const qint64 hour = 3'600'000'000'000;
    const qint64 ms = 1'000'000; // what the loop's clock counts
    QVERIFY(seen.nextTimer > before + hour - ms && seen.nextTimer <= seen.at + hour);
    loop().clearTimer(first);
    seen = look();
    QCOMPARE(seen.timers, 2u);
    QCOMPARE(seen.referencedTimers, 1u);
    loop().clearTimer(second);
    loop().clearTimer(third);
    seen = look();
    QCOMPARE(seen.timers, 0u);
    QCOMPARE(seen.nextTimer, 0);
}

void tst_LoopCounts::intervalsStayAndTimeoutsGo()
{
    int runs = 0;
    LiveCounts during;
    const TimerId interval = loop().setInterval(
        [&] {
            outlastACount();
            ++runs;
        },
        1ms);
    loop().setTimeout([&] { during = counts(); }, 5ms);
    while (during.at == 0)
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    QVERIFY(runs > 0);
    QCOMPARE(during.timers, 1u); // the interval; the timeout that runs has left its list
    loop().clearTimer(interval);
}

void tst_LoopCounts::qtTimersAreCountedApart()
{
    QTimer one;
    one.start(3'600'000);
    QTimer two;
    two.start(3'600'000);
    LiveCounts seen = look();
    QCOMPARE(seen.qtTimers, 2u);
    QCOMPARE(seen.timers, 0u);
    QVERIFY(seen.nextTimer > seen.at);
}

void tst_LoopCounts::clearedImmediatesDoNotWait()
{
    LiveCounts seen;
    loop().setImmediate([] { outlastACount(); });
    loop().setImmediate([&] { seen = counts(); });
    loop().setImmediate([] {});
    const ImmediateId cleared = loop().setImmediate([] {});
    const ImmediateId unreferenced = loop().setImmediate([] {});
    loop().setReferenced(unreferenced, false);
    loop().clearImmediate(cleared);
    QCoreApplication::processEvents();
    QCOMPARE(seen.immediates, 2u); // behind the one that looks
    QCOMPARE(seen.referencedImmediates, 1u);
}

void tst_LoopCounts::ticksAndMicrotasksWaitBehindTheCallbackThatQueuedThem()
{
    LiveCounts seen;
    loop().setImmediate([&] {
        loop().nextTick([] { outlastACount(); });
        loop().nextTick([&] { seen = counts(); });
        loop().nextTick([] {});
        loop().nextTick([] {});
        loop().queueMicrotask([] {});
    });
    QCoreApplication::processEvents();
    QCOMPARE(seen.ticks, 2u);
    QCOMPARE(seen.microtasks, 1u);
    QVERIFY(seen.turnCallbacks >= 2); // the immediate and the first tick
}

void tst_LoopCounts::jobsAreOutstandingUntilTheirCompletionHasRun()
{
    std::binary_semaphore mayEnd(0);
    WorkerPool pool(loop(), 1);
    pool.submit("slow", [&] { mayEnd.acquire(); }, [](std::exception_ptr) {});
    pool.submit("next", [] {}, [](std::exception_ptr) {});
    LiveCounts seen = look();
    QCOMPARE(seen.jobs, 2u);
    mayEnd.release();
    while (loop().references() > 0)
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    seen = look();
    QCOMPARE(seen.jobs, 0u);
}

void tst_LoopCounts::thePoolHasItsSizeBeforeItsFirstUse()
{
    LiveCounts seen = look();
    QCOMPARE(seen.poolThreads, quint32(WorkerPool::defaultThreads));
    QCOMPARE(seen.poolStarted, 0u); // no test before has used loop().pool()
    loop().pool().resize(2);
    seen = look();
    QCOMPARE(seen.poolThreads, 2u);
    QCOMPARE(seen.poolStarted, 1u);
}

void tst_LoopCounts::socketsAreThoseThatTheKernelWatches()
{
    int ends[2];
    QCOMPARE(::pipe(ends), 0);
    const LiveCounts before = look();
    LiveCounts with;
    {
        QSocketNotifier reads(ends[0], QSocketNotifier::Read);
        QSocketNotifier excepts(ends[0], QSocketNotifier::Exception); // the same descriptor
        QSocketNotifier disabled(ends[1], QSocketNotifier::Read);
        disabled.setEnabled(false);
        with = look();
    }
    const LiveCounts after = look();
    QCOMPARE(with.sockets, before.sockets + 1);
    QCOMPARE(after.sockets, before.sockets);
    ::close(ends[0]);
    ::close(ends[1]);
}

void tst_LoopCounts::closeCallbacksWait()
{
    LiveCounts seen;
    loop().setImmediate([&] {
        loop().onClose([] {}); // the last comes first
        loop().onClose([&] { seen = counts(); });
        loop().onClose([] { outlastACount(); });
    });
    QCoreApplication::processEvents();
    QCOMPARE(seen.closing, 1u);
}

void tst_LoopCounts::theSleepIsLiveUntilTheLoopWakes()
{
    std::atomic<bool> sawSleep = false;
    LiveCounts asleep;
    const TimerId other = loop().setTimeout([] {}, 1h);
    std::thread watcher([&] {
        for (;;) {
            const trace::LiveSlice live = test::theTrace().live(0);
            if (live.sleeps && !live.name && live.phase == Phase::Poll && live.since > 0)
                break;
            std::this_thread::yield();
        }
        asleep = counts();
        sawSleep = true;
        QMetaObject::invokeMethod(this, [] {}, Qt::QueuedConnection); // wakes it
    });
    while (!sawSleep)
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    watcher.join();
    QCOMPARE(asleep.timers, 1u);
    QVERIFY(asleep.at > 0);
    QCOMPARE(test::theTrace().live(0), trace::LiveSlice{});
    loop().clearTimer(other);
}

void tst_LoopCounts::nothingIsPublishedWhilePaused()
{
    test::theTrace().setEnabled(false);
    loop().setImmediate([] { outlastACount(); });
    loop().setImmediate([] {});
    QCoreApplication::processEvents();
    test::theTrace().setEnabled(true);
    QCOMPARE(counts(), LiveCounts{});
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_LoopCounts)
#include "tst_loopcounts.moc"
