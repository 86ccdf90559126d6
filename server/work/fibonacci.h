// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/work/job.h"

namespace loopscope::work {

// The n-th Fibonacci number (0, 1, 1, 2, …) by the naive recursion, whose time grows by 1.6 with each n: for work that takes
// long and nothing else. The job tells its progress and stops when it is cancelled.
//
// Largest n: a few seconds of one core. 93 would be the last that fits into 64 bits.
constexpr int maximumFibonacci = 45;

Task<quint64> fibonacci(int n, Progress progress = nullptr, Site site = Site::here());
JobId fibonacci(int n, ErrorFirst<quint64> callback, Progress progress = nullptr, Site site = Site::here());
[[nodiscard]] quint64 fibonacciSync(int n, Site site = Site::here());

} // namespace loopscope::work
