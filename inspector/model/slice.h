// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/stringtable.h"
#include "server/trace/tracerecord.h"

namespace loopscope::model {

// A stretch of time on a lane that has ended: a turn, wait, phase, callback, span, layer or job. Plain and 80 bytes.
struct Slice {
    qint64 start = 0; // ns on the trace's clock
    qint64 duration = 0; // ns
    quint64 id = 0; // of the record: turn, registration, job, layer
    quint64 request = 0; // for whom it ran; 0: nobody
    quint64 connection = 0;
    qint64 value = 0; // of the record
    StringId name = 0;
    StringId file = 0;
    quint32 line = 0;
    quint32 detail = 0;
    quint32 parentDistance = 0; // index of this minus index of the slice around it; 0: none around
    quint32 descendants = 0; // slices inside this one; they follow it directly
    trace::Kind kind = trace::Kind::Invalid;
    trace::Phase phase = trace::Phase::None;
    quint8 depth = 0; // slices around it, 255 at most

    [[nodiscard]] qint64 end() const noexcept { return start + duration; }
};
static_assert(sizeof(Slice) <= 80);

// The rows of slices that a lane has. A worker's lane has Track::Run alone.
enum class Track : quint8 {
    Turns, // Turn
    Phases, // PhaseRun, Wait
    Run, // Callback; nested in it Span, Layer, LayerResumed. On a worker: JobFinished
};
inline constexpr int trackCount = 3;

// What names a slice for as long as it is kept: indexes move (a parent is written after its children, and goes before
// them), this does not. `lane` is -1 for none.
struct SliceKey {
    int lane = -1;
    Track track = Track::Run;
    trace::Kind kind = trace::Kind::Invalid;
    qint64 start = 0;
    quint64 id = 0;

    [[nodiscard]] bool isValid() const noexcept { return lane >= 0; }
    friend bool operator==(const SliceKey &, const SliceKey &) = default;
};

} // namespace loopscope::model
