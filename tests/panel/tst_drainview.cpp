// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/drainview.h"
#include "inspector/panel/emptytext.h"
#include "inspector/panel/listview.h"
#include "tests/panel/panelfixture.h"
#include "tests/support/testcase.h"

using namespace loopscope::panel;
using namespace loopscope::test;
using namespace Qt::StringLiterals;
using loopscope::model::ConnectionTableModel;
using loopscope::trace::CloseReason;

class tst_DrainView : public TestCase {
    Q_OBJECT

private Q_SLOTS:
    void anEmptyOneSaysWhatToDo();
    void beforeADrainItSaysWhatOneWouldDo();
    void theCountdownRunsToTheDeadline();
    void eachOutcomeIsNamedAndCounted();
    void aDrainThatCutSaysSo();
    void selectingARowSelectsItsRequest();
    void pictures();

private:
    // Connections 1 and 2 idle, 3 and 4 with requests 3 and 4 in flight.
    static Transcript four()
    {
        Transcript t;
        t.listening(1 * ms, 3000, "127.0.0.1:3000");
        for (quint64 i = 1; i <= 4; ++i) {
            const QByteArray peer = "127.0.0.1:5000" + QByteArray::number(i);
            t.opened(i, qint64(i) * ms, peer);
            t.begin(i, i, 10 * ms, us, "GET /download HTTP/1.1\r\n\r\n").complete(i, i, 10 * ms, 0);
            if (i <= 2)
                t.end(i, i, 10 * ms, ms, 200, 5).idle(i, 11 * ms, 5'011 * ms);
        }
        return t;
    }
    // The drain of those: 1 is closed at once, 2's client leaves, 3 finishes, 4 is cut.
    static Transcript fates()
    {
        Transcript t;
        t.closed(1, 1 * ms, 1'000 * ms, CloseReason::Drained, 1);
        t.closed(2, 2 * ms, 1'000 * ms, CloseReason::ByPeer, 1);
        t.end(3, 3, 10 * ms, 3'000 * ms, 200, 99).closed(3, 3 * ms, 3'010 * ms, CloseReason::Drained, 1);
        return t;
    }
};

void tst_DrainView::anEmptyOneSaysWhatToDo()
{
    PanelFixture f;
    DrainView drain(f.session, f.view);
    drain.tick(1 * ms);
    QCOMPARE(drain.stateWords(), u"Not listening"_s);
    const auto *empty = drain.findChild<EmptyText *>();
    QVERIFY(empty && empty->isShown() && empty->text().contains(u"Start the server"_s));
}

void tst_DrainView::beforeADrainItSaysWhatOneWouldDo()
{
    PanelFixture f;
    DrainView drain(f.session, f.view);
    f.feed(four());
    drain.tick(100 * ms);
    QCOMPARE(drain.stateWords(), u"Listening, not draining"_s);
    QCOMPARE(drain.tally().idle, 2);
    QCOMPARE(drain.tally().inFlight, 2);
    QCOMPARE(drain.summaryWords(), u"A drain now would refuse new connections, close 2 idle at once and wait for 2 in flight."_s);
    QCOMPARE(drain.countdown(), -1);
    QCOMPARE(drain.list().model()->rowCount(), 4);
}

void tst_DrainView::theCountdownRunsToTheDeadline()
{
    PanelFixture f;
    DrainView drain(f.session, f.view);
    f.feed(four());
    Transcript t;
    t.drainBegan(1'000 * ms, 11'000 * ms, 2);
    f.feed(t);
    drain.tick(6'800 * ms);
    QCOMPARE(drain.stateWords(), u"Draining: 4.2 s left until the deadline"_s);
    QCOMPARE(drain.countdown(), 420);
    drain.tick(12'000 * ms);
    QCOMPARE(drain.stateWords(), u"Draining: 0.0 s left until the deadline"_s);
    QCOMPARE(drain.countdown(), 0);
}

void tst_DrainView::eachOutcomeIsNamedAndCounted()
{
    PanelFixture f;
    DrainView drain(f.session, f.view);
    f.feed(four());
    Transcript t;
    t.drainBegan(1'000 * ms, 11'000 * ms, 2);
    f.feed(t);
    f.feed(fates());
    drain.tick(5'000 * ms);
    const DrainTally tally = drain.tally();
    QCOMPARE(tally.drained, 1);
    QCOMPARE(tally.byClient, 1);
    QCOMPARE(tally.finished, 1);
    QCOMPARE(tally.inFlight, 1);
    QCOMPARE(tally.total(), 4);
    QCOMPARE(drain.summaryWords(), u"Connections: 4 (1 in flight · 1 finished · 1 drained idle · 1 closed by client)"_s);
    QCOMPARE(drain.list().model()->rowCount(), 4); // closed ones stay, with their fate
    for (int row = 0; row < 3; ++row)
        QVERIFY(!drain.list().model()->index(row, ConnectionTableModel::Outcome).data().toString().isEmpty());
}

void tst_DrainView::aDrainThatCutSaysSo()
{
    PanelFixture f;
    DrainView drain(f.session, f.view);
    f.feed(four());
    Transcript began;
    began.drainBegan(1'000 * ms, 11'000 * ms, 2);
    f.feed(began);
    f.feed(fates());
    Transcript ended;
    ended.end(4, 4, 10 * ms, 10'990 * ms, 200, 99, loopscope::trace::ResponseOutcome::Cut);
    ended.closed(4, 4 * ms, 10'996 * ms, CloseReason::Cut, 1).drainEnded(1'000 * ms, 10'000 * ms, 1);
    f.feed(ended);
    drain.tick(12'000 * ms);
    QCOMPARE(drain.tally().cut, 1);
    QCOMPARE(drain.stateWords(), u"Drained in 10.0 s; connections cut at the deadline: 1"_s);
    QVERIFY(drain.summaryWords().contains(u"1 cut"_s));
    QCOMPARE(drain.countdown(), -1);
    Transcript byHand;
    byHand.drainBegan(20'000 * ms, 30'000 * ms, 1).drainEnded(20'000 * ms, 122 * ms, 1);
    f.feed(byHand);
    drain.tick(21'000 * ms);
    QCOMPARE(drain.stateWords(), u"Drained in 122 ms; connections cut by hand, before the deadline: 1"_s);
}

void tst_DrainView::selectingARowSelectsItsRequest()
{
    PanelFixture f;
    DrainView drain(f.session, f.view);
    f.feed(four());
    drain.list().selectRow(2);
    QCOMPARE(f.view.selection().request, 3u);
    QCOMPARE(f.view.selection().connection, 3u);
    QTest::keyClick(&drain.list(), Qt::Key_Up);
    QCOMPARE(f.view.selection().connection, 2u); // idle: the connection alone
    QCOMPARE(f.view.selection().request, 0u);
    f.view.selectConnection(1);
    QCOMPARE(drain.list().selectionModel()->selectedRows().value(0).row(), 0);
}

void tst_DrainView::pictures()
{
    PanelFixture f;
    DrainView drain(f.session, f.view);
    takePictures(drain, u"drain-empty"_s, {360, 300});
    f.feed(four());
    drain.tick(100 * ms);
    takePictures(drain, u"drain-before"_s, {480, 300});
    Transcript t;
    t.drainBegan(1'000 * ms, 11'000 * ms, 2);
    f.feed(t);
    f.feed(fates());
    drain.tick(5'000 * ms);
    takePictures(drain, u"drain-during"_s, {480, 300});
}

QTEST_MAIN(tst_DrainView)
#include "tst_drainview.moc"
