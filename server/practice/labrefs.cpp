// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/labrefs.h"

#include "server/work/workerthread.h"

#include <QtCore/QJsonArray>

namespace loopscope::practice::labrefs {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using loop::Deferred;
using loop::EventLoop;
using loop::Task;
using loop::TimerId;
using work::WorkerScope;
using work::WorkerThread;

static void tell(WorkerScope &program, const QString &step)
{
    const loop::References refs = program.eventLoop().referencesByKind();
    program.postMessage(QJsonObject{{u"step"_s, step},
                                    {u"references"_s, program.eventLoop().references()},
                                    {u"timers"_s, refs.timers},
                                    {u"immediates"_s, refs.immediates}});
}

// What became of the program, in words.
static QString summaryOf(const QJsonArray &steps, bool terminated, double milliseconds)
{
    if (!terminated)
        return u"it ended by itself after %1 ms, when its last reference was gone"_s.arg(qRound(milliseconds));
    return u"it did not end by itself, for references were left: %1; after %2 ms it was terminated"_s
        .arg(steps.last()["references"_L1].toInt())
        .arg(qRound(milliseconds));
}

static void runProgram(WorkerScope &program, bool forgets)
{
    EventLoop &loop = program.eventLoop();
    tell(program, u"the program begins"_s);
    loop.setTimeout([&program] { tell(program, u"the timer has run"_s); }, 30ms);
    tell(program, u"setTimeout(30)"_s);
    const TimerId heartbeat = loop.setInterval([] {}, 5ms);
    tell(program, u"setInterval(5), a heartbeat"_s);
    if (!forgets) {
        loop.setReferenced(heartbeat, false);
        tell(program, u"heartbeat.unref()"_s);
    }
    loop.setImmediate([&program] { tell(program, u"the immediate has run"_s); });
    tell(program, u"setImmediate()"_s);
}

Task<QJsonObject> refs(LabRun run)
{
    const LabClock clock;
    QJsonArray steps;
    bool terminated = false;
    EventLoop &loop = *EventLoop::current();
    Deferred<int> exited;
    WorkerThread thread([forgets = run.is("forgotten")](WorkerScope &program) { runProgram(program, forgets); },
                        {.name = "refs"});
    thread.onMessage([&steps](const QVariant &step) { steps.append(step.toJsonObject()); });
    thread.onExit([resolver = exited.resolver()](int code) { resolver.resolve(code); });
    const TimerId deadline = loop.setTimeout(
        [&] {
            terminated = true;
            thread.terminate().detach();
        },
        std::chrono::milliseconds(run.number("ms")));
    const int code = co_await exited;
    loop.clearTimer(deadline);
    const double milliseconds = clock.milliseconds();
    co_return QJsonObject{{u"milliseconds"_s, milliseconds},
                          {u"summary"_s, summaryOf(steps, terminated, milliseconds)},
                          {u"endedByItself"_s, !terminated},
                          {u"exitCode"_s, code},
                          {u"steps"_s, steps}};
}

} // namespace loopscope::practice::labrefs
