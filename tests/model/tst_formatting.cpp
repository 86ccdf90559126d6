// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/formatting.h"
#include "inspector/model/requestcolor.h"
#include "tests/support/testcase.h"

#include <limits>

using namespace loopscope::model;
using namespace Qt::StringLiterals;

class tst_Formatting : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void durations_data();
    void durations();
    void spans_data();
    void spans();
    void sizes_data();
    void sizes();
    void othersHaveTheirUnitsToo();
    void bytesFromTheNetworkArePrintable();
    void neighboursNeverShareAColour();
};

void tst_Formatting::durations_data()
{
    QTest::addColumn<qint64>("ns");
    QTest::addColumn<QString>("text");
    QTest::newRow("nothing") << qint64(0) << u"0 ms"_s;
    QTest::newRow("a few ns") << qint64(400) << u"0.4 µs"_s;
    QTest::newRow("µs") << qint64(41'230) << u"41.2 µs"_s;
    QTest::newRow("below 0.1 ms, rounded up to it") << qint64(99'960) << u"0.10 ms"_s;
    QTest::newRow("part of a ms") << qint64(410'000) << u"0.41 ms"_s;
    QTest::newRow("ms") << qint64(41'230'000) << u"41.2 ms"_s;
    QTest::newRow("many ms") << qint64(412'600'000) << u"413 ms"_s;
    QTest::newRow("rounded up to a second") << qint64(999'500'000) << u"1.00 s"_s;
    QTest::newRow("seconds") << qint64(1'204'000'000) << u"1.20 s"_s;
    QTest::newRow("over a minute") << qint64(75'000'000'000) << u"75.0 s"_s;
    QTest::newRow("minutes") << qint64(725'000'000'000) << u"12 min 5 s"_s;
    QTest::newRow("hours") << qint64(12'000'000'000'000) << u"3 h 20 min"_s;
    QTest::newRow("negative") << qint64(-410'000) << u"−0.41 ms"_s;
    QTest::newRow("the least there is") << std::numeric_limits<qint64>::min() << u"−2,562,047 h 47 min"_s;
}

void tst_Formatting::durations()
{
    QFETCH(qint64, ns);
    QTEST(formatDuration(ns), "text");
}

void tst_Formatting::spans_data()
{
    QTest::addColumn<qint64>("ns");
    QTest::addColumn<QString>("text");
    QTest::newRow("ns") << qint64(400) << u"400 ns"_s;
    QTest::newRow("µs") << qint64(20'000) << u"20 µs"_s;
    QTest::newRow("part") << qint64(1'500'000) << u"1.5 ms"_s;
    QTest::newRow("ms") << qint64(800'000'000) << u"800 ms"_s;
    QTest::newRow("a second") << qint64(1'000'000'000) << u"1 s"_s;
    QTest::newRow("seconds") << qint64(12'000'000'000) << u"12 s"_s;
    QTest::newRow("minutes") << qint64(125'000'000'000) << u"2 min 5 s"_s;
    QTest::newRow("nothing") << qint64(0) << u"0 ns"_s;
}

void tst_Formatting::spans()
{
    QFETCH(qint64, ns);
    QTEST(formatSpan(ns), "text");
}

void tst_Formatting::sizes_data()
{
    QTest::addColumn<qint64>("bytes");
    QTest::addColumn<QString>("text");
    QTest::newRow("none") << qint64(0) << u"0 B"_s;
    QTest::newRow("bytes") << qint64(999) << u"999 B"_s;
    QTest::newRow("kB") << qint64(1'204) << u"1.2 kB"_s;
    QTest::newRow("many kB") << qint64(512'000) << u"512 kB"_s;
    QTest::newRow("rounded up to MB") << qint64(999'600) << u"1.0 MB"_s;
    QTest::newRow("MB") << qint64(34'500'000) << u"34.5 MB"_s;
    QTest::newRow("GB") << qint64(1'200'000'000) << u"1.2 GB"_s;
    QTest::newRow("the most there is") << std::numeric_limits<qint64>::max() << u"9.2 EB"_s;
}

void tst_Formatting::sizes()
{
    QFETCH(qint64, bytes);
    QTEST(formatSize(bytes), "text");
}

void tst_Formatting::othersHaveTheirUnitsToo()
{
    QCOMPARE(formatCount(1'204), u"1,204"_s);
    QCOMPARE(formatCount(999), u"999"_s);
    QCOMPARE(formatCount(-1'234'567), u"−1,234,567"_s);
    QCOMPARE(formatRate(1204.4), u"1,204 req/s"_s);
    QCOMPARE(formatRate(0.4), u"0.4 req/s"_s);
    QCOMPARE(formatRate(0), u"0 req/s"_s);
    QCOMPARE(formatShare(0.1234), u"12.3 %"_s);
    QCOMPARE(formatTimestamp(1'412'600'000, 1'000'000'000), u"+0.413 s"_s);
    QCOMPARE(formatTimestamp(0, 61'000'000'000), u"−61.000 s"_s);
}

void tst_Formatting::bytesFromTheNetworkArePrintable()
{
    QCOMPARE(printable("/zażółć"), u"/zażółć"_s);
    QCOMPARE(printable(QByteArray("a\r\n\tb\0\x1b", 7)), u"a\\r\\n\\tb\\x00\\x1b"_s);
    QCOMPARE(printable("\xff\xc3x\xe2\x82"), u"\\xff\\xc3x\\xe2\\x82"_s); // no UTF-8
    QCOMPARE(printable("\xf0\x9f\x98\x80"), QString::fromUtf8("\xf0\x9f\x98\x80"));
    QCOMPARE(printable("a\xe2\x80\xae" "b"), u"a\\xe2\\x80\\xaeb"_s); // no text may turn the direction around
    QCOMPARE(printable("\xc2\x9b"), u"\\xc2\\x9b"_s); // a C1 control
    QCOMPARE(printable(QByteArray(100, 'x'), 10), QString(u"xxxxxxxxxx…"_s));
    QCOMPARE(printable(""), QString());
}

void tst_Formatting::neighboursNeverShareAColour()
{
    for (quint64 n = 1; n < 100; ++n) {
        QVERIFY(requestColorIndex(n) != requestColorIndex(n + 1));
        QVERIFY(requestColorIndex(n) >= 0 && requestColorIndex(n) < requestColors);
    }
    QCOMPARE(requestColorIndex(1), requestColorIndex(9));
}

QTEST_GUILESS_MAIN(tst_Formatting)
#include "tst_formatting.moc"
