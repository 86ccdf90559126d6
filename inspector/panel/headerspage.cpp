// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/headerspage.h"

#include "inspector/model/formatting.h"
#include "inspector/panel/requestwords.h"

#include <QtWidgets/QVBoxLayout>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

using Style = TextPane::Line::Style;

HeadersPage::HeadersPage(const model::Session &session, QWidget *parent)
    : DetailPage(parent)
    , m_session(session)
    , m_requestFields(session, model::HeaderModel::Side::Request)
    , m_responseFields(session, model::HeaderModel::Side::Response)
    , m_pane(new TextPane(this))
{
    m_pane->setAccessibleName(tr("Headers"));
    m_pane->setFrameShape(QFrame::NoFrame);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_pane);
    setFocusProxy(m_pane);
}

void HeadersPage::setRequest(quint64 request)
{
    m_request = request;
    m_requestFields.setRequest(request);
    m_responseFields.setRequest(request);
}

void HeadersPage::refresh(qint64 nowNs)
{
    QList<TextPane::Line> lines;
    const model::Request *request = m_session.request(m_request);
    if (request)
        lines = general(*request, nowNs);
    appendFields(lines, tr("Request headers"), m_requestFields, tr("The head was not recorded."));
    appendFields(lines, tr("Response headers"), m_responseFields,
                 request && request->isRunning() ? tr("No response yet.") : tr("No response was sent."));
    m_pane->fill(lines);
}

QList<TextPane::Line> HeadersPage::general(const model::Request &request, qint64 nowNs) const
{
    QList<TextPane::Line> lines{{Style::Heading, {}, tr("General")}};
    const auto add = [&lines](const QString &name, const QString &value) { lines.append({Style::Field, name, value}); };
    add(tr("Request"), u"#%1"_s.arg(request.number));
    add(tr("Status"), statusWords(request));
    add(tr("Started"), model::formatTimestamp(request.start, m_session.firstTime()));
    add(tr("Duration"), model::formatDuration(request.durationAt(nowNs)));
    if (request.connection != 0) {
        const model::Connection *connection = m_session.connection(request.connection);
        const QString peer = connection ? model::printable(m_session.text(connection->peer)) : QString();
        add(tr("Connection"), peer.isEmpty() ? u"#%1"_s.arg(request.connection)
                                             : tr("#%1 from %2").arg(QString::number(request.connection), peer));
    }
    add(tr("Request body"), bodyWords(request.bodyBytes, request.chunks, request.framing));
    add(tr("Response body"), bodyWords(request.responseBytes, request.responseChunks, request.responseFraming));
    if (request.redirectedFrom != 0)
        add(tr("Follows the redirect of"), u"#%1"_s.arg(request.redirectedFrom));
    if (request.redirectedTo != 0)
        add(tr("Redirect followed by"), u"#%1"_s.arg(request.redirectedTo));
    if (request.clientErrors != 0)
        add(tr("Client errors"), model::formatCount(request.clientErrors));
    return lines;
}

void HeadersPage::appendFields(QList<TextPane::Line> &lines, const QString &heading, const model::HeaderModel &fields,
                               const QString &missing)
{
    lines.append({Style::Heading, {}, heading});
    if (fields.startLine().isEmpty() && fields.rowCount() == 0) {
        lines.append({Style::Note, {}, fields.isEvicted() ? tr("The session's memory is full: these bytes were let go.") : missing});
        return;
    }
    if (!fields.startLine().isEmpty())
        lines.append({Style::Text, {}, fields.startLine()});
    for (int row = 0; row < fields.rowCount(); ++row) {
        lines.append({Style::Field, fields.index(row, model::HeaderModel::Name).data().toString(),
                      fields.index(row, model::HeaderModel::Value).data().toString()});
    }
}

} // namespace loopscope::panel
