// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/emptytext.h"
#include "inspector/panel/followtail.h"
#include "inspector/panel/requestdelegate.h"
#include "inspector/panel/requesttable.h"
#include "inspector/theme/colors.h"
#include "tests/panel/panelfixture.h"
#include "tests/support/testcase.h"

#include <QtGui/QClipboard>
#include <QtTest/QSignalSpy>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QTableView>

using namespace loopscope::panel;
using namespace loopscope::test;
using namespace Qt::StringLiterals;
using loopscope::model::RequestTableModel;
using loopscope::model::TimeRange;

class tst_RequestTable : public TestCase {
    Q_OBJECT

private Q_SLOTS:
    void rowsSayWhatWasRecorded();
    void anEmptyTableSaysWhatToDo();
    void aStatusHasASignBesideItsColour();
    void whatCameFromTheNetworkIsText();
    void theFilterHidesAndSaysSo();
    void aWrongFilterIsExplained();
    void filterKeys();
    void selectingHereSelectsEverywhereAndStopsFollowing();
    void focusAloneSelectsNothing();
    void selectingElsewhereSelectsTheRow();
    void itFollowsUntilAPersonScrolls();
    void spaceStopsAllViews();
    void copyAndResend();
    void whatIsNoLongerKeptCannotBeCopiedAndSaysWhy();
    void theBarOfASelectedRequestStandsOutFromTheHighlight_data();
    void theBarOfASelectedRequestStandsOutFromTheHighlight();
    void aWideTableShowsLongerPaths();
    void columnsAreRestored();
    void barsLieWithinTheRange();
    void oneHundredThousandRowsScroll();
    void pictures();

private:
    static QString cell(const RequestTable &table, int row, int column)
    {
        return table.tableView()->model()->index(row, column).data().toString();
    }
    static Transcript manyRequests(quint64 first, int count)
    {
        Transcript t;
        for (int i = 0; i < count; ++i) {
            const quint64 number = first + quint64(i);
            const qint64 start = 10 * ms + qint64(number) * ms;
            const QByteArray head = "GET /users?n=" + QByteArray::number(number) + " HTTP/1.1\r\nHost: x\r\n\r\n";
            t.begin(number, 1, start, 10 * us, head);
            t.responseHead(number, 1, start + 20 * us, 200, "HTTP/1.1 200 OK\r\n\r\n").end(number, 1, start, 50 * us, 200, 5);
        }
        return t;
    }
};

void tst_RequestTable::rowsSayWhatWasRecorded()
{
    PanelFixture f;
    RequestTable table(f.session, f.view);
    f.feed(visitTranscript());
    table.tick(200 * ms);
    QCOMPARE(table.tableView()->model()->rowCount(), 4);
    QCOMPARE(cell(table, 1, RequestTableModel::Number), u"2"_s);
    QCOMPARE(cell(table, 1, RequestTableModel::Method), u"POST"_s);
    QCOMPARE(cell(table, 1, RequestTableModel::Path), u"/message"_s);
    QCOMPARE(cell(table, 1, RequestTableModel::Time), u"88.1 ms"_s);
    QCOMPARE(cell(table, 0, RequestTableModel::Size), u"11 B"_s);
    const QString before = cell(table, 3, RequestTableModel::Time); // still running
    table.tick(400 * ms);
    QVERIFY(cell(table, 3, RequestTableModel::Time) != before);
    QCOMPARE(cell(table, 3, RequestTableModel::Time), u"300 ms"_s);
}

void tst_RequestTable::anEmptyTableSaysWhatToDo()
{
    PanelFixture f;
    RequestTable table(f.session, f.view);
    const auto *empty = table.findChild<EmptyText *>();
    QVERIFY(empty && empty->isShown());
    QVERIFY(empty->text().contains(u"Start"_s));
    f.feed(visitTranscript());
    QVERIFY(!empty->isShown());
    table.filterField()->setText(u"method:DELETE"_s);
    QVERIFY(empty->isShown());
    QVERIFY(empty->text().contains(u"Esc"_s));
}

void tst_RequestTable::aStatusHasASignBesideItsColour()
{
    PanelFixture f;
    RequestTable table(f.session, f.view);
    Transcript t;
    for (const auto &[number, status] : {std::pair{1, 200}, {2, 302}, {3, 404}, {4, 500}})
        t.begin(quint64(number), 1, number * ms, us, "GET / HTTP/1.1\r\n\r\n").end(quint64(number), 1, number * ms, 10 * us, status, 0);
    t.begin(5, 1, 6 * ms, us, "GET / HTTP/1.1\r\n\r\n");
    t.begin(6, 2, 7 * ms, us, "GET / HTTP/1.1\r\n\r\n").end(6, 2, 7 * ms, us, 200, 0, loopscope::trace::ResponseOutcome::Cut);
    f.feed(t);
    table.tick(20 * ms);
    const auto status = [&](int row) {
        return RequestDelegate::statusText(table.tableView()->model()->index(row, RequestTableModel::Status));
    };
    QCOMPARE(status(0), u"● 200"_s);
    QCOMPARE(status(1), u"→ 302"_s);
    QCOMPARE(status(2), u"▲ 404"_s);
    QCOMPARE(status(3), u"✕ 500"_s);
    QCOMPARE(status(4), u"… running"_s);
    QCOMPARE(status(5), u"✕ 200"_s);
}

void tst_RequestTable::whatCameFromTheNetworkIsText()
{
    PanelFixture f;
    RequestTable table(f.session, f.view);
    Transcript t;
    t.begin(1, 1, ms, us, hostileHead).end(1, 1, ms, 10 * us, 200, 0);
    f.feed(t);
    table.tableView()->selectRow(0);
    table.copySelectedRow();
    const QString row = QGuiApplication::clipboard()->text();
    QVERIFY2(row.contains(u"/<b>bold</b>&amp;\\xe2\\x80\\xaegnp.exe"_s), qPrintable(row));
    QVERIFY(!row.contains(QChar(0x202e)));
}

void tst_RequestTable::theFilterHidesAndSaysSo()
{
    PanelFixture f;
    RequestTable table(f.session, f.view);
    f.feed(visitTranscript());
    table.filterField()->setText(u"-method:GET"_s);
    QCOMPARE(table.tableView()->model()->rowCount(), 1);
    QCOMPARE(cell(table, 0, RequestTableModel::Path), u"/message"_s);
    QCOMPARE(table.filterMessage(), u"1 of 4 requests"_s);
    QCOMPARE(f.view.filter(), u"-method:GET"_s);
    f.view.setFilter({}); // another view cleared it
    QCOMPARE(table.filterField()->text(), QString());
    QCOMPARE(table.tableView()->model()->rowCount(), 4);
    QCOMPARE(table.filterMessage(), QString());
}

void tst_RequestTable::aWrongFilterIsExplained()
{
    PanelFixture f;
    RequestTable table(f.session, f.view);
    f.feed(visitTranscript());
    table.filterField()->setText(u"status-code:banana"_s);
    QVERIFY2(table.filterMessage().startsWith(u"✕ "_s) && table.filterMessage().size() > 10, qPrintable(table.filterMessage()));
    QCOMPARE(table.tableView()->model()->rowCount(), 4);
}

void tst_RequestTable::filterKeys()
{
    PanelFixture f;
    RequestTable table(f.session, f.view);
    f.feed(visitTranscript());
    Window window(table, {600, 300});
    QVERIFY(QTest::qWaitForWindowActive(&window, loopscope::test::patience));
    table.tableView()->setFocus();
    QTest::keyClick(table.tableView(), Qt::Key_F, Qt::ControlModifier);
    QVERIFY(table.filterField()->hasFocus());
    QTest::keyClicks(table.filterField(), u"users"_s);
    QCOMPARE(table.tableView()->model()->rowCount(), 1);
    QTest::keyClick(table.filterField(), Qt::Key_Escape);
    QCOMPARE(table.tableView()->model()->rowCount(), 4);
    QTest::keyClick(table.filterField(), Qt::Key_Down);
    QVERIFY(table.tableView()->hasFocus());
}

void tst_RequestTable::selectingHereSelectsEverywhereAndStopsFollowing()
{
    PanelFixture f;
    RequestTable table(f.session, f.view);
    f.feed(visitTranscript());
    QVERIFY(table.followTail().isFollowing());
    table.tableView()->selectRow(1);
    QCOMPARE(f.view.selection().request, 2u);
    QCOMPARE(f.view.selection().connection, 1u);
    QVERIFY(!table.followTail().isFollowing());
    QVERIFY(!f.view.isFollowing());
    QTest::keyClick(table.tableView(), Qt::Key_Down);
    QCOMPARE(f.view.selection().request, 3u);
}

void tst_RequestTable::focusAloneSelectsNothing()
{
    PanelFixture f;
    RequestTable table(f.session, f.view);
    f.feed(visitTranscript());
    Window window(table, {600, 300});
    QVERIFY(QTest::qWaitForWindowActive(&window, loopscope::test::patience));
    table.filterField()->setFocus();
    table.tableView()->setFocus(Qt::TabFocusReason);
    QCOMPARE(f.view.selection().request, 0u);
    QVERIFY(table.followTail().isFollowing());
}

void tst_RequestTable::selectingElsewhereSelectsTheRow()
{
    PanelFixture f;
    RequestTable table(f.session, f.view);
    f.feed(visitTranscript());
    f.view.selectRequest(3, 2);
    QCOMPARE(table.tableView()->selectionModel()->selectedRows().value(0).row(), 2);
    table.filterField()->setText(u"method:POST"_s); // the selected one is hidden, and stays selected elsewhere
    QCOMPARE(f.view.selection().request, 3u);
    QVERIFY(table.tableView()->selectionModel()->selectedRows().isEmpty());
    table.filterField()->clear();
    QCOMPARE(table.tableView()->selectionModel()->selectedRows().value(0).row(), 2);
    f.view.clearSelection();
    QVERIFY(table.tableView()->selectionModel()->selectedRows().isEmpty());
}

void tst_RequestTable::itFollowsUntilAPersonScrolls()
{
    PanelFixture f;
    RequestTable table(f.session, f.view);
    const Window window(table, {600, 300});
    QScrollBar *bar = table.tableView()->verticalScrollBar();
    f.feed(manyRequests(1, 100));
    table.tick(200 * ms);
    QVERIFY(bar->maximum() > 0);
    QCOMPARE(bar->value(), bar->maximum());
    f.feed(manyRequests(101, 100));
    table.tick(300 * ms);
    QCOMPARE(bar->value(), bar->maximum());
    bar->triggerAction(QAbstractSlider::SliderPageStepSub);
    const int stayed = bar->value();
    f.feed(manyRequests(201, 100));
    table.tick(400 * ms);
    QCOMPARE(bar->value(), stayed);
    QTest::keyClick(table.tableView(), Qt::Key_End);
    QCOMPARE(bar->value(), bar->maximum());
    QCOMPARE(f.view.selection().request, 0u);
}

void tst_RequestTable::spaceStopsAllViews()
{
    PanelFixture f;
    RequestTable table(f.session, f.view);
    f.feed(visitTranscript());
    QTest::keyClick(table.tableView(), Qt::Key_Space);
    QVERIFY(!f.view.isFollowing());
    QVERIFY(!table.followTail().isFollowing());
    f.view.toggleFollowing(); // in another view
    QVERIFY(table.followTail().isFollowing());
}

void tst_RequestTable::copyAndResend()
{
    PanelFixture f;
    RequestTable table(f.session, f.view);
    f.feed(visitTranscript());
    QSignalSpy resend(&table, &RequestTable::resendRequested);
    QSignalSpy clear(&table, &RequestTable::clearRequested);
    Window window(table, {600, 300});
    QVERIFY(QTest::qWaitForWindowActive(&window, loopscope::test::patience));
    table.tableView()->setFocus();
    QTest::keyClick(table.tableView(), Qt::Key_R, Qt::ControlModifier);
    QCOMPARE(resend.size(), 0); // nothing is selected
    table.tableView()->selectRow(1);
    QTest::keyClick(table.tableView(), Qt::Key_R, Qt::ControlModifier);
    QCOMPARE(resend.size(), 1);
    QCOMPARE(resend.first().first().toULongLong(), 2u);
    table.copySelectedUrl();
    QCOMPARE(QGuiApplication::clipboard()->text(), u"http://127.0.0.1:3000/message"_s);
    table.copySelectedRow();
    QVERIFY(QGuiApplication::clipboard()->text().startsWith(u"2\tPOST\t/message\t302\t"_s));
    table.copySelectedAsCurl();
    QVERIFY(QGuiApplication::clipboard()->text().startsWith(u"curl "_s));
    QVERIFY(QGuiApplication::clipboard()->text().contains(u"/message"_s));
    QTest::keyClick(table.tableView(), Qt::Key_L, Qt::ControlModifier);
    QCOMPARE(clear.size(), 1);
}

void tst_RequestTable::whatIsNoLongerKeptCannotBeCopiedAndSaysWhy()
{
    loopscope::model::Session::Limits limits;
    limits.textBytes = 1; // two blocks
    loopscope::model::Session session(limits);
    loopscope::model::ViewState view;
    RequestTable table(session, view);
    const auto send = [&session](quint64 number, QByteArrayView more) {
        Transcript t;
        t.begin(number, 1, qint64(number) * ms, us, "GET /first HTTP/1.1\r\nHost: x\r\n\r\n");
        t.end(number, 1, qint64(number) * ms, ms / 2, 200, 1);
        for (int i = 0; i < 40 && !more.isEmpty(); ++i)
            t.bodyChunk(number, 1, qint64(number) * ms, 0, more);
        session.beginBatch();
        t.replay([&](int lane, const auto &r, QByteArrayView text) { session.add(lane, r, text); });
        session.endBatch();
    };
    send(1, {});
    table.tableView()->selectRow(0);
    const auto action = [&table](const QString &text) -> QAction * {
        for (QAction *each : table.tableView()->actions()) {
            if (each->text().remove(u'&') == text)
                return each;
        }
        return nullptr;
    };
    QAction *curl = action(u"Copy as cURL"_s);
    QAction *row = action(u"Copy row"_s);
    QVERIFY(curl && row);
    QVERIFY(curl->isEnabled() && row->isEnabled());
    send(2, QByteArray(32 << 10, 'x')); // pushes the first one's text out
    table.tick(100 * ms);
    QVERIFY(!curl->isEnabled());
    QVERIFY(curl->toolTip().contains(u"no longer kept"_s));
    QVERIFY(row->isEnabled());
    table.tableView()->clearSelection();
    table.tick(200 * ms);
    QVERIFY(!row->isEnabled() && row->toolTip().contains(u"Select a request"_s));
}

void tst_RequestTable::theBarOfASelectedRequestStandsOutFromTheHighlight_data()
{
    QTest::addColumn<bool>("dark");
    QTest::newRow("on light") << false;
    QTest::newRow("on dark") << true;
}

void tst_RequestTable::theBarOfASelectedRequestStandsOutFromTheHighlight()
{
    QFETCH(bool, dark);
    PanelFixture f;
    RequestTable table(f.session, f.view);
    const QPalette colors = dark ? loopscope::theme::darkPalette() : loopscope::theme::lightPalette();
    table.setPalette(colors);
    const Window window(table, {800, 300});
    for (quint64 number = 1; number <= 8; ++number) // one of each colour
        f.feed(Transcript().begin(number, 1, qint64(number) * ms, us, "GET / HTTP/1.1\r\n\r\n"));
    f.view.setTimeRange({0, 100 * ms});
    for (int number = 0; number < 8; ++number) {
        table.tableView()->selectRow(number);
        table.tick((100 + number) * ms);
        QCoreApplication::processEvents();
        const QModelIndex index = table.tableView()->model()->index(number, RequestTableModel::Waterfall);
        const QRect rect = table.tableView()->visualRect(index);
        const QImage image = table.tableView()->viewport()->grab(rect).toImage();
        const QColor bar = image.pixelColor(image.width() / 2, image.height() / 2);
        QVERIFY2(loopscope::theme::contrastRatio(bar, colors.color(QPalette::Base)) >= 3, qPrintable(bar.name()));
        int ground = 0; // above and below the bar, between it and the highlight
        for (int y = 0; y < image.height(); ++y)
            ground += image.pixelColor(image.width() / 2, y) == colors.color(QPalette::Base);
        QVERIFY2(ground >= 2, qPrintable(QString::number(ground)));
    }
}

void tst_RequestTable::aWideTableShowsLongerPaths()
{
    PanelFixture f;
    RequestTable table(f.session, f.view);
    const auto widthAt = [&](int width) {
        table.resize(width, 300);
        table.grab(); // lays out
        return table.tableView()->columnWidth(RequestTableModel::Path);
    };
    const int narrow = widthAt(500);
    const int wide = widthAt(1'400);
    QVERIFY2(wide > 3 * narrow, qPrintable(u"%1 against %2"_s.arg(wide).arg(narrow)));
    QVERIFY(table.tableView()->columnWidth(RequestTableModel::Waterfall) > 3 * narrow);
    QCOMPARE(widthAt(500), narrow);
    table.tableView()->setColumnWidth(RequestTableModel::Path, 77); // as a person does with the mouse
    QCOMPARE(widthAt(1'400), 77);
}

void tst_RequestTable::columnsAreRestored()
{
    PanelFixture f;
    RequestTable table(f.session, f.view);
    table.tableView()->setColumnWidth(RequestTableModel::Path, 321);
    table.tableView()->horizontalHeader()->moveSection(RequestTableModel::Time, 1);
    const QByteArray state = table.saveState();
    RequestTable other(f.session, f.view);
    QVERIFY(other.restoreState(state));
    QCOMPARE(other.tableView()->columnWidth(RequestTableModel::Path), 321);
    QCOMPARE(other.tableView()->horizontalHeader()->visualIndex(RequestTableModel::Time), 1);
    QVERIFY(!other.restoreState("nonsense"));
}

void tst_RequestTable::barsLieWithinTheRange()
{
    const QRectF cell(10, 0, 100, 10);
    const TimeRange range{1'000, 2'000};
    QCOMPARE(RequestDelegate::barRect(1'250, 1'500, range, cell), QRectF(35, 0, 25, 10));
    QCOMPARE(RequestDelegate::barRect(0, 5'000, range, cell), cell);
    QCOMPARE(RequestDelegate::barRect(1'500, 1'500, range, cell).width(), 2);
    QCOMPARE(RequestDelegate::barRect(2'000, 2'000, range, cell).right(), cell.right());
    QVERIFY(RequestDelegate::barRect(0, 999, range, cell).isNull());
    QVERIFY(RequestDelegate::barRect(2'001, 3'000, range, cell).isNull());
    QVERIFY(RequestDelegate::barRect(0, 10, {5, 5}, cell).isNull());
}

void tst_RequestTable::oneHundredThousandRowsScroll()
{
    PanelFixture f;
    RequestTable table(f.session, f.view);
    const Window window(table, {600, 300});
    f.feed(manyRequests(1, 100'000));
    table.tick(200'000 * ms);
    QCOMPARE(table.tableView()->model()->rowCount(), 100'000);
    QScrollBar *bar = table.tableView()->verticalScrollBar();
    QCOMPARE(bar->value(), bar->maximum());
    bar->setValue(50'000);
    QCOMPARE(cell(table, table.tableView()->rowAt(0), RequestTableModel::Number), u"50001"_s);
    table.grab();
}

void tst_RequestTable::pictures()
{
    PanelFixture f;
    RequestTable table(f.session, f.view);
    takePictures(table, u"table-empty"_s, {560, 300});
    f.feed(visitTranscript());
    Transcript t;
    t.begin(5, 3, 110 * ms, us, "GET /nothing/here/with/a/rather/long/path/that/does/not/fit?and=query HTTP/1.1\r\n\r\n").end(5, 3, 110 * ms, 900 * us, 404, 120);
    t.begin(6, 3, 120 * ms, us, "GET /fails HTTP/1.1\r\n\r\n").end(6, 3, 120 * ms, 20 * ms, 500, 1'200'000);
    t.begin(7, 3, 150 * ms, us, hostileHead).end(7, 3, 150 * ms, 3 * ms, 200, 40);
    t.begin(8, 4, 160 * ms, us, "GET /hangs HTTP/1.1\r\n\r\n");
    f.feed(t);
    f.view.setTimeRange({0, 200 * ms});
    f.view.selectRequest(2);
    table.tick(180 * ms);
    takePictures(table, u"table"_s, {560, 300});
    table.filterField()->setText(u"status-code:banana"_s);
    takePictures(table, u"table-error"_s, {560, 300});
}

QTEST_MAIN(tst_RequestTable)
#include "tst_requesttable.moc"
