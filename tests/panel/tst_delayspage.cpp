// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/delaybar.h"
#include "inspector/panel/delayspage.h"
#include "inspector/panel/delaywords.h"
#include "inspector/panel/listview.h"
#include "inspector/panel/requestdetail.h"
#include "tests/panel/panelfixture.h"
#include "tests/support/testcase.h"

#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QSignalSpy>

using namespace loopscope;
using namespace loopscope::panel;
using namespace loopscope::test;
using namespace Qt::StringLiterals;
using model::DelayPart;
using trace::Kind;
using trace::Phase;

class tst_DelaysPage : public TestCase {
    Q_OBJECT

private Q_SLOTS:
    void rowsAddUpToTheTotal();
    void othersAreNamed();
    void aRowSelectsItsSliceAndKeepsTheRequest();
    void aDoubleClickShowsTheSliceInTheScope();
    void howExactItIsIsSaid();
    void aLongRequestIsAddedUpInSteps();
    void evictedRequestsStayInView();
    void noTwoPartsLookAlike();
    void thePartsOfTheBarFillIt();
    void pictures();

private:
    // POST /message (41) blocks the loop from 10 to 422 ms; GET /healthz (42) came at 110 ms, and waits for a job after.
    static Transcript blocked()
    {
        Transcript t;
        t.begin(41, 1, 10 * ms, 10 * us, "POST /message?mode=sync HTTP/1.1\r\n\r\n");
        t.span("writeFileSync", 12 * ms, 400 * ms, 41).end(41, 1, 10 * ms, 412 * ms, 302, 0);
        t.layer(41, 1, "POST /message", 11 * ms, 408 * ms).callback("readable", 10 * ms, 412 * ms, 5, 41, 1);
        t.phase(Phase::Poll, 10 * ms, 412 * ms, 1).turn(1, 9 * ms, 413'100 * us);
        t.begin(42, 2, 423 * ms, 10 * us, "GET /<b>healthz</b> HTTP/1.1\r\n\r\n");
        trace::TraceRecord r = Transcript::make(Kind::BytesArrived, 110 * ms, 313 * ms, 42, 2);
        r.value = 1;
        t.add(r).jobQueued(9, "stat", 423 * ms + 50 * us, 1, 42);
        t.layer(42, 1, "healthz", 423 * ms + 20 * us, 60 * us).callback("readable", 423 * ms, 100 * us, 6, 42, 2);
        t.phase(Phase::Poll, 423 * ms, 100 * us, 2).turn(2, 422'200 * us, 1'000 * us);
        t.on(1).jobFinished(8, "pbkdf2", 400 * ms, 43 * ms, 40).jobFinished(9, "stat", 443 * ms, 6 * ms, 42).on(0);
        t.wait(423'300 * us, 25'750 * us).end(42, 2, 423 * ms, 26'200 * us, 200, 2);
        t.callback("stat", 449'100 * us, 150 * us, 9, 42, 2).phase(Phase::Poll, 449'100 * us, 150 * us, 3).turn(3, 423'250 * us, 26'100 * us);
        return t;
    }
    struct Lab : PanelFixture {
        RequestDetail detail;
        Lab()
            : detail(session, view)
        {
            feed(blocked());
            view.selectRequest(42);
            detail.showTab(RequestDetail::Tab::Delays);
            detail.tick(500 * ms);
        }
        [[nodiscard]] DelaysPage &page() const { return detail.delays(); }
        [[nodiscard]] QString cell(int row, int column) const { return page().list().model()->index(row, column).data().toString(); }
        [[nodiscard]] int rowOf(DelayPart part) const
        {
            for (int row = 0; row < page().list().model()->rowCount(); ++row) {
                if (cell(row, DelayTable::Part) == delayPartWords(part))
                    return row;
            }
            return -1;
        }
    };
};

void tst_DelaysPage::rowsAddUpToTheTotal()
{
    Lab lab;
    const QAbstractItemModel &model = *lab.page().list().model();
    QAbstractItemModelTester tester(lab.page().list().model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    const int total = model.rowCount() - 1;
    QCOMPARE(lab.cell(total, DelayTable::Part), u"Total"_s);
    QCOMPARE(lab.cell(total, DelayTable::Amount), u"339 ms"_s);
    QCOMPARE(lab.cell(total, DelayTable::Share), u"100.0 %"_s);
    QCOMPARE(lab.rowOf(DelayPart::Unaccounted), total - 1);
    QCOMPARE(lab.cell(total - 1, DelayTable::Amount), u"0 ms"_s);
    qint64 sum = 0;
    for (const DelayBarPart &part : lab.page().bar().parts())
        sum += part.ns;
    QCOMPARE(sum, 339'200 * us);
}

void tst_DelaysPage::othersAreNamed()
{
    Lab lab;
    const int behind = lab.rowOf(DelayPart::BehindOthers);
    QVERIFY(behind >= 0);
    QCOMPARE(lab.cell(behind, DelayTable::Amount), u"312 ms"_s);
    QCOMPARE(lab.cell(behind, DelayTable::Who), u"POST /message #41, writeFileSync"_s);
    QCOMPARE(lab.cell(behind, DelayTable::Site), u"messages.cpp:60"_s);
    const int queued = lab.rowOf(DelayPart::PoolQueued);
    QCOMPARE(lab.cell(queued, DelayTable::Who), u"#40, pbkdf2"_s);
}

void tst_DelaysPage::aRowSelectsItsSliceAndKeepsTheRequest()
{
    Lab lab;
    lab.page().list().selectRow(lab.rowOf(DelayPart::BehindOthers));
    QCOMPARE(lab.view.selection().request, 42ULL); // whose delays are looked at
    QCOMPARE(lab.session.slice(lab.view.selection().slice)->duration, 400 * ms);
    QCOMPARE(lab.detail.request(), 42ULL);
    lab.view.selectRequest(42); // another view selects the request alone
    QVERIFY(lab.page().list().selectionModel()->selectedRows().isEmpty());
}

void tst_DelaysPage::aDoubleClickShowsTheSliceInTheScope()
{
    Lab lab;
    const int row = lab.rowOf(DelayPart::BehindOthers);
    Q_EMIT lab.page().list().doubleClicked(lab.page().list().model()->index(row, 0));
    QVERIFY(lab.view.timeRange().from <= 12 * ms);
    QVERIFY(lab.view.timeRange().to >= 412 * ms);
    QVERIFY(!lab.view.isFollowing());
}

void tst_DelaysPage::howExactItIsIsSaid()
{
    Lab lab;
    QVERIFY2(lab.page().noteWords().contains(u"100.0 % accounted for"_s), qPrintable(lab.page().noteWords()));
    QVERIFY2(lab.page().noteWords().contains(u"313 ms before the loop read them"_s), qPrintable(lab.page().noteWords()));
    lab.view.selectRequest(41);
    QVERIFY2(!lab.page().noteWords().contains(u"before the loop read"_s), qPrintable(lab.page().noteWords()));
}

// The page shows nothing until it is done, and is done although nothing changes any more.
void tst_DelaysPage::aLongRequestIsAddedUpInSteps()
{
    Lab lab;
    Transcript t;
    t.begin(50, 5, 1'000 * ms, 10 * us, "GET /sse HTTP/1.1\r\n\r\n");
    qint64 at = 1'000 * ms;
    for (quint64 i = 0; i < 400'000; ++i, at += 2 * us)
        t.callback("setTimeout", at, us, 1'000 + i, i % 2 ? 50 : 60, 5, Phase::Check);
    t.end(50, 5, 1'000 * ms, at - 1'000 * ms, 200, 0).callback("setTimeout", at - us, us, 999, 50, 5, Phase::Check);
    lab.feed(t);
    lab.view.selectRequest(50);
    int ticks = 0;
    for (; lab.page().isBusy() && ticks < 10'000; ++ticks)
        lab.detail.tick(at + 10'000 * ms + ticks);
    QVERIFY(ticks > 1);
    QVERIFY(!lab.page().isBusy());
    QCOMPARE(lab.cell(lab.page().list().model()->rowCount() - 1, DelayTable::Amount), u"800 ms"_s);
}

void tst_DelaysPage::evictedRequestsStayInView()
{
    Lab lab;
    const int rows = lab.page().list().model()->rowCount();
    QVERIFY(rows > 4);
    Transcript t;
    for (quint64 i = 100; i < 400'000; ++i)
        t.begin(i, 1, qint64(i) * ms, 1, "GET / HTTP/1.1\r\n\r\n").end(i, 1, qint64(i) * ms, 10, 200, 0);
    lab.feed(t);
    QVERIFY(!lab.session.request(42));
    lab.detail.tick(400'001 * ms);
    QCOMPARE(lab.page().list().model()->rowCount(), rows);
}

void tst_DelaysPage::noTwoPartsLookAlike()
{
    const QPalette palette;
    for (int a = 0; a < model::delayPartCount; ++a) {
        QVERIFY(!delayPartWords(DelayPart(a)).isEmpty());
        QVERIFY(!delayPartExplanation(DelayPart(a)).isEmpty());
        for (int b = 0; b < a; ++b) {
            QVERIFY(delayPartWords(DelayPart(a)) != delayPartWords(DelayPart(b)));
            QVERIFY(delayBrush(DelayPart(a), 1, palette) != delayBrush(DelayPart(b), 1, palette));
        }
    }
}

void tst_DelaysPage::thePartsOfTheBarFillIt()
{
    DelayBar bar;
    bar.resize(500, 30);
    bar.setParts({{u"a"_s, {}, QBrush(Qt::red), 1'000'000}, {u"none"_s, {}, QBrush(Qt::red), 0}, {u"b"_s, {}, QBrush(Qt::red), 1}, {u"c"_s, {}, QBrush(Qt::red), 1'000'000}});
    QCOMPARE(bar.parts().size(), 3);
    QVERIFY(bar.partRect(1).width() >= 1); // nothing measured is invisible
    QVERIFY(qAbs(bar.partRect(0).right() - bar.partRect(1).left()) < 0.01);
    QVERIFY(qAbs(bar.partRect(2).right() - 492) < 0.01);
    QVERIFY(bar.accessibleDescription().contains(u"a: 1.00 ms"_s));
}

void tst_DelaysPage::pictures()
{
    Lab lab;
    takePictures(lab.detail, u"delays"_s, {620, 320});
    takePictures(lab.detail, u"delays-narrow"_s, {360, 400});
}

QTEST_MAIN(tst_DelaysPage)
#include "tst_delayspage.moc"
