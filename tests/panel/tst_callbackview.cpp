// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/callbackview.h"
#include "inspector/panel/emptytext.h"
#include "inspector/panel/followtail.h"
#include "inspector/panel/listview.h"
#include "tests/panel/panelfixture.h"
#include "tests/support/testcase.h"

#include <QtWidgets/QCheckBox>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QScrollBar>

using namespace loopscope::panel;
using namespace loopscope::test;
using namespace Qt::StringLiterals;
using loopscope::model::CallbackRegistry;
using loopscope::model::SliceKey;
using loopscope::model::TimeRange;
using loopscope::model::Track;
using loopscope::trace::Kind;
using loopscope::trace::Phase;

class tst_CallbackView : public TestCase {
    Q_OBJECT

private Q_SLOTS:
    void anEmptyOneSaysWhatToDo();
    void choosingARowShowsBothEndsAndTheArrow();
    void whatWaitsShowsWhereItWasRegistered();
    void selectingTheSliceElsewhereSelectsTheRow();
    void itFollowsTheNewestUntilAPersonScrolls();
    void theFilterAndLiveOnlyAreUsedFromTheKeyboard();
    void aHiddenOneReadsNothing();
    void pictures();

private:
    // A form that starts a timer, an immediate, a job and a tick, and a socket that stays.
    static Transcript visit(qint64 from = 0)
    {
        Transcript t;
        const auto at = [from](qint64 when) { return from + when; };
        t.listening(at(1 * ms), 3000, "127.0.0.1:3000").opened(9, at(2 * ms), "127.0.0.1:50001");
        t.begin(3, 9, at(8 * ms), us, "POST /message HTTP/1.1\r\n\r\n");
        t.registered(5, "readable", at(2 * ms));
        t.registered(7, "setTimeout", at(11 * ms), 3, 5).registered(8, "setImmediate", at(11 * ms), 3, 5);
        t.registered(10, "nextTick", at(12 * ms), 3, 5).jobQueued(11, "writeFile", at(12 * ms), 1, 3);
        t.callback("readable", at(10 * ms), 3 * ms, 5, 3, 9).callback("nextTick", at(13 * ms), 200 * us, 10, 3, 9, Phase::NextTick);
        t.callback("setImmediate", at(14 * ms), 300 * us, 8, 3, 9, Phase::Check);
        t.callback("setTimeout", at(40 * ms), 2 * ms, 7, 3, 9, Phase::Timers);
        t.registered(12, "setTimeout", at(41 * ms), 3, 7);
        t.turn(1, at(0), 45 * ms);
        return t;
    }
};

void tst_CallbackView::anEmptyOneSaysWhatToDo()
{
    PanelFixture f;
    CallbackView panel(f.session, f.view);
    const auto *empty = panel.findChild<EmptyText *>();
    QVERIFY(empty && empty->isShown() && empty->text().contains(u"Start the server"_s));
    QCOMPARE(panel.countWords(), u"0 callbacks; 0 live"_s);
}

void tst_CallbackView::choosingARowShowsBothEndsAndTheArrow()
{
    PanelFixture f;
    CallbackView panel(f.session, f.view);
    const Window window(panel, {360, 400});
    f.feed(visit());
    panel.tick(100 * ms);
    QCOMPARE(panel.countWords(), u"6 callbacks; 2 live"_s);
    panel.list().selectRow(1);
    QCOMPARE(f.view.selection().slice, (SliceKey{0, Track::Run, Kind::Callback, 40 * ms, 7}));
    QCOMPARE(f.view.selection().request, 3u);
    QCOMPARE(f.view.selection().connection, 9u);
    const TimeRange range = f.view.timeRange();
    QVERIFY(range.from < 11 * ms && range.to > 42 * ms && range.length() < 2 * 31 * ms);
    QVERIFY(f.session.registration(7, 0)); // what the timeline draws the arrow from
    QVERIFY(!f.view.isFollowing());
    QVERIFY(!panel.followTail().isFollowing());
    QTest::keyClick(&panel.list(), Qt::Key_Down);
    QCOMPARE(f.view.selection().slice.id, 8u);
}

void tst_CallbackView::whatWaitsShowsWhereItWasRegistered()
{
    PanelFixture f;
    CallbackView panel(f.session, f.view);
    const Window window(panel, {360, 400});
    f.feed(visit());
    panel.tick(100 * ms);
    panel.list().selectRow(5);
    QCOMPARE(f.view.selection().slice, (SliceKey{0, Track::Run, Kind::Callback, 40 * ms, 7})); // it runs later
    QVERIFY(f.view.timeRange().from < 41 * ms && f.view.timeRange().to > 41 * ms);
}

void tst_CallbackView::selectingTheSliceElsewhereSelectsTheRow()
{
    PanelFixture f;
    CallbackView panel(f.session, f.view);
    const Window window(panel, {360, 400});
    f.feed(visit());
    panel.tick(100 * ms);
    f.view.select({.request = 3, .connection = 9, .slice = {0, Track::Run, Kind::Callback, 14 * ms, 8}});
    QCOMPARE(panel.list().selectionModel()->selectedRows().value(0).row(), 2);
    f.view.clearSelection();
    QVERIFY(panel.list().selectionModel()->selectedRows().isEmpty());
}

void tst_CallbackView::itFollowsTheNewestUntilAPersonScrolls()
{
    PanelFixture f;
    CallbackView panel(f.session, f.view);
    const Window window(panel, {360, 200});
    Transcript t;
    for (quint64 id = 1; id <= 100; ++id)
        t.registered(id, "setTimeout", qint64(id) * us);
    f.feed(t);
    panel.tick(100 * ms);
    QScrollBar *bar = panel.list().verticalScrollBar();
    QTRY_VERIFY(bar->maximum() > 0);
    QCOMPARE(bar->value(), bar->maximum());
    bar->triggerAction(QScrollBar::SliderToMinimum);
    QVERIFY(!panel.followTail().isFollowing());
    Transcript more;
    for (quint64 id = 101; id <= 200; ++id)
        more.registered(id, "setTimeout", qint64(id) * us);
    f.feed(more);
    panel.tick(300 * ms);
    QCOMPARE(bar->value(), 0);
    QTest::keyClick(&panel.list(), Qt::Key_End);
    QCOMPARE(bar->value(), bar->maximum());
    QVERIFY(panel.list().currentIndex().row() < 1); // the newest is looked at, not taken
}

void tst_CallbackView::theFilterAndLiveOnlyAreUsedFromTheKeyboard()
{
    PanelFixture f;
    CallbackView panel(f.session, f.view);
    const Window window(panel, {360, 400});
    f.feed(visit());
    panel.tick(100 * ms);
    panel.list().selectRow(5);
    panel.filterField()->setFocus();
    QTest::keyClicks(panel.filterField(), u"settime"_s);
    QCOMPARE(panel.list().model()->rowCount(), 2);
    QCOMPARE(panel.countWords(), u"2 of 6 callbacks; 2 live"_s);
    QCOMPARE(panel.list().selectionModel()->selectedRows().value(0).row(), 1); // the same one
    QTest::keyClick(panel.filterField(), Qt::Key_Escape);
    QCOMPARE(panel.list().model()->rowCount(), 6);
    panel.liveOnlyBox()->setFocus();
    QTest::keyClick(panel.liveOnlyBox(), Qt::Key_Space);
    QCOMPARE(panel.list().model()->rowCount(), 2); // the job and the second timer
    panel.filterField()->setText(u"nothing of this"_s);
    QVERIFY(panel.findChild<EmptyText *>()->text().contains(u"hides every callback"_s));
    for (const QWidget *widget : std::initializer_list<const QWidget *>{panel.filterField(), &panel.list()})
        QVERIFY(!widget->accessibleName().isEmpty());
}

void tst_CallbackView::aHiddenOneReadsNothing()
{
    PanelFixture f;
    CallbackView panel(f.session, f.view);
    f.feed(visit());
    panel.tick(100 * ms);
    QCOMPARE(panel.registry().totalCount(), 0u);
    const Window window(panel, {360, 400});
    panel.tick(300 * ms);
    QCOMPARE(panel.registry().totalCount(), 6u);
}

void tst_CallbackView::pictures()
{
    PanelFixture f;
    CallbackView panel(f.session, f.view);
    takePictures(panel, u"callbacks-empty"_s, {360, 400});
    f.feed(visit());
    {
        const Window window(panel, {360, 400});
        panel.tick(100 * ms);
        panel.list().selectRow(1);
    }
    takePictures(panel, u"callbacks"_s, {360, 400});
    takePictures(panel, u"callbacks-wide"_s, {1000, 300});
}

QTEST_MAIN(tst_CallbackView)
#include "tst_callbackview.moc"
