// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/listview.h"
#include "inspector/panel/looppanel.h"
#include "tests/panel/panelfixture.h"
#include "tests/support/testcase.h"

using namespace loopscope::panel;
using namespace loopscope::test;
using namespace Qt::StringLiterals;
using loopscope::model::LoopPhaseModel;
using loopscope::trace::LiveCounts;
using loopscope::trace::LiveSlice;
using loopscope::trace::Phase;

class tst_LoopPanel : public TestCase {
    Q_OBJECT

private Q_SLOTS:
    void withoutARecordingItSaysWhatToDo();
    void whatTheLoopDoesNowStandsInWords();
    void lagAndReferencesAreNamedWithUnits();
    void figuresChangeNoFasterThanTheyCanBeRead();
    void aHiddenOneIsNotRefreshed();
    void itIsReachedAndReadFromTheKeyboard();
    void pictures();

private:
    static LiveCounts counted()
    {
        LiveCounts counts;
        counts.at = 900 * ms;
        counts.nextTimer = 1'040 * ms;
        counts.timers = 3;
        counts.qtTimers = 1;
        counts.sockets = 12;
        counts.jobs = 2;
        counts.immediates = 1;
        counts.referencedTimers = 2;
        counts.referencedImmediates = 1;
        counts.poolThreads = 4;
        return counts;
    }
    static Transcript busySecond()
    {
        Transcript t;
        t.listening(1 * ms, 3000, "127.0.0.1:3000").opened(1, 2 * ms, "127.0.0.1:50001");
        for (int i = 0; i < 90; ++i) {
            const qint64 at = i * 10 * ms + 5 * ms;
            t.wait(at, 7 * ms).callback("setTimeout", at + 7 * ms, 400 * us, 1, 0, 0, Phase::Timers);
            t.callback("readable", at + 7'500 * us, 1'200 * us, 2, 1, 1);
            t.callback("setImmediate", at + 9 * ms, 600 * us, 3, 0, 0, Phase::Check);
            t.turn(quint64(i + 1), at, 9'700 * us, 3);
        }
        return t;
    }
};

void tst_LoopPanel::withoutARecordingItSaysWhatToDo()
{
    loopscope::model::Session session;
    LoopPanel nothing(session);
    QVERIFY(nothing.nowWords().contains(u"press Start"_s));
    PanelFixture f;
    LoopPanel paused(f.session);
    QVERIFY(paused.nowWords().contains(u"press Recording"_s));
    QCOMPARE(paused.referenceWords(), QString());
}

void tst_LoopPanel::whatTheLoopDoesNowStandsInWords()
{
    PanelFixture f;
    LoopPanel panel(f.session);
    const Window window(panel, {360, 400});
    f.session.setCounts(0, counted());
    LiveSlice live;
    live.since = 900 * ms;
    live.phase = Phase::Poll;
    live.sleeps = true;
    f.session.setLive(0, live);
    panel.tick(1'000 * ms);
    QCOMPARE(panel.nowWords(), u"Asleep in poll for 100 ms, next timer in 40.0 ms"_s);
    live = {};
    live.since = 1'200 * ms;
    live.name = "setTimeout";
    live.request = 4;
    live.phase = Phase::Timers;
    f.session.setLive(0, live);
    panel.tick(1'500 * ms);
    QCOMPARE(panel.nowWords(), u"Runs setTimeout for 300 ms, for request 4"_s);
    QVERIFY(panel.list().model()->index(LoopPhaseModel::Timers, 0).data().toString().startsWith(u'▶'));
    f.session.setLive(0, {});
    panel.tick(1'800 * ms);
    QCOMPARE(panel.nowWords(), u"Between two callbacks"_s);
}

void tst_LoopPanel::lagAndReferencesAreNamedWithUnits()
{
    PanelFixture f;
    LoopPanel panel(f.session);
    const Window window(panel, {360, 400});
    f.feed(busySecond());
    f.session.setCounts(0, counted());
    panel.tick(1'000 * ms);
    QCOMPARE(panel.lagWords(), u"90 turns/s · lag p50 2.70 ms, p99 2.70 ms, max 2.70 ms"_s);
    QCOMPARE(panel.referenceWords(), u"Keeps it alive: 2 timers · 1 immediate · 2 jobs · 1 server · 1 connection"_s);
}

void tst_LoopPanel::figuresChangeNoFasterThanTheyCanBeRead()
{
    PanelFixture f;
    LoopPanel panel(f.session);
    const Window window(panel, {360, 400});
    f.session.setCounts(0, counted());
    panel.tick(1'000 * ms);
    const QString before = panel.referenceWords();
    LiveCounts more = counted();
    more.referencedTimers = 9;
    f.session.setCounts(0, more);
    panel.tick(1'100 * ms);
    QCOMPARE(panel.referenceWords(), before);
    panel.tick(1'260 * ms);
    QVERIFY(panel.referenceWords().contains(u"9 timers"_s));
}

void tst_LoopPanel::aHiddenOneIsNotRefreshed()
{
    PanelFixture f;
    LoopPanel panel(f.session);
    f.session.setCounts(0, counted());
    panel.tick(1'000 * ms);
    QCOMPARE(panel.referenceWords(), QString());
    const Window window(panel, {360, 400}); // shown, it knows at once
    QVERIFY(panel.referenceWords().contains(u"2 timers"_s));
}

void tst_LoopPanel::itIsReachedAndReadFromTheKeyboard()
{
    PanelFixture f;
    LoopPanel panel(f.session);
    Window window(panel, {360, 400});
    QVERIFY(QTest::qWaitForWindowActive(&window, loopscope::test::patience));
    panel.setFocus();
    QVERIFY(panel.list().hasFocus());
    panel.list().selectRow(0);
    for (int i = 1; i < LoopPhaseModel::RowCount; ++i)
        QTest::keyClick(&panel.list(), Qt::Key_Down);
    QCOMPARE(panel.list().currentIndex().row(), LoopPhaseModel::Between);
    QVERIFY(!panel.list().accessibleName().isEmpty());
}

void tst_LoopPanel::pictures()
{
    PanelFixture f;
    LoopPanel panel(f.session);
    takePictures(panel, u"loop-empty"_s, {360, 400});
    f.feed(busySecond());
    f.session.setCounts(0, counted());
    LiveSlice live;
    live.since = 900 * ms;
    live.phase = Phase::Poll;
    live.sleeps = true;
    f.session.setLive(0, live);
    panel.tick(1'000 * ms);
    takePictures(panel, u"loop-asleep"_s, {360, 400});
    live = {};
    live.since = 900 * ms;
    live.name = "setTimeout";
    live.request = 4;
    live.phase = Phase::Timers;
    f.session.setLive(0, live);
    panel.tick(1'300 * ms);
    panel.list().selectRow(LoopPhaseModel::Poll);
    takePictures(panel, u"loop-runs"_s, {480, 360});
}

QTEST_MAIN(tst_LoopPanel)
#include "tst_looppanel.moc"
