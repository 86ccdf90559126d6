// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/date.h"
#include "tests/support/testcase.h"

using namespace loopscope::http;
using namespace std::chrono;

class tst_Date : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void parses_data();
    void parses();
    void refuses_data();
    void refuses();
    void twoDigitYearsAreAtMost50YearsAhead();
    void whatIsWrittenIsRead();
};

// 1994-11-06 08:49:37 UTC, the RFC's example
constexpr qint64 example = 784111777;

void tst_Date::parses_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<qint64>("time");
    QTest::newRow("IMF-fixdate") << QByteArray("Sun, 06 Nov 1994 08:49:37 GMT") << example;
    QTest::newRow("RFC 850") << QByteArray("Sunday, 06-Nov-94 08:49:37 GMT") << example;
    QTest::newRow("asctime with a padded day") << QByteArray("Sun Nov  6 08:49:37 1994") << example;
    QTest::newRow("asctime with two digits") << QByteArray("Wed Nov 16 08:49:37 1994") << example + 10 * 86400;
    QTest::newRow("the epoch") << QByteArray("Thu, 01 Jan 1970 00:00:00 GMT") << qint64(0);
    QTest::newRow("before the epoch") << QByteArray("Wed, 31 Dec 1969 23:59:59 GMT") << qint64(-1);
    QTest::newRow("a leap day") << QByteArray("Thu, 29 Feb 2024 00:00:00 GMT") << qint64(1709164800);
    QTest::newRow("a leap second") << QByteArray("Sat, 31 Dec 2016 23:59:60 GMT") << qint64(1483228800);
    QTest::newRow("the last year") << QByteArray("Fri, 31 Dec 9999 23:59:59 GMT") << qint64(253402300799);
}

void tst_Date::parses()
{
    QFETCH(QByteArray, text);
    QFETCH(qint64, time);
    const auto parsed = parseHttpDate(text);
    QVERIFY(parsed.has_value());
    QCOMPARE(qint64(parsed->time_since_epoch().count()), time);
}

void tst_Date::refuses_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("a number") << QByteArray("784111777");
    QTest::newRow("another zone") << QByteArray("Sun, 06 Nov 1994 08:49:37 UTC");
    QTest::newRow("an offset") << QByteArray("Sun, 06 Nov 1994 08:49:37 +0000");
    QTest::newRow("no weekday") << QByteArray("06 Nov 1994 08:49:37 GMT");
    QTest::newRow("a weekday that is none") << QByteArray("Son, 06 Nov 1994 08:49:37 GMT");
    QTest::newRow("a day that the month has not") << QByteArray("Wed, 30 Feb 1994 08:49:37 GMT");
    QTest::newRow("the 29th of February of no leap year") << QByteArray("Wed, 29 Feb 1994 08:49:37 GMT");
    QTest::newRow("hour 24") << QByteArray("Sun, 06 Nov 1994 24:00:00 GMT");
    QTest::newRow("minute 60") << QByteArray("Sun, 06 Nov 1994 08:60:00 GMT");
    QTest::newRow("second 61") << QByteArray("Sun, 06 Nov 1994 08:49:61 GMT");
    QTest::newRow("one digit") << QByteArray("Sun, 6 Nov 1994 08:49:37 GMT");
    QTest::newRow("something behind it") << QByteArray("Sun, 06 Nov 1994 08:49:37 GMT+1");
    QTest::newRow("a month in lower case") << QByteArray("Sun, 06 nov 1994 08:49:37 GMT");
    QTest::newRow("cut off") << QByteArray("Sun, 06 Nov 1994 08:49:3");
    QTest::newRow("a sign for a digit") << QByteArray("Sun, +6 Nov 1994 08:49:37 GMT");
}

void tst_Date::refuses()
{
    QFETCH(QByteArray, text);
    QVERIFY(!parseHttpDate(text).has_value());
}

void tst_Date::twoDigitYearsAreAtMost50YearsAhead()
{
    const sys_seconds now = sys_days(year(2026) / 7 / 1);
    const auto yearOf = [&](QByteArrayView text) {
        const auto time = parseHttpDate(text, now);
        return time ? int(year_month_day(floor<days>(*time)).year()) : -1;
    };
    QCOMPARE(yearOf("Wednesday, 01-Jul-26 00:00:00 GMT"), 2026);
    QCOMPARE(yearOf("Wednesday, 01-Jul-76 00:00:00 GMT"), 2076);
    QCOMPARE(yearOf("Friday, 01-Jul-77 00:00:00 GMT"), 1977);
    QCOMPARE(yearOf("Thursday, 01-Jul-99 00:00:00 GMT"), 1999);
}

void tst_Date::whatIsWrittenIsRead()
{
    QCOMPARE(imfFixdate(sys_seconds(seconds(example))), QByteArray("Sun, 06 Nov 1994 08:49:37 GMT"));
    for (qint64 time = -2'000'000'000; time < 5'000'000'000; time += 12'345'679) {
        const sys_seconds at{seconds(time)};
        const QByteArray text = imfFixdate(at);
        QCOMPARE(text, imfFixdate(QDateTime::fromSecsSinceEpoch(time, Qt::UTC)));
        QVERIFY2(parseHttpDate(text) == at, text.constData());
    }
}

QTEST_GUILESS_MAIN(tst_Date)
#include "tst_date.moc"
