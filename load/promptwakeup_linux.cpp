// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/promptwakeup.h"

#include <QtCore/QtGlobal>

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace loopscope::load {

namespace {

// A turn of the processor, ns: the shortest that Linux gives; what a generator does when it wakes up takes less. The
// system's own is 3 ms or so, and a thread that wakes up waits for the end of another's unless its own is shorter.
// https://docs.kernel.org/scheduler/sched-eevdf.html; since Linux 6.12, before that it means nothing.
constexpr quint64 shortestSliceNs = 100'000;

// As the kernel has it (linux/sched/types.h, its first version); the C library here has none.
struct Attributes {
    quint32 size = sizeof(Attributes);
    quint32 policy = 0;
    quint64 flags = 0;
    qint32 nice = 0;
    quint32 priority = 0;
    quint64 runtimeNs = 0; // of SCHED_OTHER: the slice
    quint64 deadlineNs = 0;
    quint64 periodNs = 0;
};
static_assert(sizeof(Attributes) == 48);

} // namespace

void askForPromptWakeup() noexcept
{
    constexpr int thisThread = 0;
    Attributes attributes;
    if (::syscall(SYS_sched_getattr, thisThread, &attributes, unsigned(sizeof attributes), 0U) != 0)
        return;
    if (attributes.policy != SCHED_OTHER) // somebody has chosen another for it
        return;
    attributes.size = sizeof attributes;
    attributes.runtimeNs = shortestSliceNs;
    ::syscall(SYS_sched_setattr, thisThread, &attributes, 0U);
}

} // namespace loopscope::load
