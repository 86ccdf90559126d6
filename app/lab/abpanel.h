// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "load/labrun.h"
#include "server/practice/experiment.h"

#include <QtWidgets/QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
class QProgressBar;
class QPushButton;
class QSplitter;
class QTableWidget;
class QTabWidget;
class QToolButton;
QT_END_NAMESPACE

namespace loopscope::model {
class Session;
}

namespace loopscope::app {

class PercentilePlot;
class RunForm;
class TimelinePair;

// The dock "Compare": runs two variants of an experiment against the live server, in turn, with the built-in load
// beside them, and shows both latency distributions, the figures, both timelines, and the ratio in words.
//
// GUI thread; owned by the main window; session and experiments must outlive it. It never waits: the run has a thread
// of its own (LabRun). It knows the server by its address alone.
class AbPanel final : public QWidget {
    Q_OBJECT

public:
    // `experiments`: at least one.
    AbPanel(const model::Session &session, const QList<practice::Experiment> &experiments, QWidget *parent = nullptr);

    // Where the server listens; port 0: nowhere, nothing can be run.
    void setServer(const QString &host, quint16 port);
    // As the scope's: for the timelines.
    void tick(qint64 nowNs);

    // Does nothing while one runs, or without a server.
    void run();
    // What was measured so far is shown.
    void cancel();
    [[nodiscard]] bool isRunning() const { return m_run.isRunning(); }

    [[nodiscard]] RunForm &form() const { return *m_form; }
    [[nodiscard]] PercentilePlot &plot() const { return *m_plot; }
    [[nodiscard]] TimelinePair &timelines() const { return *m_timelines; }
    [[nodiscard]] const QTableWidget &figures() const { return *m_figures; }
    // Of the latest run that has ended; without results before.
    [[nodiscard]] const load::LabReport &report() const { return m_report; }
    // Whether the curves stand beside the figures, for which there is room; or else behind them, on a page of their own.
    [[nodiscard]] bool showsCurvesBeside() const { return m_isWide; }
    // What stands beside the buttons, and what the run has shown.
    [[nodiscard]] QString status() const;
    [[nodiscard]] QString sentence() const;

    // The results as a file. Empty if it was written, otherwise one sentence.
    [[nodiscard]] QString exportPng(const QString &path);
    [[nodiscard]] QString exportCsv(const QString &path) const;
    [[nodiscard]] QString exportJson(const QString &path) const;

Q_SIGNALS:
    void runningChanged(bool running);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    // The results are so wide that figures and curves can both be read beside each other, in characters.
    static constexpr int wideCharacters = 110;

    QWidget *makeControls();
    QWidget *makeFigures();
    QWidget *makeResults();
    void arrange();
    // In which the figures, and as much of words that a line can hold, can be read.
    [[nodiscard]] int widthOfFigures() const;
    void addExport(const QString &text, const QString &suffix, QString (AbPanel::*write)(const QString &));
    QString writeCsv(const QString &path) { return exportCsv(path); }
    QString writeJson(const QString &path) { return exportJson(path); }
    void onProgress(const load::LabProgress &progress);
    void onFinished(const load::LabReport &report);
    void showFigures();
    void updateButtons();
    // The PNG: the words, the figures, the curves and the timelines, one below the other, whatever room the window has.
    [[nodiscard]] QImage picture();
    [[nodiscard]] QString words() const;
    [[nodiscard]] static QPixmap pictureOf(QWidget *part, QSize size);
    [[nodiscard]] QPixmap pictureOfFigures(int width) const;

    const QList<practice::Experiment> &m_experiments;
    load::LabRun m_run;
    load::LabPlan m_plan; // of the run that goes on, or the latest
    load::LabReport m_report;
    load::Target m_server;
    RunForm *const m_form;
    PercentilePlot *const m_plot;
    TimelinePair *const m_timelines;
    QTableWidget *m_figures = nullptr;
    QTabWidget *m_tabs = nullptr;
    QSplitter *m_result = nullptr; // the figures, and the curves where there is room
    bool m_isWide = false;
    QPushButton *m_start = nullptr;
    QPushButton *m_cancel = nullptr;
    QToolButton *m_export = nullptr;
    QProgressBar *m_progress = nullptr;
    QLabel *m_status = nullptr;
    QLabel *m_sentence = nullptr;
};

} // namespace loopscope::app
