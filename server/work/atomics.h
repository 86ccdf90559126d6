// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/work/sharedbuffer.h"

#include <chrono>
#include <limits>

// JavaScript's Atomics on a SharedBuffer, sequentially consistent. https://tc39.es/ecma262/#sec-atomics-object
// Any thread. An index outside of the buffer is a RangeError. What changes a number gives the one that was there before.
namespace loopscope::work::atomics {

[[nodiscard]] qint32 load(const SharedBuffer &buffer, qsizetype index);
void store(const SharedBuffer &buffer, qsizetype index, qint32 value);
// Both wrap around, as in JavaScript.
qint32 add(const SharedBuffer &buffer, qsizetype index, qint32 value);
qint32 sub(const SharedBuffer &buffer, qsizetype index, qint32 value);
qint32 exchange(const SharedBuffer &buffer, qsizetype index, qint32 value);
// Stores `replacement` if `expected` is there.
qint32 compareExchange(const SharedBuffer &buffer, qsizetype index, qint32 expected, qint32 replacement);

enum class Wait { Ok, NotEqual, TimedOut };
// Sleeps until notify() wakes it, as long as `timeout` at most, if `value` is there; else it says NotEqual at once.
// For a WorkerThread or a worker of a pool: a loop that others wait for must not sleep, and throws std::logic_error
// (browsers: TypeError; deviation from Node, whose main thread may). On a WorkerThread that is terminated meanwhile it
// throws WorkerTerminated.
[[nodiscard]] Wait wait(const SharedBuffer &buffer, qsizetype index, qint32 value, std::chrono::milliseconds timeout);
// Wakes so many of those who wait there, the first that came first, and gives their number.
int notify(const SharedBuffer &buffer, qsizetype index, int count = std::numeric_limits<int>::max());

} // namespace loopscope::work::atomics
