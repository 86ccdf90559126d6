// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace loopscope::load {

// Asks the system to let the calling thread run soon after it has something to do, although others want the processor:
// for a generator that comes late charges the server with its own delay. It needs no privilege and takes no larger share
// of the processor. Where the system cannot do that it does nothing; LoadGenerator::lateness() says what became of it.
void askForPromptWakeup() noexcept;

} // namespace loopscope::load
