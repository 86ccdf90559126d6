// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace loopscope::app {

// Raises the process's soft limit of open descriptors to the hard one, as Node does when it starts: a server's limit of
// connections is to be its own. What fails changes nothing.
void raiseDescriptorLimit() noexcept;

} // namespace loopscope::app
