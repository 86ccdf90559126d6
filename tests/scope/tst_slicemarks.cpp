// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/scope/slicemarks.h"
#include "tests/support/testcase.h"

#include <map>
#include <random>

using namespace loopscope::scope;
using loopscope::model::Slice;
using loopscope::model::SliceStore;
using loopscope::trace::Kind;

namespace {

Slice slice(Kind kind, qint64 start, qint64 duration, quint64 request = 0)
{
    Slice s;
    s.kind = kind;
    s.start = start;
    s.duration = duration;
    s.request = request;
    return s;
}

ScopeGeometry geometryOf(qint64 start, qint64 end)
{
    ScopeGeometry geometry;
    geometry.setFrame({1100, 400}, 100, 24); // a plot 1,000 pixels wide
    geometry.setTimeRange(start, end);
    return geometry;
}

QList<SliceMark> marksOf(const SliceStore &store, const ScopeGeometry &geometry)
{
    BusySums sums;
    sums.update(store);
    QList<SliceMark> marks;
    SliceWalk(store, sums, geometry, 1).run([&](const SliceMark &mark) { marks.append(mark); });
    return marks;
}

} // namespace

class tst_SliceMarks : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aNestedSliceStandsInTheRowBelow();
    void whatBeganBeforeTheViewIsSeenWithWhatIsAroundIt();
    void slicesOnOnePixelAreOneMarkARow();
    void slicesOfOneRequestKeepItsColour();
    void aSliceThatReachesBeyondThePixelIsItsOwnMark();
    void aWaitHasItsOwnRow();
    void aCrowdedPixelShowsHowLongItsSlicesRan();
    void sumsAgreeWithAPlainLoop();
    void sumsFollowWhatIsAddedAndEvicted();
    void everyWideSliceInViewIsMarkedOnce();
};

void tst_SliceMarks::aNestedSliceStandsInTheRowBelow()
{
    SliceStore store;
    store.insert(slice(Kind::Layer, 20'000, 5'000, 7));
    store.insert(slice(Kind::Callback, 10'000, 30'000, 7));
    const auto marks = marksOf(store, geometryOf(0, 1'000'000));
    QCOMPARE(marks.size(), 2);
    QCOMPARE(marks[0].row, 0);
    QCOMPARE(marks[0].x, 110.0);
    QCOMPARE(marks[0].width, 30.0);
    QCOMPARE(marks[1].row, 1);
    QCOMPARE(marks[1].x, 120.0);
    QCOMPARE(marks[1].request, 7u);
}

void tst_SliceMarks::whatBeganBeforeTheViewIsSeenWithWhatIsAroundIt()
{
    SliceStore store;
    store.insert(slice(Kind::Callback, 0, 1'000));
    store.insert(slice(Kind::Span, 400'000, 300'000));
    store.insert(slice(Kind::Layer, 300'000, 600'000));
    store.insert(slice(Kind::Callback, 200'000, 800'000));
    const auto marks = marksOf(store, geometryOf(500'000, 600'000));
    QCOMPARE(marks.size(), 3); // innermost first
    QCOMPARE(marks[0].row, 2);
    QCOMPARE(marks[2].row, 0);
    QCOMPARE(marks[2].x, 100.0 - 3000);
}

void tst_SliceMarks::slicesOnOnePixelAreOneMarkARow()
{
    SliceStore store;
    for (int i = 0; i < 4; ++i) {
        store.insert(slice(Kind::Layer, 10'000 + i * 200 + 20, 50, quint64(i)));
        store.insert(slice(Kind::Callback, 10'000 + i * 200, 100, quint64(i)));
    }
    const auto marks = marksOf(store, geometryOf(0, 1'000'000));
    QCOMPARE(marks.size(), 2);
    QCOMPARE(marks[0].row, 0);
    QCOMPARE(marks[0].count, 4u);
    QCOMPARE(marks[0].x, 110.0);
    QCOMPARE(marks[0].width, 1.0);
    QVERIFY(qAbs(marks[0].busy - 0.4) < 1e-9);
    QCOMPARE(marks[0].request, SliceMark::mixedRequests);
    QCOMPARE(marks[1].row, 1);
    QVERIFY(qAbs(marks[1].busy - 0.2) < 1e-9);
}

void tst_SliceMarks::slicesOfOneRequestKeepItsColour()
{
    SliceStore store;
    for (int i = 0; i < 4; ++i)
        store.insert(slice(Kind::Callback, 10'000 + i * 200, 100, 41));
    const auto marks = marksOf(store, geometryOf(0, 1'000'000));
    QCOMPARE(marks.size(), 1);
    QCOMPARE(marks[0].request, 41u);
}

void tst_SliceMarks::aSliceThatReachesBeyondThePixelIsItsOwnMark()
{
    SliceStore store;
    store.insert(slice(Kind::Callback, 10'000, 100));
    store.insert(slice(Kind::Callback, 10'200, 100));
    store.insert(slice(Kind::Layer, 10'600, 20));
    store.insert(slice(Kind::Callback, 10'500, 5'000));
    const auto marks = marksOf(store, geometryOf(0, 1'000'000));
    QCOMPARE(marks.size(), 3); // two short callbacks, the short layer, the long callback
    QCOMPARE(marks[0].count, 2u);
    QVERIFY(qAbs(marks[0].busy - 0.2) < 1e-9);
    QCOMPARE(marks[1].row, 1);
    QCOMPARE(marks[2].row, 0);
    QVERIFY(qAbs(marks[2].x - 110.5) < 1e-9);
    QVERIFY(qAbs(marks[2].width - 5) < 1e-9);
}

void tst_SliceMarks::aWaitHasItsOwnRow()
{
    SliceStore store;
    store.insert(slice(Kind::Wait, 10'000, 20'000));
    store.insert(slice(Kind::PhaseRun, 10'000, 30'000));
    const auto marks = marksOf(store, geometryOf(0, 1'000'000));
    QCOMPARE(marks.size(), 2);
    QCOMPARE(marks[0].row, 0);
    QCOMPARE(marks[1].row, BusySums::waitRow);
}

void tst_SliceMarks::aCrowdedPixelShowsHowLongItsSlicesRan()
{
    SliceStore store;
    for (int i = 0; i < 100'000; ++i) {
        store.insert(slice(Kind::Layer, i * 1000 + 10, 100));
        store.insert(slice(Kind::Callback, i * 1000, 250));
    }
    const auto marks = marksOf(store, geometryOf(0, 100'000'000)); // 100 callbacks a pixel
    QVERIFY(marks.size() >= 1990 && marks.size() <= 2010);
    for (const SliceMark &mark : marks) {
        QVERIFY(mark.count > 1);
        QVERIFY2(qAbs(mark.busy - (mark.row == 0 ? 0.25 : 0.1)) < 0.004, qPrintable(QString::number(mark.busy)));
    }
}

static BusySums::Sums plainSums(const SliceStore &store, quint64 first, quint64 last)
{
    BusySums::Sums sums{};
    for (; first < last; ++first)
        sums[std::size_t(BusySums::rowOf(store.at(first)))] += store.at(first).duration;
    return sums;
}

static void addCallback(SliceStore &store, std::mt19937 &random, qint64 &now)
{
    const qint64 start = now;
    for (unsigned i = random() % 4; i > 0; --i) {
        store.insert(slice(Kind::Layer, now + 1, 20));
        now += 30;
    }
    now += 10 + random() % 50;
    store.insert(slice(Kind::Callback, start, now - start));
    now += random() % 100;
}

void tst_SliceMarks::sumsAgreeWithAPlainLoop()
{
    std::mt19937 random(1);
    SliceStore store;
    BusySums sums;
    qint64 now = 0;
    for (int round = 0; round < 300; ++round) {
        for (unsigned i = random() % 100; i > 0; --i)
            addCallback(store, random, now);
        store.insert(slice(Kind::Layer, now, 5)); // whose callback has not ended
        sums.update(store);
        const quint64 first = store.first() + random() % store.size();
        const quint64 last = first + random() % (store.end() - first + 1);
        QVERIFY(sums.between(store, first, last) == plainSums(store, first, last));
        store.insert(slice(Kind::Callback, now, 10));
        now += 20;
    }
}

void tst_SliceMarks::sumsFollowWhatIsAddedAndEvicted()
{
    std::mt19937 random(2);
    SliceStore store;
    BusySums sums;
    qint64 now = 0;
    for (int round = 0; round < 60; ++round) {
        for (int i = 0; i < 1000; ++i)
            addCallback(store, random, now);
        while (store.size() > 20'000)
            store.evictBlock();
        if (round == 30) {
            store.clear();
            addCallback(store, random, now);
        }
        sums.update(store);
        QVERIFY(sums.between(store, store.first(), store.end()) == plainSums(store, store.first(), store.end()));
        const quint64 middle = (store.first() + store.end()) / 2;
        QVERIFY(sums.between(store, middle, store.end()) == plainSums(store, middle, store.end()));
    }
}

void tst_SliceMarks::everyWideSliceInViewIsMarkedOnce()
{
    std::mt19937 random(3);
    SliceStore store;
    qint64 now = 0;
    for (int i = 0; i < 3000; ++i)
        addCallback(store, random, now);
    for (int round = 0; round < 100; ++round) {
        const qint64 from = qint64(random() % quint64(now));
        const ScopeGeometry geometry = geometryOf(from, from + 100 + qint64(random() % quint64(now / 2)));
        std::map<quint64, int> seen;
        for (const SliceMark &mark : marksOf(store, geometry)) {
            if (mark.count == 1)
                ++seen[mark.first];
            QVERIFY(mark.busy >= 0 && mark.busy <= 1);
        }
        for (quint64 i = store.first(); i < store.end(); ++i) {
            const Slice &s = store.at(i);
            const bool inView = s.end() > geometry.startNs() && s.start <= geometry.endNs();
            if (inView && double(s.duration) > geometry.nsPerPixel() * 1.000001)
                QCOMPARE(seen[i], 1);
            else if (!inView)
                QCOMPARE(seen[i], 0);
        }
    }
}

QTEST_GUILESS_MAIN(tst_SliceMarks)
#include "tst_slicemarks.moc"
