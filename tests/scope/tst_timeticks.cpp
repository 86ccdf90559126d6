// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/scope/timeticks.h"
#include "tests/support/testcase.h"

#include <QtCore/QLocale>

using namespace loopscope::scope;
using namespace Qt::StringLiterals;

class tst_TimeTicks : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }
    void stepsAreOneTwoOrFiveTimesAPowerOfTen_data();
    void stepsAreOneTwoOrFiveTimesAPowerOfTen();
    void ticksAreMultiplesOfTheStepAndFarEnoughApart();
    void labelsCarryTheirUnitAndDiffer_data();
    void labelsCarryTheirUnitAndDiffer();
};

void tst_TimeTicks::stepsAreOneTwoOrFiveTimesAPowerOfTen_data()
{
    QTest::addColumn<double>("minimumNs");
    QTest::addColumn<qint64>("stepNs");
    QTest::newRow("nothing is finer than a nanosecond") << 0.01 << qint64(1);
    QTest::newRow("an exact step is kept") << 200.0 << qint64(200);
    QTest::newRow("a little more than a step takes the next") << 201.0 << qint64(500);
    QTest::newRow("six of a kind round up to ten") << 6e6 << qint64(10'000'000);
    QTest::newRow("minutes are tens of seconds") << 61e9 << qint64(100'000'000'000);
}

void tst_TimeTicks::stepsAreOneTwoOrFiveTimesAPowerOfTen()
{
    QFETCH(double, minimumNs);
    QTEST(niceStep(minimumNs), "stepNs");
}

void tst_TimeTicks::ticksAreMultiplesOfTheStepAndFarEnoughApart()
{
    for (double nsPerPixel = 0.1; nsPerPixel < 1e11; nsPerPixel *= 3.7) {
        const qint64 start = -qint64(nsPerPixel * 333);
        const qint64 end = qint64(nsPerPixel * 1500);
        const TimeTicks ticks = TimeTicks::between(start, end, nsPerPixel, 90);
        QVERIFY(double(ticks.stepNs) / nsPerPixel >= 90 - 1e-6);
        QVERIFY(!ticks.at.isEmpty() || ticks.stepNs > end - start);
        QString last;
        for (const qint64 at : ticks.at) {
            QCOMPARE(at % ticks.stepNs, 0);
            QVERIFY(at >= start && at <= end);
            QVERIFY(ticks.label(at) != last);
            last = ticks.label(at);
        }
    }
}

void tst_TimeTicks::labelsCarryTheirUnitAndDiffer_data()
{
    QTest::addColumn<qint64>("stepNs");
    QTest::addColumn<qint64>("atNs");
    QTest::addColumn<QString>("label");
    QTest::newRow("zero needs no unit") << qint64(50) << qint64(0) << u"0"_s;
    QTest::newRow("nanoseconds") << qint64(50) << qint64(150) << u"150 ns"_s;
    QTest::newRow("microseconds with the decimals of the step") << qint64(500) << qint64(2'500) << u"2.5 µs"_s;
    QTest::newRow("whole milliseconds have no decimals") << qint64(5'000'000) << qint64(15'000'000) << u"15 ms"_s;
    QTest::newRow("seconds far from zero keep the step visible") << qint64(1'000'000) << qint64(3'217'000'000) << u"3.217 s"_s;
    QTest::newRow("before zero is negative") << qint64(1'000'000) << qint64(-2'000'000) << u"-2 ms"_s;
}

void tst_TimeTicks::labelsCarryTheirUnitAndDiffer()
{
    QFETCH(qint64, stepNs);
    QFETCH(qint64, atNs);
    TimeTicks ticks;
    ticks.stepNs = stepNs;
    QTEST(ticks.label(atNs), "label");
}

QTEST_GUILESS_MAIN(tst_TimeTicks)
#include "tst_timeticks.moc"
