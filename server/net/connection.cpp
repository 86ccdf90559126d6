// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/connection.h"

#include "server/loop/uveventdispatcher.h"
#include "server/net/peername.h"
#include "server/net/socket_unix.h"

#include <QtCore/QScopedValueRollback>
#include <QtCore/QVariant>
#include <QtNetwork/QAbstractSocket>
#include <QtNetwork/QSslSocket>

namespace loopscope::net {

using trace::CloseReason;
using trace::ResponseOutcome;

namespace {

// From this size on, what a handler writes goes to the kernel at once instead of waiting for the callback's end.
constexpr qsizetype flushBytes = 16 * 1024;
// From this size on, a piece of a body goes to the kernel from where it lies, without a copy into the buffer.
constexpr qsizetype directBytes = 64 * 1024;
// What the kernel takes of a body that has become so large, bytes, that it has not sent yet, until the client has taken
// enough to be trusted. Its own limit is the send buffer, which on the loopback begins with 2.5 MiB: a thousand clients that read nothing would
// have as many copies made for them while the others wait.
constexpr int unsentBytes = 256 * 1024;
constexpr qint64 trustedBytes = 1024 * 1024;
// A buffer that grew beyond this is given back.
constexpr qsizetype keptBufferBytes = 256 * 1024;
// Reads at one readiness: a client that sends without a pause has to let the others in between.
constexpr int maximumReads = 4;
// Continuations with what was pipelined that run as ticks of the answer before; then the others are let in between.
constexpr int maximumContinuations = 16;

constexpr CloseReason closeReason(http::Error error)
{
    switch (error) {
    case http::Error::HeaderTimeout: return CloseReason::HeaderTimeout;
    case http::Error::RequestTimeout:
    case http::Error::RequestTooSlow: return CloseReason::RequestTimeout;
    default: return CloseReason::ByServer;
    }
}

QByteArray printable(QByteArrayView line)
{
    QByteArray text = line.toByteArray();
    for (char &c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            c = '?';
    }
    return text;
}

} // namespace

// Corks the connection as long as it stands.
class Connection::Cork {
public:
    explicit Cork(Connection &connection)
        : m_connection(connection)
        , m_corks(connection.cork())
    {
    }
    ~Cork()
    {
        if (m_corks)
            m_connection.uncork();
    }
    Cork(const Cork &) = delete;
    Cork &operator=(const Cork &) = delete;

private:
    Connection &m_connection;
    const bool m_corks;
};

Connection::Connection(HttpServer &server, quint64 number)
    : m_server(server)
    , m_number(number)
    , m_protocol(server.m_options.limits)
    , m_trace(*server.m_loop, number)
    , m_handle(*server.m_loop)
{
}

Connection::~Connection()
{
    if (m_exchange)
        m_exchange->onClosed(ResponseOutcome::Cut);
}

bool Connection::open(qintptr descriptor)
{
    // Not a QTcpSocket, which is always buffered when it gets a descriptor: each request would cost a FIONREAD and a
    // copy, and a client's FIN would close both ways.
    m_socket = std::make_unique<QAbstractSocket>(QAbstractSocket::TcpSocket, nullptr);
    return m_socket->setSocketDescriptor(descriptor, QAbstractSocket::ConnectedState,
                                         QIODevice::ReadWrite | QIODevice::Unbuffered);
}

bool Connection::open(std::unique_ptr<QSslSocket> socket)
{
    m_socket = std::move(socket);
    m_tls = true;
    return m_socket->state() == QAbstractSocket::ConnectedState;
}

void Connection::begin()
{
    // A small piece of a stream must not wait for the acknowledgement of the one before it.
    m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    QObject::connect(m_socket.get(), &QAbstractSocket::readyRead, m_socket.get(), [this] { onReadable(); });
    QObject::connect(m_socket.get(), &QAbstractSocket::disconnected, m_socket.get(), [this] { onDisconnected(); });
    m_trace.opened(*m_socket);
    if (m_server.m_draining)
        m_protocol.setDraining();
    waitFor(Wait::Header);
    if (m_tls && m_socket->bytesAvailable() > 0) { // what came with the handshake's end has been announced
        m_stalled = true;
        continueSoon();
    }
}

// --- the socket ---

void Connection::onReadable()
{
    if (m_closed)
        return;
    m_server.m_loop->setContext({tracedRequest(), m_number}); // a part of a head, or of a body that nobody wants, too
    const Cork cork(*this);
    for (int reads = 0; reads < maximumReads; ++reads) {
        const bool wanted = m_lingering
            || (m_reading && !m_continuing && m_pipelined.size() < m_server.m_options.maxPipelinedBytes);
        if (!wanted) { // the notifier is off until the next read
            m_stalled = true;
            return;
        }
        m_stalled = false;
        const qint64 got = receive();
        if (got <= 0 || m_closed)
            return;
        m_windowBytes = m_owing ? m_windowBytes + got : got;
        take(QByteArrayView(m_server.m_readBuffer.data(), qsizetype(got)),
             m_trace.bytesRead(m_tls ? nullptr : m_socket.get(), m_protocol.inRequest() ? tracedRequest() : 0));
        if (m_closed || got < qint64(m_server.m_readBuffer.size()))
            return;
    }
    if (m_tls && m_socket->bytesAvailable() > 0) { // a buffer is not announced twice, as the kernel's bytes are
        m_stalled = true;
        continueSoon();
    }
}

// Bytes read; 0 if there are none now, or no more will come.
qint64 Connection::receive()
{
    // QTcpSocket closes both ways when it reads the peer's FIN; a client that has only finished sending still wants
    // its answer. So the end is recognised before it is read.
    if (!m_tls && m_server.m_dispatcher->peerHasClosed(m_socket->socketDescriptor())
        && m_socket->bytesAvailable() == 0) {
        onPeerClosed();
        return 0;
    }
    std::vector<char> &buffer = m_server.m_readBuffer;
    const qint64 got = m_socket->read(buffer.data(), qint64(buffer.size()));
    if (got < 0)
        onDisconnected();
    return got;
}

void Connection::onPeerClosed()
{
    m_inputEnded = true;
    if (m_lingering) {
        closeNow(m_closeReason);
        return;
    }
    if (!m_pipelined.isEmpty()) // requests that came before the end are still answered
        return;
    if (m_protocol.isIdle() && !m_endPending) {
        close(CloseReason::ByPeer);
        return;
    }
    http::EventList events;
    m_protocol.endOfInput(events);
    if (!events.empty())
        refuse(events.front().error);
}

void Connection::onBytesWritten()
{
    if (m_closed)
        return;
    m_server.m_loop->setContext({tracedRequest(), m_number});
    if (m_wait == Wait::Send) {
        m_wait = Wait::Nothing;
        updateWait();
    }
    if (unwrittenBytes() > 0)
        return;
    const Cork cork(*this);
    if (m_needsDrained) {
        m_needsDrained = false;
        updateWait();
        m_trace.backpressure(tracedRequest(), false, unwrittenBytes());
        if (m_exchange) {
            const ExchangeRef kept = m_exchange;
            kept->onDrained();
        }
    }
    if (m_closed || waitingBytes() > 0)
        return;
    if (m_endPending) {
        completeResponse();
    } else if (m_closing) {
        closeNow(m_closeReason);
    } else if (m_lingering && !m_tls) {
        shutdownSending(m_socket->socketDescriptor());
    }
}

// The socket is closed, by the peer or by an error.
void Connection::onDisconnected()
{
    if (!m_closed)
        closeNow(m_closing || m_lingering ? m_closeReason : CloseReason::ByPeer);
}

QByteArray &Connection::out() const
{
    return m_corked ? m_server.m_out : m_server.m_outOther;
}

void Connection::write()
{
    QByteArray &bytes = out();
    if (bytes.isEmpty())
        return;
    const bool writable = !m_closed && m_socket->state() == QAbstractSocket::ConnectedState;
    m_writtenBytes += bytes.size();
    const bool failed = writable && m_socket->write(bytes.constData(), bytes.size()) < 0;
    if (bytes.capacity() > keptBufferBytes)
        bytes = QByteArray();
    else
        bytes.resize(0);
    if (failed)
        onDisconnected();
    else if (m_tls && writable)
        m_socket->flush(); // encrypts, and writes what the kernel takes; QSslSocket would wait for the loop
}

// Bytes that the kernel has not taken yet.
qint64 Connection::unwrittenBytes() const
{
    const qint64 bytes = m_socket->bytesToWrite();
    return m_tls ? bytes + static_cast<const QSslSocket &>(*m_socket).encryptedBytesToWrite() : bytes;
}

qint64 Connection::waitingBytes() const
{
    return unwrittenBytes() + (m_corked ? m_server.m_out.size() : 0);
}

void Connection::watchWrites()
{
    if (m_watchesWrites)
        return;
    m_watchesWrites = true;
    if (m_tls) { // queued, for it is emitted from within write() too
        QObject::connect(static_cast<QSslSocket *>(m_socket.get()), &QSslSocket::encryptedBytesWritten, m_socket.get(),
                         [this] { onBytesWritten(); }, Qt::QueuedConnection);
        return;
    }
    QObject::connect(m_socket.get(), &QAbstractSocket::bytesWritten, m_socket.get(), [this] { onBytesWritten(); });
}

QByteArray Connection::peerAddress() const
{
    return net::peerAddress(*m_socket);
}

// --- requests ---

void Connection::take(QByteArrayView bytes, qint64 arrivedAt)
{
    if (m_lingering) {
        readAway(bytes);
        return;
    }
    if (m_pipelined.isEmpty()) {
        const QScopedValueRollback<bool> taking(m_taking, true);
        while (!bytes.isEmpty() && canTake()) {
            const qsizetype taken = takeOne(bytes, arrivedAt);
            if (taken == 0)
                break;
            bytes = bytes.sliced(taken);
        }
    }
    if (!m_closed && !m_lingering)
        m_pipelined.append(bytes, arrivedAt);
    updateWait();
}

void Connection::takePipelined()
{
    PipelinedBytes pipelined = std::exchange(m_pipelined, PipelinedBytes()); // a handler may end the connection
    {
        const QScopedValueRollback<bool> taking(m_taking, true);
        while (!pipelined.isEmpty() && canTake()) {
            const qsizetype taken = takeOne(pipelined.bytes(), pipelined.arrivedAt());
            if (taken == 0)
                break;
            pipelined.consume(taken);
        }
    }
    if (!m_closed && !m_lingering)
        m_pipelined = std::move(pipelined);
    updateWait();
}

void Connection::readAway(QByteArrayView bytes)
{
    m_lingeredBytes += bytes.size();
    if (m_lingeredBytes > m_server.m_options.maxLingerBytes)
        closeNow(m_closeReason);
}

// Feeds the protocol to the end of one request at the most. 0: an answer is outstanding.
qsizetype Connection::takeOne(QByteArrayView bytes, qint64 arrivedAt)
{
    m_trace.byteCame(arrivedAt);
    http::EventList &events = m_server.m_events;
    events.clear();
    const qsizetype taken = m_protocol.feed(bytes, events);
    if (events.empty() && m_protocol.isIdle())
        m_trace.forgetFirstByte(); // only empty lines: no request has begun
    for (std::size_t i = 0; i < events.size() && !m_closed && !m_lingering; ++i) {
        const http::Event event = events[i];
        switch (event.type) {
        case http::Event::Type::Head: onHead(); break;
        case http::Event::Type::Data: onData(event); break;
        case http::Event::Type::End: onRequestEnd(event.offset); break;
        case http::Event::Type::Failed: refuse(event.error); break;
        }
    }
    if (!m_closed && !m_lingering && !m_endPending && m_protocol.isReadyForNext())
        finishRequest();
    return taken;
}

void Connection::onHead()
{
    m_request = ++m_server.m_lastRequest;
    m_answering = true;
    m_reading = true;
    m_status = 0;
    m_contentLength = -1;
    m_lingeredBytes = 0;
    m_server.m_loop->setContext({m_request, m_number});

    http::RequestHead &head = m_server.m_head;
    m_protocol.takeHead(head);
    m_requestFraming = head.framing;
    m_requestLength = head.framing == http::Framing::ContentLength ? head.contentLength : 0;
    m_awaitsContinue = head.expectsContinue;
    if (m_served + 1 >= quint64(m_server.m_options.maxRequestsPerConnection))
        m_protocol.setDraining();
    const QByteArrayView target = head.target();
    m_requestLine.resize(0);
    m_requestLine.append(head.raw().first(target.data() + target.size() - head.raw().data()));
    m_trace.requestBegan(m_request, head.framing, head.raw());

    ExchangeRef exchange = m_server.m_handler.handle(*this, head);
    if (!exchange)
        return;
    if (m_closed || !m_answering) // answered, or gone, before it returned
        exchange->onClosed(m_outcome);
    else
        m_exchange = std::move(exchange);
}

void Connection::onData(const http::Event &event)
{
    m_awaitsContinue = false;
    m_trace.bodyChunk(m_request, m_requestFraming, event.offset, event.bytes);
    if (m_exchange) {
        m_server.m_loop->setContext({m_request, m_number});
        const ExchangeRef kept = m_exchange;
        kept->onData(event.bytes);
        return;
    }
    // Nobody wants the rest of this body: it is read away so that the next request can be found, within a bound.
    m_lingeredBytes += event.bytes.size();
    if (m_lingeredBytes > m_server.m_options.maxLingerBytes)
        linger(CloseReason::ByServer);
}

void Connection::onRequestEnd(qint64 bodyBytes)
{
    if (m_requestFraming != http::Framing::None)
        m_trace.requestComplete(m_request, bodyBytes);
    if (m_exchange) {
        m_server.m_loop->setContext({m_request, m_number});
        const ExchangeRef kept = m_exchange;
        kept->onEnd();
    }
}

// RFC 9112 §9.3: after a request that cannot be understood nothing more can be, so the connection ends.
void Connection::refuse(http::Error error)
{
    if (!m_answering && m_protocol.response() != http::ServerConnection::Response::Complete) {
        m_request = ++m_server.m_lastRequest;
        m_answering = true;
        m_server.m_loop->setContext({m_request, m_number});
    }
    if (m_answering && !m_exchange && m_status == 0) // its head was never understood: show what came of it
        m_trace.requestBegan(m_request, http::Framing::None, m_protocol.partialHead());
    m_trace.refused(tracedRequest(), error);
    const ExchangeRef exchange = std::move(m_exchange);
    m_exchange = {};
    if (m_protocol.response() == http::ServerConnection::Response::Expected) {
        m_protocol.giveUp();
        const QByteArray text = QByteArray(http::sentence(error)) + '\n';
        http::HeaderList headers;
        headers.set(QByteArrayLiteral("Content-Type"), QByteArrayLiteral("text/plain; charset=utf-8"));
        sendHead(http::statusOf(error), headers, text.size());
        sendData(text);
        m_protocol.sendEnd(out());
        write();
        endResponse(ResponseOutcome::Complete);
    } else {
        endResponse(ResponseOutcome::Failed);
    }
    if (exchange)
        exchange->onClosed(ResponseOutcome::Failed);
    linger(closeReason(error));
}

// RFC 9110 §15.6.4, RFC 6585 §4. Nothing was asked yet, so nothing is a request in the trace.
void Connection::turnAway(http::Error error)
{
    m_turnedAway = true;
    m_trace.refused(0, error);
    m_protocol.giveUp();
    const QByteArray text = QByteArray(http::sentence(error)) + '\n';
    http::HeaderList headers;
    headers.set(QByteArrayLiteral("Content-Type"), QByteArrayLiteral("text/plain; charset=utf-8"));
    headers.set(QByteArrayLiteral("Retry-After"), QByteArray::number(qint64(m_server.m_options.retryAfter.count())));
    m_protocol.sendHead(http::statusOf(error), headers, text.size(), m_server.date(), out());
    m_protocol.sendData(text, out());
    m_protocol.sendEnd(out());
    linger(CloseReason::ByServer);
}

// Every byte of the answer went to the kernel.
void Connection::completeResponse()
{
    m_endPending = false;
    endResponse(ResponseOutcome::Complete);
    if (const ExchangeRef exchange = std::exchange(m_exchange, ExchangeRef()))
        exchange->onClosed(ResponseOutcome::Complete);
    if (m_closed)
        return;
    if (m_protocol.mustClose() || (m_server.m_draining && !m_protocol.inRequest())) {
        const CloseReason reason = m_server.m_draining ? CloseReason::Drained : CloseReason::ByServer;
        if (m_protocol.inRequest() || m_stalled || !m_pipelined.isEmpty())
            linger(reason);
        else
            close(reason);
    } else if (!m_taking && m_protocol.isReadyForNext()) {
        finishRequest();
        if (!m_closed && (!m_pipelined.isEmpty() || m_stalled || m_inputEnded))
            continueSoon();
        updateWait();
    } else if (m_protocol.inRequest()) { // what is left of its body is read away, whether somebody wants it or not
        m_reading = true;
        if (m_stalled)
            continueSoon();
        if (!m_taking)
            updateWait();
    }
}

void Connection::finishRequest()
{
    ++m_served;
    m_trace.forgetFirstByte();
    m_reading = true; // whether its body was wanted to the end or not
    m_wait = Wait::Nothing;
    m_owing = false;
    m_owedTime = {};
    m_rate.leave();
    m_protocol.nextRequest();
    if (m_server.m_draining)
        close(CloseReason::Drained);
}

// What waits is taken up in a callback of its own, not on the stack of the handler that has just answered.
void Connection::continueSoon()
{
    if (m_continuing)
        return;
    m_continuing = true;
    // What it will run for is not known yet; surely not for the layer that has just answered.
    const loop::Context before = m_server.m_loop->context();
    m_server.m_loop->setContext({0, m_number});
    // The server keeps a closed connection until the close phase, which comes after every tick and immediate.
    auto callback = [this, alive = std::weak_ptr<bool>(m_server.m_alive)] {
        if (!alive.expired())
            continueNow();
    };
    if (++m_continuations < maximumContinuations) {
        m_server.m_loop->nextTick(std::move(callback));
    } else {
        m_continuations = 0;
        m_server.m_loop->setImmediate(std::move(callback));
    }
    m_server.m_loop->setContext(before);
}

void Connection::continueNow()
{
    m_continuing = false;
    if (m_closed)
        return;
    m_server.m_loop->setContext({tracedRequest(), m_number});
    {
        const Cork cork(*this);
        if (!m_pipelined.isEmpty())
            takePipelined();
    }
    if (m_closed)
        return;
    if (m_inputEnded)
        onPeerClosed();
    else if (m_stalled)
        onReadable();
}

void Connection::waitFor(Wait wait)
{
    if (wait == m_wait)
        return;
    m_wait = wait;
    const std::chrono::milliseconds now = m_server.m_loop->now();
    switch (wait) {
    case Wait::Nothing: leave(); return;
    case Wait::Header: m_server.m_headerTimeouts.start(*this, now); break;
    case Wait::Request:
        if (requestTime() == std::chrono::milliseconds::zero())
            m_server.m_requestTimeouts.start(*this, now);
        else // some of its time is gone: it would not be the last in that list to expire
            m_server.m_requestChecks.start(*this, now);
        break;
    case Wait::KeepAlive: m_server.m_keepAliveTimeouts.start(*this, now); break;
    case Wait::Send: m_server.m_sendTimeouts.start(*this, now); break;
    case Wait::Linger: m_server.m_lingerTimeouts.start(*this, now); break;
    }
    if (isMember()) // else its timeout is 0
        m_server.armTimer(deadline());
}

void Connection::updateWait()
{
    updateOwing();
    updateSendRate();
    if (m_closed || m_lingering || m_closing)
        return;
    if (m_endPending || m_needsDrained) { // each time the client takes something it starts anew
        waitFor(Wait::Send);
    } else if (m_protocol.isIdle()) {
        if (m_served > 0 && m_wait != Wait::KeepAlive) {
            waitFor(Wait::KeepAlive);
            m_trace.idle(m_server.m_options.timeouts.keepAlive);
        }
    } else if (m_protocol.inHead()) {
        waitFor(Wait::Header);
    } else {
        waitFor(wantsBody() ? Wait::Request : Wait::Nothing);
    }
}

bool Connection::wantsBody() const noexcept
{
    return m_protocol.inRequest() && m_reading && !m_awaitsContinue;
}

// As long as the client owes bytes, the request's own time runs and its rate is watched.
void Connection::updateOwing()
{
    const bool owing = canTake() && !m_closing && (m_protocol.inHead() || wantsBody());
    if (owing == m_owing)
        return;
    m_owing = owing;
    const std::chrono::milliseconds now = m_server.m_loop->now();
    if (!owing) {
        m_owedTime += now - m_owingSince;
        m_rate.leave();
        return;
    }
    m_owingSince = now;
    if (m_server.m_options.limits.minimumRate > 0) {
        m_server.m_rateTimeouts.start(m_rate, now);
        m_server.armTimer(m_rate.deadline());
    }
}

// As long as bytes of an answer wait for the client, the rate at which it takes them is watched.
void Connection::updateSendRate()
{
    const bool waits = (m_endPending || m_needsDrained) && !m_closed && !m_lingering && !m_closing;
    if (waits == m_sendRate.isMember())
        return;
    if (!waits) {
        m_sendRate.leave();
    } else if (m_server.m_options.limits.minimumSendRate > 0) {
        m_takenBytes = -1;
        m_server.m_sendRateTimeouts.start(m_sendRate, m_server.m_loop->now());
        m_server.armTimer(m_sendRate.deadline());
    }
}

// What the client's system has acknowledged. What ours has taken says little: it lets a writer go on when a third of
// its buffer is free, which takes a slow client longer than a window.
qint64 Connection::takenBytes() const
{
    return m_writtenBytes - unwrittenBytes() - unacknowledgedBytes(m_socket->socketDescriptor());
}

// Of the request's time, what the client has used.
std::chrono::milliseconds Connection::requestTime() const noexcept
{
    return m_owing ? m_owedTime + (m_server.m_loop->now() - m_owingSince) : m_owedTime;
}

void Connection::onRateWindow()
{
    m_rate.leave();
    const auto window = m_server.m_rateTimeouts.timeout();
    if (m_windowBytes * 1000 >= m_server.m_options.limits.minimumRate * window.count()) {
        m_windowBytes = 0;
        m_server.m_rateTimeouts.start(m_rate, m_server.m_loop->now());
        m_server.armTimer(m_rate.deadline());
        return;
    }
    m_server.m_loop->setContext({tracedRequest(), m_number});
    const Cork cork(*this);
    m_protocol.giveUp();
    refuse(http::Error::RequestTooSlow);
}

// The first window only fills the buffers on the way, and costs no system call at its beginning.
void Connection::onSendRateWindow()
{
    m_sendRate.leave();
    const auto window = m_server.m_sendRateTimeouts.timeout();
    const qint64 before = std::exchange(m_takenBytes, takenBytes());
    if (before >= 0 && (m_takenBytes - before) * 1000 < m_server.m_options.limits.minimumSendRate * window.count()) {
        m_server.m_loop->setContext({tracedRequest(), m_number});
        closeNow(CloseReason::SendTimeout);
        return;
    }
    m_server.m_sendRateTimeouts.start(m_sendRate, m_server.m_loop->now());
    m_server.armTimer(m_sendRate.deadline());
}

void Connection::onTimeout()
{
    leave();
    const Wait expired = std::exchange(m_wait, Wait::Nothing);
    m_server.m_loop->setContext({tracedRequest(), m_number});
    const Cork cork(*this);
    switch (expired) {
    case Wait::Nothing: break;
    case Wait::Header:
        if (m_protocol.inHead()) {
            m_protocol.giveUp();
            refuse(http::Error::HeaderTimeout);
        } else {
            close(CloseReason::HeaderTimeout);
        }
        break;
    case Wait::Request:
        if (requestTime() < m_server.m_options.timeouts.request) {
            waitFor(Wait::Request);
            break;
        }
        m_protocol.giveUp();
        refuse(http::Error::RequestTimeout);
        break;
    case Wait::KeepAlive: close(CloseReason::IdleTimeout); break;
    case Wait::Send: closeNow(CloseReason::SendTimeout); break;
    case Wait::Linger: closeNow(m_closeReason); break;
    }
}

// --- Transport ---

// The buffer is the server's and one connection's at a time: whoever comes second writes through.
bool Connection::cork()
{
    if (m_server.m_outInUse)
        return false;
    m_corked = true;
    m_server.m_outInUse = true;
    return true;
}

void Connection::uncork()
{
    Q_ASSERT(m_corked);
    write();
    m_corked = false;
    m_server.m_outInUse = false;
}

void Connection::sendContinue()
{
    if (m_closed)
        return;
    m_protocol.sendContinue(out());
    write(); // the client waits for it
    m_awaitsContinue = false;
    if (!m_taking)
        updateWait();
}

void Connection::sendHead(int status, const http::HeaderList &headers, qint64 contentLength)
{
    m_status = status;
    m_contentLength = contentLength;
    if (m_closed)
        return;
    QByteArray &bytes = out();
    const qsizetype before = bytes.size();
    m_protocol.sendHead(status, headers, contentLength, m_server.date(), bytes);
    m_trace.responseHead(tracedRequest(), status, m_protocol.responseFraming(), headers,
                         QByteArrayView(bytes).sliced(before));
    if (!m_corked)
        write();
}

void Connection::bodyIsLeft()
{
    if (m_requestLength > m_server.m_options.maxLingerBytes)
        m_protocol.setDraining();
}

bool Connection::sendData(QByteArrayView bytes)
{
    if (m_closed)
        return true;
    if (m_protocol.responseHasBody() && !bytes.isEmpty()) {
        const bool chunked = m_protocol.responseFraming() == http::ResponseFraming::Chunked;
        const qint64 left = m_contentLength - m_protocol.sentBodyBytes();
        const bool whole = chunked || m_contentLength < 0;
        m_trace.responseChunk(m_request, m_protocol.responseFraming(), m_protocol.sentBodyBytes(),
                              whole ? bytes : bytes.first(qMin(bytes.size(), qsizetype(left))));
    }
    if (m_protocol.sentBodyBytes() + bytes.size() >= directBytes)
        limitUnsentBytes();
    if (bytes.size() >= directBytes && m_protocol.sendDataUnframed(bytes.size())) {
        write(); // what is before it
        m_writtenBytes += bytes.size();
        if (!m_closed && m_socket->write(bytes.data(), bytes.size()) < 0)
            onDisconnected();
    } else {
        m_protocol.sendData(bytes, out());
    }
    if (!m_corked || out().size() >= flushBytes)
        write();
    if (waitingBytes() >= m_server.m_options.highWaterMark)
        write(); // what waits only for the callback's end does not wait for the client
    if (m_closed || unwrittenBytes() < m_server.m_options.highWaterMark)
        return true;
    if (!m_needsDrained) {
        m_needsDrained = true;
        watchWrites();
        updateWait();
        m_trace.backpressure(tracedRequest(), true, unwrittenBytes());
    }
    return false;
}

void Connection::limitUnsentBytes()
{
    const bool limits = m_protocol.sentBodyBytes() < trustedBytes;
    if (m_closed || m_limitsUnsent == limits)
        return;
    m_limitsUnsent = limits;
    limitUnsent(m_socket->socketDescriptor(), limits ? unsentBytes : 0);
}

void Connection::sendEnd()
{
    if (m_closed)
        return;
    m_protocol.sendEnd(out());
    write();
    if (m_closed)
        return;
    if (unwrittenBytes() > 0) {
        m_endPending = true;
        watchWrites();
        updateWait();
        return;
    }
    completeResponse();
}

void Connection::abort(ResponseOutcome outcome)
{
    if (m_closed)
        return;
    write();
    if (m_closed)
        return;
    endResponse(outcome);
    m_exchange = {};
    closeNow(CloseReason::ByServer);
}

void Connection::setReading(bool reading)
{
    if (m_reading == reading)
        return;
    m_reading = reading;
    if (m_closed)
        return;
    if (reading && m_stalled)
        continueSoon();
    if (!m_taking)
        updateWait();
}

// --- ends ---

void Connection::drain()
{
    m_protocol.setDraining();
    if (!m_closed && !m_lingering && !isInFlight())
        close(CloseReason::Drained);
}

void Connection::cut(CloseReason reason)
{
    if (!m_closed)
        closeNow(reason);
}

// Closes when everything written has gone to the kernel.
void Connection::close(CloseReason reason)
{
    if (m_closed)
        return;
    write();
    if (m_closed)
        return;
    if (unwrittenBytes() == 0) {
        closeNow(reason);
        return;
    }
    m_closing = true;
    m_closeReason = reason;
    updateOwing();
    updateSendRate();
    watchWrites();
    waitFor(Wait::Linger);
}

// Closing while the client still sends would reset the connection, and could take the answer with it that the client
// has not read yet. So: FIN, then read away what comes, for a bounded time (RFC 9112 §9.6).
// Deviation: with TLS no close_notify goes before that, for QSslSocket would close with it; the client has the answer's
// length and its "Connection: close".
void Connection::linger(CloseReason reason)
{
    if (m_closed || m_lingering)
        return;
    m_closeReason = reason;
    m_lingering = true;
    m_lingeredBytes = 0;
    m_pipelined.clear();
    updateOwing();
    updateSendRate();
    if (m_inputEnded) {
        close(reason);
        return;
    }
    write();
    if (m_closed)
        return;
    if (unwrittenBytes() > 0)
        watchWrites();
    else if (!m_tls)
        shutdownSending(m_socket->socketDescriptor());
    waitFor(Wait::Linger);
    if (m_stalled)
        continueSoon();
}

void Connection::closeNow(CloseReason reason)
{
    m_closed = true;
    leave();
    m_rate.leave();
    m_sendRate.leave();
    m_wait = Wait::Nothing;
    m_server.bury(*this); // before anybody is told, who might cut the others
    release(reason == CloseReason::Cut               ? ResponseOutcome::Cut
                : reason == CloseReason::SendTimeout ? ResponseOutcome::TimedOut
                                                     : ResponseOutcome::ClientGone);
    m_trace.closed(reason, m_served);
    m_socket->disconnect(m_socket.get());
    // close_notify says that nothing is missing (RFC 9112 §9.8), so an answer that was cut short goes without
    if (m_tls && m_outcome == ResponseOutcome::Complete && unwrittenBytes() == 0) {
        m_socket->disconnectFromHost();
        m_socket->flush(); // or abort() drops it with QSslSocket's buffer
    }
    m_socket->abort();
}

// The exchange learns that its transport is gone.
void Connection::release(ResponseOutcome outcome)
{
    endResponse(outcome);
    const ExchangeRef exchange = std::exchange(m_exchange, ExchangeRef());
    if (!exchange)
        return;
    const loop::Context before = m_server.m_loop->context(); // of whoever cuts the connection
    m_server.m_loop->setContext({m_request, m_number});
    exchange->onClosed(outcome);
    m_server.m_loop->setContext(before);
}

void Connection::endResponse(ResponseOutcome outcome)
{
    if (!m_answering)
        return;
    m_outcome = outcome;
    m_trace.responseEnd(m_request, m_status, m_protocol.sentBodyBytes(), outcome);
    m_answering = false;
}

CutConnection Connection::description() const
{
    CutConnection cut;
    cut.connection = m_number;
    cut.peer = peerName(*m_socket);
    if (m_answering || (m_protocol.inRequest() && !m_protocol.inHead())) {
        cut.request = m_request;
        cut.requestLine = printable(m_requestLine);
        if (m_status != 0) {
            cut.sentBytes = qMax<qint64>(0, m_protocol.sentBodyBytes() - unwrittenBytes());
            cut.contentLength = m_contentLength;
        }
    }
    return cut;
}

} // namespace loopscope::net
