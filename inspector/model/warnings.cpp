// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/warnings.h"

#include "inspector/model/flatslices.h"
#include "inspector/model/formatting.h"
#include "inspector/model/httphead.h"

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

namespace loopscope::model {

using trace::Kind;
using trace::Phase;

namespace {

// Of the time that jobs waited, what workers must have been busy for all to count as busy: between two jobs one takes the
// next, which is not idleness.
constexpr double busyShare = 0.9;

bool isWorker(const Lane &lane)
{
    return lane.kind == trace::Trace::LaneKind::Worker;
}

} // namespace

Warnings::Warnings(const Session &session, int most, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
    , m_most(std::max(1, most))
{
    connect(&session, &Session::changed, this, &Warnings::onChanged);
    connect(&session, &Session::cleared, this, &Warnings::onCleared);
}

// --- reading ---

void Warnings::onChanged(const Session::Change &change)
{
    if (!change.slices)
        return;
    m_loops.resize(std::size_t(m_session.laneCount()));
    m_jobsKnown.resize(std::size_t(m_session.laneCount()), -1);
    for (int lane = 0; lane < m_session.laneCount(); ++lane) {
        if (isWorker(m_session.lane(lane))) {
            readJobs(lane);
        } else {
            readTurns(lane, m_loops[std::size_t(lane)]);
            readDrains(lane, m_loops[std::size_t(lane)]);
        }
    }
}

void Warnings::onCleared()
{
    beginResetModel();
    m_warnings.clear();
    m_loops.clear();
    m_jobsKnown.clear();
    m_forgotten = 0;
    m_saturation = 0;
    endResetModel();
    setUnseen(0);
}

// A callback is looked at when its turn is over: only then it is sure what stands inside what.
void Warnings::readTurns(int lane, LoopCursor &cursor)
{
    const SliceStore &turns = m_session.slices(lane, Track::Turns);
    cursor.turn = std::max(cursor.turn, turns.first());
    for (quint64 budget = maximumSlices; cursor.turn < turns.end() && budget > 0; ++cursor.turn, --budget) {
        const Slice &turn = turns.at(cursor.turn);
        const qint64 from = std::max(cursor.turnEnd, turn.start - blockedNs); // ticks that were queued outside come before it
        if (turn.end() - from > blockedNs && turn.value > 0)
            readTurn(lane, turn, from);
        cursor.turnEnd = turn.end();
    }
}

void Warnings::readTurn(int lane, const Slice &turn, qint64 from)
{
    const SliceStore &run = m_session.slices(lane, Track::Run);
    for (quint64 index = run.lowerBound(from); index < run.end() && run.at(index).start < turn.end();
         index = run.afterSubtree(index)) {
        const Slice &slice = run.at(index);
        if (slice.kind == Kind::Callback && slice.depth == 0 && slice.duration > blockedNs)
            judgeCallback(lane, slice);
    }
}

void Warnings::judgeCallback(int lane, const Slice &slice)
{
    const qint64 noProcessor = std::min(slice.duration, qint64(slice.detail) * 1'000);
    if (slice.duration - noProcessor <= blockedNs)
        return;
    const SliceStore &run = m_session.slices(lane, Track::Run);
    struct Sum {
        qint64 ns = 0;
        qint64 longest = 0;
        SliceKey slice;
    };
    std::map<SiteKey, Sum> sums;
    visitFlat(run, slice.start, slice.end(), [&](qint64 from, qint64 to, const SliceStack &stack) {
        if (stack.empty())
            return;
        const Slice &inner = run.at(stack.back());
        quint64 request = slice.request;
        for (const quint64 index : stack)
            request = run.at(index).request != 0 ? run.at(index).request : request;
        const SiteKey key{request, inner.name, inner.file, inner.line};
        if (sums.size() >= maximumSites && !sums.contains(key))
            return;
        Sum &sum = sums[key];
        sum.ns += to - from;
        if (to - from > sum.longest) {
            sum.longest = to - from;
            sum.slice = Session::keyOf(lane, Track::Run, inner);
        }
    });
    const auto most = std::max_element(sums.cbegin(), sums.cend(),
                                       [](const auto &a, const auto &b) { return a.second.ns < b.second.ns; });
    if (most == sums.cend())
        return;
    Warning warning;
    warning.kind = Warning::Kind::LoopBlocked;
    warning.from = slice.start;
    warning.to = slice.end();
    warning.longest = slice.duration;
    warning.noProcessor = noProcessor;
    std::tie(warning.request, warning.name, warning.file, warning.line) = most->first;
    warning.slice = most->second.slice;
    raise(warning);
}

// Callbacks of the two queues are never inside one another, so each is whole as soon as it is written. What was written
// from inside one that has not ended (a stream's event) has its phase, but none of these names.
void Warnings::readDrains(int lane, LoopCursor &cursor)
{
    const SliceStore &run = m_session.slices(lane, Track::Run);
    quint64 budget = maximumSlices;
    for (quint64 index = run.lowerBound(cursor.drained); index < run.end() && budget > 0; --budget) {
        const Slice &slice = run.at(index);
        const bool queued = slice.phase == Phase::NextTick || slice.phase == Phase::Microtask;
        const QByteArray &name = m_session.string(slice.name);
        if (slice.kind != Kind::Callback || slice.depth > 0) {
            ++index;
        } else if (!queued) {
            cursor.drain = {};
            cursor.drained = slice.end();
            index = run.afterSubtree(index);
        } else if (name == "nextTick" || name == "queueMicrotask" || name == "await") {
            addToDrain(lane, cursor.drain, slice);
            cursor.drained = std::max(slice.end(), slice.start + 1);
            index = run.afterSubtree(index);
        } else {
            ++index;
        }
    }
}

void Warnings::addToDrain(int lane, Drain &drain, const Slice &slice)
{
    if (drain.callbacks == 0)
        drain.from = slice.start;
    ++drain.callbacks;
    drain.to = slice.end();
    if (slice.duration <= blockedNs) {
        drain.longest = std::max(drain.longest, slice.duration);
        drain.sum += slice.duration;
    }
    const SiteKey key{slice.request, slice.name, slice.file, slice.line};
    if (drain.bySite.size() < maximumSites || drain.bySite.contains(key))
        drain.bySite[key] += slice.duration;
    if (drain.callbacks < starvingCallbacks || drain.sum - drain.longest <= starvedNs)
        return;
    Warning warning;
    Warning *known = drain.warning != 0 ? find(drain.warning) : nullptr;
    if (known)
        warning = *known;
    warning.kind = Warning::Kind::LoopStarved;
    warning.from = drain.from;
    warning.to = drain.to;
    warning.longest = drain.longest;
    warning.count = drain.callbacks;
    const auto most = std::max_element(drain.bySite.cbegin(), drain.bySite.cend(),
                                       [](const auto &a, const auto &b) { return a.second < b.second; });
    std::tie(warning.request, warning.name, warning.file, warning.line) = most->first;
    if (most->first == key || !warning.slice.isValid())
        warning.slice = Session::keyOf(lane, Track::Run, slice);
    if (known) {
        *known = warning;
        changed(drain.warning);
    } else if (drain.warning == 0) {
        drain.warning = raise(warning);
    }
}

void Warnings::readJobs(int lane)
{
    const SliceStore &run = m_session.slices(lane, Track::Run);
    qint64 &known = m_jobsKnown[std::size_t(lane)];
    quint64 budget = maximumSlices;
    for (quint64 index = run.lowerBound(known + 1); index < run.end() && budget > 0; ++index, --budget) {
        const Slice slice = run.at(index);
        known = slice.start;
        if (slice.kind == Kind::JobFinished)
            judgeJob(lane, {slice.id, slice.request, slice.start, slice.value});
    }
    const Lane::Running running = m_session.lane(lane).running;
    if (budget > 0 && running.isRunning() && running.since > known) {
        known = running.since;
        judgeJob(lane, {running.id, running.request, running.since, running.stopped});
    }
}

void Warnings::judgeJob(int lane, const StartedJob &job)
{
    const Event *queued = m_session.registration(job.id);
    if (!queued || queued->kind != Kind::JobQueued)
        return;
    const qint64 started = job.start;
    const qint64 waited = started - queued->start;
    const qint64 stopped = std::clamp<qint64>(job.stopped, 0, std::max<qint64>(0, waited));
    if (waited - stopped <= saturatedNs)
        return;
    Warning *last = m_saturation != 0 ? find(m_saturation) : nullptr;
    const bool goesOn = last && queued->start <= last->to && started >= last->from;
    // what the last one has found busy is not looked at again
    const qint64 from = goesOn ? std::max(queued->start, std::min(last->to, started)) : queued->start;
    if (!allWorkersBusy(from, started, stopped)
        || (goesOn && queued->start < last->from && !allWorkersBusy(queued->start, last->from, stopped)))
        return;
    Warning warning = goesOn ? *last : Warning();
    warning.kind = Warning::Kind::PoolSaturated;
    warning.from = goesOn ? std::min(last->from, queued->start) : queued->start;
    warning.to = goesOn ? std::max(last->to, started) : started;
    warning.count = goesOn ? last->count + 1 : 1;
    warning.workers = workerLanes();
    if (waited - stopped > warning.longest - warning.noProcessor) {
        warning.longest = waited;
        warning.noProcessor = stopped;
        warning.request = job.request;
        warning.name = queued->name;
        warning.file = queued->file;
        warning.line = queued->line;
        warning.slice = {lane, Track::Run, Kind::JobFinished, started, job.id};
    }
    if (goesOn) {
        *last = warning;
        changed(m_saturation);
    } else {
        m_saturation = raise(warning);
    }
}

int Warnings::workerLanes() const
{
    int lanes = 0;
    for (int lane = 0; lane < m_session.laneCount(); ++lane)
        lanes += isWorker(m_session.lane(lane));
    // a lane stays when its worker has gone
    return m_session.server().poolThreads > 0 ? std::min(lanes, m_session.server().poolThreads) : lanes;
}

// A worker that had a job when the process was stopped had it throughout, which is no work: what is missing is held
// against the rest of the time.
bool Warnings::allWorkersBusy(qint64 from, qint64 to, qint64 stopped) const
{
    qint64 busy = 0;
    for (int lane = 0; lane < m_session.laneCount(); ++lane) {
        if (!isWorker(m_session.lane(lane)))
            continue;
        m_session.slices(lane, Track::Run).visit(from, to, [&](quint64, const Slice &slice) {
            busy += std::min(slice.end(), to) - std::max(slice.start, from);
        });
        const Lane::Running &running = m_session.lane(lane).running;
        if (running.isRunning() && running.since < to)
            busy += to - std::max(running.since, from);
    }
    const qint64 idle = (to - from) * workerLanes() - busy;
    const qint64 awake = std::max<qint64>(0, to - from - stopped);
    return to <= from || double(idle) <= (1 - busyShare) * double(awake) * workerLanes();
}

// --- the list ---

quint64 Warnings::raise(const Warning &warning)
{
    const int before = m_unseen;
    beginInsertRows({}, 0, 0);
    m_warnings.push_front(warning);
    ++m_lastNumber;
    ++m_unseen;
    endInsertRows(); // a view may have seen it by now
    if (count() > m_most) {
        beginRemoveRows({}, count() - 1, count() - 1);
        m_unseen -= m_warnings.back().seen ? 0 : 1;
        m_warnings.pop_back();
        ++m_forgotten;
        endRemoveRows();
    }
    if (m_unseen != before)
        Q_EMIT unseenChanged(m_unseen);
    return m_lastNumber;
}

Warning *Warnings::find(quint64 number)
{
    const quint64 row = m_lastNumber - number;
    return number <= m_lastNumber && row < m_warnings.size() ? &m_warnings[std::size_t(row)] : nullptr;
}

void Warnings::changed(quint64 number)
{
    const int row = int(m_lastNumber - number);
    Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
}

void Warnings::markAllSeen()
{
    for (Warning &warning : m_warnings)
        warning.seen = true;
    setUnseen(0);
}

void Warnings::setUnseen(int unseen)
{
    if (std::exchange(m_unseen, unseen) != unseen)
        Q_EMIT unseenChanged(unseen);
}

// --- words ---

QString Warnings::what(const Warning &warning)
{
    switch (warning.kind) {
    case Warning::Kind::LoopBlocked: return tr("The loop was blocked");
    case Warning::Kind::LoopStarved:
        return tr("The loop was starved by %1 ticks and microtasks").arg(formatCount(qint64(warning.count)));
    case Warning::Kind::PoolSaturated:
        return tr("The pool was saturated (workers: %1, jobs that waited: %2)")
            .arg(QString::number(warning.workers), formatCount(qint64(warning.count)));
    }
    return {};
}

QString Warnings::rule(const Warning &warning)
{
    switch (warning.kind) {
    case Warning::Kind::LoopBlocked: {
        const QString raised = tr("Raised because one callback kept the loop for %1, more than %2: nothing else could run.")
                                   .arg(formatDuration(warning.to - warning.from), formatSpan(blockedNs));
        return warning.noProcessor < 1'000'000
            ? raised
            : QString(raised + u' '
                      + tr("Of that, up to %1 its thread could run and the system ran others, or the process was stopped.")
                            .arg(formatDuration(warning.noProcessor)));
    }
    case Warning::Kind::LoopStarved:
        return tr("Raised because the nextTick and microtask queues were drained for %1, more than %2, by %3 callbacks one "
                  "after another, the longest of %4: the loop could not go on to its next callback.")
            .arg(formatDuration(warning.to - warning.from), formatSpan(starvedNs), formatCount(qint64(warning.count)),
                 formatDuration(warning.longest));
    case Warning::Kind::PoolSaturated: {
        const QString raised =
            tr("Raised because jobs waited for a worker for more than %1, the longest for %2, while every worker had one. "
               "The loop was not blocked by it.")
                .arg(formatSpan(saturatedNs), formatDuration(warning.longest));
        return warning.noProcessor == 0
            ? raised
            : QString(raised + u' '
                      + tr("Of that wait, up to %1 the process was stopped.").arg(formatDuration(warning.noProcessor)));
    }
    }
    return {};
}

QString Warnings::who(const Warning &warning) const
{
    const QString name = printable(m_session.string(warning.name));
    if (warning.request == 0)
        return name;
    QString who = u'#' + QString::number(warning.request);
    if (const Request *request = m_session.request(warning.request)) {
        const RequestLine line = parseRequestLine(m_session.text(request->head));
        if (!line.method.isEmpty())
            who = printable(line.method) + u' ' + printable(line.path()) + u' ' + who;
    }
    return name.isEmpty() ? who : QString(who + u", "_s + name);
}

int Warnings::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : count();
}

int Warnings::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant Warnings::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= count())
        return {};
    const Warning &warning = at(index.row());
    const QByteArray &file = m_session.string(warning.file);
    if (role == Qt::ToolTipRole) {
        if (index.column() == Site && !file.isEmpty())
            return QString(printable(file) + u':' + QString::number(warning.line));
        return index.column() == Who ? QVariant() : QVariant(rule(warning));
    }
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Time: return formatTimestamp(warning.from, m_session.firstTime());
    case What: return what(warning);
    case Duration:
        return formatDuration(warning.kind == Warning::Kind::PoolSaturated ? warning.longest : warning.to - warning.from);
    case Who: return who(warning);
    case Site: {
        if (file.isEmpty())
            return {};
        return QString(printable(file.mid(file.lastIndexOf('/') + 1)) + u':' + QString::number(warning.line));
    }
    default: return {};
    }
}

QVariant Warnings::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || (role != Qt::DisplayRole && role != Qt::ToolTipRole))
        return {};
    const bool tip = role == Qt::ToolTipRole;
    switch (section) {
    case Time: return tip ? tr("When it began, since the session's first record") : tr("Time");
    case What: return tip ? tr("What the records were taken for") : tr("Warning");
    case Duration: return tip ? tr("How long it lasted; of a busy pool, the longest wait of a job") : tr("How long");
    case Who: return tip ? tr("What had most of that time; of a busy pool, the job that waited longest") : tr("Who");
    case Site: return tip ? tr("Where that was registered") : tr("Registered");
    default: return {};
    }
}

} // namespace loopscope::model
