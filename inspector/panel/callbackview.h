// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/callbackregistry.h"
#include "inspector/model/viewstate.h"

#include <QtWidgets/QWidget>

QT_BEGIN_NAMESPACE
class QCheckBox;
class QLabel;
class QLineEdit;
class QToolButton;
QT_END_NAMESPACE

namespace loopscope::panel {

class EmptyText;
class FollowTail;
class ListView;

// The dock of all callbacks: who registered what, when it is due, when it ran. Choosing a row shows both of its ends on
// the timeline, with the arrow between them.
//
// Made by app/; GUI thread; session and view state must outlive it. It owns no timer: tick(now) is called by the one that
// app/ has; a hidden one costs nothing. The list follows its newest end as FollowTail says.
class CallbackView final : public QWidget {
    Q_OBJECT

public:
    CallbackView(const model::Session &session, model::ViewState &view, QWidget *parent = nullptr);

    // At most 60 times a second, with the time on the clock. Does nothing while the panel is hidden.
    void tick(qint64 nowNs);

    [[nodiscard]] ListView &list() const { return *m_list; }
    [[nodiscard]] const model::CallbackRegistry &registry() const { return m_model; }
    [[nodiscard]] QLineEdit *filterField() const { return m_filter; }
    [[nodiscard]] QCheckBox *liveOnlyBox() const { return m_liveOnly; }
    [[nodiscard]] const FollowTail &followTail() const { return *m_tail; }
    // "1,204 callbacks, 12 of them live"
    [[nodiscard]] QString countWords() const;

    bool eventFilter(QObject *watched, QEvent *event) override;

protected:
    void showEvent(QShowEvent *event) override;

private:
    // Of the stretch between both ends, so much more on either side.
    static constexpr double marginShare = 0.15;
    // The least that is shown of it, ns: two ends on one pixel make no arrow.
    static constexpr qint64 leastRangeNs = 20'000;
    static constexpr qint64 refreshNs = 250'000'000;
    void setUpList();
    void setUpControls();
    void layOut();
    void onRowSelected();
    void onSelectionChanged(const model::Selection &selection);
    void showEnds(int row);
    void keepSelection();
    void updateWords();

    const model::Session &m_session;
    model::ViewState &m_view;
    model::CallbackRegistry m_model;
    ListView *const m_list;
    FollowTail *const m_tail;
    EmptyText *const m_empty;
    QLineEdit *const m_filter;
    QCheckBox *const m_liveOnly;
    QToolButton *const m_follow;
    QLabel *const m_count;
    quint64 m_selectedKey = 0;
    bool m_hasSelection = false; // m_selectedKey is one
    bool m_selecting = false; // our own change of the shared selection is on its way back
    qint64 m_refreshed = -1; // ns
};

} // namespace loopscope::panel
