// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/readable.h"
#include "server/stream/writable.h"

#include <algorithm>

namespace loopscope::stream {

// What joins a source to one destination. The source owns it; what the destination has of it is weak.
//
// While the source flows it keeps the destination alive. While the destination is full, it is the other way round: the
// destination keeps the source, for what runs is there. So neither keeps itself.
struct Readable::Pipe {
    std::weak_ptr<Stream> source;
    Readable *from; // the same
    std::weak_ptr<Writable> destination;
    const Writable *to; // the same; to compare with only
    std::shared_ptr<Writable> held; // the destination, while the source flows; never the source itself
    bool awaitsDrain = false;
    ListenerId data = ListenerId::None;
    ListenerId end = ListenerId::None;
    ListenerId drain = ListenerId::None;
    ListenerId error = ListenerId::None;
    ListenerId close = ListenerId::None;
    ListenerId finish = ListenerId::None;

    void hold(const std::shared_ptr<Writable> &alive)
    {
        if (alive && static_cast<Stream *>(alive.get()) != static_cast<Stream *>(from))
            held = alive;
    }
    // Runs `function` with both ends, unless one of them or the pipe itself is gone.
    template<typename Function>
    static auto whileAlive(const std::shared_ptr<Pipe> &pipe, Function function)
    {
        return [weak = std::weak_ptr(pipe), function] {
            const auto alive = weak.lock();
            const auto source = alive ? alive->source.lock() : nullptr;
            const auto destination = source ? alive->destination.lock() : nullptr;
            if (destination)
                function(*alive->from, *destination, alive);
        };
    }
};

void Readable::dropListeners()
{
    m_dataListeners.clear();
    m_readableListeners.clear();
    m_endListeners.clear();
    m_pauseListeners.clear();
    m_resumeListeners.clear();
    for (const std::shared_ptr<Pipe> &pipe : m_pipes)
        pipe->held.reset();
    Stream::dropListeners();
}

std::vector<std::shared_ptr<Writable>> Readable::destinations() const
{
    std::vector<std::shared_ptr<Writable>> alive;
    for (const std::shared_ptr<Pipe> &pipe : m_pipes)
        alive.push_back(pipe->destination.lock());
    return alive;
}

void Readable::startPipe(const std::shared_ptr<Writable> &destination, PipeOptions options)
{
    const auto kept = keep();
    auto pipe = std::make_shared<Pipe>();
    pipe->source = kept;
    pipe->from = this;
    pipe->destination = destination;
    pipe->to = destination.get();
    pipe->hold(destination);
    m_pipes.push_back(pipe);

    auto atEnd = Pipe::whileAlive(pipe, [end = options.end](Readable &source, Writable &to, const auto &alive) {
        if (end) {
            source.leaveTo(*alive);
            to.end();
        } else {
            source.unpipe(&to);
        }
    });
    if (m_endEmitted)
        loop().nextTick([kept, atEnd] { atEnd(); });
    else
        pipe->end = onEnd(atEnd, Times::Once);

    listenForPipe(pipe, *destination);
    destination->emitPipe(*this);
    if (destination->writableNeedDrain())
        waitForDrain(pipe, *destination);
    else if (m_flowing != Flowing::Yes)
        resume();
}

void Readable::listenForPipe(const std::shared_ptr<Pipe> &pipe, Writable &destination)
{
    pipe->data = onData([pipe](const QByteArray &chunk) {
        const auto to = pipe->destination.lock();
        if (to && !to->write(chunk))
            pipe->from->waitForDrain(pipe, *to);
    });
    // Before the user's: its error ends the pipe, and is none that the pipe would have handled.
    auto unpipe = Pipe::whileAlive(pipe, [](Readable &source, Writable &to, const auto &) { source.unpipe(&to); });
    pipe->error = destination.addPipeErrorListener([unpipe](const std::exception_ptr &) { unpipe(); });
    pipe->close = destination.onClose(unpipe, Times::Once);
    pipe->finish = destination.onFinish(unpipe, Times::Once);
}

void Readable::waitForDrain(const std::shared_ptr<Pipe> &pipe, Writable &destination)
{
    if (std::find(m_pipes.begin(), m_pipes.end(), pipe) == m_pipes.end())
        return; // ended within write()
    if (!pipe->awaitsDrain) {
        pipe->awaitsDrain = true;
        ++m_awaitedDrains;
        destination.m_waitingSources.push_back(keep());
    }
    if (pipe->drain == ListenerId::None) {
        pipe->drain = destination.onDrain(Pipe::whileAlive(
            pipe, [](Readable &source, Writable &, const auto &alive) { source.hasDrained(*alive); }));
    }
    pause();
    if (pipe->awaitsDrain)
        pipe->held.reset();
}

void Readable::hasDrained(Pipe &pipe)
{
    if (pipe.awaitsDrain)
        stopWaiting(pipe);
    if (m_awaitedDrains == 0 && !m_dataListeners.isEmpty())
        resume();
}

// The source goes on, and keeps the destination again.
void Readable::stopWaiting(Pipe &pipe)
{
    pipe.awaitsDrain = false;
    --m_awaitedDrains;
    const auto destination = pipe.destination.lock();
    if (!destination)
        return;
    if (!m_endEmitted && !hasEmittedClose())
        pipe.hold(destination);
    release(*destination);
}

// The destination keeps it no more.
void Readable::release(Writable &destination)
{
    const auto kept = keep();
    auto &waiting = destination.m_waitingSources;
    if (const auto it = std::find(waiting.begin(), waiting.end(), kept); it != waiting.end())
        waiting.erase(it);
}

// The source has ended: until its destination has as well, that keeps it, to say 'unpipe'.
void Readable::leaveTo(Pipe &pipe)
{
    const auto destination = pipe.destination.lock();
    if (!destination || !pipe.held)
        return;
    destination->m_waitingSources.push_back(keep());
    pipe.held.reset();
}

// Data went out although a destination was full, because somebody called read() or resume(): what it says counts.
void Readable::forgetAwaitedDrains()
{
    if (m_awaitedDrains == 0)
        return;
    for (const std::shared_ptr<Pipe> &pipe : m_pipes) {
        if (pipe->awaitsDrain)
            stopWaiting(*pipe);
    }
}

void Readable::unpipe(Writable *destination)
{
    const auto kept = keep();
    if (m_pipes.empty())
        return;
    std::vector<std::shared_ptr<Pipe>> ended;
    if (!destination) {
        ended.swap(m_pipes);
    } else {
        const auto it = std::find_if(m_pipes.begin(), m_pipes.end(),
                                     [&](const std::shared_ptr<Pipe> &pipe) { return pipe->to == destination; });
        if (it == m_pipes.end())
            return;
        ended.push_back(std::move(*it));
        m_pipes.erase(it);
    }
    if (m_pipes.empty())
        pause();
    for (const std::shared_ptr<Pipe> &pipe : ended) {
        const auto to = pipe->destination.lock();
        endPipe(*pipe);
        if (to)
            to->emitUnpipe(*this);
    }
}

void Readable::endPipe(Pipe &pipe)
{
    const auto destination = pipe.destination.lock();
    off(pipe.end);
    off(pipe.data);
    const bool waited = pipe.awaitsDrain;
    if (waited)
        stopWaiting(pipe);
    pipe.held.reset();
    if (!destination)
        return;
    release(*destination);
    destination->off(pipe.drain);
    destination->off(pipe.close);
    destination->off(pipe.finish);
    destination->removePipeErrorListener(pipe.error);
    // It waited for a 'drain' that nobody hears any more.
    if (waited && destination->writableNeedDrain() && m_awaitedDrains == 0 && !m_dataListeners.isEmpty())
        resume();
}

} // namespace loopscope::stream
