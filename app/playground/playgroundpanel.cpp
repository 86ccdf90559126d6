// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/playgroundpanel.h"

#include "app/playground/requestform.h"
#include "app/playground/responseview.h"
#include "inspector/model/formatting.h"

#include <QtGui/QShortcut>
#include <QtWidgets/QGridLayout>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QSplitter>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::app {

PlaygroundPanel::PlaygroundPanel(QWidget *parent)
    : QWidget(parent)
    , m_form(new RequestForm)
    , m_response(new ResponseView)
{
    auto *compose = new QWidget;
    auto *composeLayout = new QVBoxLayout(compose);
    composeLayout->setContentsMargins({});
    composeLayout->addWidget(makePresets());
    composeLayout->addWidget(m_form, 1);
    composeLayout->addWidget(makeButtons());
    auto *splitter = new QSplitter(Qt::Vertical);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(compose);
    splitter->addWidget(m_response);
    splitter->setStretchFactor(0, 0);
    splitter->setStretchFactor(1, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(6, 6, 6, 6);
    layout->addWidget(splitter);
    connect(m_form, &RequestForm::sendRequested, this, &PlaygroundPanel::send);
    auto *escape = new QShortcut(QKeySequence(Qt::Key_Escape), this, nullptr, nullptr, Qt::WidgetWithChildrenShortcut);
    connect(escape, &QShortcut::activated, this, &PlaygroundPanel::cancel);
}

QWidget *PlaygroundPanel::makePresets()
{
    auto *box = new QWidget;
    auto *grid = new QGridLayout(box);
    grid->setContentsMargins({});
    grid->setSpacing(4);
    int place = 0;
    for (const RequestPreset &preset : requestPresets()) {
        auto *button = new QPushButton(preset.name);
        button->setToolTip(tr("%1.\nFills the form; send it with Ctrl+Return.").arg(preset.hint));
        button->setAutoDefault(false);
        connect(button, &QPushButton::clicked, this, [this, draft = preset.draft] { m_form->setDraft(draft); });
        grid->addWidget(button, place / 2, place % 2);
        ++place;
    }
    return box;
}

QWidget *PlaygroundPanel::makeButtons()
{
    auto *row = new QWidget;
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins({});
    m_send = new QPushButton(tr("&Send"));
    m_send->setToolTip(tr("Send the request (Ctrl+Return)"));
    m_send->setAutoDefault(true);
    m_cancel = new QPushButton(tr("&Cancel"));
    m_cancel->setToolTip(tr("Close the connection now (Esc)"));
    m_cancel->setEnabled(false);
    connect(m_send, &QPushButton::clicked, this, &PlaygroundPanel::send);
    connect(m_cancel, &QPushButton::clicked, this, &PlaygroundPanel::cancel);
    layout->addWidget(m_send, 1);
    layout->addWidget(m_cancel);
    return row;
}

void PlaygroundPanel::setServer(const QString &host, quint16 port)
{
    m_host = host;
    m_port = port;
}

RequestDraft PlaygroundPanel::draft() const
{
    return m_form->draft();
}

void PlaygroundPanel::setDraft(const RequestDraft &draft)
{
    m_form->setDraft(draft);
}

void PlaygroundPanel::resend(const RequestDraft &draft)
{
    m_form->setDraft(draft);
    send();
}

void PlaygroundPanel::focusPath()
{
    m_form->focusPath();
}

void PlaygroundPanel::send()
{
    if (isRunning())
        return;
    const RequestDraft draft = m_form->draft();
    const PacedRequest::Request request = draft.toRequest(m_host, m_port);
    m_tally = {};
    m_sent = draft.repeat;
    m_running = draft.repeat;
    m_send->setEnabled(false);
    m_cancel->setEnabled(true);
    Q_EMIT runningChanged(true);
    for (int i = 0; i < draft.repeat; ++i)
        launch(request, i == 0);
    updateSummary();
}

void PlaygroundPanel::launch(const PacedRequest::Request &wanted, bool shown)
{
    auto *request = new PacedRequest(wanted, this);
    m_requests.append(request);
    if (shown)
        m_response->follow(request);
    connect(request, &PacedRequest::finished, this, [this, request](std::chrono::nanoseconds at) {
        ++m_tally.answered;
        ++m_tally.statuses[request->responseHead().status];
        m_tally.fastest = std::min(m_tally.fastest, at);
        m_tally.slowest = std::max(m_tally.slowest, at);
        ended(request);
    });
    connect(request, &PacedRequest::failed, this, [this, request](const QString &sentence) {
        ++m_tally.failed;
        m_tally.lastFailure = sentence;
        ended(request);
    });
    connect(request, &PacedRequest::cancelled, this, [this, request] { ended(request); });
    request->start();
}

void PlaygroundPanel::ended(PacedRequest *request)
{
    m_requests.removeOne(request);
    request->deleteLater();
    --m_running;
    updateSummary();
    if (m_running > 0)
        return;
    m_send->setEnabled(true);
    m_cancel->setEnabled(false);
    Q_EMIT runningChanged(false);
}

void PlaygroundPanel::updateSummary()
{
    if (m_sent < 2)
        return;
    QStringList parts{tr("%1 of %2 answered").arg(m_tally.answered).arg(m_sent)};
    for (const auto &[status, count] : m_tally.statuses)
        parts.append(tr("%1 × %2").arg(count).arg(status));
    if (m_tally.answered > 0)
        parts.append(tr("%1 to %2").arg(model::formatDuration(m_tally.fastest.count()), model::formatDuration(m_tally.slowest.count())));
    if (m_tally.failed > 0)
        parts.append(tr("%1 failed: %2").arg(m_tally.failed).arg(m_tally.lastFailure));
    m_response->setSummary(parts.join(u" · "_s));
}

void PlaygroundPanel::cancel()
{
    const QList<PacedRequest *> running = m_requests; // ended() takes them out one by one
    for (PacedRequest *request : running)
        request->cancel();
}

} // namespace loopscope::app
