// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/promptwakeup.h"

namespace loopscope::load {

void askForPromptWakeup() noexcept { }

} // namespace loopscope::load
