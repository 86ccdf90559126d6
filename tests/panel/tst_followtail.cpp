// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/viewstate.h"
#include "inspector/panel/followtail.h"
#include "tests/support/testcase.h"

#include <QtCore/QStringListModel>
#include <QtTest/QSignalSpy>
#include <QtWidgets/QListView>
#include <QtWidgets/QScrollBar>

using namespace loopscope;
using namespace loopscope::panel;
using namespace Qt::StringLiterals;

class tst_FollowTail : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void itFollowsTheNewestEnd();
    void scrollingAwayStopsItAndScrollingToTheEndStartsIt();
    void spaceIsForAllViews();
    void endGoesToTheNewestAndFollows();
    void selectingStopsIt();
    void theProgramsOwnScrollingStopsNothing();

private:
    struct Fixture {
        QListView view;
        QStringListModel model;
        model::ViewState state;
        FollowTail tail{&view, state};

        Fixture()
        {
            view.setModel(&model);
            view.resize(200, 100);
            view.setVerticalScrollMode(QAbstractItemView::ScrollPerItem);
            model.insertRows(0, 100);
            view.show();
            tail.keepUp();
        }
        [[nodiscard]] bool atEnd() { return view.verticalScrollBar()->value() == view.verticalScrollBar()->maximum(); }
    };
};

void tst_FollowTail::itFollowsTheNewestEnd()
{
    Fixture f;
    f.tail.keepUp();
    QVERIFY(f.view.verticalScrollBar()->maximum() > 0);
    QVERIFY(f.atEnd());
    f.model.insertRows(f.model.rowCount(), 50);
    f.tail.keepUp();
    QVERIFY(f.atEnd());
}

void tst_FollowTail::scrollingAwayStopsItAndScrollingToTheEndStartsIt()
{
    Fixture f;
    f.tail.keepUp();
    QSignalSpy changed(&f.tail, &FollowTail::followingChanged);
    f.view.verticalScrollBar()->triggerAction(QAbstractSlider::SliderPageStepSub);
    QVERIFY(!f.tail.isFollowing());
    QCOMPARE(changed.size(), 1);
    const int stayed = f.view.verticalScrollBar()->value();
    f.model.insertRows(f.model.rowCount(), 50);
    f.tail.keepUp();
    QCOMPARE(f.view.verticalScrollBar()->value(), stayed);
    f.view.verticalScrollBar()->triggerAction(QAbstractSlider::SliderToMaximum);
    QVERIFY(f.tail.isFollowing());
    QCOMPARE(changed.size(), 2);
}

void tst_FollowTail::spaceIsForAllViews()
{
    Fixture f;
    QTest::keyClick(&f.view, Qt::Key_Space);
    QVERIFY(!f.tail.isFollowing() && !f.state.isFollowing());
    f.state.setFollowing(true); // in another view
    QVERIFY(f.tail.isFollowing());
    f.tail.selected(); // which stops this list alone
    QVERIFY(f.state.isFollowing());
    QTest::keyClick(&f.view, Qt::Key_Space);
    QVERIFY(f.tail.isFollowing() && f.state.isFollowing());
}

void tst_FollowTail::endGoesToTheNewestAndFollows()
{
    Fixture f;
    f.tail.setFollowing(false);
    f.view.verticalScrollBar()->setValue(0);
    QTest::keyClick(&f.view, Qt::Key_End);
    QVERIFY(f.tail.isFollowing());
    QVERIFY(f.atEnd());
    QVERIFY(!f.view.currentIndex().isValid());
}

void tst_FollowTail::selectingStopsIt()
{
    Fixture f;
    f.tail.selected();
    QVERIFY(!f.tail.isFollowing());
    f.view.verticalScrollBar()->setValue(3);
    f.tail.keepUp();
    QCOMPARE(f.view.verticalScrollBar()->value(), 3);
}

void tst_FollowTail::theProgramsOwnScrollingStopsNothing()
{
    Fixture f;
    f.view.verticalScrollBar()->setValue(0);
    QVERIFY(f.tail.isFollowing());
    f.tail.keepUp();
    QVERIFY(f.atEnd());
}

QTEST_MAIN(tst_FollowTail)
#include "tst_followtail.moc"
