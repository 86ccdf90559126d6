// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/task.h"
#include "server/loop/workerpool.h"
#include "tests/support/loopmain.h"
#include "tests/support/nothreads.h"
#include "tests/support/testcase.h"

#include <QtCore/QMap>
#include <QtCore/QThread>

#include <atomic>
#include <memory>
#include <mutex>
#include <semaphore>
#include <set>
#include <thread>
#include <system_error>

using namespace loopscope;
using namespace loopscope::loop;

class tst_WorkerPool : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void jobsStartInOrderAndCompleteOnTheLoopInThePollPhase();
    void completionsComeInTheOrderOfEnding();
    void ticksRunAfterEachCompletion();
    void whatAJobThrowsArrives();
    void aWaitingJobCanBeCancelledARunningOneNot();
    void aFullQueueRefuses();
    void resizingChangesHowManyRunAtOnce();
    void aBusyThreadEndsAfterItsJob();
    void sizesAreClamped();
    void whereTheSystemGivesNoMoreThreadsItHasThoseThatItGot();
    void destructionWaitsForRunningJobsAndDropsWaitingOnes();
    void progressComesOnTheLoopBeforeTheEnd();
    void reportsAreCoalesced();
    void aRunningJobMayEndWhenItIsCancelled();
    void aRunningJobIsToldThatThePoolEnds();
    void progressIsTraced();
    void aWaitTellsHowLongTheProcessWasStopped();
    void aTaskHearsTheProgressOfItsJob();

private:
    static EventLoop &loop() { return *EventLoop::current(); }
    static void runToEnd()
    {
        while (loop().references() > 0)
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    }
};

static JobError::Code codeOf(const std::exception_ptr &error)
{
    try {
        std::rethrow_exception(error);
    } catch (const JobError &known) {
        return known.code();
    }
}

void tst_WorkerPool::jobsStartInOrderAndCompleteOnTheLoopInThePollPhase()
{
    WorkerPool pool(loop(), 1);
    QList<int> started; // by the one worker
    int done = 0;
    for (int i = 0; i < 100; ++i) {
        pool.submit("job", [&started, i] { started << i; },
                    [&](std::exception_ptr error) {
                        QVERIFY(!error);
                        QCOMPARE(loop().phase(), trace::Phase::Poll);
                        QCOMPARE(QThread::currentThread(), thread());
                        ++done;
                    });
    }
    QCOMPARE(loop().references(), 100);
    runToEnd();
    QCOMPARE(done, 100);
    QCOMPARE(started.size(), 100);
    QVERIFY(std::is_sorted(started.begin(), started.end()));
    QCOMPARE(pool.running(), 0);
    QCOMPARE(pool.queued(), 0);
}

void tst_WorkerPool::completionsComeInTheOrderOfEnding()
{
    WorkerPool pool(loop(), 2);
    std::binary_semaphore secondEnded(0);
    QByteArray order;
    pool.submit("first", [&] { secondEnded.acquire(); }, [&](std::exception_ptr) { order += '1'; });
    pool.submit("second", [] {}, [&](std::exception_ptr) {
        order += '2';
        secondEnded.release();
    });
    runToEnd();
    QCOMPARE(order, "21");
}

void tst_WorkerPool::ticksRunAfterEachCompletion()
{
    WorkerPool pool(loop(), 1);
    QByteArray order;
    for (int i = 0; i < 3; ++i) {
        pool.submit("job", [] {}, [&](std::exception_ptr) {
            order += 'd';
            loop().queueMicrotask([&] { order += 'm'; });
            loop().nextTick([&] { order += 't'; });
        });
    }
    runToEnd();
    QCOMPARE(order, "dtmdtmdtm");
}

void tst_WorkerPool::whatAJobThrowsArrives()
{
    bool arrived = false;
    loop().pool().submit("throws", [] { throw std::runtime_error("disk on fire"); },
                         [&](std::exception_ptr error) {
                             QVERIFY_THROWS_EXCEPTION(std::runtime_error, std::rethrow_exception(error));
                             arrived = true;
                         });
    runToEnd();
    QVERIFY(arrived);
}

void tst_WorkerPool::aWaitingJobCanBeCancelledARunningOneNot()
{
    WorkerPool pool(loop(), 1);
    std::binary_semaphore started(0);
    std::binary_semaphore mayEnd(0);
    bool ran = false;
    int cancelled = 0;
    bool firstWasFine = false;
    const auto first = pool.submit("first",
                                   [&] {
                                       started.release();
                                       mayEnd.acquire();
                                   },
                                   [&](std::exception_ptr error) { firstWasFine = !error; });
    const auto second = pool.submit("second", [&] { ran = true; }, [&](std::exception_ptr error) {
        QCOMPARE(codeOf(error), JobError::Code::Cancelled);
        QCOMPARE(loop().phase(), trace::Phase::Poll);
        ++cancelled;
    });
    started.acquire();
    QCOMPARE(pool.running(), 1);
    QCOMPARE(pool.queued(), 1);
    QVERIFY(!pool.cancel(first));
    QVERIFY(pool.cancel(second));
    QVERIFY(!pool.cancel(second));
    QVERIFY(!pool.cancel(WorkerPool::JobId::None));
    QCOMPARE(cancelled, 0); // never from within cancel()
    mayEnd.release();
    runToEnd();
    QCOMPARE(cancelled, 1);
    QVERIFY(!ran);
    QVERIFY(firstWasFine);
}

void tst_WorkerPool::aFullQueueRefuses()
{
    WorkerPool pool(loop(), 1);
    std::binary_semaphore started(0);
    std::binary_semaphore mayEnd(0);
    pool.submit("first",
                [&] {
                    started.release();
                    mayEnd.acquire();
                },
                [](std::exception_ptr) {});
    started.acquire();
    int done = 0;
    int refused = 0;
    for (int i = 0; i < WorkerPool::maximumQueued + 3; ++i) {
        pool.submit("job", [] {}, [&](std::exception_ptr error) {
            if (!error)
                ++done;
            else if (codeOf(error) == JobError::Code::QueueFull)
                ++refused;
        });
    }
    QCOMPARE(pool.queued(), WorkerPool::maximumQueued);
    QCOMPARE(refused, 0); // never from within submit()
    mayEnd.release();
    runToEnd();
    QCOMPARE(done, WorkerPool::maximumQueued);
    QCOMPARE(refused, 3);
}

void tst_WorkerPool::resizingChangesHowManyRunAtOnce()
{
    WorkerPool pool(loop(), 1);
    for (const int size : {1, 8, 3, 8}) {
        pool.resize(size);
        QCOMPARE(pool.threads(), size);
        std::counting_semaphore<> started(0);
        std::counting_semaphore<> mayEnd(0);
        for (int i = 0; i < 10; ++i) {
            pool.submit("job",
                        [&] {
                            started.release();
                            mayEnd.acquire();
                        },
                        [](std::exception_ptr) {});
        }
        for (int i = 0; i < size; ++i)
            started.acquire(); // hangs if fewer run at once
        QCOMPARE(pool.running(), size);
        QCOMPARE(pool.queued(), 10 - size);
        mayEnd.release(10);
        runToEnd();
    }
}

void tst_WorkerPool::aBusyThreadEndsAfterItsJob()
{
    WorkerPool pool(loop(), 4);
    std::counting_semaphore<> started(0);
    std::counting_semaphore<> mayEnd(0);
    std::mutex mutex;
    std::set<std::thread::id> threads;
    for (int i = 0; i < 4; ++i) {
        pool.submit("busy",
                    [&] {
                        started.release();
                        mayEnd.acquire();
                    },
                    [](std::exception_ptr) {});
    }
    for (int i = 0; i < 4; ++i)
        started.acquire();
    pool.resize(1);
    QCOMPARE(pool.threads(), 1);
    QCOMPARE(pool.running(), 4);
    mayEnd.release(4);
    runToEnd();
    for (int i = 0; i < 50; ++i) {
        pool.submit("job",
                    [&] {
                        const std::lock_guard lock(mutex);
                        threads.insert(std::this_thread::get_id());
                    },
                    [](std::exception_ptr) {});
    }
    runToEnd();
    QCOMPARE(threads.size(), 1u);
}

void tst_WorkerPool::sizesAreClamped()
{
    WorkerPool pool(loop());
    QCOMPARE(pool.threads(), WorkerPool::defaultThreads);
    pool.resize(0);
    QCOMPARE(pool.threads(), WorkerPool::minimumThreads);
    pool.resize(10'000);
    QCOMPARE(pool.threads(), WorkerPool::maximumThreads);
}

void tst_WorkerPool::whereTheSystemGivesNoMoreThreadsItHasThoseThatItGot()
{
    {
        const test::NoThreads none;
        QVERIFY_THROWS_EXCEPTION(std::system_error, WorkerPool(*EventLoop::current(), 4));
    }
    std::unique_ptr<WorkerPool> pool;
    {
        const test::NoThreads some(2);
        pool = std::make_unique<WorkerPool>(*EventLoop::current(), 4);
        QCOMPARE(pool->threads(), 2);
        QVERIFY_THROWS_EXCEPTION(std::system_error, pool->resize(8));
        QCOMPARE(pool->threads(), 2);
    }
    bool done = false;
    pool->submit("job", [] { }, [&](std::exception_ptr) { done = true; });
    QVERIFY(test::waitFor([&] { return done; }));
    pool->resize(8);
    QCOMPARE(pool->threads(), 8);
}

void tst_WorkerPool::destructionWaitsForRunningJobsAndDropsWaitingOnes()
{
    auto owned = std::make_shared<int>(1);
    std::atomic<bool> ended = false;
    std::binary_semaphore started(0);
    bool called = false;
    {
        WorkerPool pool(loop(), 1);
        pool.submit("running",
                    [&, owned] {
                        started.release();
                        std::this_thread::sleep_for(std::chrono::milliseconds(20));
                        ended = true;
                    },
                    [&, owned](std::exception_ptr) { called = true; });
        pool.submit("waiting", [&, owned] { called = true; }, [&, owned](std::exception_ptr) { called = true; });
        started.acquire();
    }
    QVERIFY(ended);
    QCOMPARE(owned.use_count(), 1);
    QCOMPARE(loop().references(), 0);
    QCoreApplication::processEvents();
    QVERIFY(!called);
}

void tst_WorkerPool::progressComesOnTheLoopBeforeTheEnd()
{
    WorkerPool pool(loop(), 1);
    QList<std::pair<qint64, qint64>> reports;
    bool done = false;
    std::counting_semaphore<> mayGoOn(0);
    pool.submit("steps",
                [&](JobProgress &job) {
                    job.report(1, 3); // the first goes out at once
                    mayGoOn.acquire();
                    job.report(2, 3); // within the interval: it does not, unless the machine is slow
                    job.report(3, 3); // the end does
                    job.report(3, 3); // once
                },
                [&](std::exception_ptr error) {
                    QVERIFY(!error);
                    done = true;
                },
                [&](qint64 partsDone, qint64 total) {
                    QCOMPARE(loop().phase(), trace::Phase::Poll);
                    QVERIFY(!done);
                    reports.emplaceBack(partsDone, total);
                    if (partsDone == 1)
                        mayGoOn.release();
                });
    runToEnd();
    QVERIFY(done);
    reports.removeAll({2, 3});
    QCOMPARE(reports, (QList<std::pair<qint64, qint64>>{{1, 3}, {3, 3}}));
}

void tst_WorkerPool::reportsAreCoalesced()
{
    WorkerPool pool(loop(), 1);
    constexpr qint64 total = 1'000'000;
    int reports = 0;
    qint64 last = 0;
    std::atomic<qint64> tookNs = 0;
    pool.submit("many",
                [&](JobProgress &job) {
                    const auto start = std::chrono::steady_clock::now();
                    for (qint64 i = 1; i <= total; ++i)
                        job.report(i, total);
                    tookNs = (std::chrono::steady_clock::now() - start).count();
                },
                [](std::exception_ptr) {},
                [&](qint64 done, qint64) {
                    QVERIFY(done > last);
                    last = done;
                    ++reports;
                });
    runToEnd();
    QCOMPARE(last, total);
    const qint64 intervals = tookNs / std::chrono::nanoseconds(JobProgress::minimumInterval).count();
    QVERIFY2(reports <= intervals + 3, qPrintable(QString::number(reports))); // and the first, the last, one cut off
}

void tst_WorkerPool::aRunningJobMayEndWhenItIsCancelled()
{
    WorkerPool pool(loop(), 1);
    std::binary_semaphore started(0);
    bool cancelled = false;
    const auto id = pool.submit("patient",
                                [&](JobProgress &job) {
                                    started.release();
                                    while (!job.isCancelled())
                                        std::this_thread::yield();
                                    job.throwIfCancelled();
                                },
                                [&](std::exception_ptr error) { cancelled = codeOf(error) == JobError::Code::Cancelled; },
                                nullptr);
    started.acquire();
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) {});
    QVERIFY(!pool.cancel(id)); // it runs
    runToEnd();
    QVERIFY(cancelled);
    QList<trace::JobOutcome> outcomes;
    test::theTrace().drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
        if (record.kind == trace::Kind::JobFinished)
            outcomes.append(trace::JobOutcome(record.detail));
    });
    QVERIFY(outcomes == QList{trace::JobOutcome::Cancelled});
    QVERIFY(!pool.cancel(id)); // it has ended
}

void tst_WorkerPool::aRunningJobIsToldThatThePoolEnds()
{
    std::binary_semaphore started(0);
    bool called = false;
    {
        WorkerPool pool(loop(), 1);
        pool.submit("endless",
                    [&](JobProgress &job) {
                        started.release();
                        while (!job.isCancelled())
                            job.report(0, 0);
                    },
                    [&](std::exception_ptr) { called = true; }, [&](qint64, qint64) { called = true; });
        started.acquire();
    } // hangs if it is not told
    QCOMPARE(loop().references(), 0);
    QCoreApplication::processEvents();
    QVERIFY(!called);
}

void tst_WorkerPool::progressIsTraced()
{
    WorkerPool pool(loop(), 1);
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) {});
    loop().setImmediate([&] {
        loop().setContext({7, 0});
        pool.submit("counted", [](JobProgress &job) { job.report(5, 5); }, [](std::exception_ptr) {},
                    [&](qint64, qint64) { QCOMPARE(loop().context().request, 7u); }, {"a.cpp", 4});
    });
    runToEnd();
    quint64 id = 0;
    int seen = 0;
    bool called = false;
    test::theTrace().drain([&](int lane, const trace::TraceRecord &record, QByteArrayView) {
        if (record.kind == trace::Kind::JobStarted)
            id = record.id;
        if (record.kind == trace::Kind::JobProgress) {
            ++seen;
            QCOMPARE(test::theTrace().lane(lane).kind, trace::Trace::LaneKind::Worker);
            QCOMPARE(record.name, "counted");
            QCOMPARE(record.id, id);
            QCOMPARE(record.request, 7u);
            QCOMPARE(record.value, 5);
            QCOMPARE(record.parent, 5u);
        }
        if (record.kind == trace::Kind::Callback && QByteArrayView(record.name) == "progress") {
            called = true;
            QVERIFY(record.id > id);
            QCOMPARE(record.file, "a.cpp");
            QCOMPARE(record.request, 7u);
        }
    });
    QCOMPARE(seen, 1);
    QVERIFY(called);
}

// To the heartbeat a clock that leaps is a process that was stopped meanwhile.
void tst_WorkerPool::aWaitTellsHowLongTheProcessWasStopped()
{
    constexpr qint64 second = 1'000'000'000; // ns
    trace::ManualClock clock;
    trace::Trace trace(clock);
    trace.watchForStops();
    const std::unique_ptr<QThread> thread(QThread::create([&] {
        WorkerPool pool(loop(), 1);
        std::binary_semaphore started(0);
        std::binary_semaphore mayEnd(0);
        pool.submit("first", [&] { started.release(); mayEnd.acquire(); }, [](std::exception_ptr) {});
        started.acquire();
        pool.submit("waits", [] {}, [](std::exception_ptr) {});
        clock.advance(std::chrono::seconds(10));
        mayEnd.release();
        runToEnd();
    }));
    thread->setEventDispatcher(new UvEventDispatcher(&trace));
    thread->start();
    QVERIFY(thread->wait());
    QMap<QByteArray, QList<qint64>> stopped; // by name: JobStarted, JobFinished
    trace.drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
        if (record.kind == trace::Kind::JobStarted || record.kind == trace::Kind::JobFinished)
            stopped[record.name].append(record.value);
    });
    QCOMPARE(stopped["first"], (QList<qint64>{0, 0}));
    QCOMPARE(stopped["waits"].size(), 2);
    QVERIFY2(stopped["waits"].first() > 9 * second, qPrintable(QString::number(stopped["waits"].first())));
    QCOMPARE(stopped["waits"].first(), stopped["waits"].last());
}

static Task<int> counted(QList<qint64> &reports)
{
    co_return co_await runOnPool(
        "counted",
        [](JobProgress &job) {
            job.report(4, 4);
            return 42;
        },
        [&reports](qint64 done, qint64) { reports.append(done); });
}

void tst_WorkerPool::aTaskHearsTheProgressOfItsJob()
{
    QList<qint64> reports;
    Task<int> task = counted(reports);
    runToEnd();
    QCoreApplication::processEvents();
    QCOMPARE(task.takeResult(), 42);
    QCOMPARE(reports, QList<qint64>{4});
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_WorkerPool)
#include "tst_workerpool.moc"
