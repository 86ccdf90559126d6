// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/commandline.h"

namespace loopscope::app {

// `loopscope serve`: the server without a window, on this thread, until SIGTERM or SIGINT has drained it.
//
// Called by main() instead of making an application; makes its own QCoreApplication on a libuv loop. Prints
// "Listening on http://HOST:PORT" (https with a certificate) as the first line of standard output. Returns what main()
// returns: 0 when everything in flight was answered, 1 when something was cut, 2 when it could not start.
int serve(const ServeOptions &options, int &argc, char **argv);

} // namespace loopscope::app
