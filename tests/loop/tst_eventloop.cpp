// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/eventloop.h"
#include "server/loop/workerpool.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"

#include <QtCore/QStringList>

#include <chrono>
#include <semaphore>
#include <thread>

using namespace loopscope;
using namespace loopscope::loop;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

// Node's programs about the order of callbacks, and what timers, immediates, ticks and microtasks promise.
class tst_EventLoop : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void cleanup();
    void ticksRunBeforeMicrotasksBeforeTheLoopGoesOn();
    void ticksAndMicrotasksRunAfterEveryCallback();
    void microtasksDrainWholeBeforeTicksTheyQueued();
    void anImmediateRunsBeforeATimeoutInsideIo();
    void timeoutsRunByExpiryThenInOrderOfRegistration();
    void aTimeoutIsNotEarlyOnTheLoopsClock();
    void oddDelaysCountAsOneMillisecond();
    void aTimeoutMayClearALaterOneOfItsList();
    void anIntervalRunsUntilItClearsItself();
    void aSlowIntervalDoesNotStarveThePollPhase();
    void anImmediateQueuedByAnImmediateWaitsForTheNextTurn();
    void aClearedImmediateIsSkipped();
    void referencesCountWhatKeepsTheLoopAlive();
    void refreshKeepsTheReferenceAndCountsOnce();
    void contextFollowsWhatIsRegistered();
    void closeCallbacksComeAfterImmediates();
    void anUncaughtExceptionReachesTheHandlerAndTheLoopGoesOn();
    void ticksQueuedOutsideOfCallbacksRunBeforeTheTurn();
    void queuesReuseTheirStorage();

private:
    static EventLoop &loop() { return *EventLoop::current(); }
    // Turns until nothing referenced is left, as a Node program runs.
    void runToEnd()
    {
        while (loop().references() > 0)
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        QCoreApplication::processEvents();
    }
    // A callback that says its name.
    auto say(const char *word)
    {
        return [this, word] { m_said << QLatin1StringView(word); };
    }
    QString said()
    {
        const QString text = m_said.join(u' ');
        m_said.clear();
        return text;
    }

    QStringList m_said;
};

void tst_EventLoop::cleanup()
{
    QCOMPARE(loop().references(), 0);
    loop().setUncaughtHandler(nullptr);
    m_said.clear();
}

void tst_EventLoop::ticksRunBeforeMicrotasksBeforeTheLoopGoesOn()
{
    loop().setTimeout(say("timeout"), 0ms);
    loop().setImmediate(say("immediate"));
    loop().queueMicrotask(say("microtask"));
    loop().nextTick(say("tick"));
    std::this_thread::sleep_for(3ms); // so that the timer is due: "timeout or immediate first?" has one answer
    runToEnd();
    QCOMPARE(said(), u"tick microtask timeout immediate"_s);
}

void tst_EventLoop::ticksAndMicrotasksRunAfterEveryCallback()
{
    for (const char *name : {"1", "2"}) {
        loop().setTimeout(
            [this, name] {
                m_said << QLatin1StringView(name);
                loop().queueMicrotask(say("m"));
                loop().nextTick(say("t"));
            },
            1ms);
        loop().setImmediate([this, name] {
            m_said << u"i"_s + QLatin1StringView(name);
            loop().nextTick(say("t"));
        });
    }
    std::this_thread::sleep_for(3ms);
    runToEnd();
    QCOMPARE(said(), u"1 t m 2 t m i1 t i2 t"_s);
}

void tst_EventLoop::microtasksDrainWholeBeforeTicksTheyQueued()
{
    loop().queueMicrotask([this] {
        m_said << u"m1"_s;
        loop().nextTick(say("t"));
        loop().queueMicrotask(say("m3"));
    });
    loop().queueMicrotask(say("m2"));
    runToEnd();
    QCOMPARE(said(), u"m1 m2 m3 t"_s);
}

void tst_EventLoop::anImmediateRunsBeforeATimeoutInsideIo()
{
    loop().pool().submit("read", [] {}, [this](std::exception_ptr) {
        loop().setTimeout(say("timeout"), 0ms);
        loop().setImmediate(say("immediate"));
        std::this_thread::sleep_for(3ms);
    });
    runToEnd();
    QCOMPARE(said(), u"immediate timeout"_s);
}

void tst_EventLoop::timeoutsRunByExpiryThenInOrderOfRegistration()
{
    QList<TimerId> timers;
    const auto start = [&] {
        const auto before = std::chrono::steady_clock::now();
        timers = {loop().setTimeout(say("30"), 30ms), loop().setTimeout(say("10a"), 10ms),
                  loop().setTimeout(say("20"), 20ms), loop().setTimeout(say("10b"), 10ms)};
        return std::chrono::steady_clock::now() - before < 5ms;
    };
    while (!start()) { // once more if the machine came in between: what was started later would be due later
        for (const TimerId timer : timers)
            loop().clearTimer(timer);
    }
    runToEnd();
    QCOMPARE(said(), u"10a 10b 20 30"_s);
    // lists run whole: all of them are due
    loop().setTimeout(say("5a"), 5ms);
    loop().setTimeout(say("3"), 3ms);
    loop().setTimeout(say("5b"), 5ms);
    std::this_thread::sleep_for(20ms);
    runToEnd();
    QCOMPARE(said(), u"3 5a 5b"_s);
}

void tst_EventLoop::aTimeoutIsNotEarlyOnTheLoopsClock()
{
    for (const auto delay : {1ms, 7ms, 23ms}) {
        const auto start = std::chrono::steady_clock::now();
        std::chrono::nanoseconds took{};
        loop().setTimeout([&] { took = std::chrono::steady_clock::now() - start; }, delay);
        runToEnd();
        QVERIFY2(took > delay - 1ms, qPrintable(QString::number(took.count())));
    }
}

void tst_EventLoop::oddDelaysCountAsOneMillisecond()
{
    for (const auto delay : {0ms, -5ms, 2'147'483'648ms, std::chrono::milliseconds::max()})
        loop().setTimeout(say("x"), delay);
    loop().setTimeout(say("1"), 1ms);
    runToEnd(); // would not return before 24 days
    QCOMPARE(said(), u"x x x x 1"_s);
}

void tst_EventLoop::aTimeoutMayClearALaterOneOfItsList()
{
    TimerId second = TimerId::None;
    TimerId own = TimerId::None;
    own = loop().setTimeout(
        [&] {
            QVERIFY(!loop().clearTimer(own)); // it has run
            QVERIFY(loop().clearTimer(second));
            QVERIFY(!loop().clearTimer(second));
            loop().setTimeout(say("new"), 5ms);
        },
        5ms);
    second = loop().setTimeout(say("second"), 5ms);
    const TimerId third = loop().setTimeout(say("third"), 5ms);
    QVERIFY(third != second);
    runToEnd();
    QCOMPARE(said(), u"third new"_s);
    QVERIFY(!loop().clearTimer(third));
    QVERIFY(!loop().clearTimer(TimerId::None));
}

void tst_EventLoop::anIntervalRunsUntilItClearsItself()
{
    int runs = 0;
    TimerId id = TimerId::None;
    id = loop().setInterval(
        [&, guard = std::make_unique<int>(7)] {
            QCOMPARE(*guard, 7);
            if (++runs == 5)
                QVERIFY(loop().clearTimer(id));
            QCOMPARE(*guard, 7); // what it owns lives to its end
        },
        2ms);
    const auto start = std::chrono::steady_clock::now();
    runToEnd();
    QCOMPARE(runs, 5);
    QVERIFY(std::chrono::steady_clock::now() - start >= 9ms);
}

void tst_EventLoop::aSlowIntervalDoesNotStarveThePollPhase()
{
    bool polled = false;
    TimerId id = TimerId::None;
    int runs = 0;
    std::binary_semaphore jobRan(0);
    id = loop().setInterval(
        [&] {
            std::this_thread::sleep_for(3ms);
            if (++runs == 1) {
                loop().pool().submit("job", [&] { jobRan.release(); }, [&](std::exception_ptr) { polled = true; });
                jobRan.acquire(); // a worker may take its time
            }
            if (polled || runs == 1000)
                loop().clearTimer(id);
        },
        1ms);
    runToEnd();
    QVERIFY(polled);
    QVERIFY(runs < 1000);
}

void tst_EventLoop::anImmediateQueuedByAnImmediateWaitsForTheNextTurn()
{
    int turns = 0;
    loop().setImmediate([&] { loop().setImmediate([&] { QCOMPARE(turns, 1); }); });
    while (loop().references() > 0) {
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        ++turns;
    }
    QCOMPARE(turns, 2);
}

void tst_EventLoop::aClearedImmediateIsSkipped()
{
    ImmediateId second = ImmediateId::None;
    loop().setImmediate([&] {
        m_said << u"first"_s;
        QVERIFY(loop().clearImmediate(second));
        QVERIFY(!loop().clearImmediate(second));
    });
    second = loop().setImmediate(say("second"));
    loop().setImmediate(say("third"));
    const ImmediateId fourth = loop().setImmediate(say("fourth"));
    QVERIFY(loop().clearImmediate(fourth));
    runToEnd();
    QCOMPARE(said(), u"first third"_s);
}

void tst_EventLoop::referencesCountWhatKeepsTheLoopAlive()
{
    const TimerId timer = loop().setTimeout([] {}, 1h);
    const ImmediateId immediate = loop().setImmediate([] {});
    QCOMPARE(loop().references(), 2);
    loop().setReferenced(timer, false);
    loop().setReferenced(timer, false);
    QVERIFY(!loop().isReferenced(timer));
    QCOMPARE(loop().references(), 1);
    loop().setReferenced(immediate, false);
    QCOMPARE(loop().references(), 0);
    loop().setReferenced(immediate, true);
    QCOMPARE(loop().references(), 1);
    runToEnd();
    loop().setReferenced(timer, true);
    QCOMPARE(loop().references(), 1);
    QVERIFY(loop().clearTimer(timer));
    QCOMPARE(loop().references(), 0);
}

void tst_EventLoop::refreshKeepsTheReferenceAndCountsOnce()
{
    const TimerId timer = loop().setTimeout([] {}, 1h);
    QVERIFY(loop().refresh(timer));
    QCOMPARE(loop().references(), 1);
    loop().setReferenced(timer, false);
    QVERIFY(loop().refresh(timer));
    QCOMPARE(loop().references(), 0);
    QVERIFY(loop().clearTimer(timer));
    QVERIFY(!loop().refresh(timer));
    QVERIFY(!loop().refresh(TimerId::None));

    QList<qsizetype> counts;
    TimerId own = TimerId::None;
    own = loop().setTimeout(
        [&] {
            counts << loop().references();
            loop().setReferenced(own, false); // it runs: nothing is counted
            counts << loop().references();
            loop().setReferenced(own, true);
            if (counts.size() < 4)
                QVERIFY(loop().refresh(own));
            counts << loop().references();
        },
        1ms);
    runToEnd();
    while (counts.size() < 6)
        runToEnd();
    QCOMPARE(counts, (QList<qsizetype>{0, 0, 1, 0, 0, 0}));
    QCOMPARE(loop().references(), 0);
    QVERIFY(!loop().refresh(own)); // it has run
    QVERIFY(!loop().clearTimer(own));
}

void tst_EventLoop::contextFollowsWhatIsRegistered()
{
    QList<quint64> requests;
    const auto note = [&] { requests << loop().context().request; };
    loop().setTimeout(
        [&] {
            loop().setContext({7, 3});
            loop().nextTick(note);
            loop().queueMicrotask(note);
            loop().setImmediate(note);
            loop().setTimeout(note, 1ms);
            loop().onClose(note);
            loop().pool().submit("job", [] {}, [&](std::exception_ptr) { note(); });
            loop().setContext({8, 3});
            loop().setTimeout(note, 30ms);
        },
        1ms);
    loop().setTimeout(note, 1ms); // not of that request
    runToEnd();
    QCOMPARE(requests.size(), 8);
    QCOMPARE(requests.count(7), 6);
    QCOMPARE(requests.count(0), 1);
    QCOMPARE(requests.count(8), 1);
    QCOMPARE(loop().context(), Context{});
}

void tst_EventLoop::closeCallbacksComeAfterImmediates()
{
    loop().onClose([this] {
        QCOMPARE(loop().phase(), trace::Phase::Close);
        m_said << u"close"_s;
        loop().nextTick(say("tick"));
    });
    loop().setImmediate(say("immediate"));
    runToEnd();
    QCOMPARE(said(), u"immediate close tick"_s);
}

void tst_EventLoop::anUncaughtExceptionReachesTheHandlerAndTheLoopGoesOn()
{
    loop().setUncaughtHandler([this](std::exception_ptr error) {
        try {
            std::rethrow_exception(std::move(error));
        } catch (const std::exception &known) {
            m_said << QLatin1StringView(known.what());
        }
    });
    int runs = 0;
    TimerId id = TimerId::None;
    loop().nextTick([] { throw std::runtime_error("tick"); });
    loop().nextTick([&] {
        m_said << u"after"_s;
        id = loop().setInterval(
            [&] {
                if (++runs == 2)
                    loop().clearTimer(id);
                throw std::runtime_error("interval");
            },
            1ms);
    });
    runToEnd();
    QCOMPARE(said(), u"tick after interval interval"_s);
}

void tst_EventLoop::ticksQueuedOutsideOfCallbacksRunBeforeTheTurn()
{
    loop().nextTick([this] {
        QCOMPARE(loop().phase(), trace::Phase::NextTick);
        m_said << u"tick"_s;
    });
    QVERIFY(QCoreApplication::eventDispatcher()->processEvents(QEventLoop::AllEvents));
    QCOMPARE(said(), u"tick"_s);
}

void tst_EventLoop::queuesReuseTheirStorage()
{
    int left = 100'000; // more than a queue ever holds at once
    std::function<void()> again = [&] {
        if (--left > 0)
            loop().nextTick([&] { again(); });
    };
    loop().nextTick([&] { again(); });
    runToEnd();
    QCOMPARE(left, 0);
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_EventLoop)
#include "tst_eventloop.moc"
