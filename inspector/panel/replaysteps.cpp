// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/replaysteps.h"

#include "inspector/model/formatting.h"
#include "inspector/panel/requestwords.h"

using namespace Qt::StringLiterals;

namespace loopscope::panel {

ReplaySteps::ReplaySteps(const model::Replay &replay, QObject *parent)
    : QAbstractTableModel(parent)
    , m_replay(replay)
{
}

int ReplaySteps::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_replay.steps().size());
}

int ReplaySteps::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ReplaySteps::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || std::size_t(index.row()) >= m_replay.steps().size())
        return {};
    const model::ReplayStep &step = m_replay.steps()[std::size_t(index.row())];
    const QByteArray &file = m_replay.session().string(step.file);
    if (role == Qt::ToolTipRole && index.column() == Site && step.file != 0)
        return tr("Registered at %1:%2").arg(model::printable(file)).arg(step.line);
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Number: return model::formatCount(index.row() + 1);
    case Start: return QString(u"+"_s + model::formatDuration(step.start - m_replay.steps().front().start));
    case Phase: return step.phase == trace::Phase::None ? tr("between turns") : QString::fromLatin1(trace::toString(step.phase));
    case Name: {
        const QString name = model::printable(m_replay.session().string(step.name));
        return step.request == 0 ? name : tr("%1 (request %2)").arg(name).arg(step.request);
    }
    case Duration: return model::formatDuration(step.duration);
    case Site: return siteWords(file, step.line);
    default: return {};
    }
}

QVariant ReplaySteps::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || (role != Qt::DisplayRole && role != Qt::ToolTipRole))
        return {};
    const bool tip = role == Qt::ToolTipRole;
    switch (section) {
    case Number: return tip ? tr("Which callback it is of those that are replayed") : tr("Step");
    case Start: return tip ? tr("Since the first step") : tr("Start");
    case Phase: return tip ? tr("The loop's phase, or the queue that drained between two callbacks") : tr("Phase");
    case Name: return tip ? tr("What ran") : tr("Callback");
    case Duration: return tip ? tr("How long it ran") : tr("Ran");
    case Site: return tip ? tr("Where it was registered") : tr("Registered");
    default: return {};
    }
}

} // namespace loopscope::panel
