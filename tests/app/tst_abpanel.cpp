// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/lab/abpanel.h"
#include "app/lab/percentileplot.h"
#include "app/lab/runform.h"
#include "app/lab/timelinepair.h"
#include "inspector/model/session.h"
#include "inspector/scope/scopeview.h"
#include "inspector/theme/theme.h"
#include "tests/load/stubserver.h"
#include "tests/support/testcase.h"

#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QTemporaryDir>
#include <QtGui/QImage>
#include <QtTest/QSignalSpy>
#include <QtWidgets/QApplication>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QSpinBox>
#include <QtWidgets/QTableWidget>

#include <algorithm>
#include <cmath>

using namespace loopscope;
using namespace loopscope::app;
using namespace Qt::StringLiterals;
using practice::Experiment;
using test::StubServer;

class tst_AbPanel : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void withoutAServerNothingCanBeRun();
    void theFormOffersTheExperimentsVariantsAndParameters();
    void aRunShowsCurvesFiguresTimelinesAndWords();
    void anOrderIsShownWithoutACurve();
    void aRunThatFailsSaysWhy();
    void cancelEndsARun();
    void theTimelinesMoveTogether();
    void theResultsCanBeExported();
    void figuresAndCurvesFindRoomInAnyDock();
    void whatCannotBeWrittenIsSaid();
    void thePlotStandsOnTheScaleOfHdrHistogram();
    void ticksOfThePlotDoNotOverlap_data();
    void ticksOfThePlotDoNotOverlap();
    void bothThemesAreDrawn();
    void aDescriptionIsShownWhole();
    void everyControlHasAName();

private:
    static constexpr int patience = 60'000; // ms

    static QList<Experiment> experiments()
    {
        Experiment work;
        work.name = "x";
        work.title = u"Work"_s;
        work.kind = Experiment::Kind::Latency;
        work.parameters = {{"ms", u"how long"_s, 1, 2'000, 60, "ms"}};
        work.variants = {{"blocking", u"stands still"_s, false}, {"right", u"does not"_s, true}};
        Experiment order;
        order.name = "order";
        order.title = u"Order"_s;
        order.kind = Experiment::Kind::Order;
        order.variants = {{"wrong", {}, false}, {"other", {}, false}, {"right", {}, true}};
        return {work, order};
    }
    static bool runToItsEnd(AbPanel &panel)
    {
        panel.run();
        return panel.isRunning() && QTest::qWaitFor([&] { return !panel.isRunning(); }, patience);
    }

    const QList<Experiment> m_experiments = experiments();
};

void tst_AbPanel::init()
{
    // The offscreen platform says this for every window that has a least size.
    QTest::failOnWarning(QRegularExpression(u"^(?!This plugin does not support propagateSizeHints)"_s));
}

void tst_AbPanel::withoutAServerNothingCanBeRun()
{
    const model::Session session;
    AbPanel panel(session, m_experiments);
    panel.run();
    QVERIFY(!panel.isRunning());
    QCOMPARE(panel.status(), u"Start the server to run against it."_s);
    for (const QPushButton *button : panel.findChildren<QPushButton *>())
        QVERIFY2(!button->isEnabled(), qPrintable(button->text()));
    panel.setServer(u"127.0.0.1"_s, 1);
    QCOMPARE(panel.status(), u"Ready."_s);
}

void tst_AbPanel::theFormOffersTheExperimentsVariantsAndParameters()
{
    RunForm form(m_experiments);
    LabChoices choices = form.choices();
    QCOMPARE(choices.variants, (QList<QByteArray>{"blocking", "right"}));
    QCOMPARE(choices.parameters, (QList<std::pair<QByteArray, qint64>>{{"ms", 60}}));
    QCOMPARE(choices.runs, std::optional<int>(defaultTimedRuns));
    QVERIFY(form.setParameter("ms", 5'000)); // bounded by the box
    QVERIFY(!form.setParameter("mib", 1));
    form.setLoad(500, 2, 3);
    choices = form.choices();
    QCOMPARE(choices.parameters.first().second, 2'000);
    QCOMPARE(choices.rate, std::optional<int>(500));
    QCOMPARE(choices.seconds, std::optional<int>(2));
    QCOMPARE(choices.runs, std::optional<int>(3));
    QVERIFY(form.selectExperiment("order"));
    choices = form.choices();
    QCOMPARE(choices.variants, (QList<QByteArray>{"wrong", "right"})); // the first right one is B
    QVERIFY(choices.parameters.isEmpty());
    QCOMPARE(choices.runs, std::optional<int>(defaultAnsweredRuns));
    QVERIFY(!form.selectExperiment("nothing"));
    QVERIFY(form.selectExperiment("x"));
    QCOMPARE(form.choices().parameters.size(), 1);
}

void tst_AbPanel::aRunShowsCurvesFiguresTimelinesAndWords()
{
    StubServer server;
    const model::Session session;
    AbPanel panel(session, m_experiments);
    panel.setServer(u"127.0.0.1"_s, server.port());
    panel.form().setParameter("ms", 300);
    panel.form().setLoad(200, 1, 1);
    QSignalSpy running(&panel, &AbPanel::runningChanged);
    QVERIFY2(runToItsEnd(panel), qPrintable(panel.status()));
    QCOMPARE(running.size(), 2);
    QVERIFY2(panel.report().isComplete(), qPrintable(panel.status()));
    QCOMPARE(panel.plot().curves().size(), 2);
    QCOMPARE(panel.plot().curves()[0].name, u"A: blocking"_s);
    QVERIFY(panel.plot().description().contains(u"A: blocking: from "_s));
    QVERIFY2(panel.sentence().startsWith(u"p99 of GET /healthz meanwhile: blocking: "_s), qPrintable(panel.sentence()));
    QVERIFY(panel.sentence().contains(u"blocking made others wait "_s));
    const QTableWidget &figures = panel.figures();
    QCOMPARE(figures.columnCount(), 2);
    QCOMPARE(figures.horizontalHeaderItem(0)->text(), u"A: blocking"_s);
    QCOMPARE(figures.verticalHeaderItem(0)->text(), u"work"_s);
    QVERIFY(figures.item(0, 0)->text().endsWith(u" ms"_s));
    // The timelines show both runs from their sending, with one span.
    const model::TimeRange a = panel.timelines().stateOfA().timeRange();
    const model::TimeRange b = panel.timelines().stateOfB().timeRange();
    const load::LabMeasurement &runOfA = panel.report().results[0].runs[0];
    QVERIFY(a.from < runOfA.sentNs && a.to > runOfA.answeredNs);
    QCOMPARE(a.length(), b.length());
    QCOMPARE(b.from - a.from, panel.report().results[1].runs[0].sentNs - runOfA.sentNs);
}

void tst_AbPanel::anOrderIsShownWithoutACurve()
{
    StubServer server;
    const model::Session session;
    AbPanel panel(session, m_experiments);
    panel.setServer(u"127.0.0.1"_s, server.port());
    panel.form().selectExperiment("order");
    QVERIFY2(runToItsEnd(panel), qPrintable(panel.status()));
    QVERIFY(panel.plot().curves().isEmpty());
    QCOMPARE(panel.sentence(), u"The variants ran in different orders."_s);
    QCOMPARE(panel.figures().item(1, 0)->text(), u"b → a"_s);
    QCOMPARE(panel.figures().item(1, 1)->text(), u"a → b"_s);
}

void tst_AbPanel::aRunThatFailsSaysWhy()
{
    const model::Session session;
    AbPanel panel(session, m_experiments);
    quint16 port = 0;
    {
        const StubServer gone;
        port = gone.port();
    }
    panel.setServer(u"127.0.0.1"_s, port);
    QVERIFY(runToItsEnd(panel));
    QVERIFY2(panel.status().endsWith(u"cannot be reached: connection refused"_s), qPrintable(panel.status()));
    QVERIFY(panel.sentence().isEmpty());
    QVERIFY(!panel.report().isComplete());
}

void tst_AbPanel::cancelEndsARun()
{
    StubServer server;
    const model::Session session;
    AbPanel panel(session, m_experiments);
    panel.setServer(u"127.0.0.1"_s, server.port());
    panel.form().setLoad(100, load::LabPlan::maximumSeconds, 1);
    panel.run();
    QVERIFY(QTest::qWaitFor([&] { return panel.status().startsWith(u"Run 1 of 2: blocking, "_s); }, patience));
    QVERIFY(!panel.form().isEnabled());
    for (QPushButton *button : panel.findChildren<QPushButton *>()) {
        if (button->isEnabled())
            button->click(); // Cancel is the one that can be pressed
    }
    QVERIFY(QTest::qWaitFor([&] { return !panel.isRunning(); }, patience));
    QVERIFY(panel.report().cancelled);
    QVERIFY(panel.status().startsWith(u"Cancelled"_s));
    QVERIFY(panel.form().isEnabled());
}

void tst_AbPanel::theTimelinesMoveTogether()
{
    const model::Session session;
    TimelinePair pair(session);
    load::LabReport report;
    constexpr qint64 second = 1'000'000'000;
    for (const qint64 sent : {10 * second, 25 * second}) {
        load::LabResult result;
        for (int run = 0; run < 2; ++run) {
            load::LabMeasurement one;
            one.sentNs = sent + run * 100 * second;
            one.answeredNs = one.sentNs + (sent / 10);
            result.runs.append(one);
        }
        report.results.append(result);
    }
    pair.setReport(report);
    // 2.5 s is the longer, and a tenth of it stands before and behind.
    QCOMPARE(pair.stateOfA().timeRange(), (model::TimeRange{10 * second - second / 4, 10 * second + 11 * second / 4}));
    QCOMPARE(pair.stateOfB().timeRange(), (model::TimeRange{25 * second - second / 4, 25 * second + 11 * second / 4}));
    // One axis for both: 0 is when each was sent.
    const QList<scope::ScopeView *> views = pair.findChildren<scope::ScopeView *>();
    QCOMPARE(views.size(), 2);
    QCOMPARE(views[0]->zeroNs() + views[1]->zeroNs(), 35 * second);
    for (const auto *view : views)
        QCOMPARE(view->zeroNs(), view->accessibleName() == u"Timeline of A"_s ? 10 * second : 25 * second);
    auto &a = const_cast<model::ViewState &>(pair.stateOfA());
    auto &b = const_cast<model::ViewState &>(pair.stateOfB());
    a.zoom(0.5, 10 * second);
    QCOMPARE(b.timeRange().from - a.timeRange().from, 15 * second);
    QCOMPARE(b.timeRange().length(), a.timeRange().length());
    b.scrollBy(second);
    QCOMPARE(b.timeRange().from - a.timeRange().from, 15 * second);
    pair.showRun(2);
    QCOMPARE(a.timeRange().from, 110 * second - second / 4);
    QCOMPARE(b.timeRange().from, 125 * second - second / 4);
    QCOMPARE(views[0]->zeroNs() + views[1]->zeroNs(), 235 * second);
    a.setFollowing(true);
    QVERIFY(!a.isFollowing()); // a run that is over moves by itself no more
}

void tst_AbPanel::theResultsCanBeExported()
{
    StubServer server;
    const model::Session session;
    AbPanel panel(session, m_experiments);
    panel.resize(700, 500);
    panel.show();
    panel.setServer(u"127.0.0.1"_s, server.port());
    panel.form().setLoad(200, 1, 1);
    QVERIFY2(runToItsEnd(panel), qPrintable(panel.status()));
    const QTemporaryDir folder;
    QCOMPARE(panel.exportPng(folder.filePath(u"a.png"_s)), QString());
    QCOMPARE(panel.exportCsv(folder.filePath(u"a.csv"_s)), QString());
    QCOMPARE(panel.exportJson(folder.filePath(u"a.json"_s)), QString());
    const QImage image(folder.filePath(u"a.png"_s));
    QVERIFY(image.width() > 300 && image.height() > 600);
    QFile csv(folder.filePath(u"a.csv"_s));
    QVERIFY(csv.open(QIODevice::ReadOnly));
    QVERIFY(csv.readAll().contains("\r\nright,during,100.000000,"));
    QFile json(folder.filePath(u"a.json"_s));
    QVERIFY(json.open(QIODevice::ReadOnly));
    QCOMPARE(QJsonDocument::fromJson(json.readAll())["variants"_L1].toArray().size(), 2);
}

// In a narrow dock the figures have a page of their own, all of them at once; in a wide one the curves stand beside.
void tst_AbPanel::figuresAndCurvesFindRoomInAnyDock()
{
    StubServer server;
    const model::Session session;
    AbPanel panel(session, m_experiments);
    panel.resize(580, 330);
    panel.show();
    QVERIFY(!panel.figures().isVisible()); // there are none
    panel.setServer(u"127.0.0.1"_s, server.port());
    panel.form().setLoad(200, 1, 1);
    QVERIFY2(runToItsEnd(panel), qPrintable(panel.status()));
    QVERIFY(!panel.showsCurvesBeside());
    QVERIFY(panel.figures().isVisible());
    QVERIFY(!panel.plot().isVisible());
    const auto shownRows = [&] {
        const QTableWidget &figures = panel.figures();
        return figures.viewport()->height() / figures.rowHeight(0);
    };
    QVERIFY2(shownRows() >= 6, qPrintable(QString::number(shownRows())));
    const QTemporaryDir folder;
    QCOMPARE(panel.exportPng(folder.filePath(u"narrow.png"_s)), QString());

    panel.resize(1'400, 500);
    QVERIFY(QTest::qWaitFor([&] { return panel.showsCurvesBeside() && panel.plot().isVisible(); }, patience));
    QVERIFY(panel.figures().isVisible());
    QVERIFY(panel.plot().isEnabled());
    // Every figure stands there with its unit.
    for (int column = 0; column < panel.figures().columnCount(); ++column) {
        QVERIFY(QTest::qWaitFor(
            [&] {
                const auto *header = panel.figures().horizontalHeader();
                return header->sectionSize(column) >= header->sectionSizeHint(column)
                    && header->sectionSize(column)
                    >= panel.figures().fontMetrics().horizontalAdvance(panel.figures().item(0, column)->text());
            },
            patience));
    }
    QCOMPARE(panel.exportPng(folder.filePath(u"wide.png"_s)), QString());
    panel.resize(580, 330);
    QVERIFY(QTest::qWaitFor([&] { return !panel.showsCurvesBeside() && !panel.plot().isVisible(); }, patience));
    // The picture is the same whatever room there is.
    QCOMPARE(QImage(folder.filePath(u"narrow.png"_s)).size(), QImage(folder.filePath(u"wide.png"_s)).size());
}

void tst_AbPanel::whatCannotBeWrittenIsSaid()
{
    const model::Session session;
    const AbPanel panel(session, m_experiments);
    const QTemporaryDir folder;
    const QString path = folder.filePath(u"no/such/folder.csv"_s);
    QVERIFY(panel.exportCsv(path).startsWith(path + u" cannot be written: "_s));
}

void tst_AbPanel::thePlotStandsOnTheScaleOfHdrHistogram()
{
    QCOMPARE(PercentilePlot::position(0, 1, 1'000), 1.0);
    QCOMPARE(PercentilePlot::position(50, 500, 1'000), 2.0);
    QVERIFY(std::abs(PercentilePlot::position(99, 990, 1'000) - 100) < 1e-6);
    QVERIFY(std::abs(PercentilePlot::position(99.9, 999, 10'000) - 1'000) < 1e-3);
    QCOMPARE(PercentilePlot::position(100, 1'000, 1'000), 1'000.0); // the slowest of a thousand
}

void tst_AbPanel::ticksOfThePlotDoNotOverlap_data()
{
    QTest::addColumn<double>("pixels");
    QTest::addColumn<QString>("wanted"); // is always there
    QTest::addColumn<bool>("all");
    QTest::newRow("a wide plot has them all") << 1'000.0 << u"99.9 %"_s << true;
    QTest::newRow("a narrow one has the nines") << 250.0 << u"99.9 %"_s << false;
    QTest::newRow("one of no width has one") << 1.0 << u"90 %"_s << false;
}

void tst_AbPanel::ticksOfThePlotDoNotOverlap()
{
    QFETCH(double, pixels);
    QFETCH(QString, wanted);
    QFETCH(bool, all);
    const QFontMetrics font{QApplication::font()};
    constexpr double end = 2'000;
    const QList<PercentilePlot::Tick> ticks = PercentilePlot::ticks(end, pixels, font);
    QStringList labels;
    double free = -1e9;
    for (const PercentilePlot::Tick &tick : ticks) {
        const double middle = pixels * std::log10(tick.at) / std::log10(end);
        const double half = font.horizontalAdvance(tick.label) / 2.0;
        QVERIFY2(middle - half > free, qPrintable(tick.label));
        free = middle + half;
        labels.append(tick.label);
    }
    QVERIFY2(labels.contains(wanted), qPrintable(labels.join(u' ')));
    const QStringList everyOne{u"0 %"_s, u"50 %"_s, u"75 %"_s, u"90 %"_s, u"99 %"_s, u"99.9 %"_s};
    QCOMPARE(labels == everyOne, all);
}

// In as many lines as it has, and no more.
void tst_AbPanel::aDescriptionIsShownWhole()
{
    QList<Experiment> experiments = m_experiments;
    experiments[0].description = u"little to say"_s;
    experiments[1].description = u"what it does and why and what to expect of it "_s.repeated(20);
    const model::Session session;
    AbPanel panel(session, experiments);
    panel.resize(580, 330);
    panel.show();
    const QList<QLabel *> labels = panel.form().findChildren<QLabel *>();
    const auto found = std::find_if(labels.begin(), labels.end(),
                                    [&](const QLabel *label) { return label->text() == experiments[0].description; });
    QVERIFY(found != labels.end());
    const QLabel *description = *found;
    const auto fits = [&] {
        const QFontMetrics font = description->fontMetrics();
        const int text = font.boundingRect(0, 0, description->width(), 10'000, Qt::TextWordWrap, description->text()).height();
        return description->height() >= text && description->height() < text + font.height();
    };
    QVERIFY(QTest::qWaitFor(fits, patience));
    const int oneLine = description->height();
    panel.form().selectExperiment("order");
    QVERIFY(QTest::qWaitFor([&] { return fits() && description->height() > 5 * oneLine; }, patience));
    panel.form().selectExperiment("x");
    QVERIFY(QTest::qWaitFor([&] { return fits() && description->height() == oneLine; }, patience));
}

void tst_AbPanel::bothThemesAreDrawn()
{
    load::LatencyHistogram latencies;
    for (int i = 1; i < 1'000; ++i)
        latencies.add(i * qint64(100'000));
    PercentilePlot plot;
    plot.resize(500, 300);
    plot.setCurves({{u"A"_s, latencies.percentiles()}, {u"B"_s, latencies.percentiles()}});
    for (const QPalette &palette : {theme::lightPalette(), theme::darkPalette()}) {
        plot.setPalette(palette);
        QVERIFY(
            QTest::qWaitFor([&] { return plot.grab().toImage().pixelColor(2, 2) == palette.color(QPalette::Base); }));
    }
}

void tst_AbPanel::everyControlHasAName()
{
    const model::Session session;
    const AbPanel panel(session, m_experiments);
    for (const QWidget *widget : panel.findChildren<QWidget *>()) {
        if (widget->inherits("QComboBox") || widget->inherits("QSpinBox") || widget->inherits("QProgressBar")
            || widget->inherits("QTableWidget") || widget->inherits("loopscope::app::PercentilePlot"))
            QVERIFY2(!widget->accessibleName().isEmpty(), widget->metaObject()->className());
    }
}

QTEST_MAIN(tst_AbPanel)
#include "tst_abpanel.moc"
