// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/looprunner.h"

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayList>

#include <chrono>
#include <exception>
#include <utility>
#include <vector>

// What the C++ twins of the programs in tests/order have in place of Node's globals. One program runs at a time, on a
// thread of its own with a loop of its own.
namespace loopscope::test {

using loop::Callback;
using loop::EventEmitter;
using loop::ImmediateId;
using loop::LoopRunner;
using loop::Task;
using loop::TimerId;

// The file's name without its suffix, and its twin: the script, which returns before the loop turns.
struct OrderProgram {
    const char *name;
    void (*script)();
};
using OrderPrograms = std::vector<OrderProgram>;

[[nodiscard]] OrderPrograms timerPrograms();
[[nodiscard]] OrderPrograms referencePrograms();
[[nodiscard]] OrderPrograms tickPrograms();
[[nodiscard]] OrderPrograms ioPrograms();
[[nodiscard]] OrderPrograms awaitPrograms();
[[nodiscard]] OrderPrograms exitPrograms();
[[nodiscard]] OrderPrograms errorPrograms();
[[nodiscard]] OrderPrograms emitterPrograms();
[[nodiscard]] OrderPrograms clearingPrograms();
[[nodiscard]] OrderPrograms listenerPrograms();
[[nodiscard]] OrderPrograms fsPrograms();
[[nodiscard]] OrderPrograms failingPrograms();
[[nodiscard]] OrderPrograms workerPrograms();
[[nodiscard]] OrderPrograms tiePrograms();

// What it logs; and its status, if that is not 0, as tests/order/record writes it.
[[nodiscard]] QByteArrayList linesOf(void (*script)());

// --- for the programs ---

[[nodiscard]] LoopRunner &process();
[[nodiscard]] loop::EventLoop &theLoop();
void log(const QByteArray &line);
TimerId setTimeout(Callback callback, int ms);
TimerId setInterval(Callback callback, int ms);
void clearTimeout(TimerId id);
ImmediateId setImmediate(Callback callback);
void clearImmediate(ImmediateId id);
void nextTick(Callback callback);
void queueMicrotask(Callback callback);

// Those of tests/order/lib/lab.cjs.
void spin(int ms);
void closeHandle(Callback callback);
void io(Callback callback);

// A callback that logs.
[[nodiscard]] inline auto says(QByteArray line)
{
    return [line = std::move(line)] { log(line); };
}
[[nodiscard]] inline QByteArray numbered(const char *word, int number)
{
    return QByteArray(word) + QByteArray::number(number);
}
[[nodiscard]] inline QByteArray words(bool value)
{
    return value ? "true" : "false";
}
// new Error(message), and what it says.
[[nodiscard]] std::exception_ptr makeError(const char *message);
[[nodiscard]] QByteArray messageOf(const std::exception_ptr &error);
// The handler that most programs about errors have.
void logUncaughtErrors();

} // namespace loopscope::test
