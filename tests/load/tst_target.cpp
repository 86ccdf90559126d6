// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/labplan.h"
#include "load/target.h"
#include "tests/support/testcase.h"

using namespace loopscope::load;
using namespace Qt::StringLiterals;

class tst_Target : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aUrlNamesAServer_data();
    void aUrlNamesAServer();
    void whatIsMoreThanAServerIsRefused_data();
    void whatIsMoreThanAServerIsRefused();
    void aRequestHasTheHeadersItNeeds();
};

void tst_Target::aUrlNamesAServer_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("host");
    QTest::addColumn<int>("port");
    QTest::addColumn<QByteArray>("authority");
    QTest::newRow("an address") << u"http://127.0.0.1:3000"_s << u"127.0.0.1"_s << 3000 << QByteArray("127.0.0.1:3000");
    QTest::newRow("a slash behind it") << u"http://127.0.0.1:3000/"_s << u"127.0.0.1"_s << 3000
                                       << QByteArray("127.0.0.1:3000");
    QTest::newRow("no port") << u"http://example.com"_s << u"example.com"_s << 80 << QByteArray("example.com:80");
    QTest::newRow("IPv6") << u"http://[::1]:8080"_s << u"::1"_s << 8080 << QByteArray("[::1]:8080");
}

void tst_Target::aUrlNamesAServer()
{
    QFETCH(QString, url);
    QFETCH(QByteArray, authority);
    QString error;
    const auto target = parseTarget(url, error);
    QVERIFY2(target, qPrintable(error));
    QTEST(target->host, "host");
    QTEST(int(target->port), "port");
    QCOMPARE(target->authority(), authority);
    QCOMPARE(target->url(), u"http://"_s + QString::fromUtf8(authority));
}

void tst_Target::whatIsMoreThanAServerIsRefused_data()
{
    QTest::addColumn<QString>("url");
    QTest::newRow("nothing") << QString();
    QTest::newRow("no scheme") << u"127.0.0.1:3000"_s;
    QTest::newRow("https") << u"https://127.0.0.1:3000"_s;
    QTest::newRow("a path") << u"http://127.0.0.1:3000/lab"_s;
    QTest::newRow("a query") << u"http://127.0.0.1:3000?a=b"_s;
    QTest::newRow("a password") << u"http://me:secret@127.0.0.1:3000"_s;
    QTest::newRow("port 0") << u"http://127.0.0.1:0"_s;
    QTest::newRow("a port that is too large") << u"http://127.0.0.1:65536"_s;
    QTest::newRow("no host") << u"http://:3000"_s;
}

void tst_Target::whatIsMoreThanAServerIsRefused()
{
    QFETCH(QString, url);
    QString error;
    QVERIFY(!parseTarget(url, error));
    QVERIFY(!error.isEmpty());
}

void tst_Target::aRequestHasTheHeadersItNeeds()
{
    const Target target{u"::1"_s, 3000};
    const QByteArray get = requestBytes("GET", "/healthz", target);
    QVERIFY(get.startsWith("GET /healthz HTTP/1.1\r\nHost: [::1]:3000\r\n"));
    QVERIFY(get.endsWith("\r\n\r\n"));
    QVERIFY(!get.contains("Content-Length"));
    QVERIFY(requestBytes("POST", "/lab/x", target).contains("\r\nContent-Length: 0\r\n"));
}

QTEST_GUILESS_MAIN(tst_Target)
#include "tst_target.moc"
