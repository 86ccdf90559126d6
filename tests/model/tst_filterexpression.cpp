// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/filterexpression.h"
#include "tests/support/sessionfeed.h"
#include "tests/support/testcase.h"

using namespace loopscope;
using namespace loopscope::model;
using namespace Qt::StringLiterals;

class tst_FilterExpression : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void matches_data();
    void matches();
    void errorsSayWhereAndWhy_data();
    void errorsSayWhereAndWhy();
    void anErrorMatchesEverything();
    void limitsHold();
};

void tst_FilterExpression::matches_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QList<int>>("numbers");
    const auto row = [](const char *text, const QList<int> &numbers) { QTest::newRow(text) << QString::fromUtf8(text) << numbers; };
    // visitTranscript(): 1 GET / 200, 2 POST /message 302, 3 GET /users 200, 4 GET /download?mb=64 200, running
    row("", {1, 2, 3, 4});
    row("   ", {1, 2, 3, 4});
    row("method:get", {1, 3, 4});
    row("-method:GET", {2});
    row("status-code:302", {2});
    row("status-code:2xx", {1, 3, 4});
    row("status-code:300-400", {2});
    row("status-code:4xx", {});
    row("path:/users", {3});
    row("path:MB=", {4});
    row("larger-than:1k", {4});
    row("smaller-than:11", {2, 3});
    row("larger-than:10b", {1, 4});
    row("slower-than:50ms", {2, 4}); // the clock stands at 200 ms
    row("slower-than:0.4 -is:running", {2, 3});
    row("faster-than:300us", {1});
    row("is:running", {4});
    row("-is:running", {1, 2, 3});
    row("is:redirect", {2});
    row("is:chunked", {4});
    row("is:failed", {});
    row("connection:2", {3, 4});
    row("request:2", {2});
    row("has-header:content-TYPE", {2});
    row("has-response-header:location", {2});
    row("mime-type:html", {1, 3});
    row("post", {2});
    row("s", {2, 3}); // messages, users
    row("\"GET\"", {1, 3, 4});
    row("30", {2});
    row("-download -message method:GET", {1, 3});
    row("  path:/   is:running ", {4});
    row("path:\"/us\"ers", {3});
    row("-", {}); // a hyphen is in no target
    row("\"no:key\"", {});
}

void tst_FilterExpression::matches()
{
    QFETCH(QString, text);
    Session session;
    test::feed(session, test::visitTranscript());
    FilterExpression::Error error;
    const FilterExpression filter = FilterExpression::parse(text, &error);
    QCOMPARE(error, FilterExpression::Error{});
    QCOMPARE(filter.text(), text);
    QList<int> numbers;
    for (quint64 row = 0; row < session.requestCount(); ++row) {
        if (filter.matches(session, session.requestAt(row), 200'000'000))
            numbers.append(int(session.requestAt(row).number));
    }
    QTEST(numbers, "numbers");
}

void tst_FilterExpression::errorsSayWhereAndWhy_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("position");
    QTest::addColumn<int>("length");
    QTest::addColumn<QString>("message");
    QTest::newRow("an unknown key") << u"method:GET -hue:red"_s << 12 << 3
                                    << u"There is no filter “hue:”; to look for the text itself, put it in double quotes."_s;
    QTest::newRow("no value") << u"a method: b"_s << 2 << 7 << u"“method:” needs a value behind the colon."_s;
    QTest::newRow("no status") << u"status-code:6xx"_s << 12 << 3 << u"“6xx” is no status: write 404, 4xx or 400-404."_s;
    QTest::newRow("a backward range") << u"status-code:404-400"_s << 12 << 7
                                      << u"“404-400” is no status: write 404, 4xx or 400-404."_s;
    QTest::newRow("no size") << u"larger-than:big"_s << 12 << 3 << u"“big” is no size: write 500, 1k or 2.5M."_s;
    QTest::newRow("a negative size") << u"larger-than:-1k"_s << 12 << 3 << u"“-1k” is no size: write 500, 1k or 2.5M."_s;
    QTest::newRow("a size beyond all bounds") << u"larger-than:1e300"_s << 12 << 5 << u"“1e300” is no size: write 500, 1k or 2.5M."_s;
    QTest::newRow("no time") << u"slower-than:5m"_s << 12 << 2 << u"“5m” is no time: write 100ms, 20us or 1.5s."_s;
    QTest::newRow("no number") << u"connection:x"_s << 11 << 1 << u"“x” is no number."_s;
    QTest::newRow("no state") << u"is:happy"_s << 3 << 5 << u"“happy” is no state: write running, failed, redirect or chunked."_s;
    QTest::newRow("an open quote") << u"path:\"/a b"_s << 5 << 5 << u"A double quote is opened here and not closed."_s;
}

void tst_FilterExpression::errorsSayWhereAndWhy()
{
    QFETCH(QString, text);
    FilterExpression::Error error;
    QVERIFY(FilterExpression::parse(text, &error).isEmpty());
    QTEST(error.message, "message");
    QTEST(int(error.position), "position");
    QTEST(int(error.length), "length");
}

void tst_FilterExpression::anErrorMatchesEverything()
{
    Session session;
    test::feed(session, test::visitTranscript());
    QVERIFY(FilterExpression::parse(u"is:x"_s).matches(session, session.requestAt(0), 0));
}

void tst_FilterExpression::limitsHold()
{
    FilterExpression::Error error;
    (void)FilterExpression::parse(u"a "_s.repeated(FilterExpression::maximumTerms), &error);
    QVERIFY(error.isEmpty());
    (void)FilterExpression::parse(u"a "_s.repeated(FilterExpression::maximumTerms + 1), &error);
    QCOMPARE(error.message, u"A filter has 64 terms at most."_s);
    (void)FilterExpression::parse(QString(FilterExpression::maximumCharacters + 1, u'a'), &error);
    QCOMPARE(error.message, u"A filter has 4096 characters at most."_s);
    for (const QString &key : FilterExpression::keys()) {
        (void)FilterExpression::parse(key, &error);
        QCOMPARE(error.length, key.size()); // known, but without a value
    }
}

QTEST_GUILESS_MAIN(tst_FilterExpression)
#include "tst_filterexpression.moc"
