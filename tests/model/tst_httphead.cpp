// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/httphead.h"
#include "tests/support/testcase.h"

using namespace loopscope::model;

class tst_HttpHead : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aRequestHeadIsTakenApart();
    void aResponseHeadIsTakenApart();
    void everyPrefixOfAHeadIsForgiven();
};

static const QByteArray requestHead("POST /a/b?c=d&e HTTP/1.1\r\nHost: x:1\r\nEmpty:\r\nX-Pad: \t v w \t\r\nnonsense\r\nX-Pad: 2\r\n\r\nbody: no\r\n");

void tst_HttpHead::aRequestHeadIsTakenApart()
{
    const RequestLine line = parseRequestLine(requestHead);
    QCOMPARE(line.method.toByteArray(), QByteArray("POST"));
    QCOMPARE(line.target.toByteArray(), QByteArray("/a/b?c=d&e"));
    QCOMPARE(line.version.toByteArray(), QByteArray("HTTP/1.1"));
    QCOMPARE(line.path().toByteArray(), QByteArray("/a/b"));
    QCOMPARE(line.query().toByteArray(), QByteArray("c=d&e"));
    const QList<HeaderField> fields = parseHeaders(requestHead);
    QCOMPARE(fields.size(), 4);
    QCOMPARE(fields[1].name.toByteArray(), QByteArray("Empty"));
    QVERIFY(fields[1].value.isEmpty());
    QCOMPARE(fields[2].value.toByteArray(), QByteArray("v w"));
    QCOMPARE(headerValue(requestHead, "x-pad").toByteArray(), QByteArray("v w"));
    QVERIFY(headerValue(requestHead, "body").isNull());
    QVERIFY(headerValue(requestHead, "nonsense").isNull());
    QVERIFY(!headerValue(requestHead, "empty").isNull());
}

void tst_HttpHead::aResponseHeadIsTakenApart()
{
    const StatusLine line = parseStatusLine("HTTP/1.1 404 Not Found\r\nA: b\r\n\r\n");
    QCOMPARE(line.code, 404);
    QCOMPARE(line.reason.toByteArray(), QByteArray("Not Found"));
    QCOMPARE(parseStatusLine("HTTP/1.1 20").code, 20);
    QCOMPARE(parseStatusLine("HTTP/1.1 x").code, 0);
    QCOMPARE(parseStatusLine("HTTP/1.1 99999999999").code, 999);
}

void tst_HttpHead::everyPrefixOfAHeadIsForgiven()
{
    for (qsizetype size = 0; size <= requestHead.size(); ++size) {
        const QByteArray part(requestHead.constData(), size); // of its own: ASan sees a read behind it
        const RequestLine line = parseRequestLine(part);
        QVERIFY(QByteArrayView("POST").startsWith(line.method));
        QVERIFY(parseHeaders(part).size() <= 4);
        (void)line.path();
        (void)parseStatusLine(part);
    }
    QVERIFY(parseRequestLine("\r\n\r\n").method.isEmpty());
    QVERIFY(parseHeaders(QByteArray(100'000, '\n')).isEmpty());
    QCOMPARE(parseHeaders(QByteArray("x\n" + QByteArray("a: b\n").repeated(5'000))).size(), 1'000);
}

QTEST_GUILESS_MAIN(tst_HttpHead)
#include "tst_httphead.moc"
