// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/range.h"
#include "tests/support/testcase.h"

using namespace loopscope::web;
using Kind = RangeRequest::Kind;

class tst_Range : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void parses_data();
    void parses();
    void tooManyRangesAreIgnored();
    void overlapsNeverAddUpToMoreThanTheWhole();
    void writesContentRange();
};

void tst_Range::parses_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<qint64>("size");
    QTest::addColumn<QByteArray>("result"); // "whole", "unsatisfiable", or as a header

    const auto row = [](const char *name, const char *header, qint64 size, const char *result) {
        QTest::newRow(name) << QByteArray(header) << size << QByteArray(result);
    };
    row("none", "", 10, "whole");
    row("the first bytes", "bytes=0-4", 10, "bytes=0-4");
    row("one byte", "bytes=9-9", 10, "bytes=9-9");
    row("from a byte to the end", "bytes=4-", 10, "bytes=4-9");
    row("the last bytes", "bytes=-3", 10, "bytes=7-9");
    row("more last bytes than there are", "bytes=-30", 10, "bytes=0-9");
    row("an end beyond the last byte", "bytes=5-100", 10, "bytes=5-9");
    row("all", "bytes=0-", 10, "bytes=0-9");
    row("the unit in another case", "Bytes=0-4", 10, "bytes=0-4");
    row("another unit", "lines=0-4", 10, "whole");
    row("no unit", "0-4", 10, "whole");
    row("no range", "bytes=", 10, "whole");
    row("only commas", "bytes=,, ,", 10, "whole");
    row("last before first", "bytes=5-4", 10, "whole");
    row("no numbers", "bytes=-", 10, "whole");
    row("letters", "bytes=a-b", 10, "whole");
    row("a sign", "bytes=+1-4", 10, "whole");
    row("two dashes", "bytes=1--4", 10, "whole");
    row("a space inside", "bytes=1 -4", 10, "whole");
    row("one malformed of two", "bytes=0-1,x", 10, "whole");
    row("beyond the end", "bytes=10-", 10, "unsatisfiable");
    row("the last zero bytes", "bytes=-0", 10, "unsatisfiable");
    row("one of two satisfiable", "bytes=20-30, 0-1", 10, "bytes=0-1");
    row("none of two satisfiable", "bytes=20-30, -0", 10, "unsatisfiable");
    row("from the start of nothing", "bytes=0-", 0, "unsatisfiable");
    row("the last bytes of nothing", "bytes=-5", 0, "whole");
    row("several in the client's order", "bytes=7-8, 0-1,4-4", 10, "bytes=7-8,0-1,4-4");
    row("white space and empty elements", "bytes= ,0-1 ,\t, 4-4 ", 10, "bytes=0-1,4-4");
    row("overlapping are one", "bytes=0-4,3-6", 10, "bytes=0-6");
    row("touching are one", "bytes=0-4,5-6", 10, "bytes=0-6");
    row("a gap of one stays", "bytes=0-4,6-7", 10, "bytes=0-4,6-7");
    row("one joins two others, at the place of the first", "bytes=8-9,0-1,4-5,1-4", 10, "bytes=8-9,0-5");
    row("the same twice", "bytes=1-2,1-2", 10, "bytes=1-2");
    row("one inside of another", "bytes=0-8,3-4", 10, "bytes=0-8");
    row("the largest number", "bytes=0-9223372036854775807", 10, "bytes=0-9");
    row("a number beyond", "bytes=0-99999999999999999999999999", 10, "bytes=0-9");
    row("a start beyond all numbers", "bytes=99999999999999999999999999-", 10, "unsatisfiable");
    row("a suffix beyond all numbers", "bytes=-99999999999999999999999999", 10, "bytes=0-9");
}

void tst_Range::parses()
{
    QFETCH(QByteArray, header);
    QFETCH(qint64, size);
    QFETCH(QByteArray, result);
    const RangeRequest request = parseRange(header, size);
    const QByteArray text = request.kind == Kind::Whole ? QByteArray("whole")
        : request.kind == Kind::Unsatisfiable           ? QByteArray("unsatisfiable")
                                                        : toRangeHeader(request.ranges);
    QCOMPARE(text, result);
    QCOMPARE(request.kind == Kind::Partial, !request.ranges.empty());
}

void tst_Range::tooManyRangesAreIgnored()
{
    QByteArray header = "bytes=";
    for (int i = 0; i < maximumRanges; ++i)
        header += (i ? "," : "") + QByteArray::number(i * 10) + '-' + QByteArray::number(i * 10);
    const RangeRequest most = parseRange(header, 100'000);
    QCOMPARE(most.kind, Kind::Partial);
    QCOMPARE(most.ranges.size(), std::size_t(maximumRanges));
    QCOMPARE(parseRange(QByteArray(header + ",99999-"), 100'000).kind, Kind::Whole);
}

// CVE-2011-3192: "0-,5-0,5-1,5-2,…" made a server hold the file many times.
void tst_Range::overlapsNeverAddUpToMoreThanTheWhole()
{
    QByteArray header = "bytes=0-";
    for (int i = 0; i < 150; ++i)
        header += ",5-" + QByteArray::number(5 + i);
    const RangeRequest request = parseRange(header, 1000);
    QCOMPARE(request.ranges, (std::vector<ByteRange>{{0, 999}}));
}

void tst_Range::writesContentRange()
{
    QCOMPARE(contentRange({0, 499}, 1234), QByteArray("bytes 0-499/1234"));
    QCOMPARE(contentRange(1234), QByteArray("bytes */1234"));
}

QTEST_GUILESS_MAIN(tst_Range)
#include "tst_range.moc"
