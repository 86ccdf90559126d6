// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/timingpage.h"

#include "inspector/model/formatting.h"
#include "inspector/model/requestcolor.h"
#include "inspector/panel/timingbars.h"
#include "inspector/theme/colors.h"

#include <QtWidgets/QLabel>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QVBoxLayout>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

namespace {

struct Words {
    QString label;
    QString explanation;
};

Words wordsOf(Stage stage)
{
    switch (stage) {
    case Stage::ReadingHead:
        return {TimingPage::tr("Reading head"), TimingPage::tr("From the request's first byte to the end of its head")};
    case Stage::ReadingBody:
        return {TimingPage::tr("Reading body"),
                TimingPage::tr("To the last byte of the body; callbacks that took the chunks are in it")};
    case Stage::Loop:
        return {TimingPage::tr("On the loop"), TimingPage::tr("Its middleware, handler and callbacks ran on the loop")};
    case Stage::Pool:
        return {TimingPage::tr("In the pool"), TimingPage::tr("A worker thread ran a job of it; the loop was free")};
    case Stage::PoolQueue:
        return {TimingPage::tr("Queued for pool"), TimingPage::tr("A job of it waited for a worker thread")};
    case Stage::Waiting:
        return {TimingPage::tr("Waiting"),
                TimingPage::tr("Nothing of it ran: it waited for a timer, or the loop ran something else")};
    case Stage::Sending:
        return {TimingPage::tr("Sending"), TimingPage::tr("From the response's head to its last byte")};
    }
    return {};
}

QColor colorOf(Stage stage, quint64 request, const QPalette &palette)
{
    const QColor own = theme::requestColor(model::requestColorIndex(request), palette);
    const QColor ground = palette.color(QPalette::Window);
    const QColor ink = palette.color(QPalette::WindowText);
    switch (stage) {
    case Stage::ReadingHead:
    case Stage::ReadingBody: return theme::blend(own, ground, 0.5);
    case Stage::Loop: return own;
    case Stage::Pool: return theme::blend(own, ink, 0.45);
    case Stage::PoolQueue: return theme::blend(ink, ground, 0.4);
    case Stage::Waiting: return theme::blend(ink, ground, 0.6);
    case Stage::Sending: return theme::blend(own, ground, 0.3);
    }
    return own;
}

} // namespace

TimingPage::TimingPage(const model::Session &session, QWidget *parent)
    : DetailPage(parent)
    , m_session(session)
    , m_bars(new TimingBars)
{
    auto *scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::StrongFocus);
    scroll->setAccessibleName(tr("Timing"));
    auto *content = new QWidget;
    auto *inner = new QVBoxLayout(content);
    inner->setContentsMargins(0, 6, 0, 6);
    inner->addWidget(m_bars);
    auto *note = new QLabel(tr("Each bar lies where on the request's own time axis it was measured. "
                               "A moment counts once, so the stages add up to the total."));
    note->setTextFormat(Qt::PlainText);
    note->setWordWrap(true);
    note->setContentsMargins(8, 8, 8, 0);
    note->setForegroundRole(QPalette::PlaceholderText);
    inner->addWidget(note);
    inner->addStretch();
    scroll->setWidget(content);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(scroll);
    setFocusProxy(scroll);
}

void TimingPage::setRequest(quint64 request)
{
    m_request = request;
    m_refreshed = -1;
}

void TimingPage::refresh(qint64 nowNs)
{
    const model::Request *request = m_session.request(m_request);
    if (!request) {
        if (m_request == 0)
            m_bars->setRows({}, 0, 0);
        return;
    }
    if (m_refreshed >= 0 && m_shownEnded == !request->isRunning() && nowNs - m_refreshed < refreshNs)
        return;
    m_refreshed = nowNs;
    m_shownEnded = !request->isRunning();
    const QList<StageInterval> intervals = stagesOf(*request, activitiesOf(m_session, m_request, nowNs), nowNs);
    const auto totals = stageTotals(intervals);
    QList<TimingRow> rows;
    for (int i = 0; i < stageCount; ++i) {
        const auto stage = Stage(i);
        const Words words = wordsOf(stage);
        TimingRow row{.label = words.label,
                      .stretches = {},
                      .value = model::formatDuration(totals[std::size_t(i)]),
                      .explanation = words.explanation,
                      .color = colorOf(stage, m_request, palette())};
        for (const StageInterval &interval : intervals) {
            if (interval.stage == stage)
                row.stretches.append({interval.from, interval.to});
        }
        if (!row.stretches.isEmpty())
            rows.append(row);
    }
    const qint64 duration = request->durationAt(nowNs);
    rows.append({.label = request->isRunning() ? tr("So far") : tr("Total"),
                 .stretches = {},
                 .value = model::formatDuration(duration),
                 .explanation = tr("From the request's first byte to the response's last"),
                 .color = {},
                 .isTotal = true});
    m_bars->setRows(rows, request->start, duration);
}

} // namespace loopscope::panel
