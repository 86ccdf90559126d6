// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/stream/codec.h"
#include "server/stream/transform.h"

#include <limits>

namespace loopscope::stream {

struct CodecStreamOptions {
    // Bytes of one chunk of output at most, and so what one step may produce. Node's chunkSize.
    qsizetype chunkSize = 16 * 1024;
    // Bytes of output altogether; beyond it: error ERR_BUFFER_TOO_LARGE. Who decompresses what a stranger sent, sets it.
    // Deviation: in Node it bounds only the functions without a stream.
    qint64 maxOutputLength = std::numeric_limits<qint64>::max();
    DuplexOptions streams;
};

// Compresses or decompresses what passes through. https://nodejs.org/docs/latest-v20.x/api/zlib.html
//
// Made by createGzip() and its like in zlib.h, used as Stream says. Errors are ZlibError, or StreamError BufferTooLarge.
// As of any Transform, no more than the high-water mark and one chunk of output waits, however much one chunk of input becomes.
// Deviation: Node gives each chunk to its pool. Here one that Codec::isQuick() is done at once on the loop's thread, at most
// one step of it; all else is a job of the pool, one step each. What is flushed for each event of an event stream should
// not wait behind others' large files. The limits of isQuick() are estimates, not yet measured.
// Deviation: 'finish' comes when all output has been made, as of any Transform; Node's comes before the last of it.
class CodecStream final : public Transform {
public:
    using Flush = Codec::Flush;
    // Node's Z_MIN_CHUNK.
    static constexpr qsizetype minimumChunkSize = 64;

    // Throws StreamError for bad options.
    CodecStream(std::unique_ptr<Codec> codec, const CodecStreamOptions &options, loop::Site site);
    ~CodecStream() override;

    // Lets out all that was written so far, so that the other side can read it; `callback` comes when that was done. In the
    // order of the writes. It makes compression worse; of a decompressor it does nothing.
    void flush(WriteCallback callback = nullptr, Flush kind = Flush::Full);
    // Of input that was taken in.
    [[nodiscard]] qint64 bytesWritten() const noexcept { return m_bytesWritten; }

protected:
    void doTransform(QByteArray chunk, TransformDone done) override;
    void doFlush(TransformDone done) override;
    void doRead(qsizetype bytes) override;

private:
    struct Job;
    void start(QByteArray chunk, Flush flush);
    void proceed();
    [[nodiscard]] std::shared_ptr<Job> nextJob();
    // Whether the next step can be made now.
    [[nodiscard]] bool takeStep(Job &job);
    [[nodiscard]] bool pushOutput(Job &job);
    void finishChunk(std::exception_ptr error);

    const std::shared_ptr<Codec> m_codec; // a job's, too
    const loop::Site m_site;
    const qsizetype m_chunkSize;
    const qint64 m_maxOutputLength;
    qint64 m_bytesWritten = 0;
    qint64 m_outputBytes = 0;
    QByteArray m_chunk; // being transformed
    qsizetype m_consumed = 0; // of it
    Flush m_flush = Flush::None; // its
    QByteArray m_output; // room for the next step
    bool m_flushing = false; // doFlush() runs, no chunk
    bool m_usesPool = false; // for what is left of this chunk
    bool m_waitsForReader = false;
};

} // namespace loopscope::stream
