// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/lab/timelinepair.h"

#include "inspector/model/formatting.h"
#include "inspector/scope/scopeview.h"

#include <QtCore/QScopedValueRollback>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QSpinBox>
#include <QtWidgets/QVBoxLayout>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::app {

TimelinePair::TimelinePair(const model::Session &session, QWidget *parent)
    : QWidget(parent)
    , m_run(new QSpinBox)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 4, 0, 0);
    layout->setSpacing(2);
    m_run->setPrefix(tr("run "));
    m_run->setAccessibleName(tr("Run that is shown"));
    m_run->setToolTip(tr("Which run of both variants is shown"));
    auto *top = new QHBoxLayout;
    top->setContentsMargins(6, 0, 6, 0);
    for (Side &side : m_sides) {
        side.state.setFollowing(false);
        side.title = new QLabel(tr("Nothing was compared yet"));
        side.title->setTextFormat(Qt::PlainText);
        side.view = new scope::ScopeView(session, side.state);
    }
    m_sides[0].view->setAccessibleName(tr("Timeline of A"));
    m_sides[1].view->setAccessibleName(tr("Timeline of B"));
    top->addWidget(m_sides[0].title, 1);
    top->addWidget(m_run);
    layout->addLayout(top);
    layout->addWidget(m_sides[0].view, 1);
    m_sides[1].title->setContentsMargins(6, 0, 6, 0);
    layout->addWidget(m_sides[1].title);
    layout->addWidget(m_sides[1].view, 1);
    m_run->setRange(1, 1);
    follow(m_sides[0], m_sides[1]);
    follow(m_sides[1], m_sides[0]);
    connect(m_run, &QSpinBox::valueChanged, this, &TimelinePair::showRun);
}

// What one shows, the other shows as far from its own origin.
void TimelinePair::follow(Side &leader, Side &follower)
{
    connect(&leader.state, &model::ViewState::timeRangeChanged, this,
            [this, &leader, &follower](model::TimeRange range) {
                if (m_moving)
                    return;
                const QScopedValueRollback moving(m_moving, true);
                const qint64 apart = follower.originNs - leader.originNs;
                follower.state.setTimeRange({range.from + apart, range.to + apart});
            });
    // Space would set one of them free.
    connect(&leader.state, &model::ViewState::followingChanged, this, [&leader](bool following) {
        if (following)
            leader.state.setFollowing(false);
    });
}

void TimelinePair::setReport(const load::LabReport &report)
{
    qsizetype runs = 1;
    for (std::size_t i = 0; i < m_sides.size(); ++i) {
        const bool there = qsizetype(i) < report.results.size();
        m_sides[i].runs = there ? report.results[qsizetype(i)].runs : QList<load::LabMeasurement>();
        m_sides[i].name = there ? model::printable(report.results[qsizetype(i)].variant.name) : QString();
        runs = std::max(runs, m_sides[i].runs.size());
    }
    m_run->setRange(1, int(runs));
    m_run->setValue(1);
    showRun(1);
}

void TimelinePair::showRun(int run)
{
    qint64 longest = 0;
    for (const Side &side : m_sides) {
        if (run <= side.runs.size())
            longest = std::max(longest, side.runs[run - 1].durationNs());
    }
    if (longest == 0)
        return;
    const QScopedValueRollback moving(m_moving, true);
    const auto around = qint64(double(longest) * margin);
    for (std::size_t i = 0; i < m_sides.size(); ++i) {
        Side &side = m_sides[i];
        if (run > side.runs.size())
            continue;
        const load::LabMeasurement &shown = side.runs[run - 1];
        side.originNs = shown.sentNs;
        side.view->setZero(side.originNs);
        //: A or B, the variant's name, how long its experiment took; the axis below begins there
        side.title->setText(tr("%1: %2, %3 from its sending at 0")
                                .arg(i == 0 ? u"A"_s : u"B"_s, side.name, model::formatDuration(shown.durationNs())));
        side.state.setTimeRange({side.originNs - around, side.originNs + longest + around});
    }
}

void TimelinePair::tick(qint64 nowNs)
{
    for (const Side &side : m_sides)
        side.view->tick(nowNs);
}

} // namespace loopscope::app
