// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/requestparser.h"
#include "server/web/conditional.h"
#include "tests/support/testcase.h"

using namespace loopscope;
using namespace loopscope::web;

Q_DECLARE_METATYPE(loopscope::web::Precondition)

class tst_Conditional : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void listsOfEtags_data();
    void listsOfEtags();
    void preconditions_data();
    void preconditions();
    void withoutValidators_data();
    void withoutValidators();
    void ifRange_data();
    void ifRange();
    void freshIsNotForAReload();
};

static http::RequestHead head(const QByteArray &method, const QByteArray &headers)
{
    http::RequestParser parser(http::Limits{});
    http::EventList events;
    const QByteArray bytes = method + " / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
    parser.feed(bytes, events);
    http::RequestHead parsed;
    parser.takeHead(parsed);
    return parsed;
}

// 1994-11-06 08:49:37
static const std::chrono::sys_seconds changed{std::chrono::seconds(784111777)};
static const char *const before = "Sun, 06 Nov 1994 08:49:36 GMT";
static const char *const same = "Sun, 06 Nov 1994 08:49:37 GMT";
static const char *const after = "Sun, 06 Nov 1994 08:49:38 GMT";

void tst_Conditional::listsOfEtags_data()
{
    QTest::addColumn<QByteArray>("list");
    QTest::addColumn<QByteArray>("etag");
    QTest::addColumn<bool>("strong");
    QTest::addColumn<bool>("weak");
    const auto row = [](const char *name, const char *list, const char *etag, bool strong, bool weak) {
        QTest::newRow(name) << QByteArray(list) << QByteArray(etag) << strong << weak;
    };
    // RFC 9110 §8.8.3.2, the table
    row("both weak", "W/\"1\"", "W/\"1\"", false, true);
    row("both weak and different", "W/\"1\"", "W/\"2\"", false, false);
    row("one weak", "W/\"1\"", "\"1\"", false, true);
    row("the other weak", "\"1\"", "W/\"1\"", false, true);
    row("both strong", "\"1\"", "\"1\"", true, true);
    row("anything", "*", "\"1\"", true, true);
    row("anything, of what has no etag", "*", "", true, true);
    row("of what has no etag", "\"1\"", "", false, false);
    row("the second of two", "\"1\", \"2\"", "\"2\"", true, true);
    row("without a space", "\"1\",\"2\"", "\"2\"", true, true);
    row("empty elements", ", ,\"2\" ,", "\"2\"", true, true);
    row("a comma inside", "\"1,2\"", "\"1,2\"", true, true);
    row("a comma inside is no separator", "\"a,\"2\"\"", "\"2\"", false, false);
    row("no quotes", "1", "\"1\"", false, false);
    row("an open quote", "\"1", "\"1\"", false, false);
    row("w in lower case", "w/\"1\"", "\"1\"", false, false);
    row("a space inside", "\"a b\"", "\"a b\"", false, false);
    row("an empty tag", "\"\"", "\"\"", true, true);
    row("nothing", "", "\"1\"", false, false);
}

void tst_Conditional::listsOfEtags()
{
    QFETCH(QByteArray, list);
    QFETCH(QByteArray, etag);
    QFETCH(bool, strong);
    QFETCH(bool, weak);
    QCOMPARE(etagListMatches(list, etag, EtagComparison::Strong), strong);
    QCOMPARE(etagListMatches(list, etag, EtagComparison::Weak), weak);
}

void tst_Conditional::preconditions_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("headers");
    QTest::addColumn<Precondition>("result");
    const auto row = [](const char *name, const char *method, const QByteArray &headers, Precondition result) {
        QTest::newRow(name) << QByteArray(method) << headers << result;
    };
    using enum Precondition;
    const QByteArray ims = "If-Modified-Since: ";
    const QByteArray ius = "If-Unmodified-Since: ";
    row("none", "GET", {}, Proceed);
    row("If-Match holds", "PUT", "If-Match: \"x\", \"1\"\r\n", Proceed);
    row("If-Match does not hold", "PUT", "If-Match: \"x\"\r\n", Failed);
    row("If-Match compares strongly", "PUT", "If-Match: W/\"1\"\r\n", Failed);
    row("If-Match of anything", "PUT", "If-Match: *\r\n", Proceed);
    row("If-Match stands above If-Unmodified-Since", "PUT", "If-Match: \"1\"\r\n" + ius + before + "\r\n", Proceed);
    row("unmodified since the same time", "PUT", ius + same + "\r\n", Proceed);
    row("modified since", "PUT", ius + before + "\r\n", Failed);
    row("If-Unmodified-Since of no date", "PUT", ius + "yesterday\r\n", Proceed);
    row("If-None-Match matches a GET", "GET", "If-None-Match: \"1\"\r\n", NotModified);
    row("If-None-Match matches a HEAD", "HEAD", "If-None-Match: \"1\"\r\n", NotModified);
    row("If-None-Match compares weakly", "GET", "If-None-Match: W/\"1\"\r\n", NotModified);
    row("If-None-Match in two fields", "GET", "If-None-Match: \"x\"\r\nIf-None-Match: \"1\"\r\n", NotModified);
    row("If-None-Match matches a PUT", "PUT", "If-None-Match: \"1\"\r\n", Failed);
    row("If-None-Match of anything, for a PUT", "PUT", "If-None-Match: *\r\n", Failed);
    row("If-None-Match of something else", "GET", "If-None-Match: \"x\"\r\n", Proceed);
    row("If-None-Match stands above If-Modified-Since", "GET", "If-None-Match: \"x\"\r\n" + ims + after + "\r\n", Proceed);
    row("not modified since", "GET", ims + same + "\r\n", NotModified);
    row("not modified since later", "GET", ims + after + "\r\n", NotModified);
    row("modified since an earlier time", "GET", ims + before + "\r\n", Proceed);
    row("If-Modified-Since in RFC 850's form", "GET", ims + "Sunday, 06-Nov-94 08:49:37 GMT\r\n", NotModified);
    row("If-Modified-Since of no date", "GET", ims + "0\r\n", Proceed);
    row("If-Modified-Since is for GET and HEAD", "POST", ims + after + "\r\n", Proceed);
    row("a failed If-Match stands above all", "GET", "If-Match: \"x\"\r\nIf-None-Match: \"1\"\r\n", Failed);
    row("a reload is conditional, too", "GET", "Cache-Control: no-cache\r\nIf-None-Match: \"1\"\r\n", NotModified);
}

void tst_Conditional::preconditions()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, headers);
    QFETCH(Precondition, result);
    QCOMPARE(evaluatePreconditions(head(method, headers), {"\"1\"", changed}), result);
}

void tst_Conditional::withoutValidators_data()
{
    QTest::addColumn<QByteArray>("headers");
    QTest::addColumn<Precondition>("result");
    QTest::newRow("If-None-Match") << QByteArray("If-None-Match: \"1\"\r\n") << Precondition::Proceed;
    QTest::newRow("If-None-Match of anything") << QByteArray("If-None-Match: *\r\n") << Precondition::NotModified;
    QTest::newRow("If-Match") << QByteArray("If-Match: \"1\"\r\n") << Precondition::Failed;
    QTest::newRow("If-Modified-Since") << "If-Modified-Since: " + QByteArray(after) + "\r\n" << Precondition::Proceed;
    QTest::newRow("If-Unmodified-Since") << "If-Unmodified-Since: " + QByteArray(before) + "\r\n" << Precondition::Proceed;
}

void tst_Conditional::withoutValidators()
{
    QFETCH(QByteArray, headers);
    QFETCH(Precondition, result);
    QCOMPARE(evaluatePreconditions(head("GET", headers), {}), result);
}

void tst_Conditional::ifRange_data()
{
    QTest::addColumn<QByteArray>("condition"); // null: no header
    QTest::addColumn<QByteArray>("etag");
    QTest::addColumn<int>("age"); // s since the last change
    QTest::addColumn<bool>("applies");
    const auto row = [](const char *name, const char *condition, const char *etag, int age, bool applies) {
        QTest::newRow(name) << QByteArray(condition) << QByteArray(etag) << age << applies;
    };
    row("no condition", nullptr, "\"1\"", 60, true);
    row("the same etag", "\"1\"", "\"1\"", 60, true);
    row("another etag", "\"2\"", "\"1\"", 60, false);
    row("a weak etag never matches", "W/\"1\"", "W/\"1\"", 60, false);
    row("a list is no etag", "\"1\", \"2\"", "\"1\"", 60, false);
    row("the same date", same, "\"1\"", 60, true);
    row("the same date, too fresh to be strong", same, "\"1\"", 0, false);
    row("an earlier date", before, "\"1\"", 60, false);
    row("a later date is no match either", after, "\"1\"", 60, false);
    row("neither", "tomorrow", "\"1\"", 60, false);
}

void tst_Conditional::ifRange()
{
    QFETCH(QByteArray, condition);
    QFETCH(QByteArray, etag);
    QFETCH(int, age);
    QFETCH(bool, applies);
    const QByteArray headers = condition.isNull() ? QByteArray() : QByteArray("If-Range: " + condition + "\r\n");
    QCOMPARE(rangeApplies(head("GET", headers), {etag, changed}, changed + std::chrono::seconds(age)), applies);
}

void tst_Conditional::freshIsNotForAReload()
{
    const Validators validators{"W/\"1\"", changed};
    QVERIFY(isFresh(head("GET", "If-None-Match: \"1\"\r\n"), validators));
    QVERIFY(!isFresh(head("GET", "If-None-Match: \"1\"\r\nCache-Control: max-age=0, no-cache\r\n"), validators));
    QVERIFY(!isFresh(head("POST", "If-None-Match: \"1\"\r\n"), validators));
    QVERIFY(!isFresh(head("GET", "If-None-Match: \"2\"\r\nIf-Modified-Since: " + QByteArray(after) + "\r\n"), validators));
    QVERIFY(isFresh(head("HEAD", "If-Modified-Since: " + QByteArray(same) + "\r\n"), validators));
    QVERIFY(!isFresh(head("GET", {}), validators));
}

QTEST_GUILESS_MAIN(tst_Conditional)
#include "tst_conditional.moc"
