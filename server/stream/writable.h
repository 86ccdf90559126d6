// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/stream/stream.h"

#include <vector>

namespace loopscope::stream {

struct WritableOptions {
    // Bytes buffered, the chunk being written included, from which on write() says false; 0: always.
    qsizetype highWaterMark = defaultHighWaterMark;
    bool autoDestroy = true;
};

// A sink of bytes. https://nodejs.org/docs/latest-v20.x/api/stream.html#writable-streams
//
// It is made, kept and used as Stream says. A chunk is a QByteArray, shared without a copy until it is written; to write from
// memory of one's own without a copy, QByteArray::fromRawData() will do, if that lives until the callback.
// One doWrite() is under way at a time. The buffer is bounded by those who heed write(): it refuses nothing.
class Writable : public virtual Stream {
public:
    using WriteCallback = Done;

    ~Writable() override;

    // False: the high-water mark is reached; wait for 'drain'. Nothing is lost meanwhile. `callback` comes when this
    // chunk is written, or with what kept it from that. After end(): error ERR_STREAM_WRITE_AFTER_END.
    bool write(QByteArray chunk, WriteCallback callback = nullptr);
    // No more follows. `callback` comes at 'finish', or with what prevented it. Again before 'finish' it does nothing.
    void end(WriteCallback callback = nullptr);
    void end(QByteArray chunk, WriteCallback callback = nullptr);
    // Buffers what is written until uncork() was called as often, or end(): to write it with one doWritev().
    void cork() noexcept;
    void uncork();

    // 'drain': after write() said false, all was written.
    ListenerId onDrain(loop::Callback listener, Times times = Times::Always);
    // 'finish': after end(), all was written.
    ListenerId onFinish(loop::Callback listener, Times times = Times::Always);
    // 'pipe' and 'unpipe': a Readable pipes into this one, or does no more.
    ListenerId onPipe(loop::UniqueFunction<void(Readable &)> listener, Times times = Times::Always);
    ListenerId onUnpipe(loop::UniqueFunction<void(Readable &)> listener, Times times = Times::Always);

    // Can be written to: neither ended, nor destroyed, nor failed.
    [[nodiscard]] bool isWritable() const noexcept;
    // end() was called.
    [[nodiscard]] bool writableEnded() const noexcept { return m_ending; }
    // 'finish' was emitted.
    [[nodiscard]] bool writableFinished() const noexcept { return m_finished; }
    // write() said false, and 'drain' is to come.
    [[nodiscard]] bool writableNeedDrain() const noexcept { return m_needDrain && !m_ending && !isDestroyed(); }
    // Destroyed or failed before 'finish'.
    [[nodiscard]] bool writableAborted() const noexcept;
    [[nodiscard]] qsizetype writableLength() const noexcept { return m_length; }
    [[nodiscard]] qsizetype writableHighWaterMark() const noexcept { return m_highWaterMark; }
    [[nodiscard]] int writableCorked() const noexcept { return m_corked; }

    [[nodiscard]] Writable *writableSide() noexcept override { return m_exists ? this : nullptr; }

protected:
    explicit Writable(WritableOptions options = {});

    // Takes one chunk and calls `done`, now or later; only then comes the next. Empty ones are given too.
    virtual void doWrite(QByteArray chunk, Done done) = 0;
    // The same for all that waited, if hasWritev().
    virtual void doWritev(std::vector<QByteArray> chunks, Done done);
    [[nodiscard]] virtual bool hasWritev() const noexcept { return false; }
    // After the last chunk, before 'finish', if hasFinal().
    virtual void doFinal(Done done) { done(nullptr); }
    [[nodiscard]] virtual bool hasFinal() const noexcept { return false; }

    // --- for Duplex and Transform ---
    // A Duplex without this side.
    void removeWritableSide() noexcept;
    // What `done` of doWrite() does, for who need not hold the stream.
    void endWrite(std::exception_ptr error);
    // What `done` of doFinal() does.
    void endFinal(std::exception_ptr error);
    // end() was called, and has returned.
    [[nodiscard]] bool hasReturnedFromEnd() const noexcept { return m_ended; }

    bool removeListener(Event event, ListenerId id) override;
    void dropListeners() override;
    void aboutToDestroy() override;
    void constructed() override;
    [[nodiscard]] bool hasWritableFinished() const noexcept override { return m_finished || !m_exists; }

private:
    friend class Finished;
    friend class Pipeline;
    friend class Readable; // pipes
    struct Buffered {
        QByteArray chunk;
        WriteCallback callback;
    };

    std::exception_ptr writeOrRefuse(QByteArray &&chunk, WriteCallback &&callback, bool &wantsMore);
    bool writeOrBuffer(QByteArray &&chunk, WriteCallback &&callback);
    void callWrite(QByteArray chunk, WriteCallback &&callback);
    void callWritev();
    [[nodiscard]] Done writeDone();
    void writeFailed(const std::exception_ptr &error, WriteCallback &callback);
    void writeSucceeded(WriteCallback &&callback, bool sync);
    void afterWrite(WriteCallback callback);
    void afterWritePending();
    void clearBuffer();
    void errorBuffer();
    void callFinishedCallbacks(const std::exception_ptr &error);
    void answerEnd(WriteCallback &&callback, std::exception_ptr error);
    [[nodiscard]] bool needsFinish() const noexcept;
    void finishMaybe();
    void prefinish();
    void finishIfNeeded();
    void finish();

    void emitPipe(Readable &source);
    void emitUnpipe(Readable &source);

    qsizetype m_highWaterMark;
    qsizetype m_length = 0; // bytes buffered or being written
    qsizetype m_writingBytes = 0;
    qsizetype m_pendingCallbacks = 0; // before 'finish' there must be none
    int m_corked = 0;
    std::vector<Buffered> m_buffer;
    std::size_t m_bufferFirst = 0; // those before are written
    WriteCallback m_writeCallback; // of the chunk being written
    std::vector<WriteCallback> m_finishedCallbacks; // of end()
    std::vector<std::shared_ptr<Stream>> m_waitingSources; // kept alive until our 'drain'
    ListenerList<> m_drainListeners;
    ListenerList<> m_finishListeners;
    ListenerList<Readable &> m_pipeListeners;
    ListenerList<Readable &> m_unpipeListeners;
    bool m_exists : 1 = true;
    bool m_sync : 1 = true; // doWrite() is on the stack
    bool m_writing : 1 = false;
    bool m_expectsDone : 1 = false;
    bool m_clearingBuffer : 1 = false;
    bool m_afterWritePending : 1 = false;
    bool m_needDrain : 1 = false;
    bool m_ending : 1 = false; // end() was called
    bool m_ended : 1 = false; // and has returned
    bool m_finalCalled : 1 = false;
    bool m_prefinished : 1 = false;
    bool m_finished : 1 = false;
};

} // namespace loopscope::stream
