// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGui/QColor>
#include <QtWidgets/QWidget>

namespace loopscope::panel {

// One kind of time of a request: where on the axis it was spent, and how much of it.
struct TimingRow {
    QString label;
    QList<std::pair<qint64, qint64>> stretches; // from, to: ns on the clock; in order
    QString value; // how long in all, as text with its unit
    QString explanation; // of the tooltip; plain text
    QColor color;
    bool isTotal = false; // set off by a line, in bold

    friend bool operator==(const TimingRow &, const TimingRow &) = default;
};

// Bars as in a browser's Timing tab: a row a stretch, all on one time axis, with the measured time at the right.
//
// GUI thread. It shows what it is given and computes no time of its own. Reads as a list to assistive tools.
class TimingBars final : public QWidget {
    Q_OBJECT

public:
    explicit TimingBars(QWidget *parent = nullptr);

    // The axis runs from `start` for `duration`, ns.
    void setRows(const QList<TimingRow> &rows, qint64 start, qint64 duration);
    [[nodiscard]] const QList<TimingRow> &rows() const noexcept { return m_rows; }

    // Where a row's bars are drawn, px; each at least 2 px wide, so that nothing measured is invisible.
    [[nodiscard]] QList<QRectF> barRects(int row) const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    bool event(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    [[nodiscard]] int rowHeight() const;
    void measure();

    QList<TimingRow> m_rows;
    qint64 m_start = 0;
    qint64 m_duration = 0;
    int m_labelWidth = 0;
    int m_valueWidth = 0;
};

} // namespace loopscope::panel
