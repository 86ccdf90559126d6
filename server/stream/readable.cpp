// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/readable.h"

#include <bit>

namespace loopscope::stream {

Readable::Readable(ReadableOptions options)
    : m_highWaterMark(options.highWaterMark)
{
    if (options.highWaterMark < 0)
        throw StreamError(StreamError::Code::InvalidArgument, "highWaterMark");
    setAutoDestroy(options.autoDestroy);
}

Readable::~Readable() = default;

void Readable::removeReadableSide() noexcept
{
    m_exists = false;
    m_ended = m_endEmitted = true;
}

void Readable::constructed()
{
    if (m_needReadable)
        readMoreLater();
}

// --- state ---

bool Readable::isReadable() const noexcept
{
    return m_exists && !isDestroyed() && !hasEmittedError() && !m_endEmitted;
}

bool Readable::readableAborted() const noexcept
{
    return m_exists && (isDestroyed() || errored()) && !m_endEmitted;
}

std::optional<bool> Readable::readableFlowing() const noexcept
{
    return m_flowing == Flowing::Unset ? std::nullopt : std::optional(m_flowing == Flowing::Yes);
}

bool Readable::isPaused() const noexcept
{
    return m_paused == Paused::Yes || m_flowing == Flowing::No;
}

// --- listeners ---

ListenerId Readable::onData(DataListener listener, Times times)
{
    const ListenerId id = listen(Event::Data, m_dataListeners, std::move(listener), times);
    if (!m_readableListeners.isEmpty())
        m_readableListening = true;
    if (m_flowing != Flowing::No)
        resume();
    return id;
}

ListenerId Readable::onReadable(loop::Callback listener, Times times)
{
    const ListenerId id = listen(Event::Readable, m_readableListeners, std::move(listener), times);
    if (m_endEmitted || m_readableListening)
        return id;
    m_readableListening = m_needReadable = true;
    m_flowing = Flowing::No;
    m_emittedReadable = false;
    if (!m_chunks.isEmpty())
        emitReadable();
    else if (!m_reading)
        nextTick(this, &Readable::readZero);
    return id;
}

ListenerId Readable::onEnd(loop::Callback listener, Times times)
{
    return listen(Event::End, m_endListeners, std::move(listener), times);
}

ListenerId Readable::onPause(loop::Callback listener, Times times)
{
    return listen(Event::Pause, m_pauseListeners, std::move(listener), times);
}

ListenerId Readable::onResume(loop::Callback listener, Times times)
{
    return listen(Event::Resume, m_resumeListeners, std::move(listener), times);
}

bool Readable::removeListener(Event event, ListenerId id)
{
    switch (event) {
    case Event::Data:
        return m_dataListeners.remove(id);
    case Event::Readable:
        // Only in a tick, so that one listener may follow another without the mode changing in between.
        nextTick(this, &Readable::updateReadableListening);
        return m_readableListeners.remove(id);
    case Event::End:
        return m_endListeners.remove(id);
    case Event::Pause:
        return m_pauseListeners.remove(id);
    case Event::Resume:
        return m_resumeListeners.remove(id);
    default:
        return Stream::removeListener(event, id);
    }
}

void Readable::updateReadableListening()
{
    m_readableListening = !m_readableListeners.isEmpty();
    if (m_paused == Paused::No && m_resumeScheduled)
        m_flowing = Flowing::Yes; // else the resumption under way would not flow
    else if (!m_dataListeners.isEmpty())
        resume();
    else if (!m_readableListening)
        m_flowing = Flowing::Unset;
}

// --- push ---

bool Readable::canPushMore() const noexcept
{
    return !m_ended && (m_chunks.bytes() < m_highWaterMark || m_chunks.isEmpty());
}

bool Readable::push(QByteArray chunk)
{
    const auto kept = keep();
    if (chunk.isEmpty()) {
        m_reading = false;
        readMoreLater();
        return canPushMore();
    }
    if (m_ended) {
        fail(makeError(StreamError::Code::PushAfterEof));
        return false;
    }
    if (isDestroyed() || errored())
        return false;
    m_reading = false;
    addChunk(std::move(chunk), false);
    return canPushMore();
}

bool Readable::push(std::nullptr_t)
{
    const auto kept = keep();
    m_reading = false;
    reachEnd();
    return false;
}

void Readable::unshift(QByteArray chunk)
{
    const auto kept = keep();
    if (chunk.isEmpty())
        return;
    if (m_endEmitted)
        fail(makeError(StreamError::Code::UnshiftAfterEnd));
    else if (!isDestroyed() && !errored())
        addChunk(std::move(chunk), true);
}

void Readable::addChunk(QByteArray &&chunk, bool atFront)
{
    if (m_flowing == Flowing::Yes && !m_sync && !m_dataListeners.isEmpty() && m_chunks.isEmpty()) {
        emitData(chunk);
    } else {
        if (atFront)
            m_chunks.prepend(std::move(chunk));
        else
            m_chunks.append(std::move(chunk));
        if (m_needReadable)
            emitReadable();
    }
    readMoreLater();
}

void Readable::emitData(const QByteArray &chunk)
{
    forgetAwaitedDrains();
    m_dataEmitted = true;
    m_dataListeners.call(chunk);
}

void Readable::reachEnd()
{
    if (m_ended)
        return;
    m_ended = true;
    if (m_sync) { // in a tick, or flow() would emit data within read()
        emitReadable();
        return;
    }
    m_needReadable = false;
    m_emittedReadable = true;
    emitReadableNow();
}

// --- 'readable' ---

void Readable::emitReadable()
{
    m_needReadable = false;
    if (m_emittedReadable)
        return;
    m_emittedReadable = true;
    nextTick(this, &Readable::emitReadableNow);
}

void Readable::emitReadableNow()
{
    const auto kept = keep();
    if (!isDestroyed() && !errored() && (!m_chunks.isEmpty() || m_ended)) {
        if (m_readableListeners.hasOnce()) // which is then removed
            nextTick(this, &Readable::updateReadableListening);
        m_readableListeners.call();
        m_emittedReadable = false;
    }
    if (m_flowing != Flowing::Yes && !m_ended && m_chunks.bytes() <= m_highWaterMark)
        m_needReadable = true;
    flow();
}

// --- reading ahead ---

void Readable::readMoreLater()
{
    if (m_readingMore || !isConstructed())
        return;
    m_readingMore = true;
    nextTick(this, &Readable::readMore);
}

// Until the buffer is full, or a doRead() is under way; while flowing at least once.
void Readable::readMore()
{
    while (!m_reading && !m_ended
           && (m_chunks.bytes() < m_highWaterMark || (m_flowing == Flowing::Yes && m_chunks.isEmpty()))) {
        const qsizetype before = m_chunks.bytes();
        (void)read(0);
        if (before == m_chunks.bytes())
            break;
    }
    m_readingMore = false;
}

// --- read ---

qsizetype Readable::howMuchToRead(qsizetype wanted) const noexcept
{
    if (wanted == 0 || (m_chunks.isEmpty() && m_ended))
        return 0;
    if (wanted == allBytes) // one chunk at a time while flowing
        return m_flowing == Flowing::Yes && !m_chunks.isEmpty() ? m_chunks.firstBytes() : m_chunks.bytes();
    if (wanted <= m_chunks.bytes())
        return wanted;
    return m_ended ? m_chunks.bytes() : 0;
}

bool Readable::mayCallRead(qsizetype taken) const noexcept
{
    const bool wanted = m_needReadable || m_chunks.isEmpty() || m_chunks.bytes() - taken < m_highWaterMark;
    return wanted && !m_reading && !m_ended && !isDestroyed() && !errored() && isConstructed();
}

void Readable::callRead()
{
    m_reading = m_sync = true;
    if (m_chunks.isEmpty())
        m_needReadable = true;
    try {
        doRead(m_highWaterMark);
    } catch (...) {
        fail(std::current_exception());
    }
    m_sync = false;
}

std::optional<QByteArray> Readable::read(qsizetype wanted)
{
    const auto kept = keep();
    wanted = wanted < 0 ? allBytes : wanted;
    if (wanted > maximumRead)
        throw StreamError(StreamError::Code::OutOfRange, "size");
    if (wanted > m_highWaterMark)
        m_highWaterMark = qsizetype(std::bit_ceil(std::size_t(wanted)));
    if (wanted != 0)
        m_emittedReadable = false;

    const bool enough = m_highWaterMark != 0 ? m_chunks.bytes() >= m_highWaterMark : !m_chunks.isEmpty();
    if (wanted == 0 && m_needReadable && (enough || m_ended)) { // nothing to start: only say what is there
        if (m_chunks.isEmpty() && m_ended)
            endLater();
        else
            emitReadable();
        return std::nullopt;
    }

    qsizetype bytes = howMuchToRead(wanted);
    if (bytes == 0 && m_ended) {
        if (m_chunks.isEmpty())
            endLater();
        return std::nullopt;
    }
    // Before anything is taken: a source that pushes at once adds to what this call gives.
    if (mayCallRead(bytes)) {
        callRead();
        if (!m_reading)
            bytes = howMuchToRead(wanted);
    }
    std::optional<QByteArray> chunk = takeRead(bytes);
    if (m_chunks.isEmpty()) {
        if (!m_ended)
            m_needReadable = true;
        else if (wanted != (chunk ? bytes : 0))
            endLater(); // read past the end
    }
    if (chunk && !hasEmittedError() && !hasEmittedClose())
        emitData(*chunk);
    return chunk;
}

std::optional<QByteArray> Readable::takeRead(qsizetype bytes)
{
    if (bytes == 0 || m_chunks.isEmpty()) {
        if (m_chunks.bytes() <= m_highWaterMark)
            m_needReadable = true;
        return std::nullopt;
    }
    forgetAwaitedDrains();
    return m_chunks.take(bytes);
}

// --- flowing ---

void Readable::flow()
{
    while (m_flowing == Flowing::Yes && read())
        ;
}

void Readable::resume()
{
    if (m_flowing != Flowing::Yes) {
        m_flowing = m_readableListening ? Flowing::No : Flowing::Yes;
        if (!m_resumeScheduled) {
            m_resumeScheduled = true;
            nextTick(this, &Readable::resumeNow);
        }
    }
    m_paused = Paused::No;
}

void Readable::resumeNow()
{
    if (!m_reading)
        (void)read(0);
    m_resumeScheduled = false;
    m_resumeListeners.call();
    flow();
    if (m_flowing == Flowing::Yes && !m_reading)
        (void)read(0);
}

void Readable::pause()
{
    const auto kept = keep();
    if (m_flowing != Flowing::No) {
        m_flowing = Flowing::No;
        m_pauseListeners.call();
    }
    m_paused = Paused::Yes;
}

// --- end ---

void Readable::endLater()
{
    if (m_endEmitted)
        return;
    m_ended = true;
    nextTick(this, &Readable::endNow);
}

void Readable::endNow()
{
    // An unshift() may have come in between.
    if (errored() || hasEmittedClose() || m_endEmitted || !m_chunks.isEmpty())
        return;
    m_endEmitted = true;
    const auto kept = destinations(); // with the end of the pipes nobody else may hold them
    m_endListeners.call();
    readableHasEnded();
}

void Readable::readableHasEnded()
{
    if (isAutoDestroyed() && hasWritableFinished())
        destroy();
}

} // namespace loopscope::stream
