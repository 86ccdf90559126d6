// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/commandline.h"

namespace loopscope::app {

// `loopscope`: the window, until it is closed. Called by main() instead of making an application. Returns what main()
// returns: 0, or 2 when no display could be used (one line on standard error says so).
int openWindow(const WindowOptions &options, int &argc, char **argv);

} // namespace loopscope::app
