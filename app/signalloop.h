// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/shutdownsignals.h"

#include <memory>

namespace loopscope::app {

// ShutdownSignals for a thread that runs on a stock Qt dispatcher: a libuv loop of its own, which runs when Qt sees that
// its descriptor is readable. So a signal reaches the window even while a handler blocks the server's loop.
//
// Made, used and destroyed on one thread with a running Qt event loop. Never waits.
class SignalLoop final {
public:
    SignalLoop();
    ~SignalLoop();
    SignalLoop(const SignalLoop &) = delete;
    SignalLoop &operator=(const SignalLoop &) = delete;

    [[nodiscard]] const ShutdownSignals *signalsOfTheSystem() const noexcept;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace loopscope::app
