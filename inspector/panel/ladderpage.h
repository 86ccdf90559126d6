// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/panel/detailpage.h"
#include "inspector/panel/laddermodel.h"

QT_BEGIN_NAMESPACE
class QLabel;
QT_END_NAMESPACE

namespace loopscope::panel {

class ListView;

// The middleware that a request went through, down and back up, with the time in each, where each was registered and
// whether it called next(); and, while it hangs, in which one. GUI thread.
class LadderPage final : public DetailPage {
    Q_OBJECT

public:
    explicit LadderPage(const model::Session &session, QWidget *parent = nullptr);

    void setRequest(quint64 request) override;
    void refresh(qint64 nowNs) override;
    [[nodiscard]] const ListView &list() const { return *m_list; }
    // "in auth for 3.2 s: no next(), no response", or empty.
    [[nodiscard]] QString stuckMessage() const;

protected:
    void changeEvent(QEvent *event) override;

private:
    void colorMessage();

    model::LayerModel m_layers;
    LadderModel m_ladder;
    QLabel *const m_stuck;
    ListView *const m_list;
};

} // namespace loopscope::panel
