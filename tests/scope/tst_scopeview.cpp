// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/session.h"
#include "inspector/model/viewstate.h"
#include "inspector/scope/scopetexts.h"
#include "inspector/scope/scopeview.h"
#include "inspector/theme/colors.h"
#include "inspector/theme/theme.h"
#include "tests/scope/scenes.h"
#include "tests/support/testcase.h"

#include <QtCore/QElapsedTimer>
#include <QtGui/QImage>
#include <QtGui/QPainter>
#include <QtWidgets/QApplication>
#include <QtWidgets/QScrollBar>

#include <ctime>

using namespace loopscope;
using namespace loopscope::scope;
using namespace Qt::StringLiterals;
using model::Session;
using model::ViewState;

namespace {

// A view of a session at a size, shown nowhere.
struct Fixture {
    explicit Fixture(const test::Transcript &transcript = test::visitTranscript(), const Session::Limits &limits = {})
        : session(limits)
    {
        session.setLane(0, trace::Trace::LaneKind::Loop, "loop");
        session.setLane(1, trace::Trace::LaneKind::Worker, "pool 1");
        feed(transcript);
        view.resize(1280, 420);
        view.show();
    }
    void feed(const test::Transcript &transcript)
    {
        session.beginBatch();
        transcript.replay([&](int lane, const trace::TraceRecord &r, QByteArrayView text) { session.add(lane, r, text); });
        session.endBatch();
    }
    QImage picture(qreal ratio = 1)
    {
        QCoreApplication::processEvents(); // a change of the palette is posted
        view.refresh();
        QImage image(view.viewport()->size() * ratio, QImage::Format_RGB32);
        image.setDevicePixelRatio(ratio);
        view.viewport()->render(&image);
        return image;
    }
    // Middle of a row of a thread's lane at a time.
    QPoint at(int thread, int row, qint64 ns)
    {
        view.refresh();
        const ScopeGeometry &g = view.geometryOfScope();
        for (int box = 0; box < g.boxes().size(); ++box) {
            if (view.lanes()[std::size_t(g.boxes()[box].lane)].thread == thread)
                return QPointF(g.toX(ns), g.rowY(box, row) + g.boxes()[box].rowHeight / 2).toPoint();
        }
        return {};
    }
    QPoint atConnection(quint64 connection, qint64 ns)
    {
        view.refresh();
        const ScopeGeometry &g = view.geometryOfScope();
        for (int box = 0; box < g.boxes().size(); ++box) {
            if (view.lanes()[std::size_t(g.boxes()[box].lane)].connection == connection)
                return QPointF(g.toX(ns), g.rowY(box, 0) + g.boxes()[box].rowHeight / 2).toPoint();
        }
        return {};
    }
    void click(QPoint point, Qt::KeyboardModifiers modifiers = {})
    {
        QTest::mouseClick(view.viewport(), Qt::LeftButton, modifiers, point);
    }

    Session session;
    ViewState state;
    ScopeView view{session, state};
};

constexpr qint64 us = 1'000;
constexpr qint64 ms = 1'000'000;

double distance(const QColor &a, const QColor &b)
{
    return std::abs(a.redF() - b.redF()) + std::abs(a.greenF() - b.greenF()) + std::abs(a.blueF() - b.blueF());
}

} // namespace

class tst_ScopeView : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { theme::applyTheme(*qApp, theme::Theme::Light); }
    void anEmptyViewSaysWhatToDo();
    void lanesStandInTheirOrder();
    void aSliceIsPaintedWhereTheGeometrySaysItIs_data();
    void aSliceIsPaintedWhereTheGeometrySaysItIs();
    void aClickSelectsTheSliceItsRequestAndConnection();
    void aClickOnAConnectionSelectsTheRequest();
    void aSelectionDimsEverythingElse();
    void anArrowLeadsFromTheRegistrationToTheSlice();
    void anEmptyPlaceClearsTheSelection();
    void theWheelZoomsAtThePointer();
    void keysMoveAndZoom_data();
    void keysMoveAndZoom();
    void spaceTogglesFollowing();
    void draggingMovesTimeAndStopsFollowing();
    void shiftDragMeasuresARangeThatFFits();
    void theKeyboardStepsFromSliceToSlice();
    void theTooltipTellsTheSlice();
    void aBlockedLoopIsNamed();
    void theSleepThatHasNotEndedIsPainted();
    void thousandsOfConnectionsScroll();
    void theThemeIsFollowed();
    void frameTime();
    void pictures();
};

void tst_ScopeView::anEmptyViewSaysWhatToDo()
{
    Session session;
    ViewState state;
    ScopeView view(session, state);
    view.resize(800, 300);
    view.show();
    QImage image(view.viewport()->size(), QImage::Format_RGB32);
    view.viewport()->render(&image);
    const QColor base = view.palette().color(QPalette::Base);
    int inked = 0;
    for (int x = 150; x < 780; ++x) {
        for (int y = 120; y < 200; ++y)
            inked += distance(image.pixelColor(x, y), base) > 0.5;
    }
    QVERIFY(inked > 300); // text in the middle
    QVERIFY(!view.accessibleName().isEmpty());
    QVERIFY(!view.accessibleDescription().isEmpty());
}

void tst_ScopeView::lanesStandInTheirOrder()
{
    Fixture f;
    f.state.setTimeRange({0, 110 * ms});
    f.view.refresh();
    const auto &lanes = f.view.lanes();
    QCOMPARE(lanes.size(), 4u);
    QCOMPARE(lanes[0].kind, ScopeLane::Kind::Loop);
    QCOMPARE(lanes[1].kind, ScopeLane::Kind::Worker);
    QCOMPARE(lanes[2].connection, 1u);
    QCOMPARE(lanes[3].connection, 2u);
    f.state.setTimeRange({94 * ms, 99 * ms}); // connection 1 is open, but idle
    f.view.refresh();
    QCOMPARE(f.view.lanes().size(), 4u);
    QCOMPARE(f.view.lanes()[2].connection, 2u);
    QVERIFY(f.view.lanes()[2].active);
    QCOMPARE(f.view.lanes()[3].connection, 1u);
    QVERIFY(!f.view.lanes()[3].active);
    f.state.setTimeRange({2 * ms, 3 * ms}); // connection 2 was not open then
    f.view.refresh();
    QCOMPARE(f.view.lanes().size(), 3u);
}

void tst_ScopeView::aSliceIsPaintedWhereTheGeometrySaysItIs_data()
{
    QTest::addColumn<qreal>("ratio");
    QTest::newRow("on an ordinary screen") << 1.0;
    QTest::newRow("on a screen of 1.25") << 1.25;
    QTest::newRow("on a screen of 2") << 2.0;
}

void tst_ScopeView::aSliceIsPaintedWhereTheGeometrySaysItIs()
{
    QFETCH(qreal, ratio);
    Fixture f;
    f.state.setTimeRange({40 * ms, 110 * ms});
    // The job runs from 55.06 to 93.06 ms.
    const QPoint before = f.at(1, 0, 54 * ms);
    const QPoint inside = f.at(1, 0, 92 * ms);
    const QPoint behind = f.at(1, 0, 94 * ms);
    const QImage image = f.picture(ratio);
    const auto color = [&](QPoint p) { return image.pixelColor((QPointF(p) * ratio).toPoint()); };
    const QColor base = f.view.palette().color(QPalette::Base);
    const QColor fill = theme::requestColor(1, f.view.palette()); // request 2
    QVERIFY(distance(color(inside), fill) < 0.02);
    QVERIFY(distance(color(before), base) < 0.2);
    QVERIFY(distance(color(behind), base) < 0.2);
    // Its edge is crisp: ground, then fill, with nothing between.
    const qreal edge = f.view.geometryOfScope().toX(55'060 * us) * ratio;
    const int y = int(inside.y() * ratio);
    QVERIFY(distance(image.pixelColor(int(std::round(edge)) - 1, y), base) < 0.2);
    QVERIFY(distance(image.pixelColor(int(std::round(edge)) + 1, y), fill) < 0.02);
}

void tst_ScopeView::aClickSelectsTheSliceItsRequestAndConnection()
{
    Fixture f;
    f.state.setTimeRange({54'900 * us, 55'200 * us});
    f.click(f.at(0, ScopeLanes::runRow, 55'010 * us));
    QCOMPARE(f.state.selection().request, 2u);
    QCOMPARE(f.state.selection().connection, 1u);
    QCOMPARE(f.state.selection().slice.kind, trace::Kind::Callback);
    QCOMPARE(f.state.selection().slice.start, 55 * ms);
    f.click(f.at(0, ScopeLanes::runRow + 1, 55'030 * us));
    QCOMPARE(f.state.selection().slice.kind, trace::Kind::LayerResumed);
    f.click(f.at(1, 0, 55'100 * us));
    QCOMPARE(f.state.selection().slice.kind, trace::Kind::JobFinished);
    f.click(f.at(0, ScopeLanes::phaseRow, 55'050 * us));
    QCOMPARE(f.state.selection().slice.kind, trace::Kind::PhaseRun);
    QVERIFY(!f.state.isFollowing());
}

void tst_ScopeView::aClickOnAConnectionSelectsTheRequest()
{
    Fixture f;
    f.state.setTimeRange({0, 110 * ms});
    f.click(f.atConnection(1, 30 * ms));
    QCOMPARE(f.state.selection().request, 2u);
    QVERIFY(!f.state.selection().slice.isValid());
    f.click(f.atConnection(1, 99 * ms)); // idle there
    QCOMPARE(f.state.selection().request, 0u);
    QCOMPARE(f.state.selection().connection, 1u);
}

void tst_ScopeView::aSelectionDimsEverythingElse()
{
    Fixture f;
    f.state.setTimeRange({0, 110 * ms});
    const QPoint job = f.at(1, 0, 90 * ms);
    const QColor plain = f.picture().pixelColor(job);
    f.state.selectRequest(3, 2);
    const QColor dimmed = f.picture().pixelColor(job);
    QVERIFY(distance(plain, dimmed) > 0.3);
    f.state.selectRequest(2, 1);
    // Outlined in the colour of text: not only its fill tells it.
    const QImage image = f.picture();
    const QColor text = f.view.palette().color(QPalette::Text);
    int outlined = 0;
    for (int y = job.y() - 12; y <= job.y() + 12; ++y)
        outlined += distance(image.pixelColor(job.x(), y), text) < 0.1;
    QVERIFY(outlined >= 2);
}

void tst_ScopeView::anArrowLeadsFromTheRegistrationToTheSlice()
{
    Fixture f;
    f.state.setTimeRange({54'900 * us, 55'200 * us});
    // The job was queued at 55.04 ms on the loop and ran on the worker from 55.06 ms.
    const QPoint worker = f.at(1, 0, 55'060 * us);
    const int between = worker.y() - 14; // in the gap above the worker's lane
    const auto inked = [&] {
        const QImage image = f.picture();
        int count = 0;
        for (int x = worker.x() - 130; x < worker.x() + 20; ++x)
            count += distance(image.pixelColor(x, between), f.view.palette().color(QPalette::Text)) < 0.8;
        return count;
    };
    f.state.selectRequest(2, 1);
    QCOMPARE(inked(), 0);
    f.click(worker + QPoint(20, 0));
    QCOMPARE(f.state.selection().slice.kind, trace::Kind::JobFinished);
    QVERIFY(inked() > 0);
}

void tst_ScopeView::anEmptyPlaceClearsTheSelection()
{
    Fixture f;
    f.state.setTimeRange({0, 110 * ms});
    f.state.selectRequest(2, 1);
    f.click(f.at(1, 0, 20 * ms));
    QVERIFY(f.state.selection().isEmpty());
}

void tst_ScopeView::theWheelZoomsAtThePointer()
{
    Fixture f;
    f.state.setTimeRange({0, 100 * ms});
    f.view.refresh();
    const QPointF point(700, 100);
    const qint64 ns = f.view.geometryOfScope().toNs(point.x());
    QWheelEvent wheel(point, f.view.viewport()->mapToGlobal(point), {}, {0, 120}, Qt::NoButton, Qt::ControlModifier,
                      Qt::NoScrollPhase, false);
    QApplication::sendEvent(f.view.viewport(), &wheel);
    f.view.refresh();
    QVERIFY(f.state.timeRange().length() < 81 * ms);
    QVERIFY(std::abs(f.view.geometryOfScope().toX(ns) - point.x()) < 1);
}

void tst_ScopeView::keysMoveAndZoom_data()
{
    QTest::addColumn<QString>("keys");
    QTest::addColumn<qint64>("length"); // ns
    QTest::addColumn<int>("moved"); // sign
    QTest::newRow("D scrolls to later times") << u"d"_s << 100 * ms << 1;
    QTest::newRow("A scrolls to earlier times") << u"a"_s << 100 * ms << -1;
    QTest::newRow("A and D undo each other") << u"ad"_s << 100 * ms << 0;
    QTest::newRow("W zooms in") << u"w"_s << 80 * ms << 1;
    QTest::newRow("S zooms out") << u"s"_s << 125 * ms << -1;
    QTest::newRow("plus zooms in") << u"+"_s << 80 * ms << 1;
    QTest::newRow("minus zooms out") << u"-"_s << 125 * ms << -1;
}

void tst_ScopeView::keysMoveAndZoom()
{
    QFETCH(QString, keys);
    Fixture f;
    f.state.setTimeRange({300 * ms, 400 * ms});
    f.view.refresh();
    QTest::keyClicks(&f.view, keys);
    QTEST(f.state.timeRange().length(), "length");
    const qint64 moved = f.state.timeRange().from - 300 * ms;
    QTEST(int(moved > 1000) - int(moved < -1000), "moved");
    QVERIFY(!f.state.isFollowing());
}

void tst_ScopeView::spaceTogglesFollowing()
{
    Fixture f;
    QVERIFY(f.state.isFollowing());
    QTest::keyClick(&f.view, Qt::Key_Space);
    QVERIFY(!f.state.isFollowing());
    QTest::keyClick(&f.view, Qt::Key_Space);
    QVERIFY(f.state.isFollowing());
}

void tst_ScopeView::draggingMovesTimeAndStopsFollowing()
{
    Fixture f;
    f.state.setTimeRange({200 * ms, 300 * ms});
    f.state.setFollowing(true);
    f.view.refresh();
    const double nsPerPixel = f.view.geometryOfScope().nsPerPixel();
    QTest::mousePress(f.view.viewport(), Qt::LeftButton, {}, {600, 200});
    QTest::mouseMove(f.view.viewport(), {650, 200});
    QTest::mouseMove(f.view.viewport(), {700, 200});
    QTest::mouseRelease(f.view.viewport(), Qt::LeftButton, {}, {700, 200});
    QVERIFY(!f.state.isFollowing());
    QVERIFY(std::abs(double(200 * ms - f.state.timeRange().from) - 100 * nsPerPixel) < 2 * nsPerPixel);
    QVERIFY(f.state.selection().isEmpty()); // it was no click
}

void tst_ScopeView::shiftDragMeasuresARangeThatFFits()
{
    Fixture f;
    f.state.setTimeRange({0, 100 * ms});
    f.view.refresh();
    QTest::mousePress(f.view.viewport(), Qt::LeftButton, Qt::ShiftModifier, {500, 200});
    QTest::mouseMove(f.view.viewport(), {600, 200});
    QTest::mouseMove(f.view.viewport(), {800, 200});
    QTest::mouseRelease(f.view.viewport(), Qt::LeftButton, Qt::ShiftModifier, {800, 200});
    QVERIFY(f.view.measuredRange());
    const model::TimeRange range = *f.view.measuredRange();
    QCOMPARE(range.from, f.view.geometryOfScope().toNs(500));
    QCOMPARE(range.to, f.view.geometryOfScope().toNs(800));
    QTest::keyClick(&f.view, Qt::Key_F);
    QVERIFY(std::abs(f.state.timeRange().from - range.from) < 2 * us);
    QVERIFY(std::abs(f.state.timeRange().to - range.to) < 2 * us);
    QTest::keyClick(&f.view, Qt::Key_Escape);
    QVERIFY(!f.view.measuredRange());
}

void tst_ScopeView::theKeyboardStepsFromSliceToSlice()
{
    Fixture f;
    f.state.setTimeRange({0, 110 * ms});
    f.view.refresh();
    QTest::keyClick(&f.view, Qt::Key_Period);
    QCOMPARE(f.state.selection().slice.start, 2 * ms);
    QCOMPARE(f.state.selection().request, 1u);
    QTest::keyClick(&f.view, Qt::Key_Period);
    QCOMPARE(f.state.selection().slice.start, 5 * ms);
    QCOMPARE(f.state.selection().slice.kind, trace::Kind::Callback);
    QVERIFY(f.view.accessibleDescription().contains(u"#2 POST /message"_s));
    QTest::keyClick(&f.view, Qt::Key_Comma);
    QCOMPARE(f.state.selection().slice.start, 2 * ms);
    QTest::keyClick(&f.view, Qt::Key_Comma); // the first: stays
    QCOMPARE(f.state.selection().slice.start, 2 * ms);
    QTest::keyClick(&f.view, Qt::Key_Escape);
    QVERIFY(f.state.selection().isEmpty());
}

void tst_ScopeView::theTooltipTellsTheSlice()
{
    Fixture f;
    const ScopeTexts texts(f.session, 120 * ms);
    const auto &run = f.session.slices(1, model::Track::Run);
    const QStringList lines = texts.sliceDetails(1, run.at(run.first())).split(u'\n');
    QCOMPARE(lines, (QStringList{u"writeFile"_s, u"#2 POST /message"_s, u"began +0.054 s"_s, u"took 38.0 ms"_s,
                                 u"waited 20.0 µs for a free worker"_s}));
    QCOMPARE(texts.request(4), u"#4 GET /download?mb=64"_s);
    QCOMPARE(texts.request(99), u"#99"_s);
}

void tst_ScopeView::aBlockedLoopIsNamed()
{
    Fixture f;
    f.state.setTimeRange({90 * ms, 1'400 * ms});
    const QByteArray name("writeFileSync");
    f.session.setLive(0, {.since = 120 * ms, .name = name.constData(), .file = nullptr, .line = 0, .request = 5, .phase = trace::Phase::Poll});
    f.view.tick(1'320 * ms);
    QCOMPARE(ScopeTexts(f.session, 1'320 * ms).blocked(f.session.lane(0).running), u"blocked 1.20 s in writeFileSync"_s);
    const QPoint inside = f.at(0, ScopeLanes::runRow, 1'300 * ms);
    const QPoint later = f.at(0, ScopeLanes::runRow, 1'390 * ms);
    const QImage image = f.picture();
    QVERIFY(distance(image.pixelColor(inside), theme::requestColor(4, f.view.palette())) < 0.02);
    QVERIFY(distance(image.pixelColor(later), f.view.palette().color(QPalette::Base)) < 0.2);
    // The banner stands at the right end of the axis.
    const QRectF plot = f.view.geometryOfScope().plot();
    const QColor banner = image.pixelColor(int(plot.right()) - 8, int(plot.top()) - 6);
    QVERIFY(distance(banner, theme::alarmColor(f.view.palette())) < 0.02);
}

void tst_ScopeView::theSleepThatHasNotEndedIsPainted()
{
    Fixture f(test::Transcript().wait(0, 50 * ms).turn(1, 0, 60 * ms));
    f.state.setTimeRange({0, 200 * ms});
    f.view.tick(180 * ms);
    const auto place = [&f](qint64 ns) { return f.at(0, ScopeLanes::phaseRow, ns) + QPoint(0, 5); };
    const QImage before = f.picture();
    trace::LiveSlice live;
    live.since = 70 * ms;
    live.phase = trace::Phase::Poll;
    live.sleeps = true;
    f.session.setLive(0, live);
    const QImage asleep = f.picture();
    QVERIFY(asleep.pixelColor(place(113 * ms)) != before.pixelColor(place(113 * ms)));
    // it looks like a sleep that has ended, reaches up to now, and does not name a blocked loop
    QCOMPARE(asleep.pixelColor(place(153 * ms)), asleep.pixelColor(place(43 * ms)));
    QCOMPARE(asleep.pixelColor(place(187 * ms)), before.pixelColor(place(187 * ms)));
    QVERIFY(!f.session.lane(0).running.isRunning());
    f.session.setLive(0, {});
    QCOMPARE(f.picture().pixelColor(place(113 * ms)), before.pixelColor(place(113 * ms)));
}

void tst_ScopeView::thousandsOfConnectionsScroll()
{
    test::Transcript t;
    for (quint64 i = 1; i <= 5000; ++i)
        t.opened(i, qint64(i) * 1000, "127.0.0.1:1");
    t.begin(1, 4321, 6 * ms, 1000, "GET / HTTP/1.1\r\n\r\n").end(1, 4321, 6 * ms, 1 * ms, 200, 0);
    Fixture f(t);
    f.state.setTimeRange({0, 10 * ms});
    f.view.refresh();
    QCOMPARE(f.view.lanes().size(), 5002u);
    QCOMPARE(f.view.lanes()[2].connection, 4321u); // the one with something to see is first
    QVERIFY(f.view.verticalScrollBar()->maximum() > 50'000);
    f.view.verticalScrollBar()->setValue(f.view.verticalScrollBar()->maximum());
    QElapsedTimer timer;
    timer.start();
    QVERIFY(!f.picture().isNull());
    qInfo("5,000 connections: %lld ms a frame", static_cast<long long>(timer.elapsed()));
    const auto range = f.view.geometryOfScope().visibleBoxes();
    QCOMPARE(range.last, 5002);
    QVERIFY(range.last - range.first < 40);
}

void tst_ScopeView::theThemeIsFollowed()
{
    Fixture f;
    const QPoint empty = f.at(1, 0, 20 * ms);
    const QColor light = f.picture().pixelColor(empty);
    theme::applyTheme(*qApp, theme::Theme::Dark);
    const QColor dark = f.picture().pixelColor(empty);
    theme::applyTheme(*qApp, theme::Theme::Light);
    QVERIFY(light.lightnessF() > 0.8);
    QVERIFY(dark.lightnessF() < 0.25);
}

// Printed, never judged: a slow machine fails no test. LOOPSCOPE_SLICES=5000000 asks for the real thing.
void tst_ScopeView::frameTime()
{
    const quint64 wanted = qEnvironmentVariable("LOOPSCOPE_SLICES", u"100000"_s).toULongLong();
    Session::Limits limits;
    limits.slices = wanted + 100'000;
    Fixture f({}, limits);
    const qint64 length = test::feedBusyLoop(f.session, wanted);
    f.view.refresh();
    struct View {
        const char *name;
        qint64 length;
    };
    for (const View &v : {View{"whole session", length}, View{"a tenth", length / 10}, View{"100 ms", 100 * ms}, View{"1 ms", ms}}) {
        constexpr int frames = 40;
        qint64 worst = 0;
        QElapsedTimer whole;
        whole.start();
        const std::clock_t before = std::clock();
        for (int i = 0; i < frames; ++i) { // scrolls and zooms as a person does
            QElapsedTimer timer;
            timer.start();
            const qint64 from = (length - v.length) * i / frames;
            f.state.setTimeRange({from, from + v.length + i * v.length / 100});
            f.picture();
            worst = std::max(worst, timer.nsecsElapsed());
        }
        const double cpu = double(std::clock() - before) * 1000 / CLOCKS_PER_SEC / frames;
        qInfo("%llu slices, %s: %.1f ms a frame (%.1f ms of processor), %.1f ms at worst",
              static_cast<unsigned long long>(wanted), v.name, double(whole.nsecsElapsed()) / frames / 1e6, cpu, double(worst) / 1e6);
    }
}

// LOOPSCOPE_PICTURES=folder writes what a person would see, to be looked at.
void tst_ScopeView::pictures()
{
    const QString folder = qEnvironmentVariable("LOOPSCOPE_PICTURES");
    Fixture f(test::richTranscript());
    for (int lane = 2; lane <= 4; ++lane)
        f.session.setLane(lane, trace::Trace::LaneKind::Worker, "pool " + QByteArray::number(lane));
    f.feed({});
    const auto save = [&](const QString &name, qreal ratio = 1) {
        const QImage image = f.picture(ratio);
        QVERIFY(!image.isNull());
        if (!folder.isEmpty())
            QVERIFY(image.save(folder + u'/' + name + u".png"_s));
    };
    for (const bool dark : {false, true}) {
        theme::applyTheme(*qApp, dark ? theme::Theme::Dark : theme::Theme::Light);
        const QString suffix = dark ? u"-dark"_s : u"-light"_s;
        f.state.clearSelection();
        f.state.setTimeRange({0, 130 * ms});
        save(u"overview"_s + suffix);
        f.state.setTimeRange({30 * ms, 36 * ms});
        save(u"near"_s + suffix);
        QTest::mouseMove(f.view.viewport(), {700, 250});
        f.state.setTimeRange({20 * ms, 110 * ms});
        f.click(f.at(1, 0, 60 * ms));
        save(u"selected"_s + suffix);
        save(u"selected-2x"_s + suffix, 2);
        const QByteArray name("writeFileSync");
        f.session.setLive(0, {.since = 126 * ms, .name = name.constData(), .file = nullptr, .line = 0, .request = 9, .phase = trace::Phase::Poll});
        f.view.tick(330 * ms);
        f.state.clearSelection();
        f.state.setTimeRange({0, 360 * ms});
        save(u"blocked"_s + suffix);
        f.session.setLive(0, {});
        f.feed({});
        Fixture dense(test::Transcript{});
        const qint64 length = test::feedBusyLoop(dense.session, 60'000);
        dense.state.setTimeRange({0, length});
        dense.state.selectRequest(3'000);
        const QImage image = dense.picture();
        QVERIFY(folder.isEmpty() || image.save(folder + u"/dense"_s + suffix + u".png"_s));
    }
    theme::applyTheme(*qApp, theme::Theme::Light);
}

QTEST_MAIN(tst_ScopeView)
#include "tst_scopeview.moc"
