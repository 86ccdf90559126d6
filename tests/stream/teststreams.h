// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/fs.h"
#include "server/stream/transform.h"
#include "server/stream/zliberror.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QString>

#include <functional>
#include <stdexcept>

// Streams of functions, as Node's simplified construction makes them.
namespace loopscope::test {

using namespace loopscope::stream;

using Done = Stream::Done;

class TestReadable final : public Readable {
public:
    explicit TestReadable(ReadableOptions options = {})
        : Readable(options)
    {
    }
    std::function<void(TestReadable &)> read_ = [](TestReadable &) {};
    std::function<void(std::exception_ptr, Done)> destroy_;
    using Readable::push;

protected:
    void doRead(qsizetype) override { read_(*this); }
    void doDestroy(std::exception_ptr error, Done done) override
    {
        if (destroy_)
            destroy_(std::move(error), std::move(done));
        else
            done(std::move(error));
    }
};

class TestWritable final : public Writable {
public:
    explicit TestWritable(WritableOptions options = {})
        : Writable(options)
    {
    }
    std::function<void(QByteArray, Done)> write_ = [](QByteArray, Done done) { done(nullptr); };
    std::function<void(std::vector<QByteArray>, Done)> writev_;
    std::function<void(Done)> final_;
    std::function<void(Done)> construct_;
    std::function<void(std::exception_ptr, Done)> destroy_;
    using Stream::construct;

protected:
    void doWrite(QByteArray chunk, Done done) override { write_(std::move(chunk), std::move(done)); }
    void doWritev(std::vector<QByteArray> chunks, Done done) override { writev_(std::move(chunks), std::move(done)); }
    [[nodiscard]] bool hasWritev() const noexcept override { return bool(writev_); }
    void doFinal(Done done) override { final_(std::move(done)); }
    [[nodiscard]] bool hasFinal() const noexcept override { return bool(final_); }
    void doConstruct(Done done) override { construct_(std::move(done)); }
    void doDestroy(std::exception_ptr error, Done done) override
    {
        if (destroy_)
            destroy_(std::move(error), std::move(done));
        else
            done(std::move(error));
    }
};

class TestDuplex final : public Duplex {
public:
    explicit TestDuplex(DuplexOptions options = {})
        : Duplex(options)
    {
    }
    std::function<void(TestDuplex &)> read_ = [](TestDuplex &) {};
    std::function<void(QByteArray, Done)> write_ = [](QByteArray, Done done) { done(nullptr); };
    using Readable::push;

protected:
    void doRead(qsizetype) override { read_(*this); }
    void doWrite(QByteArray chunk, Done done) override { write_(std::move(chunk), std::move(done)); }
};

class TestTransform final : public Transform {
public:
    explicit TestTransform(DuplexOptions options = {})
        : Transform(options)
    {
    }
    std::function<void(QByteArray, TransformDone)> transform_ = [](QByteArray chunk, TransformDone done) {
        done(nullptr, std::move(chunk));
    };
    std::function<void(TransformDone)> flush_;
    using Readable::push;

protected:
    void doTransform(QByteArray chunk, TransformDone done) override { transform_(std::move(chunk), std::move(done)); }
    void doFlush(TransformDone done) override
    {
        if (flush_)
            flush_(std::move(done));
        else
            done(nullptr, {});
    }
};

// What an error says of itself: Node's code if it has one, else its message; "ok" for none.
inline QString nameOf(const std::exception_ptr &error)
{
    if (!error)
        return QStringLiteral("ok");
    try {
        std::rethrow_exception(error);
    } catch (const StreamError &known) {
        return QLatin1StringView(known.name());
    } catch (const ZlibError &known) {
        return QLatin1StringView(known.name());
    } catch (const loop::fs::FsError &known) {
        return QLatin1StringView(known.name());
    } catch (const std::exception &known) {
        return QLatin1StringView(known.what());
    }
}

inline std::exception_ptr bad(const char *message = "bad")
{
    return std::make_exception_ptr(std::runtime_error(message));
}

inline void runToEnd()
{
    QCoreApplication::processEvents(); // ticks that were queued outside of the loop
    while (loop::EventLoop::current()->references() > 0)
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    QCoreApplication::processEvents();
}

} // namespace loopscope::test
