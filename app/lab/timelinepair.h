// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"
#include "inspector/model/viewstate.h"
#include "load/labreport.h"

#include <QtWidgets/QWidget>

#include <array>

QT_BEGIN_NAMESPACE
class QLabel;
class QSpinBox;
QT_END_NAMESPACE

namespace loopscope::scope {
class ScopeView;
}

namespace loopscope::app {

// A run of A above a run of B: two timelines of the live session under one time axis, whose 0 is when each one's
// experiment was sent; they scroll and zoom together.
//
// GUI thread; owned by the panel; the session must outlive it. Its view states are its own: it moves no other view.
class TimelinePair final : public QWidget {
    Q_OBJECT

public:
    explicit TimelinePair(const model::Session &session, QWidget *parent = nullptr);

    // Shows the first run of the report's first two results.
    void setReport(const load::LabReport &report);
    // As ScopeView's.
    void tick(qint64 nowNs);

    // Which run of both is shown, from 1.
    void showRun(int run);
    [[nodiscard]] const model::ViewState &stateOfA() const { return m_sides[0].state; }
    [[nodiscard]] const model::ViewState &stateOfB() const { return m_sides[1].state; }

private:
    struct Side {
        model::ViewState state;
        QLabel *title = nullptr;
        scope::ScopeView *view = nullptr;
        QString name;
        QList<load::LabMeasurement> runs;
        qint64 originNs = 0; // the experiment's sending in the run that is shown
    };

    void follow(Side &leader, Side &follower);

    // Before and behind the longer of the two, of its length.
    static constexpr double margin = 0.1;

    std::array<Side, 2> m_sides;
    QSpinBox *const m_run;
    bool m_moving = false;
};

} // namespace loopscope::app
