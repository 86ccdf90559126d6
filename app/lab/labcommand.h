// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/commandline.h"

namespace loopscope::app {

// `loopscope lab list`: the experiments of the practice site, on standard output; the variants whose harm they show are
// marked. Returns what main() returns.
int listExperiments(const LabListOptions &options);

// `loopscope lab run NAME`: the experiment's variants against a live server, without a window. Without a URL the server
// is its own: the practice site on a thread of its own, on a free port of 127.0.0.1.
//
// Called by main() instead of making an application; makes its own QCoreApplication on a libuv loop. Returns what
// main() returns: 0 when everything ran, 1 when a run failed or SIGINT (SIGTERM, SIGHUP) cancelled it, 2 when it could
// not start. What went wrong is one line on standard error, where ProgressLine says meanwhile what goes on.
int runExperiment(const LabRunOptions &options, int &argc, char **argv);

} // namespace loopscope::app
