// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/writestream.h"

#include "server/loop/fs.h"

#include <uv.h>

namespace loopscope::stream {

using loop::fs::FsError;

WriteStream::WriteStream(const QString &path, const WriteStreamOptions &options, loop::Site site)
    : Writable({options.highWaterMark, options.autoClose})
    , m_path(path)
    , m_site(site)
    , m_flags(OpenFile::flagsOf(options.flags))
    , m_mode(options.mode)
    , m_flush(options.flush)
    , m_position(options.start.value_or(-1))
{
    if (options.start && *options.start < 0)
        throw StreamError(StreamError::Code::OutOfRange, "start");
}

WriteStream::~WriteStream() = default;

std::shared_ptr<WriteStream> createWriteStream(const QString &path, const WriteStreamOptions &options, loop::Site site)
{
    auto stream = std::make_shared<WriteStream>(path, options, site);
    stream->construct();
    return stream;
}

void WriteStream::onOpen(loop::Callback listener)
{
    listen(Event::Open, m_openListeners, std::move(listener), Times::Once);
}

void WriteStream::dropListeners()
{
    m_openListeners.clear();
    Writable::dropListeners();
}

void WriteStream::doConstruct(Done done)
{
    auto file = OpenFile::reserve();
    if (!file) {
        done(std::make_exception_ptr(FsError(UV_EMFILE, "open", m_path)));
        return;
    }
    m_file = file;
    OpenFile::runJob(
        "open", [file, path = m_path, flags = m_flags, mode = m_mode]() -> qint64 { return file->open(path, flags, mode); },
        [self = shared(this), done = std::move(done)](qint64 result) mutable { self->hasOpened(result, done); }, m_site);
}

void WriteStream::hasOpened(qint64 result, Done &done)
{
    if (result < 0) {
        m_file.reset();
        done(std::make_exception_ptr(FsError(int(result), "open", m_path)));
        return;
    }
    m_open = true;
    done(nullptr);
    m_openListeners.call();
}

void WriteStream::doWrite(QByteArray chunk, Done done)
{
    std::vector<QByteArray> chunks;
    chunks.push_back(std::move(chunk));
    doWritev(std::move(chunks), std::move(done));
}

void WriteStream::doWritev(std::vector<QByteArray> chunks, Done done)
{
    m_writing = true;
    const qint64 position = m_position;
    if (m_position >= 0) {
        for (const QByteArray &chunk : chunks)
            m_position += chunk.size();
    }
    OpenFile::runJob(
        "write", [file = m_file, chunks = std::move(chunks), position] { return file->write(chunks, position); },
        [self = shared(this), done = std::move(done)](qint64 result) mutable { self->hasWritten(result, done); }, m_site);
}

void WriteStream::hasWritten(qint64 result, Done &done)
{
    m_writing = false;
    m_bytesWritten += qMax<qint64>(result, 0);
    if (result < 0)
        done(std::make_exception_ptr(FsError(int(result), "write", {})));
    else if (isDestroyed())
        done(makeError(StreamError::Code::Destroyed, "write"));
    else
        done(nullptr);
    if (isDestroyed() && m_closesAfterWrite)
        close();
}

// A descriptor must not be closed while a job uses it: its number may be another file's by then.
void WriteStream::doDestroy(std::exception_ptr error, Done)
{
    m_destroyError = std::move(error);
    m_closesAfterWrite = m_writing;
    if (!m_writing)
        close();
}

void WriteStream::close()
{
    m_closesAfterWrite = false;
    if (!m_open) {
        endDestroy(m_destroyError);
        return;
    }
    m_open = false;
    OpenFile::runJob(
        "close",
        [file = m_file, flush = m_flush]() -> qint64 {
            const int synced = flush ? file->sync() : 0;
            const int closed = file->close();
            return synced < 0 ? synced : closed;
        },
        [self = shared(this)](qint64 result) {
            self->m_file.reset();
            if (result < 0 && !self->m_destroyError)
                self->m_destroyError = std::make_exception_ptr(FsError(int(result), "close", {}));
            self->endDestroy(self->m_destroyError);
        },
        m_site);
}

} // namespace loopscope::stream
