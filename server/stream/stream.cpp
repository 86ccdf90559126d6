// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/stream.h"

namespace loopscope::stream {

static loop::EventLoop &currentLoop()
{
    loop::EventLoop *loop = loop::EventLoop::current();
    Q_ASSERT_X(loop, "Stream", "a stream belongs to a thread with an event loop");
    return *loop;
}

Stream::Stream()
    : m_loop(currentLoop())
{
}

Stream::~Stream() = default;

// --- listeners ---

ListenerId Stream::onError(ErrorListener listener, Times times)
{
    return listen(Event::Error, m_errorListeners, std::move(listener), times);
}

ListenerId Stream::onClose(loop::Callback listener, Times times)
{
    return listen(Event::Close, m_closeListeners, std::move(listener), times);
}

ListenerId Stream::addPipeErrorListener(ErrorListener listener)
{
    return listen(Event::Error, m_pipeErrorListeners, std::move(listener), Times::Always);
}

bool Stream::off(ListenerId id)
{
    const auto kept = keep();
    return id != ListenerId::None && removeListener(eventOf(id), id);
}

bool Stream::removeListener(Event event, ListenerId id)
{
    switch (event) {
    case Event::Error:
        return m_errorListeners.remove(id);
    case Event::Close:
        return m_closeListeners.remove(id);
    default:
        return false;
    }
}

void Stream::dropListeners()
{
    m_pipeErrorListeners.clear();
    m_errorListeners.clear();
    m_closeListeners.clear();
}

// --- construction ---

void Stream::construct()
{
    Q_ASSERT(m_constructed && !m_constructEnded);
    m_constructed = false;
    nextTick(this, &Stream::startConstruct);
}

void Stream::startConstruct()
{
    const auto done = [kept = keep()](std::exception_ptr error) {
        kept->m_loop.nextTick([kept, error] { kept->endConstruct(error); });
    };
    try {
        doConstruct(done);
    } catch (...) {
        done(std::current_exception());
    }
}

void Stream::endConstruct(std::exception_ptr error)
{
    if (m_constructEnded) {
        fail(error ? error : makeError(StreamError::Code::MultipleCallback));
        return;
    }
    m_constructEnded = true;
    m_constructed = true;
    if (m_destroyed)
        startDestroy(error ? error : m_errored);
    else if (error)
        fail(std::move(error), true);
    else
        constructed();
}

// --- destruction ---

void Stream::destroy(std::exception_ptr error)
{
    if (m_destroyed)
        return;
    const auto kept = keep();
    aboutToDestroy();
    noteError(error);
    m_destroyed = true;
    if (m_constructed) // else when construction has ended
        startDestroy(error);
}

void Stream::startDestroy(const std::exception_ptr &error)
{
    try {
        doDestroy(error, [kept = keep()](std::exception_ptr later) { kept->endDestroy(std::move(later)); });
    } catch (...) {
        endDestroy(std::current_exception());
    }
}

void Stream::endDestroy(std::exception_ptr error)
{
    if (m_destroyEnded)
        return;
    m_destroyEnded = true;
    noteError(error);
    m_closed = true;
    if (error) {
        m_loop.nextTick([kept = keep(), error] {
            kept->emitError(error);
            kept->emitClose();
        });
    } else {
        nextTick(this, &Stream::emitClose);
    }
}

void Stream::fail(std::exception_ptr error, bool sync)
{
    if (m_destroyed)
        return;
    if (m_autoDestroy) {
        destroy(std::move(error));
        return;
    }
    noteError(error);
    if (sync)
        m_loop.nextTick([kept = keep(), error] { kept->emitError(error); });
    else
        emitError(error);
}

void Stream::emitError(const std::exception_ptr &error)
{
    if (m_errorEmitted)
        return;
    m_errorEmitted = true;
    const auto kept = keep();
    m_pipeErrorListeners.call(error);
    if (m_errorListeners.isEmpty())
        m_loop.reportUncaught(error);
    else
        m_errorListeners.call(error);
}

void Stream::emitClose()
{
    const auto kept = keep();
    // Also if a listener throws: what the listeners hold must not outlive the stream's use.
    struct Closing {
        Stream &stream;
        ~Closing()
        {
            stream.m_closeEmitted = true;
            stream.dropListeners();
        }
    } const closing{*this};
    m_closeEmitted = true;
    m_closeListeners.call();
}

} // namespace loopscope::stream
