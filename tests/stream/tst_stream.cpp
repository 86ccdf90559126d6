// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/finished.h"
#include "server/stream/pipeline.h"
#include "tests/stream/teststreams.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"

using namespace loopscope;
using namespace loopscope::test;
using namespace Qt::StringLiterals;

static loop::EventLoop &theLoop()
{
    return *loop::EventLoop::current();
}

class tst_Stream : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void cleanup() { theLoop().setUncaughtHandler(nullptr); }
    void chunksAreSharedWholeAndCopiedInParts();
    void listenersMayComeAndGoWhileTheyRun();
    void aReaderMayWantMoreThanTheHighWaterMark();
    void aSlowWriterStopsTheSource_data();
    void aSlowWriterStopsTheSource();
    void destroyedInEachOfItsCallbacks_data();
    void destroyedInEachOfItsCallbacks();
    void droppedInItsOwnCallback();
    void aPipeNeedsNoOwner();
    void aPipeThatNobodyCanMoveGoesAway();
    void aPipeToItself();
    void aStreamHeldByItsListenersGoesAfterClose();
    void anErrorThatNobodyHearsIsUncaught();
    void anErrorEndsThePipeButNotTheSource();
    void exceptionsOfImplementersFailTheStream_data();
    void exceptionsOfImplementersFailTheStream();
    void aCallbackCalledTwiceIsAnError();
    void aPipelineFailsWithEachOfItsParts_data();
    void aPipelineFailsWithEachOfItsParts();
    void aPipelineCanBeAwaited();
    void aPipelineThatCannotEndIsDropped();
    void aPipelineOfWrongPartsIsRefused();
    void finishedCanBeAwaitedAndStopped();
    void contextFollowsTheStream();
};

void tst_Stream::chunksAreSharedWholeAndCopiedInParts()
{
    ChunkQueue queue;
    const QByteArray first = "abcdef";
    queue.append(first);
    queue.append("");
    queue.append("ghi");
    QCOMPARE(queue.bytes(), 9);
    QCOMPARE(queue.firstBytes(), 6);
    QCOMPARE(queue.take(2), "ab");
    QCOMPARE(queue.firstBytes(), 4);
    queue.prepend("12");
    QCOMPARE(queue.take(3), "12c");
    QCOMPARE(queue.take(5), "defgh");
    QCOMPARE(queue.take(1), "i");
    QVERIFY(queue.isEmpty());
    queue.append(first);
    QCOMPARE(queue.take(6).constData(), first.constData()); // not copied
    for (int i = 0; i < 1'000; ++i)
        queue.append(QByteArray::number(i));
    for (int i = 0; i < 999; ++i)
        QCOMPARE(queue.take(queue.firstBytes()), QByteArray::number(i));
    queue.prepend("x");
    QCOMPARE(queue.take(4), "x999");
}

void tst_Stream::listenersMayComeAndGoWhileTheyRun()
{
    const auto w = std::make_shared<TestWritable>();
    QStringList said;
    ListenerId third{};
    ListenerId self{};
    w->onFinish([&] {
        said << u"1"_s;
        QVERIFY(w->off(third));
        w->onFinish([&] { said << u"added"_s; });
    });
    self = w->onFinish([&] {
        said << u"2"_s;
        QVERIFY(w->off(self));
        QVERIFY(!w->off(self));
    });
    third = w->onFinish([&] { said << u"removed"_s; });
    w->onFinish([&] { said << u"4"_s; }, Times::Once);
    w->end();
    runToEnd();
    QCOMPARE(said.join(u' '), u"1 2 4"_s);
    QVERIFY(!w->off(ListenerId::None));
}

void tst_Stream::aReaderMayWantMoreThanTheHighWaterMark()
{
    const auto r = std::make_shared<TestReadable>(ReadableOptions{.highWaterMark = 4});
    r->read_ = [](TestReadable &self) { self.push("abc"); };
    QByteArray read;
    r->onReadable([&] {
        if (const auto chunk = r->read(10))
            read += *chunk;
        if (read.size() >= 10)
            r->destroy();
    });
    runToEnd();
    QCOMPARE(read.first(10), "abcabcabca");
    QCOMPARE(r->readableHighWaterMark(), 16);
    QVERIFY_THROWS_EXCEPTION(StreamError, r->read(qsizetype(1) << 31));
    QVERIFY_THROWS_EXCEPTION(StreamError, TestReadable({.highWaterMark = -1}));
}

// --- backpressure ---

void tst_Stream::aSlowWriterStopsTheSource_data()
{
    QTest::addColumn<bool>("transforms");
    QTest::newRow("straight") << false;
    QTest::newRow("through a transform") << true;
}

// 1 GiB goes through, of chunks that share their bytes, and no more is ever buffered than the high-water marks and a chunk.
void tst_Stream::aSlowWriterStopsTheSource()
{
    QFETCH(bool, transforms);
    constexpr qint64 total = qint64(1) << 30;
    const QByteArray chunk(256 * 1024, 'x');
    const auto r = std::make_shared<TestReadable>();
    const auto w = std::make_shared<TestWritable>();
    const auto t = std::make_shared<TestTransform>();
    qint64 pushed = 0;
    qint64 written = 0;
    qint64 most = 0;
    int unacknowledged = 0;
    r->read_ = [&](TestReadable &self) {
        if (pushed == total) {
            self.push(nullptr);
            return;
        }
        pushed += chunk.size();
        self.push(chunk);
    };
    w->write_ = [&](QByteArray bytes, Done done) {
        QCOMPARE(++unacknowledged, 1);
        QCOMPARE(bytes.constData(), chunk.constData()); // never copied
        most = qMax(most, pushed - written);
        theLoop().setImmediate([&, size = bytes.size(), done = std::move(done)]() mutable {
            written += size;
            --unacknowledged;
            done(nullptr);
        });
    };
    QString done;
    if (transforms)
        pipeline({r, t, w}, [&](std::exception_ptr error) { done = nameOf(error); });
    else
        pipeline({r, w}, [&](std::exception_ptr error) { done = nameOf(error); });
    runToEnd();
    QCOMPARE(done, u"ok"_s);
    QCOMPARE(written, total);
    // Each buffer takes a chunk while it is below its high-water mark: one more than would fit.
    const qint64 marks = transforms ? 4 * defaultHighWaterMark : 2 * defaultHighWaterMark;
    const qint64 chunks = (transforms ? 4 : 2) * chunk.size();
    QVERIFY2(most <= marks + chunks, qPrintable(QString::number(most)));
}

// --- destruction ---

void tst_Stream::destroyedInEachOfItsCallbacks_data()
{
    QTest::addColumn<QString>("event");
    QTest::addColumn<bool>("fails");
    for (const char *event : {"data", "readable", "end", "pause", "resume", "drain", "finish", "close", "error", "written",
                              "read", "write", "transform", "flush", "final", "pipe", "unpipe"}) {
        for (const bool fails : {false, true})
            QTest::addRow("in %s%s", event, fails ? ", with an error" : "") << QString::fromLatin1(event) << fails;
    }
}

// What is called with the name of each callback, as it runs.
using In = std::function<void(const char *)>;

static void implement(const In &in, TestReadable &r, TestTransform &t, TestWritable &w)
{
    r.read_ = [in, n = 0](TestReadable &self) mutable {
        in("read");
        if (n++ < 3)
            self.push("abc");
        else
            self.push(nullptr);
    };
    t.transform_ = [in](QByteArray chunk, Transform::TransformDone done) {
        in("transform");
        done(nullptr, chunk);
    };
    t.flush_ = [in](Transform::TransformDone done) {
        in("flush");
        done(nullptr, "!");
    };
    w.write_ = [in](QByteArray, Done done) {
        in("write");
        theLoop().setImmediate([done = std::move(done)]() mutable { done(nullptr); });
    };
    w.final_ = [in](Done done) {
        in("final");
        done(nullptr);
    };
}

// Those of which a listener changes what happens are listened to only for their own sake.
static void listen(const In &in, const QString &event, TestReadable &r, TestTransform &t, TestWritable &w)
{
    for (Stream *stream : {static_cast<Stream *>(&r), static_cast<Stream *>(&t), static_cast<Stream *>(&w)}) {
        stream->onClose([in] { in("close"); });
        stream->onError([in](const std::exception_ptr &) { in("error"); });
    }
    r.onPause([in] { in("pause"); });
    r.onResume([in] { in("resume"); });
    t.onEnd([in] { in("end"); });
    t.onFinish([in] { in("finish"); });
    w.onDrain([in] { in("drain"); });
    w.onPipe([in](Readable &) { in("pipe"); });
    w.onUnpipe([in](Readable &) { in("unpipe"); });
    if (event == u"data")
        t.onData([in](const QByteArray &) { in("data"); });
    if (event == u"readable")
        t.onReadable([in] { in("readable"); });
    if (event == u"error")
        w.write_ = [](QByteArray, Done done) { done(bad()); };
}

// A pipe through a transform is destroyed, at both its ends and in the middle, within one callback; all must be gone then.
void tst_Stream::destroyedInEachOfItsCallbacks()
{
    QFETCH(QString, event);
    QFETCH(bool, fails);
    auto r = std::make_shared<TestReadable>(ReadableOptions{.highWaterMark = 2});
    auto t = std::make_shared<TestTransform>(DuplexOptions{.readableHighWaterMark = 2, .writableHighWaterMark = 2});
    auto w = std::make_shared<TestWritable>(WritableOptions{.highWaterMark = 2});
    const std::weak_ptr<Stream> streams[] = {r, t, w};
    int hits = 0;
    int closed = 0;
    const In in = [&, streams](const char *name) {
        closed += name == QByteArrayView("close");
        if (event != QLatin1StringView(name) || hits++ > 0)
            return;
        for (const std::weak_ptr<Stream> &stream : streams) {
            if (const auto alive = stream.lock())
                alive->destroy(fails ? bad() : nullptr);
        }
    };
    implement(in, *r, *t, *w);
    listen(in, event, *r, *t, *w);
    w->write("x", [in](std::exception_ptr) { in("written"); });
    pipeline({r, t, w}, [](std::exception_ptr) {});
    r.reset();
    t.reset();
    w.reset();
    runToEnd();
    QVERIFY(hits > 0);
    QCOMPARE(closed, 3);
    for (const std::weak_ptr<Stream> &stream : streams)
        QVERIFY(stream.expired());
}

void tst_Stream::droppedInItsOwnCallback()
{
    // The last reference goes within 'data', emitted by push() and by read().
    for (const bool later : {false, true}) {
        auto r = std::make_shared<TestReadable>();
        int chunks = 0;
        r->read_ = [later](TestReadable &self) {
            if (later)
                theLoop().setImmediate([weak = self.weak_from_this(), &self] {
                    if (weak.lock())
                        self.push("abc");
                });
            else
                self.push("abc");
        };
        std::weak_ptr<Stream> weak = r;
        r->onData([&](const QByteArray &) {
            if (++chunks == 2) {
                r->pause();
                r.reset();
            }
        });
        runToEnd();
        QCOMPARE(chunks, 2);
        QVERIFY(weak.expired());
    }
    // And within the callback of a write.
    auto w = std::make_shared<TestWritable>();
    std::weak_ptr<Stream> weak = w;
    w->write("abc", [&](std::exception_ptr) { w.reset(); });
    runToEnd();
    QVERIFY(weak.expired());
}

// --- who keeps whom ---

void tst_Stream::aPipeNeedsNoOwner()
{
    int written = 0;
    bool finished = false;
    std::weak_ptr<Stream> weak;
    {
        const auto r = std::make_shared<TestReadable>();
        r->read_ = [n = std::make_shared<int>(0)](TestReadable &self) {
            theLoop().setImmediate([n, kept = self.shared_from_this(), &self] {
                if (++*n <= 5)
                    self.push("abc");
                else
                    self.push(nullptr);
            });
        };
        const auto w = std::make_shared<TestWritable>(WritableOptions{.highWaterMark = 1});
        w->write_ = [&](QByteArray, Done done) {
            ++written;
            theLoop().setImmediate([done = std::move(done)]() mutable { done(nullptr); });
        };
        w->onFinish([&] { finished = true; });
        r->pipe(std::make_shared<PassThrough>())->pipe(w);
        weak = w;
    }
    runToEnd();
    QCOMPARE(written, 5);
    QVERIFY(finished);
    QVERIFY(weak.expired());
}

void tst_Stream::aPipeThatNobodyCanMoveGoesAway()
{
    std::weak_ptr<Stream> source;
    std::weak_ptr<Stream> sink;
    {
        const auto r = std::make_shared<TestReadable>(); // never pushes
        const auto w = std::make_shared<TestWritable>();
        source = r;
        sink = w;
        r->pipe(w);
    }
    runToEnd();
    QVERIFY(source.expired() && sink.expired());
    {
        const auto r = std::make_shared<TestReadable>();
        r->read_ = [](TestReadable &self) { self.push("abc"); };
        const auto w = std::make_shared<TestWritable>(WritableOptions{.highWaterMark = 1});
        w->write_ = [](QByteArray, Done) {}; // never written, and so never drains
        source = r;
        sink = w;
        r->pipe(w);
    }
    runToEnd();
    QVERIFY(source.expired() && sink.expired());
}

void tst_Stream::aPipeToItself()
{
    std::weak_ptr<Stream> weak;
    QByteArray echoed;
    {
        const auto d = std::make_shared<TestDuplex>();
        weak = d;
        d->read_ = [n = 0](TestDuplex &self) mutable {
            if (n++ == 0)
                self.push("echo");
            else
                self.push(nullptr);
        };
        d->write_ = [&](QByteArray chunk, Done done) {
            echoed += chunk;
            done(nullptr);
        };
        d->pipe(d);
    }
    runToEnd();
    QCOMPARE(echoed, "echo");
    QVERIFY(weak.expired());
}

void tst_Stream::aStreamHeldByItsListenersGoesAfterClose()
{
    std::weak_ptr<Stream> weak;
    {
        const auto w = std::make_shared<TestWritable>();
        weak = w;
        w->onFinish([w] {});
        w->onClose([w] {});
        w->end();
    }
    QVERIFY(!weak.expired());
    runToEnd();
    QVERIFY(weak.expired());
}

// --- errors ---

void tst_Stream::anErrorThatNobodyHearsIsUncaught()
{
    QStringList said;
    theLoop().setUncaughtHandler([&](std::exception_ptr error) { said << nameOf(error); });
    const auto w = std::make_shared<TestWritable>();
    w->onClose([&] { said << u"close"_s; });
    w->destroy(bad());
    w->destroy(bad("again"));
    runToEnd();
    QCOMPARE(said.join(u' '), u"bad close"_s);
    QCOMPARE(nameOf(w->errored()), u"bad"_s);
    // A pipe's own listener does not count.
    said.clear();
    const auto r = std::make_shared<TestReadable>();
    const auto to = std::make_shared<TestWritable>();
    r->pipe(to);
    to->destroy(bad());
    runToEnd();
    QCOMPARE(said.join(u' '), u"bad"_s);
}

void tst_Stream::anErrorEndsThePipeButNotTheSource()
{
    const auto r = std::make_shared<TestReadable>();
    r->read_ = [](TestReadable &self) { self.push("abc"); };
    const auto w = std::make_shared<TestWritable>();
    QStringList said;
    w->onError([&](const std::exception_ptr &error) { said << nameOf(error); });
    w->onUnpipe([&](Readable &source) {
        QCOMPARE(&source, r.get());
        said << u"unpipe"_s;
    });
    w->write_ = [](QByteArray, Done done) { done(bad()); };
    r->pipe(w);
    runToEnd();
    QCOMPARE(said.join(u' '), u"unpipe bad"_s);
    QVERIFY(!r->isDestroyed());
    QVERIFY(r->isPaused());
    r->destroy();
    runToEnd();
}

void tst_Stream::exceptionsOfImplementersFailTheStream_data()
{
    QTest::addColumn<QString>("where");
    for (const char *where : {"read", "write", "writev", "final", "construct", "destroy", "transform", "flush"})
        QTest::newRow(where) << QString::fromLatin1(where);
}

void tst_Stream::exceptionsOfImplementersFailTheStream()
{
    QFETCH(QString, where);
    const auto throwing = [&](const char *name) {
        if (where == QLatin1StringView(name))
            throw std::runtime_error("thrown");
    };
    const auto r = std::make_shared<TestReadable>();
    r->read_ = [&](TestReadable &) { throwing("read"); };
    const auto t = std::make_shared<TestTransform>();
    t->transform_ = [&](QByteArray, Transform::TransformDone done) {
        throwing("transform");
        done(nullptr, {});
    };
    t->flush_ = [&](Transform::TransformDone done) {
        throwing("flush");
        done(nullptr, {});
    };
    const auto w = std::make_shared<TestWritable>();
    w->write_ = [&](QByteArray, Done done) {
        throwing("write");
        done(nullptr);
    };
    w->writev_ = [&](std::vector<QByteArray>, Done done) {
        throwing("writev");
        done(nullptr);
    };
    w->final_ = [&](Done done) {
        throwing("final");
        done(nullptr);
    };
    w->construct_ = [&](Done done) {
        throwing("construct");
        done(nullptr);
    };
    w->destroy_ = [&](std::exception_ptr error, Done done) {
        throwing("destroy");
        done(error);
    };
    QStringList said;
    for (Stream *stream : {static_cast<Stream *>(r.get()), static_cast<Stream *>(t.get()), static_cast<Stream *>(w.get())})
        stream->onError([&](const std::exception_ptr &error) { said << nameOf(error); });
    w->construct();
    r->resume();
    t->resume();
    t->end("abc");
    w->write("abc"); // both wait for the construction
    w->write("def");
    w->end();
    runToEnd();
    if (where == u"write") { // one at a time, if it has no writev
        QCOMPARE(said.size(), 0);
        const auto single = std::make_shared<TestWritable>();
        single->write_ = w->write_;
        single->onError([&](const std::exception_ptr &error) { said << nameOf(error); });
        single->write("abc");
        runToEnd();
        QVERIFY(single->isClosed());
    }
    QCOMPARE(said, QStringList(u"thrown"_s));
}

void tst_Stream::aCallbackCalledTwiceIsAnError()
{
    const auto w = std::make_shared<TestWritable>();
    w->write_ = [](QByteArray, Done done) {
        done(nullptr);
        done(nullptr);
    };
    QString said;
    w->onError([&](const std::exception_ptr &error) { said = nameOf(error); });
    w->write("abc");
    runToEnd();
    QCOMPARE(said, u"ERR_MULTIPLE_CALLBACK"_s);
}

// --- pipeline ---

void tst_Stream::aPipelineFailsWithEachOfItsParts_data()
{
    QTest::addColumn<int>("part");
    QTest::addColumn<bool>("closes");
    QTest::addColumn<QString>("error");
    for (int part = 0; part < 4; ++part) {
        QTest::addRow("part %d fails", part) << part << false << u"bad"_s;
        QTest::addRow("part %d closes too early", part) << part << true << u"ERR_STREAM_PREMATURE_CLOSE"_s;
    }
}

void tst_Stream::aPipelineFailsWithEachOfItsParts()
{
    QFETCH(int, part);
    QFETCH(bool, closes);
    QFETCH(QString, error);
    auto r = std::make_shared<TestReadable>();
    r->read_ = [](TestReadable &self) {
        theLoop().setImmediate([kept = self.shared_from_this(), &self] { self.push("abc"); });
    };
    std::vector<std::shared_ptr<Stream>> streams{r, std::make_shared<PassThrough>(), std::make_shared<PassThrough>(),
                                                 std::make_shared<TestWritable>()};
    const std::vector<std::weak_ptr<Stream>> weak(streams.begin(), streams.end());
    QStringList done;
    pipeline(streams, [&](std::exception_ptr why) { done << nameOf(why); });
    theLoop().setImmediate([stream = streams[std::size_t(part)], closes] { stream->destroy(closes ? nullptr : bad()); });
    streams.clear();
    r.reset();
    runToEnd();
    QCOMPARE(done, QStringList(error));
    for (const std::weak_ptr<Stream> &stream : weak)
        QVERIFY(stream.expired());
}

void tst_Stream::aPipelineCanBeAwaited()
{
    const auto copy = [](bool fails) -> loop::Task<QByteArray> {
        QByteArray all;
        auto r = std::make_shared<TestReadable>();
        r->read_ = [n = 0](TestReadable &self) mutable {
            if (n++ < 3)
                self.push("abc");
            else
                self.push(nullptr);
        };
        auto w = std::make_shared<TestWritable>();
        w->write_ = [&all, fails](QByteArray chunk, Done done) {
            all += chunk;
            done(fails ? bad() : nullptr);
        };
        co_await pipeline(r, std::make_shared<PassThrough>(), w);
        co_return all;
    };
    loop::Task<QByteArray> good = copy(false);
    loop::Task<QByteArray> failing = copy(true);
    runToEnd();
    QCOMPARE(good.takeResult(), "abcabcabc");
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, failing.takeResult());
}

// Nobody can push any more: the streams, and the coroutine that waits for them, are gone, not leaked.
void tst_Stream::aPipelineThatCannotEndIsDropped()
{
    static int frames;
    struct Frame {
        Frame() { ++frames; }
        ~Frame() { --frames; }
    };
    const auto f = []() -> loop::Task<> {
        const Frame frame;
        auto r = std::make_shared<TestReadable>();
        auto w = std::make_shared<TestWritable>();
        co_await pipeline(std::move(r), std::move(w));
    };
    f().detach();
    QCOMPARE(frames, 1);
    runToEnd();
    QCOMPARE(frames, 0);
}

void tst_Stream::aPipelineOfWrongPartsIsRefused()
{
    const auto r = std::make_shared<TestReadable>();
    const auto w = std::make_shared<TestWritable>();
    const auto writeOnly = std::make_shared<TestDuplex>(DuplexOptions{.readable = false});
    QVERIFY_THROWS_EXCEPTION(StreamError, pipeline({r}, [](std::exception_ptr) {}));
    QVERIFY_THROWS_EXCEPTION(StreamError, pipeline({w, w}, [](std::exception_ptr) {}));
    QVERIFY_THROWS_EXCEPTION(StreamError, pipeline({r, r}, [](std::exception_ptr) {}));
    QVERIFY_THROWS_EXCEPTION(StreamError, pipeline({writeOnly, w}, [](std::exception_ptr) {}));
}

void tst_Stream::finishedCanBeAwaitedAndStopped()
{
    const auto w = std::make_shared<TestWritable>();
    bool called = false;
    loop::Callback stop = finished(*w, [&](std::exception_ptr) { called = true; });
    stop();
    loop::Task<> task = [](std::shared_ptr<TestWritable> stream) -> loop::Task<> { co_await finished(*stream); }(w);
    w->end();
    runToEnd();
    QVERIFY(task.isEnded());
    task.takeResult();
    QVERIFY(!called);
}

void tst_Stream::contextFollowsTheStream()
{
    QList<quint64> requests;
    theLoop().setImmediate([&] {
        theLoop().setContext({7, 0});
        const auto w = std::make_shared<TestWritable>();
        w->onFinish([&] { requests << theLoop().context().request; });
        w->onClose([&] { requests << theLoop().context().request; });
        w->end("abc", [&](std::exception_ptr) { requests << theLoop().context().request; });
    });
    runToEnd();
    QCOMPARE(requests, (QList<quint64>{7, 7, 7}));
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_Stream)
#include "tst_stream.moc"
