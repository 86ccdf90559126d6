// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/finished.h"

#include "server/stream/readable.h"
#include "server/stream/settledtask.h"
#include "server/stream/writable.h"

#include <array>

namespace loopscope::stream {

// One finished() call. Its listeners own it; it has the stream only while that lives.
class Finished : public std::enable_shared_from_this<Finished> {
public:
    Finished(Stream &stream, FinishedCallback &&callback, FinishedOptions options)
        : m_stream(stream)
        , m_alive(stream.weak_from_this())
        , m_read(stream.readableSide())
        , m_write(stream.writableSide())
        , m_readable(options.readable.value_or(m_read != nullptr))
        , m_writable(options.writable.value_or(m_write != nullptr))
        , m_willEmitClose(stream.isAutoDestroyed() && !stream.isClosed() && m_readable == (m_read != nullptr)
                          && m_writable == (m_write != nullptr))
        , m_readableFinished(hasReadableFinished())
        , m_writableFinished(hasWritableFinished())
        , m_callback(std::move(callback))
    {
    }

    void start()
    {
        const auto self = shared_from_this();
        if (m_read)
            m_listeners[0] = m_read->onEnd([self] { self->onEnd(); });
        if (m_write)
            m_listeners[1] = m_write->onFinish([self] { self->onFinish(); });
        m_listeners[2] = m_stream.onError([self](const std::exception_ptr &error) { self->call(error); });
        m_listeners[3] = m_stream.onClose([self] { self->onClose(); });
        startLate();
    }

    void stop()
    {
        const FinishedCallback dropped = std::exchange(m_callback, nullptr);
        if (const auto alive = m_alive.lock()) {
            for (const ListenerId id : std::exchange(m_listeners, {}))
                alive->off(id);
        }
    }

private:
    // What happened before anybody listened is told in a tick.
    void startLate()
    {
        const bool isReadable = m_read && m_read->isReadable();
        const bool isWritable = m_write && m_write->isWritable();
        if (m_stream.isClosed()) {
            later(&Finished::onClose);
        } else if (m_stream.hasEmittedError()) {
            if (!m_willEmitClose)
                later(&Finished::onClosed);
        } else if (!m_readable && (!m_willEmitClose || isReadable) && (m_writableFinished || (m_write && !isWritable))
                   && (!m_write || m_write->m_pendingCallbacks == 0)) {
            later(&Finished::onClosed);
        } else if (!m_writable && (!m_willEmitClose || isWritable) && (m_readableFinished || (m_read && !isReadable))) {
            later(&Finished::onClosed);
        }
    }

    void later(void (Finished::*member)())
    {
        m_stream.loop().nextTick(
            [self = shared_from_this(), kept = m_stream.shared_from_this(), member] { ((*self).*member)(); });
    }

    void onFinish()
    {
        m_writableFinished = true;
        if (m_stream.isDestroyed())
            m_willEmitClose = false;
        if (m_willEmitClose && (!m_read || !m_read->isReadable() || m_readable))
            return; // 'close' says it
        if (!m_readable || m_readableFinished)
            call(nullptr);
    }

    void onEnd()
    {
        m_readableFinished = true;
        if (m_stream.isDestroyed())
            m_willEmitClose = false;
        if (m_willEmitClose && (!m_write || !m_write->isWritable() || m_writable))
            return;
        if (!m_writable || m_writableFinished)
            call(nullptr);
    }

    void onClose()
    {
        if (m_stream.errored())
            call(m_stream.errored());
        else if ((m_readable && m_read && !m_readableFinished && !hasReadableFinished())
                 || (m_writable && !m_writableFinished && !hasWritableFinished()))
            call(makeError(StreamError::Code::PrematureClose));
        else
            call(nullptr);
    }

    void onClosed() { call(m_stream.errored()); }

    void call(const std::exception_ptr &error)
    {
        if (FinishedCallback callback = std::exchange(m_callback, nullptr))
            callback(error);
    }

    // All was pushed and read; 'end' may still be to come.
    [[nodiscard]] bool hasReadableFinished() const
    {
        return m_read && !m_stream.errored() && (m_read->m_endEmitted || (m_read->m_ended && m_read->m_chunks.isEmpty()));
    }
    [[nodiscard]] bool hasWritableFinished() const
    {
        return m_write
            && (m_write->m_finished || (!m_stream.errored() && m_write->m_ended && m_write->m_length == 0));
    }

    Stream &m_stream;
    const std::weak_ptr<Stream> m_alive;
    Readable *const m_read;
    Writable *const m_write;
    const bool m_readable; // that side must end
    const bool m_writable;
    bool m_willEmitClose; // and so 'close' is waited for
    bool m_readableFinished;
    bool m_writableFinished;
    FinishedCallback m_callback;
    std::array<ListenerId, 4> m_listeners{};
};

loop::Callback finished(Stream &stream, FinishedCallback callback, FinishedOptions options)
{
    const auto finished = std::make_shared<Finished>(stream, std::move(callback), options);
    finished->start();
    return [weak = std::weak_ptr(finished)] {
        if (const auto alive = weak.lock())
            alive->stop();
    };
}

loop::Task<> finished(Stream &stream, FinishedOptions options, loop::Site site)
{
    return settledTask(site, [&](FinishedCallback callback) { (void)finished(stream, std::move(callback), options); });
}

} // namespace loopscope::stream
