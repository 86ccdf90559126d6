// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "load/latencyhistogram.h"

#include <QtWidgets/QWidget>

class QCPGraph;
class QCustomPlot;

namespace loopscope::app {

// Two latency distributions over one axis of percentiles: x is 1/(1-p), logarithmic, so that 50, 90, 99, 99.9 %… are
// evenly spaced as in HdrHistogram's plots; y is the latency in ms, logarithmic.
//
// GUI thread; owned by the panel. It keeps the curves, not the histograms. A and B differ in colour, in the line and in
// the marker, and by name in the legend. Without curves it says so in words.
class PercentilePlot final : public QWidget {
    Q_OBJECT

public:
    explicit PercentilePlot(QWidget *parent = nullptr);

    struct Curve {
        QString name;
        QList<load::LatencyHistogram::Point> points;
    };
    // Two at most.
    void setCurves(const QList<Curve> &curves);
    [[nodiscard]] const QList<Curve> &curves() const noexcept { return m_curves; }
    // Where a percentile (0 … 100) stands on the axis of x: 99 is at 100. 100 itself is no place: the slowest request
    // of n stands at n.
    [[nodiscard]] static double position(double percentile, qint64 count, qint64 total);
    struct Tick {
        double at = 0; // of x
        QString label; // "99.9 %"
        friend bool operator==(const Tick &, const Tick &) = default;
    };
    // Those of an axis from 1 to `end` that is so many pixels long whose labels have room beside each other: the nines
    // first, then 0, 50 and 75 %. In order of x.
    [[nodiscard]] static QList<Tick> ticks(double end, double pixels, const QFontMetrics &font);
    // What the plot is said to show where it cannot be seen.
    [[nodiscard]] QString description() const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void changeEvent(QEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void addGraph(int index);
    void fitAxes();
    void placeTicks();
    void recolor();
    [[nodiscard]] QString toolTipAt(QPoint point) const;

    QCustomPlot *const m_plot;
    QList<QCPGraph *> m_graphs; // the plot's
    QList<Curve> m_curves;
};

} // namespace loopscope::app
