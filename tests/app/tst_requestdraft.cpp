// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/requestdraft.h"
#include "tests/support/testcase.h"

#include <QtCore/QJsonDocument>

using namespace loopscope::app;
using namespace Qt::StringLiterals;

class tst_RequestDraft : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void bodiesAreMadeAsTheirTypeSays_data();
    void bodiesAreMadeAsTheirTypeSays();
    void fieldsOfAGetBecomeTheQuery();
    void theTargetIsEncodedOnce();
    void aTypeThatWasGivenIsKept();
    void fillerHasItsSize();
    void everyPresetCanBeSent();
    void jsonBringsEverythingBack();
    void badJsonIsIgnored();
    void whatWasSentCanBeSentAgain();
};

void tst_RequestDraft::bodiesAreMadeAsTheirTypeSays_data()
{
    QTest::addColumn<int>("kind");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("type");
    QTest::newRow("urlencoded") << int(RequestDraft::Body::UrlEncoded) << QByteArray("a+b=c%26d&%C5%82=%7E+%2B")
                                << QByteArray("application/x-www-form-urlencoded");
    QTest::newRow("json") << int(RequestDraft::Body::Json) << QByteArray("{\"a b\":\"c&d\",\"ł\":\"~ +\"}")
                          << QByteArray("application/json");
    QTest::newRow("raw") << int(RequestDraft::Body::Raw) << QByteArray("ł\n") << QByteArray("text/plain; charset=utf-8");
}

void tst_RequestDraft::bodiesAreMadeAsTheirTypeSays()
{
    QFETCH(int, kind);
    RequestDraft draft;
    draft.method = u"POST"_s;
    draft.fields = {{u"a b"_s, u"c&d"_s}, {u"ł"_s, u"~ +"_s}};
    draft.raw = u"ł\n"_s;
    draft.body = RequestDraft::Body(kind);
    const auto request = draft.toRequest(u"localhost"_s, 1);
    QTEST(request.body, "body");
    QCOMPARE(request.headers.size(), 1);
    QTEST(request.headers.first().value, "type");
}

void tst_RequestDraft::fieldsOfAGetBecomeTheQuery()
{
    RequestDraft draft;
    draft.target = u"/users?a=1"_s;
    draft.fields = {{u"b"_s, u"2 3"_s}};
    QCOMPARE(draft.toRequest(u"localhost"_s, 1).target, QByteArray("/users?a=1&b=2+3"));
    QVERIFY(draft.toRequest(u"localhost"_s, 1).body.isEmpty());
}

void tst_RequestDraft::theTargetIsEncodedOnce()
{
    RequestDraft draft;
    draft.target = u"/a b/ł?q=%41&r=\"x\"#part"_s;
    const auto request = draft.toRequest(u"localhost"_s, 1);
    QCOMPARE(request.target, QByteArray("/a%20b/%C5%82?q=%41&r=%22x%22"));
    QCOMPARE(PacedRequest::problemWith(request), QString());
}

void tst_RequestDraft::aTypeThatWasGivenIsKept()
{
    RequestDraft draft;
    draft.method = u"POST"_s;
    draft.body = RequestDraft::Body::Raw;
    draft.raw = u"<a/>"_s;
    draft.headers = {{u"content-type"_s, u"text/xml"_s}};
    QCOMPARE(draft.toRequest(u"localhost"_s, 1).headers, (QList<HeaderField>{{"content-type", "text/xml"}}));
}

void tst_RequestDraft::fillerHasItsSize()
{
    RequestDraft draft;
    draft.method = u"POST"_s;
    draft.body = RequestDraft::Body::Filler;
    draft.fillerKiB = 3;
    QCOMPARE(draft.toRequest(u"localhost"_s, 1).body.size(), 3 * 1024);
}

void tst_RequestDraft::everyPresetCanBeSent()
{
    const auto presets = requestPresets();
    QVERIFY(presets.size() >= 5);
    for (const RequestPreset &preset : presets)
        QCOMPARE(PacedRequest::problemWith(preset.draft.toRequest(u"127.0.0.1"_s, 3000)), QString());
}

void tst_RequestDraft::jsonBringsEverythingBack()
{
    RequestDraft draft;
    draft.method = u"PATCH"_s;
    draft.target = u"/x"_s;
    draft.body = RequestDraft::Body::Filler;
    draft.fields = {{u"a"_s, u"b"_s}};
    draft.headers = {{u"X"_s, u"y"_s}};
    draft.raw = u"text"_s;
    draft.fillerKiB = 7;
    draft.pieces = 3;
    draft.pauseMs = 5;
    draft.repeat = 10;
    draft.followRedirects = false;
    const QByteArray json = QJsonDocument(draft.toJson()).toJson();
    QCOMPARE(RequestDraft::fromJson(QJsonDocument::fromJson(json).object()), draft);
}

void tst_RequestDraft::badJsonIsIgnored()
{
    const QByteArray json = R"({"method": 3, "body": 99, "pieces": 0, "pauseMs": -1, "repeat": 1e9, "fields":
        [["a"], "b", ["c", "d"]], "fillerKiB": "x"})";
    RequestDraft expected;
    expected.fields = {{u"c"_s, u"d"_s}};
    QCOMPARE(RequestDraft::fromJson(QJsonDocument::fromJson(json).object()), expected);
}

void tst_RequestDraft::whatWasSentCanBeSentAgain()
{
    const RequestDraft draft = RequestDraft::fromSent(
        "POST", "/message?mode=sync",
        {{"Host", "x"}, {"content-length", "3"}, {"Connection", "close"}, {"Content-Type", "text/plain"}}, "abc");
    const auto request = draft.toRequest(u"127.0.0.1"_s, 3000);
    QCOMPARE(request.method, QByteArray("POST"));
    QCOMPARE(request.target, QByteArray("/message?mode=sync"));
    QCOMPARE(request.headers, (QList<HeaderField>{{"Content-Type", "text/plain"}}));
    QCOMPARE(request.body, QByteArray("abc"));
}

QTEST_GUILESS_MAIN(tst_RequestDraft)
#include "tst_requestdraft.moc"
