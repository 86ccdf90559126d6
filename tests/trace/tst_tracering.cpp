// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/trace/tracering.h"
#include "tests/support/allocationcount.h"
#include "tests/support/testcase.h"

#include <atomic>
#include <random>
#include <thread>
#include <vector>

using namespace loopscope::trace;

class tst_TraceRing : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void whatIsWrittenComesOutInOrderWithItsText();
    void aFullRingDropsCountsAndGoesOn();
    void aTextThatIsTooLongIsCut();
    void writingAllocatesNothing();
    void capacityIsRoundedUpAndClamped();
    void twoThreadsExchangeEveryRecordOrCountIt();
};

static TraceRecord numbered(quint64 id)
{
    TraceRecord record;
    record.kind = Kind::Callback;
    record.id = id;
    return record;
}

void tst_TraceRing::whatIsWrittenComesOutInOrderWithItsText()
{
    TraceRing ring(TraceRing::minimumBytes);
    std::mt19937 random(1);
    quint64 written = 0;
    quint64 read = 0;
    for (int round = 0; round < 2000; ++round) { // goes round the buffer many times, with every size of skip mark
        const int batch = int(random() % 8);
        for (int i = 0; i < batch; ++i) {
            ++written;
            QVERIFY(ring.write(numbered(written), QByteArray(qsizetype(written % 301), char('a' + written % 26))));
        }
        ring.drain([&](const TraceRecord &record, QByteArrayView text) {
            ++read;
            QCOMPARE(record.id, read);
            QCOMPARE(record.textBytes, quint32(read % 301));
            QCOMPARE(text.toByteArray(), QByteArray(qsizetype(read % 301), char('a' + read % 26)));
        });
    }
    QCOMPARE(read, written);
    QCOMPARE(ring.dropped(), 0u);
    QCOMPARE(ring.usedBytes(), 0u);
}

void tst_TraceRing::aFullRingDropsCountsAndGoesOn()
{
    TraceRing ring(TraceRing::minimumBytes);
    quint64 fits = 0;
    while (ring.write(numbered(fits + 1)))
        ++fits;
    QCOMPARE(fits, quint64(TraceRing::minimumBytes / sizeof(TraceRecord)));
    QVERIFY(!ring.write(numbered(0)));
    QCOMPARE(ring.dropped(), 2u);

    QCOMPARE(ring.drain([](const TraceRecord &, QByteArrayView) { }, 1), 1u);
    QCOMPARE(ring.drain([](const TraceRecord &, QByteArrayView) { }), fits - 1);
    QVERIFY(ring.write(numbered(7)));
    QCOMPARE(ring.drain([](const TraceRecord &record, QByteArrayView) { QCOMPARE(record.id, 7u); }), 1u);
    QCOMPARE(ring.dropped(), 2u);
}

void tst_TraceRing::aTextThatIsTooLongIsCut()
{
    TraceRing ring(std::size_t(1) << 20);
    QVERIFY(ring.write(numbered(1), QByteArray(1 << 19, 'x')));
    ring.drain([](const TraceRecord &record, QByteArrayView text) {
        QCOMPARE(std::size_t(record.textBytes), TraceRing::maximumTextBytes);
        QCOMPARE(std::size_t(text.size()), TraceRing::maximumTextBytes);
    });
}

void tst_TraceRing::writingAllocatesNothing()
{
    TraceRing ring;
    const QByteArray text(100, 'x');
    const std::size_t before = allocations;
    for (quint64 i = 0; i < 10'000; ++i)
        ring.write(numbered(i), text);
    QCOMPARE(allocations, before);
}

void tst_TraceRing::capacityIsRoundedUpAndClamped()
{
    QCOMPARE(TraceRing(1).capacityBytes(), TraceRing::minimumBytes);
    QCOMPARE(TraceRing(TraceRing::minimumBytes + 1).capacityBytes(), 2 * TraceRing::minimumBytes);
}

void tst_TraceRing::twoThreadsExchangeEveryRecordOrCountIt()
{
    constexpr quint64 total = 200'000;
    TraceRing ring(TraceRing::minimumBytes);
    std::atomic<bool> done = false;
    std::thread producer([&] {
        for (quint64 i = 1; i <= total; ++i)
            ring.write(numbered(i), QByteArrayView("0123456789abcdef", qsizetype(i % 17)));
        done = true;
    });
    quint64 received = 0;
    quint64 last = 0;
    bool ordered = true;
    const auto take = [&](const TraceRecord &record, QByteArrayView text) {
        ordered = ordered && record.id > last && quint64(text.size()) == record.id % 17
            && text == QByteArrayView("0123456789abcdef", text.size());
        last = record.id;
        ++received;
    };
    while (!done)
        ring.drain(take);
    producer.join();
    ring.drain(take);
    QVERIFY(ordered);
    QCOMPARE(received + ring.dropped(), total);
    QVERIFY(received > 0);
}

QTEST_GUILESS_MAIN(tst_TraceRing)
#include "tst_tracering.moc"
