// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/practicesite.h"
#include "tests/support/rawclient.h"
#include "tests/support/testcase.h"

#include <QtCore/QCryptographicHash>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>
#include <QtNetwork/QTcpServer>

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <functional>

using namespace loopscope;
using namespace Qt::StringLiterals;
using test::RawClient;

// `loopscope serve` as scripts see it: what it prints, how it drains, what it writes, and its exit status.
class tst_Serve : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void theFormLeadsToTheListAndTheTraceShowsTheChunks();
    void drainingFinishesADownloadAndRefusesNewConnections();
    void theDeadlineCutsNamesAndExitsWith1();
    void aSecondSignalCutsAtOnce();
    void aFileThatCannotBeWrittenIsToldAndEndsWith1();
    void aKilledServerLeavesWhatItRecorded();
    void aBlockingWriteHoldsUpOthersAndAnAsynchronousDoesNot_data();
    void aBlockingWriteHoldsUpOthersAndAnAsynchronousDoesNot();
    void aTerminalThatClosesDrainsToo();
    void anUncaughtErrorDrainsAndExitsWith1();
    void theLimitsOfTheCommandLineHold();
    void withoutDescriptorsThoseInHandGoOn();
    void aCertificateMakesItHttps();
    void aSignalClosesTheWindow_data();
    void aSignalClosesTheWindow();
    void aFolderIsServedBelowStatic();
    void whatCannotStartExitsWith2AndOneLine_data();
    void whatCannotStartExitsWith2AndOneLine();
};

namespace {

constexpr int patience = 60'000; // ms

// A running `loopscope serve --port 0`, on its own folder.
class Serve {
public:
    // `descriptors`: how many it may have open; 0: as many as this test.
    explicit Serve(const QStringList &options = {}, rlim_t descriptors = 0)
    {
        if (descriptors > 0) {
            m_process.setChildProcessModifier([descriptors] {
                const rlimit limit{descriptors, descriptors};
                ::setrlimit(RLIMIT_NOFILE, &limit);
            });
        }
        m_process.start(QStringLiteral(LOOPSCOPE_PROGRAM),
                        QStringList{u"serve"_s, u"--port"_s, u"0"_s, u"--trace"_s, file(u"trace.json"_s), u"--har"_s,
                                    file(u"requests.har"_s), u"--uploads"_s, file(u"uploads"_s)}
                            + options);
        if (m_process.waitForReadyRead(patience))
            m_firstLine = m_process.readLine();
        m_port = quint16(m_firstLine.trimmed().split(':').last().toUInt());
    }
    ~Serve()
    {
        if (m_process.state() != QProcess::NotRunning) {
            m_process.kill();
            m_process.waitForFinished(patience);
        }
    }
    void signal(int number) { ::kill(pid_t(m_process.processId()), number); }
    // The exit status, or -1 if it did not end by itself.
    int exitStatus()
    {
        const bool ended = RawClient::until([&] { return m_process.state() == QProcess::NotRunning; });
        return ended && m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -1;
    }
    QByteArray errors() { return m_process.readAllStandardError(); }
    // Standard output behind the first line.
    const QByteArray &output() { return m_output += m_process.readAllStandardOutput(); }
    // Open descriptors whose number is below `limit`: those that count for RLIMIT_NOFILE.
    [[nodiscard]] qint64 descriptorsBelow(rlim_t limit) const
    {
        const QDir folder(u"/proc/%1/fd"_s.arg(m_process.processId()));
        const QStringList names = folder.entryList(QDir::Files | QDir::System);
        return std::count_if(names.begin(), names.end(),
                             [limit](const QString &name) { return name.toULongLong() < limit; });
    }
    [[nodiscard]] QString file(const QString &name) const { return m_folder.filePath(name); }
    [[nodiscard]] quint16 port() const { return m_port; }
    [[nodiscard]] const QByteArray &firstLine() const { return m_firstLine; }
    // What --trace wrote; empty if it is no valid file.
    [[nodiscard]] QJsonArray trace() const
    {
        QFile written(file(u"trace.json"_s));
        return written.open(QIODevice::ReadOnly)
            ? QJsonDocument::fromJson(written.readAll()).object().value("traceEvents"_L1).toArray()
            : QJsonArray();
    }
    [[nodiscard]] QJsonArray harEntries() const
    {
        QFile written(file(u"requests.har"_s));
        if (!written.open(QIODevice::ReadOnly))
            return {};
        const QJsonObject log = QJsonDocument::fromJson(written.readAll()).object().value("log"_L1).toObject();
        return log.value("entries"_L1).toArray();
    }

private:
    QTemporaryDir m_folder;
    QProcess m_process;
    QByteArray m_firstLine;
    QByteArray m_output;
    quint16 m_port = 0;
};

QByteArray request(const QByteArray &method, const QByteArray &target, const QByteArray &more = {})
{
    return method + ' ' + target + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n";
}

constexpr int downloadMb = 64; // more than the kernel's buffers hold

} // namespace

void tst_Serve::theFormLeadsToTheListAndTheTraceShowsTheChunks()
{
    Serve serve;
    QCOMPARE(serve.firstLine(), QByteArray("Listening on http://127.0.0.1:" + QByteArray::number(serve.port()) + '\n'));
    RawClient client(serve.port());
    client.send(request("GET", "/"));
    QVERIFY(client.waitFor("action=\"/create-user\""));
    client.send(request("POST", "/create-user",
                        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 16\r\n")
                + "username");
    QTest::qWait(30); // a pace, not a hope: the chunks are counted below
    client.send("=Ada+%3C");
    QVERIFY(client.waitFor("Location: /users\r\n"));
    client.send(request("GET", "/users"));
    QVERIFY(client.waitFor("<li>Ada &lt;</li>"));
    serve.signal(SIGTERM);
    QCOMPARE(serve.exitStatus(), 0);
    int chunks = 0;
    for (const QJsonValue &event : serve.trace())
        chunks += event["name"_L1].toString() == "BodyChunk"_L1;
    QCOMPARE(chunks, 2);
    QCOMPARE(serve.harEntries().size(), 3);
}

void tst_Serve::drainingFinishesADownloadAndRefusesNewConnections()
{
    Serve serve({u"--drain-timeout"_s, u"60"_s});
    RawClient client(serve.port());
    client.socket().setReadBufferSize(1024);
    client.send(request("GET", QByteArray("/download?mb=" + QByteArray::number(downloadMb))));
    QVERIFY(RawClient::until([&] { return client.socket().bytesAvailable() > 0; }));
    serve.signal(SIGTERM);
    QVERIFY(RawClient::until([&] {
        RawClient late(serve.port());
        return RawClient::until([&] {
                   return late.socket().state() == QAbstractSocket::ConnectedState
                       || late.socket().state() == QAbstractSocket::UnconnectedState;
               })
            && late.socket().error() == QAbstractSocket::ConnectionRefusedError;
    }));
    client.socket().setReadBufferSize(0);
    QVERIFY(client.waitForClose());
    const QByteArray &answer = client.received();
    const QByteArray body = answer.mid(answer.indexOf("\r\n\r\n") + 4);
    QCOMPARE(body.size(), qsizetype(downloadMb) * 1024 * 1024);
    QCryptographicHash expected(QCryptographicHash::Sha256);
    for (int i = 0; i < downloadMb * 16; ++i)
        expected.addData(practice::PracticeSite::downloadBlock());
    QCOMPARE(QCryptographicHash::hash(body, QCryptographicHash::Sha256), expected.result());
    QCOMPARE(serve.exitStatus(), 0);
    QVERIFY(serve.errors().isEmpty());
}

void tst_Serve::theDeadlineCutsNamesAndExitsWith1()
{
    Serve serve({u"--drain-timeout"_s, u"1"_s});
    RawClient client(serve.port());
    client.socket().setReadBufferSize(1024);
    client.send(request("GET", "/download?mb=64"));
    QVERIFY(RawClient::until([&] { return client.socket().bytesAvailable() > 0; }));
    serve.signal(SIGTERM);
    QCOMPARE(serve.exitStatus(), 1);
    const QByteArray errors = serve.errors();
    QVERIFY2(errors.contains("GET /download?mb=64") && errors.contains("127.0.0.1:"), errors.constData());
    QVERIFY(!serve.trace().isEmpty()); // a valid file all the same
}

void tst_Serve::aFileThatCannotBeWrittenIsToldAndEndsWith1()
{
    Serve serve({u"--trace"_s, u"/dev/full"_s});
    RawClient client(serve.port());
    client.send(request("GET", "/healthz"));
    QVERIFY(client.waitFor("\"ok\""));
    serve.signal(SIGTERM);
    QCOMPARE(serve.exitStatus(), 1);
    const QByteArray errors = serve.errors();
    QVERIFY2(errors == "loopscope: /dev/full: The trace could not be written: No space left on device.\n", errors.constData());
    QVERIFY(!serve.harEntries().isEmpty()); // the other file is whole
}

void tst_Serve::aKilledServerLeavesWhatItRecorded()
{
    Serve serve;
    RawClient client(serve.port());
    client.send(request("GET", "/healthz"));
    QVERIFY(client.waitFor("\"ok\""));
    QFile written(serve.file(u"trace.json"_s));
    QVERIFY(written.open(QIODevice::ReadOnly));
    QByteArray recorded;
    QVERIFY(RawClient::until([&] { return (recorded += written.readAll()).contains("/healthz"); }));
    serve.signal(SIGKILL);
    QCOMPARE(serve.exitStatus(), -1);
}

void tst_Serve::aSecondSignalCutsAtOnce()
{
    Serve serve({u"--drain-timeout"_s, u"3600"_s});
    RawClient client(serve.port());
    client.socket().setReadBufferSize(1024);
    client.send(request("GET", "/download?mb=64"));
    QVERIFY(RawClient::until([&] { return client.socket().bytesAvailable() > 0; }));
    serve.signal(SIGINT);
    QVERIFY(RawClient::until([&] {
        RawClient late(serve.port());
        return RawClient::until([&] { return late.socket().state() != QAbstractSocket::ConnectingState
                                              && late.socket().state() != QAbstractSocket::HostLookupState; })
            && late.socket().error() == QAbstractSocket::ConnectionRefusedError;
    }));
    serve.signal(SIGINT);
    QCOMPARE(serve.exitStatus(), 1);
}

void tst_Serve::aBlockingWriteHoldsUpOthersAndAnAsynchronousDoesNot_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QString>("slice");
    QTest::addColumn<bool>("blocks");
    QTest::newRow("on the loop") << QByteArray("/message?mode=sync") << u"writeFileSync"_s << true;
    QTest::newRow("on the pool") << QByteArray("/message") << u"writeFile"_s << false;
}

void tst_Serve::aBlockingWriteHoldsUpOthersAndAnAsynchronousDoesNot()
{
    QFETCH(QByteArray, target);
    QFETCH(QString, slice);
    QFETCH(bool, blocks);
    constexpr qsizetype bytes = 64 * 1024 * 1024;
    Serve serve;
    RawClient writer(serve.port());
    RawClient prober(serve.port());
    QVERIFY(prober.connected());
    writer.send(request("POST", target, "Content-Type: text/plain\r\nContent-Length: " + QByteArray::number(bytes) + "\r\n")
                + QByteArray(bytes, 'x'));
    // one GET /healthz after the other until the write is answered
    int asked = 0;
    QVERIFY(RawClient::until([&] {
        if (prober.received().count("\"ok\"") == asked) {
            prober.send(request("GET", "/healthz"));
            ++asked;
        }
        return writer.received().contains("302 Found");
    }));
    QVERIFY(prober.waitFor("\"ok\""));
    serve.signal(SIGTERM);
    QCOMPARE(serve.exitStatus(), 0);

    double begin = 0;
    double end = 0;
    int writeRequest = 0;
    int messageRequest = -1;
    const QJsonArray events = serve.trace();
    for (const QJsonValue &event : events) {
        if (event["ph"_L1].toString() != "X"_L1)
            continue;
        if (event["name"_L1].toString() == slice && event["dur"_L1].toDouble() > end - begin) {
            begin = event["ts"_L1].toDouble();
            end = begin + event["dur"_L1].toDouble();
            writeRequest = event["args"_L1]["request"_L1].toInt();
        }
        if (event["name"_L1].toString().startsWith("POST /message"_L1) && event["cat"_L1].toString() == "Request"_L1)
            messageRequest = event["args"_L1]["request"_L1].toInt();
    }
    QVERIFY(end > begin);
    QCOMPARE(writeRequest, messageRequest); // the slice is the right request's
    const auto holdsTheWrite = [&](const QJsonValue &event) {
        const double at = event["ts"_L1].toDouble();
        return event["cat"_L1].toString() == "LayerResumed"_L1 && at <= begin && at + event["dur"_L1].toDouble() >= end;
    };
    QCOMPARE(std::any_of(events.begin(), events.end(), holdsTheWrite), blocks); // and its handler's own time, or not
    int answeredMeanwhile = 0;
    int answered = 0;
    for (const QJsonValue &event : events) {
        if (event["name"_L1].toString() != "GET /healthz"_L1 || event["cat"_L1].toString() != "Request"_L1)
            continue;
        const double answer = event["ts"_L1].toDouble() + event["dur"_L1].toDouble();
        ++answered;
        answeredMeanwhile += answer > begin && answer < end;
    }
    QVERIFY(answered > 0);
    QVERIFY2(blocks ? answeredMeanwhile == 0 : answeredMeanwhile > 0,
             qPrintable(u"%1 of %2 answered in the %3 ms of the write"_s.arg(answeredMeanwhile).arg(answered).arg((end - begin) / 1e3)));
}

void tst_Serve::aTerminalThatClosesDrainsToo()
{
    Serve serve;
    RawClient client(serve.port());
    client.send(request("GET", "/healthz"));
    QVERIFY(client.waitFor("\"ok\""));
    serve.signal(SIGHUP);
    QCOMPARE(serve.exitStatus(), 0);
    QVERIFY(!serve.trace().isEmpty());
    QCOMPARE(serve.harEntries().size(), 1);
}

void tst_Serve::anUncaughtErrorDrainsAndExitsWith1()
{
    Serve serve({u"--env"_s, u"development"_s});
    RawClient download(serve.port());
    download.socket().setReadBufferSize(1024);
    download.send(request("GET", QByteArray("/download?mb=" + QByteArray::number(downloadMb))));
    QVERIFY(RawClient::until([&] { return download.socket().bytesAvailable() > 0; }));
    RawClient client(serve.port());
    client.send(request("POST", "/uncaught"));
    QVERIFY(client.waitFor("202 Accepted"));
    QVERIFY(client.waitForClose()); // idle: the drain closes it
    download.socket().setReadBufferSize(0);
    QVERIFY(RawClient::until([&] { return download.received().size() > downloadMb * 1024 * 1024; }));
    QCOMPARE(serve.exitStatus(), 1);
    QCOMPARE(serve.errors(), QByteArray("loopscope: uncaught error: thrown in a timer, outside any handler\n"));
    QVERIFY(!serve.trace().isEmpty()); // the file is whole
    QCOMPARE(serve.harEntries().size(), 2);
}

void tst_Serve::theLimitsOfTheCommandLineHold()
{
    Serve serve({u"--max-connections"_s, u"2"_s, u"--max-connections-per-address"_s, u"1"_s, u"--max-requests"_s,
                 u"1"_s});
    RawClient first(serve.port());
    QVERIFY(first.connected());
    RawClient second(serve.port());
    QVERIFY(second.waitForClose());
    QVERIFY2(second.received().startsWith("HTTP/1.1 429 "), second.received().constData());
    QVERIFY(first.exchange(request("GET", "/healthz")).contains("\r\nConnection: close\r\n"));
}

void tst_Serve::withoutDescriptorsThoseInHandGoOn()
{
#ifdef __SANITIZE_ADDRESS__
    QSKIP("UndefinedBehaviorSanitizer opens a pipe to look at an object's type: without descriptors all seem wrong.");
#endif
    constexpr rlim_t descriptors = 64;
    constexpr int waiting = 5;
    Serve serve({u"--log"_s, u"text"_s}, descriptors);
    RawClient first(serve.port());
    first.send(request("GET", "/healthz"));
    QVERIFY(first.waitFor("\"ok\""));
    const auto clients = qint64(descriptors) - serve.descriptorsBelow(descriptors) + waiting;
    QVERIFY2(clients > waiting && clients < qint64(descriptors), qPrintable(QString::number(clients)));
    std::vector<std::unique_ptr<RawClient>> others;
    for (qint64 i = 0; i < clients; ++i) {
        others.push_back(std::make_unique<RawClient>(serve.port()));
        QVERIFY(others.back()->connected()); // by the kernel
    }
    const QByteArray line = "error: no connection can be accepted: ";
    QVERIFY2(RawClient::until([&] { return serve.output().contains(line); }), serve.output().constData());
    QTest::qWait(350); // several more attempts
    first.send(request("GET", "/healthz"));
    QVERIFY(RawClient::until([&] { return first.received().count("\"ok\"") == 2; }));
    others.erase(others.begin(), others.end() - waiting);
    for (const auto &other : others) {
        other->send(request("GET", "/healthz"));
        QVERIFY(other->waitFor("\"ok\""));
    }
    others.clear();
    first.socket().disconnectFromHost();
    serve.signal(SIGTERM);
    QCOMPARE(serve.exitStatus(), 0);
    QCOMPARE(serve.output().count(line), 1);
}

void tst_Serve::aCertificateMakesItHttps()
{
    const QString folder = QStringLiteral(LOOPSCOPE_SOURCE) % u"/tests/support/tls/";
    Serve serve({u"--cert"_s, QString(folder % u"cert.pem"), u"--key"_s, QString(folder % u"key.pem")});
    const QByteArray url = "https://127.0.0.1:" + QByteArray::number(serve.port());
    QCOMPARE(serve.firstLine(), QByteArray("Listening on " + url + '\n'));
    QProcess curl;
    curl.start(u"curl"_s, {u"--silent"_s, u"--show-error"_s, u"--noproxy"_s, u"*"_s, u"--cacert"_s,
                           QString(folder % u"cert.pem"), u"https://localhost:%1/healthz"_s.arg(serve.port()),
                           u"--resolve"_s, u"localhost:%1:127.0.0.1"_s.arg(serve.port())});
    QVERIFY(curl.waitForFinished(patience));
    QCOMPARE(curl.readAllStandardError(), QByteArray());
    QVERIFY(curl.readAllStandardOutput().contains("\"ok\""));
    RawClient plain(serve.port());
    QVERIFY(plain.exchange(request("GET", "/healthz")).isEmpty());
    serve.signal(SIGTERM);
    QCOMPARE(serve.exitStatus(), 0);
    QCOMPARE(serve.errors(), QByteArray());
}

void tst_Serve::aSignalClosesTheWindow_data()
{
    QTest::addColumn<int>("number");
    QTest::newRow("SIGTERM") << SIGTERM;
    QTest::newRow("SIGINT, as by Ctrl+C") << SIGINT;
    QTest::newRow("SIGHUP, as the terminal closes") << SIGHUP;
}

void tst_Serve::aSignalClosesTheWindow()
{
#ifndef LOOPSCOPE_GUI
    QSKIP("built without the window");
#endif
    QFETCH(int, number);
    QTcpServer finder;
    QVERIFY(finder.listen(QHostAddress::LocalHost, 0));
    const quint16 port = finder.serverPort();
    finder.close();
    const QTemporaryDir folder;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"QT_QPA_PLATFORM"_s, u"offscreen"_s);
    environment.insert(u"XDG_CONFIG_HOME"_s, folder.path());
    QProcess window;
    window.setProcessEnvironment(environment);
    window.start(QStringLiteral(LOOPSCOPE_PROGRAM), {u"--start"_s, u"--port"_s, QString::number(port)});
    QVERIFY(RawClient::until([&] { // it listens
        RawClient client(port);
        const auto tried = [&client] { return client.socket().error() != QAbstractSocket::UnknownSocketError
                                           || client.socket().state() == QAbstractSocket::ConnectedState; };
        return RawClient::until(tried) && client.socket().state() == QAbstractSocket::ConnectedState;
    }));
    ::kill(pid_t(window.processId()), number);
    QVERIFY(RawClient::until([&] { return window.state() == QProcess::NotRunning; }));
    QCOMPARE(window.exitStatus(), QProcess::NormalExit);
    QCOMPARE(window.exitCode(), 0);
    QVERIFY(!QDir(folder.path()).isEmpty()); // what it remembers was written
}

void tst_Serve::aFolderIsServedBelowStatic()
{
    QTemporaryDir folder;
    QFile file(folder.filePath(u"hello.txt"_s));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("Hello, World!") == 13);
    file.close();
    Serve serve({u"--static"_s, folder.path()});
    RawClient client(serve.port());
    client.send(request("GET", "/static/hello.txt", "Range: bytes=7-\r\n"));
    QVERIFY(client.waitFor("\r\n\r\nWorld!"));
    QVERIFY(client.received().startsWith("HTTP/1.1 206 Partial Content\r\n"));
    serve.signal(SIGTERM);
    QCOMPARE(serve.exitStatus(), 0);
}

void tst_Serve::whatCannotStartExitsWith2AndOneLine_data()
{
    QTest::addColumn<QStringList>("options");
    QTest::newRow("an unknown option") << QStringList{u"serve"_s, u"--nonsense"_s};
    QTest::newRow("a port that is none") << QStringList{u"serve"_s, u"--port"_s, u"65536"_s};
    QTest::newRow("a file that cannot be written")
        << QStringList{u"serve"_s, u"--port"_s, u"0"_s, u"--trace"_s, u"/no/such/folder/trace.json"_s};
    QTest::newRow("a certificate that is not there")
        << QStringList{u"serve"_s, u"--port"_s, u"0"_s, u"--cert"_s, u"/no/cert"_s, u"--key"_s, u"/no/key"_s};
    QTest::newRow("a folder of files that is not there")
        << QStringList{u"serve"_s, u"--port"_s, u"0"_s, u"--static"_s, u"/no/such/folder"_s};
    QTest::newRow("a folder in which nothing can be written")
        << QStringList{u"serve"_s, u"--port"_s, u"0"_s, u"--uploads"_s, u"/proc"_s};
    QTest::newRow("a port in use") << QStringList{u"serve"_s, u"--port"_s};
}

void tst_Serve::whatCannotStartExitsWith2AndOneLine()
{
    QFETCH(QStringList, options);
    QTcpServer taken;
    if (options.last() == u"--port"_s) {
        QVERIFY(taken.listen(QHostAddress::LocalHost));
        options.append(QString::number(taken.serverPort()));
    }
    QProcess process;
    process.start(QStringLiteral(LOOPSCOPE_PROGRAM), options);
    QVERIFY(process.waitForFinished(patience));
    QCOMPARE(process.exitCode(), 2);
    QVERIFY(process.readAllStandardOutput().isEmpty());
    const QByteArray line = process.readAllStandardError();
    QVERIFY2(line.startsWith("loopscope: ") && line.count('\n') == 1, line.constData());
}

QTEST_GUILESS_MAIN(tst_Serve)
#include "tst_serve.moc"
