// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/bytelines.h"
#include "tests/support/testcase.h"

using namespace loopscope::panel;

class tst_ByteLines : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void nothingHasNoLine();
    void piecesThatMeetAreOneDump();
    void whatWasNotKeptIsOneLineWithItsSize();
    void everyByteStandsOnceAtItsOffset_data();
    void everyByteStandsOnceAtItsOffset();
};

void tst_ByteLines::nothingHasNoLine()
{
    QCOMPARE(ByteLines().count(), 0);
    QCOMPARE(ByteLines({}, 0, 8).count(), 0);
}

void tst_ByteLines::piecesThatMeetAreOneDump()
{
    const ByteLines lines({{.offset = 0, .bytes = "name="}, {.offset = 5, .bytes = "Ann&text=hello"}}, 19, 8);
    QCOMPARE(lines.count(), 3);
    QCOMPARE(lines.at(0).bytes.toByteArray(), QByteArray("name=Ann"));
    QCOMPARE(lines.at(1).bytes.toByteArray(), QByteArray("&text=he"));
    QCOMPARE(lines.at(2).bytes.toByteArray(), QByteArray("llo"));
    QCOMPARE(lines.at(2).offset, 16);
    QCOMPARE(lines.keptBytes(), 19);
}

void tst_ByteLines::whatWasNotKeptIsOneLineWithItsSize()
{
    const ByteLines lines({{.offset = 10, .bytes = "abcdefghij"}, {.offset = 100, .bytes = "xyz"}}, 200, 8);
    QCOMPARE(lines.count(), 6);
    QCOMPARE(lines.at(0), (ByteLines::Line{.offset = 0, .bytes = {}, .missingBytes = 10}));
    QCOMPARE(lines.at(1).offset, 10);
    QCOMPARE(lines.at(2).bytes.toByteArray(), QByteArray("ij"));
    QCOMPARE(lines.at(3), (ByteLines::Line{.offset = 20, .bytes = {}, .missingBytes = 80}));
    QCOMPARE(lines.at(4).bytes.toByteArray(), QByteArray("xyz"));
    QCOMPARE(lines.at(5), (ByteLines::Line{.offset = 103, .bytes = {}, .missingBytes = 97}));
    QCOMPARE(lines.keptBytes(), 13);
}

void tst_ByteLines::everyByteStandsOnceAtItsOffset_data()
{
    QTest::addColumn<int>("bytesPerLine");
    for (const int bytes : {1, 7, 8, 16, 1000})
        QTest::addRow("%d bytes to a line", bytes) << bytes;
}

void tst_ByteLines::everyByteStandsOnceAtItsOffset()
{
    QFETCH(int, bytesPerLine);
    QByteArray body;
    for (int i = 0; i < 300; ++i)
        body += char(i * 7);
    for (int split = 0; split <= body.size(); split += 13) {
        const ByteLines lines({{.offset = 0, .bytes = body.left(split)}, {.offset = split, .bytes = body.mid(split)}},
                              body.size(), bytesPerLine);
        QByteArray shown;
        for (int i = 0; i < lines.count(); ++i) {
            QCOMPARE(lines.at(i).offset, shown.size());
            shown += lines.at(i).bytes.toByteArray();
        }
        QCOMPARE(shown, body);
    }
}

QTEST_GUILESS_MAIN(tst_ByteLines)
#include "tst_bytelines.moc"
