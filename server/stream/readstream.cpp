// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/readstream.h"

#include "server/loop/fs.h"

#include <uv.h>

#include <limits>

namespace loopscope::stream {

using loop::fs::FsError;

static qint64 bytesWanted(const ReadStreamOptions &options)
{
    const qint64 start = options.start.value_or(0);
    if (start < 0)
        throw StreamError(StreamError::Code::OutOfRange, "start");
    if (!options.end)
        return std::numeric_limits<qint64>::max();
    if (*options.end < 0 || (options.start && start > *options.end))
        throw StreamError(StreamError::Code::OutOfRange, "end");
    return *options.end - start + 1;
}

ReadStream::ReadStream(const QString &path, const ReadStreamOptions &options, loop::Site site)
    : Readable({options.highWaterMark, options.autoClose})
    , m_path(path)
    , m_site(site)
    , m_flags(OpenFile::flagsOf(options.flags))
    , m_mode(options.mode)
    , m_position(options.start.value_or(-1))
    , m_left(bytesWanted(options))
{
}

ReadStream::~ReadStream() = default;

std::shared_ptr<ReadStream> createReadStream(const QString &path, const ReadStreamOptions &options, loop::Site site)
{
    auto stream = std::make_shared<ReadStream>(path, options, site);
    stream->construct();
    return stream;
}

void ReadStream::onOpen(loop::Callback listener)
{
    listen(Event::Open, m_openListeners, std::move(listener), Times::Once);
}

void ReadStream::dropListeners()
{
    m_openListeners.clear();
    Readable::dropListeners();
}

void ReadStream::doConstruct(Done done)
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

void ReadStream::hasOpened(qint64 result, Done &done)
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

void ReadStream::doRead(qsizetype bytes)
{
    const qsizetype count = qsizetype(qMin(m_left, qint64(bytes)));
    if (count <= 0) {
        push(nullptr);
        return;
    }
    // Allocated and freed on this thread; a worker only fills it.
    QByteArray chunk(count, Qt::Uninitialized);
    char *const to = chunk.data();
    m_reading = true;
    OpenFile::runJob(
        "read", [file = m_file, to, count, position = m_position] { return file->read(to, count, position); },
        [self = shared(this), chunk = std::move(chunk)](qint64 result) mutable {
            self->hasRead(result, std::move(chunk));
        },
        m_site);
}

void ReadStream::hasRead(qint64 result, QByteArray &&chunk)
{
    m_reading = false;
    if (isDestroyed()) {
        close(); // doDestroy() waited for this
        return;
    }
    if (result < 0) {
        fail(std::make_exception_ptr(FsError(int(result), "read", {})));
        return;
    }
    if (result == 0) {
        push(nullptr);
        return;
    }
    if (m_position >= 0)
        m_position += result;
    m_left -= result;
    m_bytesRead += result;
    const bool muchIsEmpty = result < chunk.size() / 2;
    chunk.truncate(result);
    if (muchIsEmpty) // do not keep a large block for few bytes
        chunk.squeeze();
    push(std::move(chunk));
}

// A descriptor must not be closed while a job uses it: its number may be another file's by then.
void ReadStream::doDestroy(std::exception_ptr error, Done)
{
    m_destroyError = std::move(error);
    if (!m_reading)
        close();
}

void ReadStream::close()
{
    if (!m_open) {
        endDestroy(m_destroyError);
        return;
    }
    m_open = false;
    OpenFile::runJob(
        "close", [file = m_file]() -> qint64 { return file->close(); },
        [self = shared(this)](qint64 result) {
            self->m_file.reset();
            if (result < 0 && !self->m_destroyError)
                self->m_destroyError = std::make_exception_ptr(FsError(int(result), "close", {}));
            self->endDestroy(self->m_destroyError);
        },
        m_site);
}

} // namespace loopscope::stream
