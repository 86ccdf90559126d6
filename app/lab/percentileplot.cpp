// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/lab/percentileplot.h"

#include "inspector/model/formatting.h"
#include "inspector/theme/colors.h"

#include <QtCore/QEvent>
#include <QtGui/QHelpEvent>
#include <QtWidgets/QToolTip>
#include <QtWidgets/QVBoxLayout>

// QCustomPlot's header needs two words of Qt's that QT_NO_KEYWORDS and QT_NO_FOREACH take from our own code.
#define signals Q_SIGNALS
#define foreach(variable, container) for (variable : container)
#include <qcustomplot.h>
#undef foreach
#undef signals

#include <algorithm>
#include <cmath>

using namespace Qt::StringLiterals;

namespace loopscope::app {

namespace {

constexpr double nsPerMillisecond = 1e6;
constexpr qint64 leastShownNs = 1'000; // a logarithm has no 0
// The axis reaches at least to 99 %, so that few requests do not fill it.
constexpr double leastEnd = 100;
// The axis goes on behind the slowest request by this factor: room for its marker.
constexpr double roomBehind = 1.15;
// What the axis of y takes from the width, characters.
constexpr int yAxisCharacters = 8;
// In which axes and curves can still be told apart, logical pixels.
constexpr QSize leastRoom{160, 110};
// A marker at every so manyth point.
constexpr int markerSkip = 3;

struct Look {
    int color; // of theme::requestColor()
    Qt::PenStyle line;
    QCPScatterStyle::ScatterShape marker;
};
constexpr Look looks[] = {{1, Qt::SolidLine, QCPScatterStyle::ssDisc}, {0, Qt::DashLine, QCPScatterStyle::ssSquare}};

// 90 %, 99 %, 99.9 % and so on, where they stand, then 0, 50, 75 %.
QList<PercentilePlot::Tick> tickCandidates(double end)
{
    QList<PercentilePlot::Tick> all;
    QString nines = u"9"_s;
    for (double at = 10; at <= end; at *= 10, nines += u'9') {
        QString number = nines.size() == 1 ? u"90"_s : nines; // "90", "99", "999": 99.9
        if (number.size() > 2)
            number.insert(2, u'.');
        all.append({at, number + u" %"_s});
    }
    all += {{1, u"0 %"_s}, {2, u"50 %"_s}, {4, u"75 %"_s}};
    return all;
}

void color(QCPAxis *axis, const QColor &text, const QColor &grid)
{
    const QPen pen(text);
    axis->setBasePen(pen);
    axis->setTickPen(pen);
    axis->setSubTickPen(pen);
    axis->setTickLabelColor(text);
    axis->setLabelColor(text);
    axis->grid()->setPen(QPen(grid, 1, Qt::DotLine));
    axis->grid()->setSubGridVisible(false);
}

} // namespace

PercentilePlot::PercentilePlot(QWidget *parent)
    : QWidget(parent)
    , m_plot(new QCustomPlot(this))
{
    setAccessibleName(tr("Latency by percentile"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_plot);
    // A splitter gives a hidden child no width, and QCustomPlot would paint into a picture of that size.
    m_plot->setMinimumSize(leastRoom);
    m_plot->installEventFilter(this);
    m_plot->xAxis->setScaleType(QCPAxis::stLogarithmic);
    m_plot->xAxis->setLabel(tr("so many of the requests took no longer"));
    m_plot->yAxis->setScaleType(QCPAxis::stLogarithmic);
    m_plot->yAxis->setTicker(QSharedPointer<QCPAxisTickerLog>(new QCPAxisTickerLog));
    m_plot->yAxis->setNumberFormat(u"g"_s);
    m_plot->yAxis->setLabel(tr("ms"));
    m_plot->legend->setVisible(true);
    m_plot->axisRect()->insetLayout()->setInsetAlignment(0, Qt::AlignRight | Qt::AlignBottom);
    setCurves({});
}

QSize PercentilePlot::sizeHint() const
{
    return {480, 300};
}

QSize PercentilePlot::minimumSizeHint() const
{
    return leastRoom;
}

double PercentilePlot::position(double percentile, qint64 count, qint64 total)
{
    if (count >= total)
        return double(std::max<qint64>(1, total));
    return 1 / (1 - percentile / 100);
}

void PercentilePlot::setCurves(const QList<Curve> &curves)
{
    m_curves = curves.first(std::min<qsizetype>(curves.size(), qsizetype(std::size(looks))));
    m_plot->clearGraphs();
    m_graphs.clear();
    for (int i = 0; i < int(m_curves.size()); ++i)
        addGraph(i);
    m_plot->legend->setVisible(!m_curves.isEmpty());
    fitAxes();
    recolor();
    setAccessibleDescription(description());
}

void PercentilePlot::addGraph(int index)
{
    const Curve &curve = m_curves[index];
    QVector<double> x;
    QVector<double> y;
    const qint64 total = curve.points.isEmpty() ? 0 : curve.points.last().count;
    for (const load::LatencyHistogram::Point &point : curve.points) {
        x.append(position(point.percentile, point.count, total));
        y.append(double(std::max(point.latencyNs, leastShownNs)) / nsPerMillisecond);
    }
    QCPGraph *graph = m_plot->addGraph();
    graph->setName(curve.name);
    graph->setData(x, y, true);
    graph->setScatterSkip(markerSkip);
    m_graphs.append(graph);
}

// Whole decades, so that curves of several runs of the lab can be held against each other.
void PercentilePlot::fitAxes()
{
    double end = leastEnd;
    double least = 1;
    double most = 1;
    for (const Curve &curve : m_curves) {
        if (curve.points.isEmpty())
            continue;
        end = std::max(end, double(curve.points.last().count));
        least = std::min(least, double(std::max(curve.points.first().latencyNs, leastShownNs)) / nsPerMillisecond);
        most = std::max(most, double(curve.points.last().latencyNs) / nsPerMillisecond);
    }
    m_plot->xAxis->setRange(1, end * roomBehind);
    m_plot->yAxis->setRange(std::pow(10, std::floor(std::log10(least))),
                            std::pow(10, std::ceil(std::log10(most * 1.01))));
    placeTicks();
}

QList<PercentilePlot::Tick> PercentilePlot::ticks(double end, double pixels, const QFontMetrics &font)
{
    struct Placed {
        Tick tick;
        double middle = 0;
        double width = 0;
    };
    QList<Placed> placed;
    for (const Tick &tick : tickCandidates(end)) {
        const Placed one{tick, pixels * std::log10(tick.at) / std::log10(std::max(end, 2.0)),
                         double(font.horizontalAdvance(tick.label + u' '))};
        const bool hasRoom = std::none_of(placed.cbegin(), placed.cend(), [&one](const Placed &other) {
            return std::abs(other.middle - one.middle) < (other.width + one.width) / 2;
        });
        if (hasRoom)
            placed.append(one);
    }
    std::sort(placed.begin(), placed.end(), [](const Placed &a, const Placed &b) { return a.tick.at < b.tick.at; });
    QList<Tick> result;
    for (const Placed &one : std::as_const(placed))
        result.append(one.tick);
    return result;
}

void PercentilePlot::placeTicks()
{
    const QFontMetrics metrics = fontMetrics();
    const double pixels = std::max(1, m_plot->width() - yAxisCharacters * metrics.averageCharWidth());
    const QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
    ticker->setSubTickCount(0);
    for (const Tick &tick : ticks(m_plot->xAxis->range().upper, pixels, metrics))
        ticker->addTick(tick.at, tick.label);
    m_plot->xAxis->setTicker(ticker);
}

void PercentilePlot::recolor()
{
    const QPalette &colors = palette();
    const QColor text = colors.color(QPalette::Text);
    const QColor base = colors.color(QPalette::Base);
    m_plot->setBackground(QBrush(base));
    const QColor grid = theme::blend(base, text, 0.3);
    color(m_plot->xAxis, text, grid);
    color(m_plot->yAxis, text, grid);
    for (QCPAxis *axis : {m_plot->xAxis, m_plot->yAxis}) {
        axis->setTickLabelFont(font());
        axis->setLabelFont(font());
    }
    m_plot->legend->setFont(font());
    m_plot->legend->setTextColor(text);
    m_plot->legend->setBrush(base);
    m_plot->legend->setBorderPen(QPen(grid));
    for (int i = 0; i < int(m_graphs.size()); ++i) {
        const QColor line = theme::requestColor(looks[i].color, colors);
        m_graphs[i]->setPen(QPen(line, 2, looks[i].line));
        m_graphs[i]->setScatterStyle(QCPScatterStyle(looks[i].marker, line, line, 7));
    }
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void PercentilePlot::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    // A palette has other colours for what is disabled.
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange
        || event->type() == QEvent::EnabledChange) {
        placeTicks();
        recolor();
    }
}

bool PercentilePlot::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize)
        placeTicks(); // before it replots
    if (event->type() != QEvent::ToolTip)
        return QWidget::eventFilter(watched, event);
    const auto *help = static_cast<QHelpEvent *>(event);
    QToolTip::showText(help->globalPos(), toolTipAt(help->pos()), m_plot);
    return true;
}

QString PercentilePlot::toolTipAt(QPoint point) const
{
    const double x = m_plot->xAxis->pixelToCoord(point.x());
    if (m_curves.isEmpty() || x < 1)
        return {};
    const double percentile = 100 * (1 - 1 / x);
    QStringList lines{tr("%1 % of the requests took no longer than").arg(percentile, 0, 'f', x < 1000 ? 1 : 3)};
    for (const Curve &curve : m_curves) {
        const auto at = std::find_if(curve.points.begin(), curve.points.end(),
                                     [&](const auto &one) { return one.percentile >= percentile; });
        if (at != curve.points.end())
            lines.append(tr("%1: %2").arg(curve.name, model::formatDuration(at->latencyNs)));
    }
    return lines.join(u'\n');
}

QString PercentilePlot::description() const
{
    QStringList lines;
    for (const Curve &curve : m_curves) {
        if (!curve.points.isEmpty())
            lines.append(tr("%1: from %2 to %3, %4 requests")
                             .arg(curve.name, model::formatDuration(curve.points.first().latencyNs),
                                  model::formatDuration(curve.points.last().latencyNs),
                                  model::formatCount(curve.points.last().count)));
    }
    return lines.isEmpty() ? tr("Nothing was compared yet") : lines.join(u"; "_s);
}

} // namespace loopscope::app
