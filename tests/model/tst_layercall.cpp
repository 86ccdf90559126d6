// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/layercall.h"
#include "tests/support/testcase.h"

using namespace loopscope::model;
using loopscope::trace::Kind;

class tst_LayerCall : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void nestedCallsAreNotCountedTwice();
    void aRouterMountsLayersRunBeforeItsNext();
    void whatRunsAfterAnAwaitCountsToItsLayer();
    void aLayerThatNeverPassesOnHasNoNext();
    void layersAreInOrderOfEntryWhateverTheOrderOfRecords();
};

static Event layer(quint64 id, qint64 start, qint64 end, qint64 nextAfter = -1)
{
    Event event;
    event.kind = Kind::Layer;
    event.id = id;
    event.start = start;
    event.duration = end - start;
    event.value = nextAfter;
    return event;
}

static Event later(Kind kind, quint64 id, qint64 start, qint64 end)
{
    Event event = layer(id, start, end);
    event.kind = kind;
    event.value = 0;
    return event;
}

void tst_LayerCall::nestedCallsAreNotCountedTwice()
{
    // logger [0, 100) calls next at 10; auth [12, 90) calls next at 20; handler [22, 80)
    const QList<LayerCall> calls = layerCalls({layer(3, 22, 80), layer(2, 12, 90, 8), layer(1, 0, 100, 10)});
    QCOMPARE(calls.size(), 3);
    QCOMPARE(calls[0].downNs, 10);
    QCOMPARE(calls[0].upNs, 2 + 10); // [10, 12) and [90, 100)
    QCOMPARE(calls[1].downNs, 8);
    QCOMPARE(calls[1].upNs, 2 + 10);
    QCOMPARE(calls[2].downNs, 58);
    QCOMPARE(calls[2].upNs, 0);
    QCOMPARE(calls[2].depth, 2);
    qint64 sum = 0;
    for (const LayerCall &call : calls)
        sum += call.downNs + call.upNs;
    QCOMPARE(sum, 100); // every moment belongs to one layer
}

void tst_LayerCall::aRouterMountsLayersRunBeforeItsNext()
{
    // router [0, 100): an inner layer [10, 40) called nothing on; then the router falls through at 50 to a handler [52, 90)
    const QList<LayerCall> calls = layerCalls({layer(2, 10, 40), layer(3, 52, 90), layer(1, 0, 100, 50)});
    QCOMPARE(calls[0].downNs, 10 + 10);
    QCOMPARE(calls[0].upNs, 2 + 10);
    QCOMPARE(calls[1].downNs, 30);
    QCOMPARE(calls[2].downNs, 38);
}

void tst_LayerCall::whatRunsAfterAnAwaitCountsToItsLayer()
{
    // session suspends at 10 before next(), runs on at 100, calls next at 105 → handler [106, 120), ends at 125
    QList<Event> events{layer(1, 0, 10), layer(2, 106, 120), later(Kind::LayerNext, 1, 105, 105), later(Kind::LayerResumed, 1, 100, 125),
                        later(Kind::LayerResumed, 2, 200, 230)};
    const QList<LayerCall> calls = layerCalls(events);
    QCOMPARE(calls[0].next, 105);
    QCOMPARE(calls[0].downNs, 10 + 5);
    QCOMPARE(calls[0].upNs, 1 + 5);
    QCOMPARE(calls[0].resumed, 1);
    QCOMPARE(calls[0].returned, 10);
    QCOMPARE(calls[0].lastRan, 125);
    QCOMPARE(calls[1].downNs, 14 + 30);
    QCOMPARE(calls[1].depth, 1);
    QCOMPARE(calls[1].lastRan, 230);
}

void tst_LayerCall::aLayerThatNeverPassesOnHasNoNext()
{
    const QList<LayerCall> calls = layerCalls({layer(2, 5, 6), layer(1, 0, 10, 4)});
    QCOMPARE(calls[1].next, LayerCall::unknown);
    QCOMPARE(calls[0].next, 4);
}

void tst_LayerCall::layersAreInOrderOfEntryWhateverTheOrderOfRecords()
{
    Event other;
    other.kind = Kind::BodyChunk;
    other.id = 1; // an offset, no layer
    const QList<LayerCall> calls = layerCalls({later(Kind::LayerResumed, 9, 5, 6), layer(3, 2, 3), other, layer(1, 0, 5, 1), layer(2, 1, 4, 1)});
    QCOMPARE(calls.size(), 3);
    for (int i = 0; i < 3; ++i)
        QCOMPARE(calls[i].id, quint64(i + 1));
    QVERIFY(layerCalls({}).isEmpty());
}

QTEST_GUILESS_MAIN(tst_LayerCall)
#include "tst_layercall.moc"
