// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/pooljobmodel.h"

#include "inspector/model/formatting.h"

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;

namespace loopscope::model {

static constexpr qint64 stepNs = 10'000'000;
static constexpr qint64 stepsOfASecond = 100;

PoolJobModel::PoolJobModel(const Session &session, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
    , m_now(session.lastTime())
{
    connect(&session, &Session::cleared, this, [this] {
        m_recent.clear();
        m_counts.fill(0);
        m_refreshed = -1;
    });
}

void PoolJobModel::tick(qint64 nowNs)
{
    m_now = nowNs;
    if (m_refreshed >= 0 && nowNs >= m_refreshed && nowNs - m_refreshed < refreshNs)
        return;
    m_refreshed = nowNs;
    read();
    countPerSecond();
    refreshRows();
}

void PoolJobModel::read()
{
    m_cursors.resize(std::size_t(m_session.laneCount()));
    for (int i = 0; i < m_session.laneCount(); ++i) {
        const Lane &lane = m_session.lane(i);
        if (lane.kind == trace::Trace::LaneKind::Worker)
            m_cursors[std::size_t(i)].read(lane, trace::Kind::JobFinished,
                                           std::numeric_limits<qint64>::max(), std::numeric_limits<quint64>::max(),
                                           [this](const Slice &job) { take(job); });
    }
}

void PoolJobModel::take(const Slice &job)
{
    const Event *queued = m_session.registration(job.id);
    const bool known = queued && queued->kind == trace::Kind::JobQueued && queued->start <= job.start;
    m_recent.push_back({job.name, known ? job.start - queued->start : -1, job.duration});
    if (m_recent.size() > recentJobs)
        m_recent.pop_front();
    const qint64 step = std::max<qint64>(0, job.end()) / stepNs;
    const std::size_t place = std::size_t(step) % m_steps.size();
    if (m_steps[place] < step) {
        m_steps[place] = step;
        m_counts[place] = 0;
    }
    m_counts[place] += m_steps[place] == step;
}

void PoolJobModel::countPerSecond()
{
    const qint64 to = m_now / stepNs;
    m_perSecond = 0;
    for (std::size_t i = 0; i < m_steps.size(); ++i) {
        if (m_steps[i] >= to - stepsOfASecond && m_steps[i] < to)
            m_perSecond += m_counts[i];
    }
}

std::vector<PoolJobModel::Row> PoolJobModel::counted() const
{
    std::vector<Row> rows;
    QHash<StringId, std::size_t> places;
    for (const Ended &job : m_recent) {
        const auto known = places.constFind(job.name);
        const std::size_t place = known == places.constEnd() ? rows.size() : *known;
        if (known == places.constEnd()) {
            places.insert(job.name, place);
            rows.push_back({.name = job.name});
        }
        Row &row = rows[place];
        ++row.count;
        row.waits += job.wait >= 0;
        row.wait += std::max<qint64>(0, job.wait);
        row.run += job.run;
        row.longest = std::max(row.longest, job.run);
    }
    return rows;
}

// Rows keep their places while their names are among the recent.
void PoolJobModel::refreshRows()
{
    std::vector<Row> fresh = counted();
    const auto of = [&fresh](StringId name) {
        return std::find_if(fresh.begin(), fresh.end(), [name](const Row &row) { return row.name == name; });
    };
    for (std::size_t i = m_rows.size(); i-- > 0;) {
        if (of(m_rows[i].name) != fresh.end())
            continue;
        beginRemoveRows({}, int(i), int(i));
        m_rows.erase(m_rows.begin() + std::ptrdiff_t(i));
        endRemoveRows();
    }
    for (Row &row : m_rows) {
        const auto now = of(row.name);
        row = *now;
        fresh.erase(now);
    }
    if (!fresh.empty()) {
        beginInsertRows({}, int(m_rows.size()), int(m_rows.size() + fresh.size()) - 1);
        m_rows.insert(m_rows.end(), fresh.begin(), fresh.end());
        endInsertRows();
    }
    m_longestMean = 1;
    for (const Row &row : m_rows)
        m_longestMean = std::max(m_longestMean, std::max<qint64>(0, row.meanWait()) + row.meanRun());
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, 0), index(int(m_rows.size()) - 1, ColumnCount - 1));
}

int PoolJobModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int PoolJobModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant PoolJobModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || std::size_t(index.row()) >= m_rows.size())
        return {};
    const Row &row = m_rows[std::size_t(index.row())];
    const QString name = QString::fromUtf8(m_session.string(row.name));
    const QString wait = row.waits ? formatDuration(row.meanWait()) : u"–"_s;
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case Job: return name;
        case Count: return formatCount(row.count);
        case Wait: return wait;
        case Run: return formatDuration(row.meanRun());
        case Longest: return formatDuration(row.longest);
        default: return {};
        }
    case Qt::ToolTipRole:
        return tr("%1, of the last %2 jobs: %3\non the average they waited %4 for a free worker and ran %5; the longest ran %6")
            .arg(name, formatCount(qint64(m_recent.size())), formatCount(row.count), wait, formatDuration(row.meanRun()),
                 formatDuration(row.longest));
    case WaitShareRole: return double(std::max<qint64>(0, row.meanWait())) / double(m_longestMean);
    case RunShareRole: return double(row.meanRun()) / double(m_longestMean);
    case MeanWaitRole: return qlonglong(row.meanWait());
    case MeanRunRole: return qlonglong(row.meanRun());
    case LongestRole: return qlonglong(row.longest);
    default: return {};
    }
}

QVariant PoolJobModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    const bool name = role == Qt::DisplayRole; // else the tooltip
    switch (section) {
    case Job: return name ? tr("Job") : tr("Kind of the job");
    case Count: return name ? tr("Count") : tr("Jobs of this kind among the last %1").arg(formatCount(qint64(recentJobs)));
    case Wait: return name ? tr("Wait") : tr("Mean time for which they waited for a free worker");
    case Run: return name ? tr("Run") : tr("Mean time for which they ran");
    case Longest: return name ? tr("Max") : tr("The longest run");
    case Bar: return name ? tr("Wait, run") : tr("Pale: the mean wait. Full: the mean run.");
    default: return {};
    }
}

} // namespace loopscope::model
