// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/connectiontablemodel.h"
#include "tests/support/sessionfeed.h"
#include "tests/support/testcase.h"

#include <QtTest/QAbstractItemModelTester>

using namespace loopscope;
using namespace loopscope::model;
using namespace loopscope::trace;
using namespace Qt::StringLiterals;
using test::Transcript;

constexpr qint64 ms = 1'000'000;

class tst_ConnectionTableModel : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aDrainShowsEachConnectionsFate();
    void closedConnectionsLeaveUnlessAllAreShown();
    void itFollowsALongLife();
};

static QString row(const ConnectionTableModel &model, int at)
{
    QStringList cells;
    for (int column = 0; column < ConnectionTableModel::ColumnCount; ++column)
        cells.append(model.index(at, column).data().toString());
    return cells.join(u" | "_s);
}

void tst_ConnectionTableModel::aDrainShowsEachConnectionsFate()
{
    Session session;
    ConnectionTableModel model(session);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    test::feed(session, test::visitTranscript());
    model.tick(193'120'000);
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(row(model, 0), u"1 | 127.0.0.1:50001 | idle |  | 2 | 100 ms | closes in 4.90 s"_s);
    QCOMPARE(row(model, 1), u"2 | 127.0.0.1:50002 | in flight | 4 | 1 | 93.1 ms | "_s);
    QCOMPARE(model.index(1, 0).data(ConnectionTableModel::RequestRole).toULongLong(), 4u);
    QCOMPARE(model.index(0, 0).data(ConnectionTableModel::IdleDueRole).toLongLong(), 5'093 * ms);
    test::feed(session, Transcript().drainBegan(200 * ms, 1'200 * ms, 1).closed(1, 2 * ms, 198'400'000, CloseReason::Drained, 2));
    model.tick(700 * ms);
    QCOMPARE(model.rowCount(), 2); // its fate stays to be seen
    QCOMPARE(row(model, 0), u"1 | 127.0.0.1:50001 | closed |  | 2 | 198 ms | drained, 0.40 ms after the drain began"_s);
    QCOMPARE(row(model, 1), u"2 | 127.0.0.1:50002 | in flight | 4 | 1 | 600 ms | cut in 500 ms unless it ends"_s);
    QVERIFY(!model.index(0, 0).data(ConnectionTableModel::CutRole).toBool());
    test::feed(session, Transcript().closed(2, 95 * ms, 1'105 * ms, CloseReason::Cut, 1).drainEnded(200 * ms, 1'000 * ms, 1));
    QVERIFY(model.index(1, 0).data(ConnectionTableModel::CutRole).toBool());
    QCOMPARE(model.index(1, ConnectionTableModel::Outcome).data().toString(), u"cut, 1.00 s after the drain began"_s);
    test::feed(session, Transcript().listening(5'000 * ms, 3000, "127.0.0.1:3000")); // the next server
    QCOMPARE(model.rowCount(), 0);
}

void tst_ConnectionTableModel::closedConnectionsLeaveUnlessAllAreShown()
{
    Session session;
    ConnectionTableModel model(session);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    for (quint64 n = 1; n <= 5; ++n)
        test::feed(session, Transcript().opened(n, qint64(n), "c:1"));
    QCOMPARE(model.rowCount(), 5);
    test::feed(session, Transcript().closed(2, 2, 9, CloseReason::ByPeer, 0).closed(4, 4, 9, CloseReason::IdleTimeout, 0).opened(6, 20, "c:2"));
    QCOMPARE(model.rowCount(), 4);
    QCOMPARE(model.rowOf(3), 1);
    QCOMPARE(model.rowOf(4), -1);
    QCOMPARE(model.connectionAt(3), 6u);
    model.setShown(ConnectionTableModel::Shown::All);
    QCOMPARE(model.rowCount(), 6);
    QCOMPARE(model.index(3, ConnectionTableModel::Outcome).data().toString(), u"keep-alive timeout"_s);
    session.clear();
    QCOMPARE(model.rowCount(), 4);
    test::feed(session, Transcript().opened(1, 100, "c:9")); // a number used again
    QCOMPARE(model.rowCount(), 4);
}

void tst_ConnectionTableModel::itFollowsALongLife()
{
    Session::Limits limits;
    limits.connections = 1; // the least there is: two blocks
    Session session(limits);
    ConnectionTableModel open(session);
    ConnectionTableModel all(session, ConnectionTableModel::Shown::All);
    QAbstractItemModelTester first(&open, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QAbstractItemModelTester second(&all, QAbstractItemModelTester::FailureReportingMode::QtTest);
    test::feed(session, Transcript().opened(1, 1, "old:1"));
    for (quint64 n = 2; n < 5'000; n += 50) {
        Transcript t;
        for (quint64 i = n; i < n + 50; ++i)
            t.opened(i, qint64(i), "c:1").closed(i, qint64(i), 1, CloseReason::ByPeer, 0);
        test::feed(session, t);
    }
    QCOMPARE(open.rowCount(), 1); // open still, though its place in the session went to others
    QCOMPARE(open.index(0, ConnectionTableModel::Peer).data().toString(), u"old:1"_s);
    QVERIFY(all.rowCount() <= 2'049);
    QVERIFY(all.rowOf(4'999) >= 0);
}

QTEST_GUILESS_MAIN(tst_ConnectionTableModel)
#include "tst_connectiontablemodel.moc"
