// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/eventloop.h"
#include "server/trace/tracerecord.h"

namespace loopscope::web {

// A registration of a stream's event ("data", "end", "drain"): the event runs nested in another callback of the loop,
// and is traced like one of the loop's own, with where it was registered. On the loop's thread.
struct TracedCallback {
    quint64 id = 0; // 0: nothing is registered, or nothing was recorded then
    const char *name = nullptr; // literal
    loop::Site site;
    quint32 layer = 0; // that registered it, as in loop::Context
    const char *layerName = nullptr;

    // Writes Kind::Registered.
    static TracedCallback registered(const char *name, loop::Site site);

    // Runs `function` and writes Kind::Callback, and Kind::LayerResumed if a layer registered it.
    template<typename Function>
    void run(quint64 request, Function &&function) const
    {
        loop::EventLoop *loop = loop::EventLoop::current();
        trace::Recorder *recorder = loop && id != 0 ? loop->tracing() : nullptr;
        if (!recorder) {
            function();
            return;
        }
        const qint64 start = recorder->now();
        const trace::LiveSlice before
            = recorder->setLive({start, name, site.file, quint32(site.line), request, loop->phase()});
        const Closing closing{*this, *loop, *recorder, before, loop->context(), start, request}; // also when it throws
        loop->setLayer(layer, layerName);
        function();
    }

private:
    struct Closing {
        const TracedCallback &callback;
        loop::EventLoop &loop;
        trace::Recorder &recorder;
        trace::LiveSlice before;
        loop::Context outer;
        qint64 start;
        quint64 request;
        ~Closing();
    };
};

} // namespace loopscope::web
