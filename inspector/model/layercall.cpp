// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/layercall.h"

#include <QtCore/QHash>

#include <algorithm>
#include <vector>

namespace loopscope::model {

namespace {

// One stretch in which a layer ran: its first call, or a resumption.
struct Stretch {
    qint64 start = 0;
    qint64 end = 0;
    qsizetype layer = 0; // index of its LayerCall
    bool first = false;
};

// Adds [from, to), in which the layer ran by itself, to the way down or up.
void addOwn(LayerCall &call, qint64 from, qint64 to)
{
    if (to <= from)
        return;
    if (call.next == LayerCall::unknown || to <= call.next) {
        call.downNs += to - from;
    } else if (from >= call.next) {
        call.upNs += to - from;
    } else {
        call.downNs += call.next - from;
        call.upNs += to - call.next;
    }
}

// Walks stretches in order of start with a stack of those that run, and gives each moment to the innermost.
void shareTime(QList<LayerCall> &calls, std::vector<Stretch> &stretches)
{
    std::stable_sort(stretches.begin(), stretches.end(), [](const Stretch &a, const Stretch &b) {
        return a.start != b.start ? a.start < b.start : a.end > b.end;
    });
    std::vector<Stretch> running;
    qint64 at = 0;
    const auto runUntil = [&](qint64 time) {
        while (!running.empty() && running.back().end <= time) {
            addOwn(calls[running.back().layer], at, running.back().end);
            at = std::max(at, running.back().end);
            running.pop_back();
        }
        if (!running.empty())
            addOwn(calls[running.back().layer], at, time);
        at = time;
    };
    for (const Stretch &stretch : stretches) {
        runUntil(stretch.start);
        if (stretch.first)
            calls[stretch.layer].depth = int(running.size());
        running.push_back(stretch);
    }
    while (!running.empty())
        runUntil(running.back().end);
}

} // namespace

QList<LayerCall> layerCalls(const QList<Event> &events)
{
    QList<LayerCall> calls;
    for (const Event &event : events) {
        if (event.kind != trace::Kind::Layer)
            continue;
        LayerCall call;
        call.id = event.id;
        call.name = event.name;
        call.file = event.file;
        call.line = event.line;
        call.kind = trace::LayerKind(event.detail);
        call.entered = event.start;
        call.returned = call.lastRan = event.start + event.duration;
        call.next = event.value < 0 ? LayerCall::unknown : event.start + event.value;
        calls.append(call);
    }
    std::stable_sort(calls.begin(), calls.end(), [](const LayerCall &a, const LayerCall &b) { return a.id < b.id; });
    QHash<quint64, qsizetype> byId;
    std::vector<Stretch> stretches;
    for (qsizetype i = 0; i < calls.size(); ++i) {
        byId.insert(calls[i].id, i);
        stretches.push_back({calls[i].entered, calls[i].returned, i, true});
    }
    for (const Event &event : events) {
        const qsizetype index = byId.value(event.id, -1);
        if (index < 0)
            continue;
        LayerCall &call = calls[index];
        if (event.kind == trace::Kind::LayerNext && call.next == LayerCall::unknown) {
            call.next = event.start;
        } else if (event.kind == trace::Kind::LayerResumed) {
            ++call.resumed;
            call.lastRan = std::max(call.lastRan, event.start + event.duration);
            stretches.push_back({event.start, event.start + event.duration, index, false});
        }
    }
    shareTime(calls, stretches);
    return calls;
}

} // namespace loopscope::model
