// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/connectiontablemodel.h"
#include "inspector/model/viewstate.h"
#include "inspector/panel/draintally.h"

#include <QtWidgets/QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
class QProgressBar;
QT_END_NAMESPACE

namespace loopscope::panel {

class EmptyText;
class ListView;

// The dock of the drain: every open connection, what it does, the countdown to the deadline, and how each one ended.
// Before a drain it says what one would do. Made by app/; GUI thread; session and view state must outlive it.
class DrainView final : public QWidget {
    Q_OBJECT

public:
    DrainView(const model::Session &session, model::ViewState &view, QWidget *parent = nullptr);

    // At most 60 times a second, with the time on the clock.
    void tick(qint64 nowNs);

    // "Draining: 4.2 s left", "Drained in 1.2 s", …
    [[nodiscard]] QString stateWords() const;
    // What a drain would do, or what became of each.
    [[nodiscard]] QString summaryWords() const;
    [[nodiscard]] ListView &list() const { return *m_list; }
    // Of the time until the deadline: the share that is left, 0 … 1000; -1 when there is no countdown.
    [[nodiscard]] int countdown() const;
    [[nodiscard]] DrainTally tally() const;

private:
    // Between two counts of all rows while nothing changed.
    static constexpr qint64 refreshNs = 250'000'000;
    void setUpList();
    void updateState(qint64 nowNs);
    void updateSummary();
    void onRowSelected();
    void onSelectionChanged(const model::Selection &selection);

    const model::Session &m_session;
    model::ViewState &m_view;
    model::ConnectionTableModel m_model;
    QLabel *const m_state;
    QProgressBar *const m_countdown;
    QLabel *const m_summary;
    ListView *const m_list;
    EmptyText *m_empty = nullptr;
    qint64 m_counted = -1; // ns
    bool m_dirty = true;
    bool m_selecting = false;
};

} // namespace loopscope::panel
