// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/slicestore.h"
#include "tests/support/testcase.h"

#include <random>

using namespace loopscope::model;
using loopscope::trace::Kind;

class tst_SliceStore : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void childrenThatComeFirstStandBehindTheirParent();
    void theInnermostSliceIsFoundAtAnyTime();
    void aRangeBeginsWithWhatReachesIntoIt();
    void randomTreesWrittenInnermostFirstComeOutInOrder();
    void aParentThatWasEvictedIsNoParent();
};

static Slice slice(qint64 start, qint64 end, quint64 id = 0)
{
    Slice result;
    result.start = start;
    result.duration = end - start;
    result.id = id;
    result.kind = Kind::Span;
    return result;
}

void tst_SliceStore::childrenThatComeFirstStandBehindTheirParent()
{
    SliceStore store;
    store.insert(slice(1, 2, 1)); // an earlier, whole callback
    store.insert(slice(11, 12, 2));
    store.insert(slice(14, 15, 3));
    store.insert(slice(13, 16, 4)); // around 3
    store.insert(slice(10, 20, 5)); // around 2, 4
    QList<quint64> ids;
    QList<int> depths;
    for (quint64 i = store.first(); i < store.end(); ++i) {
        ids.append(store.at(i).id);
        depths.append(store.at(i).depth);
    }
    QCOMPARE(ids, (QList<quint64>{1, 5, 2, 4, 3}));
    QCOMPARE(depths, (QList<int>{0, 0, 1, 1, 2}));
    QCOMPARE(store.parent(4), 3u);
    QCOMPARE(store.parent(3), 1u);
    QCOMPARE(store.parent(2), 1u);
    QCOMPARE(store.parent(1), store.end());
    QCOMPARE(store.at(1).descendants, 3u);
    QCOMPARE(store.afterSubtree(3), 5u);
    QCOMPARE(store.maximumDepth(), 2);
    QCOMPARE(store.lastEnd(), 20);
    QCOMPARE(store.find(Kind::Span, 13, 4), 3u);
    QCOMPARE(store.find(Kind::Span, 13, 5), store.end());
    QCOMPARE(store.find(Kind::Callback, 13, 4), store.end());
}

void tst_SliceStore::theInnermostSliceIsFoundAtAnyTime()
{
    SliceStore store;
    QCOMPARE(store.innermostAt(5), store.end());
    store.insert(slice(12, 13, 1));
    store.insert(slice(10, 20, 2));
    store.insert(slice(30, 30, 3));
    const auto at = [&](qint64 time) { return store.innermostAt(time) == store.end() ? 0 : store.at(store.innermostAt(time)).id; };
    QCOMPARE(at(9), 0u);
    QCOMPARE(at(10), 2u);
    QCOMPARE(at(12), 1u);
    QCOMPARE(at(13), 2u); // the end belongs to what follows
    QCOMPARE(at(19), 2u);
    QCOMPARE(at(20), 0u);
    QCOMPARE(at(30), 3u);
    QCOMPARE(at(31), 0u);
}

void tst_SliceStore::aRangeBeginsWithWhatReachesIntoIt()
{
    SliceStore store;
    store.insert(slice(1, 3, 1));
    store.insert(slice(5, 90, 2));
    store.insert(slice(4, 100, 3)); // around 2
    store.insert(slice(110, 120, 4));
    const auto ids = [&](qint64 from, qint64 to) {
        QList<quint64> result;
        store.visit(from, to, [&](quint64, const Slice &each) { result.append(each.id); });
        return result;
    };
    QCOMPARE(ids(50, 60), (QList<quint64>{3, 2}));
    QCOMPARE(ids(95, 111), (QList<quint64>{3, 4}));
    QCOMPARE(ids(0, 5), (QList<quint64>{1, 3}));
    QCOMPARE(ids(100, 110), QList<quint64>{});
    QCOMPARE(ids(200, 300), QList<quint64>{});
    QCOMPARE(store.lowerBound(5), 2u);
    QCOMPARE(store.lowerBound(6), 3u);
    QCOMPARE(store.lowerBound(1'000), store.end());
    QCOMPARE(store.lowerBound(110, 1), 3u);
}

// Random nesting, written in the order of ends as a thread does; the order, depths and parents must be those of the tree.
void tst_SliceStore::randomTreesWrittenInnermostFirstComeOutInOrder()
{
    std::mt19937 random(7);
    SliceStore store;
    struct Expected {
        qint64 start;
        qint64 end;
        int depth;
        qint64 parentStart;
    };
    QList<Expected> expected;
    qint64 now = 0;
    const auto grow = [&](auto &&self, int depth, qint64 parentStart) -> void {
        const qint64 start = ++now;
        const qsizetype place = expected.size();
        expected.append({start, 0, depth, parentStart});
        for (int children = depth < 6 ? int(random() % 4) : 0; children > 0; --children)
            self(self, depth + 1, start);
        expected[place].end = ++now;
        store.insert(slice(start, now, quint64(start)));
    };
    while (expected.size() < 20'000)
        grow(grow, 0, -1);
    QCOMPARE(store.size(), quint64(expected.size()));
    for (quint64 i = 0; i < store.size(); ++i) {
        const Expected &want = expected[qsizetype(i)];
        const Slice &got = store.at(i);
        QCOMPARE(got.start, want.start);
        QCOMPARE(got.end(), want.end);
        QCOMPARE(int(got.depth), want.depth);
        const quint64 parent = store.parent(i);
        QCOMPARE(parent == store.end() ? qint64(-1) : store.at(parent).start, want.parentStart);
    }
    for (int i = 0; i < 2'000; ++i) { // visit() against the definition
        const qint64 from = qint64(random() % quint64(now));
        const qint64 to = from + qint64(random() % 50);
        quint64 found = 0;
        bool overlaps = true;
        store.visit(from, to, [&](quint64, const Slice &each) {
            ++found;
            overlaps = overlaps && each.start < to && each.end() > from;
        });
        const auto wanted = std::count_if(expected.begin(), expected.end(), [&](const Expected &each) { return each.start < to && each.end > from; });
        QVERIFY(overlaps);
        QCOMPARE(found, quint64(wanted));
    }
}

void tst_SliceStore::aParentThatWasEvictedIsNoParent()
{
    SliceStore store;
    const qint64 count = 6'000; // more than a block
    for (qint64 i = 1; i <= count; ++i)
        store.insert(slice(i * 10, i * 10 + 5, quint64(i)));
    store.insert(slice(1, count * 10 + 9, 999'999));
    QCOMPARE(store.at(0).descendants, quint32(count));
    QCOMPARE(store.evictBlock(), 4096u);
    QCOMPARE(store.first(), 4096u);
    QCOMPARE(store.parent(4096), store.end());
    QCOMPARE(store.innermostAt(59'006), store.end()); // its parent was the only one there
    QCOMPARE(store.at(store.innermostAt(59'001)).id, 5'900u);
    int visited = 0;
    store.visit(0, count * 10 + 10, [&](quint64, const Slice &) { ++visited; });
    QCOMPARE(visited, int(count + 1 - 4096));
}

QTEST_GUILESS_MAIN(tst_SliceStore)
#include "tst_slicestore.moc"
