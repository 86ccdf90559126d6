// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/headerlist.h"
#include "server/http/requesthead.h"
#include "server/trace/tracerecord.h"

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

#include <utility>

namespace loopscope::net {

class Exchange;

// The way an answer goes back: a connection, or an injected request's recorder. Used by one Exchange at a time, on the
// loop's thread. Nothing here waits; an Exchange must not use it after sendEnd(), abort() or its onClosed().
class Transport {
public:
    // Between cork() and uncork() what is sent is collected and goes out with one system call, as Node's
    // socket.cork(). False: it is corked already, by a caller further up; uncork() must not be called.
    [[nodiscard]] virtual bool cork() = 0;
    virtual void uncork() = 0;

    // http::ServerConnection's answers, in this order: [continue] head data* end.
    virtual void sendContinue() = 0;
    // `contentLength` in bytes, -1 if not known.
    virtual void sendHead(int status, const http::HeaderList &headers, qint64 contentLength) = 0;
    // False: more than the high-water mark waits for the client; the Exchange gets onDrained() when it has gone.
    virtual bool sendData(QByteArrayView bytes) = 0;
    virtual void sendEnd() = 0;
    // Ends the connection without an end of the answer, so that the client can tell it is cut short.
    virtual void abort(trace::ResponseOutcome outcome) = 0;
    // Before sendHead(): nobody has asked for the body. If it is longer than what is read away for the sake of the next
    // request, the head says "Connection: close" (RFC 9112 §9.6).
    virtual void bodyIsLeft() { }
    // Whether more of the request's body is wanted. At first: true.
    virtual void setReading(bool reading) = 0;

    // "127.0.0.1", "::1"; empty for an injected request.
    [[nodiscard]] virtual QByteArray peerAddress() const = 0;
    // The request came over TLS.
    [[nodiscard]] virtual bool isSecure() const noexcept = 0;
    [[nodiscard]] virtual quint64 requestNumber() const noexcept = 0;
    [[nodiscard]] virtual quint64 connectionNumber() const noexcept = 0;

protected:
    ~Transport() = default;
};

// One request on its way through an application. The transport tells it what comes; counted references keep it alive
// (one is the transport's, until onClosed() or the end of the answer). All on the loop's thread.
class Exchange {
public:
    // A piece of the body; `bytes` are valid during the call.
    virtual void onData(QByteArrayView bytes) = 0;
    virtual void onEnd() = 0;
    virtual void onDrained() = 0;
    // The transport is gone, before or after the answer was complete; it must not be used any more.
    virtual void onClosed(trace::ResponseOutcome outcome) = 0;

    void addReference() noexcept { ++m_references; }
    void dropReference() noexcept
    {
        if (--m_references == 0)
            recycle();
    }

protected:
    virtual ~Exchange() = default;
    // The last reference is gone: back to the pool, or deleted.
    virtual void recycle() noexcept = 0;

private:
    quint32 m_references = 0;
};

// A counted reference to an Exchange.
class ExchangeRef {
public:
    ExchangeRef() noexcept = default;
    explicit ExchangeRef(Exchange *exchange) noexcept
        : m_exchange(exchange)
    {
        if (m_exchange)
            m_exchange->addReference();
    }
    ExchangeRef(const ExchangeRef &other) noexcept
        : ExchangeRef(other.m_exchange)
    {
    }
    ExchangeRef(ExchangeRef &&other) noexcept
        : m_exchange(other.m_exchange)
    {
        other.m_exchange = nullptr;
    }
    ExchangeRef &operator=(ExchangeRef other) noexcept
    {
        std::swap(m_exchange, other.m_exchange);
        return *this;
    }
    ~ExchangeRef()
    {
        if (m_exchange)
            m_exchange->dropReference();
    }
    [[nodiscard]] Exchange *get() const noexcept { return m_exchange; }
    Exchange *operator->() const noexcept { return m_exchange; }
    explicit operator bool() const noexcept { return m_exchange != nullptr; }

private:
    Exchange *m_exchange = nullptr;
};

// What a server gives requests to; web::Application is one. It outlives the server.
class RequestHandler {
public:
    // A request's head is complete. Takes the head (by swapping), and may answer before it returns; the body, if any,
    // comes after. Called on the loop's thread.
    virtual ExchangeRef handle(Transport &transport, http::RequestHead &head) = 0;

protected:
    ~RequestHandler() = default;
};

} // namespace loopscope::net
