// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/followtail.h"

#include "inspector/model/viewstate.h"

#include <QtGui/QKeyEvent>
#include <QtWidgets/QAbstractItemView>
#include <QtWidgets/QScrollBar>

namespace loopscope::panel {

FollowTail::FollowTail(QAbstractItemView *view, model::ViewState &state)
    : QObject(view)
    , m_view(view)
    , m_state(state)
    , m_following(state.isFollowing())
{
    connect(&state, &model::ViewState::followingChanged, this, &FollowTail::setFollowing);
    // actionTriggered comes for wheel, keys, buttons and drags, and not for setValue().
    connect(view->verticalScrollBar(), &QScrollBar::actionTriggered, this, &FollowTail::personScrolled);
    view->installEventFilter(this);
}

void FollowTail::setFollowing(bool following)
{
    if (following == m_following)
        return;
    m_following = following;
    keepUp();
    Q_EMIT followingChanged(following);
}

void FollowTail::keepUp()
{
    if (m_following)
        m_view->scrollToBottom();
}

void FollowTail::personScrolled(int)
{
    // The signal is sent before the value follows the slider's position.
    const QScrollBar *bar = m_view->verticalScrollBar();
    setFollowing(bar->sliderPosition() >= bar->maximum());
}

bool FollowTail::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_view && event->type() == QEvent::KeyPress) {
        const auto *key = static_cast<const QKeyEvent *>(event);
        if (key->key() == Qt::Key_Space && key->modifiers() == Qt::NoModifier) {
            const bool follow = !m_following;
            m_state.setFollowing(follow);
            setFollowing(follow); // if the state was so already
            return true;
        }
        if (key->key() == Qt::Key_End && key->modifiers() == Qt::NoModifier && !m_following) {
            // End goes to the newest row without taking it: taking a row means to look at it, and stops the list.
            setFollowing(true);
            return true;
        }
    }
    return QObject::eventFilter(watched, event);
}

} // namespace loopscope::panel
