// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/cpuwait_unix.h"
#include "tests/support/testcase.h"

#include <sched.h>

#include <atomic>
#include <chrono>
#include <thread>

using namespace loopscope;
using namespace std::chrono_literals;

class tst_CpuWait : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aThreadThatSharesItsProcessorWaits();
};

static void spin(std::chrono::milliseconds time)
{
    const auto until = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < until) { }
}

// Two threads that never pause, on one processor: each has it half of the time.
void tst_CpuWait::aThreadThatSharesItsProcessorWaits()
{
    cpu_set_t before;
    QCOMPARE(sched_getaffinity(0, sizeof before, &before), 0);
    int first = 0;
    while (!CPU_ISSET(first, &before))
        ++first;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    loop::CpuWait wait;
    const qint64 start = wait.waitedNs();
    if (start < 0)
        QSKIP("this system does not tell");
    std::atomic<bool> stop = false;
    std::thread other([&] {
        sched_setaffinity(0, sizeof one, &one);
        while (!stop) { }
    });
    QCOMPARE(sched_setaffinity(0, sizeof one, &one), 0);
    spin(400ms);
    const qint64 waited = wait.waitedNs() - start;
    stop = true;
    other.join();
    QCOMPARE(sched_setaffinity(0, sizeof before, &before), 0);
    QVERIFY2(waited > 40'000'000, qPrintable(QString::number(waited)));
    QVERIFY2(waited < 60'000'000'000, qPrintable(QString::number(waited)));
}

QTEST_GUILESS_MAIN(tst_CpuWait)
#include "tst_cpuwait.moc"
