// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/application.h"
#include "server/web/jsonwriter.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"
#include "tests/web/injecting.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include <limits>

using namespace loopscope;
using namespace loopscope::web;
using namespace Qt::StringLiterals;

class tst_JsonWriter : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void nestedValues();
    void stringsAreEscaped_data();
    void stringsAreEscaped();
    void numbers();
    void whatIsNoTextIsReplaced();
    void aWholeValueIsComplete();
    void anAnswer();
    void halfAnAnswerIsRefused();
};

void tst_JsonWriter::nestedValues()
{
    JsonWriter json;
    json.beginObject().key("a").beginArray().value(1).value(QStringView(u"zwei")).value(true).null().endArray();
    json.key(u"b").beginObject().endObject().endObject();
    QCOMPARE(json.text(), R"({"a":[1,"zwei",true,null],"b":{}})");
}

void tst_JsonWriter::stringsAreEscaped_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("nothing") << QString();
    QTest::newRow("quotes and backslashes") << u"\"a\\b\""_s;
    QTest::newRow("control characters") << u"\b\f\n\r\t\u0001\u001f\u007f"_s;
    QTest::newRow("a null in the middle") << QString(u"a\0b"_s);
    QTest::newRow("letters of Polish") << u"zażółć gęślą jaźń"_s;
    QTest::newRow("beyond the first plane") << u"\U0001F600"_s;
    QTest::newRow("markup") << u"</script><b>&"_s;
}

// What Qt's parser reads of it is what was written, whichever way it was given.
void tst_JsonWriter::stringsAreEscaped()
{
    QFETCH(QString, text);
    JsonWriter json;
    json.beginObject().key(text).value(text).key("bytes").value(text.toUtf8()).endObject();
    QJsonParseError error;
    const QJsonObject read = QJsonDocument::fromJson(json.text().toByteArray(), &error).object();
    QCOMPARE(error.error, QJsonParseError::NoError);
    QCOMPARE(read.value(text).toString(), text);
    QCOMPARE(read.value(u"bytes"_s).toString(), text);
}

void tst_JsonWriter::numbers()
{
    JsonWriter json;
    json.beginArray().value(0).value(-1).value(std::numeric_limits<qint64>::max()).value(0.1).value(1e300);
    json.value(std::numeric_limits<double>::infinity()).value(std::numeric_limits<double>::quiet_NaN()).endArray();
    QCOMPARE(json.text(), "[0,-1,9223372036854775807,0.1,1e300,null,null]");
}

void tst_JsonWriter::whatIsNoTextIsReplaced()
{
    JsonWriter json;
    json.beginArray().value("a\xff""b").value(QStringView(u"\xd800")).endArray();
    QCOMPARE(json.text(), "[\"a\xef\xbf\xbd""b\",\"?\"]");
}

void tst_JsonWriter::aWholeValueIsComplete()
{
    JsonWriter json;
    QVERIFY(!json.isComplete());
    json.beginArray();
    QVERIFY(!json.isComplete());
    json.endArray();
    QVERIFY(json.isComplete());
}

void tst_JsonWriter::anAnswer()
{
    Application app;
    app.get("/", [](Request &, Response &res) {
        JsonWriter json;
        json.beginObject().key("id").value(42).endObject();
        res.json(json);
    });
    const InjectResponse response = test::get(app, "/");
    QCOMPARE(response.status, 200);
    QCOMPARE(response.header("Content-Type"), "application/json; charset=utf-8");
    QCOMPARE(response.body, R"({"id":42})");
}

void tst_JsonWriter::halfAnAnswerIsRefused()
{
    Application app;
    app.get("/", [](Request &, Response &res) {
        JsonWriter json;
        json.beginObject();
        res.json(json);
    });
    QCOMPARE(test::get(app, "/").status, 500);
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_JsonWriter)
#include "tst_jsonwriter.moc"
