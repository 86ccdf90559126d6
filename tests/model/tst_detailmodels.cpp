// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/chunkmodel.h"
#include "inspector/model/headermodel.h"
#include "inspector/model/layermodel.h"
#include "tests/support/sessionfeed.h"
#include "tests/support/testcase.h"

#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QSignalSpy>

using namespace loopscope;
using namespace loopscope::model;
using namespace Qt::StringLiterals;
using test::Transcript;

class tst_DetailModels : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void theLadderGoesDownAndUp();
    void aForgottenNextIsNamed();
    void chunksAreAppendedAsTheyCome();
    void chunksOutliveTheirEviction();
    void headersComeWhenTheyAreKnown();
};

static QString row(const QAbstractItemModel &model, int at, int columns)
{
    QStringList cells;
    for (int column = 0; column < columns; ++column)
        cells.append(model.index(at, column).data().toString());
    return cells.join(u" | "_s);
}

void tst_DetailModels::theLadderGoesDownAndUp()
{
    Session session;
    LayerModel model(session);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    test::feed(session, test::visitTranscript());
    model.setRequest(1);
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(row(model, 0, 6), u"↓ | logger | middleware | 10.0 µs | 40.0 µs | server/practice/site.cpp:11"_s);
    QCOMPARE(row(model, 1, 6), u"↓ | greeting | route | 0.20 ms | 60.0 µs | server/practice/site.cpp:12"_s);
    QCOMPARE(row(model, 2, 4), u"↑ | logger | middleware | 20.0 µs"_s);
    QVERIFY(model.index(2, 0).data(LayerModel::UpRole).toBool());
    QVERIFY(qAbs(model.index(1, 0).data(LayerModel::ShareRole).toDouble() - 200.0 / 230.0) < 1e-9);
    QVERIFY(model.stuckMessage(9'000'000).isEmpty());
    model.setRequest(2);
    QCOMPARE(model.index(1, LayerModel::OwnTime).data(LayerModel::OwnTimeRole).toLongLong(), 30'000 + 30'000 + 40'000);
    model.setRequest(0);
    QCOMPARE(model.rowCount(), 0);
}

void tst_DetailModels::aForgottenNextIsNamed()
{
    Session session;
    LayerModel model(session);
    model.setRequest(1);
    test::feed(session, Transcript().begin(1, 1, 0, 1, "GET / HTTP/1.1\r\n\r\n"));
    test::feed(session, Transcript().layer(1, 2, "auth", 100, 10).layer(1, 1, "logger", 50, 100, 20));
    QCOMPARE(model.stuckMessage(3'200'000'100), u"in auth for 3.20 s: no next(), no response"_s);
    QVERIFY(model.index(1, 0).data(LayerModel::StuckRole).toBool());
    QVERIFY(!model.index(0, 0).data(LayerModel::StuckRole).toBool());
    test::feed(session, Transcript().responseHead(1, 1, 400, 200, "HTTP/1.1 200 OK\r\n\r\n"));
    QVERIFY(model.stuckMessage(3'200'000'100).isEmpty());
}

void tst_DetailModels::chunksAreAppendedAsTheyCome()
{
    Session session;
    ChunkModel model(session);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setRequest(2);
    QCOMPARE(model.rowCount(), 0);
    test::feed(session, Transcript().begin(2, 1, 0, 1, "POST / HTTP/1.1\r\n\r\n").bodyChunk(2, 1, 30'000, 0, "a\r\nb"));
    test::feed(session, Transcript().bodyChunk(1, 1, 31'000, 0, "of another"));
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    test::feed(session, Transcript().bodyChunk(2, 1, 50'000'000, 4, "cd", 5'000).responseChunk(2, 1, 60'000'000, 0, "ok", -1, trace::BodyFraming::Chunked));
    QCOMPARE(inserted.count(), 1);
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(row(model, 0, ChunkModel::ColumnCount), u"1 | → request | 30.0 µs | 4 B | 0 | content-length | a\\r\\nb"_s);
    QCOMPARE(row(model, 1, ChunkModel::ColumnCount), u"2 | → request | 50.0 ms | 5.0 kB | 4 | content-length | cd"_s);
    QCOMPARE(row(model, 2, ChunkModel::ColumnCount), u"3 | ← response | 60.0 ms | 2 B | 0 | chunked | ok"_s);
    QCOMPARE(model.index(0, 0).data(ChunkModel::BytesRole).toByteArray(), QByteArray("a\r\nb"));
    QCOMPARE(model.missingCount(), 0);
}

void tst_DetailModels::chunksOutliveTheirEviction()
{
    Session::Limits limits;
    limits.events = 1; // the least there is: 8,192
    Session session(limits);
    ChunkModel model(session);
    test::feed(session, Transcript().begin(1, 1, 0, 1, "POST / HTTP/1.1\r\n\r\n"));
    model.setRequest(1);
    for (quint64 i = 0; i < 10'000; i += 500) {
        Transcript t;
        for (quint64 n = i; n < i + 500; ++n)
            t.bodyChunk(1, 1, qint64(n), n, "x");
        test::feed(session, t);
    }
    QCOMPARE(model.rowCount(), 10'000); // seen while they were there
    ChunkModel late(session);
    late.setRequest(1);
    QVERIFY(late.rowCount() < 10'000);
    QCOMPARE(late.missingCount() + late.rowCount(), 10'000);
    QCOMPARE(late.index(0, 0).data().toLongLong(), late.missingCount() + 1);
    QCOMPARE(late.index(late.rowCount() - 1, ChunkModel::Offset).data().toString(), u"9,999"_s);
}

void tst_DetailModels::headersComeWhenTheyAreKnown()
{
    Session session;
    HeaderModel request(session, HeaderModel::Side::Request);
    HeaderModel response(session, HeaderModel::Side::Response);
    QAbstractItemModelTester tester(&response, QAbstractItemModelTester::FailureReportingMode::QtTest);
    test::feed(session, Transcript().begin(1, 1, 0, 1, "GET /\xff HTTP/1.1\r\nHost: x\r\nX-Evil: a\x1b[31m\r\n\r\n"));
    request.setRequest(1);
    response.setRequest(1);
    QCOMPARE(request.startLine(), u"GET /\\xff HTTP/1.1"_s);
    QCOMPARE(row(request, 0, 2), u"Host | x"_s);
    QCOMPARE(row(request, 1, 2), u"X-Evil | a\\x1b[31m"_s);
    QCOMPARE(response.rowCount(), 0);
    QVERIFY(response.startLine().isEmpty());
    test::feed(session, Transcript().responseHead(1, 1, 5, 200, "HTTP/1.1 200 OK\r\nA: b\r\nA: c\r\n\r\n"));
    QCOMPARE(response.startLine(), u"HTTP/1.1 200 OK"_s);
    QCOMPARE(response.rowCount(), 2);
    QCOMPARE(row(response, 1, 2), u"A | c"_s);
    QVERIFY(response.raw().endsWith("\r\n\r\n"));
    QVERIFY(!response.isEvicted());
}

QTEST_GUILESS_MAIN(tst_DetailModels)
#include "tst_detailmodels.moc"
