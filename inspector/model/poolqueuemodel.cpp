// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/poolqueuemodel.h"

#include "inspector/model/formatting.h"

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;

namespace loopscope::model {

PoolQueueModel::PoolQueueModel(const Session &session, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
    , m_now(session.lastTime())
{
}

void PoolQueueModel::tick(qint64 nowNs)
{
    m_now = nowNs;
    if (m_announced >= 0 && nowNs >= m_announced && nowNs - m_announced < announceNs)
        return;
    const bool all = readQueued();
    readStarted();
    announce();
    m_announced = all ? nowNs : -1;
}

// False: there is more.
bool PoolQueueModel::readQueued()
{
    const ChunkedDeque<Event> &events = m_session.events();
    m_nextEvent = std::max(m_nextEvent, events.first());
    const quint64 end = std::min(events.end(), m_nextEvent + mostPerTick);
    for (; m_nextEvent < end; ++m_nextEvent) {
        const Event &event = events.at(m_nextEvent);
        if (event.kind != trace::Kind::JobQueued)
            continue;
        if (event.id <= m_lastQueued) { // another loop, which counts from 1 again
            removeRows(0, m_rows.size());
            m_new.clear();
            m_startedUpTo = 0;
        }
        m_lastQueued = event.id;
        m_new.push_back({event.id, event.request, event.start, event.name, event.file, event.line});
    }
    return end == events.end();
}

void PoolQueueModel::readStarted()
{
    m_cursors.resize(std::size_t(m_session.laneCount()));
    for (int i = 0; i < m_session.laneCount(); ++i) {
        const Lane &lane = m_session.lane(i);
        m_cursors[std::size_t(i)].read(lane, trace::Kind::JobFinished,
                                       std::numeric_limits<qint64>::max(), std::numeric_limits<quint64>::max(),
                                       [this](const Slice &job) {
                                           if (trace::JobOutcome(job.detail) == trace::JobOutcome::Cancelled)
                                               m_cancelled.push_back(job.id);
                                           else
                                               started(job.id);
                                       });
        if (lane.kind == trace::Trace::LaneKind::Worker && lane.running.isRunning())
            started(lane.running.id);
    }
}

void PoolQueueModel::started(quint64 id)
{
    if (id <= m_lastQueued) // else it is another loop's, before it counted from 1 again
        m_startedUpTo = std::max(m_startedUpTo, id);
}

void PoolQueueModel::announce()
{
    const auto first = std::partition_point(m_rows.begin(), m_rows.end(),
                                            [this](const Waiting &job) { return job.id <= m_startedUpTo; });
    removeRows(0, std::size_t(first - m_rows.begin()));
    std::sort(m_cancelled.begin(), m_cancelled.end());
    const auto waits = [this](const Waiting &job) {
        return job.id > m_startedUpTo && !std::binary_search(m_cancelled.begin(), m_cancelled.end(), job.id);
    };
    removeCancelled();
    std::erase_if(m_new, [&](const Waiting &job) { return !waits(job); });
    m_cancelled.clear();
    if (!m_new.empty()) {
        beginInsertRows({}, int(m_rows.size()), int(m_rows.size() + m_new.size()) - 1);
        m_rows.insert(m_rows.end(), m_new.begin(), m_new.end());
        endInsertRows();
        m_new.clear();
    }
    if (m_rows.size() > maximumRows)
        removeRows(0, m_rows.size() - maximumRows);
}

void PoolQueueModel::removeCancelled()
{
    const auto isCancelled = [this](const Waiting &job) {
        return std::binary_search(m_cancelled.begin(), m_cancelled.end(), job.id);
    };
    // Above so many, one reset costs a view less than as many removals.
    constexpr std::size_t mostRemovals = 256;
    if (m_cancelled.size() > mostRemovals) {
        beginResetModel();
        std::erase_if(m_rows, isCancelled);
        endResetModel();
        return;
    }
    for (const quint64 id : m_cancelled) {
        const auto row = std::partition_point(m_rows.begin(), m_rows.end(), [id](const Waiting &job) { return job.id < id; });
        if (row != m_rows.end() && row->id == id)
            removeRows(std::size_t(row - m_rows.begin()), std::size_t(row - m_rows.begin()) + 1);
    }
}

void PoolQueueModel::removeRows(std::size_t begin, std::size_t end)
{
    if (begin == end)
        return;
    beginRemoveRows({}, int(begin), int(end) - 1);
    m_rows.erase(m_rows.begin() + std::ptrdiff_t(begin), m_rows.begin() + std::ptrdiff_t(end));
    endRemoveRows();
}

QString PoolQueueModel::site(const Waiting &job) const
{
    return job.file == 0 ? QString() : QString(QString::fromUtf8(m_session.string(job.file)) % u':' % QString::number(job.line));
}

int PoolQueueModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int PoolQueueModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant PoolQueueModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || std::size_t(index.row()) >= m_rows.size())
        return {};
    const Waiting &job = m_rows[std::size_t(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case Job: return QString::fromUtf8(m_session.string(job.name));
        case RequestNumber: return job.request ? QString(u'#' % QString::number(job.request)) : QString();
        case Waits: return formatDuration(std::max<qint64>(0, m_now - job.since));
        case Where: {
            const QString where = site(job);
            return where.sliced(where.lastIndexOf(u'/') + 1);
        }
        default: return {};
        }
    case Qt::ToolTipRole:
        return tr("%1 waits since %2\nqueued at %3")
            .arg(QString::fromUtf8(m_session.string(job.name)), formatTimestamp(job.since, m_session.firstTime()), site(job));
    case IdRole: return qulonglong(job.id);
    case RequestRole: return qulonglong(job.request);
    default: return {};
    }
}

QVariant PoolQueueModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Job: return tr("Job");
    case RequestNumber: return tr("For");
    case Waits: return tr("Waits for");
    case Where: return tr("Queued at");
    default: return {};
    }
}

} // namespace loopscope::model
