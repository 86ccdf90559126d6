// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/eventloop.h"
#include "server/loop/workerpool.h"

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>
#include <variant>

namespace loopscope::loop {

// What a coroutine on the loop returns, as an async function returns a Promise.
//
// It starts at once and runs to its first suspension, as in JavaScript. It is awaited at most once; the awaiting
// coroutine runs on through the microtask queue, in the Context that it had. A task that is dropped without being
// awaited goes on by itself to its end (an exception then goes to the loop's uncaught handler, as an unhandled
// rejection does). It belongs to the loop's thread.
template<typename T = void>
class Task;

} // namespace loopscope::loop
