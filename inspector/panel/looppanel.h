// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/loopphasemodel.h"

#include <QtWidgets/QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
QT_END_NAMESPACE

namespace loopscope::panel {

class ListView;

// The dock of the loop: what it does right now, its phases with what waits in each and where the last second went, how
// late it is, and what keeps it alive.
//
// Made by app/; GUI thread; the session must outlive it. It owns no timer: tick(now) is called by the one that app/ has.
class LoopPanel final : public QWidget {
    Q_OBJECT

public:
    explicit LoopPanel(const model::Session &session, QWidget *parent = nullptr);

    // At most 60 times a second, with the time on the clock. Does nothing while the panel is hidden.
    void tick(qint64 nowNs);

    // "Asleep in poll for 1.20 s, next timer in 40.0 ms", "Runs setTimeout for 3.10 ms, for request 4", …
    [[nodiscard]] QString nowWords() const;
    // "1,204 turns/s · lag p50 … p99 … max …"
    [[nodiscard]] QString lagWords() const;
    // "3 timers · 1 immediate · …": what keeps the loop alive.
    [[nodiscard]] QString referenceWords() const;
    [[nodiscard]] ListView &list() const { return *m_list; }
    [[nodiscard]] const model::LoopPhaseModel &phases() const { return m_model; }

protected:
    void showEvent(QShowEvent *event) override;

private:
    // Figures that change faster cannot be read.
    static constexpr qint64 refreshNs = 250'000'000;
    void setUpList();
    void refresh();
    [[nodiscard]] QString doesNow() const;
    [[nodiscard]] QString references() const;

    const model::Session &m_session;
    model::LoopPhaseModel m_model;
    QLabel *const m_now;
    QLabel *const m_lag;
    QLabel *const m_references;
    ListView *const m_list;
    qint64 m_time = 0; // ns: of the last tick
    qint64 m_refreshed = -1; // ns
};

} // namespace loopscope::panel
