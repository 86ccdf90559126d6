// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/experiment.h"

namespace loopscope::practice {

using namespace Qt::StringLiterals;
using Kind = Experiment::Kind;

// What blocks is bounded so that it blocks for a few seconds at most.

static ExperimentVariant blocking(const QString &description)
{
    return {"blocking", description, false};
}

static ExperimentVariant onPool(const QString &description)
{
    return {"pool", description, true};
}

static QList<ExperimentVariant> predictions(const QByteArray &right, const QString &rule)
{
    return {{"as-written", u"Predicts that things run in the order in which the program names them."_s, false},
            {right, rule, true}};
}

// --- the loop ---

static Experiment order()
{
    return {.name = "order",
            .title = u"Order of execution is not order of appearance"_s,
            .description = u"One program: log, timer, immediate, nextTick, microtask, file read, log. It runs in the callback "
                           "of some I/O, as every handler does; the answer compares its order with a prediction."_s,
            .concepts = {"A2"},
            .kind = Kind::Order,
            .parameters = {},
            .variants = predictions("by-rule",
                                    u"Predicts: first the program to its end; then ticks, microtasks, the check phase, and in "
                                    "the next turn timers and poll."_s)};
}

static Experiment phases()
{
    return {.name = "phases",
            .title = u"The phases of the loop"_s,
            .description = u"A timeout of 0 ms, an immediate, a microtask and a tick from a main program that works for longer "
                           "than a millisecond. (If it is quicker, Node does not say which of timeout and immediate is first.)"_s,
            .concepts = {"A4"},
            .kind = Kind::Order,
            .parameters = {},
            .variants = predictions("by-phase", u"Predicts: ticks, microtasks, then the timers phase before the check phase."_s)};
}

static Experiment phasesIo()
{
    return {.name = "phases-io",
            .title = u"The phases, from inside an I/O callback"_s,
            .description = u"The same from a callback of the poll phase: the check phase comes next, so the immediate runs "
                           "before the timeout, even if that has been due for a while."_s,
            .concepts = {"A4"},
            .kind = Kind::Order,
            .parameters = {},
            .variants = predictions("by-phase", u"Predicts: ticks, microtasks, the immediate, and in the next turn the timeout."_s)};
}

static Experiment starvation()
{
    return {.name = "starvation",
            .title = u"A chain of ticks starves the loop"_s,
            .description = u"Work in steps of 200 µs, each of which asks for the next. The nextTick queue is emptied before the "
                           "loop goes on, so a chain of ticks keeps timers and sockets waiting as a blocking call does; "
                           "immediates let a turn pass between two steps. The answer says when a timer of 1 ms ran."_s,
            .concepts = {"A4", "A3"},
            .kind = Kind::Latency,
            .parameters = {{"ms", u"How long the chain goes on"_s, 1, 2'000, 300, "ms"}},
            .variants = {{"nextTick", u"Each step asks for the next by nextTick()."_s, false},
                         {"setImmediate", u"Each step asks for the next by setImmediate()."_s, true}}};
}

static Experiment refs()
{
    return {.name = "refs",
            .title = u"What keeps a program alive"_s,
            .description = u"A program on a thread and a loop of its own, with a timer, a heartbeat and an immediate. A program "
                           "ends when nothing referenced is left. The answer counts the references after each step, and says "
                           "whether it ended by itself or was terminated after the time."_s,
            .concepts = {"A5", "F7"},
            .kind = Kind::Report,
            .parameters = {{"ms", u"After this time the program is terminated"_s, 50, 2'000, 300, "ms"}},
            .variants = {{"forgotten", u"Nobody takes the heartbeat back: the program never ends."_s, false},
                         {"unref", u"The heartbeat is unref'd: it runs as long as something else does."_s, true}}};
}

static Experiment orders()
{
    return {.name = "orders",
            .title = u"An order service, told by an EventEmitter"_s,
            .description = u"Listeners run at once, inside emit(), in the order in which they were added; prependListener() goes "
                           "first, once() runs once. Then the stock is empty and 'error' is emitted: without a listener that is "
                           "thrown, and what nobody catches ends the program, here a thread of its own."_s,
            .concepts = {"A7"},
            .kind = Kind::Order,
            .parameters = {},
            .variants = {{"unheard", u"Nobody listens for 'error': the program ends there, with exit code 1."_s, false},
                         {"heard", u"A listener takes the error, and the next order comes through."_s, true}}};
}

// --- files ---

static Experiment write()
{
    return {.name = "write",
            .title = u"writeFileSync stops everyone, writeFile does not"_s,
            .description = u"Writes one file, and waits until it is on the disk. Meanwhile ask for GET /healthz, a hundred times "
                           "a second: a blocking write delays every answer until it is done, one on the pool none."_s,
            .concepts = {"B1"},
            .kind = Kind::Latency,
            .parameters = {{"mib", u"Size of the file"_s, 1, 256, 64, "MiB"},
                           {"flush", u"1: until it is on the disk (flush: true); 0: until the system has taken it"_s, 0, 1, 1, {}}},
            .variants = {blocking(u"fs::writeFileSync() on the loop."_s), onPool(u"co_await fs::writeFile(), a job of the pool."_s)}};
}

static Experiment callback()
{
    return {.name = "callback",
            .title = u"The error comes first"_s,
            .description = u"Writes into a folder that is not there. The callback's first argument says so; who does not look "
                           "tells the client that all went well."_s,
            .concepts = {"B2"},
            .kind = Kind::Report,
            .parameters = {},
            .variants = {{"ignored", u"The callback does not look at its error."_s, false},
                         {"checked", u"The callback looks at its error first, and returns."_s, true}}};
}

static Experiment read()
{
    return {.name = "read",
            .title = u"Files one after another, or all at once"_s,
            .description = u"Reads files, each of which lets one wait a little before its bytes come, as a slow disk or a network "
                           "share does. One after another the pool has one job at a time; all at once it has as many as it has "
                           "threads. The blocking way is no slower than one after another, but everybody waits. (With a delay of "
                           "0 the files come from memory: then nothing is gained.)"_s,
            .concepts = {"B4", "A6"},
            .kind = Kind::Duration,
            .parameters = {{"files", u"How many"_s, 1, 50, 20, {}}, {"kib", u"Size of each"_s, 1, 4'096, 64, "KiB"},
                           {"delay", u"How long each lets one wait"_s, 0, 50, 5, "ms"}},
            .variants = {blocking(u"fs::readFileSync() of each, on the loop."_s),
                         {"sequential", u"co_await fs::readFile() of each, then the next."_s, true},
                         {"parallel", u"fs::readFile() of all, then co_await each."_s, true}}};
}

// --- the processor ---

static Experiment fibonacci()
{
    return {.name = "fibonacci",
            .title = u"A number that takes long"_s,
            .description = u"The n-th Fibonacci number by the naive recursion: nothing but work for the processor, which blocks "
                           "the loop as a file does."_s,
            .concepts = {"B3"},
            .kind = Kind::Latency,
            .parameters = {{"n", u"Which one; each takes 1.6 times as long as the one before"_s, 1, 42, 38, {}}},
            .variants = {blocking(u"Recursion on the loop."_s), onPool(u"The same as a job of the pool."_s)}};
}

static Experiment pbkdf2()
{
    return {.name = "pbkdf2",
            .title = u"A password, hashed slowly on purpose"_s,
            .description = u"PBKDF2 with HMAC-SHA-512, 64 bytes. Node's crypto.pbkdf2() goes to the pool for this reason."_s,
            .concepts = {"B3"},
            .kind = Kind::Latency,
            .parameters = {{"iterations", u"How often"_s, 1, 2'000'000, 200'000, {}}},
            .variants = {blocking(u"pbkdf2Sync() on the loop."_s), onPool(u"co_await pbkdf2(), a job of the pool."_s)}};
}

static Experiment image()
{
    return {.name = "image",
            .title = u"An image, made small and grey"_s,
            .description = u"Halves an image and takes its colours away, pixel by pixel."_s,
            .concepts = {"B3", "F7"},
            .kind = Kind::Latency,
            .parameters = {{"width", u"Of the image"_s, 64, 4'096, 3'000, "pixels"},
                           {"height", u"Of the image"_s, 64, 4'096, 2'000, "pixels"}},
            .variants = {blocking(u"Both steps on the loop."_s), onPool(u"Two jobs of the pool, one after the other."_s)}};
}

static Experiment sort()
{
    return {.name = "sort",
            .title = u"Many numbers, sorted"_s,
            .description = u"Makes random numbers and sorts them: innocent, until there are a million of them."_s,
            .concepts = {"B3"},
            .kind = Kind::Latency,
            .parameters = {{"count", u"How many numbers"_s, 1, 5'000'000, 1'000'000, {}}},
            .variants = {blocking(u"On the loop."_s), onPool(u"As a job of the pool."_s)}};
}

static Experiment hash()
{
    return {.name = "hash",
            .title = u"SHA-256 of many bytes"_s,
            .description = u"Hashes random bytes, MiB by MiB. The job tells its progress; who blocks the loop can tell nobody."_s,
            .concepts = {"B3"},
            .kind = Kind::Latency,
            .parameters = {{"mib", u"How much"_s, 1, 256, 32, "MiB"}},
            .variants = {blocking(u"On the loop."_s), onPool(u"As a job of the pool."_s)}};
}

const QList<Experiment> &experiments()
{
    static const QList<Experiment> all{order(),     phases(), phasesIo(), starvation(), refs(), orders(), write(), callback(),
                                       fibonacci(), pbkdf2(), image(),    sort(),       hash(),  read()};
    return all;
}

} // namespace loopscope::practice
