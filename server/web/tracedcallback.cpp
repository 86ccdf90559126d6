// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/tracedcallback.h"

namespace loopscope::web {

using trace::Kind;
using trace::TraceRecord;

TracedCallback TracedCallback::registered(const char *name, loop::Site site)
{
    loop::EventLoop *loop = loop::EventLoop::current();
    trace::Recorder *recorder = loop ? loop->tracing() : nullptr;
    if (!recorder)
        return {};
    const loop::Context &context = loop->context();
    TracedCallback callback{loop->nextId(), name, site, context.layer, context.layerName};
    TraceRecord record;
    record.kind = Kind::Registered;
    record.start = recorder->now();
    record.id = callback.id;
    record.parent = loop->runningCallback();
    record.name = name;
    record.file = site.file;
    record.line = quint32(site.line);
    record.request = context.request;
    record.connection = context.connection;
    recorder->write(record);
    return callback;
}

TracedCallback::Closing::~Closing()
{
    recorder.setLive(before);
    loop.setLayer(outer.layer, outer.layerName);
    TraceRecord record;
    record.start = start;
    record.duration = recorder.now() - start;
    if (callback.layer != 0) {
        record.kind = Kind::LayerResumed;
        record.id = callback.layer;
        record.request = request;
        record.name = callback.layerName;
        recorder.write(record);
    }
    record.kind = Kind::Callback;
    record.phase = loop.phase();
    record.id = callback.id;
    record.name = callback.name;
    record.file = callback.site.file;
    record.line = quint32(callback.site.line);
    record.request = request;
    record.connection = loop.context().connection;
    recorder.write(record);
}

} // namespace loopscope::web
