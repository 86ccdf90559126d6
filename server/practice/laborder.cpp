// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/laborder.h"

#include "server/loop/fs.h"

#include <QtCore/QJsonArray>
#include <QtCore/QStringList>

#include <chrono>

namespace loopscope::practice::laborder {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using loop::Deferred;
using loop::EventLoop;
using loop::Task;
namespace fs = loop::fs;

namespace {

// What a program writes, in the order of writing. Its callbacks share it; the last one's line settles it.
class Lines {
public:
    Lines(qsizetype expected, Deferred<QStringList> &all)
        : m_expected(expected)
        , m_all(all.resolver())
    {
    }
    void write(const QString &line)
    {
        m_lines.append(line);
        if (m_lines.size() == m_expected)
            m_all.resolve(m_lines);
    }

private:
    const qsizetype m_expected;
    QStringList m_lines;
    const Deferred<QStringList>::Resolver m_all;
};
using Log = std::shared_ptr<Lines>;

// Busy, as a program is that works; it sleeps for nobody.
void spin(std::chrono::microseconds time)
{
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) { }
}

// A timer of 0 ms is one of 1 ms: after so long it is due, and no accident decides which phase finds it so.
constexpr auto longEnough = 2ms;

QJsonObject compared(const QStringList &lines, const QStringList &predicted, const LabClock &clock)
{
    return {{u"milliseconds"_s, clock.milliseconds()},
            {u"order"_s, QJsonArray::fromStringList(lines)},
            {u"predicted"_s, QJsonArray::fromStringList(predicted)},
            {u"agrees"_s, lines == predicted}};
}

} // namespace

// --- order ---

static void orderProgram(EventLoop &loop, const QString &path, const Log &log)
{
    log->write(u"begin"_s);
    loop.setTimeout([log] { log->write(u"timer"_s); }, 0ms);
    loop.setImmediate([log] { log->write(u"immediate"_s); });
    loop.nextTick([log] { log->write(u"nextTick"_s); });
    loop.queueMicrotask([log] { log->write(u"microtask"_s); });
    fs::readFile(path, [log](const std::optional<fs::FsError> &, const QByteArray &) { log->write(u"file read"_s); });
    spin(longEnough);
    log->write(u"end"_s);
}

Task<QJsonObject> order(LabRun run, QString folder)
{
    LabFile file = co_await labfiles::newFile(folder, u"order"_s);
    co_await fs::writeFile(file.path(), "text");
    const LabClock clock;
    Deferred<QStringList> all;
    EventLoop &loop = *EventLoop::current();
    // begun in the callback of some I/O, as every handler of a request is
    fs::stat(file.path(), [&loop, log = std::make_shared<Lines>(7, all), path = file.path()](const std::optional<fs::FsError> &, const fs::Stats &) {
        orderProgram(loop, path, log);
    });
    const QStringList lines = co_await all;
    const QStringList asWritten{u"begin"_s,    u"timer"_s,     u"immediate"_s, u"nextTick"_s,
                                u"microtask"_s, u"file read"_s, u"end"_s};
    const QStringList byRule{u"begin"_s,     u"end"_s,   u"nextTick"_s, u"microtask"_s,
                             u"immediate"_s, u"timer"_s, u"file read"_s};
    const QJsonObject result = compared(lines, run.is("as-written") ? asWritten : byRule, clock);
    co_await file.remove();
    co_return result;
}

// --- phases ---

static void mainProgram(EventLoop &loop, const Log &log)
{
    log->write(u"main begins"_s);
    loop.setImmediate([log] { log->write(u"setImmediate"_s); });
    loop.setTimeout([log] { log->write(u"setTimeout 0"_s); }, 0ms);
    loop.queueMicrotask([log] { log->write(u"microtask"_s); });
    loop.nextTick([log] { log->write(u"nextTick"_s); });
    spin(longEnough); // else Node does not say which of timeout and immediate comes first
    log->write(u"main ends"_s);
}

Task<QJsonObject> phases(LabRun run)
{
    const LabClock clock;
    Deferred<QStringList> all;
    EventLoop &loop = *EventLoop::current();
    // after a check phase a turn begins, and so it stands where a main program does
    loop.setImmediate([&loop, log = std::make_shared<Lines>(6, all)] { mainProgram(loop, log); });
    const QStringList lines = co_await all;
    const QStringList asWritten{u"main begins"_s, u"setImmediate"_s, u"setTimeout 0"_s,
                                u"microtask"_s,   u"nextTick"_s,     u"main ends"_s};
    const QStringList byPhase{u"main begins"_s, u"main ends"_s,    u"nextTick"_s,
                              u"microtask"_s,   u"setTimeout 0"_s, u"setImmediate"_s};
    co_return compared(lines, run.is("as-written") ? asWritten : byPhase, clock);
}

Task<QJsonObject> phasesIo(LabRun run, QString folder)
{
    const LabClock clock;
    Deferred<QStringList> all;
    EventLoop &loop = *EventLoop::current();
    // whether the folder is there or not: it is an answer of the disk
    fs::stat(folder, [&loop, log = std::make_shared<Lines>(5, all)](const std::optional<fs::FsError> &, const fs::Stats &) {
        log->write(u"I/O callback"_s);
        loop.setTimeout([log] { log->write(u"setTimeout 0"_s); }, 0ms);
        loop.setImmediate([log] { log->write(u"setImmediate"_s); });
        loop.queueMicrotask([log] { log->write(u"microtask"_s); });
        loop.nextTick([log] { log->write(u"nextTick"_s); });
        spin(longEnough); // the timer is due already, and still the check phase comes first
    });
    const QStringList lines = co_await all;
    const QStringList asWritten{u"I/O callback"_s, u"setTimeout 0"_s, u"setImmediate"_s, u"microtask"_s, u"nextTick"_s};
    const QStringList byPhase{u"I/O callback"_s, u"nextTick"_s, u"microtask"_s, u"setImmediate"_s, u"setTimeout 0"_s};
    co_return compared(lines, run.is("as-written") ? asWritten : byPhase, clock);
}

// --- starvation ---

namespace {

// Work that goes on for a while in small steps, each of which asks for the next.
struct Chain {
    EventLoop &loop;
    const bool byTicks;
    const std::chrono::steady_clock::time_point end;
    Deferred<qint64>::Resolver ended; // with the number of steps
    qint64 steps = 0;
};

void step(const std::shared_ptr<Chain> &chain)
{
    spin(200us);
    ++chain->steps;
    if (std::chrono::steady_clock::now() >= chain->end)
        chain->ended.resolve(chain->steps);
    else if (chain->byTicks)
        chain->loop.nextTick([chain] { step(chain); }); // before the loop goes on, and so it never does
    else
        chain->loop.setImmediate([chain] { step(chain); }); // in the next turn: timers and sockets come in between
}

} // namespace

Task<QJsonObject> starvation(LabRun run)
{
    const LabClock clock;
    EventLoop &loop = *EventLoop::current();
    Deferred<double> timerRan;
    loop.setTimeout([resolver = timerRan.resolver(), clock] { resolver.resolve(clock.milliseconds()); }, 1ms);
    Deferred<qint64> ended;
    step(std::make_shared<Chain>(
        Chain{loop, run.is("nextTick"), std::chrono::steady_clock::now() + std::chrono::milliseconds(run.number("ms")),
              ended.resolver()}));
    const qint64 steps = co_await ended;
    const double milliseconds = clock.milliseconds();
    const double timerAfter = co_await timerRan;
    co_return QJsonObject{{u"milliseconds"_s, milliseconds},
                          {u"steps"_s, steps},
                          {u"timerDueAfterMs"_s, 1},
                          {u"timerRanAfterMs"_s, timerAfter}};
}

} // namespace loopscope::practice::laborder
