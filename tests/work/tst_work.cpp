// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/work/fibonacci.h"
#include "server/work/hash.h"
#include "server/work/image.h"
#include "server/work/pbkdf2.h"
#include "server/work/rangeerror.h"
#include "server/work/sort.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"

#include <QtCore/QBuffer>
#include <QtCore/QCryptographicHash>
#include <QtCore/QRandomGenerator>

#include <algorithm>
#include <semaphore>
#include <thread>

using namespace loopscope;
using namespace loopscope::work;
using loop::EventLoop;
using loop::JobError;

// The work that blocks, in its three forms.
class tst_Work : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void fibonacciIsTheSameInEveryForm();
    void pbkdf2GivesTheVectorsOfRfc6070_data();
    void pbkdf2GivesTheVectorsOfRfc6070();
    void imagesAreResized();
    void imagesBecomeGrey();
    void sentImagesAreDecodedWithinBounds();
    void numbersAreSorted();
    void hashIsThatOfTheBytes();
    void boundsAreKept_data();
    void boundsAreKept();
    void eachFormIsTracedUnderItsName();
    void longWorkTellsItsProgress();
    void aQueuedJobIsCancelled();
    void aRunningJobIsCancelled_data();
    void aRunningJobIsCancelled();
    void aFullQueueReachesTheCaller();

private:
    static EventLoop &loop() { return *EventLoop::current(); }
    static void runToEnd()
    {
        while (loop().references() > 0)
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        QCoreApplication::processEvents();
    }
    static void forgetTrace()
    {
        test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) {});
    }
};

static JobError::Code codeOf(const std::exception_ptr &error)
{
    try {
        std::rethrow_exception(error);
    } catch (const JobError &known) {
        return known.code();
    }
}

void tst_Work::fibonacciIsTheSameInEveryForm()
{
    const QList<quint64> expected{0, 1, 1, 2, 3, 5, 8, 13};
    for (int n = 0; n < int(expected.size()); ++n)
        QCOMPARE(fibonacciSync(n), expected[n]);
    for (const int n : {0, 1, 24, 25, 29}) { // below and above what one part of the job is
        quint64 arrived = 0;
        fibonacci(n, [&](std::exception_ptr error, quint64 value) { arrived = error ? 0 : value; });
        Task<quint64> task = fibonacci(n);
        runToEnd();
        QCOMPARE(arrived, fibonacciSync(n));
        QCOMPARE(task.takeResult(), fibonacciSync(n));
    }
    QCOMPARE(fibonacciSync(29), 514'229u);
}

// The first two are RFC 6070 §2; the others are Node's crypto.pbkdf2Sync() of the same arguments.
void tst_Work::pbkdf2GivesTheVectorsOfRfc6070_data()
{
    QTest::addColumn<int>("iterations");
    QTest::addColumn<int>("keyBytes");
    QTest::addColumn<QByteArray>("digest");
    QTest::addColumn<QByteArray>("key");
    const auto row = [](const char *name, int iterations, int keyBytes, const char *digest, const char *key) {
        QTest::newRow(name) << iterations << keyBytes << QByteArray(digest) << QByteArray(key);
    };
    row("SHA-1, once", 1, 20, "sha1", "0c60c80f961f0e71f3a9b524af6012062fe037a6");
    row("SHA-1, 4096 times", 4'096, 20, "sha1", "4b007901b765489abead49d926f721d065a429c1");
    row("SHA-256", 2, 32, "sha256", "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43");
    row("SHA-512", 1, 64, "sha512",
        "867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63"
        "f73b60a57fce");
    row("no bytes at all", 1, 0, "sha512", "");
}

void tst_Work::pbkdf2GivesTheVectorsOfRfc6070()
{
    QFETCH(int, iterations);
    QFETCH(int, keyBytes);
    QFETCH(QByteArray, digest);
    QFETCH(QByteArray, key);
    QCOMPARE(pbkdf2Sync("password", "salt", iterations, keyBytes, digest).toHex(), key);
    QByteArray arrived("not yet");
    pbkdf2("password", "salt", iterations, keyBytes, digest,
           [&](std::exception_ptr, QByteArray derived) { arrived = derived.toHex(); });
    Task<QByteArray> task = pbkdf2("password", "salt", iterations, keyBytes, digest);
    runToEnd();
    QCOMPARE(arrived, key);
    QCOMPARE(task.takeResult().toHex(), key);
}

void tst_Work::imagesAreResized()
{
    QImage image(4, 2, QImage::Format_RGB32);
    image.fill(qRgb(0, 0, 0));
    for (int y = 0; y < 2; ++y) {
        image.setPixel(0, y, qRgb(100, 0, 40));
        image.setPixel(1, y, qRgb(200, 0, 60));
    }
    const QImage half = resizeImageSync(image, {2, 1});
    QCOMPARE(half.size(), QSize(2, 1));
    QCOMPARE(half.pixel(0, 0), qRgb(150, 0, 50)); // the mean of four
    QCOMPARE(half.pixel(1, 0), qRgb(0, 0, 0));
    const QImage larger = resizeImageSync(half, {6, 3});
    QCOMPARE(larger.pixel(2, 2), qRgb(150, 0, 50));
    QCOMPARE(larger.pixel(3, 0), qRgb(0, 0, 0));

    const QImage picture = testImage({301, 199}, 7);
    QCOMPARE(testImage({301, 199}, 7), picture);
    QVERIFY(testImage({301, 199}, 8) != picture);
    const QImage expected = resizeImageSync(picture, {100, 66});
    QImage arrived;
    resizeImage(picture, {100, 66}, [&](std::exception_ptr, QImage resized) { arrived = std::move(resized); });
    Task<QImage> task = resizeImage(picture, {100, 66});
    runToEnd();
    QCOMPARE(arrived, expected);
    QCOMPARE(task.takeResult(), expected);
}

void tst_Work::imagesBecomeGrey()
{
    const QImage picture = testImage({60, 40}, 1);
    const QImage expected = grayscaleSync(picture);
    QCOMPARE(expected.format(), QImage::Format_Grayscale8);
    QCOMPARE(qGray(expected.pixel(31, 17)), qGray(picture.pixel(31, 17)));
    QCOMPARE(grayscaleSync(picture.convertToFormat(QImage::Format_RGB888)), expected);
    QImage arrived;
    grayscale(picture, [&](std::exception_ptr, QImage made) { arrived = std::move(made); });
    Task<QImage> task = grayscale(picture);
    runToEnd();
    QCOMPARE(arrived, expected);
    QCOMPARE(task.takeResult(), expected);
}

void tst_Work::sentImagesAreDecodedWithinBounds()
{
    const QImage picture = testImage({20, 10}, 1);
    QByteArray png;
    QBuffer buffer(&png);
    QVERIFY(buffer.open(QIODevice::WriteOnly) && picture.save(&buffer, "PNG"));
    QCOMPARE(decodeImage(png).convertToFormat(QImage::Format_RGB32), picture);
    QVERIFY(decodeImage("no image").isNull());
    QVERIFY(decodeImage({}).isNull());
    QVERIFY(decodeImage("P6\n8192 4097\n255\n").isNull()); // a head that promises more pixels than there may be
}

void tst_Work::numbersAreSorted()
{
    const QList<double> expected = sortNumbersSync(10'000, 3);
    QCOMPARE(expected.size(), 10'000);
    QVERIFY(std::is_sorted(expected.begin(), expected.end()));
    QVERIFY(expected.first() >= 0 && expected.last() < 1 && expected.first() < expected.last());
    QVERIFY(sortNumbersSync(10'000, 4) != expected);
    QList<double> arrived;
    sortNumbers(10'000, 3, [&](std::exception_ptr, QList<double> numbers) { arrived = std::move(numbers); });
    Task<QList<double>> task = sortNumbers(10'000, 3);
    runToEnd();
    QCOMPARE(arrived, expected);
    QCOMPARE(task.takeResult(), expected);
    QVERIFY(sortNumbersSync(0, 1).isEmpty());
}

void tst_Work::hashIsThatOfTheBytes()
{
    QByteArray bytes(2 * 1024 * 1024, Qt::Uninitialized);
    QRandomGenerator generator(5);
    generator.fillRange(reinterpret_cast<quint32 *>(bytes.data()), bytes.size() / 4);
    const QByteArray expected = QCryptographicHash::hash(bytes, QCryptographicHash::Sha256);
    QCOMPARE(hashRandomSync(2, 5), expected);
    QCOMPARE(hashRandomSync(0, 5), QCryptographicHash::hash({}, QCryptographicHash::Sha256));
    QByteArray arrived;
    hashRandom(2, 5, [&](std::exception_ptr, QByteArray digest) { arrived = std::move(digest); });
    Task<QByteArray> task = hashRandom(2, 5);
    runToEnd();
    QCOMPARE(arrived, expected);
    QCOMPARE(task.takeResult(), expected);
}

using Attempt = void (*)();

void tst_Work::boundsAreKept_data()
{
    QTest::addColumn<Attempt>("attempt");
    QTest::addColumn<QByteArray>("sentence");
    const auto row = [](const char *name, const char *sentence, Attempt attempt) {
        QTest::newRow(name) << attempt << QByteArray(sentence);
    };
    row("fibonacci below", "The value of \"n\" is out of range. It must be >= 0 && <= 45. Received -1",
        [] { (void)fibonacciSync(-1); });
    row("fibonacci above", "The value of \"n\" is out of range. It must be >= 0 && <= 45. Received 46",
        [] { fibonacci(46, [](std::exception_ptr, quint64) {}); });
    row("a task of it", "The value of \"n\" is out of range. It must be >= 0 && <= 45. Received 46",
        [] { fibonacci(46).takeResult(); });
    row("no iteration", "The value of \"iterations\" is out of range. It must be >= 1 && <= 10000000. Received 0",
        [] { (void)pbkdf2Sync("a", "b", 0, 1, "sha256"); });
    row("a long key", "The value of \"keylen\" is out of range. It must be >= 0 && <= 1024. Received 1025",
        [] { (void)pbkdf2Sync("a", "b", 1, 1'025, "sha256"); });
    row("a digest that there is not", "Invalid digest: nope", [] { (void)pbkdf2Sync("a", "b", 1, 1, "nope"); });
    row("an empty image", "The value of \"width\" is out of range. It must be >= 1 && <= 33554432. Received 0",
        [] { (void)resizeImageSync(QImage(), {1, 1}); });
    row("a large image", "The value of \"width * height\" is out of range. It must be >= 1 && <= 33554432. Received 33562624",
        [] { (void)testImage({8'192, 4'097}, 1); });
    row("a large target", "The value of \"height\" is out of range. It must be >= 1 && <= 33554432. Received -3",
        [] { resizeImage(testImage({1, 1}, 1), {1, -3}).takeResult(); });
    row("many numbers", "The value of \"count\" is out of range. It must be >= 0 && <= 10000000. Received 10000001",
        [] { sortNumbers(10'000'001, 1, [](std::exception_ptr, QList<double>) {}); });
    row("much to hash", "The value of \"mib\" is out of range. It must be >= 0 && <= 1024. Received 1025",
        [] { (void)hashRandomSync(1'025, 1); });
}

void tst_Work::boundsAreKept()
{
    QFETCH(Attempt, attempt);
    QFETCH(QByteArray, sentence);
    QByteArray said("nothing was thrown");
    try {
        attempt();
    } catch (const std::exception &error) {
        said = error.what();
    }
    QCOMPARE(said, sentence);
    QCOMPARE(loop().references(), 0); // and nothing runs
}

void tst_Work::eachFormIsTracedUnderItsName()
{
    forgetTrace();
    const QImage picture = testImage({8, 8}, 1);
    fibonacci(3, [](std::exception_ptr, quint64) {});
    pbkdf2("a", "b", 1, 1, "sha256", [](std::exception_ptr, QByteArray) {});
    resizeImage(picture, {4, 4}, [](std::exception_ptr, QImage) {});
    grayscale(picture, [](std::exception_ptr, QImage) {});
    sortNumbers(3, 1, [](std::exception_ptr, QList<double>) {});
    hashRandom(1, 1, [](std::exception_ptr, QByteArray) {});
    runToEnd();
    (void)fibonacciSync(3);
    (void)pbkdf2Sync("a", "b", 1, 1, "sha256");
    (void)resizeImageSync(picture, {4, 4});
    (void)grayscaleSync(picture);
    (void)sortNumbersSync(3, 1);
    (void)hashRandomSync(1, 1);
    QSet<QByteArray> jobs;
    QSet<QByteArray> spans;
    test::theTrace().drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
        if (record.kind == trace::Kind::JobFinished)
            jobs << record.name;
        const bool here = record.file && QByteArrayView(record.file) == "tests/work/tst_work.cpp";
        if (record.kind == trace::Kind::Span && here)
            spans << record.name;
        if (record.kind == trace::Kind::JobQueued)
            QVERIFY(here);
    });
    const QSet<QByteArray> names{"fibonacci", "pbkdf2", "resizeImage", "grayscale", "sortNumbers", "hashRandom"};
    QSet<QByteArray> syncNames;
    for (const QByteArray &name : names)
        syncNames << QByteArray(name + "Sync");
    QCOMPARE(jobs, names);
    QCOMPARE(spans, syncNames);
}

void tst_Work::longWorkTellsItsProgress()
{
    struct Heard {
        qint64 done = 0;
        qint64 total = 0;
        Progress listener()
        {
            return [this](qint64 parts, qint64 altogether) {
                QVERIFY(parts >= done && parts <= altogether);
                done = parts;
                total = altogether;
            };
        }
    };
    Heard fib;
    Heard small;
    Heard grey;
    Heard sorted;
    Heard hashed;
    const QImage picture = testImage({50, 40}, 1);
    fibonacci(27, [](std::exception_ptr, quint64) {}, fib.listener());
    resizeImage(picture, {20, 10}, [](std::exception_ptr, QImage) {}, small.listener());
    Task<QImage> image = grayscale(picture, grey.listener());
    sortNumbers(100, 1, [](std::exception_ptr, QList<double>) {}, sorted.listener());
    Task<QByteArray> hash = hashRandom(3, 1, hashed.listener());
    runToEnd();
    QCOMPARE(fib.total, 5); // fibonacci(27) is made of five of 24 or less
    QCOMPARE(small.total, 10);
    QCOMPARE(grey.total, 40);
    QCOMPARE(sorted.total, 2);
    QCOMPARE(hashed.total, 3);
    for (const Heard &heard : {fib, small, grey, sorted, hashed})
        QCOMPARE(heard.done, heard.total);
}

void tst_Work::aQueuedJobIsCancelled()
{
    loop::WorkerPool &pool = loop().pool();
    const int threads = pool.threads();
    pool.resize(1);
    std::binary_semaphore started(0);
    std::binary_semaphore mayEnd(0);
    pool.submit("busy",
                [&] {
                    started.release();
                    mayEnd.acquire();
                },
                [](std::exception_ptr) {});
    started.acquire();
    bool cancelled = false;
    const JobId id = sortNumbers(5, 1, [&](std::exception_ptr error, QList<double> numbers) {
        cancelled = codeOf(error) == JobError::Code::Cancelled && numbers.isEmpty();
    });
    QVERIFY(pool.cancel(id));
    mayEnd.release();
    runToEnd();
    QVERIFY(cancelled);
    pool.resize(threads);
}

using Start = JobId (*)(std::function<void(std::exception_ptr)> done, Progress progress);

void tst_Work::aRunningJobIsCancelled_data()
{
    QTest::addColumn<Start>("start");
    QTest::newRow("fibonacci") << Start([](std::function<void(std::exception_ptr)> done, Progress progress) {
        return fibonacci(45, [done](std::exception_ptr error, quint64) { done(error); }, std::move(progress));
    });
    QTest::newRow("hash") << Start([](std::function<void(std::exception_ptr)> done, Progress progress) {
        return hashRandom(1'024, 1, [done](std::exception_ptr error, QByteArray) { done(error); }, std::move(progress));
    });
    QTest::newRow("image") << Start([](std::function<void(std::exception_ptr)> done, Progress progress) {
        return resizeImage(testImage({2, 2}, 1), {32, 1'000'000}, [done](std::exception_ptr error, QImage) { done(error); },
                           std::move(progress));
    });
}

void tst_Work::aRunningJobIsCancelled()
{
    QFETCH(Start, start);
    JobId id = JobId::None;
    bool cancelled = false;
    id = start([&](std::exception_ptr error) { cancelled = error && codeOf(error) == JobError::Code::Cancelled; },
               [&](qint64, qint64) { QVERIFY(!loop().pool().cancel(id)); }); // its first report: it runs
    runToEnd();
    QVERIFY(cancelled);
}

void tst_Work::aFullQueueReachesTheCaller()
{
    loop::WorkerPool &pool = loop().pool();
    std::counting_semaphore<> mayEnd(0);
    const int threads = pool.threads();
    for (int i = 0; i < threads; ++i)
        pool.submit("busy", [&] { mayEnd.acquire(); }, [](std::exception_ptr) {});
    while (pool.running() < threads)
        std::this_thread::yield();
    for (int i = 0; i < loop::WorkerPool::maximumQueued; ++i)
        pool.submit("filler", [] {}, [](std::exception_ptr) {});
    bool refused = false;
    fibonacci(1, [&](std::exception_ptr error, quint64) { refused = codeOf(error) == JobError::Code::QueueFull; });
    Task<quint64> task = fibonacci(1);
    mayEnd.release(threads);
    runToEnd();
    QVERIFY(refused);
    QVERIFY_THROWS_EXCEPTION(JobError, task.takeResult());
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_Work)
#include "tst_work.moc"
