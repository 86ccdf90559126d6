// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>

#include <functional>

namespace loopscope::bench {

// Threads and cores of this process. Linux alone: sched_setaffinity(2) by thread id, /proc.

// The calling thread, and those that it starts from now on, run on this core alone. False: the core is not there.
bool pinThisThread(int core);
// Every thread of the process by the name that it gave itself ("server", "QXcbEventQueue"): on the core that `coreOf` says.
void pinThreads(const std::function<int(const QByteArray &name, bool isMain)> &coreOf);

// Time that the calling thread had on a processor, ns.
[[nodiscard]] qint64 processorNs();
// Resident memory of the process, bytes.
[[nodiscard]] qint64 residentBytes();

} // namespace loopscope::bench
