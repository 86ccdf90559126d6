// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/accept.h"
#include "tests/support/testcase.h"

using namespace loopscope::web;

class tst_Accept : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void prefers_data();
    void prefers();
    void encodings_data();
    void encodings();
    void charsets_data();
    void charsets();
    void languages_data();
    void languages();
};

void tst_Accept::prefers_data()
{
    QTest::addColumn<QByteArray>("accept");
    QTest::addColumn<int>("index"); // of {text/html, application/json}
    QTest::newRow("nothing said: the first") << QByteArray() << 0;
    QTest::newRow("anything: the first") << QByteArray("*/*") << 0;
    QTest::newRow("one of them") << QByteArray("application/json") << 1;
    QTest::newRow("case does not matter") << QByteArray("Application/JSON") << 1;
    QTest::newRow("a browser") << QByteArray("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8") << 0;
    QTest::newRow("quality decides") << QByteArray("text/html;q=0.5, application/json;q=0.9") << 1;
    QTest::newRow("the closest range decides, not the best") << QByteArray("text/html;q=0.1, */*;q=0.5") << 1;
    QTest::newRow("a group") << QByteArray("application/*") << 1;
    QTest::newRow("q=0 refuses") << QByteArray("text/html;q=0, application/json;q=0") << -1;
    QTest::newRow("none of them") << QByteArray("image/png") << -1;
    QTest::newRow("a malformed quality refuses") << QByteArray("text/html;q=x") << -1;
    QTest::newRow("a quality has no exponent") << QByteArray("text/html;q=1e0") << -1;
    QTest::newRow("no number") << QByteArray("text/html;q=.") << -1;
    QTest::newRow("two points") << QByteArray("text/html;q=0.1.2") << -1;
    QTest::newRow("more than three decimals") << QByteArray("text/html;q=0.1234, application/json;q=0.1235") << 1;
    QTest::newRow("more than one is one") << QByteArray("text/html;q=1.001, application/json;q=17") << 0;
    QTest::newRow("without its zero") << QByteArray("text/html;q=.2, application/json;q=.3") << 1;
    QTest::newRow("Java") << QByteArray("image/gif, *; q=.2, */*; q=.2") << 0;
    QTest::newRow("a star alone") << QByteArray("*") << 0;
    QTest::newRow("what is quoted separates nothing") << QByteArray("application/json;x=\"a;q=0,\\\"b\", text/html;q=0.5") << 1;
    QTest::newRow("quotes that do not end") << QByteArray("application/json;x=\"a, text/html") << 1;
    QTest::newRow("decimals may be missing") << QByteArray("text/html;q=0.") << -1;
    QTest::newRow("or all be there") << QByteArray("text/html;q=1.000, application/json;q=0.999") << 0;
}

void tst_Accept::prefers()
{
    QFETCH(QByteArray, accept);
    QFETCH(int, index);
    QCOMPARE(negotiate(accept, {"text/html", "application/json"}), index);
}

void tst_Accept::encodings_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<int>("index"); // of {br, gzip, identity}
    QTest::newRow("nothing said: identity") << QByteArray() << 2;
    QTest::newRow("a browser") << QByteArray("gzip, deflate, br") << 0;
    QTest::newRow("one of them") << QByteArray("gzip") << 1;
    QTest::newRow("its old name") << QByteArray("x-gzip") << 1;
    QTest::newRow("case does not matter") << QByteArray("GZip") << 1;
    QTest::newRow("quality decides") << QByteArray("br;q=0.1, gzip;q=0.9") << 1;
    QTest::newRow("a coding of low quality comes before what is not named") << QByteArray("gzip;q=0.001") << 1;
    QTest::newRow("identity preferred by name") << QByteArray("gzip;q=0.5, identity;q=0.8") << 2;
    QTest::newRow("q=0 refuses") << QByteArray("br;q=0, gzip;q=0") << 2;
    QTest::newRow("anything") << QByteArray("*") << 0;
    QTest::newRow("anything but one") << QByteArray("*, br;q=0") << 1;
    QTest::newRow("anything refused") << QByteArray("*;q=0") << -1;
    QTest::newRow("anything refused but identity") << QByteArray("*;q=0, identity") << 2;
    QTest::newRow("identity refused") << QByteArray("identity;q=0") << -1;
    QTest::newRow("identity refused, gzip taken") << QByteArray("identity;q=0, gzip") << 1;
    QTest::newRow("an unknown one") << QByteArray("zstd") << 2;
}

void tst_Accept::encodings()
{
    QFETCH(QByteArray, header);
    QFETCH(int, index);
    QCOMPARE(negotiateEncoding(header, {"br", "gzip", "identity"}), index);
    if (index < 2)
        QCOMPARE(negotiateEncoding(header, {"br", "gzip"}), index);
    else
        QCOMPARE(negotiateEncoding(header, {"br", "gzip"}), header.contains("gzip;q=0.5") ? 1 : -1);
}

void tst_Accept::charsets_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<int>("index"); // of {utf-8, iso-8859-1}
    QTest::newRow("nothing said: the first") << QByteArray() << 0;
    QTest::newRow("one of them") << QByteArray("ISO-8859-1") << 1;
    QTest::newRow("quality decides") << QByteArray("utf-8;q=0.2, iso-8859-1;q=0.3") << 1;
    QTest::newRow("anything but") << QByteArray("*, utf-8;q=0") << 1;
    QTest::newRow("none of them") << QByteArray("koi8-r") << -1;
}

void tst_Accept::charsets()
{
    QFETCH(QByteArray, header);
    QFETCH(int, index);
    QCOMPARE(negotiateCharset(header, {"utf-8", "iso-8859-1"}), index);
}

void tst_Accept::languages_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<int>("index"); // of {en-US, pl, de-CH}
    QTest::newRow("nothing said: the first") << QByteArray() << 0;
    QTest::newRow("one of them") << QByteArray("PL") << 1;
    QTest::newRow("a range takes a longer tag") << QByteArray("de") << 2;
    QTest::newRow("a longer range takes the tag") << QByteArray("pl-PL") << 1;
    QTest::newRow("not within a subtag") << QByteArray("d") << -1;
    QTest::newRow("a sister is no match") << QByteArray("de-AT") << -1;
    QTest::newRow("quality decides") << QByteArray("en-US;q=0.1, de;q=0.9, *;q=0.5") << 2;
    QTest::newRow("the closest range decides") << QByteArray("en;q=0.9, en-US;q=0.1, pl;q=0.5") << 1;
    QTest::newRow("anything") << QByteArray("*") << 0;
}

void tst_Accept::languages()
{
    QFETCH(QByteArray, header);
    QFETCH(int, index);
    QCOMPARE(negotiateLanguage(header, {"en-US", "pl", "de-CH"}), index);
}

QTEST_GUILESS_MAIN(tst_Accept)
#include "tst_accept.moc"
