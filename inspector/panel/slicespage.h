// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/viewstate.h"
#include "inspector/panel/detailpage.h"
#include "inspector/panel/requestslices.h"

namespace loopscope::panel {

class ListView;

// Every slice that the request ran in. Selecting one selects it everywhere. GUI thread.
class SlicesPage final : public DetailPage {
    Q_OBJECT

public:
    SlicesPage(const model::Session &session, model::ViewState &view, QWidget *parent = nullptr);

    void setRequest(quint64 request) override;
    void refresh(qint64 nowNs) override;
    [[nodiscard]] ListView &list() const { return *m_list; }

private:
    // Between two looks at a request that runs: each goes through all slices since its start.
    static constexpr qint64 refreshNs = 250'000'000;
    void onRowSelected();
    void followSelection();

    const model::Session &m_session;
    model::ViewState &m_view;
    RequestSlices m_model;
    ListView *const m_list;
    quint64 m_request = 0;
    qint64 m_refreshed = -1; // ns
    bool m_shownEnded = false;
    bool m_selecting = false;
};

} // namespace loopscope::panel
