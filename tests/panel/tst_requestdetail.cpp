// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/bodypage.h"
#include "inspector/panel/chunkspage.h"
#include "inspector/panel/headerspage.h"
#include "inspector/panel/ladderpage.h"
#include "inspector/panel/listview.h"
#include "inspector/panel/requestdetail.h"
#include "inspector/panel/slicespage.h"
#include "inspector/panel/timingbars.h"
#include "inspector/panel/timingpage.h"
#include "tests/panel/panelfixture.h"
#include "tests/support/testcase.h"

using namespace loopscope::panel;
using namespace loopscope::test;
using namespace Qt::StringLiterals;
using loopscope::model::ChunkModel;
using loopscope::model::LayerModel;
using Tab = RequestDetail::Tab;

class tst_RequestDetail : public TestCase {
    Q_OBJECT

private Q_SLOTS:
    void withoutASelectionItSaysWhatToDo();
    void theTitleNamesTheRequest();
    void headersAreShownAsRecorded();
    void whatCameFromTheNetworkIsText();
    void bodiesAreShownAndWhatWasCutIsSaid();
    void chunksSayWhenHowBigAndHowLongApart();
    void theLadderGoesDownAndUp();
    void aHangingRequestSaysWhere();
    void timesAddUpToTheTotal();
    void aSliceIsSelectedEverywhere();
    void pictures();

private:
    static QString cell(const ListView &list, int row, int column) { return list.model()->index(row, column).data().toString(); }
    // A request that entered "auth" and never came out.
    static Transcript hanging()
    {
        Transcript t;
        t.begin(9, 3, 300 * ms, 10 * us, "GET /admin HTTP/1.1\r\nHost: x\r\n\r\n").complete(9, 3, 300 * ms + 10 * us, 0);
        t.layer(9, 2, "auth", 300 * ms + 30 * us, 20 * us);
        t.layer(9, 1, "logger", 300 * ms + 20 * us, 40 * us, 10 * us);
        t.callback("readable", 300 * ms, 80 * us, 0, 9, 3);
        return t;
    }
};

void tst_RequestDetail::withoutASelectionItSaysWhatToDo()
{
    PanelFixture f;
    RequestDetail detail(f.session, f.view);
    QVERIFY(detail.title().contains(u"Select one"_s));
    f.feed(visitTranscript());
    f.view.selectRequest(1);
    QVERIFY(!detail.title().contains(u"Select one"_s));
    f.view.clearSelection();
    QVERIFY(detail.title().contains(u"Select one"_s));
}

void tst_RequestDetail::theTitleNamesTheRequest()
{
    PanelFixture f;
    RequestDetail detail(f.session, f.view);
    f.feed(visitTranscript());
    f.view.selectRequest(2);
    QCOMPARE(detail.title(), u"POST /message  302  88.1 ms"_s);
    f.view.selectRequest(4);
    detail.tick(250 * ms);
    QCOMPARE(detail.title(), u"GET /download?mb=64  200  150 ms"_s);
}

void tst_RequestDetail::headersAreShownAsRecorded()
{
    PanelFixture f;
    RequestDetail detail(f.session, f.view);
    f.feed(visitTranscript());
    f.view.selectRequest(2);
    const QString text = detail.headers().pane().toPlainText();
    for (const QString &line : {u"POST /message HTTP/1.1"_s, u"Content-Type: application/x-www-form-urlencoded"_s,
                                u"HTTP/1.1 302 Found"_s, u"Location: /users"_s, u"Request body: 23 B, content-length, chunks: 2"_s,
                                u"Redirect followed by: #3"_s, u"Connection: #1 from 127.0.0.1:50001"_s})
        QVERIFY2(text.contains(line), qPrintable(line + u" is not in:\n"_s + text));
    QVERIFY(detail.headers().pane().textInteractionFlags() & Qt::TextSelectableByKeyboard);
}

void tst_RequestDetail::whatCameFromTheNetworkIsText()
{
    PanelFixture f;
    RequestDetail detail(f.session, f.view);
    Transcript t;
    t.begin(1, 1, ms, us, hostileHead).end(1, 1, ms, 10 * us, 200, 0);
    f.feed(t);
    f.view.selectRequest(1);
    QVERIFY2(detail.title().contains(u"/<b>bold</b>&amp;\\xe2\\x80\\xaegnp.exe"_s), qPrintable(detail.title()));
    const QString text = detail.headers().pane().toPlainText();
    QVERIFY2(text.contains(u"X-Evil: <img src=x>\\x1b[31m"_s), qPrintable(text));
    QVERIFY(!text.contains(QChar(0x202e)) && !text.contains(QChar(0x1b)));
}

void tst_RequestDetail::bodiesAreShownAndWhatWasCutIsSaid()
{
    PanelFixture f;
    RequestDetail detail(f.session, f.view);
    f.feed(visitTranscript());
    f.view.selectRequest(2);
    detail.showTab(Tab::Body);
    const BodyPage &body = detail.body();
    QCOMPARE(body.caption(BodyPage::Side::Request), u"Request body: 23 B, whole"_s);
    QVERIFY(body.bytes(BodyPage::Side::Request).lineText(0).startsWith(u"000000  6e 61 6d 65 3d 41 6e 6e"_s));
    QCOMPARE(body.text(BodyPage::Side::Request).toPlainText(), u"name=Ann&text=Hello+you"_s); // over two chunks
    QCOMPARE(body.caption(BodyPage::Side::Response), u"Response body: none"_s);

    f.view.selectRequest(4); // 64 KiB were sent, 8 bytes of them kept
    QVERIFY2(body.caption(BodyPage::Side::Response).contains(u"65.5 kB; 8 B of it kept, 65.5 kB not"_s),
             qPrintable(body.caption(BodyPage::Side::Response)));
    QCOMPARE(body.bytes(BodyPage::Side::Response).lineCount(), 2);
    QVERIFY(body.bytes(BodyPage::Side::Response).lineText(1).contains(u"65,528"_s));
}

void tst_RequestDetail::chunksSayWhenHowBigAndHowLongApart()
{
    PanelFixture f;
    RequestDetail detail(f.session, f.view);
    f.feed(visitTranscript());
    f.view.selectRequest(2);
    detail.showTab(Tab::Chunks);
    const ListView &list = detail.chunks().list();
    QCOMPARE(list.model()->rowCount(), 2);
    QCOMPARE(detail.chunks().gaps().gapBefore(0), -1);
    QCOMPARE(detail.chunks().gaps().gapBefore(1), 50 * ms - 30 * us);
    QVERIFY2(cell(list, 1, ChunkModel::Time).contains(u"50.0 ms (+50.0 ms)"_s), qPrintable(cell(list, 1, ChunkModel::Time)));
    QCOMPARE(cell(list, 0, ChunkModel::Size), u"11 B"_s);
    QVERIFY(cell(list, 1, ChunkModel::Bytes).contains(u"xt=Hello+you"_s));
}

void tst_RequestDetail::theLadderGoesDownAndUp()
{
    PanelFixture f;
    RequestDetail detail(f.session, f.view);
    f.feed(visitTranscript());
    f.view.selectRequest(2);
    detail.showTab(Tab::Middleware);
    const ListView &list = detail.middleware().list();
    QCOMPARE(cell(list, 0, LayerModel::Name), u"↓ logger"_s);
    QCOMPARE(cell(list, 0, LayerModel::Direction), u"after 20.0 µs"_s);
    QCOMPARE(cell(list, 0, LayerModel::Site), u"site.cpp:11"_s);
    QCOMPARE(cell(list, 1, LayerModel::Name), u"   ↓ saveMessage"_s);
    QCOMPARE(cell(list, 1, LayerModel::Direction), u"not called"_s);
    QCOMPARE(cell(list, 2, LayerModel::Name), u"↑ logger"_s);
    QCOMPARE(detail.middleware().stuckMessage(), QString());
}

void tst_RequestDetail::aHangingRequestSaysWhere()
{
    PanelFixture f;
    RequestDetail detail(f.session, f.view);
    f.feed(hanging());
    f.view.selectRequest(9);
    detail.showTab(Tab::Middleware);
    detail.tick(3'500 * ms);
    QVERIFY2(detail.middleware().stuckMessage().contains(u"in auth for 3.20 s: no next(), no response"_s),
             qPrintable(detail.middleware().stuckMessage()));
}

void tst_RequestDetail::timesAddUpToTheTotal()
{
    PanelFixture f;
    RequestDetail detail(f.session, f.view);
    f.feed(visitTranscript());
    f.view.selectRequest(2);
    detail.showTab(Tab::Timing);
    const QList<TimingRow> &rows = detail.timing().bars().rows();
    QVERIFY(rows.size() >= 5);
    qint64 sum = 0;
    for (const TimingRow &row : rows) {
        for (const auto &[from, to] : row.stretches)
            sum += to - from;
    }
    QCOMPARE(sum, 88 * ms + 120 * us);
    QVERIFY(rows.last().isTotal);
    QCOMPARE(rows.last().value, u"88.1 ms"_s);
}

void tst_RequestDetail::aSliceIsSelectedEverywhere()
{
    PanelFixture f;
    RequestDetail detail(f.session, f.view);
    f.feed(visitTranscript());
    f.view.selectRequest(2);
    detail.showTab(Tab::Slices);
    ListView &list = detail.slices().list();
    QCOMPARE(list.model()->rowCount(), int(f.session.slicesOfRequest(2).size()));
    int job = -1;
    for (int row = 0; row < list.model()->rowCount(); ++row) {
        if (cell(list, row, RequestSlices::Name).contains(u"job writeFile"_s))
            job = row;
    }
    QVERIFY(job >= 0);
    QCOMPARE(cell(list, job, RequestSlices::Duration), u"38.0 ms"_s);
    QCOMPARE(cell(list, job, RequestSlices::LaneName), u"pool 1"_s);
    list.selectRow(job);
    QCOMPARE(f.view.selection().request, 2u);
    QCOMPARE(f.view.selection().slice.lane, 1);
    QCOMPARE(f.session.slice(f.view.selection().slice)->duration, 38 * ms);
    f.view.selectRequest(2); // another view selects the request alone
    QVERIFY(list.selectionModel()->selectedRows().isEmpty());
}

void tst_RequestDetail::pictures()
{
    PanelFixture f;
    RequestDetail detail(f.session, f.view);
    takePictures(detail, u"detail-empty"_s, {360, 400});
    f.feed(visitTranscript());
    f.feed(hanging());
    f.view.selectRequest(2);
    const QStringList names{u"headers"_s, u"body"_s, u"chunks"_s, u"middleware"_s, u"timing"_s, u"delays"_s, u"slices"_s};
    for (int tab = 0; tab < names.size(); ++tab) {
        detail.showTab(Tab(tab));
        detail.tick(200 * ms);
        takePictures(detail, u"detail-"_s + names[tab], {360, 480});
    }
    f.view.selectRequest(9);
    detail.showTab(Tab::Middleware);
    detail.tick(3'500 * ms);
    takePictures(detail, u"detail-hangs"_s, {360, 300});
    f.view.selectRequest(4);
    detail.showTab(Tab::Body);
    takePictures(detail, u"detail-cut"_s, {360, 400});
}

QTEST_MAIN(tst_RequestDetail)
#include "tst_requestdetail.moc"
