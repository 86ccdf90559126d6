// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/web/request.h"
#include "server/web/response.h"

#include <chrono>
#include <memory>
#include <optional>

namespace loopscope::web {

// One message of text/event-stream. Text is UTF-8. A field whose value is null is left out; an empty `id` makes the
// client forget the last one. Without data a client dispatches nothing.
// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
struct ServerSentEvent {
    QByteArray data; // of any number of lines, which CR, LF or CRLF separate
    QByteArray event; // the type; the client's default is "message"
    QByteArray id; // comes back as Last-Event-ID
    std::optional<std::chrono::milliseconds> retry; // how long the client waits before it connects again
};

// As it goes over the wire, with the empty line that ends it. Throws std::invalid_argument if the event or the id holds
// CR, LF or NUL (they would begin a field of their own, or be ignored), or if retry is negative.
[[nodiscard]] QByteArray serializeEvent(const ServerSentEvent &event);
// A comment, which the client ignores; each line of it is one.
[[nodiscard]] QByteArray serializeComment(QByteArrayView text);

// An answer of server-sent events. Made by a handler, which keeps it as long as it has something to say; when it is
// destroyed the answer ends. It keeps the request alive. On the loop's thread; it never waits.
//
// The head goes out at once (200, no-cache; X-Accel-Buffering for proxies). Each event is flushed through a compression.
// A client that reads more slowly than events come is bounded: what the connection does not take is queued up to
// Options::maximumQueuedBytes; beyond it the client is dropped, and can connect again with its Last-Event-ID. No event is
// ever left out in the middle. The response's onDrain and onClose belong to the stream.
class EventStream {
public:
    struct Options {
        // A comment is sent this often, so that proxies keep the connection and a client that has gone is noticed. 0:
        // never. The HTML standard proposes 15 s.
        std::chrono::milliseconds heartbeat = std::chrono::seconds(15);
        // Bytes that wait here beyond what waits in the connection (net::ServerOptions::highWaterMark).
        qsizetype maximumQueuedBytes = 256 * 1024;
    };

    EventStream(Request &request, Response &response, const Options &options);
    EventStream(Request &request, Response &response);
    ~EventStream();
    EventStream(EventStream &&) noexcept = default;
    EventStream &operator=(EventStream &&) = delete;

    // What the client got last before it lost the connection; null if it says nothing.
    [[nodiscard]] QByteArrayView lastEventId() const noexcept;
    // False: the client is gone, or has just been dropped. Throws what serializeEvent() throws.
    bool send(const ServerSentEvent &event);
    bool comment(QByteArrayView text);
    // The client is there, and close() was not called.
    [[nodiscard]] bool isOpen() const noexcept;
    [[nodiscard]] qsizetype queuedBytes() const noexcept;
    // Ends the answer. What is queued still goes out if it can.
    void close();
    // Once: the client went away or was dropped. Not after close().
    void onClose(loop::Callback callback);

private:
    struct State;
    std::shared_ptr<State> m_state;
};

} // namespace loopscope::web
