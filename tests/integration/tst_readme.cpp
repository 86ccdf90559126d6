// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/rawclient.h"
#include "tests/support/testcase.h"

#include <QtCore/QFile>
#include <QtCore/QProcess>

using namespace Qt::StringLiterals;
using loopscope::test::RawClient;

// What the README says of the library is what this repository builds.
class tst_Readme : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void theExampleIsTheOneThatIsBuilt();
    void theExampleServes();
};

static QByteArray contentOf(const char *path)
{
    QFile file(QStringLiteral(LOOPSCOPE_SOURCE) % u'/' % QLatin1StringView(path));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("(not there)");
}

void tst_Readme::theExampleIsTheOneThatIsBuilt()
{
    const QByteArray example = contentOf("tests/integration/readme_example.cpp");
    QVERIFY(example.contains("int main"));
    QVERIFY(contentOf("README.md").contains(QByteArray("```cpp\n" + example + "```")));
}

void tst_Readme::theExampleServes()
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(QStringLiteral(LOOPSCOPE_EXAMPLE), {u"0"_s});
    QVERIFY(process.waitForReadyRead(loopscope::test::patience));
    const QByteArray line = process.readLine().trimmed();
    QVERIFY2(line.startsWith("Listening on port "), line.constData());
    RawClient client(line.mid(18).toUShort());
    client.send("GET /hello/Ada HTTP/1.1\r\nHost: a\r\n\r\n");
    QVERIFY(client.waitFor("\r\n\r\nHello, Ada"));
    QVERIFY(client.received().contains("X-Seen: 1\r\n"));
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nping");
    QVERIFY(client.waitFor("\r\n\r\nping"));
    process.kill();
    QVERIFY(process.waitForFinished(loopscope::test::patience));
}

QTEST_GUILESS_MAIN(tst_Readme)
#include "tst_readme.moc"
