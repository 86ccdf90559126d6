// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/event.h"

#include <QtCore/QList>

namespace loopscope::model {

// One middleware or handler in a request's ladder: what it did before it passed on, and after what it called had
// returned. Times of its own only: what it called with next() is not counted. All measured: sums of Layer and
// LayerResumed records, without the records nested in them, split at the moment of next().
struct LayerCall {
    static constexpr qint64 unknown = -1;

    quint64 id = 0; // order of entry, from 1
    StringId name = 0;
    StringId file = 0;
    quint32 line = 0;
    trace::LayerKind kind = trace::LayerKind::Middleware;
    int depth = 0; // layers whose call was running when it was entered
    qint64 entered = 0; // ns on the clock
    qint64 returned = 0; // ns: its function returned, or suspended for the first time
    qint64 lastRan = 0; // ns: end of the last stretch in which it ran
    qint64 next = unknown; // ns: when it called next(); unknown: it has not
    qint64 downNs = 0; // own time until next(), or all of it without
    qint64 upNs = 0; // own time after next()
    int resumed = 0; // times that it ran on after an await
};

// The ladder from a request's events (others than Layer, LayerNext and LayerResumed are skipped), in order of entry.
[[nodiscard]] QList<LayerCall> layerCalls(const QList<Event> &events);

} // namespace loopscope::model
