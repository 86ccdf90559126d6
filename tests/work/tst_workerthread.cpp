// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/work/atomics.h"
#include "server/work/workerthread.h"
#include "tests/support/loopmain.h"
#include "tests/support/nodescriptors.h"
#include "tests/support/nothreads.h"
#include "tests/support/testcase.h"

#include <QtCore/QJsonObject>
#include <QtCore/QRegularExpression>
#include <QtCore/QThread>

#include <algorithm>
#include <atomic>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <thread>

using namespace loopscope;
using namespace loopscope::work;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using loop::EventLoop;
using loop::Task;

// Threads with a loop of their own, as Node's worker_threads.
class tst_WorkerThread : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aProgramEndsWhenNothingIsLeft();
    void eventsComeInTheirOrder();
    void messagesGoBothWaysInOrder();
    void aMessageIsMovedNotCopied();
    void ticksRunBetweenMessages();
    void messagesWaitForAListener();
    void aFullQueueRefuses();
    void anErrorEndsTheThread();
    void anErrorWithoutAListenerIsUncaught();
    void exitEndsItWithItsCode();
    void terminateEndsALoopThatWouldNotEnd();
    void terminateWakesAWaitingThread();
    void terminatingTwiceGivesTheSameCode();
    void destroyingItEndsIt();
    void itMayBeDestroyedInItsListener();
    void aLoopThatEndsEndsItsThreads();
    void anUnreferencedThreadDoesNotHoldTheLoop();
    void closingThePortLetsItEnd();
    void sharedMemoryIsSeenByBoth();
    void threadsAreBounded();
    void whatTheSystemRefusesIsAnError();
    void itsSlicesAreOnALaneOfItsOwn();
    void numbersOfItsRegistrationsAreItsOwn();
    void howLongItIsAtWorkIsTraced();

private:
    static EventLoop &loop() { return *EventLoop::current(); }
    static void runToEnd()
    {
        while (loop().references() > 0)
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        QCoreApplication::processEvents();
    }
};

void tst_WorkerThread::aProgramEndsWhenNothingIsLeft()
{
    QCOMPARE(loop().references(), 0);
    std::atomic<int> ran = 0;
    int exitCode = -1;
    WorkerThread thread(
        [&](WorkerScope &scope) {
            QVERIFY(EventLoop::current() == &scope.eventLoop());
            QVERIFY(WorkerScope::current() == &scope);
            QCOMPARE(scope.workerData().toInt(), 42);
            scope.eventLoop().setTimeout(
                [&] {
                    ++ran;
                    scope.eventLoop().setImmediate([&] { ++ran; });
                },
                5ms);
        },
        {.workerData = 42});
    QVERIFY(thread.threadId() > 0);
    thread.onExit([&](int code) { exitCode = code; });
    QCOMPARE(loop().referencesByKind().handles, 1);
    runToEnd();
    QCOMPARE(exitCode, 0);
    QCOMPARE(int(ran), 2);
    QCOMPARE(thread.threadId(), -1);
    QVERIFY(!thread.postMessage(1));
    QVERIFY(!WorkerScope::current());
}

void tst_WorkerThread::eventsComeInTheirOrder()
{
    QByteArrayList events;
    WorkerThread thread([](WorkerScope &scope) {
        scope.postMessage(1);
        scope.postMessage(2);
        throw std::runtime_error("3");
    });
    thread.onOnline([&] { events << "online"; });
    thread.onMessage([&](const QVariant &message) {
        QCOMPARE(loop().phase(), trace::Phase::Poll);
        QCOMPARE(QThread::currentThread(), this->thread());
        events << "message " + QByteArray::number(message.toInt());
    });
    thread.onError([&](std::exception_ptr error) {
        QVERIFY_THROWS_EXCEPTION(std::runtime_error, std::rethrow_exception(error));
        events << "error";
    });
    thread.onExit([&](int code) { events << "exit " + QByteArray::number(code); });
    runToEnd();
    QCOMPARE(events, (QByteArrayList{"online", "message 1", "message 2", "error", "exit 1"}));
}

void tst_WorkerThread::messagesGoBothWaysInOrder()
{
    WorkerThread thread([](WorkerScope &scope) {
        scope.onMessage([&scope](const QVariant &message) {
            if (message.isNull())
                scope.close();
            else
                scope.postMessage(message.toInt() * 2);
        });
    });
    QList<int> answers;
    thread.onMessage([&](const QVariant &message) { answers << message.toInt(); });
    for (int i = 0; i < 500; ++i)
        QVERIFY(thread.postMessage(i));
    QVERIFY(thread.postMessage({}));
    runToEnd();
    QCOMPARE(answers.size(), 500);
    for (int i = 0; i < 500; ++i)
        QCOMPARE(answers[i], 2 * i);
}

void tst_WorkerThread::aMessageIsMovedNotCopied()
{
    QByteArray bytes(1'000'000, 'x');
    const char *const sent = bytes.constData();
    const void *returned = nullptr;
    QJsonObject json;
    WorkerThread thread([](WorkerScope &scope) {
        scope.onMessage([&scope](QVariant message) {
            scope.postMessage(std::move(message));
            scope.postMessage(QJsonObject{{u"a"_s, 1}});
            scope.close();
        });
    });
    thread.onMessage([&](const QVariant &message) {
        if (message.typeId() == QMetaType::QByteArray)
            returned = message.toByteArray().constData();
        else
            json = message.toJsonObject();
    });
    thread.postMessage(std::exchange(bytes, {}));
    runToEnd();
    QVERIFY(returned == sent);
    QCOMPARE(json, (QJsonObject{{u"a"_s, 1}}));
}

void tst_WorkerThread::ticksRunBetweenMessages()
{
    QByteArray inside; // of the thread, until it has ended
    QByteArray outside;
    WorkerThread thread([&](WorkerScope &scope) {
        scope.onMessage([&](const QVariant &message) {
            inside += 'm';
            scope.eventLoop().nextTick([&] { inside += 't'; });
            scope.postMessage(message);
            if (message.toInt() == 3)
                scope.close();
        });
    });
    thread.onMessage([&](const QVariant &) {
        outside += 'm';
        loop().nextTick([&] { outside += 't'; });
    });
    for (const int i : {1, 2, 3})
        thread.postMessage(i);
    runToEnd();
    QCOMPARE(inside, "mtmtmt");
    QCOMPARE(outside, "mtmtmt");
}

void tst_WorkerThread::messagesWaitForAListener()
{
    QList<int> seen;
    WorkerThread thread([&](WorkerScope &scope) {
        scope.eventLoop().setTimeout(
            [&] {
                scope.onMessage([&](const QVariant &message) {
                    seen << message.toInt();
                    if (seen.size() == 2)
                        scope.close();
                });
            },
            20ms);
    });
    thread.postMessage(1);
    thread.postMessage(2);
    runToEnd();
    QCOMPARE(seen, (QList<int>{1, 2}));
}

void tst_WorkerThread::aFullQueueRefuses()
{
    std::binary_semaphore started(0);
    std::binary_semaphore mayGoOn(0);
    int taken = 0;
    bool refusedInside = false;
    WorkerThread thread(
        [&](WorkerScope &scope) {
            started.release();
            mayGoOn.acquire();
            for (int i = 0; i < 3; ++i)
                scope.postMessage(i);
            refusedInside = !scope.postMessage(3);
            scope.onMessage([&](const QVariant &) {
                if (++taken == 3)
                    scope.close();
            });
        },
        {.maximumMessages = 3});
    started.acquire();
    for (int i = 0; i < 3; ++i)
        QVERIFY(thread.postMessage(i));
    QVERIFY(!thread.postMessage(3));
    mayGoOn.release();
    runToEnd();
    QCOMPARE(taken, 3);
    QVERIFY(refusedInside);
}

void tst_WorkerThread::anErrorEndsTheThread()
{
    bool ranOn = false;
    QByteArray said;
    int exitCode = 0;
    WorkerThread thread([&](WorkerScope &scope) {
        scope.eventLoop().setTimeout([] { throw std::runtime_error("in a timer"); }, 1ms);
        scope.eventLoop().setTimeout([&] { ranOn = true; }, 1h);
    });
    thread.onError([&](std::exception_ptr error) {
        try {
            std::rethrow_exception(error);
        } catch (const std::exception &known) {
            said = known.what();
        }
    });
    thread.onExit([&](int code) { exitCode = code; });
    runToEnd();
    QCOMPARE(said, "in a timer");
    QCOMPARE(exitCode, 1);
    QVERIFY(!ranOn);
}

void tst_WorkerThread::anErrorWithoutAListenerIsUncaught()
{
    bool uncaught = false;
    loop().setUncaughtHandler([&](std::exception_ptr error) {
        QVERIFY_THROWS_EXCEPTION(std::runtime_error, std::rethrow_exception(error));
        uncaught = true;
    });
    int exitCode = 0;
    WorkerThread thread([](WorkerScope &) { throw std::runtime_error("nobody listens"); });
    thread.onExit([&](int code) { exitCode = code; });
    runToEnd();
    loop().setUncaughtHandler(nullptr);
    QVERIFY(uncaught);
    QCOMPARE(exitCode, 1);
}

void tst_WorkerThread::exitEndsItWithItsCode()
{
    bool ranToItsEnd = false;
    bool ranOn = false;
    int exitCode = 0;
    WorkerThread thread([&](WorkerScope &scope) {
        scope.onMessage([](const QVariant &) {});
        scope.eventLoop().setImmediate([&] {
            scope.exit(7);
            scope.exit(8); // the first counts
            ranToItsEnd = true;
        });
        scope.eventLoop().setTimeout([&] { ranOn = true; }, 1h);
    });
    thread.onExit([&](int code) { exitCode = code; });
    runToEnd();
    QCOMPARE(exitCode, 7);
    QVERIFY(ranToItsEnd && !ranOn);
}

static Task<> end(WorkerThread &thread, int &code)
{
    code = co_await thread.terminate();
}

void tst_WorkerThread::terminateEndsALoopThatWouldNotEnd()
{
    std::atomic<bool> beating = false;
    int exitCode = 0;
    int awaited = 0;
    WorkerThread thread([&](WorkerScope &scope) { scope.eventLoop().setInterval([&] { beating = true; }, 1ms); });
    thread.onExit([&](int code) { exitCode = code; });
    while (!beating)
        std::this_thread::yield();
    Task<> task = end(thread, awaited);
    runToEnd();
    QVERIFY(task.isEnded());
    QCOMPARE(awaited, 1); // as Node's
    QCOMPARE(exitCode, 1);
}

void tst_WorkerThread::terminateWakesAWaitingThread()
{
    const SharedBuffer buffer(1);
    std::atomic<bool> ranOn = false;
    bool failed = false;
    int exitCode = 0;
    WorkerThread thread([&](WorkerScope &) {
        (void)atomics::wait(buffer, 0, 0, 1h);
        ranOn = true;
    });
    thread.onError([&](std::exception_ptr) { failed = true; });
    thread.onExit([&](int code) { exitCode = code; });
    for (bool waiting = false; !waiting; std::this_thread::yield()) {
        const std::lock_guard lock(buffer.memory()->mutex);
        waiting = !buffer.memory()->waiters.empty();
    }
    thread.terminate().detach();
    runToEnd();
    QCOMPARE(exitCode, 1);
    QVERIFY(!ranOn && !failed);
    QCOMPARE(atomics::notify(buffer, 0), 0);
}

void tst_WorkerThread::terminatingTwiceGivesTheSameCode()
{
    WorkerThread thread([](WorkerScope &scope) { scope.exit(3); });
    runToEnd();
    int first = 0;
    int second = 0;
    Task<> one = end(thread, first);
    Task<> two = end(thread, second);
    runToEnd();
    QCOMPARE(first, 3);
    QCOMPARE(second, 3);
}

void tst_WorkerThread::destroyingItEndsIt()
{
    auto owned = std::make_shared<int>(1);
    bool called = false;
    {
        WorkerThread thread([owned](WorkerScope &scope) {
            scope.eventLoop().setInterval([owned] {}, 1ms);
            scope.onMessage([owned](const QVariant &) {});
            scope.postMessage(1);
        });
        thread.onMessage([&called](const QVariant &) { called = true; });
        thread.onExit([&called](int) { called = true; });
    }
    QCOMPARE(owned.use_count(), 1);
    QCOMPARE(loop().references(), 0);
    QCoreApplication::processEvents();
    QVERIFY(!called);
}

void tst_WorkerThread::itMayBeDestroyedInItsListener()
{
    int messages = 0;
    auto thread = std::make_unique<WorkerThread>([](WorkerScope &scope) {
        scope.postMessage(1);
        scope.postMessage(2);
    });
    thread->onMessage([&](const QVariant &) {
        ++messages;
        thread.reset();
    });
    runToEnd();
    QVERIFY(!thread);
    QCOMPARE(messages, 1);

    auto second = std::make_unique<WorkerThread>([](WorkerScope &) {});
    second->onExit([&](int) { second.reset(); });
    runToEnd();
    QVERIFY(!second);
}

// Waits for the end of a thread that stands in its own frame, and never ends.
static Task<> waitInVain(std::shared_ptr<int> owned)
{
    loop::Deferred<int> exited;
    WorkerThread thread([owned](WorkerScope &scope) { scope.eventLoop().setInterval([owned] {}, 1ms); });
    thread.onExit([resolver = exited.resolver()](int code) { resolver.resolve(code); });
    co_await exited;
}

void tst_WorkerThread::aLoopThatEndsEndsItsThreads()
{
    auto owned = std::make_shared<int>(1);
    std::unique_ptr<WorkerThread> outlives;
    QThread server; // whose loop is theirs
    server.setEventDispatcher(new loop::UvEventDispatcher(nullptr));
    QObject there;
    there.moveToThread(&server);
    server.start();
    QMetaObject::invokeMethod(
        &there,
        [&] {
            waitInVain(owned).detach();
            outlives = std::make_unique<WorkerThread>([owned](WorkerScope &scope) { scope.onMessage([owned](const QVariant &) {}); });
            there.moveToThread(this->thread());
        },
        Qt::BlockingQueuedConnection);
    QVERIFY(owned.use_count() > 1);
    server.quit();
    server.wait();
    QVERIFY(!outlives->postMessage(1));
    outlives.reset();
    QCOMPARE(owned.use_count(), 1);
}

void tst_WorkerThread::anUnreferencedThreadDoesNotHoldTheLoop()
{
    WorkerThread thread([](WorkerScope &scope) { scope.onMessage([](const QVariant &) {}); });
    QCOMPARE(loop().references(), 1);
    thread.unref();
    thread.unref();
    QCOMPARE(loop().references(), 0);
    thread.ref();
    QCOMPARE(loop().references(), 1);
    thread.terminate().detach();
    runToEnd();
    thread.ref(); // it has ended
    QCOMPARE(loop().references(), 0);
}

void tst_WorkerThread::closingThePortLetsItEnd()
{
    int exitCode = -1;
    WorkerThread thread([](WorkerScope &scope) {
        scope.onMessage([](const QVariant &) {});
        scope.eventLoop().setTimeout(
            [&scope] {
                scope.close();
                QVERIFY(!scope.postMessage(1));
            },
            1ms);
    });
    thread.onExit([&](int code) { exitCode = code; });
    runToEnd();
    QCOMPARE(exitCode, 0);
    WorkerThread unreferenced([](WorkerScope &scope) {
        scope.onMessage([](const QVariant &) {});
        scope.unref();
    });
    runToEnd(); // hangs if the listener holds it
}

void tst_WorkerThread::sharedMemoryIsSeenByBoth()
{
    const SharedBuffer buffer(2);
    WorkerThread thread(
        [](WorkerScope &scope) {
            const auto shared = scope.workerData().value<SharedBuffer>();
            if (atomics::wait(shared, 0, 0, 1h) != atomics::Wait::TimedOut)
                atomics::add(shared, 1, 7);
        },
        {.workerData = QVariant::fromValue(buffer)});
    atomics::store(buffer, 0, 1);
    atomics::notify(buffer, 0);
    runToEnd();
    QCOMPARE(atomics::load(buffer, 1), 7);
}

void tst_WorkerThread::threadsAreBounded()
{
    std::vector<std::unique_ptr<WorkerThread>> threads;
    for (int i = 0; i < WorkerThread::maximumThreads; ++i)
        threads.push_back(std::make_unique<WorkerThread>([](WorkerScope &) {}));
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, WorkerThread([](WorkerScope &) {}));
    threads.pop_back();
    threads.push_back(std::make_unique<WorkerThread>([](WorkerScope &) {}));
    threads.clear();
    QCOMPARE(loop().references(), 0);
}

void tst_WorkerThread::whatTheSystemRefusesIsAnError()
{
    const int lanes = test::theTrace().laneCount();
    for (int i = 0; i < 2 * WorkerThread::maximumThreads; ++i) { // more than there may be: none of them counts
        {
            const test::NoDescriptors none;
            QVERIFY_THROWS_EXCEPTION(WorkerInitError, WorkerThread([](WorkerScope &) {}));
        }
        const test::NoThreads none;
        QTest::ignoreMessage(QtCriticalMsg, QRegularExpression(u"QThread::start: Thread creation error"_s));
        QVERIFY_THROWS_EXCEPTION(WorkerInitError, WorkerThread([](WorkerScope &) {}));
    }
    QVERIFY(test::theTrace().laneCount() <= lanes + 1); // nor does it keep a lane
    QCOMPARE(loop().references(), 0);
    int code = -1;
    WorkerThread works([](WorkerScope &) {});
    works.onExit([&](int exitCode) { code = exitCode; });
    runToEnd();
    QCOMPARE(code, 0);
}

void tst_WorkerThread::itsSlicesAreOnALaneOfItsOwn()
{
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) {});
    const auto run = [] {
        WorkerThread thread(
            [](WorkerScope &scope) {
                scope.eventLoop().setTimeout([&scope] { scope.postMessage(1); }, 1ms, {"program.cpp", 3});
            },
            {.name = "counter"}, {"here.cpp", 8});
        thread.onMessage([](const QVariant &) {});
        runToEnd();
    };
    int line = 0;
    int lanes = 0;
    for (const int round : {1, 2}) {
        run();
        if (round == 1)
            lanes = test::theTrace().laneCount();
        QCOMPARE(test::theTrace().laneCount(), lanes); // the second takes the lane of the first
        QByteArrayList slices;
        test::theTrace().drain([&](int lane, const trace::TraceRecord &record, QByteArrayView) {
            if (test::theTrace().lane(lane).kind != trace::Trace::LaneKind::Thread) {
                if (record.kind == trace::Kind::Callback && record.file && QByteArrayView(record.file) == "here.cpp")
                    line = int(record.line); // 'message', on the parent's lane
                return;
            }
            QCOMPARE(test::theTrace().lane(lane).name, "counter 1");
            if (record.kind == trace::Kind::Callback && record.file)
                slices << QByteArray(record.name) + ' ' + record.file;
        });
        QCOMPARE(slices, (QByteArrayList{"main here.cpp", "setTimeout program.cpp"}));
        QCOMPARE(line, 8);
    }
}

void tst_WorkerThread::numbersOfItsRegistrationsAreItsOwn()
{
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) {});
    for (int round = 0; round < 3; ++round) {
        WorkerThread thread([](WorkerScope &scope) { scope.eventLoop().setImmediate([] {}); });
        loop().setImmediate([] {});
        runToEnd();
    }
    QSet<quint64> numbers;
    int registrations = 0;
    test::theTrace().drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
        if (record.kind != trace::Kind::Registered)
            return;
        ++registrations;
        numbers << record.id;
    });
    QCOMPARE(registrations, 9); // its 'exit', here; and two immediates
    QCOMPARE(numbers.size(), 9);
}

// From its start, 'exit' is registered where it was started; it runs, or is cleared when the thread is given up before.
void tst_WorkerThread::howLongItIsAtWorkIsTraced()
{
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) {});
    {
        WorkerThread ends([](WorkerScope &) {}, loop::Site{"ends.cpp", 7});
        runToEnd();
        auto goes = std::make_unique<WorkerThread>([](WorkerScope &) { throw std::runtime_error("no"); },
                                                   loop::Site{"goes.cpp", 9});
        goes->onError([&](const std::exception_ptr &) { goes.reset(); }); // before 'exit' is told
        runToEnd();
        WorkerThread is([](WorkerScope &scope) { scope.eventLoop().setInterval([] {}, 1h); }, loop::Site{"is.cpp", 8});
    }
    QByteArrayList seen;
    QHash<quint64, QByteArray> where;
    test::theTrace().drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
        if (record.kind == trace::Kind::Registered && QByteArrayView(record.name) == "exit")
            where[record.id] = record.file;
        if (where.contains(record.id) && (record.kind == trace::Kind::Callback || record.kind == trace::Kind::Cleared))
            seen << where[record.id] + ' ' + trace::toString(record.kind);
    });
    std::sort(seen.begin(), seen.end());
    QCOMPARE(seen, (QByteArrayList{"ends.cpp Callback", "goes.cpp Cleared", "is.cpp Cleared"}));
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_WorkerThread)
#include "tst_workerthread.moc"
