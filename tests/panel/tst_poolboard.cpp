// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/emptytext.h"
#include "inspector/panel/listview.h"
#include "inspector/panel/poolboard.h"
#include "tests/panel/panelfixture.h"
#include "tests/support/testcase.h"

#include <QtGui/QWindow>
#include <QtTest/QSignalSpy>
#include <QtWidgets/QSpinBox>

using namespace loopscope::panel;
using namespace loopscope::test;
using namespace Qt::StringLiterals;
using loopscope::trace::LiveCounts;

class tst_PoolBoard : public TestCase {
    Q_OBJECT

private Q_SLOTS:
    void beforeItsFirstUseItSaysSo();
    void itCountsWhatRunsAndWhatWaits();
    void theSizeIsAskedForOnceAndTheTruthIsShown();
    void aSizeThatThePoolDidNotTakeIsTakenBack();
    void everyPartIsReachedFromTheKeyboard();
    void pictures();

private:
    static LiveCounts counted(quint32 threads, bool started, qint64 at)
    {
        LiveCounts counts;
        counts.at = at;
        counts.poolThreads = threads;
        counts.poolStarted = started;
        return counts;
    }
    static void start(PanelFixture &f)
    {
        for (int i = 1; i <= 4; ++i)
            f.session.setLane(i, loopscope::trace::Trace::LaneKind::Worker, "pool " + QByteArray::number(i));
        f.session.setCounts(0, counted(4, true, 5 * ms));
    }
    static Transcript work()
    {
        Transcript t;
        for (quint64 id = 1; id <= 9; ++id)
            t.jobQueued(id, id % 3 ? "pbkdf2" : "writeFile", qint64(10 + id) * ms, 1, id);
        t.on(1).jobFinished(1, "pbkdf2", 11 * ms, 80 * ms, 1).jobStarted(5, "pbkdf2", 92 * ms, 5);
        t.on(2).jobFinished(2, "pbkdf2", 12 * ms, 85 * ms, 2).jobStarted(6, "writeFile", 98 * ms, 6);
        t.on(3).jobFinished(3, "writeFile", 13 * ms, 20 * ms, 3);
        t.on(4).jobFinished(4, "pbkdf2", 20 * ms, 60 * ms, 4);
        return t;
    }
};

void tst_PoolBoard::beforeItsFirstUseItSaysSo()
{
    PanelFixture f;
    loopscope::model::Session unknown;
    PoolBoard nothing(unknown);
    QCOMPARE(nothing.stateWords(), u"The pool's size is not known yet"_s);
    QVERIFY(!nothing.threadsBox()->isEnabled());

    loopscope::model::Session session;
    session.setLane(0, loopscope::trace::Trace::LaneKind::Loop, "loop");
    session.setCounts(0, counted(4, false, 5 * ms));
    session.beginBatch();
    session.endBatch();
    PoolBoard board(session);
    const Window window(board, {360, 500});
    QCOMPARE(board.stateWords(), u"4 threads, none started yet"_s);
    QCOMPARE(board.threadsBox()->value(), 4);
    for (EmptyText *empty : board.findChildren<EmptyText *>())
        QVERIFY(empty->isShown() && !empty->text().isEmpty());
}

void tst_PoolBoard::itCountsWhatRunsAndWhatWaits()
{
    PanelFixture f;
    start(f);
    PoolBoard board(f.session);
    const Window window(board, {360, 500});
    f.feed(work());
    board.tick(500 * ms);
    QCOMPARE(board.stateWords(), u"2 of 4 threads run, 3 jobs wait · 4 jobs/s"_s);
    QCOMPARE(board.workers().model()->rowCount(), 4);
    QCOMPARE(board.queue().model()->rowCount(), 3);
    QCOMPARE(board.jobs().model()->rowCount(), 2);
}

void tst_PoolBoard::theSizeIsAskedForOnceAndTheTruthIsShown()
{
    PanelFixture f;
    start(f);
    PoolBoard board(f.session);
    const Window window(board, {360, 500});
    f.feed(work());
    board.tick(500 * ms);
    QSignalSpy requested(&board, &PoolBoard::threadsRequested);
    QTest::keyClick(board.threadsBox(), Qt::Key_Up);
    QCOMPARE(requested.count(), 1);
    QCOMPARE(requested[0][0].toInt(), 5);
    f.session.setCounts(0, counted(5, true, 600 * ms));
    f.feed(Transcript().turn(1, 600 * ms, ms));
    board.tick(800 * ms);
    QCOMPARE(board.threadsBox()->value(), 5);
    f.feed(Transcript().poolResized(8, 900 * ms)); // somebody else's wish
    board.tick(2'000 * ms);
    QCOMPARE(board.threadsBox()->value(), 8);
    QCOMPARE(requested.count(), 1);
    board.threadsBox()->selectAll();
    QTest::keyClicks(board.threadsBox(), u"16"_s); // not one of 1 on the way
    QTest::keyClick(board.threadsBox(), Qt::Key_Return);
    QCOMPARE(requested.count(), 2);
    QCOMPARE(requested[1][0].toInt(), 16);
}

void tst_PoolBoard::aSizeThatThePoolDidNotTakeIsTakenBack()
{
    PanelFixture f;
    start(f);
    PoolBoard board(f.session);
    const Window window(board, {360, 500});
    f.feed(work());
    board.tick(500 * ms);
    board.threadsBox()->setValue(32);
    board.tick(900 * ms);
    QCOMPARE(board.threadsBox()->value(), 32);
    board.tick(1'600 * ms);
    QCOMPARE(board.threadsBox()->value(), 4);
}

void tst_PoolBoard::everyPartIsReachedFromTheKeyboard()
{
    PanelFixture f;
    start(f);
    PoolBoard board(f.session);
    Window window(board, {360, 500});
    QVERIFY(QTest::qWaitForWindowActive(&window, loopscope::test::patience));
    f.feed(work());
    board.tick(500 * ms);
    board.threadsBox()->setFocus();
    QVERIFY(board.threadsBox()->hasFocus());
    for (QWidget *next : std::initializer_list<QWidget *>{&board.workers(), &board.queue(), &board.jobs()}) {
        QTest::keyClick(window.windowHandle(), Qt::Key_Tab);
        QCOMPARE(QApplication::focusWidget()->accessibleName(), next->accessibleName());
        QVERIFY(!next->accessibleName().isEmpty());
    }
}

void tst_PoolBoard::pictures()
{
    PanelFixture f;
    {
        loopscope::model::Session session;
        session.setLane(0, loopscope::trace::Trace::LaneKind::Loop, "loop");
        session.setCounts(0, counted(4, false, 5 * ms));
        session.beginBatch();
        session.endBatch();
        PoolBoard board(session);
        takePictures(board, u"pool-empty"_s, {360, 560});
    }
    start(f);
    PoolBoard board(f.session);
    f.feed(work());
    board.tick(500 * ms);
    takePictures(board, u"pool"_s, {360, 560});
    takePictures(board, u"pool-wide"_s, {800, 420});
}

QTEST_MAIN(tst_PoolBoard)
#include "tst_poolboard.moc"
