// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/requesttablemodel.h"
#include "tests/support/sessionfeed.h"
#include "tests/support/testcase.h"

#include <QtCore/QElapsedTimer>
#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QSignalSpy>

#include <optional>
#include <random>

using namespace loopscope;
using namespace loopscope::model;
using namespace Qt::StringLiterals;
using test::Transcript;

class tst_RequestTableModel : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void rowsShowWhatWasRecorded();
    void aRunningRequestGrowsWithTheTick();
    void newRowsComeInOneBatch();
    void theFilterFollowsWhatChanges();
    void anInvalidFilterChangesNothing();
    void sortingMovesRowsAndPersistentIndexes();
    void sortedNewRowsFindTheirPlaceWithTheTick();
    void itFollowsRandomLifeUnderEverySortAndFilter_data();
    void itFollowsRandomLifeUnderEverySortAndFilter();
    void aMillionRowsAreFilteredQuickly();
};

static Transcript request(quint64 n, const QByteArray &target, qint64 start = 0, qint64 duration = -1, int status = 200, qint64 bytes = 0)
{
    Transcript t;
    t.begin(n, 1 + n % 3, start, 1, QByteArray("GET " + target + " HTTP/1.1\r\n\r\n"));
    if (duration >= 0)
        t.end(n, 1 + n % 3, start, duration, status, bytes);
    return t;
}

static QList<int> numbers(const RequestTableModel &model)
{
    QList<int> result;
    for (int row = 0; row < model.rowCount(); ++row)
        result.append(int(model.requestAt(row)));
    return result;
}

void tst_RequestTableModel::rowsShowWhatWasRecorded()
{
    Session session;
    RequestTableModel model(session);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    test::feed(session, test::visitTranscript());
    model.tick(300'000'000);
    QStringList shown;
    for (int row = 0; row < model.rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < RequestTableModel::Waterfall; ++column)
            cells.append(model.index(row, column).data().toString());
        shown.append(cells.join(u" | "_s));
    }
    QCOMPARE(shown, (QStringList{u"1 | GET | / | 200 | 11 B | 0.25 ms"_s, u"2 | POST | /message | 302 | 0 B | 88.1 ms"_s,
                                 u"3 | GET | /users | 200 | 5 B | 0.42 ms"_s, u"4 | GET | /download?mb=64 | 200 | 65.5 kB | 200 ms"_s}));
    const QModelIndex last = model.index(3, 0);
    QVERIFY(last.data(RequestTableModel::RunningRole).toBool());
    QCOMPARE(last.data(RequestTableModel::StartRole).toLongLong(), 100'000'000);
    QCOMPARE(last.data(RequestTableModel::EndRole).toLongLong(), 300'000'000);
    QCOMPARE(last.data(RequestTableModel::ConnectionRole).toULongLong(), 2u);
    QCOMPARE(model.index(1, RequestTableModel::Status).data(RequestTableModel::SortRole).toInt(), 302);
    QCOMPARE(model.index(1, RequestTableModel::Time).data(RequestTableModel::SortRole).toLongLong(), 88'120'000);
    QCOMPARE(model.rowOf(3), 2);
    QCOMPARE(model.rowOf(99), -1);
    QCOMPARE(model.waterfallRange(), (std::pair<qint64, qint64>{2'000'000, 300'000'000}));
    QCOMPARE(model.headerData(RequestTableModel::Path, Qt::Horizontal).toString(), u"Path"_s);
    session.clear();
    QCOMPARE(numbers(model), QList<int>{4});
}

void tst_RequestTableModel::aRunningRequestGrowsWithTheTick()
{
    Session session;
    RequestTableModel model(session);
    test::feed(session, request(1, "/a", 1'000'000));
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    model.tick(3'000'000);
    QCOMPARE(changed.count(), 1);
    QCOMPARE(changed[0][0].toModelIndex().column(), int(RequestTableModel::Time));
    QCOMPARE(model.index(0, RequestTableModel::Time).data().toString(), u"2.00 ms"_s);
    test::feed(session, Transcript().end(1, 2, 1'000'000, 1'500'000, 200, 0));
    changed.clear();
    model.tick(9'000'000);
    QCOMPARE(changed.count(), 0);
    QCOMPARE(model.index(0, RequestTableModel::Time).data().toString(), u"1.50 ms"_s);
}

void tst_RequestTableModel::newRowsComeInOneBatch()
{
    Session session;
    RequestTableModel model(session);
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    Transcript t;
    for (quint64 n = 1; n <= 500; ++n)
        t.begin(n, 1, qint64(n), 1, "GET / HTTP/1.1\r\n\r\n");
    test::feed(session, t);
    QCOMPARE(inserted.count(), 1);
    QCOMPARE(model.rowCount(), 500);
}

void tst_RequestTableModel::theFilterFollowsWhatChanges()
{
    Session session;
    RequestTableModel model(session);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QVERIFY(model.setFilterText(u"is:running"_s));
    for (quint64 n = 1; n <= 3; ++n)
        test::feed(session, request(n, "/a", qint64(n)));
    QCOMPARE(numbers(model), (QList<int>{1, 2, 3}));
    test::feed(session, Transcript().end(2, 3, 2, 5, 404, 0));
    QCOMPARE(numbers(model), (QList<int>{1, 3}));
    QVERIFY(model.setFilterText(u"status-code:404"_s));
    QCOMPARE(numbers(model), QList<int>{2});
    test::feed(session, Transcript().end(1, 2, 1, 5, 404, 0));
    QCOMPARE(numbers(model), (QList<int>{1, 2})); // it comes to its place, not to the end
    QVERIFY(model.setFilterText(u"slower-than:1s"_s));
    QCOMPARE(numbers(model), QList<int>{});
    model.tick(2'000'000'000);
    QCOMPARE(numbers(model), QList<int>{3}); // by time alone
    QVERIFY(model.setFilterText(QString()));
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(model.totalCount(), 3u);
}

void tst_RequestTableModel::anInvalidFilterChangesNothing()
{
    Session session;
    test::feed(session, test::visitTranscript());
    RequestTableModel model(session);
    QVERIFY(model.setFilterText(u"method:POST"_s));
    QVERIFY(!model.setFilterText(u"is:purple"_s));
    QCOMPARE(model.error().position, 3);
    QCOMPARE(numbers(model), QList<int>{2});
    QVERIFY(model.setFilterText(u"method:GET"_s));
    QVERIFY(model.error().isEmpty());
}

void tst_RequestTableModel::sortingMovesRowsAndPersistentIndexes()
{
    Session session;
    RequestTableModel model(session);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    test::feed(session, test::visitTranscript());
    const QPersistentModelIndex post(model.index(1, RequestTableModel::Path));
    model.sort(RequestTableModel::Path);
    QCOMPARE(numbers(model), (QList<int>{1, 4, 2, 3}));
    QCOMPARE(post.row(), 2);
    QCOMPARE(post.data().toString(), u"/message"_s);
    QCOMPARE(model.rowOf(3), 3);
    model.sort(RequestTableModel::Size, Qt::DescendingOrder);
    QCOMPARE(numbers(model), (QList<int>{4, 1, 3, 2}));
    model.sort(RequestTableModel::Number, Qt::DescendingOrder);
    QCOMPARE(numbers(model), (QList<int>{4, 3, 2, 1}));
    model.sort(RequestTableModel::Number);
    QCOMPARE(numbers(model), (QList<int>{1, 2, 3, 4}));
    QCOMPARE(post.row(), 1);
}

void tst_RequestTableModel::sortedNewRowsFindTheirPlaceWithTheTick()
{
    Session session;
    RequestTableModel model(session);
    model.sort(RequestTableModel::Size, Qt::DescendingOrder);
    test::feed(session, request(1, "/a", 1, 1, 200, 10));
    test::feed(session, request(2, "/b", 2, 1, 200, 30));
    model.tick(1'000'000'000);
    QCOMPARE(numbers(model), (QList<int>{2, 1}));
    test::feed(session, request(3, "/c", 3, 1, 200, 20));
    QCOMPARE(numbers(model), (QList<int>{2, 1, 3}));
    model.tick(1'100'000'000); // not every time
    QCOMPARE(numbers(model), (QList<int>{2, 1, 3}));
    model.tick(9'000'000'000);
    QCOMPARE(numbers(model), (QList<int>{2, 3, 1}));
}

void tst_RequestTableModel::itFollowsRandomLifeUnderEverySortAndFilter_data()
{
    QTest::addColumn<int>("column");
    QTest::addColumn<bool>("descending");
    QTest::addColumn<QString>("filter");
    QTest::newRow("in order, all") << 0 << false << QString();
    QTest::newRow("in order, running") << 0 << false << u"is:running"_s;
    QTest::newRow("newest first, failed") << 0 << true << u"is:failed"_s;
    QTest::newRow("by time, slow") << int(RequestTableModel::Time) << true << u"slower-than:20us -path:7"_s;
    QTest::newRow("by path, large") << int(RequestTableModel::Path) << false << u"larger-than:500"_s;
}

// Random batches, with eviction; after each the rows must be exactly those that the filter accepts, each once.
void tst_RequestTableModel::itFollowsRandomLifeUnderEverySortAndFilter()
{
    QFETCH(int, column);
    QFETCH(bool, descending);
    QFETCH(QString, filter);
    Session::Limits limits;
    limits.requests = 1; // the least there is: two blocks
    Session session(limits);
    RequestTableModel model(session);
    std::optional<QAbstractItemModelTester> tester; // slow with thousands of rows: it looks on for a while only
    QVERIFY(model.setFilterText(filter));
    model.sort(column, descending ? Qt::DescendingOrder : Qt::AscendingOrder);
    std::mt19937 random(11);
    QList<quint64> running;
    quint64 next = 1;
    qint64 now = 0;
    for (int batch = 0; batch < 25; ++batch) {
        if (batch == 1 || batch == 17) // few rows and a clear(); many and eviction
            tester.emplace(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        if (batch == 5 || batch == 20)
            tester.reset();
        Transcript t;
        for (int i = int(random() % 300); i > 0; --i) {
            now += 1'000;
            t.begin(next, next, now, 1, QByteArray("GET /" + QByteArray::number(uint(random() % 1'000)) + " HTTP/1.1\r\n\r\n"));
            running.append(next++);
        }
        for (int i = int(random() % 300); i > 0 && !running.isEmpty(); --i) {
            const quint64 n = running.takeAt(qsizetype(random() % quint64(running.size())));
            const Request *known = session.request(n);
            t.end(n, n, known ? known->start : now, 1 + qint64(random() % 40'000), random() % 4 ? 200 : 500, qint64(random() % 1'000));
        }
        test::feed(session, t);
        now += 1'000'000;
        if (batch % 3 == 0)
            model.tick(now);
        if (batch == 3)
            session.clear();
        const FilterExpression expression = FilterExpression::parse(filter);
        QSet<quint64> wanted;
        for (quint64 row = 0; row < session.requestCount(); ++row) {
            // What depends on time is looked at again by the tick only.
            const Request &each = session.requestAt(row);
            if (!(expression.dependsOnTime() && each.isRunning()) && expression.matches(session, each, now))
                wanted.insert(each.number);
        }
        QSet<quint64> got;
        for (int row = 0; row < model.rowCount(); ++row) {
            const Request *each = session.request(model.requestAt(row));
            QVERIFY(each);
            if (!(expression.dependsOnTime() && each->isRunning()))
                got.insert(each->number);
            QCOMPARE(model.rowOf(model.requestAt(row)), row);
        }
        QCOMPARE(got, wanted);
    }
    QVERIFY(session.evicted().requests > 0);
}

// Prints the time; it asserts only the result.
void tst_RequestTableModel::aMillionRowsAreFilteredQuickly()
{
    Session::Limits limits;
    limits.requests = 1'000'448;
    Session session(limits);
    constexpr quint64 count = 1'000'000;
    const Transcript odd = request(1, "/users", 1, 5, 200, 10);
    const Transcript even = request(1, "/message?mode=sync", 1, 5, 404, 10);
    session.beginBatch();
    for (quint64 n = 1; n <= count; ++n) {
        (n % 2 ? odd : even).replay([&](int lane, trace::TraceRecord record, QByteArrayView text) {
            record.request = n;
            session.add(lane, record, text);
        });
    }
    session.endBatch();
    RequestTableModel model(session);
    QCOMPARE(model.rowCount(), int(count));
    QElapsedTimer timer;
    timer.start();
    QVERIFY(model.setFilterText(u"status-code:4xx path:mode"_s));
    qInfo("a filter over %d rows took %lld ms", int(count), static_cast<long long>(timer.elapsed()));
    QCOMPARE(model.rowCount(), int(count / 2));
    timer.restart();
    model.sort(RequestTableModel::Time, Qt::DescendingOrder);
    qInfo("sorting %d rows took %lld ms", model.rowCount(), static_cast<long long>(timer.elapsed()));
    QCOMPARE(model.requestAt(0), count);
}

QTEST_GUILESS_MAIN(tst_RequestTableModel)
#include "tst_requesttablemodel.moc"
