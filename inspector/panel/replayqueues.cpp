// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/replayqueues.h"

#include "inspector/model/formatting.h"
#include "inspector/panel/requestwords.h"

#include <QtGui/QFont>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

using model::ReplayEntry;
using model::ReplayQueue;

ReplayQueues::ReplayQueues(const model::Replay &replay, QObject *parent)
    : QAbstractTableModel(parent)
    , m_replay(replay)
{
}

void ReplayQueues::show(qsizetype step)
{
    beginResetModel();
    for (int queue = 0; queue < model::replayQueueCount; ++queue) {
        m_queues[std::size_t(queue)] = step < 0 ? QList<ReplayEntry>()
                                                : m_replay.queueBefore(std::size_t(step), ReplayQueue(queue));
    }
    m_now = step < 0 ? 0 : m_replay.steps()[std::size_t(step)].start;
    endResetModel();
}

QModelIndex ReplayQueues::runningNow() const
{
    for (int queue = 0; queue < model::replayQueueCount; ++queue) {
        const QList<ReplayEntry> &entries = m_queues[std::size_t(queue)];
        for (qsizetype row = 0; row < std::min(entries.size(), maximumRows); ++row) {
            if (entries[row].runsNow)
                return index(int(row), queue);
        }
    }
    return {};
}

int ReplayQueues::rowCount(const QModelIndex &parent) const
{
    qsizetype longest = 0;
    for (const QList<ReplayEntry> &entries : m_queues)
        longest = std::max(longest, entries.size());
    return parent.isValid() ? 0 : int(std::min(longest, maximumRows + 1));
}

int ReplayQueues::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : model::replayQueueCount;
}

// What the column says already is left out: what tells one setImmediate from another is where it was registered.
QString ReplayQueues::entryWords(const ReplayEntry &entry, ReplayQueue queue) const
{
    QStringList words;
    const QString name = model::printable(m_replay.session().string(entry.name));
    const QString site = siteWords(m_replay.session().string(entry.file), entry.line);
    if (site.isEmpty() || name != usualName(queue))
        words += name;
    if (entry.due)
        words += *entry.due <= m_now ? tr("due") : tr("in %1").arg(model::formatDuration(*entry.due - m_now));
    switch (entry.job) {
    case ReplayEntry::Job::None: break;
    case ReplayEntry::Job::Waiting: words += tr("waits"); break;
    case ReplayEntry::Job::Running: words += tr("runs"); break;
    case ReplayEntry::Job::Ended: words += tr("has ended"); break;
    }
    if (!site.isEmpty())
        words += site;
    const QString line = words.join(u"  "_s);
    return entry.runsNow ? QString(QChar(runsNowMark) + u' ' + line) : line;
}

QString ReplayQueues::entryToolTip(const ReplayEntry &entry, ReplayQueue queue) const
{
    QStringList lines{model::printable(m_replay.session().string(entry.name)), entryWords(entry, queue)};
    lines += tr("Registered %1 before this step").arg(model::formatDuration(m_now - entry.registered));
    if (entry.file != 0)
        lines += tr("At %1:%2").arg(model::printable(m_replay.session().string(entry.file))).arg(entry.line);
    if (entry.request != 0)
        lines += tr("For request %1").arg(entry.request);
    return lines.join(u'\n');
}

QVariant ReplayQueues::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.column() >= model::replayQueueCount)
        return {};
    const QList<ReplayEntry> &entries = m_queues[std::size_t(index.column())];
    if (index.row() >= entries.size())
        return {};
    if (index.row() == maximumRows)
        return role == Qt::DisplayRole ? tr("and %1 more").arg(model::formatCount(entries.size() - maximumRows)) : QVariant();
    const ReplayEntry &entry = entries[index.row()];
    if (role == Qt::DisplayRole)
        return entryWords(entry, ReplayQueue(index.column()));
    if (role == Qt::ToolTipRole)
        return entryToolTip(entry, ReplayQueue(index.column()));
    if (role == Qt::FontRole && entry.runsNow) {
        QFont bold;
        bold.setBold(true);
        return bold;
    }
    return {};
}

// What nearly all that waits in it is called.
QLatin1StringView ReplayQueues::usualName(ReplayQueue queue)
{
    switch (queue) {
    case ReplayQueue::Timers: return "setTimeout"_L1;
    case ReplayQueue::Jobs: break;
    case ReplayQueue::Immediates: return "setImmediate"_L1;
    case ReplayQueue::Closing: return "close"_L1;
    case ReplayQueue::Ticks: return "nextTick"_L1;
    case ReplayQueue::Microtasks: return "queueMicrotask"_L1;
    }
    return {};
}

QString ReplayQueues::queueName(ReplayQueue queue)
{
    switch (queue) {
    case ReplayQueue::Timers: return tr("Timers");
    case ReplayQueue::Jobs: return tr("Pool jobs");
    case ReplayQueue::Immediates: return tr("Immediates");
    case ReplayQueue::Closing: return tr("Closing");
    case ReplayQueue::Ticks: return tr("Ticks");
    case ReplayQueue::Microtasks: return tr("Microtasks");
    }
    return {};
}

QString ReplayQueues::queueWords(ReplayQueue queue)
{
    switch (queue) {
    case ReplayQueue::Timers: return tr("setTimeout, setInterval and Qt's timers, by due time: the timers phase");
    case ReplayQueue::Jobs: return tr("Jobs of the worker pool until their completion has run: the poll phase");
    case ReplayQueue::Immediates: return tr("setImmediate: the check phase");
    case ReplayQueue::Closing: return tr("Close callbacks, of which the last runs first: the close phase");
    case ReplayQueue::Ticks: return tr("nextTick: after each callback, before microtasks");
    case ReplayQueue::Microtasks: return tr("queueMicrotask and await: when no tick is left");
    }
    return {};
}

QVariant ReplayQueues::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= model::replayQueueCount)
        return {};
    const auto queue = ReplayQueue(section);
    if (role == Qt::ToolTipRole)
        return queueWords(queue);
    if (role == Qt::DisplayRole)
        return QString(queueName(queue) + u" ("_s + model::formatCount(lengthOf(queue)) + u')');
    return {};
}

} // namespace loopscope::panel
