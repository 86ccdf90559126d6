// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/chunkeddecoder.h"
#include "tests/support/testcase.h"

using namespace loopscope::http;

// What it takes and what it refuses is in tests/wire/chunked.wire.
class tst_ChunkedDecoder : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void piecesPointIntoWhatWasFed();
    void itStopsAtTheEndOfTheBody();
    void afterAnErrorItConsumesNothing();
    void resetStartsAnotherBodyWithItsOwnLimits();
};

void tst_ChunkedDecoder::piecesPointIntoWhatWasFed()
{
    ChunkedDecoder decoder{Limits()};
    EventList events;
    const QByteArray bytes = "3;a=\"b\"\r\nabc\r\n2\r\nde";
    QCOMPARE(decoder.feed(bytes, events), bytes.size());
    QCOMPARE(events.size(), 2u);
    QCOMPARE(events[0].bytes.data(), bytes.constData() + 9);
    QCOMPARE(events[1].bytes, QByteArrayView("de"));
    QCOMPARE(events[1].offset, 3);
    QCOMPARE(decoder.bodyBytes(), 5);
    QVERIFY(!decoder.isComplete());
    QCOMPARE(decoder.error(), Error::None);
}

void tst_ChunkedDecoder::itStopsAtTheEndOfTheBody()
{
    ChunkedDecoder decoder{Limits()};
    EventList events;
    QCOMPARE(decoder.feed("1\r\nx\r\n0\r\nT: 1\r\n\r\nGET", events), 17);
    QVERIFY(decoder.isComplete());
    QCOMPARE(decoder.feed("GET", events), 0);
    QCOMPARE(events.size(), 1u);
}

void tst_ChunkedDecoder::afterAnErrorItConsumesNothing()
{
    ChunkedDecoder decoder{Limits()};
    EventList events;
    decoder.feed("1\r\nxy", events);
    QCOMPARE(decoder.error(), Error::InvalidChunk);
    QVERIFY(!decoder.isComplete());
    QCOMPARE(decoder.feed("\r\n0\r\n\r\n", events), 0);
}

void tst_ChunkedDecoder::resetStartsAnotherBodyWithItsOwnLimits()
{
    Limits limits;
    limits.maxChunkOverheadBytes = 2;
    ChunkedDecoder decoder(limits);
    for (int body = 0; body < 3; ++body) {
        EventList events;
        decoder.feed("1;a\r\nx\r\n0\r\n\r\n", events);
        QVERIFY(decoder.isComplete());
        QCOMPARE(decoder.bodyBytes(), 1);
        QCOMPARE(events.front().offset, 0);
        decoder.reset();
    }
    EventList events;
    decoder.feed("1;ab", events);
    QCOMPARE(decoder.error(), Error::BodyTooLarge);
}

QTEST_GUILESS_MAIN(tst_ChunkedDecoder)
#include "tst_chunkeddecoder.moc"
