// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/export/curl.h"
#include "tests/support/sessionfeed.h"
#include "tests/support/testcase.h"

#include <QtCore/QProcess>

using namespace loopscope;
using namespace loopscope::exporting;
using namespace Qt::StringLiterals;

class tst_Curl : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void commands_data();
    void commands();
    void aRecordedFormIsSentAgain();
    void aCutBodySaysSo();
    void aShellReadsBackWhatWasQuoted_data();
    void aShellReadsBackWhatWasQuoted();
    void aShellGivesTheBytesOfABody();
};

void tst_Curl::commands_data()
{
    QTest::addColumn<QByteArray>("head");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("command");
    const auto row = [](const char *name, const char *head, const char *body, const QString &command) {
        QTest::newRow(name) << QByteArray(head) << QByteArray(body) << command;
    };
    row("a plain GET", "GET /users HTTP/1.1\r\nHost: localhost:3000\r\nUser-Agent: x\r\nAccept: */*\r\n\r\n", "",
        u"curl --http1.1 'http://localhost:3000/users' \\\n  -H 'User-Agent: x' \\\n  -H 'Accept: */*'"_s);
    row("what the request did not have is taken away", "GET / HTTP/1.0\r\n\r\n", "",
        u"curl --http1.0 'http://localhost:3000/' \\\n  -H 'User-Agent:' \\\n  -H 'Accept:'"_s);
    row("another host stays", "HEAD / HTTP/1.1\r\nHost: example.org\r\nAccept: a\r\nUser-Agent;\r\nUser-Agent: u\r\n\r\n", "",
        u"curl --http1.1 --head 'http://localhost:3000/' \\\n  -H 'Host: example.org' \\\n  -H 'Accept: a' \\\n  -H 'User-Agent: u'"_s);
    row("a body without a type", "PUT /it's HTTP/1.1\r\nHost: localhost:3000\r\nAccept: a\r\nUser-Agent: u\r\nContent-Length: 4\r\n\r\n", "a'b&",
        u"curl --http1.1 -X 'PUT' 'http://localhost:3000/it'\\''s' \\\n  -H 'Accept: a' \\\n  -H 'User-Agent: u' \\\n  -H 'Content-Type:' \\\n  --data-raw 'a'\\''b&'"_s);
    row("a binary body", "POST / HTTP/1.1\r\nHost: localhost:3000\r\nAccept: a\r\nUser-Agent: u\r\nContent-Type: b\r\n\r\n", "-\xff%'\\x",
        u"printf '\\055\\377\\045\\047\\134x' | curl --http1.1 'http://localhost:3000/' \\\n  -H 'Accept: a' \\\n  -H 'User-Agent: u' \\\n  -H 'Content-Type: b' \\\n  --data-binary @-"_s);
    row("a target that curl would expand", "GET /a/../{b}[1-3] HTTP/1.1\r\nHost: localhost:3000\r\nAccept: a\r\nUser-Agent: u\r\n\r\n", "",
        u"curl --http1.1 --globoff --path-as-is 'http://localhost:3000/a/../{b}[1-3]' \\\n  -H 'Accept: a' \\\n  -H 'User-Agent: u'"_s);
    row("the asterisk form, and empty and impossible fields", "OPTIONS * HTTP/1.1\r\nHost: localhost:3000\r\nAccept:\r\nUser-Agent: u\r\n@/etc/passwd: x\r\n\r\n", "",
        u"curl --http1.1 -X 'OPTIONS' --request-target '*' 'http://localhost:3000' \\\n  -H 'Accept;' \\\n  -H 'User-Agent: u'"_s);
    row("no request line", "\r\n\r\n", "", QString());
}

void tst_Curl::commands()
{
    QFETCH(QByteArray, head);
    QFETCH(QByteArray, body);
    QTEST(curlCommand({head, body, true}, u"http://localhost:3000/"_s), "command");
}

void tst_Curl::aRecordedFormIsSentAgain()
{
    model::Session session;
    test::feed(session, test::visitTranscript());
    QCOMPARE(curlCommand(session, 2, u"http://127.0.0.1:3000"_s),
             u"curl --http1.1 'http://127.0.0.1:3000/message' \\\n  -H 'Content-Type: application/x-www-form-urlencoded' \\\n  -H 'User-Agent:' \\\n  -H 'Accept:' \\\n  --data-raw 'name=Ann&text=Hello+you'"_s);
    QCOMPARE(curlCommand(session, 99, u"http://127.0.0.1:3000"_s), QString());
}

void tst_Curl::aCutBodySaysSo()
{
    QVERIFY(curlCommand({"POST / HTTP/1.1\r\n\r\n", "abc", false}, u"http://h"_s).startsWith(u"# only the captured part of the body\ncurl "_s));
}

void tst_Curl::aShellReadsBackWhatWasQuoted_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("nothing") << QString();
    QTest::newRow("quotes") << u"'; echo 'a' \"b\" '"_s;
    QTest::newRow("expansions") << u"$(id) `id` ${HOME} \\ ! * ~ # &"_s;
    QTest::newRow("lines") << u"a\nb\r\n\tc"_s;
    QTest::newRow("UTF-8") << u"zażółć 😀"_s;
}

static QByteArray shell(const QString &script)
{
    QProcess process;
    process.start(u"/bin/sh"_s, {u"-c"_s, script});
    if (!process.waitForFinished())
        qWarning("no shell");
    return process.readAllStandardOutput();
}

void tst_Curl::aShellReadsBackWhatWasQuoted()
{
    QFETCH(QString, text);
    QCOMPARE(shell(u"printf '%s' "_s + shellQuoted(text)), text.toUtf8());
}

void tst_Curl::aShellGivesTheBytesOfABody()
{
    QByteArray all("-n");
    for (int byte = 0; byte < 256; ++byte)
        all.append(char(byte));
    const QString command = curlCommand({"POST / HTTP/1.1\r\n\r\n", all, true}, u"http://h"_s);
    const qsizetype pipe = command.indexOf(u" | curl "_s);
    QVERIFY(pipe > 0);
    QCOMPARE(shell(command.first(pipe)), all);
}

QTEST_GUILESS_MAIN(tst_Curl)
#include "tst_curl.moc"
