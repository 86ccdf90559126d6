// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/playgroundpanel.h"
#include "app/playground/responseview.h"
#include "tests/support/testcase.h"

#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QSignalSpy>
#include <QtWidgets/QApplication>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>

using namespace loopscope::app;
using namespace Qt::StringLiterals;

namespace {

// Answers every request that ends its head; a body is not waited for.
class EchoServer : public QTcpServer {
public:
    explicit EchoServer(const QByteArray &answer)
    {
        listen(QHostAddress::LocalHost);
        connect(this, &QTcpServer::newConnection, this, [this, answer] {
            while (QTcpSocket *socket = nextPendingConnection()) {
                ++connections;
                connect(socket, &QTcpSocket::readyRead, this, [this, socket, answer] {
                    received += socket->readAll();
                    if (!answer.isEmpty() && socket->property("answered").isNull()) {
                        socket->setProperty("answered", true);
                        socket->write(answer);
                        socket->disconnectFromHost();
                    }
                });
            }
        });
    }
    int connections = 0;
    QByteArray received;
};

QPushButton *button(QWidget &panel, const QString &text)
{
    for (auto *candidate : panel.findChildren<QPushButton *>()) {
        if (candidate->text().remove(u'&') == text)
            return candidate;
    }
    return nullptr;
}

} // namespace

class tst_PlaygroundPanel : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void itFitsIntoANarrowDock();
    void aPresetFillsTheForm();
    void theDraftIsWhatTheFormShows();
    void sendShowsTheAnswerWithTimes();
    void whatTheServerSaysIsNeverMarkup();
    void fiftyAtOnceAreCounted();
    void withoutAServerItSaysWhatToDo();
    void cancelClosesTheConnection();
    void returnInThePathSends();
    void aLongAnswerIsCutForDisplay();
};

void tst_PlaygroundPanel::itFitsIntoANarrowDock()
{
    PlaygroundPanel panel;
    QVERIFY2(panel.minimumSizeHint().width() <= 300, qPrintable(QString::number(panel.minimumSizeHint().width())));
}

void tst_PlaygroundPanel::aPresetFillsTheForm()
{
    PlaygroundPanel panel;
    QPushButton *preset = button(panel, u"Message in 4 pieces"_s);
    QVERIFY(preset);
    preset->click();
    const RequestDraft draft = panel.draft();
    QCOMPARE(draft.method, u"POST"_s);
    QCOMPARE(draft.target, u"/message"_s);
    QCOMPARE(draft.pieces, 4);
    QVERIFY(!draft.fields.isEmpty());
    QVERIFY(!panel.isRunning());
}

void tst_PlaygroundPanel::theDraftIsWhatTheFormShows()
{
    PlaygroundPanel panel;
    RequestDraft draft;
    draft.method = u"BREW"_s; // any method may be tried
    draft.target = u"/pot"_s;
    draft.body = RequestDraft::Body::Json;
    draft.fields = {{u"a"_s, u"1"_s}, {u"b"_s, QString()}};
    draft.headers = {{u"Accept"_s, u"application/json"_s}};
    draft.raw = u"kept"_s;
    draft.fillerKiB = 12;
    draft.pieces = 7;
    draft.pauseMs = 33;
    draft.repeat = 10;
    draft.followRedirects = false;
    panel.setDraft(draft);
    QCOMPARE(panel.draft(), draft);
}

void tst_PlaygroundPanel::sendShowsTheAnswerWithTimes()
{
    EchoServer server("HTTP/1.1 200 OK\r\nX-Kind: test\r\nContent-Length: 5\r\n\r\nhello");
    PlaygroundPanel panel;
    panel.setServer(u"127.0.0.1"_s, server.serverPort());
    QSignalSpy running(&panel, &PlaygroundPanel::runningChanged);
    panel.send();
    QVERIFY(panel.isRunning());
    QVERIFY(!button(panel, u"Send"_s)->isEnabled());
    QVERIFY(loopscope::test::waitFor([&] { return !panel.isRunning(); }));
    QVERIFY(button(panel, u"Send"_s)->isEnabled());
    QCOMPARE(running.size(), 2);
    const ResponseView *view = panel.responseView();
    QCOMPARE(view->answerText(), u"HTTP/1.1 200 OK\nX-Kind: test\nContent-Length: 5\n\nhello"_s);
    QVERIFY(view->statusText().startsWith(u"200 OK · 5 B · "_s));
    QCOMPARE(view->eventCount(), 5); // connected, sent, head, body, end
}

void tst_PlaygroundPanel::whatTheServerSaysIsNeverMarkup()
{
    EchoServer server("HTTP/1.1 200 <b>bold</b>\r\nContent-Length: 3\r\n\r\n\x1b[m");
    PlaygroundPanel panel;
    panel.setServer(u"127.0.0.1"_s, server.serverPort());
    panel.send();
    QVERIFY(loopscope::test::waitFor([&] { return !panel.isRunning(); }));
    QVERIFY(panel.responseView()->statusText().startsWith(u"200 <b>bold</b> · "_s));
    QVERIFY(!panel.responseView()->answerText().contains(QChar(0x1b)));
}

void tst_PlaygroundPanel::fiftyAtOnceAreCounted()
{
    EchoServer server("HTTP/1.1 204 No Content\r\n\r\n");
    PlaygroundPanel panel;
    panel.setServer(u"127.0.0.1"_s, server.serverPort());
    RequestDraft draft;
    draft.repeat = 50;
    panel.resend(draft);
    QVERIFY(loopscope::test::waitFor([&] { return !panel.isRunning(); }));
    QCOMPARE(server.connections, 50);
    bool counted = false;
    for (const QLabel *label : panel.findChildren<QLabel *>())
        counted = counted || label->text().startsWith(u"50 of 50 answered · 50 × 204 · "_s);
    QVERIFY(counted);
}

void tst_PlaygroundPanel::withoutAServerItSaysWhatToDo()
{
    PlaygroundPanel panel;
    panel.send();
    QVERIFY(loopscope::test::waitFor([&] { return !panel.isRunning(); }));
    QCOMPARE(panel.responseView()->statusText(),
             u"There is no server to send this to: start the server first."_s);
}

void tst_PlaygroundPanel::cancelClosesTheConnection()
{
    EchoServer server({});
    PlaygroundPanel panel;
    panel.setServer(u"127.0.0.1"_s, server.serverPort());
    panel.send();
    QVERIFY(loopscope::test::waitFor([&] { return !server.received.isEmpty(); }));
    QVERIFY(button(panel, u"Cancel"_s)->isEnabled());
    button(panel, u"Cancel"_s)->click();
    QVERIFY(!panel.isRunning());
    QVERIFY(panel.responseView()->statusText().startsWith("Cancelled after "_L1));
}

void tst_PlaygroundPanel::returnInThePathSends()
{
    EchoServer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    PlaygroundPanel panel;
    panel.setServer(u"127.0.0.1"_s, server.serverPort());
    for (auto *edit : panel.findChildren<QLineEdit *>()) {
        if (edit->accessibleName() == "Path"_L1) {
            edit->setText(u"/healthz"_s);
            QTest::keyClick(edit, Qt::Key_Return);
        }
    }
    QVERIFY(panel.isRunning());
    QVERIFY(loopscope::test::waitFor([&] { return !panel.isRunning(); }));
    QVERIFY(server.received.startsWith("GET /healthz HTTP/1.1\r\n"));
}

void tst_PlaygroundPanel::aLongAnswerIsCutForDisplay()
{
    const QByteArray body(200'000, 'x');
    EchoServer server("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + body);
    PlaygroundPanel panel;
    panel.setServer(u"127.0.0.1"_s, server.serverPort());
    panel.send();
    QVERIFY(loopscope::test::waitFor([&] { return !panel.isRunning(); }));
    const QString text = panel.responseView()->answerText();
    QCOMPARE(text.count(u'x'), ResponseView::maximumShownBytes);
    QVERIFY(text.endsWith("are shown)\n"_L1));
    QVERIFY(panel.responseView()->statusText().startsWith(u"200 OK · 200"_s));
}

QTEST_MAIN(tst_PlaygroundPanel)
#include "tst_playgroundpanel.moc"
