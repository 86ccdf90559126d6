// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/statusstrip.h"

#include "inspector/model/formatting.h"
#include "inspector/theme/colors.h"
#include "inspector/theme/fonts.h"

#include <QtCore/QEvent>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>

using namespace Qt::StringLiterals;

namespace loopscope::app {

namespace {

QString stateWord(ServerHost::State state)
{
    switch (state) {
    case ServerHost::State::Stopped:
        return StatusStrip::tr("stopped");
    case ServerHost::State::Starting:
        return StatusStrip::tr("starting");
    case ServerHost::State::Listening:
        return StatusStrip::tr("listening");
    case ServerHost::State::Draining:
        return StatusStrip::tr("draining");
    }
    return {};
}

} // namespace

StatusStrip::StatusStrip(QWidget *parent)
    : QWidget(parent)
    , m_text(new QLabel)
    , m_blocked(new QLabel)
    , m_notice(new QLabel)
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(6, 1, 6, 1);
    layout->setSpacing(12);
    for (QLabel *label : {m_text, m_blocked, m_notice}) {
        label->setTextFormat(Qt::PlainText);
        label->setFont(theme::tabularFont(font()));
        label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
        layout->addWidget(label);
    }
    m_blocked->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    layout->setStretch(0, 3);
    layout->setStretch(2, 2);
    m_text->setAccessibleName(tr("State of the server"));
    m_notice->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_notice->setTextInteractionFlags(Qt::TextSelectableByMouse);
    updateColors();
}

void StatusStrip::show(ServerHost::State state, const model::ServerState &server, const model::LoopStatistics &loop)
{
    const QStringList parts{
        stateWord(state),
        tr("%1 connections (%2 in flight)")
            .arg(model::formatCount(qint64(server.openConnections)), model::formatCount(qint64(server.inFlightRequests))),
        tr("lag p99 %1").arg(model::formatDuration(loop.lagP99)),
        tr("pool %1/%2").arg(server.poolRunning).arg(server.poolThreads),
        model::formatRate(loop.requestsPerSecond),
        tr("%1 records dropped").arg(model::formatCount(qint64(server.droppedRecords)))};
    const QString text = parts.join(u" · "_s);
    if (text != m_text->text()) {
        m_text->setText(text);
        m_text->setToolTip(tr("Lag: how long what becomes ready waits for the loop, over the last second.\n"
                              "Pool: worker threads that run a job, of all.\n"
                              "Dropped: trace records that found no room because this window was too slow."));
    }
    const bool blocked = loop.blockedFor >= blockingNs;
    m_blocked->setVisible(blocked);
    if (blocked)
        m_blocked->setText(tr("⚠ loop blocked for %1").arg(model::formatDuration(loop.blockedFor)));
}

void StatusStrip::setNotice(const QString &sentence)
{
    m_notice->setText(sentence);
    m_notice->setToolTip(sentence.toHtmlEscaped());
    m_notice->setVisible(!sentence.isEmpty());
}

QString StatusStrip::text() const
{
    return m_text->text();
}

QString StatusStrip::notice() const
{
    return m_notice->text();
}

void StatusStrip::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        updateColors();
}

void StatusStrip::updateColors()
{
    for (QLabel *label : {m_blocked, m_notice}) {
        QPalette colors = label->palette();
        colors.setColor(QPalette::WindowText, theme::alarmColor(palette()));
        if (colors != label->palette())
            label->setPalette(colors);
    }
}

} // namespace loopscope::app
