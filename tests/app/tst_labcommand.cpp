// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/testcase.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QProcess>
#include <QtNetwork/QNetworkProxy>
#include <QtNetwork/QTcpServer>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using loopscope::test::patience;

// `loopscope lab` as scripts see it.
class tst_LabCommand : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void theListNamesEveryExperiment();
    void aBlockingWriteMakesEverybodyWaitForAllOfIt();
    void theTableEndsWithASentence();
    void oneVariantRunsAlone();
    void theVariantsThatAreNamedRunInThatOrder();
    void aServerThatNeverAnswersIsGivenUpInOneLine();
    void aTerminalIsToldWhatRuns();
    void whatCannotStartExitsWith2AndOneLine_data();
    void whatCannotStartExitsWith2AndOneLine();
    void aSignalCancels();
};

namespace {

struct Ended {
    int status = -1;
    QByteArray output;
    QByteArray errors;
};

Ended lab(const QStringList &arguments)
{
    QProcess process;
    process.start(QStringLiteral(LOOPSCOPE_PROGRAM), QStringList{u"lab"_s} + arguments);
    if (!process.waitForFinished(patience) || process.exitStatus() != QProcess::NormalExit)
        return {};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

QJsonObject variantOf(const QJsonObject &document, bool right)
{
    for (const QJsonValue &variant : document["variants"_L1].toArray()) {
        if (variant["right"_L1].toBool() == right)
            return variant.toObject();
    }
    return {};
}

} // namespace

void tst_LabCommand::theListNamesEveryExperiment()
{
    const Ended json = lab({u"list"_s, u"--json"_s});
    QCOMPARE(json.status, 0);
    const QJsonArray all = QJsonDocument::fromJson(json.output).array();
    QVERIFY(!all.isEmpty());
    const Ended text = lab({u"list"_s});
    QCOMPARE(text.status, 0);
    for (const QJsonValue &experiment : all)
    {
        QVERIFY2(text.output.contains(QByteArray(experiment["name"_L1].toString().toUtf8() + ": ")),
                 qPrintable(experiment["name"_L1].toString()));
        bool anyWrong = false;
        for (const QJsonValue &variant : experiment["variants"_L1].toArray()) {
            const bool right = variant["right"_L1].toBool(true);
            anyWrong = anyWrong || !right;
            const QString line = u"--variant %1%2: %3\n"_s.arg(
                variant["name"_L1].toString(), right ? QString() : u" (wrong)"_s, variant["description"_L1].toString());
            QVERIFY2(text.output.contains(line.toUtf8()), qPrintable(line));
        }
        QVERIFY2(anyWrong, qPrintable(experiment["name"_L1].toString()));
    }
    QVERIFY(text.output.contains("--parameter mib=64"));
}

// 64 MiB written on the loop: who asks meanwhile waits for all that is left of it. That needs no fast machine; how
// little is waited for otherwise does.
void tst_LabCommand::aBlockingWriteMakesEverybodyWaitForAllOfIt()
{
    const Ended ended = lab({u"run"_s, u"write"_s, u"--parameter"_s, u"mib=64"_s, u"--rate"_s, u"1000"_s, u"--runs"_s,
                             u"3"_s, u"--json"_s});
    QVERIFY2(ended.status == 0, ended.errors.constData());
    QJsonParseError problem;
    const QJsonObject document = QJsonDocument::fromJson(ended.output, &problem).object();
    QVERIFY2(problem.error == QJsonParseError::NoError, qPrintable(problem.errorString()));
    const QJsonObject wrong = variantOf(document, false);
    const QJsonObject right = variantOf(document, true);
    QCOMPARE(wrong["runs"_L1].toArray().size(), 3);
    QCOMPARE(right["runs"_L1].toArray().size(), 3);
    const double share = wrong["p99ShareOfWork"_L1].toDouble();
    QVERIFY2(share >= 0.8, ended.output.constData());
    QVERIFY2(right["p99ShareOfWork"_L1].toDouble() > 0, ended.output.constData());
    QCOMPARE(right["ratio"_L1].toDouble(), 1.0); // it is the reference
    QCOMPARE(wrong["probes"_L1]["answered"_L1], wrong["probes"_L1]["due"_L1]);
}

void tst_LabCommand::theTableEndsWithASentence()
{
    const Ended ended = lab({u"run"_s, u"write"_s, u"--parameter"_s, u"mib=1"_s, u"--runs"_s, u"1"_s});
    QVERIFY2(ended.status == 0, ended.errors.constData());
    const QList<QByteArray> lines = ended.output.split('\n');
    QVERIFY(lines[0].startsWith("write: "));
    QVERIFY2(lines[1].startsWith(
                 "mib = 1, flush = 1, 1 run of each variant, GET /healthz at 100/s beside it, against http://127.0.0.1:"),
             lines[1].constData());
    QVERIFY(lines[3].startsWith("variant "));
    QVERIFY(ended.output.contains("\np99 of GET /healthz meanwhile: "));
}

void tst_LabCommand::oneVariantRunsAlone()
{
    const QJsonArray all = QJsonDocument::fromJson(lab({u"list"_s, u"--json"_s}).output).array();
    QString name;
    for (const QJsonValue &experiment : all) {
        if (experiment["name"_L1] == "write"_L1)
            name = experiment["variants"_L1].toArray().last()["name"_L1].toString();
    }
    QVERIFY(!name.isEmpty());
    const Ended ended = lab(
        {u"run"_s, u"write"_s, u"--variant"_s, name, u"--parameter"_s, u"mib=1"_s, u"--runs"_s, u"1"_s, u"--json"_s});
    QVERIFY2(ended.status == 0, ended.errors.constData());
    const QJsonArray variants = QJsonDocument::fromJson(ended.output)["variants"_L1].toArray();
    QCOMPARE(variants.size(), 1);
    QCOMPARE(variants.first()["variant"_L1].toString(), name);
}

void tst_LabCommand::theVariantsThatAreNamedRunInThatOrder()
{
    const Ended ended =
        lab({u"run"_s, u"read"_s, u"--variant"_s, u"parallel"_s, u"--variant"_s, u"blocking"_s, u"--parameter"_s,
             u"files=1"_s, u"--runs"_s, u"1"_s, u"--json"_s});
    QVERIFY2(ended.status == 0, ended.errors.constData());
    const QJsonArray variants = QJsonDocument::fromJson(ended.output)["variants"_L1].toArray();
    QCOMPARE(variants.size(), 2);
    QCOMPARE(variants[0]["variant"_L1].toString(), u"parallel"_s);
    QCOMPARE(variants[1]["variant"_L1].toString(), u"blocking"_s);
}

// The system takes its connections in the place of a server that stands still. An experiment without a probe: nothing
// else would find out.
void tst_LabCommand::aServerThatNeverAnswersIsGivenUpInOneLine()
{
    QTcpServer silent;
    silent.setProxy(QNetworkProxy::NoProxy);
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    const QString url = u"http://127.0.0.1:%1"_s.arg(silent.serverPort());
    const Ended ended = lab({u"run"_s, u"order"_s, u"--url"_s, url, u"--json"_s});
    QCOMPARE(QString::fromUtf8(ended.errors), u"loopscope: %1 did not answer GET /lab within 10 s\n"_s.arg(url));
    QVERIFY(ended.output.isEmpty());
    QCOMPARE(ended.status, 2);
}

// A pseudo-terminal has standard error's place: the line is written over, and gone at the end.
void tst_LabCommand::aTerminalIsToldWhatRuns()
{
    const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
    QVERIFY(terminal >= 0 && ::grantpt(terminal) == 0 && ::unlockpt(terminal) == 0);
    // held open, so that what is read does not end with the program
    const int held = ::open(::ptsname(terminal), O_RDWR | O_NOCTTY);
    QVERIFY(held >= 0);
    QProcess process;
    process.setStandardErrorFile(QString::fromLocal8Bit(::ptsname(terminal)));
    process.start(QStringLiteral(LOOPSCOPE_PROGRAM),
                  {u"lab"_s, u"run"_s, u"write"_s, u"--parameter"_s, u"mib=1"_s, u"--runs"_s, u"1"_s, u"--json"_s});
    QVERIFY(process.waitForFinished(patience));
    QCOMPARE(process.exitCode(), 0);
    QVERIFY(!QJsonDocument::fromJson(process.readAllStandardOutput()).isNull()); // it is no part of the document
    QVERIFY(::write(held, "\n", 1) == 1); // the end of what is read, also of a program that said nothing
    QByteArray shown;
    std::array<char, 4'096> piece{};
    for (ssize_t count = 1; count > 0 && !shown.endsWith('\n');) {
        count = ::read(terminal, piece.data(), piece.size());
        shown.append(piece.data(), std::max<ssize_t>(0, count));
    }
    ::close(held);
    ::close(terminal);
    QVERIFY2(shown.startsWith("\rWaiting for the first answer (GET /lab) (0 s)"), shown.constData());
    QVERIFY2(shown.contains("\rRun 1 of 2: blocking, "), shown.constData());
    QVERIFY2(shown.contains("\rRun 2 of 2: pool, "), shown.constData());
    // blanks over the last of them; a terminal puts a carriage return before each line's end
    QVERIFY2(shown.endsWith(" \r\r\n") && shown.count('\n') == 1, shown.constData());
}

void tst_LabCommand::whatCannotStartExitsWith2AndOneLine_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("line");
    QTest::newRow("an unknown experiment")
        << QStringList{u"run"_s, u"rwite"_s} << QByteArray("there is no experiment \"rwite\"; there are: ");
    QTest::newRow("an unknown variant") << QStringList{u"run"_s, u"write"_s, u"--variant"_s, u"none"_s}
                                        << QByteArray("write has no variant \"none\"; it has: ");
    QTest::newRow("an unknown parameter") << QStringList{u"run"_s, u"write"_s, u"--parameter"_s, u"x=1"_s}
                                          << QByteArray("write has no parameter \"x\"; it has: ");
    QTest::newRow("a parameter out of its range")
        << QStringList{u"run"_s, u"write"_s, u"--parameter"_s, u"mib=1000000"_s}
        << QByteArray("the parameter mib of write is a number from ");
    QTest::newRow("a server that is not there")
        << QStringList{u"run"_s, u"write"_s, u"--url"_s, u"http://127.0.0.1:1"_s}
        << QByteArray("http://127.0.0.1:1 cannot be reached: connection refused");
    QTest::newRow("a probe that is not there")
        << QStringList{u"run"_s, u"write"_s, u"--probe"_s, u"/nowhere"_s, u"--json"_s}
        << QByteArray("GET /nowhere of http://127.0.0.1:");
}

void tst_LabCommand::whatCannotStartExitsWith2AndOneLine()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, line);
    const Ended ended = lab(arguments);
    QVERIFY2(ended.errors.startsWith(QByteArray("loopscope: " + line)), ended.errors.constData());
    QCOMPARE(ended.errors.count('\n'), 1);
    QCOMPARE(ended.status, 2);
}

void tst_LabCommand::aSignalCancels()
{
    QProcess process;
    process.start(QStringLiteral(LOOPSCOPE_PROGRAM),
                  {u"lab"_s, u"run"_s, u"write"_s, u"--parameter"_s, u"mib=1"_s, u"--seconds"_s, u"300"_s});
    QVERIFY(process.waitForReadyRead(patience)); // it says what runs before it runs
    ::kill(pid_t(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished(patience)); // it would run for twice as long
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 1);
    QVERIFY(process.readAllStandardError().endsWith("loopscope: cancelled\n"));
}

QTEST_GUILESS_MAIN(tst_LabCommand)
#include "tst_labcommand.moc"
