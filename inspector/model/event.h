// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/stringtable.h"
#include "inspector/model/textarena.h"
#include "server/trace/tracerecord.h"

namespace loopscope::model {

// A record that a session keeps whole: everything that is no slice of the loop or a worker and not merged into a
// Request, a Connection or the ServerState; and Layer, LayerResumed, which are both. Plain.
struct Event {
    static constexpr quint64 none = quint64(-1);

    qint64 start = 0; // ns
    qint64 duration = 0; // ns
    quint64 id = 0;
    quint64 parent = 0;
    quint64 request = 0;
    quint64 connection = 0;
    qint64 value = 0;
    quint64 previous = none; // sequence of the event before this one of the same request; it may be evicted
    TextRef text;
    StringId name = 0;
    StringId file = 0;
    quint32 line = 0;
    quint32 detail = 0;
    int lane = 0;
    trace::Kind kind = trace::Kind::Invalid;
    trace::Phase phase = trace::Phase::None;
};

} // namespace loopscope::model
