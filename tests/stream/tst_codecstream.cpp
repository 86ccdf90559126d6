// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/pipeline.h"
#include "server/stream/zlib.h"
#include "tests/stream/teststreams.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"

#include <QtCore/QRandomGenerator>

using namespace loopscope;
using namespace loopscope::test;
using namespace Qt::StringLiterals;

enum class Format { Gzip, Deflate, Brotli };
Q_DECLARE_METATYPE(Format)

static std::shared_ptr<CodecStream> compressor(Format format, int level)
{
    ZlibOptions zlib;
    zlib.level = level;
    BrotliOptions brotli;
    brotli.quality = level;
    switch (format) {
    case Format::Gzip:
        return createGzip(zlib);
    case Format::Deflate:
        return createDeflate(zlib);
    case Format::Brotli:
        return createBrotliCompress(brotli);
    }
    Q_UNREACHABLE();
}

static std::shared_ptr<CodecStream> decompressor(Format format, qint64 maxOutputLength = std::numeric_limits<qint64>::max())
{
    ZlibOptions zlib;
    zlib.maxOutputLength = maxOutputLength;
    BrotliOptions brotli;
    brotli.maxOutputLength = maxOutputLength;
    switch (format) {
    case Format::Gzip:
        return createGunzip(zlib);
    case Format::Deflate:
        return createInflate(zlib);
    case Format::Brotli:
        return createBrotliDecompress(brotli);
    }
    Q_UNREACHABLE();
}

// What came out of a stream, and how it ended: "end", or the error's name.
struct Outcome {
    QByteArray bytes;
    QString end;
    QString message;
};

static std::shared_ptr<Outcome> collect(Readable &stream)
{
    auto outcome = std::make_shared<Outcome>();
    stream.onData([outcome](const QByteArray &chunk) { outcome->bytes += chunk; });
    stream.onEnd([outcome] { outcome->end = u"end"_s; });
    stream.onError([outcome](const std::exception_ptr &error) {
        outcome->end = nameOf(error);
        try {
            std::rethrow_exception(error);
        } catch (const std::exception &known) {
            outcome->message = QLatin1StringView(known.what());
        }
    });
    return outcome;
}

static Outcome run(const std::shared_ptr<CodecStream> &stream, const QByteArray &bytes, qsizetype pieceBytes)
{
    const auto outcome = collect(*stream);
    for (qsizetype at = 0; at < bytes.size(); at += pieceBytes)
        stream->write(bytes.mid(at, pieceBytes));
    stream->end();
    runToEnd();
    return *outcome;
}

static QByteArray loopscopeText()
{
    return QByteArray("Loopscope ").repeated(20) + "streams as Node does.";
}

static QByteArray randomBytes(qsizetype size)
{
    QByteArray bytes(size, Qt::Uninitialized);
    QRandomGenerator random(1);
    for (char &byte : bytes)
        byte = char(random.generate());
    return bytes;
}

class tst_CodecStream : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void whatGoesInComesOut_data();
    void whatGoesInComesOut();
    void whatOthersCompressedIsRead_data();
    void whatOthersCompressedIsRead();
    void badInputIsNamedAsInNode_data();
    void badInputIsNamedAsInNode();
    void everyTruncationIsNoticed_data();
    void everyTruncationIsNoticed();
    void aBombIsDefused_data();
    void aBombIsDefused();
    void aReaderThatDoesNotReadHoldsUpTheCodec();
    void whatIsFlushedCanBeRead_data();
    void whatIsFlushedCanBeRead();
    void smallChunksAreDoneAtOnceAndLargeOnesOnThePool();
    void destroyedWhileAJobRuns();
    void badOptionsAreThrown();
};

static void addFormats()
{
    QTest::addColumn<Format>("format");
    QTest::newRow("gzip") << Format::Gzip;
    QTest::newRow("deflate") << Format::Deflate;
    QTest::newRow("brotli") << Format::Brotli;
}

void tst_CodecStream::whatGoesInComesOut_data()
{
    QTest::addColumn<Format>("format");
    QTest::addColumn<int>("level");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<qsizetype>("pieceBytes");
    const std::pair<const char *, QByteArray> inputs[] = {
        {"nothing", {}},
        {"a byte", "x"},
        {"text", loopscopeText().repeated(2'000)},
        {"noise", randomBytes(300'000)},
    };
    const std::tuple<const char *, Format, int> ways[] = {
        {"gzip", Format::Gzip, 6},         {"gzip, stored", Format::Gzip, 0}, {"deflate", Format::Deflate, 1},
        {"deflate, small", Format::Deflate, 9}, {"brotli", Format::Brotli, 4}, {"brotli, quick", Format::Brotli, 0},
    };
    for (const auto &[way, format, level] : ways) {
        for (const auto &[what, bytes] : inputs) {
            for (const qsizetype piece : {qsizetype(1'000), qsizetype(200'000)})
                QTest::addRow("%s of %s in pieces of %lld", way, what, qint64(piece)) << format << level << bytes << piece;
        }
    }
    QTest::newRow("brotli at its slowest") << Format::Brotli << 11 << loopscopeText() << qsizetype(50);
}

void tst_CodecStream::whatGoesInComesOut()
{
    QFETCH(Format, format);
    QFETCH(int, level);
    QFETCH(QByteArray, bytes);
    QFETCH(qsizetype, pieceBytes);
    const Outcome compressed = run(compressor(format, level), bytes, pieceBytes);
    QCOMPARE(compressed.end, u"end"_s);
    const auto stream = decompressor(format);
    const Outcome outcome = run(stream, compressed.bytes, pieceBytes);
    QCOMPARE(outcome.end, u"end"_s);
    QVERIFY(outcome.bytes == bytes);
    QCOMPARE(stream->bytesWritten(), compressed.bytes.size());
}

// Made by Node 20's zlib (zlib.gzipSync(text, {level: 9}), deflateSync, brotliCompressSync) and by gzip 1.12.
void tst_CodecStream::whatOthersCompressedIsRead_data()
{
    QTest::addColumn<Format>("format");
    QTest::addColumn<QByteArray>("hex");
    QTest::addColumn<QByteArray>("bytes");
    const QByteArray text = loopscopeText();
    QTest::newRow("gzip of Node") << Format::Gzip
                                  << QByteArray("1f8b0800000000000203f3c9cf2f284ece2f4855f019d2ace292a2d4c4dc6285c46205bffc"
                                                "94548594fcd4623d006f445a12dd000000")
                                  << text;
    QTest::newRow("gzip of gzip -9") << Format::Gzip
                                     << QByteArray("1f8b0800000000000203cb48cdc9c9d75148afca2ce00200861f82a40c000000")
                                     << QByteArray("hello, gzip\n");
    QTest::newRow("two members and padding")
        << Format::Gzip
        << QByteArray("1f8b08000000000000034bcb2c2a2e510000fc7af11c060000001f8b08000000000000032b4e4dcecf4b010069111fb6060000"
                      "000000000000000000")
        << QByteArray("first second");
    QTest::newRow("gzip of nothing") << Format::Gzip << QByteArray("1f8b080000000000000303000000000000000000")
                                     << QByteArray();
    QTest::newRow("deflate of Node") << Format::Deflate
                                     << QByteArray("789cf3c9cf2f284ece2f4855f019d2ace292a2d4c4dc6285c46205bffc94548594fcd4"
                                                   "623d00c3185423")
                                     << text;
    QTest::newRow("deflate and something else after it") << Format::Deflate << QByteArray("789c030000000001616263")
                                                         << QByteArray();
    QTest::newRow("brotli of Node") << Format::Brotli
                                    << QByteArray("1bdc00f88d946ede2a70c8a19d28b1161f2a10b816a4104504d40a30b3cf4f068f7e3d"
                                                  "f8ab13138600")
                                    << text;
    QTest::newRow("brotli of nothing") << Format::Brotli << QByteArray("3b") << QByteArray();
}

void tst_CodecStream::whatOthersCompressedIsRead()
{
    QFETCH(Format, format);
    QFETCH(QByteArray, hex);
    QFETCH(QByteArray, bytes);
    const QByteArray compressed = QByteArray::fromHex(hex);
    for (qsizetype pieceBytes = 1; pieceBytes <= compressed.size(); ++pieceBytes) {
        const Outcome outcome = run(decompressor(format), compressed, pieceBytes);
        QCOMPARE(outcome.end, u"end"_s);
        QCOMPARE(outcome.bytes, bytes);
    }
}

// The names and messages are Node's for the same bytes.
void tst_CodecStream::badInputIsNamedAsInNode_data()
{
    QTest::addColumn<Format>("format");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("message");
    const QByteArray junk = "this is no gzip";
    QByteArray badSum = run(compressor(Format::Gzip, 6), loopscopeText(), 1'000).bytes;
    badSum[badSum.size() - 6] = char(badSum[badSum.size() - 6] ^ 1);
    QByteArray badAdler = run(compressor(Format::Deflate, 6), loopscopeText(), 1'000).bytes;
    badAdler.back() = char(badAdler.back() ^ 1);
    const QByteArray trailing = run(compressor(Format::Gzip, 6), "x", 1).bytes + "junk";
    QTest::newRow("no gzip") << Format::Gzip << junk << u"Z_DATA_ERROR"_s << u"incorrect header check"_s;
    QTest::newRow("a gzip whose sum is wrong") << Format::Gzip << badSum << u"Z_DATA_ERROR"_s << u"incorrect data check"_s;
    QTest::newRow("something after a gzip") << Format::Gzip << trailing << u"Z_DATA_ERROR"_s << u"incorrect header check"_s;
    QTest::newRow("no deflate") << Format::Deflate << junk << u"Z_DATA_ERROR"_s << u"incorrect header check"_s;
    QTest::newRow("a deflate whose sum is wrong") << Format::Deflate << badAdler << u"Z_DATA_ERROR"_s
                                                  << u"incorrect data check"_s;
    QTest::newRow("no brotli") << Format::Brotli << QByteArray(8, '\xff') << u"ERR__ERROR_FORMAT_PADDING_2"_s
                               << u"Decompression failed"_s;
    for (const auto &[row, format] : {std::pair("nothing, as gzip", Format::Gzip), std::pair("nothing, as deflate", Format::Deflate),
                                      std::pair("nothing, as brotli", Format::Brotli)})
        QTest::newRow(row) << format << QByteArray() << u"Z_BUF_ERROR"_s << u"unexpected end of file"_s;
}

void tst_CodecStream::badInputIsNamedAsInNode()
{
    QFETCH(Format, format);
    QFETCH(QByteArray, bytes);
    QFETCH(QString, name);
    QFETCH(QString, message);
    for (const qsizetype pieceBytes : {qsizetype(1), qsizetype(1'000)}) {
        const Outcome outcome = run(decompressor(format), bytes, pieceBytes);
        QCOMPARE(outcome.end, name);
        QCOMPARE(outcome.message, message);
    }
}

void tst_CodecStream::everyTruncationIsNoticed_data()
{
    addFormats();
}

void tst_CodecStream::everyTruncationIsNoticed()
{
    QFETCH(Format, format);
    const QByteArray compressed = run(compressor(format, 4), loopscopeText(), 1'000).bytes;
    for (qsizetype size = 0; size < compressed.size(); ++size) {
        const Outcome outcome = run(decompressor(format), compressed.first(size), 1'000);
        QCOMPARE(outcome.end, u"Z_BUF_ERROR"_s);
        QCOMPARE(outcome.message, u"unexpected end of file"_s);
    }
}

void tst_CodecStream::aBombIsDefused_data()
{
    addFormats();
}

void tst_CodecStream::aBombIsDefused()
{
    QFETCH(Format, format);
    const QByteArray bomb = run(compressor(format, 4), QByteArray(8 * 1024 * 1024, '\0'), 1 << 20).bytes;
    QVERIFY(bomb.size() < 20'000);
    const Outcome outcome = run(decompressor(format, 100'000), bomb, bomb.size());
    QCOMPARE(outcome.end, u"ERR_BUFFER_TOO_LARGE"_s);
    QCOMPARE(outcome.message, u"Cannot create a Buffer larger than 100000 bytes"_s);
    QVERIFY(outcome.bytes.size() <= 100'000);
    const Outcome exact = run(decompressor(format, 8 * 1024 * 1024), bomb, bomb.size());
    QCOMPARE(exact.end, u"end"_s);
    QCOMPARE(exact.bytes.size(), 8 * 1024 * 1024);
}

// However much a chunk becomes, no more than the high-water mark and one chunk of output is made before somebody reads.
void tst_CodecStream::aReaderThatDoesNotReadHoldsUpTheCodec()
{
    const QByteArray bomb = run(compressor(Format::Gzip, 6), QByteArray(8 * 1024 * 1024, '\0'), 1 << 20).bytes;
    const auto stream = createGunzip();
    stream->end(bomb);
    runToEnd();
    QVERIFY(stream->readableLength() >= stream->readableHighWaterMark());
    QVERIFY(stream->readableLength() <= stream->readableHighWaterMark() + 16 * 1024);
    QVERIFY(!stream->writableFinished());
    qsizetype bytes = 0;
    qsizetype mostWaiting = 0;
    stream->onData([&, raw = stream.get()](const QByteArray &chunk) {
        bytes += chunk.size();
        mostWaiting = qMax(mostWaiting, raw->readableLength());
    });
    runToEnd();
    QCOMPARE(bytes, 8 * 1024 * 1024);
    QVERIFY(mostWaiting <= stream->readableHighWaterMark() + 16 * 1024);
    QVERIFY(stream->isClosed());
}

void tst_CodecStream::whatIsFlushedCanBeRead_data()
{
    addFormats();
}

void tst_CodecStream::whatIsFlushedCanBeRead()
{
    QFETCH(Format, format);
    const auto in = compressor(format, 4);
    const auto out = decompressor(format);
    in->pipe(out);
    const auto outcome = collect(*out);
    for (int i = 0; i < 3; ++i) {
        const QByteArray event = "data: " + QByteArray::number(i) + "\n\n";
        const QByteArray before = outcome->bytes;
        in->write(event);
        runToEnd();
        if (format != Format::Brotli) // which may keep what it likes
            QCOMPARE(outcome->bytes, before);
        bool flushed = false;
        in->flush([&](std::exception_ptr error) { flushed = !error; });
        runToEnd();
        QVERIFY(flushed);
        QCOMPARE(outcome->bytes, QByteArray(before + event));
    }
    in->end();
    runToEnd();
    QCOMPARE(outcome->end, u"end"_s);
    bool flushed = false; // when there is nothing left to do
    in->flush([&](std::exception_ptr) { flushed = true; });
    runToEnd();
    QVERIFY(flushed);
}

void tst_CodecStream::smallChunksAreDoneAtOnceAndLargeOnesOnThePool()
{
    const auto stream = createDeflate();
    stream->resume();
    runToEnd();
    stream->write(QByteArray(100, 'x'));
    stream->flush();
    QCOMPARE(loop::EventLoop::current()->referencesByKind().jobs, 0);
    QCOMPARE(stream->bytesWritten(), 100);
    stream->write(randomBytes(100'000));
    QCOMPARE(loop::EventLoop::current()->referencesByKind().jobs, 1);
    runToEnd();
    QCOMPARE(stream->bytesWritten(), 100'100);
    stream->destroy();
    runToEnd();
}

void tst_CodecStream::destroyedWhileAJobRuns()
{
    std::weak_ptr<CodecStream> weak;
    QStringList said;
    {
        const auto stream = createGzip();
        weak = stream;
        stream->onClose([&] { said << u"close"_s; });
        stream->write(randomBytes(1'000'000), [&](std::exception_ptr error) { said << u"written "_s + nameOf(error); });
        stream->write("more", [&](std::exception_ptr error) { said << u"more "_s + nameOf(error); });
        stream->destroy();
    }
    runToEnd();
    QCOMPARE(said, QStringList({u"close"_s, u"written ok"_s, u"more ERR_STREAM_DESTROYED"_s}));
    QVERIFY(weak.expired());
}

void tst_CodecStream::badOptionsAreThrown()
{
    ZlibOptions zlib;
    zlib.level = 10;
    QVERIFY_THROWS_EXCEPTION(StreamError, createGzip(zlib));
    zlib = {};
    zlib.chunkSize = 10;
    QVERIFY_THROWS_EXCEPTION(StreamError, createGunzip(zlib));
    zlib = {};
    zlib.maxOutputLength = 0;
    QVERIFY_THROWS_EXCEPTION(StreamError, createInflate(zlib));
    BrotliOptions brotli;
    brotli.quality = 12;
    QVERIFY_THROWS_EXCEPTION(StreamError, createBrotliCompress(brotli));
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_CodecStream)
#include "tst_codecstream.moc"
