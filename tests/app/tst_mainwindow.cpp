// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/mainwindow.h"
#include "app/playground/playgroundpanel.h"
#include "app/playground/responseview.h"
#include "inspector/panel/poolboard.h"
#include "server/trace/trace.h"
#include "tests/support/testcase.h"

#include <QtCore/QTemporaryDir>
#include <QtGui/QAction>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QSignalSpy>
#include <QtWidgets/QApplication>
#include <QtWidgets/QDockWidget>
#include <QtWidgets/QSpinBox>

using namespace loopscope;
using namespace loopscope::app;
using namespace Qt::StringLiterals;

class tst_MainWindow : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void everyDockHasItsRoomAt1280By800();
    void everyActionHasAToolTip();
    void noTwoActionsShareAShortcut();
    void aRequestFromThePlaygroundIsRecorded();
    void aPortInUseIsSaidInOneSentence();
    void closingDrainsFirst();
    void aDoubleClickOnDrainCutsNothing();
    void theLayoutComesBack();
    void thePoolIsResizedWhileTheServerRuns();
    void aBlockedLoopIsWarnedOf();

private:
    WindowOptions anyPort() const
    {
        WindowOptions options;
        options.port = 0;
        return options;
    }
    QTemporaryDir m_folder;
    std::unique_ptr<Settings> m_settings;
    int m_file = 0;
};

void tst_MainWindow::init()
{
    // The offscreen platform says this for every window that has a least size.
    QTest::failOnWarning(QRegularExpression(u"^(?!This plugin does not support propagateSizeHints)"_s));
    m_settings = std::make_unique<Settings>(m_folder.filePath(QString::number(++m_file)));
}

void tst_MainWindow::everyDockHasItsRoomAt1280By800()
{
    trace::Trace trace;
    MainWindow window(trace, *m_settings, anyPort());
    window.resize(1280, 800);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window, test::patience));
    QCOMPARE(window.size(), QSize(1280, 800));
    QCOMPARE(window.docks().size(), 11);
    for (QDockWidget *dock : window.docks()) {
        QVERIFY2(dock->isVisibleTo(&window), qPrintable(dock->objectName()));
        dock->raise(); // many are tabs behind another
        QVERIFY2(test::waitFor([&] { return !dock->visibleRegion().isEmpty(); }), qPrintable(dock->objectName()));
        QCOMPARE(window.size(), QSize(1280, 800)); // and none of them makes the window grow
        const QSize least = dock->widget()->minimumSizeHint().expandedTo(dock->widget()->minimumSize());
        QVERIFY2(dock->widget()->width() >= least.width() && dock->widget()->height() >= least.height(),
                 qPrintable(dock->objectName()));
        const QRect &place = dock->geometry();
        QVERIFY2(window.rect().contains(place),
                 qPrintable(u"%1: %2,%3 %4x%5"_s.arg(dock->objectName()).arg(place.x()).arg(place.y())
                                .arg(place.width()).arg(place.height())));
    }
}

void tst_MainWindow::everyActionHasAToolTip()
{
    trace::Trace trace;
    MainWindow window(trace, *m_settings, anyPort());
    for (const QAction *action : window.actions())
        QVERIFY2(!action->toolTip().isEmpty() && !action->text().isEmpty(), qPrintable(action->text()));
}

void tst_MainWindow::noTwoActionsShareAShortcut()
{
    trace::Trace trace;
    MainWindow window(trace, *m_settings, anyPort());
    QHash<QString, QString> keys;
    for (const QAction *action : window.findChildren<QAction *>()) {
        // Ctrl+C means "copy" in whatever has the focus, as everywhere.
        if (action->shortcut().isEmpty() || action->shortcut() == QKeySequence(QKeySequence::Copy))
            continue;
        const QString key = action->shortcut().toString();
        QVERIFY2(!keys.contains(key), qPrintable(key + u": "_s + keys.value(key) + u", "_s + action->text()));
        keys.insert(key, action->text());
    }
    QVERIFY(keys.size() >= 15);
}

void tst_MainWindow::aRequestFromThePlaygroundIsRecorded()
{
    trace::Trace trace;
    MainWindow window(trace, *m_settings, anyPort());
    QSignalSpy listening(&window.server(), &ServerHost::listening);
    window.startServer();
    QVERIFY(test::waitFor([&] { return !listening.isEmpty(); }));
    RequestDraft draft;
    draft.target = u"/healthz"_s;
    window.playground().resend(draft);
    QVERIFY(test::waitFor([&] { return !window.playground().isRunning(); }));
    QVERIFY2(window.playground().responseView()->statusText().startsWith("200 "_L1),
             qPrintable(window.playground().responseView()->statusText()));
    QVERIFY(test::waitFor([&] {
        return window.session().requestCount() == 1 && !window.session().requestAt(0).isRunning();
    }));
    QCOMPARE(int(window.session().requestAt(0).status), 200);
}

void tst_MainWindow::aPortInUseIsSaidInOneSentence()
{
    QTcpServer other;
    QVERIFY(other.listen(QHostAddress::LocalHost));
    trace::Trace trace;
    WindowOptions options;
    options.port = other.serverPort();
    MainWindow window(trace, *m_settings, options);
    QSignalSpy failed(&window.server(), &ServerHost::failed);
    window.startServer();
    QVERIFY(test::waitFor([&] { return !failed.isEmpty(); }));
    QVERIFY2(window.notice().contains(QString::number(options.port.value())), qPrintable(window.notice()));
    QVERIFY(window.server().state() == ServerHost::State::Stopped);
}

void tst_MainWindow::closingDrainsFirst()
{
    trace::Trace trace;
    MainWindow window(trace, *m_settings, anyPort());
    QSignalSpy listening(&window.server(), &ServerHost::listening);
    QSignalSpy drained(&window.server(), &ServerHost::drained);
    window.startServer();
    QVERIFY(test::waitFor([&] { return !listening.isEmpty(); }));
    window.show();
    QVERIFY(!window.close());
    QVERIFY(window.isVisible());
    QVERIFY(test::waitFor([&] { return !window.isVisible(); }));
    QCOMPARE(drained.size(), 1);
    QVERIFY(drained.first().first().toStringList().isEmpty());
}

void tst_MainWindow::aDoubleClickOnDrainCutsNothing()
{
    trace::Trace trace;
    MainWindow window(trace, *m_settings, anyPort());
    QSignalSpy listening(&window.server(), &ServerHost::listening);
    QSignalSpy drained(&window.server(), &ServerHost::drained);
    window.startServer();
    QVERIFY(test::waitFor([&] { return !listening.isEmpty(); }));
    QTcpSocket client;
    client.setReadBufferSize(1024);
    client.connectToHost(QHostAddress::LocalHost, window.server().port());
    client.write("GET /download?mb=16 HTTP/1.1\r\nHost: a\r\n\r\n");
    QVERIFY(test::waitFor([&] { return client.bytesAvailable() > 0; }));
    QAction *drain = nullptr;
    for (QAction *action : window.findChildren<QAction *>()) {
        if (action->text() == u"&Drain"_s)
            drain = action;
    }
    QVERIFY(drain);
    drain->trigger();
    drain->trigger();
    QVERIFY(window.server().state() == ServerHost::State::Draining);
    client.setReadBufferSize(0);
    qint64 received = 0;
    QVERIFY(test::waitFor([&] {
        received += client.readAll().size();
        return !drained.isEmpty() && client.state() == QAbstractSocket::UnconnectedState;
    }));
    QVERIFY(received > 16 * 1024 * 1024);
    QVERIFY(drained.first().first().toStringList().isEmpty());
}

void tst_MainWindow::thePoolIsResizedWhileTheServerRuns()
{
    trace::Trace trace;
    MainWindow window(trace, *m_settings, anyPort());
    window.show();
    QSignalSpy listening(&window.server(), &ServerHost::listening);
    window.startServer();
    QVERIFY(test::waitFor([&] { return !listening.isEmpty(); }));
    QDockWidget *dock = window.findChild<QDockWidget *>(u"pool"_s);
    dock->raise();
    window.pool().threadsBox()->setValue(7);
    QVERIFY(test::waitFor([&] { return window.session().server().poolThreads == 7; }));
    QVERIFY2(test::waitFor([&] { return window.pool().stateWords().contains(u"7"); }),
             qPrintable(window.pool().stateWords()));
}

// A write on the loop that takes longer than 50 ms, by the server's own clock, is on the list, and its tab says so.
void tst_MainWindow::aBlockedLoopIsWarnedOf()
{
    trace::Trace trace;
    MainWindow window(trace, *m_settings, anyPort());
    window.show();
    QSignalSpy listening(&window.server(), &ServerHost::listening);
    window.startServer();
    QVERIFY(test::waitFor([&] { return !listening.isEmpty(); }));
    RequestDraft draft;
    draft.method = u"POST"_s;
    draft.target = u"/lab/fibonacci?variant=blocking&n=38"_s;
    QVERIFY(test::waitFor([&] {
        if (!window.playground().isRunning() && window.warnings().count() == 0)
            window.playground().resend(draft); // a fast machine needs more than one
        return window.warnings().count() > 0;
    }));
    QCOMPARE(window.findChild<QDockWidget *>(u"warnings"_s)->windowTitle(), u"Warnings (%1)"_s.arg(window.warnings().unseen()));
    QVERIFY(window.warnings().who(window.warnings().at(0)).contains(u"fibonacci"_s));
}

void tst_MainWindow::theLayoutComesBack()
{
    trace::Trace trace;
    {
        MainWindow window(trace, *m_settings, anyPort());
        window.show();
        window.docks().first()->close();
        QVERIFY(window.close());
    }
    {
        MainWindow window(trace, *m_settings, anyPort());
        QVERIFY(window.docks().first()->isHidden());
    }
    WindowOptions reset = anyPort();
    reset.resetLayout = true;
    MainWindow window(trace, *m_settings, reset);
    QVERIFY(!window.docks().first()->isHidden());
}

QTEST_MAIN(tst_MainWindow)
#include "tst_mainwindow.moc"
