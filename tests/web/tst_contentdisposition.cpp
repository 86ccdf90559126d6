// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/contentdisposition.h"
#include "tests/support/testcase.h"

using namespace loopscope::web;
using namespace Qt::StringLiterals;

class tst_ContentDisposition : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void writes_data();
    void writes();
};

void tst_ContentDisposition::writes_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("header");
    QTest::newRow("no name") << QString() << QByteArray("attachment");
    QTest::newRow("plain") << u"plans.pdf"_s << QByteArray("attachment; filename=\"plans.pdf\"");
    QTest::newRow("spaces") << u"the plans.pdf"_s << QByteArray("attachment; filename=\"the plans.pdf\"");
    QTest::newRow("quotes") << u"the \"plans\".pdf"_s << QByteArray("attachment; filename=\"the \\\"plans\\\".pdf\"");
    QTest::newRow("a path") << u"/path/to/image.png"_s << QByteArray("attachment; filename=\"image.png\"");
    QTest::newRow("a path of Windows") << u"c:\\image.png"_s << QByteArray("attachment; filename=\"image.png\"");
    QTest::newRow("a path that ends with a slash") << u"/path/"_s << QByteArray("attachment");
    QTest::newRow("beyond Latin-1") << u"€ rates.pdf"_s
                                    << QByteArray("attachment; filename=\"? rates.pdf\"; filename*=UTF-8''%E2%82%AC%20rates.pdf");
    QTest::newRow("Latin-1") << u"£.pdf"_s << QByteArray("attachment; filename=\"?.pdf\"; filename*=UTF-8''%C2%A3.pdf");
    QTest::newRow("beyond the BMP: one question mark")
        << u"😀.txt"_s << QByteArray("attachment; filename=\"?.txt\"; filename*=UTF-8''%F0%9F%98%80.txt");
    QTest::newRow("what looks encoded") << u"the%20plans.pdf"_s
                                        << QByteArray("attachment; filename=\"the%20plans.pdf\"; filename*=UTF-8''the%2520plans.pdf");
    QTest::newRow("a percent sign that encodes nothing") << u"100%.pdf"_s << QByteArray("attachment; filename=\"100%.pdf\"");
    QTest::newRow("a line of its own") << u"a\r\nSet-Cookie: b"_s << QByteArray("attachment; filename=\"a??Set-Cookie: b\"");
    QTest::newRow("what RFC 8187 does not let stand") << u"ł'()*%.txt"_s
                                                       << QByteArray("attachment; filename=\"?'()*%.txt\"; "
                                                                     "filename*=UTF-8''%C5%82%27%28%29%2A%25.txt");
}

void tst_ContentDisposition::writes()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, header);
    QCOMPARE(contentDisposition(name), header);
}

QTEST_GUILESS_MAIN(tst_ContentDisposition)
#include "tst_contentdisposition.moc"
