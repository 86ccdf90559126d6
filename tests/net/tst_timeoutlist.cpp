// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/timeoutlist.h"
#include "tests/support/testcase.h"

#include <memory>

using namespace loopscope::net;
using namespace std::chrono_literals;

class tst_TimeoutList : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void theFirstToExpireStandsInFront();
    void anEntryLeavesTheListItWasIn();
    void bothSidesMayDieFirst();
    void withoutATimeoutNobodyWaits();
};

void tst_TimeoutList::theFirstToExpireStandsInFront()
{
    TimeoutList list(10ms);
    TimeoutEntry a;
    TimeoutEntry b;
    list.start(a, 1ms);
    list.start(b, 2ms);
    QCOMPARE(list.front(), &a);
    list.start(a, 3ms); // anew
    QCOMPARE(list.front(), &b);
    QCOMPARE(b.deadline(), 12ms);
    b.leave();
    QCOMPARE(list.front(), &a);
    a.leave();
    QVERIFY(!list.front());
}

void tst_TimeoutList::anEntryLeavesTheListItWasIn()
{
    TimeoutList first(1ms);
    TimeoutList second(2ms);
    TimeoutEntry entry;
    first.start(entry, 0ms);
    second.start(entry, 0ms);
    QVERIFY(!first.front());
    QCOMPARE(second.front(), &entry);
}

void tst_TimeoutList::withoutATimeoutNobodyWaits()
{
    TimeoutList some(1ms);
    TimeoutList none(0ms);
    TimeoutEntry entry;
    some.start(entry, 0ms);
    none.start(entry, 0ms);
    QVERIFY(!entry.isMember());
    QVERIFY(!some.front());
    QVERIFY(!none.front());
}

void tst_TimeoutList::bothSidesMayDieFirst()
{
    TimeoutEntry survivor;
    {
        TimeoutList list(1ms);
        TimeoutEntry entry;
        list.start(entry, 0ms);
        list.start(survivor, 0ms);
    }
    QVERIFY(!survivor.isMember());
}

QTEST_GUILESS_MAIN(tst_TimeoutList)
#include "tst_timeoutlist.moc"
