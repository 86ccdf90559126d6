// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>

QT_BEGIN_NAMESPACE
class QAbstractItemView;
QT_END_NAMESPACE

namespace loopscope::model {
class ViewState;
}

namespace loopscope::panel {

// The rule of what is live: a list moves by itself only at its newest end, and stops once a person scrolls away,
// selects a row or presses Space. It moves again when a person scrolls to the very end, presses End or Space. Space is
// for all views: it goes through the state that they share.
//
// Owned by its view; GUI thread. It owns no timer: the view's owner calls keepUp() after a batch of rows. It never
// takes a scroll position that the program set for one that a person chose.
class FollowTail final : public QObject {
    Q_OBJECT

public:
    // `state` must outlive it.
    FollowTail(QAbstractItemView *view, model::ViewState &state);

    [[nodiscard]] bool isFollowing() const noexcept { return m_following; }
    // Emits followingChanged() if it changes; turning it on goes to the end at once.
    void setFollowing(bool following);
    // Goes to the end if following. Cheap when there already.
    void keepUp();
    // A row was selected, here or in another view.
    void selected() { setFollowing(false); }

    bool eventFilter(QObject *watched, QEvent *event) override;

Q_SIGNALS:
    void followingChanged(bool following);

private:
    void personScrolled(int action);

    QAbstractItemView *const m_view;
    model::ViewState &m_state;
    bool m_following = true;
};

} // namespace loopscope::panel
