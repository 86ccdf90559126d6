// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/stream/chunkqueue.h"
#include "server/stream/stream.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace loopscope::stream {

struct ReadableOptions {
    // Bytes buffered before doRead() is called no more; 0: only when somebody reads.
    qsizetype highWaterMark = defaultHighWaterMark;
    bool autoDestroy = true;
};

struct PipeOptions {
    bool end = true; // end the destination with the source
};

// A source of bytes. https://nodejs.org/docs/latest-v20.x/api/stream.html#readable-streams
//
// It flows, once somebody listens to 'data', pipes it or calls resume(), until pause(); or it is read() after 'readable'.
// It is made, kept and used as Stream says. A chunk is a QByteArray, shared without a copy along all pipes; a listener may
// keep it. A read(n) that is no whole chunk copies n bytes.
// Implementers override doRead() and push(); at most highWaterMark and one chunk are buffered if they heed push().
class Readable : public virtual Stream {
public:
    using DataListener = loop::UniqueFunction<void(const QByteArray &)>;
    // read() of whatever there is: a chunk while flowing, else everything.
    static constexpr qsizetype allBytes = -1;

    ~Readable() override;

    // 'data' makes the stream flow, unless it was paused by pause().
    ListenerId onData(DataListener listener, Times times = Times::Always);
    // 'readable': there is something to read(), or the end. While there is a listener, the stream does not flow.
    ListenerId onReadable(loop::Callback listener, Times times = Times::Always);
    // 'end': all was consumed.
    ListenerId onEnd(loop::Callback listener, Times times = Times::Always);
    ListenerId onPause(loop::Callback listener, Times times = Times::Always);
    ListenerId onResume(loop::Callback listener, Times times = Times::Always);

    // Exactly `bytes`, or nothing if there are fewer (and what is left, after the end). read(0) only starts reading.
    // More than the high-water mark raises it, to the next power of two, at most 1 GiB (else StreamError OutOfRange).
    std::optional<QByteArray> read(qsizetype bytes = allBytes);
    void pause();
    void resume();
    [[nodiscard]] bool isPaused() const noexcept;
    // Back to the front, for whoever read too much.
    void unshift(QByteArray chunk);

    // Writes all that comes to `destination` and waits for its 'drain'; gives it back, for the next pipe. An error ends the
    // pipe and neither stream: pipeline() does. https://nodejs.org/docs/latest-v20.x/api/stream.html#readablepipedestination-options
    template<typename Destination>
    std::shared_ptr<Destination> pipe(std::shared_ptr<Destination> destination, PipeOptions options = {})
    {
        startPipe(destination, options);
        return destination;
    }
    // Ends that pipe; null: all. Without any the stream is paused.
    void unpipe(Writable *destination = nullptr);

    // Can be read: neither destroyed, nor failed, nor ended.
    [[nodiscard]] bool isReadable() const noexcept;
    // 'end' was emitted.
    [[nodiscard]] bool readableEnded() const noexcept { return m_endEmitted; }
    // Destroyed or failed before its end.
    [[nodiscard]] bool readableAborted() const noexcept;
    // Something was read, or emitted as 'data'.
    [[nodiscard]] bool readableDidRead() const noexcept { return m_dataEmitted; }
    // Null: nobody said yet.
    [[nodiscard]] std::optional<bool> readableFlowing() const noexcept;
    [[nodiscard]] qsizetype readableLength() const noexcept { return m_chunks.bytes(); }
    [[nodiscard]] qsizetype readableHighWaterMark() const noexcept { return m_highWaterMark; }

    [[nodiscard]] Readable *readableSide() noexcept override { return m_exists ? this : nullptr; }

protected:
    explicit Readable(ReadableOptions options = {});

    // Gets more, and calls push(), now or later; it is called again only after that. `bytes` is a hint: the high-water mark.
    virtual void doRead(qsizetype bytes) = 0;

    // A chunk for whoever reads. False: the buffer is full, stop until the next doRead(). An empty one only says that the
    // read has ended. After the end: error ERR_STREAM_PUSH_AFTER_EOF.
    bool push(QByteArray chunk);
    // The end.
    bool push(std::nullptr_t);
    // push(nullptr) was called: 'end' comes when the rest is consumed.
    [[nodiscard]] bool hasReachedEnd() const noexcept { return m_ended; }

    // --- for Duplex ---
    // A Duplex without this side.
    void removeReadableSide() noexcept;
    // The first doRead() is done by Transform itself: what it pushes may be emitted at once.
    void setReadSynchronous(bool on) noexcept { m_sync = on; }
    // After 'end': destroys, if the other side has finished.
    virtual void readableHasEnded();

    bool removeListener(Event event, ListenerId id) override;
    void dropListeners() override;
    void constructed() override;
    [[nodiscard]] bool hasReadableEnded() const noexcept override { return m_endEmitted || !m_exists; }

private:
    friend class Finished;
    friend class Pipeline;
    struct Pipe;
    enum class Flowing : quint8 { Unset, No, Yes };
    enum class Paused : quint8 { Unset, No, Yes };
    // Node's MAX_HWM: bytes of one read().
    static constexpr qsizetype maximumRead = qsizetype(1) << 30;

    [[nodiscard]] qsizetype howMuchToRead(qsizetype wanted) const noexcept;
    [[nodiscard]] bool mayCallRead(qsizetype taken) const noexcept;
    void callRead();
    std::optional<QByteArray> takeRead(qsizetype bytes);
    [[nodiscard]] bool canPushMore() const noexcept;
    void addChunk(QByteArray &&chunk, bool atFront);
    void emitData(const QByteArray &chunk);
    void reachEnd();
    void emitReadable();
    void emitReadableNow();
    void readMoreLater();
    void readMore();
    void readZero() { (void)read(0); }
    void flow();
    void resumeNow();
    void updateReadableListening();
    void endLater();
    void endNow();

    // pipe.cpp
    [[nodiscard]] std::vector<std::shared_ptr<Writable>> destinations() const;
    void startPipe(const std::shared_ptr<Writable> &destination, PipeOptions options);
    void listenForPipe(const std::shared_ptr<Pipe> &pipe, Writable &destination);
    void waitForDrain(const std::shared_ptr<Pipe> &pipe, Writable &destination);
    void hasDrained(Pipe &pipe);
    void stopWaiting(Pipe &pipe);
    void forgetAwaitedDrains();
    void leaveTo(Pipe &pipe);
    void release(Writable &destination);
    void endPipe(Pipe &pipe);

    ChunkQueue m_chunks;
    qsizetype m_highWaterMark;
    std::vector<std::shared_ptr<Pipe>> m_pipes;
    int m_awaitedDrains = 0; // pipes whose destination is full
    ListenerList<const QByteArray &> m_dataListeners;
    ListenerList<> m_readableListeners;
    ListenerList<> m_endListeners;
    ListenerList<> m_pauseListeners;
    ListenerList<> m_resumeListeners;
    Flowing m_flowing = Flowing::Unset;
    Paused m_paused = Paused::Unset;
    bool m_exists : 1 = true;
    bool m_ended : 1 = false; // push(nullptr) was called
    bool m_endEmitted : 1 = false;
    bool m_reading : 1 = false; // doRead() was called and has not pushed
    bool m_sync : 1 = true; // doRead() is on the stack: what it pushes is emitted later
    bool m_needReadable : 1 = false;
    bool m_emittedReadable : 1 = false;
    bool m_readableListening : 1 = false;
    bool m_resumeScheduled : 1 = false;
    bool m_readingMore : 1 = false;
    bool m_dataEmitted : 1 = false;
};

} // namespace loopscope::stream
