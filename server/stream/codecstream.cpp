// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/codecstream.h"

#include "server/loop/workerpool.h"

namespace loopscope::stream {

// A flush travels between the chunks as an empty one that is known by its address, as in Node.
static const QByteArray &marker(Codec::Flush kind)
{
    const auto empty = [] {
        QByteArray bytes;
        bytes.reserve(1);
        return bytes;
    };
    static const QByteArray markers[] = {empty(), empty(), empty(), empty()};
    return markers[int(kind)];
}

static Codec::Flush markedFlush(const QByteArray &chunk)
{
    for (const auto kind : {Codec::Flush::Sync, Codec::Flush::Full, Codec::Flush::Finish}) {
        if (chunk.isEmpty() && chunk.constData() == marker(kind).constData())
            return kind;
    }
    return Codec::Flush::None;
}

// One step with all that it needs, so that a worker touches nothing of the stream.
struct CodecStream::Job {
    std::shared_ptr<Codec> codec;
    QByteArray chunk;
    qsizetype consumed;
    Flush flush;
    QByteArray output;
    Codec::Step step{};

    void run()
    {
        step = codec->step(QByteArrayView(chunk).sliced(consumed), output.data(), output.size(), flush);
    }
};

CodecStream::CodecStream(std::unique_ptr<Codec> codec, const CodecStreamOptions &options, loop::Site site)
    : Transform(options.streams)
    , m_codec(std::move(codec))
    , m_site(site)
    , m_chunkSize(options.chunkSize)
    , m_maxOutputLength(options.maxOutputLength)
{
    if (m_chunkSize < minimumChunkSize)
        throw StreamError(StreamError::Code::OutOfRange, "chunkSize");
    if (m_maxOutputLength < 1)
        throw StreamError(StreamError::Code::OutOfRange, "maxOutputLength");
}

CodecStream::~CodecStream() = default;

void CodecStream::flush(WriteCallback callback, Flush kind)
{
    if (writableFinished()) {
        if (callback)
            loop().nextTick([callback = std::move(callback)]() mutable { callback(nullptr); });
    } else if (writableEnded()) {
        if (callback)
            onEnd([callback = std::move(callback)]() mutable { callback(nullptr); }, Times::Once);
    } else {
        write(marker(kind), std::move(callback));
    }
}

void CodecStream::doTransform(QByteArray chunk, TransformDone)
{
    Flush flush = markedFlush(chunk);
    if (writableEnded() && writableLength() == chunk.size())
        flush = Flush::Finish; // it is the last
    start(std::move(chunk), flush);
}

void CodecStream::doFlush(TransformDone)
{
    m_flushing = true;
    start({}, Flush::Finish);
}

void CodecStream::doRead(qsizetype bytes)
{
    if (m_waitsForReader) {
        m_waitsForReader = false;
        proceed();
    } else {
        Transform::doRead(bytes);
    }
}

void CodecStream::start(QByteArray chunk, Flush flush)
{
    m_usesPool = !m_codec->isQuick(chunk.size());
    m_chunk = std::move(chunk);
    m_consumed = 0;
    m_flush = flush;
    proceed();
}

std::shared_ptr<CodecStream::Job> CodecStream::nextJob()
{
    QByteArray output = std::exchange(m_output, {});
    if (output.size() != m_chunkSize)
        output = QByteArray(m_chunkSize, Qt::Uninitialized);
    return std::make_shared<Job>(Job{m_codec, m_chunk, m_consumed, m_flush, std::move(output)});
}

void CodecStream::proceed()
{
    const auto job = nextJob();
    if (!std::exchange(m_usesPool, true)) {
        job->run();
        if (takeStep(*job))
            proceed();
        return;
    }
    loop().pool().submit(
        m_codec->name(), [job] { job->run(); },
        [self = shared(this), job](std::exception_ptr error) {
            if (error) // the pool refused it
                self->finishChunk(std::move(error));
            else if (self->takeStep(*job))
                self->proceed();
        },
        m_site);
}

bool CodecStream::takeStep(Job &job)
{
    m_consumed += job.step.consumed;
    m_bytesWritten += job.step.consumed;
    m_outputBytes += job.step.produced;
    if (job.step.state == Codec::State::Failed) {
        finishChunk(job.step.error);
        return false;
    }
    if (m_outputBytes > m_maxOutputLength) {
        finishChunk(makeError(StreamError::Code::BufferTooLarge, QByteArray::number(m_maxOutputLength)));
        return false;
    }
    const bool isWanted = isDestroyed() || pushOutput(job);
    if (!isDestroyed() && job.step.state == Codec::State::OutputFull) {
        m_waitsForReader = !isWanted;
        return isWanted;
    }
    if (job.step.state == Codec::State::Ended && m_consumed < m_chunk.size())
        push(nullptr); // what follows is something else
    finishChunk(nullptr);
    return false;
}

// False: enough waits for the reader.
bool CodecStream::pushOutput(Job &job)
{
    if (job.step.produced == 0) {
        m_output = std::move(job.output);
        return true;
    }
    if (job.step.produced < job.output.size() / 2) { // few bytes do not keep a large block
        const QByteArray copy(job.output.constData(), job.step.produced);
        m_output = std::move(job.output);
        return push(copy);
    }
    job.output.truncate(job.step.produced);
    return push(std::move(job.output));
}

void CodecStream::finishChunk(std::exception_ptr error)
{
    m_chunk.clear();
    if (m_flushing)
        endFlush(std::move(error), {});
    else
        endTransform(std::move(error), {});
}

} // namespace loopscope::stream
