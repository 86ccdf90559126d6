// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"
#include "tests/support/recordbuilder.h"

namespace loopscope::test {

// One batch of a session from a transcript, as a drain would give it.
inline void feed(model::Session &session, const Transcript &transcript)
{
    session.beginBatch();
    transcript.replay([&](int lane, const trace::TraceRecord &record, QByteArrayView text) { session.add(lane, record, text); });
    session.endBatch();
}

// Names the lanes of visitTranscript().
inline void nameLanes(model::Session &session)
{
    session.setLane(0, trace::Trace::LaneKind::Loop, "loop");
    session.setLane(1, trace::Trace::LaneKind::Worker, "pool 1");
}

} // namespace loopscope::test
