// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QWidget>

namespace loopscope::panel {

// One tab of the request's detail. Owned by RequestDetail; GUI thread. It keeps what it shows when its request is
// evicted, and asks the session only when it is told to.
class DetailPage : public QWidget {
    Q_OBJECT

public:
    using QWidget::QWidget;

    // Another request; 0: none. Always followed by refresh().
    virtual void setRequest(quint64 request) = 0;
    // The page is in view and its request changed, or still runs. `nowNs`: the time on the clock.
    virtual void refresh(qint64 nowNs) = 0;
    // It has begun something in refresh() that takes more than one: it is called again, whatever happens meanwhile.
    [[nodiscard]] virtual bool isBusy() const { return false; }
};

} // namespace loopscope::panel
