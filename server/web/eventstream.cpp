// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/eventstream.h"

#include <stdexcept>

namespace loopscope::web {

namespace {

void requireOneLine(const QByteArray &field)
{
    if (field.contains('\r') || field.contains('\n') || field.contains('\0'))
        throw std::invalid_argument("an event's type and id hold no CR, LF or NUL");
}

// `prefix` and each line of the text, which CR, LF or CRLF separate; an empty text is one empty line.
void appendLines(QByteArray &out, QByteArrayView prefix, QByteArrayView text)
{
    for (;;) {
        qsizetype end = 0;
        while (end < text.size() && text[end] != '\r' && text[end] != '\n')
            ++end;
        out.append(prefix);
        out.append(text.first(end));
        out.append('\n');
        if (end == text.size())
            return;
        const bool isPair = text[end] == '\r' && end + 1 < text.size() && text[end + 1] == '\n';
        text = text.sliced(end + (isPair ? 2 : 1));
    }
}

} // namespace

QByteArray serializeEvent(const ServerSentEvent &event)
{
    requireOneLine(event.event);
    requireOneLine(event.id);
    QByteArray out;
    if (event.retry) {
        if (event.retry->count() < 0)
            throw std::invalid_argument("a client waits 0 ms or longer before it connects again");
        out += "retry: " + QByteArray::number(qint64(event.retry->count())) + '\n';
    }
    if (!event.id.isNull())
        out += "id: " + event.id + '\n';
    if (!event.event.isEmpty())
        out += "event: " + event.event + '\n';
    if (!event.data.isNull())
        appendLines(out, "data: ", event.data);
    return out + '\n';
}

QByteArray serializeComment(QByteArrayView text)
{
    QByteArray out;
    appendLines(out, ": ", text);
    return out + '\n';
}

// Shared with the callbacks that wait in the response and the loop, which hold it weakly.
struct EventStream::State : std::enable_shared_from_this<EventStream::State> {
    State(Request &request, Response &response, const Options &settings)
        : req(request)
        , res(response)
        , kept(response.hold())
        , options(settings)
    {
    }

    void start()
    {
        res.status(200).type("text/event-stream").set("Cache-Control", "no-cache").set("X-Accel-Buffering", "no");
        const std::weak_ptr<State> weak = weak_from_this();
        res.onClose([weak] {
            if (const auto self = weak.lock())
                self->lost();
        });
        res.flushHeaders();
        if (options.heartbeat.count() > 0 && open) {
            loop = loop::EventLoop::current();
            heartbeat = loop->setInterval(
                [weak] {
                    if (const auto self = weak.lock())
                        self->write(serializeComment("heartbeat"));
                },
                options.heartbeat);
        }
    }

    bool write(const QByteArray &bytes)
    {
        if (!open)
            return false;
        const auto self = shared_from_this(); // a client that is lost meanwhile may take the stream with it
        if (!waiting) {
            writeNow(bytes);
        } else if (queue.size() + bytes.size() > options.maximumQueuedBytes) {
            res.destroy();
        } else {
            queue += bytes;
        }
        return open;
    }

    void writeNow(const QByteArray &bytes)
    {
        res.write(bytes);
        if (!open || res.flush())
            return;
        waiting = open;
        res.onDrain([weak = weak_from_this()] {
            if (const auto self = weak.lock())
                self->drained();
        });
    }

    void drained()
    {
        waiting = false;
        if (open && !queue.isEmpty())
            writeNow(std::exchange(queue, QByteArray()));
    }

    void stop()
    {
        open = false;
        queue.clear();
        if (heartbeat != loop::TimerId::None)
            loop->clearTimer(std::exchange(heartbeat, loop::TimerId::None));
    }

    void lost()
    {
        const auto self = shared_from_this();
        stop();
        if (loop::Callback callback = std::move(onClosed))
            callback();
    }

    void close()
    {
        if (!open)
            return;
        const QByteArray rest = std::exchange(queue, QByteArray());
        stop();
        onClosed = nullptr;
        if (res.isWritable())
            res.end(rest);
    }

    Request &req;
    Response &res;
    const net::ExchangeRef kept;
    const Options options;
    loop::EventLoop *loop = nullptr;
    loop::TimerId heartbeat = loop::TimerId::None;
    loop::Callback onClosed;
    QByteArray queue; // while the connection is full
    bool waiting = false; // for the connection to drain
    bool open = true;
};

EventStream::EventStream(Request &request, Response &response, const Options &options)
    : m_state(std::make_shared<State>(request, response, options))
{
    m_state->start();
}

EventStream::EventStream(Request &request, Response &response)
    : EventStream(request, response, Options())
{
}

EventStream::~EventStream()
{
    if (m_state)
        m_state->close();
}

QByteArrayView EventStream::lastEventId() const noexcept
{
    return m_state->req.get("Last-Event-ID");
}

bool EventStream::send(const ServerSentEvent &event)
{
    return m_state->write(serializeEvent(event));
}

bool EventStream::comment(QByteArrayView text)
{
    return m_state->write(serializeComment(text));
}

bool EventStream::isOpen() const noexcept
{
    return m_state->open;
}

qsizetype EventStream::queuedBytes() const noexcept
{
    return m_state->queue.size();
}

void EventStream::close()
{
    m_state->close();
}

void EventStream::onClose(loop::Callback callback)
{
    m_state->onClosed = std::move(callback);
}

} // namespace loopscope::web
