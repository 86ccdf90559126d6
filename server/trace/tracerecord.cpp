// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/trace/tracerecord.h"

#include <QtCore/QDebug>

#include <cstring>

namespace loopscope::trace {

static bool sameText(const char *a, const char *b) noexcept
{
    return a == b || (a && b && std::strcmp(a, b) == 0);
}

bool operator==(const TraceRecord &a, const TraceRecord &b) noexcept
{
    return a.start == b.start && a.duration == b.duration && a.id == b.id && a.parent == b.parent
        && a.request == b.request && a.connection == b.connection && a.value == b.value && a.line == b.line
        && a.detail == b.detail && a.kind == b.kind && a.phase == b.phase && a.textBytes == b.textBytes
        && sameText(a.name, b.name) && sameText(a.file, b.file);
}

const char *toString(Kind kind) noexcept
{
    switch (kind) {
    case Kind::Invalid: return "Invalid";
    case Kind::Turn: return "Turn";
    case Kind::Wait: return "Wait";
    case Kind::PhaseRun: return "PhaseRun";
    case Kind::Callback: return "Callback";
    case Kind::Registered: return "Registered";
    case Kind::Cleared: return "Cleared";
    case Kind::Span: return "Span";
    case Kind::JobQueued: return "JobQueued";
    case Kind::JobStarted: return "JobStarted";
    case Kind::JobFinished: return "JobFinished";
    case Kind::PoolResized: return "PoolResized";
    case Kind::JobProgress: return "JobProgress";
    case Kind::ConnectionOpened: return "ConnectionOpened";
    case Kind::ConnectionClosed: return "ConnectionClosed";
    case Kind::ConnectionIdle: return "ConnectionIdle";
    case Kind::ClientError: return "ClientError";
    case Kind::Backpressure: return "Backpressure";
    case Kind::RequestBegin: return "RequestBegin";
    case Kind::BodyChunk: return "BodyChunk";
    case Kind::RequestComplete: return "RequestComplete";
    case Kind::Layer: return "Layer";
    case Kind::LayerNext: return "LayerNext";
    case Kind::LayerResumed: return "LayerResumed";
    case Kind::Redirected: return "Redirected";
    case Kind::ResponseHead: return "ResponseHead";
    case Kind::ResponseChunk: return "ResponseChunk";
    case Kind::ResponseEnd: return "ResponseEnd";
    case Kind::Listening: return "Listening";
    case Kind::DrainBegan: return "DrainBegan";
    case Kind::DrainEnded: return "DrainEnded";
    case Kind::Log: return "Log";
    }
    return "?";
}

const char *toString(Phase phase) noexcept
{
    switch (phase) {
    case Phase::None: return "none";
    case Phase::Timers: return "timers";
    case Phase::Pending: return "pending";
    case Phase::Poll: return "poll";
    case Phase::Check: return "check";
    case Phase::Close: return "close";
    case Phase::NextTick: return "nextTick";
    case Phase::Microtask: return "microtask";
    }
    return "?";
}

const char *toString(JobOutcome outcome) noexcept
{
    switch (outcome) {
    case JobOutcome::Done: return "done";
    case JobOutcome::Threw: return "threw";
    case JobOutcome::Cancelled: return "cancelled";
    }
    return "?";
}

const char *toString(CloseReason reason) noexcept
{
    switch (reason) {
    case CloseReason::ByPeer: return "closed by the client";
    case CloseReason::ByServer: return "closed by the server";
    case CloseReason::IdleTimeout: return "keep-alive timeout";
    case CloseReason::HeaderTimeout: return "header timeout";
    case CloseReason::RequestTimeout: return "request timeout";
    case CloseReason::SendTimeout: return "send timeout";
    case CloseReason::Drained: return "drained";
    case CloseReason::Cut: return "cut";
    case CloseReason::Error: return "socket error";
    }
    return "?";
}

const char *toString(BodyFraming framing) noexcept
{
    switch (framing) {
    case BodyFraming::None: return "no body";
    case BodyFraming::ContentLength: return "content-length";
    case BodyFraming::Chunked: return "chunked";
    case BodyFraming::UntilClose: return "until close";
    }
    return "?";
}

const char *toString(LayerKind kind) noexcept
{
    switch (kind) {
    case LayerKind::Middleware: return "middleware";
    case LayerKind::RouterMount: return "router";
    case LayerKind::Route: return "route";
    case LayerKind::Error: return "error middleware";
    case LayerKind::BuiltIn: return "built-in";
    }
    return "?";
}

const char *toString(ResponseOutcome outcome) noexcept
{
    switch (outcome) {
    case ResponseOutcome::Complete: return "complete";
    case ResponseOutcome::ClientGone: return "client gone";
    case ResponseOutcome::Cut: return "cut";
    case ResponseOutcome::TimedOut: return "timed out";
    case ResponseOutcome::Failed: return "failed";
    }
    return "?";
}

const char *toString(LogLevel level) noexcept
{
    switch (level) {
    case LogLevel::Debug: return "debug";
    case LogLevel::Info: return "info";
    case LogLevel::Warning: return "warning";
    case LogLevel::Error: return "error";
    }
    return "?";
}

QDebug operator<<(QDebug debug, const TraceRecord &r)
{
    QDebugStateSaver saver(debug);
    debug.nospace() << toString(r.kind) << "(start " << r.start << " ns";
    if (r.duration)
        debug << ", duration " << r.duration << " ns";
    if (r.phase != Phase::None)
        debug << ", phase " << toString(r.phase);
    if (r.name)
        debug << ", name " << r.name;
    if (r.id)
        debug << ", id " << r.id;
    if (r.parent)
        debug << ", parent " << r.parent;
    if (r.request)
        debug << ", request " << r.request;
    if (r.connection)
        debug << ", connection " << r.connection;
    if (r.value)
        debug << ", value " << r.value;
    if (r.detail)
        debug << ", detail " << r.detail;
    if (r.file)
        debug << ", at " << r.file << ":" << r.line;
    if (r.textBytes)
        debug << ", text of " << r.textBytes << " bytes";
    return debug << ")";
}

} // namespace loopscope::trace
