// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/trace/heartbeat.h"
#include "server/trace/trace.h"
#include "tests/support/testcase.h"

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace loopscope;
using namespace loopscope::trace;
using namespace std::chrono_literals;

// For how long the process stood still.
class tst_Heartbeat : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aStopIsToldWhenItEnds();
    void aTraceThatDoesNotWatchTellsNone();
};

static void sleepFor(std::chrono::milliseconds time)
{
    const auto until = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < until)
        ::usleep(1'000);
}

static qint64 mostOf(std::chrono::milliseconds stop)
{
    return std::chrono::nanoseconds(stop - 2 * Heartbeat::period - 100ms).count();
}

// In a process of its own, which a sibling stops for `stop` at the byte that it writes and lets go on. Its result: what the
// heartbeat says of the time in between, ns; also at once, before its thread can have woken.
static qint64 toldOfAStop(std::chrono::milliseconds stop)
{
    int toStopper[2];
    int result[2];
    if (::pipe(toStopper) != 0 || ::pipe(result) != 0)
        return -1;
    const pid_t stopped = ::fork();
    if (stopped == 0) {
        ::setpgid(0, 0); // a shell that waits for the test is not told
        qint64 told = -1;
        {
            const Clock clock;
            const Heartbeat heartbeat(clock);
            const qint64 before = heartbeat.stoppedNs();
            const qint64 from = clock.now().count();
            (void)!::write(toStopper[1], "!", 1);
            // the stretch in which this loop does not go on is the stop, or the system ran others
            for (qint64 last = from; told < mostOf(stop) && clock.now().count() - from < 20'000'000'000;) {
                const qint64 now = clock.now().count();
                if (now - last > mostOf(stop))
                    told = heartbeat.stoppedNs() - before;
                last = now;
            }
        }
        (void)!::write(result[1], &told, sizeof told);
        ::_exit(0);
    }
    char byte = 0;
    (void)!::read(toStopper[0], &byte, 1);
    sleepFor(50ms); // it runs, and its heart beats
    ::kill(stopped, SIGSTOP);
    sleepFor(stop);
    ::kill(stopped, SIGCONT);
    qint64 told = -1;
    (void)!::read(result[0], &told, sizeof told);
    ::waitpid(stopped, nullptr, 0);
    for (const int end : {toStopper[0], toStopper[1], result[0], result[1]})
        ::close(end);
    return told;
}

void tst_Heartbeat::aStopIsToldWhenItEnds()
{
    constexpr auto stop = 600ms;
    const qint64 told = toldOfAStop(stop);
    QVERIFY2(told >= mostOf(stop), qPrintable(QString::number(told)));
}

void tst_Heartbeat::aTraceThatDoesNotWatchTellsNone()
{
    const Trace trace;
    QCOMPARE(trace.stoppedNs(), 0);
    Trace watches;
    watches.watchForStops();
    QVERIFY(watches.stoppedNs() >= 0);
}

QTEST_GUILESS_MAIN(tst_Heartbeat)
#include "tst_heartbeat.moc"
