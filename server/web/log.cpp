// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/log.h"

#include "server/loop/eventloop.h"

namespace loopscope::web {

void log(trace::LogLevel level, QByteArrayView text)
{
    loop::EventLoop *loop = loop::EventLoop::current();
    trace::Recorder *recorder = loop ? loop->tracing() : nullptr;
    if (!recorder)
        return;
    trace::TraceRecord record;
    record.kind = trace::Kind::Log;
    record.start = recorder->now();
    record.request = loop->context().request;
    record.connection = loop->context().connection;
    record.detail = quint32(level);
    recorder->write(record, text);
}

} // namespace loopscope::web
