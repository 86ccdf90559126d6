// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/listview.h"
#include "inspector/panel/warningsview.h"
#include "tests/panel/panelfixture.h"
#include "tests/support/testcase.h"

using namespace loopscope;
using namespace loopscope::panel;
using namespace loopscope::test;
using namespace Qt::StringLiterals;
using model::Warnings;
using trace::Phase;

class tst_WarningsView : public TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aRowSelectsWhatItCameFrom();
    void theRuleOfTheSelectedIsShown();
    void enterShowsItInTheScope();
    void whatIsInViewIsSeen();
    void whatWasForgottenIsSaid();
    void pictures();

private:
    static Transcript blocked(qint64 at = 10 * ms, quint64 request = 41)
    {
        Transcript t;
        t.begin(request, 1, at, 10 * us, "POST /message?mode=sync HTTP/1.1\r\n\r\n");
        t.span("writeFileSync", at + 2 * ms, 400 * ms, request).end(request, 1, at, 412 * ms, 302, 0);
        t.callback("readable", at, 412 * ms, 5, request, 1).turn(request, at - ms, 414 * ms);
        return t;
    }
    static Transcript starved()
    {
        Transcript t;
        for (int i = 0; i < 1'204; ++i)
            t.callback("nextTick", 600 * ms + i * 100 * us, 100 * us, quint64(100 + i), 43, 3, Phase::NextTick);
        return t.turn(43, 600 * ms, 121 * ms);
    }
    static Transcript saturated()
    {
        Transcript t;
        t.jobQueued(1, "pbkdf2", 800 * ms, 1, 44).jobQueued(2, "pbkdf2", 801 * ms, 2, 45);
        return t.on(1).jobFinished(1, "pbkdf2", 800 * ms, 180 * ms, 44).jobFinished(2, "pbkdf2", 980 * ms, 200 * ms, 45);
    }
    struct Lab : PanelFixture {
        Warnings warnings;
        WarningsView panel;
        explicit Lab(int most = Warnings::defaultMost)
            : warnings(session, most)
            , panel(session, warnings, view)
        {
        }
    };
};

void tst_WarningsView::aRowSelectsWhatItCameFrom()
{
    Lab lab;
    lab.feed(blocked());
    lab.panel.list().selectRow(0);
    QCOMPARE(lab.view.selection().request, 41ULL);
    QCOMPARE(lab.view.selection().connection, 1ULL);
    QCOMPARE(lab.session.slice(lab.view.selection().slice)->duration, 400 * ms);
}

void tst_WarningsView::theRuleOfTheSelectedIsShown()
{
    Lab lab;
    lab.feed(blocked());
    QCOMPARE(lab.panel.noteWords(), QString());
    lab.panel.list().selectRow(0);
    QVERIFY2(lab.panel.noteWords().contains(u"412 ms, more than 50 ms"_s), qPrintable(lab.panel.noteWords()));
}

void tst_WarningsView::enterShowsItInTheScope()
{
    Lab lab;
    lab.feed(blocked(1'000 * ms));
    const Window window(lab.panel, {700, 300});
    lab.panel.list().selectRow(0);
    QTest::keyClick(&lab.panel.list(), Qt::Key_Return);
    QVERIFY(lab.view.timeRange().from > 500 * ms && lab.view.timeRange().from <= 1'000 * ms);
    QVERIFY(lab.view.timeRange().to >= 1'412 * ms);
}

void tst_WarningsView::whatIsInViewIsSeen()
{
    Lab lab;
    lab.feed(blocked());
    QCOMPARE(lab.warnings.unseen(), 1);
    const Window window(lab.panel, {700, 300});
    QCOMPARE(lab.warnings.unseen(), 0);
    lab.feed(starved());
    QCOMPARE(lab.warnings.count(), 2);
    QCOMPARE(lab.warnings.unseen(), 0);
    lab.panel.hide();
    lab.feed(saturated());
    QCOMPARE(lab.warnings.unseen(), 1);
    lab.panel.show();
}

void tst_WarningsView::whatWasForgottenIsSaid()
{
    Lab lab(1);
    lab.feed(blocked());
    lab.feed(blocked(1'000 * ms, 42));
    QVERIFY2(lab.panel.noteWords().contains(u"1 older"_s), qPrintable(lab.panel.noteWords()));
}

void tst_WarningsView::pictures()
{
    Lab empty;
    takePictures(empty.panel, u"warnings-empty"_s, {700, 200});
    Lab lab;
    lab.feed(blocked());
    lab.feed(starved());
    lab.feed(saturated());
    QCOMPARE(lab.warnings.count(), 3);
    lab.panel.list().selectRow(2);
    takePictures(lab.panel, u"warnings"_s, {860, 240});
}

QTEST_MAIN(tst_WarningsView)
#include "tst_warningsview.moc"
