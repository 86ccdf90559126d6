// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/loopphasemodel.h"

#include "inspector/model/formatting.h"

using namespace Qt::StringLiterals;

namespace loopscope::model {

static constexpr double secondNs = 1e9;

LoopPhaseModel::LoopPhaseModel(const Session &session, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
{
}

void LoopPhaseModel::tick(qint64 nowNs)
{
    m_now = nowNs;
    const int loop = m_session.firstLoop();
    m_known = loop >= 0;
    m_statistics = m_session.loopStatistics(nowNs, loop);
    m_counts = m_known ? m_session.lane(loop).counts : trace::LiveCounts{};
    m_sleeps = m_known && m_session.lane(loop).sleepsSince >= 0;
    m_phase = trace::Phase::None;
    if (m_sleeps)
        m_phase = trace::Phase::Poll;
    else if (m_known && m_session.lane(loop).running.isRunning())
        m_phase = m_session.lane(loop).running.phase;
    Q_EMIT dataChanged(index(0, 0), index(RowCount - 1, ColumnCount - 1));
}

trace::Phase LoopPhaseModel::phaseOf(int row)
{
    switch (row) {
    case Timers: return trace::Phase::Timers;
    case Pending: return trace::Phase::Pending;
    case Poll: return trace::Phase::Poll;
    case Check: return trace::Phase::Check;
    case Close: return trace::Phase::Close;
    case NextTick: return trace::Phase::NextTick;
    case Microtask: return trace::Phase::Microtask;
    default: return trace::Phase::None;
    }
}

QString LoopPhaseModel::phaseName(trace::Phase phase)
{
    switch (phase) {
    case trace::Phase::Timers: return tr("timers");
    case trace::Phase::Pending: return tr("pending");
    case trace::Phase::Poll: return tr("poll");
    case trace::Phase::Check: return tr("check");
    case trace::Phase::Close: return tr("close");
    case trace::Phase::NextTick: return tr("nextTick");
    case trace::Phase::Microtask: return tr("microtasks");
    case trace::Phase::None: break;
    }
    return {};
}

QString LoopPhaseModel::rowName(int row)
{
    switch (row) {
    case Asleep: return tr("asleep in poll");
    case Between: return tr("between");
    default: return phaseName(phaseOf(row));
    }
}

bool LoopPhaseModel::isRunning(int row) const
{
    if (row == Asleep)
        return m_sleeps;
    return m_phase != trace::Phase::None && phaseOf(row) == m_phase;
}

qint64 LoopPhaseModel::count(int row) const
{
    if (m_counts.at <= 0)
        return -1;
    switch (row) {
    case Timers: return qint64(m_counts.timers) + m_counts.qtTimers;
    case Pending: return m_counts.postedEvents;
    case Poll: return qint64(m_counts.sockets) + m_counts.jobs;
    case Check: return m_counts.immediates;
    case Close: return m_counts.closing;
    case NextTick: return m_counts.ticks;
    case Microtask: return m_counts.microtasks;
    default: return -1;
    }
}

qint64 LoopPhaseModel::ns(int row) const
{
    switch (row) {
    case Asleep: return m_statistics.asleepNs;
    case Between: return m_statistics.betweenNs;
    default: return m_statistics.phaseNs[std::size_t(phaseOf(row))];
    }
}

QString LoopPhaseModel::nextTimer() const
{
    const qint64 left = m_counts.nextTimer - m_now;
    return left > 0 ? tr("next in %1").arg(formatDuration(left)) : tr("due for %1").arg(formatDuration(-left));
}

QString LoopPhaseModel::waits(int row) const
{
    const qint64 waiting = count(row);
    if (row == Asleep || row == Between)
        return {};
    if (waiting < 0)
        return u"–"_s;
    if (row == Timers && m_counts.nextTimer > 1)
        return tr("%1, %2").arg(formatCount(waiting), nextTimer());
    if (row == Pending && waiting > 0)
        return tr("posted events");
    if (row == Poll) {
        const QString sockets = m_counts.sockets == 1 ? tr("1 socket") : tr("%1 sockets").arg(formatCount(m_counts.sockets));
        const QString jobs = m_counts.jobs == 1 ? tr("1 job") : tr("%1 jobs").arg(formatCount(m_counts.jobs));
        return sockets + u", "_s + jobs;
    }
    return formatCount(waiting);
}

QString LoopPhaseModel::toolTip(int row) const
{
    switch (row) {
    case Timers:
        return tr("setTimeout and setInterval: %1; QTimer and QObject timers: %2.\n"
                  "They run here when they are due.")
            .arg(formatCount(m_counts.timers), formatCount(m_counts.qtTimers));
    case Pending: return tr("Queued signals and invocations. Qt tells whether there are any, not how many.");
    case Poll:
        return tr("Sockets that the kernel watches: %1. Pool jobs whose completion has not run: %2.\n"
                  "What became ready calls back here.")
            .arg(formatCount(m_counts.sockets), formatCount(m_counts.jobs));
    case Asleep: return tr("Nothing was ready and nothing was due: the kernel woke the loop when something was.");
    case Check: return tr("setImmediate: the queue as it stands when the phase begins runs once.");
    case Close: return tr("Close callbacks and deferred deletes.");
    case NextTick: return tr("process.nextTick: all of them, after every callback of every phase.");
    case Microtask: return tr("queueMicrotask and what an await continues: all of them, after the nextTick queue.");
    default:
        return tr("In no callback and not asleep: the loop's own work and system calls.");
    }
}

int LoopPhaseModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(RowCount);
}

int LoopPhaseModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant LoopPhaseModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const int row = index.row();
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case Phase: return QString((isRunning(row) ? u"▶ "_s : u"   "_s) + rowName(row));
        case Waits: return waits(row);
        case Time: return m_known ? formatDuration(ns(row)) : u"–"_s;
        case Share: return m_known ? formatShare(double(ns(row)) / secondNs) : u"–"_s;
        default: return {};
        }
    case Qt::AccessibleTextRole:
        if (index.column() == Phase)
            return isRunning(row) ? tr("%1, runs now").arg(rowName(row)) : rowName(row);
        return data(index, Qt::DisplayRole);
    case Qt::ToolTipRole: return toolTip(row);
    case RunningRole: return isRunning(row);
    case CountRole: return qlonglong(count(row));
    case NsRole: return qlonglong(ns(row));
    case ShareRole: return double(ns(row)) / secondNs;
    case PhaseRole: return int(phaseOf(row));
    default: return {};
    }
}

QVariant LoopPhaseModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::ToolTipRole) {
        switch (section) {
        case Waits: return tr("What waits now, as the loop counted it when it went to sleep or began a callback");
        case Time: return tr("Time in callbacks of this phase in the last second");
        case Share: return tr("Share of the last second");
        default: return tr("In the order of a turn. ▶ runs now.");
        }
    }
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Phase: return tr("Phase");
    case Waits: return tr("Waits now");
    case Time: return tr("Time");
    case Share: return tr("Share");
    default: return {};
    }
}

} // namespace loopscope::model
