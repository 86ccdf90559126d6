// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/lab/abpanel.h"

#include "app/lab/abexport.h"
#include "app/lab/labwords.h"
#include "app/lab/percentileplot.h"
#include "app/lab/runform.h"
#include "app/lab/timelinepair.h"
#include "inspector/model/formatting.h"
#include "inspector/theme/fonts.h"

#include <QtCore/QJsonDocument>
#include <QtGui/QImage>
#include <QtGui/QPainter>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QMenu>
#include <QtWidgets/QProgressBar>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QSplitter>
#include <QtWidgets/QTabWidget>
#include <QtWidgets/QTableWidget>
#include <QtWidgets/QToolButton>
#include <QtWidgets/QVBoxLayout>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::app {

namespace {

constexpr int progressSteps = 1'000;
// Around the picture's texts, logical pixels.
constexpr int pictureMargin = 12;
// How wide a picture is, whatever room the window has.
constexpr int pictureCharacters = 130;
// The timelines' height there, by the width: both loops and their pools.
constexpr double pictureTimelines = 0.75;
// The least room of the figures, logical pixels, where the dock is narrow.
constexpr QSize leastFigures{120, 60};
// A column of words needs no more than this beside the curves, in characters: they wrap.
constexpr int wordCharacters = 16;

QString letter(qsizetype index)
{
    return index == 0 ? u"A"_s : u"B"_s;
}

} // namespace

AbPanel::AbPanel(const model::Session &session, const QList<practice::Experiment> &experiments, QWidget *parent)
    : QWidget(parent)
    , m_experiments(experiments)
    , m_form(new RunForm(m_experiments))
    , m_plot(new PercentilePlot)
    , m_timelines(new TimelinePair(session))
{
    auto *split = new QSplitter(Qt::Horizontal);
    split->addWidget(makeControls());
    split->addWidget(makeResults());
    split->setStretchFactor(1, 1);
    split->setSizes({220, 400});
    split->setChildrenCollapsible(false);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(split);
    setFocusProxy(m_form->focusProxy());
    connect(&m_run, &load::LabRun::progressed, this, &AbPanel::onProgress);
    connect(&m_run, &load::LabRun::finished, this, &AbPanel::onFinished);
    setServer({}, 0);
}

QWidget *AbPanel::makeControls()
{
    auto *scroll = new QScrollArea;
    scroll->setWidget(m_form);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_start = new QPushButton(tr("Co&mpare"));
    m_start->setToolTip(tr("Run A, then B, so many times"));
    m_cancel = new QPushButton(tr("Ca&ncel"));
    m_cancel->setToolTip(tr("Stop now; what was measured so far is shown"));
    m_export = new QToolButton;
    m_export->setText(tr("E&xport"));
    m_export->setToolTip(tr("Write the results to a file"));
    m_export->setPopupMode(QToolButton::InstantPopup);
    m_export->setMenu(new QMenu(m_export));
    addExport(tr("&Picture (PNG) …"), u"png"_s, &AbPanel::exportPng);
    addExport(tr("&Curves (CSV) …"), u"csv"_s, &AbPanel::writeCsv);
    addExport(tr("&Everything (JSON) …"), u"json"_s, &AbPanel::writeJson);
    m_progress = new QProgressBar;
    m_progress->setRange(0, progressSteps);
    m_progress->setTextVisible(false);
    m_progress->setMaximumHeight(fontMetrics().height() / 2 + 2);
    m_progress->setAccessibleName(tr("Progress of the comparison"));
    m_status = new QLabel;
    m_status->setWordWrap(true);
    m_status->setTextFormat(Qt::PlainText);
    m_status->setAccessibleName(tr("State of the comparison"));
    auto *buttons = new QHBoxLayout;
    buttons->addWidget(m_start);
    buttons->addWidget(m_cancel);
    buttons->addWidget(m_export);
    buttons->addStretch();
    auto *foot = new QVBoxLayout;
    foot->setContentsMargins(8, 4, 8, 6);
    foot->addLayout(buttons);
    foot->addWidget(m_progress);
    foot->addWidget(m_status);
    auto *controls = new QWidget;
    auto *layout = new QVBoxLayout(controls);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(scroll, 1);
    layout->addLayout(foot);
    connect(m_start, &QPushButton::clicked, this, &AbPanel::run);
    connect(m_cancel, &QPushButton::clicked, this, &AbPanel::cancel);
    return controls;
}

void AbPanel::addExport(const QString &text, const QString &suffix, QString (AbPanel::*write)(const QString &))
{
    connect(m_export->menu()->addAction(text), &QAction::triggered, this, [this, suffix, write] {
        auto *dialog = new QFileDialog(this, tr("Export the comparison"));
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setAcceptMode(QFileDialog::AcceptSave);
        dialog->setDefaultSuffix(suffix);
        dialog->setNameFilter(u"*."_s + suffix);
        dialog->selectFile(u"compare-%1.%2"_s.arg(QString::fromUtf8(m_report.plan.name), suffix));
        connect(dialog, &QFileDialog::fileSelected, this, [this, write](const QString &path) {
            const QString problem = (this->*write)(path);
            m_status->setText(problem.isEmpty() ? tr("Written to %1").arg(path) : problem);
        });
        dialog->open(); // and not exec(): nothing here waits
    });
}

QWidget *AbPanel::makeFigures()
{
    m_figures = new QTableWidget;
    m_figures->setAccessibleName(tr("Figures of A and B"));
    m_figures->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_figures->setSelectionMode(QAbstractItemView::SingleSelection);
    m_figures->setTabKeyNavigation(false);
    m_figures->setAlternatingRowColors(true);
    m_figures->setShowGrid(false);
    m_figures->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_figures->verticalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents); // texts wrap
    m_figures->verticalHeader()->setMinimumSectionSize(m_figures->fontMetrics().height() + 2);
    m_figures->setMinimumSize(leastFigures);
    m_figures->setVisible(false); // until there are some
    return m_figures;
}

QWidget *AbPanel::makeResults()
{
    m_sentence = new QLabel(tr("Choose an experiment and press Compare: two ways of doing the same work, and what each "
                               "does to everybody else."));
    m_sentence->setWordWrap(true);
    m_sentence->setTextFormat(Qt::PlainText);
    m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_sentence->setContentsMargins(6, 4, 6, 4);
    m_sentence->setAccessibleName(tr("What the comparison shows"));
    m_result = new QSplitter(Qt::Horizontal);
    m_result->addWidget(makeFigures());
    m_result->setChildrenCollapsible(false);
    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_sentence);
    layout->addWidget(m_result, 1);
    m_tabs = new QTabWidget;
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(page, tr("Re&sult"));
    m_tabs->addTab(m_plot, tr("Latenc&ies"));
    m_tabs->addTab(m_timelines, tr("&Timelines"));
    m_tabs->installEventFilter(this);
    return m_tabs;
}

bool AbPanel::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize)
        arrange();
    return QWidget::eventFilter(watched, event);
}

// The curves go where there is room for them: beside the figures, or onto a page behind them.
void AbPanel::arrange()
{
    const bool wide = m_tabs->width() >= wideCharacters * fontMetrics().averageCharWidth();
    if (wide && !m_isWide) {
        if (m_tabs->currentWidget() == m_plot)
            m_tabs->setCurrentIndex(0);
        m_result->addWidget(m_plot); // takes it off the tabs
        m_plot->setEnabled(true); // a page that cannot be chosen is not
        m_result->setStretchFactor(0, 0);
        m_result->setStretchFactor(1, 1);
    } else if (!wide && m_isWide) {
        m_tabs->insertTab(1, m_plot, tr("Latenc&ies"));
    }
    m_isWide = wide;
    const bool hasCurves = !m_plot->curves().isEmpty();
    if (wide)
        m_plot->setVisible(hasCurves);
    else
        m_tabs->setTabEnabled(m_tabs->indexOf(m_plot), hasCurves);
    m_figures->setMinimumWidth(wide ? widthOfFigures() : leastFigures.width());
    m_figures->setVisible(!m_report.results.isEmpty());
}

int AbPanel::widthOfFigures() const
{
    const int most = wordCharacters * fontMetrics().averageCharWidth();
    const QAbstractItemView &view = *m_figures; // QTableView hides its hints
    int width = m_figures->verticalHeader()->sizeHint().width() + m_figures->verticalScrollBar()->sizeHint().width()
        + 2 * m_figures->frameWidth();
    for (int column = 0; column < m_figures->columnCount(); ++column) {
        const int words = std::max(view.sizeHintForColumn(column),
                                   m_figures->horizontalHeader()->sectionSizeHint(column));
        width += std::min(words, most);
    }
    return std::max(width, leastFigures.width());
}

// --- running ---

void AbPanel::setServer(const QString &host, quint16 port)
{
    m_server = {host, port};
    if (!isRunning())
        m_status->setText(port == 0 ? tr("Start the server to run against it.") : tr("Ready."));
    updateButtons();
}

void AbPanel::tick(qint64 nowNs)
{
    if (m_timelines->isVisible())
        m_timelines->tick(nowNs);
}

void AbPanel::run()
{
    if (isRunning() || m_server.port == 0)
        return;
    QString problem;
    const auto plan = planOf(m_form->experiment(), m_form->choices(), m_server, problem);
    if (!plan) {
        m_status->setText(problem);
        return;
    }
    m_progress->setValue(0);
    m_status->setText(tr("Running …"));
    m_plan = *plan;
    m_run.start(m_plan);
    updateButtons();
    Q_EMIT runningChanged(true);
}

void AbPanel::cancel()
{
    m_run.cancel();
}

void AbPanel::onProgress(const load::LabProgress &progress)
{
    m_progress->setValue(int(progress.share * progressSteps));
    m_status->setText(labProgress(m_plan, progress));
}

void AbPanel::onFinished(const load::LabReport &report)
{
    m_report = report;
    m_progress->setValue(report.isComplete() ? progressSteps : 0);
    m_status->setText(report.cancelled              ? tr("Cancelled; what was measured until then is shown.")
                          : !report.error.isEmpty() ? report.error
                                                    : tr("Done: %1").arg(labSetting(report.plan)));
    m_sentence->setText(words());
    QList<PercentilePlot::Curve> curves;
    for (const load::LabResult &result : report.results) {
        //: A or B, and the variant's name
        curves.append({tr("%1: %2").arg(letter(curves.size()), model::printable(result.variant.name)),
                       result.during.percentiles()});
    }
    m_plot->setCurves(report.plan.hasProbe() ? curves : QList<PercentilePlot::Curve>());
    showFigures();
    arrange();
    m_timelines->setReport(report);
    updateButtons();
    Q_EMIT runningChanged(false);
}

// A row a figure, a column a variant: the panel is higher than wide.
void AbPanel::showFigures()
{
    const LabTable table = labTable(m_report);
    m_figures->clear();
    m_figures->setRowCount(int(table.head.size()) - 1);
    m_figures->setColumnCount(int(table.rows.size()));
    // Orders and answers wrap. A figure never parts from its unit.
    m_figures->setWordWrap(table.isText.count(true) > 1);
    const QFont digits = theme::tabularFont(m_figures->font());
    for (int column = 0; column < m_figures->columnCount(); ++column) {
        const QStringList &cells = table.rows[column];
        m_figures->setHorizontalHeaderItem(column,
                                           new QTableWidgetItem(u"%1: %2"_s.arg(letter(column), cells.first())));
        for (int row = 0; row < m_figures->rowCount(); ++row) {
            auto *item = new QTableWidgetItem(cells[row + 1]);
            const bool isText = table.isText[row + 1]; // an order, or an answer
            item->setTextAlignment(isText ? Qt::AlignLeft | Qt::AlignTop : Qt::AlignRight | Qt::AlignVCenter);
            item->setToolTip(isText ? cells[row + 1] : u"%1\n%2"_s.arg(cells[row + 1], table.help[row + 1]));
            item->setFont(digits);
            m_figures->setItem(row, column, item);
        }
    }
    for (int row = 0; row < m_figures->rowCount(); ++row) {
        auto *name = new QTableWidgetItem(table.head[row + 1]);
        name->setToolTip(table.help[row + 1]);
        m_figures->setVerticalHeaderItem(row, name);
    }
}

void AbPanel::updateButtons()
{
    m_start->setEnabled(!isRunning() && m_server.port != 0);
    m_cancel->setEnabled(isRunning());
    m_form->setEnabled(!isRunning());
    m_export->setEnabled(!isRunning() && !m_report.results.isEmpty());
}

QString AbPanel::status() const
{
    return m_status->text();
}

QString AbPanel::sentence() const
{
    return m_sentence->text();
}

// Of the results: the sentence, and what the machine got wrong.
QString AbPanel::words() const
{
    QStringList lines{labSentence(m_report), labCaution(m_report)};
    lines.removeAll(QString());
    return lines.join(u'\n');
}

// --- files ---

QPixmap AbPanel::pictureOf(QWidget *part, QSize size)
{
    const QSize before = part->size();
    part->resize(size);
    const QPixmap picture = part->grab();
    part->resize(before);
    return picture;
}

// All rows, which are as high as their texts are in that width.
QPixmap AbPanel::pictureOfFigures(int width) const
{
    const QSize before = m_figures->size();
    m_figures->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_figures->resize(width, before.height());
    m_figures->resizeRowsToContents();
    const int height = m_figures->horizontalHeader()->height() + m_figures->verticalHeader()->length()
        + 2 * m_figures->frameWidth();
    m_figures->resize(width, height);
    const QPixmap picture = m_figures->grab();
    m_figures->setVerticalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    m_figures->resize(before);
    return picture;
}

QImage AbPanel::picture()
{
    const int width = pictureCharacters * fontMetrics().averageCharWidth();
    const QString text = u"%1\n%2\n%3"_s.arg(m_report.plan.title, labSetting(m_report.plan), words());
    const QRect room(pictureMargin, pictureMargin, width - 2 * pictureMargin, 10'000);
    const int head = fontMetrics().boundingRect(room, Qt::TextWordWrap, text).height() + 2 * pictureMargin;
    QList<QPixmap> parts{pictureOfFigures(width)};
    if (!m_plot->curves().isEmpty())
        parts.append(pictureOf(m_plot, {width, width / 2}));
    parts.append(pictureOf(m_timelines, {width, int(pictureTimelines * width)}));
    int height = head;
    for (const QPixmap &part : std::as_const(parts))
        height += int(part.deviceIndependentSize().height());
    const qreal ratio = parts.first().devicePixelRatio();
    QImage image((QSizeF(width, height) * ratio).toSize(), QImage::Format_RGB32);
    image.setDevicePixelRatio(ratio);
    image.fill(palette().color(QPalette::Window));
    QPainter painter(&image);
    painter.setFont(font());
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(room, Qt::TextWordWrap, text);
    int top = head;
    for (const QPixmap &part : std::as_const(parts)) {
        painter.drawPixmap(0, top, part);
        top += int(part.deviceIndependentSize().height());
    }
    return image;
}

QString AbPanel::exportPng(const QString &path)
{
    return writeWhole(path, asPng(picture()));
}

QString AbPanel::exportCsv(const QString &path) const
{
    return writeWhole(path, labCsv(m_report));
}

QString AbPanel::exportJson(const QString &path) const
{
    return writeWhole(path, QJsonDocument(labJson(m_report)).toJson(QJsonDocument::Indented));
}

} // namespace loopscope::app
