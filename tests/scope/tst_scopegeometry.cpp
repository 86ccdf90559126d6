// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/scope/rowmarks.h"
#include "inspector/scope/scopegeometry.h"
#include "tests/support/testcase.h"

#include <random>

using namespace loopscope::scope;

namespace {

struct Slice {
    qint64 start;
    qint64 end;
};

// A row from a plain list, that counts how often it is read.
struct ListRow {
    QList<Slice> slices;
    mutable qsizetype reads = 0;

    qsizetype count() const { return slices.size(); }
    qint64 startNs(qsizetype i) const { return ++reads, slices[i].start; }
    qint64 endNs(qsizetype i) const { return ++reads, slices[i].end; }
};

// A row of a great many equal slices, that stores none.
struct EndlessRow {
    qsizetype slices = 0;
    qint64 periodNs = 1000;
    qint64 lengthNs = 400;
    mutable qsizetype reads = 0;

    qsizetype count() const { return slices; }
    qint64 startNs(qsizetype i) const { return ++reads, i * periodNs; }
    qint64 endNs(qsizetype i) const { return ++reads, i * periodNs + lengthNs; }
};

template<typename Row>
QList<Mark> marksOf(const Row &row, const ScopeGeometry &geometry, qreal pixel = 1)
{
    QList<Mark> marks;
    forEachMark(row, geometry, pixel, [&](const Mark &mark) { marks.append(mark); });
    return marks;
}

ScopeGeometry geometryOf(qint64 start, qint64 end)
{
    ScopeGeometry geometry;
    geometry.setFrame({1100, 400}, 100, 24); // a plot 1,000 pixels wide
    geometry.setTimeRange(start, end);
    return geometry;
}

} // namespace

class tst_ScopeGeometry : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void timesAndPixelsConvertBothWays();
    void zoomingKeepsThePointUnderTheCursor_data();
    void zoomingKeepsThePointUnderTheCursor();
    void zoomingStopsAtItsLimits();
    void panningBackAndForthEndsWhereItBegan();
    void lanesLieBelowEachOther();
    void onlyLanesInViewAreVisited();
    void aPointHitsItsLaneAndRow_data();
    void aPointHitsItsLaneAndRow();
    void marks_data();
    void marks();
    void aDevicePixelIsFinerThanALogicalOne();
    void everySliceInViewIsInExactlyOneMark();
    void theCostGrowsWithPixelsNotWithSlices();
    void theSliceNearestToAPointIsFound_data();
    void theSliceNearestToAPointIsFound();
};

void tst_ScopeGeometry::timesAndPixelsConvertBothWays()
{
    const ScopeGeometry geometry = geometryOf(5'000'000, 6'000'000);
    QCOMPARE(geometry.nsPerPixel(), 1000.0);
    QCOMPARE(geometry.toX(5'000'000), 100.0);
    QCOMPARE(geometry.toX(6'000'000), 1100.0);
    QCOMPARE(geometry.endNs(), 6'000'000);
    for (qint64 ns = 5'000'000; ns <= 6'000'000; ns += 777)
        QCOMPARE(geometry.toNs(geometry.toX(ns)), ns);
}

void tst_ScopeGeometry::zoomingKeepsThePointUnderTheCursor_data()
{
    QTest::addColumn<qreal>("x");
    QTest::addColumn<double>("factor");
    QTest::newRow("in, at the left edge") << 100.0 << 0.5;
    QTest::newRow("in, in the middle") << 600.0 << 0.8;
    QTest::newRow("out, at the right edge") << 1100.0 << 1.25;
    QTest::newRow("out, on an odd pixel") << 333.25 << 3.0;
}

void tst_ScopeGeometry::zoomingKeepsThePointUnderTheCursor()
{
    QFETCH(qreal, x);
    QFETCH(double, factor);
    ScopeGeometry geometry = geometryOf(7'000'000'000, 7'001'000'000);
    const qint64 ns = geometry.toNs(x);
    for (int i = 0; i < 12; ++i) { // many steps, down to fractions of a ns a pixel or up to minutes
        geometry.zoomAround(x, factor);
        QVERIFY(std::abs(geometry.toNs(x) - ns) <= 1);
    }
    QVERIFY(factor < 1 ? geometry.nsPerPixel() < 1000 : geometry.nsPerPixel() > 1000);
}

void tst_ScopeGeometry::zoomingStopsAtItsLimits()
{
    ScopeGeometry geometry = geometryOf(0, 1'000'000);
    for (int i = 0; i < 100; ++i)
        geometry.zoomAround(500, 0.5);
    QCOMPARE(geometry.nsPerPixel(), ScopeGeometry::minimumNsPerPixel);
    for (int i = 0; i < 200; ++i)
        geometry.zoomAround(500, 2);
    QCOMPARE(geometry.nsPerPixel(), ScopeGeometry::maximumNsPerPixel);
    geometry.setTimeRange(50, 50);
    QCOMPARE(geometry.nsPerPixel(), ScopeGeometry::minimumNsPerPixel);
}

void tst_ScopeGeometry::panningBackAndForthEndsWhereItBegan()
{
    ScopeGeometry geometry = geometryOf(1'000'000, 1'000'333);
    for (int i = 0; i < 100; ++i)
        geometry.panBy(0.7);
    QCOMPARE(geometry.startNs(), 1'000'000 + 23); // 70 px of 0.333 ns
    for (int i = 0; i < 100; ++i)
        geometry.panBy(-0.7);
    QVERIFY(std::abs(geometry.toX(1'000'000) - 100) < 0.01);
}

void tst_ScopeGeometry::lanesLieBelowEachOther()
{
    ScopeGeometry geometry = geometryOf(0, 1000);
    geometry.setBoxes({{.lane = 7, .rows = 3, .rowHeight = 18}, {.lane = 9, .rows = 1, .rowHeight = 20}});
    const qreal gap = ScopeGeometry::laneGap;
    QCOMPARE(geometry.laneY(0), 24 + gap / 2);
    QCOMPARE(geometry.rowY(0, 2), 24 + gap / 2 + 36);
    QCOMPARE(geometry.laneY(1), 24 + gap / 2 + 54 + gap);
    geometry.setScrollY(10);
    QCOMPARE(geometry.laneY(0), 14 + gap / 2);
    QCOMPARE(geometry.boxOfLane(9), 1);
    QCOMPARE(geometry.boxOfLane(8), -1);
    QCOMPARE(geometry.contentHeight(), gap / 2 + 54 + gap + 20 + gap);
}

void tst_ScopeGeometry::onlyLanesInViewAreVisited()
{
    ScopeGeometry geometry = geometryOf(0, 1000);
    QList<LaneBox> boxes;
    for (int i = 0; i < 10'000; ++i)
        boxes.append({.lane = i, .rows = 1, .rowHeight = 20 - ScopeGeometry::laneGap});
    geometry.setBoxes(boxes); // 20 pixels each
    geometry.setScrollY(100'000);
    const auto range = geometry.visibleBoxes();
    QCOMPARE(range.first, 5000);
    QCOMPARE(range.last, 5019); // 376 pixels of plot
}

void tst_ScopeGeometry::aPointHitsItsLaneAndRow_data()
{
    QTest::addColumn<QPointF>("point");
    QTest::addColumn<int>("box");
    QTest::addColumn<int>("row");
    QTest::newRow("the axis belongs to no lane") << QPointF(500, 10) << -1 << -1;
    QTest::newRow("the first row of the first lane") << QPointF(500, 24 + 4) << 0 << 0;
    QTest::newRow("the last row of the first lane") << QPointF(500, 24 + 3 + 36 + 17) << 0 << 2;
    QTest::newRow("the gap between two lanes") << QPointF(500, 24 + 3 + 54 + 3) << -1 << -1;
    QTest::newRow("the second lane") << QPointF(500, 24 + 3 + 54 + 6 + 1) << 1 << 0;
    QTest::newRow("below all lanes") << QPointF(500, 300) << -1 << -1;
}

void tst_ScopeGeometry::aPointHitsItsLaneAndRow()
{
    QFETCH(QPointF, point);
    ScopeGeometry geometry = geometryOf(0, 1'000'000);
    geometry.setBoxes({{.lane = 7, .rows = 3, .rowHeight = 18}, {.lane = 9, .rows = 1, .rowHeight = 20}});
    const Hit hit = geometry.hitTest(point);
    QTEST(hit.box, "box");
    QTEST(hit.row, "row");
    QCOMPARE(hit.ns, 400'000);
}

void tst_ScopeGeometry::marks_data()
{
    QTest::addColumn<QList<qint64>>("times"); // start, end, start, end, …
    QTest::addColumn<QList<Mark>>("marks"); // seen from 0 to 1,000,000 ns at 1,000 ns a pixel
    using Times = QList<qint64>;
    using Marks = QList<Mark>;
    QTest::newRow("an empty row paints nothing") << Times{} << Marks{};
    QTest::newRow("a wide slice keeps its width") << Times{10'000, 30'000} << Marks{{0, 1, 110, 20}};
    QTest::newRow("a slice shorter than a pixel fills its pixel") << Times{10'100, 10'200} << Marks{{0, 1, 110, 1}};
    QTest::newRow("slices on one pixel are merged")
        << Times{10'000, 10'100, 10'200, 10'300, 10'500, 10'800} << Marks{{0, 3, 110, 1}};
    QTest::newRow("slices on two pixels are two marks")
        << Times{10'000, 10'100, 11'000, 11'100} << Marks{{0, 1, 110, 1}, {1, 1, 111, 1}};
    QTest::newRow("a wide slice behind short ones keeps its own mark")
        << Times{10'000, 10'200, 10'300, 10'500, 10'600, 20'600} << Marks{{0, 2, 110, 1}, {2, 1, 110.6, 10}};
    QTest::newRow("a slice that began before the view is seen") << Times{-5'000, 5'000} << Marks{{0, 1, 95, 10}};
    QTest::newRow("a slice that spans the view is seen")
        << Times{-1'000'000, 3'000'000} << Marks{{0, 1, -900, 4000}};
    QTest::newRow("what ended before the view or begins behind it is culled")
        << Times{-5'000, -4'000, 500'000, 502'000, 1'500'000, 1'600'000} << Marks{{1, 1, 600, 2}};
    QTest::newRow("a slice of no duration is seen") << Times{10'000, 10'000} << Marks{{0, 1, 110, 1}};
    QTest::newRow("a slice of no duration at the view's very start is seen") << Times{0, 0} << Marks{{0, 1, 100, 1}};
}

void tst_ScopeGeometry::marks()
{
    QFETCH(QList<qint64>, times);
    QFETCH(QList<Mark>, marks);
    ListRow row;
    for (qsizetype i = 0; i < times.size(); i += 2)
        row.slices.append({times[i], times[i + 1]});
    const QList<Mark> actual = marksOf(row, geometryOf(0, 1'000'000));
    QCOMPARE(actual.size(), marks.size());
    for (qsizetype i = 0; i < marks.size(); ++i) {
        QCOMPARE(actual[i].first, marks[i].first);
        QCOMPARE(actual[i].count, marks[i].count);
        QVERIFY(std::abs(actual[i].x - marks[i].x) < 1e-6);
        QVERIFY(std::abs(actual[i].width - marks[i].width) < 1e-6);
    }
}

void tst_ScopeGeometry::aDevicePixelIsFinerThanALogicalOne()
{
    const ListRow row{{{10'000, 10'100}, {10'500, 10'600}}};
    QCOMPARE(marksOf(row, geometryOf(0, 1'000'000), 1).size(), 1);
    QCOMPARE(marksOf(row, geometryOf(0, 1'000'000), 0.5).size(), 2);
}

void tst_ScopeGeometry::everySliceInViewIsInExactlyOneMark()
{
    std::mt19937 random(1);
    for (int round = 0; round < 200; ++round) {
        ListRow row;
        qint64 now = -100'000;
        for (int i = 0; i < 3000; ++i) {
            now += random() % (i % 100 == 0 ? 50'000 : 300);
            const qint64 start = now;
            now += random() % (i % 37 == 0 ? 20'000 : 200);
            row.slices.append({start, now});
        }
        ScopeGeometry geometry = geometryOf(0, 1'000 + qint64(random() % 1'000'000));
        geometry.panBy(qreal(random() % 1000) / 100);
        qsizetype next = firstEndingAfter(row, geometry.startNs() - 1);
        qreal right = -1e18;
        for (const Mark &mark : marksOf(row, geometry, 1 / 1.25)) {
            QCOMPARE(mark.first, next);
            QVERIFY(mark.count >= 1);
            QVERIFY(mark.count == 1 || mark.x >= right - 1e-6); // two merged marks never share a pixel
            next += mark.count;
            right = mark.x + (mark.count > 1 ? mark.width : 0);
        }
        QVERIFY(next == row.count() || row.slices[next].start > geometry.endNs());
    }
}

void tst_ScopeGeometry::theCostGrowsWithPixelsNotWithSlices()
{
    EndlessRow row;
    row.slices = 50'000'000;
    const QList<Mark> marks = marksOf(row, geometryOf(0, row.slices * row.periodNs));
    QVERIFY(marks.size() <= 1001);
    QVERIFY2(row.reads < 1001 * 64, qPrintable(QString::number(row.reads)));
    QVERIFY(marks[500].count > 40'000);
}

void tst_ScopeGeometry::theSliceNearestToAPointIsFound_data()
{
    QTest::addColumn<qint64>("ns");
    QTest::addColumn<qsizetype>("index");
    QTest::newRow("inside") << qint64(150) << qsizetype(0);
    QTest::newRow("just before one") << qint64(95) << qsizetype(0);
    QTest::newRow("just behind one") << qint64(205) << qsizetype(0);
    QTest::newRow("between two the nearer one wins") << qint64(223) << qsizetype(1);
    QTest::newRow("far from all") << qint64(600) << qsizetype(-1);
    QTest::newRow("behind the last") << qint64(309) << qsizetype(1);
}

void tst_ScopeGeometry::theSliceNearestToAPointIsFound()
{
    QFETCH(qint64, ns);
    const ListRow row{{{100, 200}, {230, 300}}};
    QTEST(sliceAt(row, ns, 30), "index");
}

QTEST_GUILESS_MAIN(tst_ScopeGeometry)
#include "tst_scopegeometry.moc"
