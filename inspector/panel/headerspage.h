// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/headermodel.h"
#include "inspector/panel/detailpage.h"
#include "inspector/panel/textpane.h"

namespace loopscope::panel {

// General facts, the request's header fields, the response's: as text that can be selected and copied. GUI thread.
class HeadersPage final : public DetailPage {
    Q_OBJECT

public:
    explicit HeadersPage(const model::Session &session, QWidget *parent = nullptr);

    void setRequest(quint64 request) override;
    void refresh(qint64 nowNs) override;
    [[nodiscard]] const TextPane &pane() const noexcept { return *m_pane; }

private:
    [[nodiscard]] QList<TextPane::Line> general(const model::Request &request, qint64 nowNs) const;
    static void appendFields(QList<TextPane::Line> &lines, const QString &heading, const model::HeaderModel &fields,
                             const QString &missing);

    const model::Session &m_session;
    model::HeaderModel m_requestFields;
    model::HeaderModel m_responseFields;
    TextPane *const m_pane;
    quint64 m_request = 0;
};

} // namespace loopscope::panel
