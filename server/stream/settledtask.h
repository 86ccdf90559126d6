// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/task.h"

#include <exception>
#include <utility>

namespace loopscope::stream {

inline loop::Task<> settled(loop::Deferred<> deferred)
{
    co_await deferred;
}

// Calls `start` now with a callback that takes an error or null, and gives the task that ends when that is called. The
// task holds nothing else, so that a stream which nobody can finish any more does not keep itself. The loop's thread.
template<typename Start>
[[nodiscard]] loop::Task<> settledTask(loop::Site site, Start &&start)
{
    loop::Deferred<> deferred(site);
    std::forward<Start>(start)([resolver = deferred.resolver()](std::exception_ptr error) {
        if (error)
            resolver.reject(std::move(error));
        else
            resolver.resolve();
    });
    return settled(std::move(deferred));
}

} // namespace loopscope::stream
