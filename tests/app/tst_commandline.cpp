// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commandline.h"
#include "tests/support/testcase.h"

using namespace loopscope::app;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class tst_CommandLine : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aBadLineGivesOneClearError_data();
    void aBadLineGivesOneClearError();
    void withoutArgumentsTheWindowOpensAsItWas();
    void theWindowTakesPortThemeAndLayout();
    void optionsOfQtAreLeftToQt();
    void serveHasTheDocumentedDefaults();
    void serveTakesEveryOption();
    void labListTakesJson();
    void labRunTakesEveryOption();
    void labRunLeavesDefaultsToTheExperiment();
    void helpWinsOverMistakesAndNamesEveryOption();
    void versionIsPrinted();
};

static void commonRows()
{
    const QString port = u"a port is a number from 0 to 65535"_s;
    QTest::newRow("an unknown option") << QStringList{u"--prot"_s, u"1"_s} << u"unknown option 'prot'"_s;
    QTest::newRow("an unknown option of serve")
        << QStringList{u"serve"_s, u"--theme"_s, u"dark"_s} << u"unknown option 'theme'"_s;
    QTest::newRow("an argument that nothing expects")
        << QStringList{u"sevre"_s} << u"unexpected argument \"sevre\""_s;
    QTest::newRow("a missing value") << QStringList{u"serve"_s, u"--port"_s} << u"missing value after '--port'"_s;
    QTest::newRow("a port that is no number")
        << QStringList{u"--port"_s, u"http"_s} << u"bad value \"http\" for --port: "_s + port;
    QTest::newRow("a port too large")
        << QStringList{u"serve"_s, u"--port"_s, u"65536"_s} << u"bad value \"65536\" for --port: "_s + port;
    QTest::newRow("a negative port")
        << QStringList{u"serve"_s, u"--port=-1"_s} << u"bad value \"-1\" for --port: "_s + port;
    QTest::newRow("a line break does not break the line")
        << QStringList{u"a\nb"_s} << u"unexpected argument \"a?b\""_s;
}

static void optionRows()
{
    QTest::newRow("an unknown theme") << QStringList{u"--theme"_s, u"pink"_s}
                                      << u"bad value \"pink\" for --theme: it is one of system, light, dark"_s;
    QTest::newRow("an unknown log") << QStringList{u"serve"_s, u"--log"_s, u"xml"_s}
                                    << u"bad value \"xml\" for --log: it is one of text, json"_s;
    QTest::newRow("a name for an address")
        << QStringList{u"serve"_s, u"--host"_s, u"example.com"_s}
        << u"bad value \"example.com\" for --host: it is an IPv4 or IPv6 address, or localhost"_s;
    QTest::newRow("a time that is not finite")
        << QStringList{u"serve"_s, u"--drain-timeout"_s, u"inf"_s}
        << u"bad value \"inf\" for --drain-timeout: a time is a number of seconds from 0 to 86400"_s;
    QTest::newRow("a negative size")
        << QStringList{u"serve"_s, u"--max-body=-5"_s}
        << u"bad value \"-5\" for --max-body: it is a number of bytes from 0 to 1099511627776"_s;
    QTest::newRow("an empty path") << QStringList{u"serve"_s, u"--trace="_s}
                                   << u"bad value \"\" for --trace: a path is not empty"_s;
    QTest::newRow("one file for both")
        << QStringList{u"serve"_s, u"--trace"_s, u"x"_s, u"--har"_s, u"x"_s} << u"--trace and --har name the same file"_s;
    QTest::newRow("a number of connections that serves nobody")
        << QStringList{u"serve"_s, u"--max-connections"_s, u"0"_s}
        << u"bad value \"0\" for --max-connections: it is a number from 1 to 1000000000"_s;
    QTest::newRow("a rate that is no number")
        << QStringList{u"serve"_s, u"--min-rate"_s, u"slow"_s}
        << u"bad value \"slow\" for --min-rate: it is a number of bytes from 0 to 1000000000"_s;
    QTest::newRow("a certificate without its key")
        << QStringList{u"serve"_s, u"--cert"_s, u"x"_s} << u"--cert and --key go together"_s;
    QTest::newRow("a key without its certificate")
        << QStringList{u"serve"_s, u"--key"_s, u"x"_s} << u"--cert and --key go together"_s;
}

static void labRows()
{
    QTest::newRow("lab without a command") << QStringList{u"lab"_s} << u"lab is followed by list or run"_s;
    QTest::newRow("an unknown command of lab") << QStringList{u"lab"_s, u"walk"_s} << u"unexpected argument \"walk\""_s;
    QTest::newRow("lab run without a name")
        << QStringList{u"lab"_s, u"run"_s, u"--json"_s}
        << u"lab run wants the name of an experiment; loopscope lab list names them"_s;
    QTest::newRow("two experiments at once")
        << QStringList{u"lab"_s, u"run"_s, u"write"_s, u"read"_s} << u"unexpected argument \"read\""_s;
    QTest::newRow("an argument of lab list")
        << QStringList{u"lab"_s, u"list"_s, u"write"_s} << u"unexpected argument \"write\""_s;
    QTest::newRow("a load beyond the bound")
        << QStringList{u"lab"_s, u"run"_s, u"write"_s, u"--rate"_s, u"20001"_s}
        << u"bad value \"20001\" for --rate: it is a number from 1 to 20000"_s;
    QTest::newRow("no time at all") << QStringList{u"lab"_s, u"run"_s, u"write"_s, u"--seconds"_s, u"0"_s}
                                    << u"bad value \"0\" for --seconds: it is a number from 1 to 300"_s;
    QTest::newRow("runs that are no number") << QStringList{u"lab"_s, u"run"_s, u"write"_s, u"--runs"_s, u"many"_s}
                                             << u"bad value \"many\" for --runs: it is a number from 1 to 100"_s;
    QTest::newRow("a parameter without a number")
        << QStringList{u"lab"_s, u"run"_s, u"write"_s, u"--parameter"_s, u"mib"_s}
        << u"bad value \"mib\" for --parameter: it is NAME=NUMBER"_s;
    QTest::newRow("a parameter that is no number")
        << QStringList{u"lab"_s, u"run"_s, u"write"_s, u"--parameter"_s, u"mib=1"_s, u"--parameter"_s, u"mib=x"_s}
        << u"bad value \"mib=x\" for --parameter: it is NAME=NUMBER"_s;
    QTest::newRow("a probe that would break the request")
        << QStringList{u"lab"_s, u"run"_s, u"write"_s, u"--probe"_s, u"/a HTTP/1.1"_s}
        << u"bad value \"/a HTTP/1.1\" for --probe: it begins with / and is of visible ASCII"_s;
    QTest::newRow("a URL with a path")
        << QStringList{u"lab"_s, u"run"_s, u"write"_s, u"--url"_s, u"http://127.0.0.1/lab"_s}
        << u"bad value \"http://127.0.0.1/lab\" for --url: it is http://HOST:PORT"_s;
    QTest::newRow("an empty variant") << QStringList{u"lab"_s, u"run"_s, u"write"_s, u"--variant="_s}
                                      << u"bad value \"\" for --variant: a name is not empty"_s;
}

void tst_CommandLine::aBadLineGivesOneClearError_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("line");
    commonRows();
    optionRows();
    labRows();
}

void tst_CommandLine::aBadLineGivesOneClearError()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, line);
    const CommandLine result = parseCommandLine(arguments);
    QVERIFY(std::holds_alternative<CommandLineError>(result));
    QCOMPARE(std::get<CommandLineError>(result).line, line);
}

void tst_CommandLine::withoutArgumentsTheWindowOpensAsItWas()
{
    const CommandLine result = parseCommandLine({});
    QVERIFY(std::holds_alternative<WindowOptions>(result));
    const auto &options = std::get<WindowOptions>(result);
    QVERIFY(!options.port);
    QVERIFY(!options.theme);
    QVERIFY(!options.resetLayout);
    QVERIFY(!options.start);
}

void tst_CommandLine::theWindowTakesPortThemeAndLayout()
{
    const CommandLine result = parseCommandLine(
        {u"--port"_s, u"8080"_s, u"--theme=dark"_s, u"--reset-layout"_s, u"--start"_s});
    QVERIFY(std::holds_alternative<WindowOptions>(result));
    const auto &options = std::get<WindowOptions>(result);
    QCOMPARE(options.port, std::optional<quint16>(8080));
    QVERIFY(options.theme == ThemeChoice::Dark);
    QVERIFY(options.resetLayout);
    QVERIFY(options.start);
}

void tst_CommandLine::optionsOfQtAreLeftToQt()
{
    const CommandLine result = parseCommandLine({u"-platform"_s, u"offscreen"_s, u"--style"_s, u"fusion"_s});
    QVERIFY(std::holds_alternative<WindowOptions>(result));
}

void tst_CommandLine::serveHasTheDocumentedDefaults()
{
    const CommandLine result = parseCommandLine({u"serve"_s});
    QVERIFY(std::holds_alternative<ServeOptions>(result));
    const auto &options = std::get<ServeOptions>(result);
    QCOMPARE(options.host, QHostAddress(u"127.0.0.1"_s));
    QCOMPARE(options.port, quint16(3000));
    QCOMPARE(options.drainTimeout, 10s);
    QVERIFY(options.traceFile.isEmpty());
    QVERIFY(options.harFile.isEmpty());
    QVERIFY(options.log == ServeOptions::Log::None);
    QVERIFY(options.environment == ServeOptions::Environment::Production);
    QVERIFY(!options.headerTimeout);
    QVERIFY(!options.maximumBody);
    QVERIFY(!options.maximumConnections);
    QVERIFY(!options.maximumConnectionsPerAddress);
    QVERIFY(!options.maximumRequests);
    QVERIFY(!options.minimumRate);
    QVERIFY(options.certificateFile.isEmpty());
}

void tst_CommandLine::serveTakesEveryOption()
{
    const CommandLine result = parseCommandLine(
        {u"serve"_s, u"--host"_s, u"::1"_s, u"--port"_s, u"0"_s, u"--drain-timeout"_s, u"0.25"_s, u"--trace"_s,
         u"t.json"_s, u"--har"_s, u"h.har"_s, u"--log"_s, u"json"_s, u"--env"_s, u"development"_s,
         u"--header-timeout"_s, u"1"_s, u"--request-timeout"_s, u"2"_s, u"--keep-alive-timeout"_s, u"3.5"_s,
         u"--max-body"_s, u"12"_s, u"--uploads"_s, u"/tmp/up"_s, u"--max-connections"_s, u"100"_s,
         u"--max-connections-per-address"_s, u"10"_s, u"--max-requests"_s, u"1000"_s, u"--min-rate"_s, u"0"_s,
         u"--cert"_s, u"c.pem"_s, u"--key"_s, u"k.pem"_s, u"--static"_s, u"/tmp/files"_s});
    QVERIFY(std::holds_alternative<ServeOptions>(result));
    const auto &options = std::get<ServeOptions>(result);
    QCOMPARE(options.host, QHostAddress(QHostAddress::LocalHostIPv6));
    QCOMPARE(options.port, quint16(0));
    QCOMPARE(options.drainTimeout, 250ms);
    QCOMPARE(options.traceFile, u"t.json"_s);
    QCOMPARE(options.harFile, u"h.har"_s);
    QVERIFY(options.log == ServeOptions::Log::Json);
    QVERIFY(options.environment == ServeOptions::Environment::Development);
    QVERIFY(options.headerTimeout == 1s);
    QVERIFY(options.requestTimeout == 2s);
    QVERIFY(options.keepAliveTimeout == 3500ms);
    QCOMPARE(options.maximumBody, std::optional<qint64>(12));
    QCOMPARE(options.uploads, u"/tmp/up"_s);
    QCOMPARE(options.maximumConnections, std::optional<int>(100));
    QCOMPARE(options.maximumConnectionsPerAddress, std::optional<int>(10));
    QCOMPARE(options.maximumRequests, std::optional<int>(1000));
    QCOMPARE(options.minimumRate, std::optional<qint64>(0));
    QCOMPARE(options.certificateFile, u"c.pem"_s);
    QCOMPARE(options.keyFile, u"k.pem"_s);
    QCOMPARE(options.staticFiles, u"/tmp/files"_s);
}

void tst_CommandLine::labListTakesJson()
{
    const CommandLine plain = parseCommandLine({u"lab"_s, u"list"_s});
    QVERIFY(std::holds_alternative<LabListOptions>(plain));
    QVERIFY(!std::get<LabListOptions>(plain).json);
    const CommandLine json = parseCommandLine({u"lab"_s, u"list"_s, u"--json"_s});
    QVERIFY(std::holds_alternative<LabListOptions>(json));
    QVERIFY(std::get<LabListOptions>(json).json);
}

void tst_CommandLine::labRunTakesEveryOption()
{
    const CommandLine result = parseCommandLine(
        {u"lab"_s, u"run"_s, u"write"_s, u"--variant"_s, u"pool"_s, u"--parameter"_s, u"mib=8"_s, u"--variant"_s, u"blocking"_s, u"--parameter"_s,
         u"times=-3"_s, u"--rate"_s, u"500"_s, u"--seconds"_s, u"3"_s, u"--runs"_s, u"7"_s, u"--probe"_s, u"/users?a=b"_s,
         u"--url"_s, u"http://[::1]:8080"_s, u"--json"_s});
    QVERIFY(std::holds_alternative<LabRunOptions>(result));
    const auto &options = std::get<LabRunOptions>(result);
    QCOMPARE(options.experiment, QByteArray("write"));
    QCOMPARE(options.variants, (QList<QByteArray>{"pool", "blocking"})); // in that order
    QCOMPARE(options.parameters, (QList<std::pair<QByteArray, qint64>>{{"mib", 8}, {"times", -3}}));
    QCOMPARE(options.rate, std::optional<int>(500));
    QCOMPARE(options.seconds, std::optional<int>(3));
    QCOMPARE(options.runs, std::optional<int>(7));
    QCOMPARE(options.probePath, QByteArray("/users?a=b"));
    QVERIFY(options.target == (loopscope::load::Target{u"::1"_s, 8080}));
    QVERIFY(options.json);
}

void tst_CommandLine::labRunLeavesDefaultsToTheExperiment()
{
    const CommandLine result = parseCommandLine({u"lab"_s, u"run"_s, u"write"_s});
    QVERIFY(std::holds_alternative<LabRunOptions>(result));
    const auto &options = std::get<LabRunOptions>(result);
    QVERIFY(options.variants.isEmpty() && options.parameters.isEmpty() && options.probePath.isEmpty());
    QVERIFY(!options.rate && !options.seconds && !options.runs && !options.target && !options.json);
}

void tst_CommandLine::helpWinsOverMistakesAndNamesEveryOption()
{
    const CommandLine result = parseCommandLine({u"serve"_s, u"--nonsense"_s, u"--help"_s});
    QVERIFY(std::holds_alternative<PrintAndExit>(result));
    const QString text = std::get<PrintAndExit>(result).text;
    for (const auto option : {"--host"_L1, "--port"_L1, "--drain-timeout"_L1, "--trace"_L1, "--har"_L1, "--log"_L1,
                              "--env"_L1, "--header-timeout"_L1, "--request-timeout"_L1, "--keep-alive-timeout"_L1,
                              "--max-body"_L1, "--uploads"_L1, "--max-connections"_L1,
                              "--max-connections-per-address"_L1, "--max-requests"_L1, "--min-rate"_L1,
                              "--cert"_L1, "--key"_L1, "--static"_L1, "--variant"_L1, "--parameter"_L1, "--rate"_L1,
                              "--seconds"_L1, "--runs"_L1, "--probe"_L1, "--url"_L1, "--json"_L1, "--theme"_L1, "--reset-layout"_L1, "--start"_L1})
        QVERIFY2(text.contains(option), option.data());
    for (const QStringList &arguments : {QStringList{u"lab"_s, u"--help"_s}, QStringList{u"lab"_s, u"run"_s, u"-h"_s}})
        QVERIFY(std::holds_alternative<PrintAndExit>(parseCommandLine(arguments)));
}

void tst_CommandLine::versionIsPrinted()
{
    const CommandLine result = parseCommandLine({u"--version"_s});
    QVERIFY(std::holds_alternative<PrintAndExit>(result));
    QVERIFY(std::get<PrintAndExit>(result).text.startsWith("loopscope 0."_L1));
}

QTEST_GUILESS_MAIN(tst_CommandLine)
#include "tst_commandline.moc"
