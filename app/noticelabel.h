// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QLabel>

namespace loopscope::app {

// One sentence in the alarm colour at the window's foot: what just went wrong, or what a person has to know now.
// Plain text, whole in the tooltip; hidden while empty. GUI thread; owned by the main window.
class NoticeLabel final : public QLabel {
    Q_OBJECT

public:
    explicit NoticeLabel(QWidget *parent = nullptr);

    void setNotice(const QString &sentence);
    void clearNotice() { setNotice({}); }
    [[nodiscard]] const QString &notice() const { return m_notice; }

protected:
    void changeEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void updateColor();
    void elide();

    QString m_notice;
};

} // namespace loopscope::app
