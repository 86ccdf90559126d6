// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"

#include <QtCore/QList>

#include <array>

namespace loopscope::panel {

// Where the time of a request went. The stages part the time from its first byte to its end (or to `now` while it
// runs) without gap or overlap, so that their sum is the request's duration to the nanosecond. Every boundary is the
// time of a record; a record that was dropped, or has not come, moves its time into the stage before it.
enum class Stage : quint8 {
    ReadingHead, // first byte to the end of the head
    ReadingBody, // to the end of the body, or to the response's head if that came first
    Loop, // a callback, middleware, handler or span ran for it on the loop
    Pool, // nothing of it on the loop; a job of it ran on a worker
    PoolQueue, // nothing of it ran; a job of it waited for a worker
    Waiting, // nothing of it ran and nothing was queued: it waited for a timer, or for others on the loop
    Sending, // the response's head to its last byte
};
inline constexpr int stageCount = 7;

struct StageInterval {
    Stage stage = Stage::ReadingHead;
    qint64 from = 0; // ns
    qint64 to = 0; // ns

    friend bool operator==(const StageInterval &, const StageInterval &) = default;
};

// A stretch in which something of the request was on the loop, on a worker or in the queue; for tests and stagesOf().
struct Activity {
    Stage stage = Stage::Loop; // Loop, Pool or PoolQueue
    qint64 from = 0;
    qint64 to = 0;
};

// The stages in order of time; neighbours differ. Empty stretches are left out.
[[nodiscard]] QList<StageInterval> stagesOf(const model::Request &request, const QList<Activity> &activities, qint64 now);

// The activities that a session holds for a request. Looks at all slices since its start: for a selection, not a list.
[[nodiscard]] QList<Activity> activitiesOf(const model::Session &session, quint64 request, qint64 now);

// ns by stage.
[[nodiscard]] std::array<qint64, stageCount> stageTotals(const QList<StageInterval> &intervals);

} // namespace loopscope::panel
