// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/trace/tracerecord.h"

#include <QtCore/QByteArrayView>
#include <QtCore/QString>

namespace loopscope::trace {
class Trace;
}

namespace loopscope::app {

// Where a TraceFileWriter puts records: a file, or the log. Used on the writer's thread alone, after it was made.
class RecordSink {
public:
    virtual ~RecordSink() = default;

    // Drained records of one lane come in their order; `text` is valid during the call.
    virtual void take(int lane, const trace::TraceRecord &record, QByteArrayView text) = 0;
    // After each batch: what should be seen now is written out.
    virtual void endBatch() { }
    // Nothing more comes; makes the output valid and whole. `dropped` records are missing.
    virtual void finish(const trace::Trace &trace, quint64 dropped) = 0;
    // What went wrong so far, as one sentence; empty if nothing did. Once it says something it gets nothing more
    // but finish().
    [[nodiscard]] virtual QString error() const = 0;
};

} // namespace loopscope::app
