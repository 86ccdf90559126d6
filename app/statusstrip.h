// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/serverhost.h"
#include "inspector/model/serverstate.h"

#include <QtWidgets/QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
QT_END_NAMESPACE

namespace loopscope::app {

// The line at the window's foot: what the server is doing, in numbers that were measured.
// GUI thread; owned by the main window, which tells it the numbers a few times a second.
class StatusStrip final : public QWidget {
    Q_OBJECT

public:
    // A callback that has run this long blocks the loop visibly: a frame at 20 Hz. ns.
    static constexpr qint64 blockingNs = 50'000'000;

    explicit StatusStrip(QWidget *parent = nullptr);

    void show(ServerHost::State state, const model::ServerState &server, const model::LoopStatistics &loop);
    // One sentence in the alarm colour, until the next or clearNotice().
    void setNotice(const QString &sentence);
    void clearNotice() { setNotice({}); }

    [[nodiscard]] QString text() const;
    [[nodiscard]] QString notice() const;

protected:
    void changeEvent(QEvent *event) override;

private:
    void updateColors();

    QLabel *m_text;
    QLabel *m_blocked;
    QLabel *m_notice;
};

} // namespace loopscope::app
