// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/plaintext.h"
#include "tests/support/testcase.h"

#include <QtGui/QTextDocument>

using namespace loopscope::panel;
using namespace Qt::StringLiterals;

class tst_PlainText : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aToolTipSaysExactlyItsText_data();
    void aToolTipSaysExactlyItsText();
    void aLongToolTipIsCutInWords();
    void hiddenCharactersBecomeVisible();
};

void tst_PlainText::aToolTipSaysExactlyItsText_data()
{
    QTest::addColumn<QString>("text");
    QTest::addRow("plain") << u"GET /users"_s;
    QTest::addRow("markup") << u"<b>bold</b><script>alert(1)</script>"_s;
    QTest::addRow("an image that would be fetched") << u"<img src=\"http://127.0.0.1/x\">"_s;
    QTest::addRow("entities") << u"a &lt; b &amp;&amp; c"_s;
    QTest::addRow("quotes") << u"\"'\""_s;
}

void tst_PlainText::aToolTipSaysExactlyItsText()
{
    QFETCH(QString, text);
    const QString toolTip = plainToolTip(text);
    QVERIFY(Qt::mightBeRichText(toolTip)); // so that Qt does not have to guess
    QTextDocument document;
    document.setHtml(toolTip);
    QCOMPARE(document.toPlainText(), text);
}

void tst_PlainText::aLongToolTipIsCutInWords()
{
    const QString toolTip = plainToolTip(QString(10'000, u'x'));
    QVERIFY(toolTip.size() < maximumToolTipCharacters + 200);
    QVERIFY(toolTip.contains(u"10000 characters in all"_s));
    QCOMPARE(plainToolTip({}), QString());
}

void tst_PlainText::hiddenCharactersBecomeVisible()
{
    QCOMPARE(visibleText(u"/a\u202egnp.exe"_s), u"/a\\u202egnp.exe"_s);
    QCOMPARE(visibleText(u"a\x1b[31mb"_s), u"a\\x1b[31mb"_s);
    QCOMPARE(visibleText(QStringView(u"a\0b", 3)), u"a\\x00b"_s);
    QCOMPARE(visibleText(u"zero\u200bwidth\ufeff"_s), u"zero\\u200bwidth\\ufeff"_s);
    QCOMPARE(visibleText(u"a\nb\tc\r"_s, true), u"a\nb\tc\\x0d"_s);
    QCOMPARE(visibleText(u"a\nb"_s), u"a\\x0ab"_s);
    QCOMPARE(visibleText(u"zażółć gęślą jaźń – 日本語"_s), u"zażółć gęślą jaźń – 日本語"_s);
}

QTEST_MAIN(tst_PlainText)
#include "tst_plaintext.moc"
