// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

namespace loopscope::trace {

// What waits in each phase of a loop, and what keeps the loop alive, counted by its own thread: all of one moment.
//
// The loop publishes it while recording: each time before it may sleep in poll, and before a callback when the last
// count is a millisecond old. So it is exact while the loop sleeps; while a callback runs it is what waited when that
// began. Plain, without padding (SequenceLock).
struct LiveCounts {
    qint64 at = 0; // ns on the clock: when it was counted; 0: never
    // ns on the clock: when the loop looks at its timers next; 0: there is none. No timer is due earlier. (As in Node, a
    // list of timers whose first was cleared keeps its time: the loop looks, and finds nothing due.)
    qint64 nextTimer = 0;

    quint32 timers = 0; // setTimeout and setInterval; an interval also while it runs
    quint32 qtTimers = 0; // QTimer and QObject::startTimer()
    quint32 postedEvents = 0; // 1: there are queued signals or invocations; Qt does not tell how many
    quint32 sockets = 0; // descriptors that the kernel watches for this loop
    quint32 jobs = 0; // of the pool, whose completion has not run: waiting, running, or ended
    quint32 immediates = 0;
    quint32 closing = 0; // close callbacks
    quint32 ticks = 0;
    quint32 microtasks = 0;

    // What keeps a Node program alive, beside `jobs`: those that were not unref()ed.
    quint32 referencedTimers = 0;
    quint32 referencedImmediates = 0;

    quint32 poolThreads = 0; // that the pool has, or will have when it is first used
    quint32 poolStarted = 0; // 1: it has been used, its threads have been started
    quint32 turnCallbacks = 0; // that have run in this turn so far, ticks and microtasks included

    friend bool operator==(const LiveCounts &, const LiveCounts &) = default;
};

} // namespace loopscope::trace
