// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/statusstrip.h"

#include "inspector/model/formatting.h"
#include "inspector/panel/elidedlabel.h"
#include "inspector/panel/plaintext.h"
#include "inspector/panel/requestwords.h"
#include "inspector/theme/colors.h"

#include <QtCore/QEvent>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

StatusStrip::StatusStrip(const model::Session &session, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_text(new ElidedLabel(this))
    , m_blocked(new QLabel(this))
    , m_dropped(new QLabel(this))
{
    for (QLabel *label : {m_blocked, m_dropped}) {
        label->setTextFormat(Qt::PlainText);
        label->setAutoFillBackground(true);
        label->setContentsMargins(6, 1, 6, 1);
        label->hide();
    }
    m_blocked->setAccessibleName(tr("The loop is blocked"));
    m_dropped->setAccessibleName(tr("Records were dropped"));
    m_dropped->setToolTip(plainToolTip(tr("The server wrote records faster than they were read. The server was not "
                                          "slowed down; the views have gaps where the records are missing.")));
    m_blocked->setToolTip(plainToolTip(tr("One callback has held the loop for more than %1: until it returns, nothing "
                                          "else is read, answered or timed.")
                                           .arg(model::formatSpan(blockedNs))));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(6, 2, 6, 2);
    layout->addWidget(m_blocked);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_dropped);
    colorNotices();
    tick(session.lastTime());
}

void StatusStrip::tick(qint64 nowNs)
{
    if (m_refreshed >= 0 && nowNs >= m_refreshed && nowNs - m_refreshed < refreshNs)
        return;
    m_refreshed = nowNs;
    const model::LoopStatistics loop = m_session.loopStatistics(nowNs);
    updateText(loop);
    updateNotices(loop);
}

QString StatusStrip::text() const
{
    return m_text->text();
}

QString StatusStrip::blockedNotice() const
{
    return m_blocked->isHidden() ? QString() : m_blocked->text();
}

QString StatusStrip::droppedNotice() const
{
    return m_dropped->isHidden() ? QString() : m_dropped->text();
}

void StatusStrip::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        colorNotices();
}

void StatusStrip::updateText(const model::LoopStatistics &loop)
{
    const model::ServerState &server = m_session.server();
    const QString state = server.isDraining() ? tr("draining")
        : server.isListening() ? tr("listening")
        : server.drainEnded >= 0 ? tr("drained") : tr("not listening");
    const QString text = QStringList{
        state,
        (server.openConnections == 1 ? tr("%1 connection (%2 in flight)") : tr("%1 connections (%2 in flight)")).arg(model::formatCount(qint64(server.openConnections)),
                                                model::formatCount(qint64(server.inFlightRequests))),
        tr("lag p99 %1").arg(model::formatDuration(loop.lagP99)),
        server.poolThreads > 0 ? tr("pool %1/%2").arg(server.poolRunning).arg(server.poolThreads) : tr("pool –"),
        model::formatRate(loop.requestsPerSecond),
        tr("%1 records dropped").arg(model::formatCount(qint64(server.droppedRecords)))}.join(u" · "_s);
    m_text->setText(text, tr("All of the last second:\n"
                             "connections: open now, and requests being answered on them\n"
                             "lag p99: 99 of 100 turns of the loop kept others waiting for less (most: %1)\n"
                             "loop busy: %2 of the time\n"
                             "pool: threads that run a job, of the threads that it has%4; jobs waiting: %3\n"
                             "req/s: requests ended per second\n"
                             "records dropped: since the server was started, because the ring was full")
                              .arg(model::formatDuration(loop.lagMaximum), model::formatShare(loop.busyShare),
                                   model::formatCount(server.poolQueued),
                                   server.poolThreads > 0 && !server.poolStarted ? tr(" (none started yet)") : QString()));
}

void StatusStrip::updateNotices(const model::LoopStatistics &loop)
{
    const QString blocked = loop.blockedFor > blockedNs ? blockedWords(loop) : QString();
    m_blocked->setText(blocked);
    m_blocked->setVisible(!blocked.isEmpty());
    const quint64 dropped = m_session.server().droppedRecords;
    m_dropped->setText(dropped > 0 ? tr("▲ %1 records dropped: the views have gaps").arg(model::formatCount(qint64(dropped)))
                                   : QString());
    m_dropped->setVisible(dropped > 0);
}

QString StatusStrip::blockedWords(const model::LoopStatistics &loop) const
{
    QString by;
    for (int i = 0; i < m_session.laneCount(); ++i) {
        const model::Lane &lane = m_session.lane(i);
        if (lane.kind != trace::Trace::LaneKind::Loop || !lane.running.isRunning())
            continue;
        by = visibleText(QString::fromUtf8(m_session.string(lane.running.name)));
        if (lane.running.request != 0)
            by = tr("%1 of request %2").arg(by, QString::number(lane.running.request));
        break;
    }
    const QString since = model::formatDuration(loop.blockedFor);
    return by.isEmpty() ? tr("■ The loop is blocked for %1").arg(since) : tr("■ The loop is blocked for %1 by %2").arg(since, by);
}

void StatusStrip::colorNotices()
{
    const auto color = [this](QLabel *label, const QColor &fill) {
        QPalette colors = palette();
        colors.setColor(QPalette::Window, fill);
        colors.setColor(QPalette::WindowText, theme::textOn(fill));
        label->setPalette(colors);
    };
    color(m_blocked, theme::alarmColor(palette()));
    color(m_dropped, theme::warningColor(palette()));
}

} // namespace loopscope::panel
