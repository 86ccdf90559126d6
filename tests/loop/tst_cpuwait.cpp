// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/cpuwait_unix.h"
#include "tests/support/testcase.h"

#include <QtCore/QElapsedTimer>

#include <sched.h>

#include <atomic>
#include <semaphore>
#include <thread>

using namespace loopscope;
using namespace Qt::StringLiterals;

class tst_CpuWait : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aThreadThatSharesItsProcessorWaits();
};

// Two threads that never pause, on one processor: each waits for the other, and not for longer than there was time.
void tst_CpuWait::aThreadThatSharesItsProcessorWaits()
{
    constexpr qint64 enough = 40'000'000; // ns
    constexpr qint64 tick = 10'000'000; // of the kernel, at the most
    cpu_set_t before;
    QCOMPARE(sched_getaffinity(0, sizeof before, &before), 0);
    int first = 0;
    while (!CPU_ISSET(first, &before))
        ++first;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    loop::CpuWait wait;
    if (wait.waitedNs() < 0)
        QSKIP("this system does not tell");
    std::atomic<bool> stop = false;
    std::binary_semaphore spins(0);
    std::thread other([&] {
        sched_setaffinity(0, sizeof one, &one);
        spins.release();
        while (!stop) { }
    });
    spins.acquire();
    const qint64 start = wait.waitedNs();
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(sched_setaffinity(0, sizeof one, &one), 0);
    qint64 waited = 0;
    while (waited < enough && timer.elapsed() < test::patience)
        waited = wait.waitedNs() - start;
    const qint64 took = timer.nsecsElapsed();
    stop = true;
    other.join();
    QCOMPARE(sched_setaffinity(0, sizeof before, &before), 0);
    QVERIFY2(waited >= enough, qPrintable(QString::number(waited)));
    QVERIFY2(waited <= took + tick, qPrintable(u"%1 of %2 ns"_s.arg(waited).arg(took)));
}

QTEST_GUILESS_MAIN(tst_CpuWait)
#include "tst_cpuwait.moc"
