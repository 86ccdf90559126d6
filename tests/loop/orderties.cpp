// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/orderprogram.h"

#include <memory>

// Timers whose lists expire in the same millisecond.
namespace loopscope::test {

namespace {

// The loop's clock as timers read it, ms.
qint64 clockMs()
{
    clearTimeout(setTimeout([] {}, 1'000'000));
    return theLoop().now().count();
}

// A try to start timers at milliseconds of the loop's clock, so that some of them expire in the same one. `exact`: the
// machine has not come in between. Callbacks hold it.
class Attempt : public std::enable_shared_from_this<Attempt> {
public:
    // Milliseconds count from here.
    void fromNow() { m_zeroMs = clockMs(); }
    // … or from when the loop has read its clock last.
    void fromThisTurn() { m_zeroMs = theLoop().now().count(); }
    TimerId start(int at, int ms, Callback callback)
    {
        if (!comes(at))
            return TimerId::None;
        m_timers << setTimeout(std::move(callback), ms);
        check(theLoop().now().count() == m_zeroMs + at);
        return m_timers.last();
    }
    void refresh(int at, TimerId timer)
    {
        if (!comes(at))
            return;
        theLoop().refresh(timer);
        check(theLoop().now().count() == m_zeroMs + at);
    }
    // For a callback that has to run earlier.
    void before(int at) { check(clockMs() < m_zeroMs + at); }
    [[nodiscard]] auto say(const QByteArray &line)
    {
        return [tie = shared_from_this(), line] { tie->m_lines << line; };
    }
    [[nodiscard]] bool isExact() const { return m_exact; }
    [[nodiscard]] const QByteArrayList &lines() const { return m_lines; }
    void takeBack()
    {
        m_exact = false;
        for (const TimerId timer : std::as_const(m_timers))
            clearTimeout(timer);
    }

private:
    // Waits for that millisecond.
    bool comes(int at)
    {
        while (m_exact && clockMs() < m_zeroMs + at) { }
        return m_exact;
    }
    void check(bool isExact) { m_exact = m_exact && isExact; }

    bool m_exact = true;
    qint64 m_zeroMs = 0;
    QList<TimerId> m_timers;
    QByteArrayList m_lines;
};

using Tie = std::shared_ptr<Attempt>;

// Runs the program until an attempt was exact and has said so many lines, and logs those.
void attempt(qsizetype lines, void (*program)(const Tie &))
{
    const auto tie = std::make_shared<Attempt>();
    tie->fromNow();
    program(tie);
    setTimeout(
        [tie, lines, program] {
            if (tie->isExact() && tie->lines().size() == lines) {
                for (const QByteArray &line : tie->lines())
                    log(line);
                return;
            }
            tie->takeBack();
            attempt(lines, program);
        },
        tie->isExact() ? 100 : 1);
}

} // namespace

static void ofSix()
{
    attempt(5, [](const Tie &tie) {
        tie->start(0, 30, tie->say("30"));
        const TimerId second = tie->start(1, 29, tie->say("never"));
        tie->start(2, 28, tie->say("28"));
        tie->start(3, 27, tie->say("27"));
        clearTimeout(second);
        tie->start(4, 26, tie->say("26"));
        tie->start(5, 25, tie->say("25"));
    });
}

static void ownList()
{
    attempt(4, [](const Tie &tie) {
        tie->start(0, 6, [tie] {
            tie->say("callback")();
            tie->fromNow();
            tie->start(0, 6, tie->say("6"));
            tie->start(1, 5, tie->say("5"));
            tie->start(2, 4, tie->say("4"));
        });
    });
}

static void clearsWhatItHasAdded(const Tie &tie)
{
    tie->say("clears what it has added")();
    tie->fromNow();
    clearTimeout(tie->start(0, 6, tie->say("never")));
    tie->start(0, 6, tie->say("6, of the second"));
    tie->start(1, 5, tie->say("5, of the second"));
}

static void ownListCleared()
{
    attempt(6, [](const Tie &tie) {
        const auto own = std::make_shared<TimerId>();
        *own = tie->start(0, 6, [tie, own] {
            tie->say("clears itself")();
            clearTimeout(*own);
            tie->fromNow();
            tie->start(0, 6, [tie] { clearsWhatItHasAdded(tie); });
            tie->start(1, 5, tie->say("5"));
            tie->start(2, 4, tie->say("4"));
        });
    });
}

static void refreshed()
{
    attempt(5, [](const Tie &tie) {
        const TimerId again = tie->start(0, 22, tie->say("22, refreshed"));
        tie->start(1, 21, [tie] {
            tie->before(26);
            tie->say("21")();
        });
        tie->refresh(4, again);
        tie->start(4, 22, tie->say("22, too"));
        tie->start(5, 21, tie->say("21, too"));
        tie->start(6, 20, tie->say("20"));
    });
}

static void unrefCleared()
{
    attempt(5, [](const Tie &tie) {
        const TimerId loose = tie->start(0, 22, tie->say("never"));
        theLoop().setReferenced(loose, false);
        clearTimeout(loose);
        clearTimeout(tie->start(0, 21, tie->say("never")));
        tie->start(1, 21, [tie] {
            tie->before(25);
            tie->say("21")();
        });
        tie->start(3, 22, tie->say("22"));
        tie->start(4, 21, tie->say("21, too"));
        tie->start(5, 20, tie->say("20"));
        tie->start(6, 19, tie->say("19"));
    });
}

static void beforeTheTicks(const Tie &tie)
{
    tie->say("6")();
    tie->fromNow();
    tie->start(0, 6, tie->say("6, added"));
    nextTick([tie] { tie->start(1, 5, tie->say("5, of a tick")); });
}

static void tieTicks()
{
    attempt(7, [](const Tie &tie) {
        tie->start(0, 6, [tie] {
            tie->say("callback")();
            nextTick([tie] {
                tie->say("tick")();
                tie->fromNow();
                tie->start(0, 6, [tie] { beforeTheTicks(tie); });
                tie->start(1, 5, tie->say("5"));
                tie->start(2, 4, tie->say("4"));
            });
        });
    });
}

static void tieInterval()
{
    attempt(5, [](const Tie &tie) {
        const auto interval = std::make_shared<TimerId>();
        *interval = setInterval(
            [tie, interval, runs = 0]() mutable {
                tie->fromThisTurn(); // as the interval, which has just read it
                tie->say(numbered("interval ", ++runs))();
                if (runs > 1) {
                    clearTimeout(*interval);
                    return;
                }
                tie->start(1, 7, tie->say("7"));
                nextTick([tie] {
                    tie->start(2, 6, tie->say("6, of a tick"));
                    tie->start(3, 5, tie->say("5, of a tick"));
                });
            },
            8);
    });
}

OrderPrograms tiePrograms()
{
    return {{"timers-tie-of-six", &ofSix},
            {"timers-tie-own-list", &ownList},
            {"timers-tie-own-list-cleared", &ownListCleared},
            {"timers-tie-refreshed", &refreshed},
            {"timers-tie-unref", &unrefCleared},
            {"timers-tie-ticks", &tieTicks},
            {"timers-tie-interval", &tieInterval}};
}

} // namespace loopscope::test
