// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/fs.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>

#include <uv.h>

#include <unistd.h>

using namespace loopscope;
using namespace loopscope::loop;
using namespace Qt::StringLiterals;

class tst_Fs : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aFileIsWrittenWholeByEveryWay();
    void anOldFileKeepsItsPermissions();
    void aSymbolicLinkStaysOne();
    void errorsAreNamedAsInNode_data();
    void errorsAreNamedAsInNode();
    void aFileThatMayNotBeWrittenIsRefused();
    void aFailureLeavesTheOldFileAndNoTemporaryOne();
    void theSynchronousWayIsASpanWithItsSite();
    void theAsynchronousWayIsAJobWithItsSite();

private:
    static void runToEnd()
    {
        while (EventLoop::current()->references() > 0)
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        QCoreApplication::processEvents();
    }
    static QByteArray contents(const QString &path)
    {
        QFile file(path);
        return file.open(QFile::ReadOnly) ? file.readAll() : QByteArray("(cannot be opened)");
    }
    QString path(const QString &name) const { return m_folder.filePath(name); }

    QTemporaryDir m_folder;
};

void tst_Fs::aFileIsWrittenWholeByEveryWay()
{
    const QByteArray large(3'000'000, 'x');
    for (const QByteArray &bytes : {QByteArray("hello"), large, QByteArray()}) {
        QVERIFY(!fs::writeFileSync(path(u"sync"_s), bytes));
        QCOMPARE(contents(path(u"sync"_s)), bytes);

        bool called = false;
        fs::writeFile(path(u"callback"_s), bytes, [&](std::optional<fs::FsError> error) { called = !error; });
        QVERIFY(!called);
        runToEnd();
        QVERIFY(called);
        QCOMPARE(contents(path(u"callback"_s)), bytes);

        Task<> task = fs::writeFile(path(u"awaited – ü"_s), bytes);
        runToEnd();
        task.takeResult();
        QCOMPARE(contents(path(u"awaited – ü"_s)), bytes);
    }
    QCOMPARE(QDir(m_folder.path()).entryList(QDir::Files).size(), 3); // no temporary file is left
}

void tst_Fs::anOldFileKeepsItsPermissions()
{
    const QString name = path(u"script"_s);
    QVERIFY(!fs::writeFileSync(name, "old"));
    QVERIFY(QFile::setPermissions(name, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    const auto before = QFile::permissions(name);
    QVERIFY(!fs::writeFileSync(name, "new"));
    QCOMPARE(QFile::permissions(name), before);
}

void tst_Fs::aSymbolicLinkStaysOne()
{
    QVERIFY(!fs::writeFileSync(path(u"target"_s), "old"));
    QVERIFY(QFile::link(path(u"target"_s), path(u"link"_s)));
    QVERIFY(!fs::writeFileSync(path(u"link"_s), "new"));
    QVERIFY(QFileInfo(path(u"link"_s)).isSymLink());
    QCOMPARE(contents(path(u"target"_s)), "new");
}

void tst_Fs::errorsAreNamedAsInNode_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("message");
    QTest::newRow("no such folder") << path(u"none/x"_s) << int(UV_ENOENT)
                                    << u"ENOENT: no such file or directory, open '%1'"_s;
    QTest::newRow("a folder") << m_folder.path() << int(UV_EISDIR)
                              << u"EISDIR: illegal operation on a directory, open '%1'"_s;
    QTest::newRow("the disk is full") << u"/dev/full"_s << int(UV_ENOSPC)
                                      << u"ENOSPC: no space left on device, write"_s;
}

void tst_Fs::errorsAreNamedAsInNode()
{
    QFETCH(QString, file);
    QFETCH(int, code);
    QFETCH(QString, message);
    if (message.contains(u"%1"_s))
        message = message.arg(file);
    const auto error = fs::writeFileSync(file, "text");
    QVERIFY(error);
    QCOMPARE(error->code(), code);
    QCOMPARE(error->message(), message);
    QVERIFY(error->message().startsWith(QLatin1StringView(error->name())));
    QCOMPARE(QString::fromUtf8(error->what()), message);

    QString arrived;
    fs::writeFile(file, "text", [&](std::optional<fs::FsError> later) {
        arrived = later ? later->message() : u"no error"_s;
    });
    Task<> task = fs::writeFile(file, "text");
    runToEnd();
    QCOMPARE(arrived, message);
    QVERIFY_THROWS_EXCEPTION(fs::FsError, task.takeResult());
}

void tst_Fs::aFileThatMayNotBeWrittenIsRefused()
{
    if (::geteuid() == 0)
        QSKIP("root may write everywhere");
    const QString name = path(u"read only"_s);
    QVERIFY(!fs::writeFileSync(name, "old"));
    QVERIFY(QFile::setPermissions(name, QFile::ReadOwner));
    const auto error = fs::writeFileSync(name, "new");
    QVERIFY(error);
    QCOMPARE(error->message(), QString(u"EACCES: permission denied, open '"_s + name + u'\''));
    QCOMPARE(contents(name), "old");
}

void tst_Fs::aFailureLeavesTheOldFileAndNoTemporaryOne()
{
    QTemporaryDir folder;
    QVERIFY(QDir(folder.path()).mkdir(u"taken"_s));
    QVERIFY(fs::writeFileSync(folder.filePath(u"taken"_s), "text"));
    QCOMPARE(QDir(folder.path()).entryList(QDir::AllEntries | QDir::NoDotAndDotDot), QStringList(u"taken"_s));
}

void tst_Fs::theSynchronousWayIsASpanWithItsSite()
{
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) {});
    EventLoop::current()->setImmediate([&] {
        EventLoop::current()->setContext({4, 0});
        QVERIFY(!fs::writeFileSync(path(u"traced"_s), "12345"));
    });
    const int line = __LINE__ - 2;
    runToEnd();
    int spans = 0;
    test::theTrace().drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
        if (record.kind != trace::Kind::Span)
            return;
        ++spans;
        QCOMPARE(record.name, "writeFileSync");
        QCOMPARE(record.value, 5);
        QCOMPARE(record.request, 4u);
        QCOMPARE(record.file, "tests/loop/tst_fs.cpp");
        QCOMPARE(int(record.line), line);
    });
    QCOMPARE(spans, 1);
}

void tst_Fs::theAsynchronousWayIsAJobWithItsSite()
{
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) {});
    Task<> task = fs::writeFile(path(u"traced"_s), "12345");
    const int line = __LINE__ - 1;
    runToEnd();
    task.takeResult();
    QSet<trace::Kind> kinds;
    test::theTrace().drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
        if (record.name && QByteArrayView(record.name) == "writeFile") {
            kinds << record.kind;
            if (record.kind == trace::Kind::JobQueued || record.kind == trace::Kind::Callback)
                QCOMPARE(int(record.line), line);
        }
    });
    QCOMPARE(kinds, (QSet<trace::Kind>{trace::Kind::JobQueued, trace::Kind::JobStarted, trace::Kind::JobFinished,
                                       trace::Kind::Callback}));
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_Fs)
#include "tst_fs.moc"
