// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/handlereference.h"
#include "server/loop/looprunner.h"
#include "server/loop/uveventdispatcher.h"
#include "server/loop/workerpool.h"
#include "server/trace/trace.h"
#include "tests/support/testcase.h"

#include <QtCore/QThread>

#include <memory>

using namespace loopscope;
using namespace loopscope::loop;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

// What is not in the order programs of tests/order: what a loop is after its program, and what the trace says of one.
class tst_LoopRunner : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void nothingRunsAfterTheEnd();
    void referencesAreCountedByKind();
    void aHandleReferenceMayOutliveItsLoop();
    void theProgramIsTraced();
    void aProgramDoesNotWaitForWhatIsNotReferenced();

private:
    // On a thread with a loop of its own.
    static void onLoop(std::function<void(EventLoop &)> function, trace::Trace *trace = nullptr)
    {
        const std::unique_ptr<QThread> thread(QThread::create([function] { function(*EventLoop::current()); }));
        thread->setEventDispatcher(new UvEventDispatcher(trace));
        thread->start();
        QVERIFY(thread->wait());
    }
};

void tst_LoopRunner::nothingRunsAfterTheEnd()
{
    int runs = 0;
    int code = -1;
    onLoop([&](EventLoop &loop) {
        LoopRunner runner(loop);
        code = runner.run([&] {
            ++runs;
            loop.setTimeout([&] { runner.exit(9); }, 1ms);
            loop.setInterval([&] { runs = 100; }, 1h);
        });
        if (loop.setTimeout([&] { ++runs; }, 1ms) != TimerId::None)
            ++runs;
        if (loop.setImmediate([&] { ++runs; }) != ImmediateId::None)
            ++runs;
        loop.nextTick([&] { ++runs; });
        QAbstractEventDispatcher::instance()->processEvents(QEventLoop::AllEvents);
    });
    QCOMPARE(runs, 1);
    QCOMPARE(code, 9);
}

void tst_LoopRunner::referencesAreCountedByKind()
{
    References during;
    References after;
    onLoop([&](EventLoop &loop) {
        LoopRunner runner(loop);
        runner.run([&] {
            const auto handle = std::make_shared<HandleReference>(loop);
            handle->ref();
            loop.setTimeout([handle] {}, 1ms);
            loop.setReferenced(loop.setTimeout([] {}, 1h), false);
            loop.setImmediate([] {});
            loop.setImmediate([] {});
            loop.pool().submit("job", [] {}, [](std::exception_ptr) {});
            loop.onClose([] {});
            during = loop.referencesByKind();
        });
        after = loop.referencesByKind();
    });
    QCOMPARE(during, (References{.timers = 1, .immediates = 2, .jobs = 1, .closing = 1, .handles = 1}));
    QCOMPARE(during.total(), 6);
    QCOMPARE(after, References());
}

void tst_LoopRunner::aHandleReferenceMayOutliveItsLoop()
{
    std::unique_ptr<HandleReference> handle;
    onLoop([&](EventLoop &loop) {
        handle = std::make_unique<HandleReference>(loop);
        QCOMPARE(loop.references(), 1);
        handle->unref();
        handle->unref();
        QCOMPARE(loop.references(), 0);
        handle->ref();
    });
    QVERIFY(handle->hasRef());
    handle.reset();
}

void tst_LoopRunner::theProgramIsTraced()
{
    trace::Trace trace;
    int line = 0;
    onLoop(
        [&](EventLoop &loop) {
            LoopRunner runner(loop);
            runner.on(LoopRunner::exitEvent, [] {});
            line = __LINE__ + 1;
            runner.run([&loop] { loop.setImmediate([] {}); });
        },
        &trace);
    QByteArrayList slices;
    trace.drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
        if (record.kind == trace::Kind::Callback || record.kind == trace::Kind::Span)
            slices << record.name;
        if (record.kind == trace::Kind::Callback && qstrcmp(record.name, "main") == 0)
            QCOMPARE(int(record.line), line);
    });
    slices.removeAll("posted events");
    slices.removeAll("deferred deletes");
    QCOMPARE(slices, (QByteArrayList{"main", "setImmediate", "beforeExit", "exit", "exit"})); // the listener's span, too
}

void tst_LoopRunner::aProgramDoesNotWaitForWhatIsNotReferenced()
{
    const auto start = std::chrono::steady_clock::now();
    onLoop([](EventLoop &loop) {
        LoopRunner runner(loop);
        runner.run([&] {
            loop.setReferenced(loop.setTimeout([] {}, 1h), false);
            const TimerId other = loop.setTimeout([] {}, 1h);
            loop.setTimeout([&loop, other] { loop.clearTimer(other); }, 1ms);
        });
    });
    QVERIFY(std::chrono::steady_clock::now() - start < 30min);
}

QTEST_GUILESS_MAIN(tst_LoopRunner)
#include "tst_looprunner.moc"
