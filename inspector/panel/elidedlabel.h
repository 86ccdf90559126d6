// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QFrame>

namespace loopscope::panel {

// One line of plain text that gives way: elided where there is no room, whole in its tooltip. GUI thread.
class ElidedLabel final : public QFrame {
    Q_OBJECT

public:
    explicit ElidedLabel(QWidget *parent = nullptr);

    // `explanation` stands in the tooltip below the text; plain text as well.
    void setText(const QString &text, const QString &explanation = {});
    [[nodiscard]] const QString &text() const noexcept { return m_text; }

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QString m_text;
    QString m_explanation;
};

} // namespace loopscope::panel
