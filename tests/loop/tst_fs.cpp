// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/fs.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"

#include <QtCore/QDateTime>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QScopeGuard>
#include <QtCore/QTemporaryDir>

#include <uv.h>

#include <sys/resource.h>
#include <unistd.h>

#include <semaphore>
#include <thread>

using namespace loopscope;
using namespace loopscope::loop;
using namespace Qt::StringLiterals;

class tst_Fs : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aFileIsWrittenWholeByEveryWay();
    void aFileIsFlushedByEveryWay();
    void anOldFileKeepsItsPermissions();
    void aSymbolicLinkStaysOne();
    void errorsAreNamedAsInNode_data();
    void errorsAreNamedAsInNode();
    void aFileThatMayNotBeWrittenIsRefused();
    void aFailureLeavesTheOldFileAndNoTemporaryOne();
    void theSynchronousWayIsASpanWithItsSite();
    void theAsynchronousWayIsAJobWithItsSite();
    void aFileIsReadWholeByEveryWay_data();
    void aFileIsReadWholeByEveryWay();
    void aFileThatIsTooLargeIsNotRead();
    void appendingAddsToTheEnd();
    void appendingIsCutOffAtTheLimitOfAFile();
    void statTellsWhatIsThere();
    void readdirGivesSortedNames();
    void readdirIsBounded();
    void unlinkRemoves();
    void mkdirMakesTheFirstFolderAndThoseBelow();
    void failuresAreThoseOfNode_data();
    void failuresAreThoseOfNode();
    void everyWayIsTracedUnderItsName();
    void aFullPoolIsAnError();

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

void tst_Fs::aFileIsFlushedByEveryWay()
{
    const fs::WriteFileOptions flush{.flush = true};
    QVERIFY(!fs::writeFileSync(path(u"file"_s), "sync", flush));
    QCOMPARE(contents(path(u"file"_s)), "sync");
    bool called = false;
    fs::writeFile(path(u"file"_s), "callback", flush, [&](std::optional<fs::FsError> error) { called = !error; });
    runToEnd();
    QVERIFY(called);
    QCOMPARE(contents(path(u"file"_s)), "callback");
    Task<> task = fs::writeFile(path(u"file"_s), "awaited", flush);
    runToEnd();
    task.takeResult();
    QCOMPARE(contents(path(u"file"_s)), "awaited");
    QVERIFY(!fs::writeFileSync(u"/dev/null"_s, "bytes", flush)); // which cannot be flushed
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

void tst_Fs::aFileIsReadWholeByEveryWay_data()
{
    QTest::addColumn<QString>("file");
    const auto made = [&](const char *name, const QByteArray &bytes) {
        const QString file = path(QString::fromLatin1(name));
        QVERIFY(!fs::writeFileSync(file, bytes));
        QTest::newRow(name) << file;
    };
    made("empty", {});
    made("one byte", "x");
    made("a block", QByteArray(64 * 1024, 'b'));
    made("large", QByteArray(5'000'001, 'l'));
    QTest::newRow("one that does not tell its size") << u"/proc/version"_s;
}

void tst_Fs::aFileIsReadWholeByEveryWay()
{
    QFETCH(QString, file);
    const QByteArray expected = contents(file);
    const auto [error, bytes] = fs::readFileSync(file);
    QVERIFY(!error);
    QCOMPARE(bytes, expected);

    QByteArray arrived("not yet");
    fs::readFile(file, [&](std::optional<fs::FsError> failed, QByteArray read) {
        QVERIFY(!failed);
        arrived = std::move(read);
    });
    QCOMPARE(arrived, "not yet");
    Task<QByteArray> task = fs::readFile(file);
    runToEnd();
    QCOMPARE(arrived, expected);
    QCOMPARE(task.takeResult(), expected);
}

void tst_Fs::aFileThatIsTooLargeIsNotRead()
{
    const QString file = path(u"hundred"_s);
    QVERIFY(!fs::writeFileSync(file, QByteArray(100, 'x')));
    QVERIFY(!fs::readFileSync(file, {.maximumBytes = 100}).error);
    const auto [error, bytes] = fs::readFileSync(file, {.maximumBytes = 99});
    QVERIFY(error);
    QCOMPARE(error->name(), "ERR_FS_FILE_TOO_LARGE");
    QCOMPARE(error->code(), int(UV_EFBIG));
    QCOMPARE(error->message(), u"File size (100) is greater than 99 bytes"_s);
    QVERIFY(bytes.isEmpty());
    QCOMPARE(fs::FsError::fileTooLarge(5'000'000'000, 2'147'483'648).message(),
             u"File size (5000000000) is greater than 2 GiB"_s);
    // one that has no end is given up in time
    const auto endless = fs::readFileSync(u"/dev/zero"_s, {.maximumBytes = 1'000'000});
    QVERIFY(endless.error);
    QCOMPARE(endless.error->name(), "ERR_FS_FILE_TOO_LARGE");
    Task<QByteArray> task = fs::readFile(file, {.maximumBytes = 99});
    runToEnd();
    QVERIFY_THROWS_EXCEPTION(fs::FsError, task.takeResult());
}

void tst_Fs::appendingAddsToTheEnd()
{
    const QString file = path(u"log"_s);
    QVERIFY(!fs::appendFileSync(file, "one "));
    bool called = false;
    fs::appendFile(file, "two ", [&](std::optional<fs::FsError> error) { called = !error; });
    runToEnd();
    QVERIFY(called);
    Task<> task = fs::appendFile(file, "three");
    runToEnd();
    task.takeResult();
    QCOMPARE(contents(file), "one two three");
}

// A full disk, as seen by one process: RLIMIT_FSIZE.
void tst_Fs::appendingIsCutOffAtTheLimitOfAFile()
{
    rlimit before{};
    QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
    rlimit small = before;
    small.rlim_cur = 1'000;
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto restore = qScopeGuard([&] { ::setrlimit(RLIMIT_FSIZE, &before); });
    const QString appended = path(u"appended"_s);
    const auto error = fs::appendFileSync(appended, QByteArray(1'500, 'x'));
    QVERIFY(error);
    QCOMPARE(error->message(), u"EFBIG: file too large, write"_s);
    QCOMPARE(contents(appended).size(), 1'000); // as in Node

    const QString whole = path(u"whole"_s);
    QVERIFY(!fs::writeFileSync(whole, "old"));
    Task<> task = fs::writeFile(whole, QByteArray(1'500, 'x'));
    runToEnd();
    QVERIFY_THROWS_EXCEPTION(fs::FsError, task.takeResult());
    QCOMPARE(contents(whole), "old"); // all or nothing
}

void tst_Fs::statTellsWhatIsThere()
{
    const QString file = path(u"stat"_s);
    QVERIFY(!fs::writeFileSync(file, "12345"));
    QVERIFY(QFile::setPermissions(file, QFile::ReadOwner | QFile::WriteOwner));
    const auto [error, stats] = fs::statSync(file);
    QVERIFY(!error);
    QVERIFY(stats.isFile() && !stats.isDirectory());
    QCOMPARE(stats.size, 5);
    QCOMPARE(stats.mode & 0777, 0600u);
    QCOMPARE(stats.links, 1u);
    QCOMPARE(qint64(stats.mtimeMs), QFileInfo(file).lastModified().toMSecsSinceEpoch());

    bool isFolder = false;
    fs::stat(m_folder.path(), [&](std::optional<fs::FsError> failed, fs::Stats found) {
        isFolder = !failed && found.isDirectory();
    });
    Task<fs::Stats> task = fs::stat(file);
    runToEnd();
    QVERIFY(isFolder);
    QCOMPARE(task.takeResult().inode, stats.inode);
}

void tst_Fs::readdirGivesSortedNames()
{
    QTemporaryDir folder;
    for (const QString &name : {u"b"_s, u"a"_s, u"B"_s, u".hidden"_s, u"ü"_s})
        QVERIFY(!fs::writeFileSync(folder.filePath(name), {}));
    QVERIFY(QDir(folder.path()).mkdir(u"c"_s));
    const QStringList expected{u".hidden"_s, u"B"_s, u"a"_s, u"b"_s, u"c"_s, u"ü"_s}; // as Node gives them
    const auto [error, names] = fs::readdirSync(folder.path());
    QVERIFY(!error);
    QCOMPARE(names, expected);
    QStringList arrived;
    fs::readdir(folder.path(), [&](std::optional<fs::FsError>, QStringList found) { arrived = std::move(found); });
    Task<QStringList> task = fs::readdir(folder.path());
    runToEnd();
    QCOMPARE(arrived, expected);
    QCOMPARE(task.takeResult(), expected);
}

void tst_Fs::readdirIsBounded()
{
    QTemporaryDir folder;
    for (int i = 0; i < 200; ++i)
        QVERIFY(!fs::writeFileSync(folder.filePath(QString::number(i)), {}));
    QCOMPARE(fs::readdirSync(folder.path(), {.maximumEntries = 200}).value.size(), 200);
    const auto [error, names] = fs::readdirSync(folder.path(), {.maximumEntries = 199});
    QVERIFY(error);
    QCOMPARE(error->name(), "ERR_FS_TOO_MANY_ENTRIES");
    QCOMPARE(error->message(),
             QString(u"The folder has more than 199 entries, scandir '"_s + folder.path() + u'\''));
    QVERIFY(names.isEmpty());
}

void tst_Fs::unlinkRemoves()
{
    for (const QString &name : {u"1"_s, u"2"_s, u"3"_s})
        QVERIFY(!fs::writeFileSync(path(name), "x"));
    QVERIFY(!fs::unlinkSync(path(u"1"_s)));
    bool called = false;
    fs::unlink(path(u"2"_s), [&](std::optional<fs::FsError> error) { called = !error; });
    Task<> task = fs::unlink(path(u"3"_s));
    runToEnd();
    task.takeResult();
    QVERIFY(called);
    for (const QString &name : {u"1"_s, u"2"_s, u"3"_s})
        QVERIFY(!QFile::exists(path(name)));
}

void tst_Fs::mkdirMakesTheFirstFolderAndThoseBelow()
{
    QTemporaryDir folder;
    const QString made = folder.filePath(u"a"_s);
    const auto [error, first] = fs::mkdirSync(made + u"/b/c"_s, {.recursive = true});
    QVERIFY(!error);
    QCOMPARE(first, made); // as Node: the first that was made
    QVERIFY(QFileInfo(made + u"/b/c"_s).isDir());
    const auto again = fs::mkdirSync(made + u"/b/c"_s, {.recursive = true});
    QVERIFY(!again.error);
    QVERIFY(again.value.isNull());
    QCOMPARE(fs::mkdirSync(made + u"/b/d/"_s, {.recursive = true}).value, QString(made + u"/b/d/"_s));

    QString arrived;
    fs::mkdir(folder.filePath(u"callback"_s), [&](std::optional<fs::FsError> failed, QString value) {
        arrived = failed ? failed->message() : value;
    });
    Task<QString> task = fs::mkdir(folder.filePath(u"x/y"_s), {.recursive = true});
    runToEnd();
    QCOMPARE(arrived, folder.filePath(u"callback"_s));
    QCOMPARE(task.takeResult(), folder.filePath(u"x"_s));
    QVERIFY(QFileInfo(folder.filePath(u"x/y"_s)).isDir());
    QVERIFY(!fs::mkdirSync(folder.filePath(u"private"_s), {.mode = 0700}).error);
    QCOMPARE(fs::statSync(folder.filePath(u"private"_s)).value.mode & 0777, 0700u);
}

using Operation = std::optional<fs::FsError> (*)(const QString &);

// The sentences are what Node 20 says of the same calls.
void tst_Fs::failuresAreThoseOfNode_data()
{
    QTest::addColumn<Operation>("operation");
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("message");
    QVERIFY(!fs::writeFileSync(path(u"f"_s), "x"));
    const auto row = [&](const char *name, const QString &file, const char *message, Operation operation) {
        QString said = QString::fromLatin1(message);
        if (said.contains(u"%1"_s))
            said = said.arg(path(file));
        QTest::newRow(name) << operation << path(file) << said;
    };
    row("reading nothing", u"none"_s, "ENOENT: no such file or directory, open '%1'",
        [](const QString &file) { return fs::readFileSync(file).error; });
    row("reading a folder", {}, "EISDIR: illegal operation on a directory, read",
        [](const QString &file) { return fs::readFileSync(file).error; });
    row("appending where there is no folder", u"none/x"_s, "ENOENT: no such file or directory, open '%1'",
        [](const QString &file) { return fs::appendFileSync(file, "x"); });
    row("appending to a folder", {}, "EISDIR: illegal operation on a directory, open '%1'",
        [](const QString &file) { return fs::appendFileSync(file, "x"); });
    row("stat of nothing", u"none"_s, "ENOENT: no such file or directory, stat '%1'",
        [](const QString &file) { return fs::statSync(file).error; });
    row("stat below a file", u"f/x"_s, "ENOTDIR: not a directory, stat '%1'",
        [](const QString &file) { return fs::statSync(file).error; });
    row("readdir of nothing", u"none"_s, "ENOENT: no such file or directory, scandir '%1'",
        [](const QString &file) { return fs::readdirSync(file).error; });
    row("readdir of a file", u"f"_s, "ENOTDIR: not a directory, scandir '%1'",
        [](const QString &file) { return fs::readdirSync(file).error; });
    row("unlink of nothing", u"none"_s, "ENOENT: no such file or directory, unlink '%1'",
        [](const QString &file) { return fs::unlinkSync(file); });
    row("unlink of a folder", {}, "EISDIR: illegal operation on a directory, unlink '%1'",
        [](const QString &file) { return fs::unlinkSync(file); });
    row("mkdir of what is there", u"f"_s, "EEXIST: file already exists, mkdir '%1'",
        [](const QString &file) { return fs::mkdirSync(file).error; });
    row("mkdir where there is no folder", u"none/x"_s, "ENOENT: no such file or directory, mkdir '%1'",
        [](const QString &file) { return fs::mkdirSync(file).error; });
    row("recursive mkdir over a file", u"f"_s, "EEXIST: file already exists, mkdir '%1'",
        [](const QString &file) { return fs::mkdirSync(file, {.recursive = true}).error; });
    row("recursive mkdir below a file", u"f/g/h"_s, "ENOTDIR: not a directory, mkdir '%1'",
        [](const QString &file) { return fs::mkdirSync(file, {.recursive = true}).error; });
    row("recursive mkdir of nothing", u"f/"_s, "ENOTDIR: not a directory, mkdir '%1'",
        [](const QString &file) { return fs::mkdirSync(file, {.recursive = true}).error; });
}

void tst_Fs::failuresAreThoseOfNode()
{
    QFETCH(Operation, operation);
    QFETCH(QString, file);
    QFETCH(QString, message);
    const auto error = operation(file);
    QVERIFY(error);
    QCOMPARE(error->message(), message);
}

// Each form of each operation: a Span of the Sync one; JobQueued and Callback with the caller's line of the others.
void tst_Fs::everyWayIsTracedUnderItsName()
{
    const QString file = path(u"named"_s);
    QVERIFY(!fs::writeFileSync(file, "x"));
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) {});
    const auto ignore = [](std::optional<fs::FsError>, auto) {};
    fs::readFile(file, ignore);
    fs::appendFile(file, "y", [](std::optional<fs::FsError>) {});
    fs::stat(file, ignore);
    fs::readdir(m_folder.path(), ignore);
    fs::unlink(path(u"none"_s), [](std::optional<fs::FsError>) {});
    fs::mkdir(file, ignore);
    runToEnd();
    (void)fs::readFileSync(file);
    (void)fs::appendFileSync(file, "12");
    (void)fs::statSync(file);
    (void)fs::readdirSync(m_folder.path());
    (void)fs::unlinkSync(file);
    (void)fs::mkdirSync(file);
    QMultiMap<QByteArray, qint64> spans;
    QSet<QByteArray> queued;
    QSet<QByteArray> called;
    test::theTrace().drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
        if (record.kind == trace::Kind::Span)
            spans.insert(record.name, record.value);
        const bool here = record.file && QByteArrayView(record.file) == "tests/loop/tst_fs.cpp";
        if (record.kind == trace::Kind::JobQueued && here)
            queued << record.name;
        if (record.kind == trace::Kind::Callback && here)
            called << record.name;
    });
    const QSet<QByteArray> names{"readFile", "appendFile", "stat", "readdir", "unlink", "mkdir"};
    QCOMPARE(queued, names);
    QCOMPARE(called, names);
    QSet<QByteArray> spanNames;
    for (const QByteArray &name : names)
        spanNames << QByteArray(name + "Sync");
    const QList<QByteArray> found = spans.keys();
    QCOMPARE(QSet<QByteArray>(found.begin(), found.end()), spanNames);
    QCOMPARE(spans.value("readFileSync"), 2);
    QCOMPARE(spans.value("appendFileSync"), 2);
}

void tst_Fs::aFullPoolIsAnError()
{
    WorkerPool &pool = EventLoop::current()->pool();
    const int threads = pool.threads();
    pool.resize(1);
    runToEnd();
    std::binary_semaphore mayEnd(0);
    pool.submit("busy", [&] { mayEnd.acquire(); }, [](std::exception_ptr) {});
    while (pool.running() == 0)
        std::this_thread::yield();
    for (int i = 0; i < WorkerPool::maximumQueued; ++i)
        pool.submit("filler", [] {}, [](std::exception_ptr) {});
    QString arrived;
    fs::readFile(path(u"any"_s), [&](std::optional<fs::FsError> error, QByteArray) { arrived = error->message(); });
    Task<> task = fs::unlink(path(u"any"_s));
    mayEnd.release();
    runToEnd();
    pool.resize(threads);
    QCOMPARE(arrived, QString(u"EAGAIN: resource temporarily unavailable, open '"_s + path(u"any"_s) + u'\''));
    QVERIFY_THROWS_EXCEPTION(JobError, task.takeResult());
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_Fs)
#include "tst_fs.moc"
