// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/httpserver.h"
#include "server/practice/practicesite.h"
#include "tests/support/loopmain.h"
#include "tests/support/patientserver.h"
#include "tests/support/rawclient.h"
#include "tests/support/testcase.h"

#include <QtCore/QCryptographicHash>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QProcess>
#include <QtCore/QStandardPaths>
#include <QtCore/QTemporaryDir>
#include <QtNetwork/QHostAddress>

using namespace loopscope;
using namespace Qt::StringLiterals;
using test::RawClient;

// The practice site as curl sees it, over a real connection: forms, redirects, authentication, streams, uploads.
class tst_PracticeCurl : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void aFormWithAFile();
    void anUploadLargerThanAllBuffers();
    void anUploadTooLargeIsAnsweredWithoutBeingSent();
    void redirectsAreFollowed_data();
    void redirectsAreFollowed();
    void statusesAndAuthentication_data();
    void statusesAndAuthentication();
    void streamsEnd();
    void codingsAreDecoded_data();
    void codingsAreDecoded();
    void partsAreJoined();
    void cookiesAreKeptInAJar();
    void eventsArrive();

private:
    // Runs curl on this site's own loop; its output, or "(failed)" and what it said.
    QByteArray curl(const QStringList &arguments, const QString &path);
    QString file(const QString &name, const QByteArray &bytes);

    QString m_program = QStandardPaths::findExecutable(u"curl"_s);
    QTemporaryDir m_folder;
    practice::PracticeSite m_site{practice::PracticeOptions{.directory = m_folder.filePath(u"site"_s)}};
    net::HttpServer m_server{m_site.application(), test::patientOptions()};
};

void tst_PracticeCurl::initTestCase()
{
    if (m_program.isEmpty())
        QSKIP("curl is not installed");
    QVERIFY(m_server.listen(QHostAddress::LocalHost, 0));
}

QByteArray tst_PracticeCurl::curl(const QStringList &arguments, const QString &path)
{
    QProcess process;
    process.start(m_program,
                  QStringList{u"--silent"_s, u"--show-error"_s, u"--noproxy"_s, u"*"_s}
                      + arguments + QStringList{u"http://127.0.0.1:%1%2"_s.arg(m_server.port()).arg(path)});
    const bool ended = RawClient::until([&] { return process.state() == QProcess::NotRunning; });
    if (!ended || process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0)
        return "(failed) " + process.readAllStandardError();
    return process.readAllStandardOutput();
}

QString tst_PracticeCurl::file(const QString &name, const QByteArray &bytes)
{
    QFile written(m_folder.filePath(name));
    return written.open(QIODevice::WriteOnly) && written.write(bytes) == bytes.size() ? written.fileName() : QString();
}

static QJsonObject parsed(const QByteArray &text)
{
    return QJsonDocument::fromJson(text).object();
}

void tst_PracticeCurl::aFormWithAFile()
{
    const QString path = file(u"a \"b\".txt"_s, "content");
    const QJsonObject shown = parsed(curl({u"--form-string"_s, u"name=J\u00f3zef"_s, u"--form"_s,
                                           u"f=@\"%1\""_s.arg(QString(path).replace(u'"', u"\\\""_s))},
                                          u"/post?q=1"_s));
    QCOMPARE(shown.value("form"_L1).toObject(), (QJsonObject{{u"name"_s, u"J\u00f3zef"_s}}));
    QCOMPARE(shown.value("files"_L1).toObject(), (QJsonObject{{u"f"_s, u"content"_s}}));
    QCOMPARE(shown.value("args"_L1).toObject(), (QJsonObject{{u"q"_s, u"1"_s}}));
    QCOMPARE(shown.value("origin"_L1).toString(), u"127.0.0.1"_s);
}

// curl waits for 100 (Continue) before it sends as much.
void tst_PracticeCurl::anUploadLargerThanAllBuffers()
{
    const QByteArray bytes = practice::PracticeSite::downloadBlock().repeated(200);
    const QString path = file(u"big.bin"_s, bytes);
    const QJsonObject answer = parsed(curl({u"--header"_s, u"Accept: application/json"_s, u"--form"_s,
                                            u"files=@"_s + path, u"--form"_s, u"files=@"_s + path},
                                           u"/upload"_s));
    const QJsonArray files = answer.value("files"_L1).toArray();
    QCOMPARE(files.size(), 2);
    for (const QJsonValue &described : files) {
        const QJsonObject object = described.toObject();
        QCOMPARE(object.value("originalname"_L1).toString(), u"big.bin"_s);
        QCOMPARE(object.value("size"_L1).toInteger(), bytes.size());
        QCOMPARE(object.value("sha256"_L1).toString(),
                 QString::fromLatin1(QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex()));
    }
}

void tst_PracticeCurl::anUploadTooLargeIsAnsweredWithoutBeingSent()
{
    const QString path =
        file(u"larger.bin"_s, practice::PracticeSite::downloadBlock().repeated(20)); // /post takes 1 MiB
    QCOMPARE(curl({u"--form"_s, u"f=@"_s + path, u"--output"_s, u"/dev/null"_s, u"--write-out"_s, u"%{http_code}"_s},
                  u"/post"_s),
             QByteArray("413"));
}

void tst_PracticeCurl::redirectsAreFollowed_data()
{
    QTest::addColumn<QString>("path");
    QTest::newRow("relative ones") << u"/redirect/5"_s;
    QTest::newRow("absolute ones") << u"/absolute-redirect/5"_s;
    QTest::newRow("one to a path") << u"/redirect-to?url=/get"_s;
}

void tst_PracticeCurl::redirectsAreFollowed()
{
    QFETCH(QString, path);
    const QString url = parsed(curl({u"--location"_s}, path)).value("url"_L1).toString();
    QCOMPARE(url, u"http://127.0.0.1:%1/get"_s.arg(m_server.port()));
}

void tst_PracticeCurl::statusesAndAuthentication_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("path");
    QTest::addColumn<QByteArray>("status");
    QTest::newRow("a status without a body") << QStringList() << u"/status/204"_s << QByteArray("204");
    QTest::newRow("304 ends the answer, too") << QStringList() << u"/status/304"_s << QByteArray("304");
    QTest::newRow("no password") << QStringList() << u"/basic-auth/ada/secret"_s << QByteArray("401");
    QTest::newRow("a password") << QStringList{u"--user"_s, u"ada:secret"_s} << u"/basic-auth/ada/secret"_s
                                << QByteArray("200");
    QTest::newRow("a password when asked for it") << QStringList{u"--anyauth"_s, u"--user"_s, u"ada:secret"_s}
                                                  << u"/basic-auth/ada/secret"_s << QByteArray("200");
    QTest::newRow("a token") << QStringList{u"--oauth2-bearer"_s, u"abc"_s} << u"/bearer"_s << QByteArray("200");
}

void tst_PracticeCurl::statusesAndAuthentication()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, path);
    QFETCH(QByteArray, status);
    QCOMPARE(curl(arguments + QStringList{u"--output"_s, u"/dev/null"_s, u"--write-out"_s, u"%{http_code}"_s}, path),
             status);
}

void tst_PracticeCurl::streamsEnd()
{
    QCOMPARE(curl({}, u"/stream/100"_s).count('\n'), 100);
    QCOMPARE(curl({}, u"/drip?duration=0.1&numbytes=50"_s), QByteArray(50, '*'));
    QCOMPARE(curl({}, u"/stream-bytes/102400?chunk_size=7&seed=1"_s), curl({}, u"/bytes/102400?seed=1"_s));
}

void tst_PracticeCurl::codingsAreDecoded_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("key");
    QTest::newRow("gzip") << u"/gzip"_s << u"gzipped"_s;
    QTest::newRow("deflate") << u"/deflate"_s << u"deflated"_s;
    QTest::newRow("brotli") << u"/brotli"_s << u"brotli"_s;
}

void tst_PracticeCurl::codingsAreDecoded()
{
    QFETCH(QString, path);
    QFETCH(QString, key);
    if (path == u"/brotli"_s && !curl({u"--version"_s}, u"/"_s).contains("brotli"))
        QSKIP("this curl knows no brotli");
    QCOMPARE(parsed(curl({u"--compressed"_s}, path)).value(key), QJsonValue(true));
    // A page that is compressed only for who asks for it.
    QCOMPARE(curl({u"--compressed"_s}, u"/httpbin"_s), curl({}, u"/httpbin"_s));
    QVERIFY(curl({u"--compressed"_s, u"--output"_s, u"/dev/null"_s, u"--write-out"_s, u"%{size_download}"_s}, u"/httpbin"_s)
                .toInt()
            < curl({}, u"/httpbin"_s).size() / 2);
}

void tst_PracticeCurl::partsAreJoined()
{
    const QByteArray whole = curl({}, u"/range/1000"_s);
    QCOMPARE(whole.size(), 1000);
    const QByteArray first = curl({u"--range"_s, u"0-399"_s}, u"/range/1000"_s);
    QCOMPARE(first.size(), 400);
    QCOMPARE(first + curl({u"--range"_s, u"400-"_s}, u"/range/1000"_s), whole);
    const QString half = file(u"half"_s, first); // curl asks for what is missing
    curl({u"--continue-at"_s, u"-"_s, u"--output"_s, half}, u"/range/1000"_s);
    QFile completed(half);
    QVERIFY(completed.open(QIODevice::ReadOnly));
    QCOMPARE(completed.readAll(), whole);
}

void tst_PracticeCurl::cookiesAreKeptInAJar()
{
    const QString jar = m_folder.filePath(u"jar"_s);
    const auto ask = [&](const QString &path) {
        return parsed(curl({u"--location"_s, u"--cookie"_s, jar, u"--cookie-jar"_s, jar}, path)).value("cookies"_L1).toObject();
    };
    QCOMPARE(ask(u"/cookies/set?a=1&b=2"_s), (QJsonObject{{u"a"_s, u"1"_s}, {u"b"_s, u"2"_s}}));
    QCOMPARE(ask(u"/cookies/set/a/3"_s), (QJsonObject{{u"a"_s, u"3"_s}, {u"b"_s, u"2"_s}}));
    QCOMPARE(ask(u"/cookies/delete?b"_s), (QJsonObject{{u"a"_s, u"3"_s}}));
}

void tst_PracticeCurl::eventsArrive()
{
    QCOMPARE(curl({u"--no-buffer"_s}, u"/sse?count=5&duration=0.1"_s).count("event: ping\n"), 5);
    QCOMPARE(curl({u"--compressed"_s}, u"/sse?count=5&duration=0.1"_s).count("event: ping\n"), 5);
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_PracticeCurl)
#include "tst_practicecurl.moc"
