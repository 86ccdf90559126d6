// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/delays.h"
#include "inspector/model/viewstate.h"
#include "inspector/panel/delaytable.h"
#include "inspector/panel/detailpage.h"

#include <memory>

QT_BEGIN_NAMESPACE
class QLabel;
QT_END_NAMESPACE

namespace loopscope::panel {

class DelayBar;
class ListView;

// Who delayed the request: its time by what it went to, as a bar and as a table. Selecting a row selects the slice
// everywhere, and a double click shows it in the scope. GUI thread. A long request is added up in steps, between which
// the window goes on.
class DelaysPage final : public DetailPage {
    Q_OBJECT

public:
    DelaysPage(const model::Session &session, model::ViewState &view, QWidget *parent = nullptr);

    void setRequest(quint64 request) override;
    void refresh(qint64 nowNs) override;
    [[nodiscard]] bool isBusy() const override { return m_analysis != nullptr; }

    [[nodiscard]] ListView &list() const { return *m_list; }
    [[nodiscard]] const DelayBar &bar() const { return *m_bar; }
    // "99.8 % accounted for by records.", and what limits it.
    [[nodiscard]] QString noteWords() const;

protected:
    void changeEvent(QEvent *event) override;

private:
    // Between two looks at a request that runs: each goes through all slices since its start.
    static constexpr qint64 refreshNs = 250'000'000;
    // Of one refresh, ms: an eighth of a frame at 60 a second. Slices that are looked at between two looks at the clock.
    static constexpr qint64 stepMs = 2;
    static constexpr quint64 stepSlices = 4'096;
    // Shown around a slice that a double click asks for: as much again on both sides, at least 1 µs.
    static constexpr qint64 minimumSurroundNs = 1'000;

    void show(const model::DelayAccount &account);
    void onRowSelected();
    void followSelection();
    void showInScope(int row);
    [[nodiscard]] QString noteOf(const model::DelayAccount &account) const;

    const model::Session &m_session;
    model::ViewState &m_view;
    DelayTable m_model;
    DelayBar *const m_bar;
    QLabel *const m_note;
    ListView *const m_list;
    std::unique_ptr<model::DelayAnalysis> m_analysis; // that is not complete yet
    quint64 m_request = 0;
    qint64 m_refreshed = -1; // ns
    bool m_shownEnded = false;
    bool m_selecting = false;
};

} // namespace loopscope::panel
