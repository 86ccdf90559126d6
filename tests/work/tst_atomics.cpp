// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/work/atomics.h"
#include "server/work/rangeerror.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"

#include <QtCore/QVariant>

#include <limits>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace loopscope;
using namespace loopscope::work;
using namespace std::chrono_literals;

// Atomics on memory that threads share; of JavaScript, where it says nothing else.
class tst_Atomics : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aBufferIsZeroAndShared();
    void theNumberBeforeIsGiven();
    void sumsWrapAround();
    void aWrongIndexIsARangeError();
    void addingFromManyThreadsLosesNothing();
    void waitingForAnotherNumberIsOverAtOnce();
    void waitingEndsAtItsTime();
    void notifyWakesInTheOrderOfComing();
    void notifyWakesOnlyThoseOfItsIndex();
    void aLoopMustNotWait();

private:
    static void untilWaiting(const SharedBuffer &buffer, std::size_t count)
    {
        for (;;) {
            {
                const std::lock_guard lock(buffer.memory()->mutex);
                if (buffer.memory()->waiters.size() == count)
                    return;
            }
            std::this_thread::yield();
        }
    }
};

void tst_Atomics::aBufferIsZeroAndShared()
{
    const SharedBuffer buffer(3);
    QCOMPARE(buffer.length(), 3);
    QCOMPARE(buffer.byteLength(), 12);
    for (int i = 0; i < 3; ++i)
        QCOMPARE(atomics::load(buffer, i), 0);
    const SharedBuffer copy = QVariant::fromValue(buffer).value<SharedBuffer>();
    atomics::store(copy, 1, -5);
    QCOMPARE(atomics::load(buffer, 1), -5);
    QVERIFY(copy == buffer);
    QVERIFY(!(SharedBuffer(3) == buffer));
    QCOMPARE(SharedBuffer().length(), 0);
}

void tst_Atomics::theNumberBeforeIsGiven()
{
    const SharedBuffer buffer(1);
    QCOMPARE(atomics::add(buffer, 0, 5), 0);
    QCOMPARE(atomics::sub(buffer, 0, 2), 5);
    QCOMPARE(atomics::exchange(buffer, 0, 9), 3);
    QCOMPARE(atomics::compareExchange(buffer, 0, 8, 1), 9);
    QCOMPARE(atomics::load(buffer, 0), 9);
    QCOMPARE(atomics::compareExchange(buffer, 0, 9, 1), 9);
    QCOMPARE(atomics::load(buffer, 0), 1);
}

void tst_Atomics::sumsWrapAround()
{
    const SharedBuffer buffer(1);
    atomics::store(buffer, 0, std::numeric_limits<qint32>::max());
    atomics::add(buffer, 0, 1);
    QCOMPARE(atomics::load(buffer, 0), std::numeric_limits<qint32>::min());
    atomics::sub(buffer, 0, 1);
    QCOMPARE(atomics::load(buffer, 0), std::numeric_limits<qint32>::max());
}

void tst_Atomics::aWrongIndexIsARangeError()
{
    const SharedBuffer buffer(2);
    QVERIFY_THROWS_EXCEPTION(RangeError, (void)atomics::load(buffer, 2));
    QVERIFY_THROWS_EXCEPTION(RangeError, atomics::store(buffer, -1, 1));
    QVERIFY_THROWS_EXCEPTION(RangeError, atomics::notify(buffer, 2));
    QVERIFY_THROWS_EXCEPTION(RangeError, (void)atomics::load(SharedBuffer(), 0));
    QVERIFY_THROWS_EXCEPTION(RangeError, SharedBuffer(SharedBuffer::maximumLength + 1));
    QVERIFY_THROWS_EXCEPTION(RangeError, SharedBuffer(-1));
}

void tst_Atomics::addingFromManyThreadsLosesNothing()
{
    const SharedBuffer buffer(1);
    constexpr int threads = 4;
    constexpr int times = 20'000;
    std::vector<std::thread> adding;
    for (int i = 0; i < threads; ++i) {
        adding.emplace_back([buffer] {
            for (int j = 0; j < times; ++j)
                atomics::add(buffer, 0, 1);
        });
    }
    for (std::thread &thread : adding)
        thread.join();
    QCOMPARE(atomics::load(buffer, 0), threads * times);
}

void tst_Atomics::waitingForAnotherNumberIsOverAtOnce()
{
    const SharedBuffer buffer(1);
    atomics::Wait result = atomics::Wait::Ok;
    std::thread([&] { result = atomics::wait(buffer, 0, 1, 1h); }).join();
    QCOMPARE(result, atomics::Wait::NotEqual);
}

void tst_Atomics::waitingEndsAtItsTime()
{
    const SharedBuffer buffer(1);
    atomics::Wait result = atomics::Wait::Ok;
    std::chrono::steady_clock::duration took{};
    std::thread([&] {
        const auto start = std::chrono::steady_clock::now();
        result = atomics::wait(buffer, 0, 0, 20ms);
        took = std::chrono::steady_clock::now() - start;
    }).join();
    QCOMPARE(result, atomics::Wait::TimedOut);
    QVERIFY(took >= 20ms);
    QCOMPARE(atomics::notify(buffer, 0), 0); // it has left
}

void tst_Atomics::notifyWakesInTheOrderOfComing()
{
    const SharedBuffer buffer(1);
    std::vector<std::thread> waiting;
    std::array<std::atomic<bool>, 3> woken{};
    for (std::size_t i = 0; i < woken.size(); ++i) {
        waiting.emplace_back([&, i] { woken[i] = atomics::wait(buffer, 0, 0, 1h) == atomics::Wait::Ok; });
        untilWaiting(buffer, i + 1);
    }
    QCOMPARE(atomics::notify(buffer, 0, 1), 1);
    waiting[0].join();
    QVERIFY(woken[0] && !woken[1] && !woken[2]);
    QCOMPARE(atomics::notify(buffer, 0), 2);
    waiting[1].join();
    waiting[2].join();
    QVERIFY(woken[1] && woken[2]);
}

void tst_Atomics::notifyWakesOnlyThoseOfItsIndex()
{
    const SharedBuffer buffer(2);
    atomics::Wait result = atomics::Wait::NotEqual;
    std::thread waiting([&] { result = atomics::wait(buffer, 1, 0, 1h); });
    untilWaiting(buffer, 1);
    QCOMPARE(atomics::notify(buffer, 0), 0);
    QCOMPARE(atomics::notify(buffer, 1), 1);
    waiting.join();
    QCOMPARE(result, atomics::Wait::Ok);
}

void tst_Atomics::aLoopMustNotWait()
{
    const SharedBuffer buffer(1);
    QVERIFY_THROWS_EXCEPTION(std::logic_error, (void)atomics::wait(buffer, 0, 0, 1ms));
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_Atomics)
#include "tst_atomics.moc"
