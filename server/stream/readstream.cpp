// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/readstream.h"

#include "server/loop/fs.h"

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
    , FileStream(path, OpenFile::flagsOf(options.flags), options.mode, site)
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

void ReadStream::dropListeners()
{
    FileStream::dropListeners();
    Readable::dropListeners();
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
        "read", [file = file(), to, count, position = m_position] { return file->read(to, count, position); },
        [self = shared(this), chunk = std::move(chunk)](qint64 result) mutable {
            self->hasRead(result, std::move(chunk));
        },
        site());
}

void ReadStream::hasRead(qint64 result, QByteArray &&chunk)
{
    m_reading = false;
    if (isDestroyed()) {
        close(std::move(m_destroyError), false); // doDestroy() waited for this
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

void ReadStream::doDestroy(std::exception_ptr error, Done)
{
    if (m_reading)
        m_destroyError = std::move(error); // until the job has ended
    else
        close(std::move(error), false);
}

} // namespace loopscope::stream
