// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/looppanel.h"

#include "inspector/model/formatting.h"
#include "inspector/panel/inview.h"
#include "inspector/panel/listview.h"
#include "inspector/panel/plaintext.h"
#include "inspector/panel/sharedelegate.h"

#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QVBoxLayout>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

using model::formatCount;
using model::formatDuration;
using model::LoopPhaseModel;

LoopPanel::LoopPanel(const model::Session &session, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_model(session)
    , m_now(new QLabel(this))
    , m_lag(new QLabel(this))
    , m_references(new QLabel(this))
    , m_list(new ListView(tr("Phases of the loop"), this))
{
    QFont bold = m_now->font();
    bold.setBold(true);
    m_now->setFont(bold);
    for (QLabel *label : {m_now, m_lag, m_references}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    }
    m_now->setAccessibleName(tr("What the loop does now"));
    m_lag->setAccessibleName(tr("Turns and lag"));
    m_lag->setToolTip(plainToolTip(tr("Of the last second. Lag is how long a turn kept what became ready meanwhile waiting: "
                                      "its time without the sleep.\np50: half of the turns took no longer; p99: 99 of 100; "
                                      "max: the longest.")));
    m_references->setAccessibleName(tr("What keeps the loop alive"));
    m_references->setToolTip(plainToolTip(tr("A Node program ends when nothing of this is left. unref() takes a timer or an "
                                             "immediate out of the count.")));
    setUpList();
    auto *words = new QVBoxLayout;
    words->setContentsMargins(6, 6, 6, 0);
    words->addWidget(m_now);
    words->addWidget(m_lag);
    auto *below = new QVBoxLayout;
    below->setContentsMargins(6, 0, 6, 6);
    below->addWidget(m_references);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(words);
    layout->addWidget(m_list, 1);
    layout->addLayout(below);
    layout->addStretch();
    setFocusProxy(m_list);
    m_time = session.lastTime();
    refresh();
}

void LoopPanel::setUpList()
{
    m_list->setModel(&m_model);
    auto *delegate = new ShareDelegate({.column = LoopPhaseModel::Share,
                                        .share = LoopPhaseModel::ShareRole,
                                        .phase = LoopPhaseModel::PhaseRole,
                                        .bold = LoopPhaseModel::RunningRole},
                                       m_list);
    delegate->numericColumns = {LoopPhaseModel::Time, LoopPhaseModel::Share};
    m_list->setItemDelegate(delegate);
    m_list->setColumnSample(LoopPhaseModel::Phase, u"   asleep in poll"_s);
    m_list->setColumnSample(LoopPhaseModel::Waits, u"9, next in 99.9 ms"_s);
    m_list->setColumnSample(LoopPhaseModel::Time, u"99.9 ms"_s);
    m_list->horizontalHeader()->setStretchLastSection(false); // which keeps to a least width
    m_list->horizontalHeader()->setSectionResizeMode(LoopPhaseModel::Share, QHeaderView::Stretch);
    // all nine rows are seen where there is room; a lower dock scrolls
    const int rows = m_list->verticalHeader()->defaultSectionSize() * LoopPhaseModel::RowCount;
    m_list->setMaximumHeight(rows + m_list->horizontalHeader()->sizeHint().height() + 2 * m_list->frameWidth()
                             + 2);
}

void LoopPanel::tick(qint64 nowNs)
{
    m_time = nowNs;
    if (!isInView(*this) || (m_refreshed >= 0 && nowNs >= m_refreshed && nowNs - m_refreshed < refreshNs))
        return;
    refresh();
}

void LoopPanel::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    refresh();
}

void LoopPanel::refresh()
{
    m_refreshed = m_time;
    m_model.tick(m_time);
    const model::LoopStatistics &loop = m_model.statistics();
    const auto setText = [](QLabel *label, const QString &text) {
        if (text != label->text())
            label->setText(text);
    };
    setText(m_now, doesNow());
    const QString words =
        loop.turns == 1 ? tr("%1 turn/s · lag p50 %2, p99 %3, max %4") : tr("%1 turns/s · lag p50 %2, p99 %3, max %4");
    setText(m_lag, words.arg(formatCount(loop.turns), formatDuration(loop.lagP50), formatDuration(loop.lagP99),
                             formatDuration(loop.lagMaximum)));
    setText(m_references, references());
}

QString LoopPanel::doesNow() const
{
    const int loop = m_session.firstLoop();
    if (loop < 0)
        return tr("No loop yet: press Start, and what it does is shown here.");
    const model::Lane &lane = m_session.lane(loop);
    if (lane.running.isRunning()) {
        const QString name = visibleText(QString::fromUtf8(m_session.string(lane.running.name)));
        const QString ran = formatDuration(std::max<qint64>(0, m_time - lane.running.since));
        const QString words = tr("Runs %1 for %2").arg(name, ran);
        return lane.running.request ? tr("%1, for request %2").arg(words, QString::number(lane.running.request)) : words;
    }
    const trace::LiveCounts &counts = m_model.counts();
    if (counts.at <= 0)
        return tr("Not known yet: press Recording if it is off. What the loop does is shown from its next turn on.");
    if (lane.sleepsSince < 0)
        return tr("Between two callbacks");
    const QString words = tr("Asleep in poll for %1").arg(formatDuration(std::max<qint64>(0, m_time - lane.sleepsSince)));
    return counts.nextTimer > m_time ? tr("%1, next timer in %2").arg(words, formatDuration(counts.nextTimer - m_time))
                                     : words;
}

QString LoopPanel::references() const
{
    const trace::LiveCounts &counts = m_model.counts();
    if (counts.at <= 0)
        return {};
    const model::ServerState &server = m_session.server();
    const qint64 servers = server.isListening() ? 1 : 0;
    const auto number = [](qint64 count, const QString &one, const QString &many) {
        return count == 1 ? one : many.arg(formatCount(count));
    };
    return tr("Keeps it alive: %1")
        .arg(QStringList{number(counts.referencedTimers, tr("1 timer"), tr("%1 timers")),
                         number(counts.referencedImmediates, tr("1 immediate"), tr("%1 immediates")),
                         number(counts.jobs, tr("1 job"), tr("%1 jobs")),
                         number(servers, tr("1 server"), tr("%1 servers")),
                         number(qint64(server.openConnections), tr("1 connection"), tr("%1 connections"))}
                 .join(u" · "_s));
}

QString LoopPanel::nowWords() const
{
    return m_now->text();
}

QString LoopPanel::lagWords() const
{
    return m_lag->text();
}

QString LoopPanel::referenceWords() const
{
    return m_references->text();
}

} // namespace loopscope::panel
