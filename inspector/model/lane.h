// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/slicestore.h"
#include "server/trace/trace.h"

#include <QtCore/QByteArray>

#include <array>

namespace loopscope::model {

// One producing thread in a session: its slices, and what it does at this moment. Owned by the Session; one thread.
// (Connections are lanes of a view too: they are made of Connection and Request, not of slices.)
struct Lane {
    // What has begun and not ended. since == Request::unknown (-1): nothing.
    struct Running {
        qint64 since = -1; // ns
        StringId name = 0;
        StringId file = 0;
        quint32 line = 0;
        quint64 id = 0; // of the job; 0 for a loop's live slice
        quint64 request = 0;
        trace::Phase phase = trace::Phase::None;
        qint64 stopped = 0; // of a job: ns of its wait for which the whole process was stopped

        [[nodiscard]] bool isRunning() const noexcept { return since >= 0; }
        friend bool operator==(const Running &, const Running &) = default;
    };

    // What a job said last of how far it is (JobProgress).
    struct Progress {
        quint64 job = 0; // 0: none has said anything
        qint64 done = 0; // parts, whatever a part is
        qint64 total = 0; // 0: nobody knows

        friend bool operator==(const Progress &, const Progress &) = default;
    };

    trace::Trace::LaneKind kind = trace::Trace::LaneKind::Loop;
    QByteArray name; // "loop", "pool 1"
    std::array<SliceStore, trackCount> tracks;
    Running running; // a worker: JobStarted without JobFinished; a loop: what setLive() gave
    Progress progress; // of a worker: of the job that it runs, or ran last
    qint64 sleepsSince = -1; // a loop that waits in poll now, as setLive() gave it, ns; -1: it does not
    trace::LiveCounts counts; // of a loop: what waits in its phases, as setCounts() gave it

    [[nodiscard]] const SliceStore &track(Track which) const noexcept { return tracks[std::size_t(which)]; }
};

} // namespace loopscope::model
