// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/writestream.h"

#include "server/loop/fs.h"

namespace loopscope::stream {

using loop::fs::FsError;

WriteStream::WriteStream(const QString &path, const WriteStreamOptions &options, loop::Site site)
    : Writable({options.highWaterMark, options.autoClose})
    , FileStream(path, OpenFile::flagsOf(options.flags), options.mode, site)
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

void WriteStream::dropListeners()
{
    FileStream::dropListeners();
    Writable::dropListeners();
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
        "write", [file = file(), chunks = std::move(chunks), position] { return file->write(chunks, position); },
        [self = shared(this), done = std::move(done)](qint64 result) mutable { self->hasWritten(result, done); }, site());
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
        close(std::move(m_destroyError), m_flush);
}

void WriteStream::doDestroy(std::exception_ptr error, Done)
{
    m_closesAfterWrite = m_writing;
    if (m_writing)
        m_destroyError = std::move(error); // until the job has ended
    else
        close(std::move(error), m_flush);
}

} // namespace loopscope::stream
