// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/viewstate.h"
#include "tests/support/testcase.h"

#include <QtTest/QSignalSpy>

using namespace loopscope::model;
using namespace Qt::StringLiterals;

class tst_ViewState : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void itFollowsUntilAPersonActs();
    void zoomingKeepsTheAnchorInItsPlace();
    void zoomingWhileFollowingKeepsTheNewestEnd();
    void theRangeIsClamped();
    void aChangeIsSignalledOnce();
};

void tst_ViewState::itFollowsUntilAPersonActs()
{
    ViewState view;
    QVERIFY(view.isFollowing());
    view.advance(5'000'000'000);
    QCOMPARE(view.timeRange(), (TimeRange{4'000'000'000, 5'000'000'000}));
    view.scrollBy(-1'000'000);
    QVERIFY(!view.isFollowing());
    view.advance(9'000'000'000);
    QCOMPARE(view.timeRange().to, 4'999'000'000); // what stands still stays
    view.toggleFollowing();
    view.advance(9'000'000'000);
    QCOMPARE(view.timeRange().to, 9'000'000'000);
    view.selectRequest(3, 1);
    QVERIFY(!view.isFollowing());
    view.setFollowing(true);
    view.clearSelection(); // letting go of something is no wish to stop
    QVERIFY(view.isFollowing());
    view.toggleFollowing(); // Space
    QVERIFY(!view.isFollowing());
}

void tst_ViewState::zoomingKeepsTheAnchorInItsPlace()
{
    ViewState view;
    view.setTimeRange({1'000'000'000, 2'000'000'000});
    view.zoom(0.5, 1'250'000'000);
    QCOMPARE(view.timeRange(), (TimeRange{1'125'000'000, 1'625'000'000})); // a quarter from the left, as before
    view.zoom(2.0, 1'250'000'000);
    QCOMPARE(view.timeRange(), (TimeRange{1'000'000'000, 2'000'000'000}));
    const TimeRange before = view.timeRange();
    view.zoom(0, 0);
    view.zoom(-1, 0);
    view.zoom(std::numeric_limits<double>::quiet_NaN(), 0);
    QCOMPARE(view.timeRange(), before);
}

void tst_ViewState::zoomingWhileFollowingKeepsTheNewestEnd()
{
    ViewState view;
    view.advance(10'000'000'000);
    view.zoom(0.25, 9'100'000'000);
    QCOMPARE(view.timeRange(), (TimeRange{9'750'000'000, 10'000'000'000}));
    QVERIFY(view.isFollowing());
}

void tst_ViewState::theRangeIsClamped()
{
    ViewState view;
    view.setTimeRange({5'000, 5'000});
    QCOMPARE(view.timeRange().length(), ViewState::minimumRangeNs);
    view.setTimeRange({-500'000'000, 500'000'000});
    QCOMPARE(view.timeRange(), (TimeRange{0, 1'000'000'000}));
    for (int i = 0; i < 100; ++i)
        view.zoom(10, 0);
    QCOMPARE(view.timeRange().length(), ViewState::maximumRangeNs);
    for (int i = 0; i < 100; ++i)
        view.zoom(0.1, 1'000'000'000);
    QCOMPARE(view.timeRange().length(), ViewState::minimumRangeNs);
}

void tst_ViewState::aChangeIsSignalledOnce()
{
    ViewState view;
    QSignalSpy selection(&view, &ViewState::selectionChanged);
    QSignalSpy range(&view, &ViewState::timeRangeChanged);
    QSignalSpy following(&view, &ViewState::followingChanged);
    QSignalSpy filter(&view, &ViewState::filterChanged);
    view.selectConnection(4);
    view.selectConnection(4);
    QCOMPARE(selection.count(), 1);
    QCOMPARE(following.count(), 1);
    QCOMPARE(view.selection().connection, 4u);
    view.setTimeRange({0, ViewState::defaultRangeNs});
    QCOMPARE(range.count(), 0);
    view.setTimeRange({7, ViewState::defaultRangeNs});
    QCOMPARE(range.count(), 1);
    view.setFilter(u"is:running"_s);
    view.setFilter(u"is:running"_s);
    QCOMPARE(filter.count(), 1);
    QCOMPARE(following.count(), 1);
}

QTEST_GUILESS_MAIN(tst_ViewState)
#include "tst_viewstate.moc"
