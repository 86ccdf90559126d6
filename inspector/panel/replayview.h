// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/replay.h"
#include "inspector/model/viewstate.h"
#include "inspector/panel/replayqueues.h"
#include "inspector/panel/replaysteps.h"

#include <QtWidgets/QWidget>

#include <functional>

QT_BEGIN_NAMESPACE
class QLabel;
class QPushButton;
QT_END_NAMESPACE

namespace loopscope::panel {

class EmptyText;
class ListView;

// The dock of the replay: a recorded stretch of a loop step by step, forwards and back, and its queues as they stood before
// the step. Buttons, or Left, Right, Home and End, go; the step is selected everywhere, and a step that is selected
// elsewhere is gone to. Made by app/; GUI thread; session and view state must outlive it. It reads the session only when
// it is told to replay something.
class ReplayView final : public QWidget {
    Q_OBJECT

public:
    ReplayView(const model::Session &session, model::ViewState &view, QWidget *parent = nullptr);

    [[nodiscard]] const model::Replay &replay() const noexcept { return m_replay; }
    // Index of the current step; -1: nothing is replayed.
    [[nodiscard]] qsizetype step() const noexcept { return m_step; }
    [[nodiscard]] ListView &stepList() const { return *m_list; }
    [[nodiscard]] ListView &queueList() const { return *m_queueList; }
    // Where one is: "Step 3 of 41: …".
    [[nodiscard]] QString stepWords() const;
    // What is missing; empty if nothing is.
    [[nodiscard]] QString missingWords() const;

    bool eventFilter(QObject *watched, QEvent *event) override;

public Q_SLOTS:
    // Go to the first step of what it is about, if anything ran there.
    void replayRequest(quint64 request);
    void replayRange(loopscope::model::TimeRange range);
    // The request that is selected.
    void replaySelection();
    // What the timeline shows.
    void replayVisible();
    void first() { goTo(0); }
    void back() { goTo(m_step - 1); }
    void forward() { goTo(m_step + 1); }
    void last();

private:
    void setUpButtons();
    void setUpLists();
    void layOut();
    void replayNothing();
    void reload(const std::function<bool()> &load, const QString &otherwise);
    void goTo(qsizetype step);
    void show(qsizetype step);
    void select(const model::ReplayStep &step);
    void updateWords();
    void updateButtons();
    void onRowSelected();
    void onSelectionChanged(const model::Selection &selection);

    const model::Session &m_session;
    model::ViewState &m_view;
    model::Replay m_replay;
    ReplaySteps m_steps;
    ReplayQueues m_queues;
    QPushButton *const m_request;
    QPushButton *const m_visible;
    QPushButton *const m_first;
    QPushButton *const m_back;
    QPushButton *const m_forward;
    QPushButton *const m_last;
    QLabel *const m_where;
    QLabel *const m_missing;
    ListView *const m_list;
    ListView *const m_queueList;
    EmptyText *m_empty = nullptr;
    qsizetype m_step = -1;
    bool m_selecting = false;
};

} // namespace loopscope::panel
