// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/accept.h"
#include "tests/support/testcase.h"

using namespace loopscope::web;

class tst_Accept : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void prefers_data();
    void prefers();
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
}

void tst_Accept::prefers()
{
    QFETCH(QByteArray, accept);
    QFETCH(int, index);
    QCOMPARE(negotiate(accept, {"text/html", "application/json"}), index);
}

QTEST_GUILESS_MAIN(tst_Accept)
#include "tst_accept.moc"
