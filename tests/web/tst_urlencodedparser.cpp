// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/urlencodedparser.h"
#include "tests/support/testcase.h"

using namespace loopscope::web;
using namespace Qt::StringLiterals;

class tst_UrlencodedParser : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void fieldsAreTheSameHoweverBytesAreSplit_data();
    void fieldsAreTheSameHoweverBytesAreSplit();
    void fieldsAreCounted_data();
    void fieldsAreCounted();
};

static QByteArray text(const FormData &form)
{
    QByteArray all;
    for (const auto &[name, value] : form.entries())
        all += '[' + name.toUtf8() + '|' + value.toUtf8() + (value.isNull() ? "null]" : "]");
    return all;
}

static QByteArray parse(const QList<QByteArrayView> &pieces, int maximumFields = 1'000)
{
    UrlencodedParser parser(maximumFields);
    bool ok = true;
    for (const QByteArrayView piece : pieces) {
        const QByteArray copy = piece.toByteArray();
        ok = parser.feed(copy);
    }
    const bool finished = parser.finish();
    return text(parser.fields()) + (finished ? "" : "too many") + (ok || !finished ? "" : "unsure");
}

void tst_UrlencodedParser::fieldsAreTheSameHoweverBytesAreSplit_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("names and values") << QByteArray("a=1&b=2") << QByteArray("[a|1][b|2]");
    QTest::newRow("a plus is a space, an encoded one a plus") << QByteArray("a+b=1+%2B+2") << QByteArray("[a b|1 + 2]");
    QTest::newRow("a name without a value") << QByteArray("a&b=&=c") << QByteArray("[a|][b|][|c]");
    QTest::newRow("empty sequences are no fields") << QByteArray("&&a=1&&") << QByteArray("[a|1]");
    QTest::newRow("nothing") << QByteArray() << QByteArray();
    QTest::newRow("only the first equals sign divides") << QByteArray("a=b=c") << QByteArray("[a|b=c]");
    QTest::newRow("names more than once") << QByteArray("a=1&a=2") << QByteArray("[a|1][a|2]");
    QTest::newRow("UTF-8, encoded and not") << QByteArray("%C5%82=\xc5\x82") << QByteArray("[\xc5\x82|\xc5\x82]");
    QTest::newRow("bytes that are no UTF-8") << QByteArray("a=%ff") << QByteArray("[a|\xef\xbf\xbd]");
    QTest::newRow("encoded delimiters divide nothing") << QByteArray("a%3D%26=%26%3d") << QByteArray("[a=&|&=]");
    QTest::newRow("a percent sign without digits stands for itself")
        << QByteArray("a=100%&b=%zz&%4=%4g%%41&c=%4") << QByteArray("[a|100%][b|%zz][%4|%4g%A][c|%4]");
    QTest::newRow("a plus within a broken escape") << QByteArray("a=%+%4+") << QByteArray("[a|% %4 ]");
    QTest::newRow("a byte order mark is a part of the name") << QByteArray("\xef\xbb\xbf"
                                                                           "a=1")
                                                             << QByteArray("[\xef\xbb\xbf"
                                                                           "a|1]");
    QTest::newRow("a NUL") << QByteArray("a=%00b") << QByteArray("[a|\0b]", 6);
}

void tst_UrlencodedParser::fieldsAreTheSameHoweverBytesAreSplit()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, expected);
    QCOMPARE(parse({bytes}), expected);
    QList<QByteArrayView> single;
    for (const char &c : std::as_const(bytes))
        single.append(QByteArrayView(&c, 1));
    QCOMPARE(parse(single), expected);
    for (qsizetype at = 1; at < bytes.size(); ++at)
        QCOMPARE(parse({QByteArrayView(bytes).first(at), QByteArrayView(bytes).sliced(at)}), expected);
}

void tst_UrlencodedParser::fieldsAreCounted_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("as many as allowed") << QByteArray("a&b&c") << QByteArray("[a|][b|][c|]");
    QTest::newRow("one too many") << QByteArray("a&b&c&d") << QByteArray("[a|][b|][c|]too many");
    QTest::newRow("an ampersand counts by itself, as with body-parser") << QByteArray("&&&") << QByteArray("too many");
}

void tst_UrlencodedParser::fieldsAreCounted()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, expected);
    for (qsizetype at = 0; at <= bytes.size(); ++at)
        QCOMPARE(parse({QByteArrayView(bytes).first(at), QByteArrayView(bytes).sliced(at)}, 3), expected);
}

QTEST_APPLESS_MAIN(tst_UrlencodedParser)
#include "tst_urlencodedparser.moc"
