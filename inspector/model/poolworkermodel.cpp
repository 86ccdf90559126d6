// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/poolworkermodel.h"

#include "inspector/model/formatting.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::model {

PoolWorkerModel::PoolWorkerModel(const Session &session, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
    , m_now(session.lastTime())
{
    m_lanes = lanes();
}

// The pool numbers its threads from 1 and lets the last ones go first, so the first lanes are those that live.
std::vector<int> PoolWorkerModel::lanes() const
{
    std::vector<int> result;
    int worker = 0;
    for (int i = 0; i < m_session.laneCount(); ++i) {
        const Lane &lane = m_session.lane(i);
        if (lane.kind != trace::Trace::LaneKind::Worker)
            continue;
        if (worker++ < m_session.server().poolThreads || lane.running.isRunning())
            result.push_back(i);
    }
    return result;
}

void PoolWorkerModel::tick(qint64 nowNs)
{
    m_now = nowNs;
    std::vector<int> now = lanes();
    if (now != m_lanes) {
        beginResetModel();
        m_lanes = std::move(now);
        endResetModel();
    } else if (!m_lanes.empty()) {
        Q_EMIT dataChanged(index(0, 0), index(int(m_lanes.size()) - 1, ColumnCount - 1));
    }
}

int PoolWorkerModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_lanes.size());
}

int PoolWorkerModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

static bool tellsProgress(const Lane &lane)
{
    return lane.running.isRunning() && lane.progress.job != 0 && lane.progress.job == lane.running.id;
}

QString PoolWorkerModel::progressText(const Lane &lane)
{
    if (!tellsProgress(lane))
        return {};
    const QString done = formatCount(lane.progress.done);
    return lane.progress.total > 0 ? tr("%1 of %2").arg(done, formatCount(lane.progress.total)) : tr("%1 done").arg(done);
}

QString PoolWorkerModel::toolTip(const Lane &lane) const
{
    if (!lane.running.isRunning())
        return tr("%1 waits for a job").arg(QString::fromUtf8(lane.name));
    QStringList lines{tr("%1 runs %2").arg(QString::fromUtf8(lane.name), QString::fromUtf8(m_session.string(lane.running.name)))};
    if (lane.running.request != 0)
        lines << tr("for request %1").arg(lane.running.request);
    lines << tr("since %1").arg(formatTimestamp(lane.running.since, m_session.firstTime()));
    lines << (tellsProgress(lane) ? tr("parts done, as it says: %1").arg(progressText(lane))
                                  : tr("it does not say how far it is"));
    return lines.join(u'\n');
}

QVariant PoolWorkerModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || std::size_t(index.row()) >= m_lanes.size())
        return {};
    const int number = m_lanes[std::size_t(index.row())];
    const Lane &lane = m_session.lane(number);
    const bool running = lane.running.isRunning();
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case Worker: return QString((running ? u"▶ "_s : u"   "_s) + QString::fromUtf8(lane.name));
        case Job: return running ? QString::fromUtf8(m_session.string(lane.running.name)) : tr("free");
        case RequestNumber:
            return running && lane.running.request ? QString(u'#' % QString::number(lane.running.request)) : QString();
        case Since: return running ? formatDuration(std::max<qint64>(0, m_now - lane.running.since)) : QString();
        case Progress: return progressText(lane);
        default: return {};
        }
    case Qt::ToolTipRole: return toolTip(lane);
    case RunningRole: return running;
    case RequestRole: return qulonglong(running ? lane.running.request : 0);
    case LaneRole: return number;
    case ProgressRole:
        return tellsProgress(lane) && lane.progress.total > 0
            ? QVariant(std::clamp(double(lane.progress.done) / double(lane.progress.total), 0.0, 1.0))
            : QVariant();
    default: return {};
    }
}

QVariant PoolWorkerModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::ToolTipRole && section == Progress)
        return tr("How many of its parts a job says that it has done");
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Worker: return tr("Worker");
    case Job: return tr("Runs");
    case RequestNumber: return tr("For");
    case Since: return tr("Runs for");
    case Progress: return tr("Done");
    default: return {};
    }
}

} // namespace loopscope::model
