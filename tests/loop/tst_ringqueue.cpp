// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/indexedheap.h"
#include "server/loop/ringqueue.h"
#include "tests/support/allocationcount.h"
#include "tests/support/testcase.h"

#include <memory>
#include <random>
#include <set>

using namespace loopscope::loop;

// The two containers under the queues and timers.
class tst_RingQueue : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void whatIsPushedIsTakenInOrder();
    void aSteadyQueueAllocatesNothing();
    void aLargeBlockIsGivenBack();
    void whatIsTakenIsNotKeptAlive();
    void theHeapGivesTheSmallestAfterAnyChange();
};

void tst_RingQueue::whatIsPushedIsTakenInOrder()
{
    RingQueue<int> queue;
    std::mt19937 random(1);
    int pushed = 0;
    int taken = 0;
    for (int round = 0; round < 5'000; ++round) {
        for (auto count = random() % 20; count > 0; --count)
            queue.push(int(++pushed));
        for (auto count = random() % 20; count > 0 && !queue.isEmpty(); --count)
            QCOMPARE(queue.takeFirst(), ++taken);
        QCOMPARE(queue.size(), std::size_t(pushed - taken));
    }
    while (!queue.isEmpty())
        QCOMPARE(queue.takeFirst(), ++taken);
    QCOMPARE(taken, pushed);
}

void tst_RingQueue::aSteadyQueueAllocatesNothing()
{
    RingQueue<int> queue;
    queue.push(0);
    const std::size_t before = allocations;
    for (int i = 0; i < 10'000; ++i) {
        queue.push(int(i));
        (void)queue.takeFirst();
    }
    QCOMPARE(allocations, before);
}

void tst_RingQueue::aLargeBlockIsGivenBack()
{
    RingQueue<int> queue;
    for (int i = 0; i < 100'000; ++i)
        queue.push(int(i));
    QVERIFY(queue.capacity() >= 100'000);
    while (!queue.isEmpty())
        (void)queue.takeFirst();
    QVERIFY(queue.capacity() <= RingQueue<int>::keptCapacity);
}

void tst_RingQueue::whatIsTakenIsNotKeptAlive()
{
    RingQueue<std::shared_ptr<int>> queue;
    auto value = std::make_shared<int>(1);
    queue.push(std::shared_ptr<int>(value));
    QCOMPARE(value.use_count(), 2);
    (void)queue.takeFirst();
    QCOMPARE(value.use_count(), 1);
}

struct Element {
    int value = 0;
    std::size_t heapPosition = IndexedHeap<Element>::notInHeap;
    friend bool operator<(const Element &a, const Element &b) { return a.value < b.value; }
};

void tst_RingQueue::theHeapGivesTheSmallestAfterAnyChange()
{
    std::mt19937 random(1);
    std::array<Element, 50> elements;
    IndexedHeap<Element> heap;
    std::multiset<int> values;
    for (int round = 0; round < 20'000; ++round) {
        Element &element = elements[random() % elements.size()];
        const bool inside = element.heapPosition != IndexedHeap<Element>::notInHeap;
        if (inside)
            values.erase(values.find(element.value));
        const bool removes = inside && random() % 2;
        if (removes)
            heap.remove(&element);
        element.value = int(random() % 100);
        if (!removes) {
            values.insert(element.value);
            if (inside)
                heap.update(&element);
            else
                heap.insert(&element);
        }
        QCOMPARE(heap.isEmpty(), values.empty());
        if (!values.empty())
            QCOMPARE(heap.top()->value, *values.begin());
    }
}

QTEST_GUILESS_MAIN(tst_RingQueue)
#include "tst_ringqueue.moc"
