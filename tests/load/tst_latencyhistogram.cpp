// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/latencyhistogram.h"
#include "tests/support/testcase.h"

#include <QtCore/QRandomGenerator>

#include <algorithm>
#include <cmath>

using loopscope::load::LatencyHistogram;

class tst_LatencyHistogram : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void anEmptyOneIsZeroThroughout();
    void aValueComesBackWithThreeDigits_data();
    void aValueComesBackWithThreeDigits();
    void percentilesAreThoseOfTheSortedList();
    void aShareThatIsNoDoubleIsTheRightRequest();
    void mergingIsAddingAll();
    void mergingNothingChangesNothing();
    void whatIsTooLongIsStillCounted();
    void theCurveRisesToTheSlowest();
    void theMemoryIsFixed();
};

static constexpr qint64 us = 1'000;
static constexpr qint64 ms = 1'000'000;

void tst_LatencyHistogram::anEmptyOneIsZeroThroughout()
{
    const LatencyHistogram empty;
    QVERIFY(empty.isEmpty());
    QCOMPARE(empty.percentile(99), 0);
    QCOMPARE(empty.minimum(), 0);
    QCOMPARE(empty.maximum(), 0);
    QCOMPARE(empty.mean(), 0.0);
    QVERIFY(empty.percentiles().isEmpty());
}

void tst_LatencyHistogram::aValueComesBackWithThreeDigits_data()
{
    QTest::addColumn<qint64>("ns");
    for (const qint64 value : {1 * us, 2 * us, 999 * us, 2'047 * us, 2'048 * us, 2'049 * us, 4'095 * us, 4'096 * us,
                               10 * ms, 123'456 * us, 1'000 * ms, 59'999 * ms, 300'000 * ms})
        QTest::addRow("%lld us", value / us) << value;
}

// Two values, so that the answer is the step's and not the exact maximum.
void tst_LatencyHistogram::aValueComesBackWithThreeDigits()
{
    QFETCH(qint64, ns);
    LatencyHistogram histogram;
    histogram.add(ns);
    histogram.add(LatencyHistogram::highestNs);
    const qint64 median = histogram.percentile(50);
    QVERIFY2(median >= ns && double(median - ns) <= double(ns) / 1'000, qPrintable(QString::number(median)));
}

void tst_LatencyHistogram::percentilesAreThoseOfTheSortedList()
{
    QRandomGenerator random(7);
    std::vector<qint64> values;
    LatencyHistogram histogram;
    double sum = 0;
    for (int i = 0; i < 20'000; ++i) {
        // From 10 µs to 100 s, evenly over the decades.
        const auto value = qint64(1e4 * std::pow(10.0, random.generateDouble() * 7));
        values.push_back(value);
        histogram.add(value);
        sum += double(value);
    }
    std::sort(values.begin(), values.end());
    QCOMPARE(histogram.count(), quint64(values.size()));
    QCOMPARE(histogram.minimum(), values.front());
    QCOMPARE(histogram.maximum(), values.back());
    QVERIFY(std::abs(histogram.mean() - sum / double(values.size())) < 1);
    for (const double percent : {0.0, 1.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
        const auto rank = std::size_t(std::max(1.0, std::ceil(percent / 100 * double(values.size()) - 1e-6)));
        const auto exact = double(values[rank - 1]);
        const auto got = double(histogram.percentile(percent));
        // Half a microsecond of rounding, and a thousandth.
        QVERIFY2(std::abs(got - exact) <= exact / 1'000 + 500,
                 qPrintable(QStringLiteral("p%1: %2 for %3").arg(percent).arg(got).arg(exact)));
    }
}

// 99.9 % of 1,000 is the 999th, although 99.9 / 100 * 1000 is a hair more than 999.
void tst_LatencyHistogram::aShareThatIsNoDoubleIsTheRightRequest()
{
    LatencyHistogram histogram;
    for (int i = 0; i < 999; ++i)
        histogram.add(1 * ms);
    histogram.add(50 * ms);
    QCOMPARE(histogram.percentile(99.9), 1 * ms);
    QCOMPARE(histogram.percentile(99.91), 50 * ms);
}

void tst_LatencyHistogram::mergingIsAddingAll()
{
    LatencyHistogram a;
    LatencyHistogram b;
    LatencyHistogram both;
    for (int i = 1; i <= 1'000; ++i) {
        (i % 3 == 0 ? a : b).add(i * 37 * us);
        both.add(i * 37 * us);
    }
    a.merge(b);
    QCOMPARE(a.count(), both.count());
    QCOMPARE(a.minimum(), both.minimum());
    QCOMPARE(a.maximum(), both.maximum());
    QCOMPARE(a.mean(), both.mean());
    for (const double percent : {10.0, 50.0, 99.0, 99.9})
        QCOMPARE(a.percentile(percent), both.percentile(percent));
}

void tst_LatencyHistogram::mergingNothingChangesNothing()
{
    LatencyHistogram histogram;
    histogram.add(5 * ms);
    histogram.merge(LatencyHistogram());
    QCOMPARE(histogram.minimum(), 5 * ms);
    QCOMPARE(histogram.count(), quint64(1));
    LatencyHistogram empty;
    empty.merge(histogram);
    QCOMPARE(empty.minimum(), 5 * ms);
    histogram.clear();
    QVERIFY(histogram.isEmpty());
    QCOMPARE(histogram.maximum(), 0);
}

void tst_LatencyHistogram::whatIsTooLongIsStillCounted()
{
    LatencyHistogram histogram;
    histogram.add(-5);
    histogram.add(1'000'000 * ms);
    QCOMPARE(histogram.count(), quint64(2));
    QCOMPARE(histogram.minimum(), 0);
    QCOMPARE(histogram.percentile(50), 0);
    QCOMPARE(histogram.percentile(100), 1'000'000 * ms);
}

void tst_LatencyHistogram::theCurveRisesToTheSlowest()
{
    LatencyHistogram histogram;
    for (int i = 1; i <= 1'000; ++i)
        histogram.add(i * ms);
    const QList<LatencyHistogram::Point> curve = histogram.percentiles();
    QVERIFY(curve.size() > 40);
    QCOMPARE(curve.first().percentile, 0.0);
    QCOMPARE(curve.first().latencyNs, 1 * ms);
    QCOMPARE(curve.last().percentile, 100.0);
    QCOMPARE(curve.last().latencyNs, 1'000 * ms);
    QCOMPARE(curve.last().count, 1'000);
    for (qsizetype i = 1; i < curve.size(); ++i) {
        QVERIFY(curve[i].percentile > curve[i - 1].percentile);
        QVERIFY(curve[i].latencyNs >= curve[i - 1].latencyNs);
        QVERIFY(curve[i].count >= curve[i - 1].count);
    }
}

void tst_LatencyHistogram::theMemoryIsFixed()
{
    QVERIFY(LatencyHistogram::memoryBytes() < 160 * 1'024);
}

QTEST_GUILESS_MAIN(tst_LatencyHistogram)
#include "tst_latencyhistogram.moc"
