// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGui/QBrush>
#include <QtWidgets/QWidget>

namespace loopscope::panel {

// One part of the bar.
struct DelayBarPart {
    QString label; // drawn in it where there is room
    QString explanation; // of the tooltip; plain text
    QBrush brush;
    qint64 ns = 0;

    friend bool operator==(const DelayBarPart &, const DelayBarPart &) = default;
};

// A bar of parts side by side, as wide as their shares of the whole. Each has a pattern beside its colour, and its name
// where that fits. GUI thread; shows what it is given. Reads as a list to assistive tools.
class DelayBar final : public QWidget {
    Q_OBJECT

public:
    explicit DelayBar(QWidget *parent = nullptr);

    // Parts of no time are left out.
    void setParts(const QList<DelayBarPart> &parts);
    [[nodiscard]] const QList<DelayBarPart> &parts() const noexcept { return m_parts; }
    // Where a part is drawn, px; at least 1 px wide, so that nothing measured is invisible.
    [[nodiscard]] QRectF partRect(int part) const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    bool event(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    QList<DelayBarPart> m_parts;
    qint64 m_total = 0; // ns
};

} // namespace loopscope::panel
