// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/task.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"

#include <QtCore/QThread>

using namespace loopscope;
using namespace loopscope::loop;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

// Counts the frames that are alive: each coroutine here holds one as a local.
static int frames = 0;
struct Frame {
    Frame() { ++frames; }
    Frame(const Frame &) { ++frames; }
    ~Frame() { --frames; }
};

static QStringList said;
static QString logged()
{
    return std::exchange(said, {}).join(u' ');
}

static Task<int> immediately(int value)
{
    const Frame frame;
    said << u"immediately"_s;
    co_return value;
}

static Task<QString> later(std::chrono::milliseconds delay)
{
    const Frame frame;
    co_await loop::sleep(delay);
    co_return u"later"_s;
}

static Task<> failing(bool late)
{
    const Frame frame;
    if (late)
        co_await nextTurn();
    throw std::runtime_error("failed");
}

static Task<int> sum(int depth)
{
    const Frame frame;
    if (depth == 0)
        co_return 0;
    co_return depth + co_await sum(depth - 1);
}

class tst_Task : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void cleanup();
    void aTaskStartsAtOnce();
    void theAwaitingCoroutineRunsOnInAMicrotask();
    void valuesAndExceptionsArrive();
    void aDroppedTaskGoesOnAlone();
    void anExceptionInADroppedTaskReachesTheUncaughtHandler();
    void contextIsRestored();
    void thePoolGivesValuesAndExceptions();
    void moveOnlyValuesPass();
    void manyTasksInARow();
    void aDeferredIsSettledOnce();
    void aCoroutineThatNobodyCanResumeIsDestroyed();
    void framesThatWaitOnALoopEndWithIt();
    void resumptionsAreTracedWithTheirSite();

private:
    static EventLoop &loop() { return *EventLoop::current(); }
    static void runToEnd()
    {
        while (loop().references() > 0)
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        QCoreApplication::processEvents();
    }
};

void tst_Task::cleanup()
{
    QCOMPARE(frames, 0);
    loop().setUncaughtHandler(nullptr);
    said.clear();
}

void tst_Task::aTaskStartsAtOnce()
{
    Task<int> task = immediately(7);
    QCOMPARE(logged(), u"immediately"_s);
    QVERIFY(task.isEnded());
    QCOMPARE(task.takeResult(), 7);
    QVERIFY(!Task<int>().isValid());
}

void tst_Task::theAwaitingCoroutineRunsOnInAMicrotask()
{
    // async function f() { log('f1'); await g(); log('f2') }  f(); queueMicrotask(…); nextTick(…); log('end')
    const auto f = []() -> Task<> {
        said << u"f1"_s;
        said << QString::number(co_await immediately(1));
        said << u"f2"_s;
    };
    f().detach();
    loop().queueMicrotask([] { said << u"microtask"_s; });
    loop().nextTick([] { said << u"tick"_s; });
    said << u"end"_s;
    runToEnd();
    QCOMPARE(logged(), u"f1 immediately end tick 1 f2 microtask"_s);
}

void tst_Task::valuesAndExceptionsArrive()
{
    const auto f = [](bool late) -> Task<QString> {
        QString text = co_await later(1ms);
        try {
            co_await failing(late);
        } catch (const std::runtime_error &error) {
            text += QLatin1StringView(error.what());
        }
        Task<int> started = sum(10);
        text += QString::number(co_await started);
        co_return text;
    };
    for (const bool late : {false, true}) {
        Task<QString> task = f(late);
        QVERIFY(!task.isEnded());
        runToEnd();
        QVERIFY(task.isEnded());
        QCOMPARE(task.takeResult(), u"laterfailed55"_s);
    }
}

void tst_Task::aDroppedTaskGoesOnAlone()
{
    {
        const auto f = []() -> Task<> {
            const Frame frame;
            said << co_await later(2ms);
        };
        const Task<> dropped = f();
    }
    QCOMPARE(frames, 2);
    runToEnd();
    QCOMPARE(logged(), u"later"_s);
}

void tst_Task::anExceptionInADroppedTaskReachesTheUncaughtHandler()
{
    int errors = 0;
    loop().setUncaughtHandler([&](std::exception_ptr) { ++errors; });
    failing(false).detach();
    QCOMPARE(errors, 0); // when ticks and microtasks are empty
    runToEnd();
    QCOMPARE(errors, 1);
    failing(true).detach();
    runToEnd();
    QCOMPARE(errors, 2);
    {
        Task<> kept = failing(true); // dropped after it has ended
        runToEnd();
        QCOMPARE(errors, 2);
    }
    runToEnd();
    QCOMPARE(errors, 3);
}

void tst_Task::contextIsRestored()
{
    QList<quint64> requests;
    const auto f = [](QList<quint64> &seen) -> Task<> {
        seen << EventLoop::current()->context().request;
        co_await loop::sleep(3ms);
        seen << EventLoop::current()->context().request;
        co_await runOnPool("job", [] {});
        seen << EventLoop::current()->context().request;
        co_await immediately(1);
        seen << EventLoop::current()->context().request;
        co_await nextTurn();
        seen << EventLoop::current()->context().request;
    };
    loop().setTimeout(
        [&] {
            loop().setContext({5, 2});
            f(requests).detach();
        },
        1ms);
    const TimerId other = loop().setInterval([] { loop().setContext({99, 9}); }, 1ms); // runs in between
    while (requests.size() < 5)
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    QVERIFY(loop().clearTimer(other));
    QCOMPARE(requests, (QList<quint64>{5, 5, 5, 5, 5}));
}

void tst_Task::thePoolGivesValuesAndExceptions()
{
    const auto f = []() -> Task<bool> {
        const QThread *here = QThread::currentThread();
        const int value = co_await runOnPool("value", [] { return 42; });
        const QThread *there = co_await runOnPool("thread", [] { return QThread::currentThread(); });
        bool thrown = false;
        try {
            co_await runOnPool("throws", [] { throw std::runtime_error("x"); });
        } catch (const std::runtime_error &) {
            thrown = true;
        }
        co_return value == 42 && there != here && QThread::currentThread() == here && thrown;
    };
    Task<bool> task = f();
    runToEnd();
    QVERIFY(task.takeResult());
}

void tst_Task::moveOnlyValuesPass()
{
    const auto f = []() -> Task<std::unique_ptr<int>> {
        auto made = co_await runOnPool("make", [] { return std::make_unique<int>(3); });
        co_return made;
    };
    const auto g = [](auto make) -> Task<int> { co_return *co_await make(); };
    Task<int> task = g(f);
    runToEnd();
    QCOMPARE(task.takeResult(), 3);
}

void tst_Task::manyTasksInARow()
{
    const auto f = []() -> Task<int> {
        int total = 0;
        for (int i = 0; i < 20'000; ++i) // no stack grows
            total += co_await sum(1);
        co_return total;
    };
    Task<int> task = f();
    runToEnd();
    QCOMPARE(task.takeResult(), 20'000);
}

void tst_Task::aDeferredIsSettledOnce()
{
    Deferred<int> answer;
    const auto f = [](Deferred<int> &from) -> Task<int> { co_return co_await from; };
    Task<int> task = f(answer);
    const auto resolver = answer.resolver();
    resolver.resolve(1);
    resolver.resolve(2);
    answer.reject(std::make_exception_ptr(1));
    QVERIFY(answer.isSettled());
    QVERIFY(!task.isEnded()); // a microtask away
    runToEnd();
    QCOMPARE(task.takeResult(), 1);

    Deferred<> nothing;
    nothing.reject(std::make_exception_ptr(std::runtime_error("no")));
    const auto g = [](Deferred<> &from) -> Task<> { co_await from; };
    Task<> failed = g(nothing);
    runToEnd();
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, failed.takeResult());
}

void tst_Task::aCoroutineThatNobodyCanResumeIsDestroyed()
{
    std::optional<Deferred<>::Resolver> resolver;
    const auto inner = [](std::optional<Deferred<>::Resolver> &out) -> Task<> {
        const Frame frame;
        Deferred<> deferred;
        out = deferred.resolver();
        co_await deferred;
    };
    const auto outer = [inner](std::optional<Deferred<>::Resolver> &out) -> Task<> {
        const Frame frame;
        co_await inner(out);
    };
    outer(resolver).detach();
    QCOMPARE(frames, 2);
    resolver.reset();
    QCOMPARE(frames, 0);

    Task<> held = outer(resolver); // the Task object holds the frames
    resolver.reset();
    QCOMPARE(frames, 2);
    held = Task<>();
    QCOMPARE(frames, 0);

    { // a Deferred that is nobody's local
        Deferred<> member;
        const auto f = [](Deferred<> &from) -> Task<> {
            const Frame frame;
            co_await from;
        };
        f(member).detach();
        QCOMPARE(frames, 1);
    }
    QCOMPARE(frames, 0);
}

void tst_Task::framesThatWaitOnALoopEndWithIt()
{
    std::unique_ptr<QThread> thread(QThread::create([] {
        const auto wait = [](int on) -> Task<> {
            const Frame frame;
            if (on == 0)
                co_await loop::sleep(1h);
            else if (on == 1)
                co_await nextTurn();
            else if (on == 2)
                co_await runOnPool("job", [] {});
            else
                co_await immediately(1);
        };
        const auto outer = [wait](int on) -> Task<> {
            const Frame frame;
            co_await wait(on);
        };
        for (int on = 0; on < 4; ++on)
            outer(on).detach();
    }));
    thread->setEventDispatcher(new UvEventDispatcher);
    thread->start();
    QVERIFY(thread->wait());
    QCOMPARE(frames, 0);
}

void tst_Task::resumptionsAreTracedWithTheirSite()
{
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) {});
    int line = 0;
    const auto f = [](int &at) -> Task<> {
        at = __LINE__ + 1;
        co_await immediately(1);
    };
    f(line).detach();
    runToEnd();
    int slices = 0;
    test::theTrace().drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
        if (record.kind == trace::Kind::Callback && record.phase == trace::Phase::Microtask) {
            QCOMPARE(record.name, "await");
            QCOMPARE(record.file, "tests/loop/tst_task.cpp");
            QCOMPARE(int(record.line), line);
            ++slices;
        }
    });
    QCOMPARE(slices, 1);
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_Task)
#include "tst_task.moc"
