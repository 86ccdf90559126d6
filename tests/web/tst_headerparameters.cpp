// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/headerparameters.h"
#include "tests/support/testcase.h"

using namespace loopscope::web;
using namespace Qt::StringLiterals;

class tst_HeaderParameters : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void parsing_data();
    void parsing();
    void extendedValues();
    void types_data();
    void types();
};

void tst_HeaderParameters::parsing_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("a value alone") << QByteArray(" Text/HTML ") << QByteArray("text/html");
    QTest::newRow("parameters") << QByteArray("a/b;C=D; e=\"f;g\" ;") << QByteArray("a/b c=D e=f;g");
    QTest::newRow("quoted pairs") << QByteArray("a; b=\"c\\d\\\"\\\\\"") << QByteArray("a b=cd\"\\");
    QTest::newRow("an empty quoted value") << QByteArray("a; b=\"\"") << QByteArray("a b=");
    QTest::newRow("no value") << QByteArray("a; b") << QByteArray("malformed");
    QTest::newRow("an empty value") << QByteArray("a; b=") << QByteArray("malformed");
    QTest::newRow("a space before the equals sign") << QByteArray("a; b =c") << QByteArray("malformed");
    QTest::newRow("text after quotes") << QByteArray("a; b=\"c\"d") << QByteArray("malformed");
    QTest::newRow("quotes that are never closed") << QByteArray("a; b=\"c\\\"") << QByteArray("malformed");
    QTest::newRow("a name twice") << QByteArray("a; b=1; B=2") << QByteArray("malformed");
    QByteArray many = "a";
    for (char c = 'a'; c < 'a' + 17; ++c)
        many += QByteArray(";") + c + "=1";
    QTest::newRow("too many") << many << QByteArray("malformed");
}

void tst_HeaderParameters::parsing()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, expected);
    const auto parsed = HeaderParameters::parse(text);
    QByteArray found = parsed ? parsed->value : "malformed";
    if (parsed) {
        for (const auto &[name, value] : parsed->parameters)
            found += ' ' + name + '=' + value;
    }
    QCOMPARE(found, expected);
}

void tst_HeaderParameters::extendedValues()
{
    QCOMPARE(decodeExtendedValue("UTF-8''%c2%a3%20rates"), QString(u"£ rates"_s)); // RFC 8187 §3.2.3
    QCOMPARE(decodeExtendedValue("iso-8859-1'en'%A3%20rates"), QString(u"£ rates"_s));
    for (const char *malformed : {"", "x", "UTF-8'x", "UTF-8''%a", "UTF-8''%ff", "utf-16''a", "''a"})
        QVERIFY2(!decodeExtendedValue(malformed), malformed);
}

void tst_HeaderParameters::types_data()
{
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArray>("pattern");
    QTest::addColumn<bool>("matches");
    const auto row = [](const char *type, const char *pattern, bool matches) {
        QTest::addRow("%s %s %s", type, matches ? "is" : "is not", pattern)
            << QByteArray(type) << QByteArray(pattern) << matches;
    };
    row("application/json", "Application/JSON", true);
    row("application/json", "application/*", true);
    row("application/json", "*/json", true);
    row("application/json", "*/*", true);
    row("application/vnd.api+json", "+json", true);
    row("application/vnd.api+json", "application/*+json", true);
    row("text/vnd.api+json", "application/*+json", false);
    row("application/json", "+json", false);
    row("application/jsonp", "application/json", false);
    row("text/json", "application/*", false);
    row("", "*/*", false);
    row("text", "*/*", false);
    row("text/plain", "text", false);
}

void tst_HeaderParameters::types()
{
    QFETCH(QByteArray, type);
    QFETCH(QByteArray, pattern);
    QFETCH(bool, matches);
    QCOMPARE(matchesType(type, pattern), matches);
}

QTEST_APPLESS_MAIN(tst_HeaderParameters)
#include "tst_headerparameters.moc"
