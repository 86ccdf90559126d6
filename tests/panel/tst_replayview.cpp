// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/emptytext.h"
#include "inspector/panel/listview.h"
#include "inspector/panel/replayview.h"
#include "tests/panel/panelfixture.h"
#include "tests/support/testcase.h"

#include <QtTest/QAbstractItemModelTester>
#include <QtWidgets/QPushButton>

using namespace loopscope::panel;
using namespace loopscope::test;
using namespace Qt::StringLiterals;
using loopscope::model::ReplayQueue;
using loopscope::trace::Kind;
using loopscope::trace::Phase;

class tst_ReplayView : public TestCase {
    Q_OBJECT

private Q_SLOTS:
    void anEmptyOneSaysWhatToDo();
    void aRequestIsReplayedFromItsFirstStep();
    void keysAndButtonsGoForwardsAndBack();
    void queuesShowWhatIsAboutToRun();
    void theStepIsSelectedEverywhere();
    void aSelectedSliceIsGoneTo();
    void whatIsMissingIsSaid();
    void aLongQueueIsCounted();
    void aClearedSessionEmptiesIt();
    void pictures();

private:
    static void timer(Transcript &t, quint64 id, qint64 at, qint64 due, quint64 request)
    {
        loopscope::trace::TraceRecord r = Transcript::make(Kind::Registered, at, 0, request);
        r.id = id;
        r.name = "setTimeout";
        r.file = "server/practice/lab/order.cpp";
        r.line = 31;
        r.value = due;
        t.add(r);
    }
    // Request 1, whose handler queues one of each: 6 callbacks from 10 ms on.
    static Transcript order()
    {
        Transcript t;
        t.opened(1, 9 * ms, "127.0.0.1:50001").begin(1, 1, 10 * ms, us, "GET /lab/order HTTP/1.1\r\n\r\n");
        timer(t, 2, 10 * ms + 10 * us, 12 * ms, 1);
        t.registered(3, "setImmediate", 10 * ms + 11 * us, 1).registered(4, "nextTick", 10 * ms + 12 * us, 1);
        t.registered(5, "queueMicrotask", 10 * ms + 13 * us, 1).registered(6, "setImmediate", 10 * ms + 14 * us);
        t.jobQueued(7, "pbkdf2", 10 * ms + 15 * us, 1, 1);
        t.callback("readable", 10 * ms, 100 * us, 90, 1, 1);
        t.callback("nextTick", 10 * ms + 100 * us, 5 * us, 4, 1, 1, Phase::NextTick);
        t.callback("queueMicrotask", 10 * ms + 105 * us, 5 * us, 5, 1, 1, Phase::Microtask);
        t.callback("setImmediate", 10 * ms + 120 * us, 5 * us, 3, 1, 1, Phase::Check);
        t.callback("setImmediate", 10 * ms + 125 * us, 5 * us, 6, 0, 0, Phase::Check); // another's
        t.callback("setTimeout", 12 * ms + 100 * us, 5 * us, 2, 1, 1, Phase::Timers);
        t.callback("pbkdf2", 14 * ms, 5 * us, 7, 1, 1, Phase::Poll);
        t.on(1).jobFinished(7, "pbkdf2", 10 * ms + 50 * us, 3 * ms, 1);
        return t;
    }
    static QPushButton *button(const ReplayView &view, const QString &text)
    {
        for (QPushButton *candidate : view.findChildren<QPushButton *>()) {
            if (candidate->text() == text)
                return candidate;
        }
        return nullptr;
    }
    static QString cell(const ReplayView &view, ReplayQueue queue, int row = 0)
    {
        return view.queueList().model()->index(row, int(queue)).data().toString();
    }
};

void tst_ReplayView::anEmptyOneSaysWhatToDo()
{
    PanelFixture f;
    ReplayView replay(f.session, f.view);
    QCOMPARE(replay.step(), -1);
    const auto *empty = replay.findChild<EmptyText *>();
    QVERIFY(empty && empty->isShown() && empty->text().contains(u"Select a request"_s));
    QVERIFY(!button(replay, u"Forward"_s)->isEnabled() && !button(replay, u"Back"_s)->isEnabled());
    QVERIFY(!button(replay, u"Replay &request"_s)->isEnabled());
    replay.replayRequest(99);
    QVERIFY(empty->text().contains(u"request 99"_s));
    replay.replayVisible();
    QVERIFY(empty->isShown() && empty->text().contains(u"No callback"_s));
    replay.forward();
    replay.last();
    QCOMPARE(replay.step(), -1);
}

void tst_ReplayView::aRequestIsReplayedFromItsFirstStep()
{
    PanelFixture f;
    ReplayView replay(f.session, f.view);
    const QAbstractItemModelTester steps(replay.stepList().model());
    const QAbstractItemModelTester queues(replay.queueList().model());
    f.feed(order());
    f.view.selectRequest(1, 1);
    QVERIFY(button(replay, u"Replay &request"_s)->isEnabled());
    button(replay, u"Replay &request"_s)->click();
    QCOMPARE(replay.step(), 0);
    QCOMPARE(replay.stepList().model()->rowCount(), 6); // not the other's immediate
    QCOMPARE(replay.stepWords(), u"Step 1 of 6: readable is about to run (poll)"_s);
    QVERIFY(replay.missingWords().isEmpty());
    replay.replayRange({0, 20 * ms});
    QCOMPARE(replay.stepList().model()->rowCount(), 7);
    QCOMPARE(replay.stepList().model()->index(6, ReplaySteps::Start).data().toString(), u"+4.00 ms"_s);
}

void tst_ReplayView::keysAndButtonsGoForwardsAndBack()
{
    PanelFixture f;
    ReplayView replay(f.session, f.view);
    f.feed(order());
    replay.replayRequest(1);
    QTest::keyClick(&replay.stepList(), Qt::Key_Right);
    QCOMPARE(replay.step(), 1);
    QTest::keyClick(&replay.queueList(), Qt::Key_Right);
    QTest::keyClick(&replay.stepList(), Qt::Key_Left);
    QCOMPARE(replay.step(), 1);
    QTest::keyClick(&replay.stepList(), Qt::Key_End);
    QCOMPARE(replay.step(), 5);
    QVERIFY(!button(replay, u"Forward"_s)->isEnabled() && !button(replay, u"Last"_s)->isEnabled());
    QTest::keyClick(&replay.stepList(), Qt::Key_Right);
    QCOMPARE(replay.step(), 5);
    button(replay, u"Back"_s)->click();
    QCOMPARE(replay.step(), 4);
    QTest::keyClick(&replay.stepList(), Qt::Key_Home);
    QCOMPARE(replay.step(), 0);
    QVERIFY(!button(replay, u"First"_s)->isEnabled());
    button(replay, u"Forward"_s)->click();
    button(replay, u"Last"_s)->click();
    QCOMPARE(replay.step(), 5);
    button(replay, u"First"_s)->click();
    QCOMPARE(replay.step(), 0);
    replay.stepList().selectRow(3);
    QCOMPARE(replay.step(), 3);
    QTest::keyClick(&replay.stepList(), Qt::Key_Down);
    QCOMPARE(replay.step(), 4);
}

void tst_ReplayView::queuesShowWhatIsAboutToRun()
{
    PanelFixture f;
    ReplayView replay(f.session, f.view);
    f.feed(order());
    replay.replayRequest(1);
    QCOMPARE(replay.queueList().model()->rowCount(), 0); // the handler has not begun
    replay.forward();
    const QString mark = QString(QChar(ReplayQueues::runsNowMark)) + u' ';
    QCOMPARE(cell(replay, ReplayQueue::Ticks), QString(mark + u"messages.cpp:42"_s));
    QVERIFY(replay.queueList().model()->index(0, int(ReplayQueue::Ticks)).data(Qt::FontRole).value<QFont>().bold());
    QCOMPARE(cell(replay, ReplayQueue::Microtasks), u"messages.cpp:42"_s);
    QCOMPARE(cell(replay, ReplayQueue::Timers), u"in 1.90 ms  order.cpp:31"_s);
    QCOMPARE(cell(replay, ReplayQueue::Jobs), u"pbkdf2  runs"_s);
    QCOMPARE(cell(replay, ReplayQueue::Immediates, 1), u"messages.cpp:42"_s);
    const QAbstractItemModel *queues = replay.queueList().model();
    QCOMPARE(queues->headerData(int(ReplayQueue::Immediates), Qt::Horizontal).toString(), u"Immediates (2)"_s);
    QCOMPARE(queues->headerData(int(ReplayQueue::Closing), Qt::Horizontal).toString(), u"Closing (0)"_s);
    QVERIFY(queues->index(0, int(ReplayQueue::Timers)).data(Qt::ToolTipRole).toString().startsWith(u"setTimeout\nin 1.90 ms"_s));
    replay.last();
    QCOMPARE(cell(replay, ReplayQueue::Jobs), QString(mark + u"pbkdf2  has ended"_s));
    replay.back();
    QCOMPARE(cell(replay, ReplayQueue::Timers), QString(mark + u"due  order.cpp:31"_s));
}

void tst_ReplayView::theStepIsSelectedEverywhere()
{
    PanelFixture f;
    ReplayView replay(f.session, f.view);
    f.feed(order());
    f.view.setTimeRange({0, 1 * ms});
    replay.replayRequest(1);
    replay.forward();
    QCOMPARE(f.view.selection().request, 1u);
    QCOMPARE(f.view.selection().connection, 1u);
    QCOMPARE(f.view.selection().slice, replay.replay().steps()[1].key);
    QVERIFY(f.view.timeRange().from <= 10 * ms + 100 * us && f.view.timeRange().to > 10 * ms + 100 * us);
    QCOMPARE(f.view.timeRange().length(), 1 * ms);
    const auto range = f.view.timeRange();
    replay.forward(); // is shown already
    QCOMPARE(f.view.timeRange(), range);
}

void tst_ReplayView::aSelectedSliceIsGoneTo()
{
    PanelFixture f;
    ReplayView replay(f.session, f.view);
    f.feed(order());
    replay.replayRequest(1);
    const auto key = replay.replay().steps()[3].key;
    f.view.select({.request = 1, .connection = 1, .slice = key});
    QCOMPARE(replay.step(), 3);
    QCOMPARE(replay.stepList().selectionModel()->selectedRows().value(0).row(), 3);
    f.view.clearSelection();
    QCOMPARE(replay.step(), 3);
    f.view.select({.request = 1, .connection = 1, .slice = key});
    replay.replayRange({0, 20 * ms});
    QCOMPARE(replay.step(), 3); // it is what one looked at
}

void tst_ReplayView::whatIsMissingIsSaid()
{
    PanelFixture f;
    ReplayView replay(f.session, f.view);
    Transcript t;
    t.callback("nextTick", 10 * ms, us, 7, 0, 0, Phase::NextTick);
    f.feed(t);
    f.session.setDropped(1'204);
    replay.replayRange({0, 20 * ms});
    QCOMPARE(replay.missingWords(), u"The queues may lack entries: Steps whose registration was not recorded: 1. "
                                    "1,204 records were dropped while recording."_s);
}

void tst_ReplayView::aLongQueueIsCounted()
{
    PanelFixture f;
    ReplayView replay(f.session, f.view);
    Transcript t;
    for (quint64 id = 1; id <= quint64(ReplayQueues::maximumRows) + 3; ++id)
        t.registered(id, "setImmediate", qint64(id));
    t.callback("readable", 10 * ms, us);
    f.feed(t);
    replay.replayRange({0, 20 * ms});
    QCOMPARE(replay.queueList().model()->rowCount(), int(ReplayQueues::maximumRows) + 1);
    QCOMPARE(cell(replay, ReplayQueue::Immediates, int(ReplayQueues::maximumRows)), u"and 3 more"_s);
}

void tst_ReplayView::aClearedSessionEmptiesIt()
{
    PanelFixture f;
    ReplayView replay(f.session, f.view);
    f.feed(order());
    replay.replayRequest(1);
    f.session.clear();
    QCOMPARE(replay.step(), -1);
    QCOMPARE(replay.stepList().model()->rowCount(), 0);
    QVERIFY(replay.findChild<EmptyText *>()->isShown());
    QVERIFY(replay.stepWords().isEmpty());
}

void tst_ReplayView::pictures()
{
    PanelFixture f;
    ReplayView replay(f.session, f.view);
    takePictures(replay, u"replay-empty"_s, {760, 360});
    f.feed(order());
    replay.replayRange({0, 20 * ms});
    replay.forward();
    takePictures(replay, u"replay"_s, {900, 420});
}

QTEST_MAIN(tst_ReplayView)
#include "tst_replayview.moc"
