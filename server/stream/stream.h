// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/eventloop.h"
#include "server/stream/listenerlist.h"
#include "server/stream/streamerror.h"

#include <QtCore/QByteArray>

#include <exception>
#include <memory>

namespace loopscope::stream {

class Readable;
class Writable;

// Bytes that a side buffers before it asks for no more: the default of Node 22's streams. (Node 20's is 16 KiB, but
// 64 KiB for the files that it reads.) Each stream has an option for it; a server of large files uses 256 KiB.
constexpr qsizetype defaultHighWaterMark = 64 * 1024;

// What Readable and Writable have in common: errors, destruction, 'error' and 'close'. The states, the events, and
// the ticks at which they come are those of Node 20. https://nodejs.org/docs/latest-v20.x/api/stream.html
//
// Streams are made by std::make_shared, belong to the loop's thread on which they were made, and end with it. One lives
// as long as somebody holds it: its user; a tick, timer or job that it waits for; a stream that pipes into it; a stream
// that it pipes into and whose 'drain' it waits for. So a pipe from a file to a file needs no owner, and one between
// streams that nobody can move any more goes away. Calling anything here within any callback is allowed, dropping the
// last reference too. After 'close' all listeners are dropped: until then they may hold their own stream.
// Nothing here blocks, runs a nested loop, or is called by another thread.
//
// Deviation: an 'error' without a listener goes to the loop's uncaught handler, as in Node, but 'close' comes all the same.
class Stream : public std::enable_shared_from_this<Stream> {
public:
    using ErrorListener = loop::UniqueFunction<void(const std::exception_ptr &)>;
    // Given to an implementer, to be called once when the operation has ended; the error, or null. It keeps the stream
    // alive: an implementer that puts it into the stream itself must take it out in doDestroy().
    using Done = loop::UniqueFunction<void(std::exception_ptr)>;

    virtual ~Stream();
    Stream(const Stream &) = delete;
    Stream &operator=(const Stream &) = delete;

    // 'error': at most once; then 'close'.
    ListenerId onError(ErrorListener listener, Times times = Times::Always);
    // 'close': the stream and what it stands for are gone; nothing comes any more.
    ListenerId onClose(loop::Callback listener, Times times = Times::Always);
    // removeListener(): false if it has run (once), or was removed already.
    bool off(ListenerId id);

    // Ends the stream now: doDestroy() releases what it stands for; then come 'error', if one is given, and 'close', in a
    // later tick. What is buffered is lost. Does nothing the second time.
    void destroy(std::exception_ptr error = nullptr);

    [[nodiscard]] bool isDestroyed() const noexcept { return m_destroyed; }
    // doDestroy() has ended; 'close' is about to come, or came.
    [[nodiscard]] bool isClosed() const noexcept { return m_closed; }
    // What the stream failed with, or null.
    [[nodiscard]] const std::exception_ptr &errored() const noexcept { return m_errored; }
    // Destroyed by itself once all its sides have ended (option autoDestroy).
    [[nodiscard]] bool isAutoDestroyed() const noexcept { return m_autoDestroy; }

    // The side of that kind, or null: also of a Duplex that was made without it.
    [[nodiscard]] virtual Readable *readableSide() noexcept { return nullptr; }
    [[nodiscard]] virtual Writable *writableSide() noexcept { return nullptr; }

protected:
    Stream();

    // --- for implementers, with Node's names but for "do" in place of "_" ---
    // An exception that leaves one of these fails the stream, as if `done` had been called with it.
    // (Deviation: in Node that is so for _construct, _read, _final and _destroy, but not for _write and _transform.)

    // Prepares what must be there before anything is read or written. Only if the factory calls construct().
    virtual void doConstruct(Done done) { done(nullptr); }
    // Releases it. Called once, also after a failed doConstruct(); not if the last reference was dropped before.
    virtual void doDestroy(std::exception_ptr error, Done done) { done(std::move(error)); }

    // What `done` of doDestroy() does, for who need not hold the stream.
    void endDestroy(std::exception_ptr error);
    // Right after make_shared: doConstruct() runs in a tick, and the stream waits for it.
    void construct();
    [[nodiscard]] loop::EventLoop &loop() const noexcept { return m_loop; }

    // --- for Readable and Writable ---
    enum class Event : quint8 { Error, Close, Data, Readable, End, Pause, Resume, Open, Drain, Finish, Pipe, Unpipe };
    template<typename... Args>
    ListenerId listen(Event event, ListenerList<Args...> &list, typename ListenerList<Args...>::Listener &&listener,
                      Times times)
    {
        if (m_closeEmitted) // it would never be called, and never dropped
            return ListenerId::None;
        const auto id = ListenerId(++m_lastListener << eventBits | quint64(event));
        list.add(id, std::move(listener), times);
        return id;
    }
    [[nodiscard]] static Event eventOf(ListenerId id) noexcept
    {
        return Event(quint64(id) & ((quint64(1) << eventBits) - 1));
    }
    virtual bool removeListener(Event event, ListenerId id);
    virtual void dropListeners();
    // destroy() was called: Writable lets the callbacks of what is buffered know.
    virtual void aboutToDestroy() { }
    // doConstruct() went well: each side goes on.
    virtual void constructed() { }
    // A side that is not there has ended; autoDestroy waits for both.
    [[nodiscard]] virtual bool hasReadableEnded() const noexcept { return true; }
    [[nodiscard]] virtual bool hasWritableFinished() const noexcept { return true; }

    [[nodiscard]] std::shared_ptr<Stream> keep() { return shared_from_this(); }
    // Calls a member in a tick, and keeps the stream alive until then.
    template<typename Class>
    static void nextTick(Class *stream, void (Class::*member)(), loop::Site site = loop::Site::here())
    {
        stream->loop().nextTick([kept = stream->keep(), stream, member] { (stream->*member)(); }, site);
    }
    // A reference to this as a class below Stream, from which one cannot cast down.
    template<typename Class>
    static std::shared_ptr<Class> shared(Class *stream)
    {
        return {stream->shared_from_this(), stream};
    }

    void setAutoDestroy(bool on) noexcept { m_autoDestroy = on; }
    void noteError(const std::exception_ptr &error)
    {
        if (error && !m_errored)
            m_errored = error;
    }
    // Node's errorOrDestroy(): destroys, or without autoDestroy only emits 'error'; in a tick if `sync`.
    void fail(std::exception_ptr error, bool sync = false);
    [[nodiscard]] bool isConstructed() const noexcept { return m_constructed; }
    [[nodiscard]] bool hasEmittedError() const noexcept { return m_errorEmitted; }
    [[nodiscard]] bool hasEmittedClose() const noexcept { return m_closeEmitted; }

private:
    friend class Finished;
    static constexpr int eventBits = 8;

    friend class Readable; // a pipe's error listener comes before all others
    ListenerId addPipeErrorListener(ErrorListener listener);
    void removePipeErrorListener(ListenerId id) { m_pipeErrorListeners.remove(id); }

    void startConstruct();
    void endConstruct(std::exception_ptr error);
    void startDestroy(const std::exception_ptr &error);
    void emitError(const std::exception_ptr &error);
    void emitClose();

    loop::EventLoop &m_loop;
    ListenerList<const std::exception_ptr &> m_pipeErrorListeners;
    ListenerList<const std::exception_ptr &> m_errorListeners;
    ListenerList<> m_closeListeners;
    quint64 m_lastListener = 0;
    std::exception_ptr m_errored;
    bool m_autoDestroy : 1 = true;
    bool m_constructed : 1 = true;
    bool m_constructEnded : 1 = false;
    bool m_destroyed : 1 = false;
    bool m_destroyEnded : 1 = false;
    bool m_closed : 1 = false;
    bool m_errorEmitted : 1 = false;
    bool m_closeEmitted : 1 = false;
};

} // namespace loopscope::stream
