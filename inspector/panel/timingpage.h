// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/panel/detailpage.h"
#include "inspector/panel/requeststages.h"

namespace loopscope::panel {

class TimingBars;

// Where the time of a request went, stage by stage; the total is the sum. GUI thread.
class TimingPage final : public DetailPage {
    Q_OBJECT

public:
    explicit TimingPage(const model::Session &session, QWidget *parent = nullptr);

    void setRequest(quint64 request) override;
    void refresh(qint64 nowNs) override;
    [[nodiscard]] const TimingBars &bars() const { return *m_bars; }

private:
    // Between two looks at a request that runs: each goes through all slices since its start.
    static constexpr qint64 refreshNs = 100'000'000;

    const model::Session &m_session;
    TimingBars *const m_bars;
    quint64 m_request = 0;
    qint64 m_refreshed = -1; // ns
    bool m_shownEnded = false;
};

} // namespace loopscope::panel
