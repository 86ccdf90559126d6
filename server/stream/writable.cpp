// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/writable.h"

#include "server/stream/readable.h"

namespace loopscope::stream {

// Entries already written that may stand before the first until the buffer is moved up; Node's number.
static constexpr std::size_t maximumWritten = 256;

Writable::Writable(WritableOptions options)
    : m_highWaterMark(options.highWaterMark)
{
    if (options.highWaterMark < 0)
        throw StreamError(StreamError::Code::InvalidArgument, "highWaterMark");
    setAutoDestroy(options.autoDestroy);
}

Writable::~Writable() = default;

void Writable::removeWritableSide() noexcept
{
    m_exists = false;
    m_ending = m_ended = m_finished = true;
}

void Writable::constructed()
{
    if (!m_writing)
        clearBuffer();
    if (m_ending)
        finishMaybe();
}

// --- state and listeners ---

bool Writable::isWritable() const noexcept
{
    return m_exists && !m_ending && !isDestroyed() && !errored();
}

bool Writable::writableAborted() const noexcept
{
    return m_exists && (isDestroyed() || errored()) && !m_finished;
}

ListenerId Writable::onDrain(loop::Callback listener, Times times)
{
    return listen(Event::Drain, m_drainListeners, std::move(listener), times);
}

ListenerId Writable::onFinish(loop::Callback listener, Times times)
{
    return listen(Event::Finish, m_finishListeners, std::move(listener), times);
}

ListenerId Writable::onPipe(loop::UniqueFunction<void(Readable &)> listener, Times times)
{
    return listen(Event::Pipe, m_pipeListeners, std::move(listener), times);
}

ListenerId Writable::onUnpipe(loop::UniqueFunction<void(Readable &)> listener, Times times)
{
    return listen(Event::Unpipe, m_unpipeListeners, std::move(listener), times);
}

void Writable::emitPipe(Readable &source)
{
    const auto kept = keep();
    m_pipeListeners.call(source);
}

void Writable::emitUnpipe(Readable &source)
{
    const auto kept = keep();
    m_unpipeListeners.call(source);
}

bool Writable::removeListener(Event event, ListenerId id)
{
    switch (event) {
    case Event::Drain:
        return m_drainListeners.remove(id);
    case Event::Finish:
        return m_finishListeners.remove(id);
    case Event::Pipe:
        return m_pipeListeners.remove(id);
    case Event::Unpipe:
        return m_unpipeListeners.remove(id);
    default:
        return Stream::removeListener(event, id);
    }
}

void Writable::dropListeners()
{
    m_drainListeners.clear();
    m_finishListeners.clear();
    m_pipeListeners.clear();
    m_unpipeListeners.clear();
    const auto released = std::exchange(m_waitingSources, {});
    Stream::dropListeners();
}

// --- write ---

bool Writable::write(QByteArray chunk, WriteCallback callback)
{
    bool wantsMore = false;
    return !writeOrRefuse(std::move(chunk), std::move(callback), wantsMore) && wantsMore;
}

// Gives the error if it was refused.
std::exception_ptr Writable::writeOrRefuse(QByteArray &&chunk, WriteCallback &&callback, bool &wantsMore)
{
    const auto kept = keep();
    std::exception_ptr error;
    if (m_ending)
        error = makeError(StreamError::Code::WriteAfterEnd);
    else if (isDestroyed())
        error = makeError(StreamError::Code::Destroyed, "write");
    if (!error) {
        ++m_pendingCallbacks;
        wantsMore = writeOrBuffer(std::move(chunk), std::move(callback));
        return nullptr;
    }
    if (callback)
        loop().nextTick([callback = std::move(callback), error]() mutable { callback(error); });
    fail(error, true);
    return error;
}

bool Writable::writeOrBuffer(QByteArray &&chunk, WriteCallback &&callback)
{
    m_length += chunk.size();
    if (m_writing || errored() || m_corked > 0 || !isConstructed())
        m_buffer.push_back({std::move(chunk), std::move(callback)});
    else
        callWrite(std::move(chunk), std::move(callback));
    const bool wantsMore = m_length < m_highWaterMark || m_length == 0;
    if (!wantsMore)
        m_needDrain = true;
    return wantsMore && !isDestroyed() && !errored(); // so that a loop of write() ends
}

Stream::Done Writable::writeDone()
{
    return [kept = shared(this)](std::exception_ptr error) { kept->endWrite(std::move(error)); };
}

void Writable::callWrite(QByteArray chunk, WriteCallback &&callback)
{
    m_writingBytes = chunk.size();
    m_writeCallback = std::move(callback);
    m_writing = m_sync = m_expectsDone = true;
    if (isDestroyed()) {
        endWrite(makeError(StreamError::Code::Destroyed, "write"));
    } else {
        try {
            doWrite(std::move(chunk), writeDone());
        } catch (...) {
            if (m_expectsDone)
                endWrite(std::current_exception());
            else
                fail(std::current_exception());
        }
    }
    m_sync = false;
}

void Writable::doWritev(std::vector<QByteArray>, Done done)
{
    done(makeError(StreamError::Code::MethodNotImplemented, "doWritev()"));
}

// All that waits, as one write: one callback stands for all of theirs.
void Writable::callWritev()
{
    std::vector<QByteArray> chunks;
    std::vector<WriteCallback> callbacks;
    for (std::size_t i = m_bufferFirst; i < m_buffer.size(); ++i) {
        chunks.push_back(std::move(m_buffer[i].chunk));
        if (m_buffer[i].callback)
            callbacks.push_back(std::move(m_buffer[i].callback));
    }
    m_pendingCallbacks -= qsizetype(chunks.size()) - 1;
    m_writeCallback = nullptr;
    if (!callbacks.empty()) {
        m_writeCallback = [callbacks = std::move(callbacks)](const std::exception_ptr &error) mutable {
            for (WriteCallback &callback : callbacks)
                callback(error);
        };
    }
    m_writingBytes = m_length;
    m_writing = m_sync = m_expectsDone = true;
    try {
        doWritev(std::move(chunks), writeDone());
    } catch (...) {
        if (m_expectsDone)
            endWrite(std::current_exception());
        else
            fail(std::current_exception());
    }
    m_sync = false;
}

// --- a write has ended ---

void Writable::endWrite(std::exception_ptr error)
{
    const auto kept = keep();
    if (!m_expectsDone) {
        fail(makeError(StreamError::Code::MultipleCallback));
        return;
    }
    const bool sync = m_sync;
    WriteCallback callback = std::move(m_writeCallback);
    m_writeCallback = nullptr;
    m_writing = m_expectsDone = false;
    m_length -= m_writingBytes;
    m_writingBytes = 0;

    if (!error) {
        if (m_bufferFirst < m_buffer.size())
            clearBuffer();
        writeSucceeded(std::move(callback), sync);
        return;
    }
    noteError(error);
    if (sync) {
        loop().nextTick([kept = shared(this), error, callback = std::move(callback)]() mutable {
            kept->writeFailed(error, callback);
        });
    } else {
        writeFailed(error, callback);
    }
}

void Writable::writeFailed(const std::exception_ptr &error, WriteCallback &callback)
{
    --m_pendingCallbacks;
    if (callback)
        callback(error);
    errorBuffer();
    fail(error); // 'error' follows the callbacks
}

void Writable::writeSucceeded(WriteCallback &&callback, bool sync)
{
    if (!sync) {
        afterWrite(std::move(callback));
        return;
    }
    // A sink that is done at once must not emit while write() is on the stack; and often there is nothing to say.
    if (callback) {
        m_afterWritePending = true;
        loop().nextTick([kept = shared(this), callback = std::move(callback)]() mutable {
            kept->afterWrite(std::move(callback));
        });
    } else if (m_needDrain && m_length == 0 && !m_afterWritePending) {
        m_afterWritePending = true;
        nextTick(this, &Writable::afterWritePending);
    } else {
        --m_pendingCallbacks;
        if (m_ending)
            finishMaybe();
    }
}

void Writable::afterWritePending()
{
    afterWrite(nullptr);
}

void Writable::afterWrite(WriteCallback callback)
{
    m_afterWritePending = false;
    if (m_needDrain && !m_ending && !isDestroyed() && m_length == 0) {
        m_needDrain = false;
        m_drainListeners.call();
    }
    --m_pendingCallbacks;
    if (callback)
        callback(nullptr);
    if (isDestroyed())
        errorBuffer();
    if (m_ending)
        finishMaybe();
}

// --- the buffer ---

void Writable::clearBuffer()
{
    if (isDestroyed() || m_clearingBuffer || m_corked > 0 || !isConstructed() || m_buffer.empty())
        return;
    m_clearingBuffer = true;
    if (m_buffer.size() - m_bufferFirst > 1 && hasWritev()) {
        callWritev();
        m_bufferFirst = m_buffer.size();
    } else {
        do {
            Buffered next = std::move(m_buffer[m_bufferFirst++]);
            callWrite(std::move(next.chunk), std::move(next.callback));
        } while (m_bufferFirst < m_buffer.size() && !m_writing);
    }
    if (m_bufferFirst == m_buffer.size()) {
        m_buffer.clear();
        m_bufferFirst = 0;
    } else if (m_bufferFirst > maximumWritten) {
        m_buffer.erase(m_buffer.begin(), m_buffer.begin() + std::ptrdiff_t(m_bufferFirst));
        m_bufferFirst = 0;
    }
    m_clearingBuffer = false;
}

// Lets the callbacks of what will not be written know.
void Writable::errorBuffer()
{
    if (m_writing)
        return;
    auto buffer = std::exchange(m_buffer, {});
    const std::size_t first = std::exchange(m_bufferFirst, 0);
    for (std::size_t i = first; i < buffer.size(); ++i) {
        m_length -= buffer[i].chunk.size();
        if (buffer[i].callback)
            buffer[i].callback(errored() ? errored() : makeError(StreamError::Code::Destroyed, "write"));
    }
    callFinishedCallbacks(errored() ? errored() : makeError(StreamError::Code::Destroyed, "end"));
}

void Writable::aboutToDestroy()
{
    if (!m_buffer.empty() || !m_finishedCallbacks.empty())
        nextTick(this, &Writable::errorBuffer);
}

void Writable::cork() noexcept
{
    ++m_corked;
}

void Writable::uncork()
{
    if (m_corked == 0)
        return;
    const auto kept = keep();
    --m_corked;
    if (!m_writing)
        clearBuffer();
}

// --- end ---

void Writable::end(WriteCallback callback)
{
    const auto kept = keep();
    answerEnd(std::move(callback), nullptr);
}

void Writable::end(QByteArray chunk, WriteCallback callback)
{
    const auto kept = keep();
    bool wantsMore = false;
    answerEnd(std::move(callback), writeOrRefuse(std::move(chunk), nullptr, wantsMore));
}

void Writable::answerEnd(WriteCallback &&callback, std::exception_ptr error)
{
    if (m_corked > 0) {
        m_corked = 1;
        uncork();
    }
    if (error) {
        // the last chunk was refused
    } else if (!m_ending && !errored()) {
        m_ending = true;
        finishMaybe();
        m_ended = true;
    } else if (m_finished) {
        error = makeError(StreamError::Code::AlreadyFinished, "end");
    } else if (isDestroyed()) {
        error = makeError(StreamError::Code::Destroyed, "end");
    }
    if (!callback)
        return;
    if (!error && errored())
        error = errored();
    if (error || m_finished)
        loop().nextTick([callback = std::move(callback), error]() mutable { callback(error); });
    else
        m_finishedCallbacks.push_back(std::move(callback));
}

// --- finish ---

bool Writable::needsFinish() const noexcept
{
    return m_ending && isConstructed() && !isDestroyed() && !m_finished && !m_writing && !hasEmittedError()
        && !hasEmittedClose() && !errored() && m_buffer.empty() && m_length == 0;
}

void Writable::finishMaybe()
{
    if (!needsFinish())
        return;
    prefinish();
    if (m_pendingCallbacks == 0) {
        ++m_pendingCallbacks;
        nextTick(this, &Writable::finishIfNeeded);
    }
}

void Writable::prefinish()
{
    if (m_prefinished || m_finalCalled)
        return;
    m_finalCalled = true;
    if (!hasFinal() || isDestroyed()) {
        m_prefinished = true;
        return;
    }
    m_sync = true;
    ++m_pendingCallbacks;
    try {
        doFinal([kept = shared(this)](std::exception_ptr error) { kept->endFinal(std::move(error)); });
    } catch (...) {
        endFinal(std::current_exception());
    }
    m_sync = false;
}

void Writable::endFinal(std::exception_ptr error)
{
    const auto kept = keep();
    if (m_prefinished) {
        fail(error ? error : makeError(StreamError::Code::MultipleCallback));
        return;
    }
    --m_pendingCallbacks;
    if (error) {
        callFinishedCallbacks(error);
        fail(std::move(error), m_sync);
    } else if (needsFinish()) {
        m_prefinished = true;
        ++m_pendingCallbacks;
        nextTick(this, &Writable::finish);
    }
}

void Writable::finishIfNeeded()
{
    if (needsFinish())
        finish();
    else
        --m_pendingCallbacks;
}

void Writable::finish()
{
    --m_pendingCallbacks;
    m_finished = true;
    callFinishedCallbacks(nullptr);
    m_finishListeners.call();
    if (isAutoDestroyed() && hasReadableEnded())
        destroy();
}

void Writable::callFinishedCallbacks(const std::exception_ptr &error)
{
    for (WriteCallback &callback : std::exchange(m_finishedCallbacks, {}))
        callback(error);
}

} // namespace loopscope::stream
