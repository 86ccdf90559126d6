// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/pipelinedbytes.h"
#include "tests/support/testcase.h"

using loopscope::net::PipelinedBytes;

class tst_PipelinedBytes : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void bytesComeOutInTheirOrder();
    void theFirstByteKnowsWhenItCame();
    void arrivalsBeyondTheLastCountWithIt();
};

void tst_PipelinedBytes::bytesComeOutInTheirOrder()
{
    PipelinedBytes bytes;
    QVERIFY(bytes.isEmpty());
    bytes.append("one", 1);
    bytes.append("two", 2);
    QCOMPARE(bytes.size(), 6);
    bytes.consume(2);
    QCOMPARE(bytes.bytes(), QByteArrayView("etwo"));
    bytes.append("three", 3);
    QCOMPARE(bytes.bytes(), QByteArrayView("etwothree"));
    bytes.consume(9);
    QVERIFY(bytes.isEmpty());
    QCOMPARE(bytes.bytes().size(), 0);
}

void tst_PipelinedBytes::theFirstByteKnowsWhenItCame()
{
    PipelinedBytes bytes;
    QCOMPARE(bytes.arrivedAt(), 0);
    bytes.append("ab", 10);
    bytes.append("cd", 20);
    bytes.append("ef", 30);
    QCOMPARE(bytes.arrivedAt(), 10);
    bytes.consume(1);
    QCOMPARE(bytes.arrivedAt(), 10);
    bytes.consume(1);
    QCOMPARE(bytes.arrivedAt(), 20);
    bytes.consume(3); // over the whole of one, into the next
    QCOMPARE(bytes.arrivedAt(), 30);
    bytes.append("gh", 40);
    bytes.consume(1);
    QCOMPARE(bytes.arrivedAt(), 40);
    bytes.clear();
    QCOMPARE(bytes.arrivedAt(), 0);
    bytes.append("x", 50);
    QCOMPARE(bytes.arrivedAt(), 50);
}

void tst_PipelinedBytes::arrivalsBeyondTheLastCountWithIt()
{
    PipelinedBytes bytes;
    for (int i = 0; i < 2 * int(PipelinedBytes::maximumArrivals); ++i)
        bytes.append("x", i + 1);
    bytes.consume(qsizetype(PipelinedBytes::maximumArrivals) + 3);
    QCOMPARE(bytes.arrivedAt(), qint64(PipelinedBytes::maximumArrivals));
    QCOMPARE(bytes.size(), qsizetype(PipelinedBytes::maximumArrivals) - 3);
}

QTEST_APPLESS_MAIN(tst_PipelinedBytes)
#include "tst_pipelinedbytes.moc"
