// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/finished.h"
#include "server/stream/pipeline.h"
#include "tests/stream/teststreams.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"

using namespace loopscope;
using namespace loopscope::test;
using namespace Qt::StringLiterals;

// Each program here is one of node_order.cjs, as near to it as C++ allows, and must say the same in the same order.

using Program = void (*)();
Q_DECLARE_METATYPE(Program)

static QStringList said;
static void log(const QString &entry)
{
    said << entry;
}
static loop::EventLoop &theLoop()
{
    return *loop::EventLoop::current();
}
static void setImmediate(loop::Callback callback)
{
    theLoop().setImmediate(std::move(callback));
}
static void turns(int count, loop::Callback callback)
{
    setImmediate([count, callback = std::move(callback)]() mutable {
        if (count > 1)
            turns(count - 1, std::move(callback));
        else
            callback();
    });
}
static void later(Done done, std::exception_ptr error = nullptr)
{
    setImmediate([done = std::move(done), error]() mutable { done(error); });
}
static Stream::Done logs(const QString &name)
{
    return [name](std::exception_ptr error) { log(name + u'=' + nameOf(error)); };
}
static Stream::Done says(const QString &text)
{
    return [text](std::exception_ptr) { log(text); };
}
static QString text(const QByteArray &bytes)
{
    return QString::fromLatin1(bytes);
}
static QString number(bool value)
{
    return value ? u"true"_s : u"false"_s;
}
static QByteArray numbered(const char *name, int number)
{
    return QByteArray(name) + QByteArray::number(number);
}

static void watch(Stream &stream, const QString &name, const QStringList &events)
{
    Readable *readable = stream.readableSide();
    Writable *writable = stream.writableSide();
    for (const QString &event : events) {
        const auto say = [entry = QString(name + u':' + event)] { log(entry); };
        if (event == u"data")
            readable->onData([say, name](const QByteArray &chunk) { log(name + u":data=" + text(chunk)); });
        else if (event == u"end")
            readable->onEnd(say);
        else if (event == u"pause")
            readable->onPause(say);
        else if (event == u"resume")
            readable->onResume(say);
        else if (event == u"drain")
            writable->onDrain(say);
        else if (event == u"finish")
            writable->onFinish(say);
        else if (event == u"pipe")
            writable->onPipe([say](Readable &) { say(); });
        else if (event == u"unpipe")
            writable->onUnpipe([say](Readable &) { say(); });
        else if (event == u"error")
            stream.onError([name](const std::exception_ptr &error) { log(name + u":error=" + nameOf(error)); });
        else if (event == u"close")
            stream.onClose(say);
        else
            qFatal("no such event");
    }
}

static std::shared_ptr<TestReadable> source(const char *chunk, int chunks, ReadableOptions options = {}, bool says = false)
{
    auto r = std::make_shared<TestReadable>(options);
    r->read_ = [chunk, chunks, says, n = 0](TestReadable &self) mutable {
        if (says)
            log(u"read"_s);
        if (n < chunks)
            self.push(numbered(chunk, n++));
        else
            self.push(nullptr);
    };
    return r;
}

static std::shared_ptr<TestWritable> sink(qsizetype highWaterMark = defaultHighWaterMark)
{
    auto w = std::make_shared<TestWritable>(WritableOptions{.highWaterMark = highWaterMark});
    w->write_ = [](QByteArray chunk, Done done) {
        log(u"write="_s + text(chunk));
        later(std::move(done));
    };
    return w;
}

// --- reading ---

static void flowing()
{
    const auto r = source("c", 3, {}, true);
    watch(*r, u"r"_s, {u"data"_s, u"end"_s, u"close"_s, u"resume"_s, u"pause"_s});
    log(u"sync"_s);
    theLoop().nextTick([] { log(u"tick"_s); });
}

static void asyncSource()
{
    const auto r = std::make_shared<TestReadable>(ReadableOptions{.highWaterMark = 4});
    r->read_ = [n = std::make_shared<int>(0)](TestReadable &self) {
        log(u"read"_s);
        setImmediate([n, kept = self.shared_from_this(), &self] {
            log(u"push"_s);
            log(u"push="_s + number(*n < 3 ? self.push(numbered("chunk", (*n)++)) : self.push(nullptr)));
        });
    };
    watch(*r, u"r"_s, {u"data"_s, u"end"_s, u"close"_s});
}

static void readableEvent()
{
    const auto r = source("abc", 3);
    r->onReadable([r] {
        log(u"readable"_s);
        while (const auto chunk = r->read(3))
            log(u"got="_s + text(*chunk));
    });
    watch(*r, u"r"_s, {u"end"_s, u"close"_s});
}

static void pauseResume()
{
    const auto r = std::make_shared<TestReadable>();
    const auto n = std::make_shared<int>(0);
    r->read_ = [n](TestReadable &self) {
        if (*n < 4)
            self.push(numbered("c", (*n)++));
        else
            self.push(nullptr);
    };
    watch(*r, u"r"_s, {u"end"_s, u"close"_s, u"resume"_s, u"pause"_s});
    r->onData([r, n, paused = false](const QByteArray &chunk) mutable {
        log(u"data="_s + text(chunk));
        if (*n != 4 || std::exchange(paused, true))
            return;
        r->pause();
        setImmediate([r] {
            log(u"resuming"_s);
            r->resume();
        });
    });
}

static void unshift()
{
    const auto r = std::make_shared<TestReadable>();
    r->read_ = [n = 0](TestReadable &self) mutable {
        if (n < 2)
            self.push("line" + QByteArray::number(n++) + ';');
        else
            self.push(nullptr);
    };
    r->onReadable(
        [r] {
            const auto chunk = r->read();
            log(u"got="_s + text(*chunk));
            r->unshift(chunk->sliced(2));
            log(u"rest="_s + text(*r->read(2)));
            r->onData([](const QByteArray &data) { log(u"data="_s + text(data)); });
        },
        Times::Once);
    watch(*r, u"r"_s, {u"end"_s, u"close"_s, u"resume"_s});
}

static void pushAfterEof()
{
    const auto r = std::make_shared<TestReadable>();
    r->read_ = [](TestReadable &self) {
        self.push("a");
        self.push(nullptr);
        log(u"ret="_s + number(self.push("b")));
    };
    watch(*r, u"r"_s, {u"data"_s, u"end"_s, u"error"_s, u"close"_s});
}

static void destroyReader()
{
    const auto r = std::make_shared<TestReadable>();
    const auto n = std::make_shared<int>(0);
    r->read_ = [n](TestReadable &self) {
        log(u"read"_s);
        self.push(numbered("c", (*n)++));
    };
    r->destroy_ = [](std::exception_ptr error, Done done) {
        log(u"destroy="_s + nameOf(error));
        later(std::move(done), error);
    };
    watch(*r, u"r"_s, {u"end"_s, u"error"_s, u"close"_s});
    r->onData([r, n](const QByteArray &chunk) {
        log(u"data="_s + text(chunk));
        if (*n == 2) {
            r->destroy(bad("enough"));
            log(u"destroyed"_s);
        }
    });
}

// --- writing ---

static void syncWriter()
{
    const auto w = std::make_shared<TestWritable>(WritableOptions{.highWaterMark = 3});
    w->write_ = [](QByteArray chunk, Done done) {
        log(u"write="_s + text(chunk));
        done(nullptr);
    };
    w->final_ = [](Done done) {
        log(u"final"_s);
        done(nullptr);
    };
    watch(*w, u"w"_s, {u"drain"_s, u"finish"_s, u"close"_s});
    log(u"ret="_s + number(w->write("a", says(u"cb a"_s))));
    log(u"ret="_s + number(w->write("bcd", says(u"cb bcd"_s))));
    log(u"ret="_s + number(w->write("e")));
    w->end("f", says(u"end cb"_s));
    log(u"sync"_s);
    theLoop().nextTick([] { log(u"tick"_s); });
}

static void asyncWriter()
{
    const auto w = std::make_shared<TestWritable>(WritableOptions{.highWaterMark = 3});
    w->write_ = [](QByteArray chunk, Done done) {
        log(u"write="_s + text(chunk));
        setImmediate([done = std::move(done)]() mutable {
            log(u"done"_s);
            done(nullptr);
            log(u"after done"_s);
        });
    };
    watch(*w, u"w"_s, {u"drain"_s, u"finish"_s, u"close"_s});
    log(u"ret="_s + number(w->write("ab", says(u"cb ab"_s))));
    log(u"ret="_s + number(w->write("cd", says(u"cb cd"_s))));
    w->onDrain(
        [w] {
            log(u"draining"_s);
            log(u"ret="_s + number(w->write("e")));
            w->end(says(u"end cb"_s));
        },
        Times::Once);
}

static void corked()
{
    const auto w = sink();
    w->writev_ = [](std::vector<QByteArray> chunks, Done done) {
        log(u"writev="_s + text(QByteArrayList(chunks.begin(), chunks.end()).join(',')));
        later(std::move(done));
    };
    watch(*w, u"w"_s, {u"finish"_s, u"close"_s});
    w->cork();
    w->write("a", says(u"cb a"_s));
    w->write("b", says(u"cb b"_s));
    w->write("c");
    log(u"len="_s + QString::number(w->writableLength()));
    theLoop().nextTick([w] {
        w->uncork();
        w->write("d");
        w->write("e");
        w->end("f");
    });
}

static void writeAfterEnd()
{
    const auto w = sink();
    watch(*w, u"w"_s, {u"finish"_s, u"error"_s, u"close"_s});
    w->end("a", logs(u"end cb"_s));
    log(u"ret="_s + number(w->write("b", logs(u"cb b"_s))));
    log(u"destroyed="_s + number(w->isDestroyed()));
}

static void writeError()
{
    const auto w = std::make_shared<TestWritable>();
    w->write_ = [](QByteArray chunk, Done done) {
        log(u"write="_s + text(chunk));
        later(std::move(done), chunk == "b" ? bad() : nullptr);
    };
    watch(*w, u"w"_s, {u"finish"_s, u"error"_s, u"close"_s});
    for (const char *chunk : {"a", "b", "c"})
        w->write(chunk, logs(u"cb "_s + QLatin1StringView(chunk)));
    w->end(logs(u"end cb"_s));
}

static void destroyWriter()
{
    const auto w = sink();
    w->destroy_ = [](std::exception_ptr error, Done done) {
        log(u"destroy="_s + nameOf(error));
        done(error);
    };
    watch(*w, u"w"_s, {u"finish"_s, u"error"_s, u"close"_s, u"drain"_s});
    w->write("a", logs(u"cb a"_s));
    w->write("b", logs(u"cb b"_s));
    w->end(logs(u"end cb"_s));
    w->destroy();
    log(u"ret="_s + number(w->write("c", logs(u"cb c"_s))));
}

static void construct()
{
    const auto w = std::make_shared<TestWritable>();
    w->construct_ = [](Done done) {
        log(u"construct"_s);
        setImmediate([done = std::move(done)]() mutable {
            log(u"constructed"_s);
            done(nullptr);
        });
    };
    w->write_ = [](QByteArray chunk, Done done) {
        log(u"write="_s + text(chunk));
        done(nullptr);
    };
    w->construct();
    watch(*w, u"w"_s, {u"finish"_s, u"close"_s, u"drain"_s});
    w->write("a", says(u"cb a"_s));
    w->end("b");
    log(u"sync"_s);
}

static void constructFails()
{
    const auto w = std::make_shared<TestWritable>();
    w->construct_ = [](Done done) { done(bad("no")); };
    w->destroy_ = [](std::exception_ptr error, Done done) {
        log(u"destroy="_s + nameOf(error));
        done(error);
    };
    w->construct();
    watch(*w, u"w"_s, {u"error"_s, u"close"_s});
    w->write("a", logs(u"cb a"_s));
    w->end(logs(u"end cb"_s));
}

static void autoDestroyOff()
{
    const auto w = std::make_shared<TestWritable>(WritableOptions{.autoDestroy = false});
    w->write_ = [](QByteArray chunk, Done done) { done(bad(QByteArray("bad " + chunk).constData())); };
    watch(*w, u"w"_s, {u"error"_s, u"finish"_s, u"close"_s});
    w->write("a", logs(u"cb"_s));
    log(u"ret="_s + number(w->write("b", logs(u"cb b"_s))));

    const auto r = source("", 0, {.autoDestroy = false});
    watch(*r, u"r"_s, {u"data"_s, u"end"_s, u"close"_s});
    turns(9, [r] { log(u"destroyed="_s + number(r->isDestroyed())); });
}

// --- pipes ---

static void pipe()
{
    const auto r = source("c", 3, {.highWaterMark = 2}, true);
    const auto w = sink(2);
    watch(*r, u"r"_s, {u"end"_s, u"close"_s, u"pause"_s, u"resume"_s});
    watch(*w, u"w"_s, {u"drain"_s, u"finish"_s, u"close"_s, u"pipe"_s, u"unpipe"_s});
    r->pipe(w);
    log(u"sync"_s);
}

static void pipeTwo()
{
    const auto r = source("c", 3, {.highWaterMark = 2});
    const auto make = [](const QString &name, bool slow) {
        const auto w = std::make_shared<TestWritable>(WritableOptions{.highWaterMark = 2});
        w->write_ = [name, slow](QByteArray chunk, Done done) {
            log(name + u'=' + text(chunk));
            if (!slow)
                later(std::move(done));
            else
                turns(5, [done = std::move(done)]() mutable { done(nullptr); });
        };
        watch(*w, name, {u"drain"_s, u"finish"_s, u"unpipe"_s});
        return w;
    };
    watch(*r, u"r"_s, {u"end"_s, u"pause"_s, u"resume"_s});
    r->pipe(make(u"fast"_s, false));
    r->pipe(make(u"slow"_s, true));
}

static void unpipe()
{
    const auto r = std::make_shared<TestReadable>();
    r->read_ = [n = std::make_shared<int>(0)](TestReadable &self) {
        setImmediate([n, kept = self.shared_from_this(), &self] {
            if (*n < 4)
                self.push(numbered("c", (*n)++));
            else
                self.push(nullptr);
        });
    };
    const auto w = std::make_shared<TestWritable>();
    w->write_ = [weakSource = std::weak_ptr(r), weak = std::weak_ptr(w)](QByteArray chunk, Done done) {
        log(u"write="_s + text(chunk));
        if (chunk == "c1") {
            const auto from = weakSource.lock();
            const auto to = weak.lock();
            from->unpipe(to.get());
            log(u"unpiped flowing="_s + number(*from->readableFlowing()));
            setImmediate([from, to] {
                log(u"again"_s);
                from->pipe(to);
            });
        }
        done(nullptr);
    };
    watch(*r, u"r"_s, {u"end"_s, u"pause"_s, u"resume"_s});
    watch(*w, u"w"_s, {u"finish"_s, u"unpipe"_s, u"pipe"_s});
    r->pipe(w);
}

// --- both ways ---

static void transform()
{
    const auto t = std::make_shared<TestTransform>();
    t->transform_ = [](QByteArray chunk, Transform::TransformDone done) {
        log(u"transform="_s + text(chunk));
        done(nullptr, chunk.toUpper());
    };
    t->flush_ = [](Transform::TransformDone done) {
        log(u"flush"_s);
        done(nullptr, "END");
    };
    watch(*t, u"t"_s, {u"data"_s, u"end"_s, u"finish"_s, u"close"_s});
    t->write("a", says(u"cb a"_s));
    t->end("b", says(u"end cb"_s));
    log(u"sync"_s);
}

static void asyncTransform()
{
    const auto t = std::make_shared<TestTransform>(
        DuplexOptions{.readableHighWaterMark = 2, .writableHighWaterMark = 2});
    t->transform_ = [](QByteArray chunk, Transform::TransformDone done) {
        log(u"transform="_s + text(chunk));
        setImmediate([chunk, done = std::move(done)]() mutable { done(nullptr, chunk + chunk); });
    };
    watch(*t, u"t"_s, {u"end"_s, u"finish"_s, u"close"_s, u"drain"_s});
    log(u"ret="_s + number(t->write("ab")));
    log(u"ret="_s + number(t->write("cd")));
    t->end("e");
    turns(9, [t] {
        log(u"reading"_s);
        t->onData([](const QByteArray &chunk) { log(u"data="_s + text(chunk)); });
    });
}

static void transformError()
{
    const auto t = std::make_shared<TestTransform>();
    t->transform_ = [](QByteArray chunk, Transform::TransformDone done) {
        done(chunk == "b" ? bad() : nullptr, chunk);
    };
    watch(*t, u"t"_s, {u"data"_s, u"end"_s, u"finish"_s, u"error"_s, u"close"_s});
    for (const char *chunk : {"a", "b", "c"})
        t->write(chunk, logs(u"cb "_s + QLatin1StringView(chunk)));
}

static std::shared_ptr<TestDuplex> duplex(bool allowHalfOpen)
{
    const auto d = std::make_shared<TestDuplex>(DuplexOptions{.allowHalfOpen = allowHalfOpen});
    d->read_ = [n = 0](TestDuplex &self) mutable {
        if (n++ == 0)
            self.push("x");
        else
            self.push(nullptr);
    };
    d->write_ = [](QByteArray chunk, Done done) {
        log(u"write="_s + text(chunk));
        done(nullptr);
    };
    watch(*d, u"d"_s, {u"data"_s, u"end"_s, u"finish"_s, u"close"_s});
    return d;
}

static void duplexHalf()
{
    duplex(false);
}

static void duplexOpen()
{
    turns(9, [d = duplex(true)] {
        log(u"ending"_s);
        d->end("y");
    });
}

// --- pipeline and finished ---

static void pipelineGood()
{
    const auto r = source("c", 2);
    const auto t = std::make_shared<TestTransform>();
    t->transform_ = [](QByteArray chunk, Transform::TransformDone done) { done(nullptr, chunk + '!'); };
    const auto w = sink();
    watch(*r, u"r"_s, {u"end"_s, u"close"_s});
    watch(*t, u"t"_s, {u"end"_s, u"finish"_s, u"close"_s});
    watch(*w, u"w"_s, {u"finish"_s, u"close"_s});
    pipeline({r, t, w}, logs(u"done"_s));
}

static void pipelineFails(char who)
{
    const auto n = std::make_shared<int>(0);
    const auto r = std::make_shared<TestReadable>();
    r->read_ = [n, who](TestReadable &self) {
        if (who == 'r' && *n == 2)
            self.destroy(bad("bad r"));
        else
            setImmediate([n, kept = self.shared_from_this(), &self] { self.push(numbered("c", (*n)++)); });
    };
    const auto t = std::make_shared<TestTransform>();
    t->transform_ = [n, who](QByteArray chunk, Transform::TransformDone done) {
        done(who == 't' && *n == 2 ? bad("bad t") : nullptr, chunk);
    };
    const auto w = std::make_shared<TestWritable>();
    w->write_ = [n, who](QByteArray chunk, Done done) {
        log(u"write="_s + text(chunk));
        later(std::move(done), who == 'w' && *n == 2 ? bad("bad w") : nullptr);
    };
    watch(*r, u"r"_s, {u"end"_s, u"error"_s, u"close"_s});
    watch(*t, u"t"_s, {u"end"_s, u"finish"_s, u"error"_s, u"close"_s});
    watch(*w, u"w"_s, {u"finish"_s, u"error"_s, u"close"_s});
    pipeline({r, t, w}, logs(u"done"_s));
}

static void pipelineFails_r()
{
    pipelineFails('r');
}

static void pipelineFails_t()
{
    pipelineFails('t');
}

static void pipelineFails_w()
{
    pipelineFails('w');
}

static void pipelinePremature()
{
    const auto n = std::make_shared<int>(0);
    const auto r = std::make_shared<TestReadable>();
    r->read_ = [n](TestReadable &self) {
        setImmediate([n, kept = self.shared_from_this(), &self] { self.push(numbered("c", (*n)++)); });
    };
    const auto w = std::make_shared<TestWritable>();
    w->write_ = [n, to = w.get()](QByteArray chunk, Done done) {
        log(u"write="_s + text(chunk));
        if (*n == 2)
            to->destroy();
        later(std::move(done));
    };
    watch(*r, u"r"_s, {u"end"_s, u"error"_s, u"close"_s});
    watch(*w, u"w"_s, {u"finish"_s, u"error"_s, u"close"_s});
    pipeline({r, w}, logs(u"done"_s));
}

static void finishedAll()
{
    const auto w = std::make_shared<TestWritable>();
    watch(*w, u"w"_s, {u"finish"_s, u"close"_s});
    (void)finished(*w, logs(u"finished"_s));
    w->end("a");
    const auto r = std::make_shared<TestReadable>();
    watch(*r, u"r"_s, {u"close"_s});
    (void)finished(*r, logs(u"r finished"_s));
    r->destroy();
    turns(9, [w] {
        (void)finished(*w, logs(u"late finished"_s));
        log(u"asked"_s);
    });
}

class tst_StreamOrder : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void eventsComeAsInNode_data();
    void eventsComeAsInNode();
};

static void row(const char *sentence, Program program, const QString &inNode)
{
    QTest::newRow(sentence) << program << inNode;
}

static void readerRows()
{
    row("a source that has all at once flows", &flowing,
        u"sync|read|r:resume|read|r:data=c0|read|r:data=c1|read|r:data=c2|tick|r:end|r:close"_s);
    row("a source that needs time", &asyncSource,
        u"read|push|r:data=chunk0|push=true|read|push|r:data=chunk1|push=true|read|push|r:data=chunk2"
        u"|push=true|read|push|push=false|r:end|r:close"_s);
    row("read(n) at 'readable'", &readableEvent,
        u"readable|got=abc|got=0ab|got=c1a|got=bc2|readable|readable|r:end|r:close"_s);
    row("a pause in the middle", &pauseResume,
        u"r:resume|data=c0|data=c1|data=c2|r:pause|resuming|r:resume|data=c3|r:end|r:close"_s);
    row("a source destroyed by its reader", &destroyReader,
        u"read|read|data=c0|destroy=enough|destroyed|data=c1|destroyed|r:error=enough|r:close"_s);
    row("a reader gives back", &unshift,
        u"got=line0;line1;|rest=ne|data=0;line1;|r:resume|r:end|r:close"_s);
    row("a push after the end", &pushAfterEof,
        u"ret=false|r:data=a|r:error=ERR_STREAM_PUSH_AFTER_EOF|r:close"_s);
    row("streams that are not destroyed by themselves", &autoDestroyOff,
        u"ret=false|cb=bad a|cb b=bad a|w:error=bad a|r:end|destroyed=false"_s);
}

static void writerRows()
{
    row("a sink that is done at once", &syncWriter,
        u"write=a|ret=true|write=bcd|ret=true|write=e|ret=true|write=f|final|sync|cb a|cb bcd|end cb"
        u"|w:finish|tick|w:close"_s);
    row("a sink that needs time", &asyncWriter,
        u"write=ab|ret=true|ret=false|done|write=cd|cb ab|after done|done|w:drain|draining|write=e"
        u"|ret=true|cb cd|after done|done|after done|end cb|w:finish|w:close"_s);
    row("corked writes go out together", &corked,
        u"len=3|writev=a,b,c|writev=d,e,f|cb a|cb b|w:finish|w:close"_s);
    row("a write after the end", &writeAfterEnd,
        u"write=a|ret=false|destroyed=true|cb b=ERR_STREAM_WRITE_AFTER_END"
        u"|w:error=ERR_STREAM_WRITE_AFTER_END|w:close|end cb=ERR_STREAM_WRITE_AFTER_END"_s);
    row("a write that fails", &writeError,
        u"write=a|write=b|cb a=ok|cb b=bad|cb c=bad|end cb=bad|w:error=bad|w:close"_s);
    row("a sink destroyed while it writes", &destroyWriter,
        u"write=a|destroy=ok|ret=false|w:close|cb c=ERR_STREAM_WRITE_AFTER_END|cb a=ok"
        u"|cb b=ERR_STREAM_DESTROYED|end cb=ERR_STREAM_DESTROYED"_s);
    row("writes wait for the construction", &construct,
        u"sync|construct|constructed|write=a|write=b|cb a|w:finish|w:close"_s);
    row("a construction that fails", &constructFails,
        u"destroy=no|cb a=no|end cb=no|w:error=no|w:close"_s);
}

static void pipeRows()
{
    row("a pipe waits for its sink", &pipe,
        u"w:pipe|sync|read|r:resume|read|write=c0|r:pause|w:drain|r:resume|read|write=c1|r:pause|w:drain"
        u"|r:resume|read|write=c2|r:pause|r:end|r:close|w:finish|w:unpipe|w:close"_s);
    row("two pipes wait for the slower sink", &pipeTwo,
        u"r:resume|fast=c0|r:pause|slow=c0|fast:drain|slow:drain|r:resume|fast=c1|r:pause|slow=c1"
        u"|fast:drain|slow:drain|r:resume|fast=c2|r:pause|slow=c2|r:end|fast:finish|fast:unpipe"
        u"|slow:finish|slow:unpipe"_s);
    row("a pipe taken away and laid again", &unpipe,
        u"w:pipe|r:resume|write=c0|write=c1|r:pause|w:unpipe|unpiped flowing=false|again|w:pipe|r:resume"
        u"|write=c2|write=c3|r:end|w:finish|r:pause|w:unpipe"_s);
    row("a transform that is done at once", &transform,
        u"transform=a|t:data=A|transform=b|t:data=B|flush|t:data=END|sync|cb a|t:end|end cb|t:finish"
        u"|t:close"_s);
    row("a transform that nobody reads at first", &asyncTransform,
        u"transform=ab|ret=false|ret=false|transform=cd|transform=e|t:finish|reading|data=abab|data=cdcd"
        u"|data=ee|t:end|t:close"_s);
    row("a transform that fails", &transformError,
        u"t:data=a|cb a=ok|cb b=bad|cb c=bad|t:error=bad|t:close"_s);
    row("a duplex that is not left half open", &duplexHalf,
        u"d:data=x|d:end|d:finish|d:close"_s);
    row("a duplex that is left half open", &duplexOpen,
        u"d:data=x|d:end|ending|write=y|d:finish|d:close"_s);
}

static void pipelineRows()
{
    row("a pipeline that ends well", &pipelineGood,
        u"write=c0!|r:end|t:end|t:finish|r:close|t:close|write=c1!|w:finish|w:close|done=ok"_s);
    row("a pipeline whose source fails", &pipelineFails_r,
        u"write=c0|write=c1|r:error=bad r|r:close|t:error=bad r|t:close|w:error=bad r|w:close|done=bad r"_s);
    row("a pipeline whose transform fails", &pipelineFails_t,
        u"write=c0|t:error=bad t|t:close|r:error=bad t|r:close|w:error=bad t|w:close|done=bad t"_s);
    row("a pipeline whose sink fails", &pipelineFails_w,
        u"write=c0|write=c1|w:error=bad w|w:close|r:error=bad w|r:close|t:error=bad w|t:close|done=bad w"_s);
    row("a pipeline whose sink closes too early", &pipelinePremature,
        u"write=c0|write=c1|w:close|r:error=ERR_STREAM_PREMATURE_CLOSE|r:close"
        u"|done=ERR_STREAM_PREMATURE_CLOSE"_s);
    row("finished() in time, of what closes early, and late", &finishedAll,
        u"w:finish|r:close|r finished=ERR_STREAM_PREMATURE_CLOSE|w:close|finished=ok|asked"
        u"|late finished=ok"_s);
}

void tst_StreamOrder::eventsComeAsInNode_data()
{
    QTest::addColumn<Program>("program");
    QTest::addColumn<QString>("inNode");
    readerRows();
    writerRows();
    pipeRows();
    pipelineRows();
}

// A program of Node is one callback of the loop, after which ticks and microtasks run.
void tst_StreamOrder::eventsComeAsInNode()
{
    QFETCH(Program, program);
    QFETCH(QString, inNode);
    said.clear();
    setImmediate([program] { program(); });
    runToEnd();
    QCOMPARE(said.join(u'|'), inNode);
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_StreamOrder)
#include "tst_streamorder.moc"
