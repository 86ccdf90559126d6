// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/pipeline.h"
#include "server/stream/readstream.h"
#include "server/stream/writestream.h"
#include "server/stream/zlib.h"
#include "tests/stream/teststreams.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"

#include <QtCore/QCryptographicHash>
#include <QtCore/QFile>
#include <QtCore/QRandomGenerator>
#include <QtCore/QTemporaryDir>

using namespace loopscope;
using namespace loopscope::test;
using namespace Qt::StringLiterals;

class tst_FileStream : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void cleanup();
    void aFileIsCopiedWhole_data();
    void aFileIsCopiedWhole();
    void aFileGoesThroughGzipAndBack();
    void aPartIsRead_data();
    void aPartIsRead();
    void flagsSayHowItIsWritten();
    void errorsAreNamedAsInNode();
    void aFullDiskFailsThePipeline();
    void eventsComeAsInNode();
    void noMoreFilesAreOpenThanAllowed();
    void destroyedWhileAJobRuns();
    void droppedStreamsCloseTheirFiles();
    void badOptionsAreThrown();

private:
    QString path(const QString &name) const { return m_folder.filePath(name); }
    static void write(const QString &path, const QByteArray &bytes)
    {
        QFile file(path);
        QVERIFY(file.open(QFile::WriteOnly));
        QCOMPARE(file.write(bytes), bytes.size());
    }
    static QByteArray contents(const QString &path)
    {
        QFile file(path);
        return file.open(QFile::ReadOnly) ? file.readAll() : QByteArray("(cannot be opened)");
    }
    static QByteArray hash(const QString &path)
    {
        return QCryptographicHash::hash(contents(path), QCryptographicHash::Sha256).toHex();
    }
    static QByteArray noise(qsizetype size)
    {
        QByteArray bytes(size, Qt::Uninitialized);
        QRandomGenerator random(7);
        for (char &byte : bytes)
            byte = char(random.generate());
        return bytes;
    }

    QTemporaryDir m_folder;
};

void tst_FileStream::cleanup()
{
    OpenFile::setMaximum(OpenFile::defaultMaximum);
    QCOMPARE(OpenFile::count(), 0); // nothing leaks
}

void tst_FileStream::aFileIsCopiedWhole_data()
{
    QTest::addColumn<qsizetype>("size");
    QTest::addColumn<qsizetype>("highWaterMark");
    QTest::newRow("an empty one") << qsizetype(0) << defaultHighWaterMark;
    QTest::newRow("of one byte") << qsizetype(1) << defaultHighWaterMark;
    QTest::newRow("of one chunk") << defaultHighWaterMark << defaultHighWaterMark;
    QTest::newRow("of many") << qsizetype(5'000'003) << defaultHighWaterMark;
    QTest::newRow("in small pieces") << qsizetype(20'000) << qsizetype(100);
    QTest::newRow("in large pieces") << qsizetype(5'000'003) << qsizetype(1 << 20);
}

void tst_FileStream::aFileIsCopiedWhole()
{
    QFETCH(qsizetype, size);
    QFETCH(qsizetype, highWaterMark);
    write(path(u"from"_s), noise(size));
    // Nobody holds the streams: each is kept by the one that works.
    QString done;
    std::weak_ptr<Stream> from;
    std::weak_ptr<Stream> to;
    {
        const auto source = createReadStream(path(u"from"_s), {.highWaterMark = highWaterMark});
        const auto sink = createWriteStream(path(u"to"_s), {.highWaterMark = highWaterMark, .flush = true});
        from = source;
        to = sink;
        sink->onFinish([&, raw = sink.get()] { QCOMPARE(raw->bytesWritten(), size); });
        pipeline({source, sink}, [&](std::exception_ptr error) { done = nameOf(error); });
    }
    runToEnd();
    QCOMPARE(done, u"ok"_s);
    QCOMPARE(QFile(path(u"to"_s)).size(), size);
    QCOMPARE(hash(path(u"to"_s)), hash(path(u"from"_s)));
    QVERIFY(from.expired() && to.expired());
}

void tst_FileStream::aFileGoesThroughGzipAndBack()
{
    write(path(u"from"_s), noise(500'000) + QByteArray(3'000'000, 'x'));
    loop::Task<> task = [](QString from, QString to) -> loop::Task<> {
        co_await pipeline(createReadStream(from), createGzip(), createWriteStream(to + u".gz"_s));
        co_await pipeline(createReadStream(to + u".gz"_s), createGunzip(), createWriteStream(to));
    }(path(u"from"_s), path(u"back"_s));
    runToEnd();
    QVERIFY(task.isEnded());
    task.takeResult();
    QVERIFY(QFile(path(u"back.gz"_s)).size() < 600'000);
    QCOMPARE(hash(path(u"back"_s)), hash(path(u"from"_s)));
}

void tst_FileStream::aPartIsRead_data()
{
    QTest::addColumn<int>("start");
    QTest::addColumn<int>("end");
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("from the third byte on") << 3 << -1 << QByteArray("3456789");
    QTest::newRow("up to the third, included") << -1 << 3 << QByteArray("0123");
    QTest::newRow("one byte") << 5 << 5 << QByteArray("5");
    QTest::newRow("past the end") << 8 << 20 << QByteArray("89");
    QTest::newRow("behind the end") << 20 << 30 << QByteArray();
}

void tst_FileStream::aPartIsRead()
{
    QFETCH(int, start);
    QFETCH(int, end);
    QFETCH(QByteArray, bytes);
    write(path(u"digits"_s), "0123456789");
    ReadStreamOptions options{.highWaterMark = 2};
    if (start >= 0)
        options.start = start;
    if (end >= 0)
        options.end = end;
    const auto stream = createReadStream(path(u"digits"_s), options);
    QByteArray read;
    stream->onData([&](const QByteArray &chunk) { read += chunk; });
    runToEnd();
    QCOMPARE(read, bytes);
    QCOMPARE(stream->bytesRead(), bytes.size());
    QVERIFY(stream->isClosed());
}

void tst_FileStream::flagsSayHowItIsWritten()
{
    const auto written = [&](const WriteStreamOptions &options, const QByteArray &bytes) {
        const auto stream = createWriteStream(path(u"log"_s), options);
        QString error = u"ok"_s;
        stream->onError([&](const std::exception_ptr &why) { error = nameOf(why); });
        stream->write(bytes.first(1));
        stream->write(bytes.mid(1));
        stream->end();
        runToEnd();
        return QString(error + u' ' + QString::fromLatin1(contents(path(u"log"_s))));
    };
    QCOMPARE(written({}, "abcdef"), u"ok abcdef"_s);
    QCOMPARE(written({.flags = "a"}, "gh"), u"ok abcdefgh"_s);
    QCOMPARE(written({.flags = "wx"}, "ij"), u"EEXIST abcdefgh"_s);
    QCOMPARE(written({.flags = "r+", .start = 2}, "XYZ"), u"ok abXYZfgh"_s);
    QCOMPARE(written({.flags = "w"}, "new"), u"ok new"_s);
}

void tst_FileStream::errorsAreNamedAsInNode()
{
    const auto failing = [](Stream &stream) {
        auto said = std::make_shared<QStringList>();
        stream.onError([said](const std::exception_ptr &error) {
            try {
                std::rethrow_exception(error);
            } catch (const loop::fs::FsError &known) {
                *said << known.message();
            }
        });
        stream.onClose([said] { *said << u"close"_s; });
        return said;
    };
    const auto none = createReadStream(path(u"none"_s));
    const auto noFolder = createWriteStream(path(u"none/x"_s));
    const auto folder = createReadStream(m_folder.path());
    const auto said = {failing(*none), failing(*noFolder), failing(*folder)};
    folder->resume();
    runToEnd();
    QStringList all;
    for (const auto &each : said)
        all << each->join(u"; ");
    QCOMPARE(all, QStringList({QString(u"ENOENT: no such file or directory, open '"_s + path(u"none"_s) + u"'; close"_s),
                               QString(u"ENOENT: no such file or directory, open '"_s + path(u"none/x"_s) + u"'; close"_s),
                               u"EISDIR: illegal operation on a directory, read; close"_s}));
}

void tst_FileStream::aFullDiskFailsThePipeline()
{
    write(path(u"from"_s), noise(300'000));
    loop::Task<> task = pipeline(createReadStream(path(u"from"_s)), createWriteStream(u"/dev/full"_s));
    runToEnd();
    QVERIFY(task.isEnded());
    QVERIFY_THROWS_EXCEPTION(loop::fs::FsError, task.takeResult());
}

// node -e "const s = fs.createReadStream('f', {highWaterMark: 3}); for (const e of [...]) s.on(e, () => console.log(e))"
void tst_FileStream::eventsComeAsInNode()
{
    write(path(u"from"_s), "abcde");
    QStringList said;
    const auto say = [&said](const QString &text) { return [&said, text] { said << text; }; };
    const auto r = createReadStream(path(u"from"_s), {.highWaterMark = 3});
    r->onOpen(say(u"open"_s));
    r->onData([&](const QByteArray &chunk) { said << QString::fromLatin1(chunk); });
    r->onEnd(say(u"end"_s));
    r->onClose(say(u"close"_s));
    QVERIFY(r->isPending());
    runToEnd();
    QCOMPARE(said.join(u' '), u"open abc de end close"_s);
    said.clear();
    const auto w = createWriteStream(path(u"to"_s), {.highWaterMark = 3});
    w->onOpen(say(u"open"_s));
    w->onFinish(say(u"finish"_s));
    w->onClose(say(u"close"_s));
    w->onDrain(say(u"drain"_s));
    QVERIFY(!w->write("abc", [&](std::exception_ptr) { said << u"written"_s; }));
    w->onDrain([&] { w->end("d"); }, Times::Once);
    runToEnd();
    QCOMPARE(said.join(u' '), u"open drain written finish close"_s);
    QCOMPARE(contents(path(u"to"_s)), "abcd");
}

void tst_FileStream::noMoreFilesAreOpenThanAllowed()
{
    write(path(u"from"_s), "text");
    OpenFile::setMaximum(2);
    const auto first = createReadStream(path(u"from"_s));
    const auto second = createWriteStream(path(u"to"_s));
    runToEnd();
    QCOMPARE(OpenFile::count(), 2);
    const auto third = createReadStream(path(u"from"_s));
    const auto fourth = createWriteStream(path(u"to"_s));
    QStringList said;
    for (Stream *stream : {static_cast<Stream *>(third.get()), static_cast<Stream *>(fourth.get())})
        stream->onError([&](const std::exception_ptr &error) { said << nameOf(error); });
    runToEnd();
    QCOMPARE(said, QStringList({u"EMFILE"_s, u"EMFILE"_s}));
    first->destroy();
    runToEnd();
    const auto fifth = createReadStream(path(u"from"_s));
    QByteArray read;
    fifth->onData([&](const QByteArray &chunk) { read += chunk; });
    runToEnd();
    QCOMPARE(read, "text");
    second->end();
    runToEnd();
}

void tst_FileStream::destroyedWhileAJobRuns()
{
    write(path(u"from"_s), noise(100'000));
    for (int turns = 0; turns < 6; ++turns) { // while it opens, while it reads, …
        QStringList said;
        const auto r = createReadStream(path(u"from"_s));
        const auto w = createWriteStream(path(u"to"_s));
        r->onClose([&] { said << u"close"_s; });
        w->onClose([&] { said << u"close"_s; });
        r->resume();
        w->write(noise(100'000), [](std::exception_ptr) {});
        for (int i = 0; i < turns; ++i)
            QCoreApplication::processEvents();
        r->destroy();
        w->destroy();
        runToEnd();
        QCOMPARE(said.size(), 2);
        QCOMPARE(OpenFile::count(), 0);
    }
}

void tst_FileStream::droppedStreamsCloseTheirFiles()
{
    write(path(u"from"_s), "text");
    auto r = createReadStream(path(u"from"_s));
    auto w = createWriteStream(path(u"to"_s));
    runToEnd();
    QCOMPARE(OpenFile::count(), 2);
    r.reset();
    w.reset();
    QCOMPARE(OpenFile::count(), 0);
}

void tst_FileStream::badOptionsAreThrown()
{
    QVERIFY_THROWS_EXCEPTION(StreamError, createReadStream(path(u"x"_s), {.start = 5, .end = 4}));
    QVERIFY_THROWS_EXCEPTION(StreamError, createReadStream(path(u"x"_s), {.start = -1}));
    QVERIFY_THROWS_EXCEPTION(StreamError, createReadStream(path(u"x"_s), {.flags = "q"}));
    QVERIFY_THROWS_EXCEPTION(StreamError, createWriteStream(path(u"x"_s), {.start = -1}));
    QVERIFY_THROWS_EXCEPTION(StreamError, createWriteStream(path(u"x"_s), {.highWaterMark = -1}));
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_FileStream)
#include "tst_filestream.moc"
