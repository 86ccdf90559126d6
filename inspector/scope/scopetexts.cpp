// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/scope/scopetexts.h"

#include "inspector/model/formatting.h"
#include "inspector/model/httphead.h"

namespace loopscope::scope {

using namespace Qt::StringLiterals;
using model::formatDuration;
using model::formatTimestamp;
using model::Slice;
using trace::Kind;

QString ScopeTexts::string(model::StringId id) const
{
    return QString::fromUtf8(m_session.string(id));
}

QString ScopeTexts::site(model::StringId file, quint32 line) const
{
    return string(file) % u':' % QString::number(line);
}

QString ScopeTexts::request(quint64 number) const
{
    const QString sign = u'#' % QString::number(number);
    const model::Request *request = m_session.request(number);
    if (!request)
        return sign;
    const model::RequestLine line = model::parseRequestLine(m_session.text(request->head));
    if (line.method.isEmpty())
        return sign;
    return sign % u' ' % model::printable(line.method, 16) % u' ' % model::printable(line.target, 120);
}

QString ScopeTexts::phase(trace::Phase phase)
{
    switch (phase) {
    case trace::Phase::Timers: return tr("timers");
    case trace::Phase::Pending: return tr("pending");
    case trace::Phase::Poll: return tr("poll");
    case trace::Phase::Check: return tr("check");
    case trace::Phase::Close: return tr("close");
    case trace::Phase::NextTick: return tr("nextTick");
    case trace::Phase::Microtask: return tr("microtask");
    case trace::Phase::None: break;
    }
    return {};
}

QString ScopeTexts::sliceName(const Slice &slice) const
{
    switch (slice.kind) {
    case Kind::PhaseRun: return phase(slice.phase);
    case Kind::Wait: return tr("sleeps in poll");
    case Kind::Turn: return tr("turn %1").arg(slice.id);
    case Kind::LayerResumed: return tr("%1 (resumed)").arg(string(slice.name));
    default: return string(slice.name);
    }
}

QString ScopeTexts::bar(const Slice &slice) const
{
    const bool outermost = slice.depth == 0 && slice.request != 0;
    return outermost ? QString(u'#' % QString::number(slice.request) % u' ' % sliceName(slice)) : sliceName(slice);
}

QString ScopeTexts::blocked(const model::Lane::Running &running) const
{
    const QString duration = formatDuration(m_now - running.since);
    const QString name = string(running.name);
    return name.isEmpty() ? tr("blocked %1").arg(duration) : tr("blocked %1 in %2").arg(duration, name);
}

QString ScopeTexts::state(const model::Connection &connection)
{
    switch (connection.state()) {
    case model::Connection::State::Idle: return tr("idle");
    case model::Connection::State::InFlight: return tr("in flight");
    case model::Connection::State::Closed: break;
    }
    return tr("closed");
}

QString ScopeTexts::waited(int lane, const Slice &slice) const
{
    if (slice.kind == Kind::JobFinished) {
        const model::Event *queued = m_session.registration(slice.id);
        return queued && queued->kind == Kind::JobQueued
            ? tr("waited %1 for a free worker").arg(formatDuration(slice.start - queued->start))
            : QString();
    }
    if (slice.kind != Kind::Callback)
        return {};
    if (slice.value > 0 && slice.phase == trace::Phase::Timers)
        return tr("due %1, ran %2 late")
            .arg(formatTimestamp(slice.value, m_session.firstTime()),
                 formatDuration(std::max(qint64(0), slice.start - slice.value)));
    const model::Event *registered = m_session.registration(slice.id, lane);
    return registered && registered->start <= slice.start
        ? tr("registered %1 before it ran").arg(formatDuration(slice.start - registered->start))
        : QString();
}

QString ScopeTexts::sliceDetails(int lane, const Slice &slice) const
{
    QStringList lines;
    const QString inPhase = slice.kind == Kind::Callback ? phase(slice.phase) : QString();
    lines << (inPhase.isEmpty() ? sliceName(slice) : tr("%1 in phase %2").arg(sliceName(slice), inPhase));
    if (slice.request != 0)
        lines << request(slice.request);
    if (slice.file != 0)
        lines << site(slice.file, slice.line);
    lines << tr("began %1").arg(formatTimestamp(slice.start, m_session.firstTime()));
    lines << tr("took %1").arg(formatDuration(slice.duration));
    if (slice.kind == Kind::PhaseRun)
        lines << tr("%n callback(s)", nullptr, int(slice.value));
    const QString wait = waited(lane, slice);
    if (!wait.isEmpty())
        lines << wait;
    return lines.join(u'\n');
}

QString ScopeTexts::runningDetails(const model::Lane &lane) const
{
    const model::Lane::Running &running = lane.running;
    QStringList lines{tr("%1 runs").arg(string(running.name))};
    if (running.request != 0)
        lines << request(running.request);
    if (running.file != 0)
        lines << site(running.file, running.line);
    lines << tr("began %1").arg(formatTimestamp(running.since, m_session.firstTime()));
    lines << tr("for %1 so far").arg(formatDuration(m_now - running.since));
    return lines.join(u'\n');
}

QString ScopeTexts::sleepDetails(const model::Lane &lane) const
{
    return QStringList{tr("sleeps in poll: nothing is ready, nothing is due"),
                       tr("since %1").arg(formatTimestamp(lane.sleepsSince, m_session.firstTime())),
                       tr("for %1 so far").arg(formatDuration(std::max<qint64>(0, m_now - lane.sleepsSince)))}
        .join(u'\n');
}

QString ScopeTexts::requestDetails(const model::Request &request) const
{
    QStringList lines{this->request(request.number)};
    if (request.status != 0)
        lines << tr("status %1").arg(request.status);
    lines << tr("began %1").arg(formatTimestamp(request.start, m_session.firstTime()));
    if (request.isRunning()) {
        lines << tr("in flight for %1").arg(formatDuration(request.durationAt(m_now)));
    } else {
        lines << tr("took %1").arg(formatDuration(request.durationAt(m_now)));
        if (request.endedWithoutResponse)
            lines << tr("ended without a response");
    }
    if (request.chunks > 0)
        lines << tr("received %1 in %n chunk(s)", nullptr, int(request.chunks)).arg(model::formatSize(request.bodyBytes));
    if (request.responseChunks > 0)
        lines << tr("sent %1 in %n chunk(s)", nullptr, int(request.responseChunks)).arg(model::formatSize(request.responseBytes));
    lines << tr("connection %1").arg(request.connection);
    return lines.join(u'\n');
}

QString ScopeTexts::connectionDetails(const model::Connection &connection) const
{
    QStringList lines{tr("connection %1, %2").arg(connection.number).arg(state(connection))};
    const QByteArrayView peer = m_session.text(connection.peer);
    if (!peer.isEmpty())
        lines << tr("from %1").arg(model::printable(peer, 80));
    lines << tr("opened %1").arg(formatTimestamp(connection.opened, m_session.firstTime()));
    if (!connection.isOpen())
        lines << tr("closed after %1").arg(formatDuration(connection.closed - connection.opened));
    lines << tr("%n request(s) served", nullptr, int(connection.served));
    return lines.join(u'\n');
}

} // namespace loopscope::scope
