// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/connection.h"

#include "server/loop/uveventdispatcher.h"
#include "server/net/socket_unix.h"
#include "server/trace/trace.h"

#include <QtCore/QScopedValueRollback>
#include <QtCore/QVariant>
#include <QtNetwork/QHostAddress>
#include <QtNetwork/QAbstractSocket>

namespace loopscope::net {

using trace::CloseReason;
using trace::Kind;
using trace::ResponseOutcome;
using trace::TraceRecord;

namespace {

// From this size on, what a handler writes goes to the kernel at once instead of waiting for the callback's end.
constexpr qsizetype flushBytes = 16 * 1024;
// From this size on, a piece of a body goes to the kernel from where it lies, without a copy into the buffer.
constexpr qsizetype directBytes = 64 * 1024;
// What the kernel takes of such a body, bytes, that it has not sent yet, until the client has taken enough to be trusted.
// Its own limit is the send buffer, which on the loopback begins with 2.5 MiB: a thousand clients that read nothing would
// have as many copies made for them while the others wait.
constexpr int unsentBytes = 256 * 1024;
constexpr qint64 trustedBytes = 1024 * 1024;
// A buffer that grew beyond this is given back.
constexpr qsizetype keptBufferBytes = 256 * 1024;
// Reads at one readiness: a client that sends without a pause has to let the others in between.
constexpr int maximumReads = 4;
// Continuations with what was pipelined that run as ticks of the answer before; then the others are let in between.
constexpr int maximumContinuations = 16;

constexpr trace::BodyFraming traced(http::Framing framing)
{
    switch (framing) {
    case http::Framing::None: return trace::BodyFraming::None;
    case http::Framing::ContentLength: return trace::BodyFraming::ContentLength;
    case http::Framing::Chunked: return trace::BodyFraming::Chunked;
    }
    return trace::BodyFraming::None;
}

constexpr trace::BodyFraming traced(http::ResponseFraming framing)
{
    switch (framing) {
    case http::ResponseFraming::None: return trace::BodyFraming::None;
    case http::ResponseFraming::ContentLength: return trace::BodyFraming::ContentLength;
    case http::ResponseFraming::Chunked: return trace::BodyFraming::Chunked;
    case http::ResponseFraming::UntilClose: return trace::BodyFraming::UntilClose;
    }
    return trace::BodyFraming::None;
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
    if (!m_socket->setSocketDescriptor(descriptor, QAbstractSocket::ConnectedState,
                                       QIODevice::ReadWrite | QIODevice::Unbuffered))
        return false;
    // A small piece of a stream must not wait for the acknowledgement of the one before it.
    m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    QObject::connect(m_socket.get(), &QAbstractSocket::readyRead, m_socket.get(), [this] { onReadable(); });
    QObject::connect(m_socket.get(), &QAbstractSocket::disconnected, m_socket.get(), [this] { onDisconnected(); });
    if (trace::Recorder *recorder = m_server.tracing()) {
        m_openedAt = recorder->now();
        const QByteArray peer = peerAddress() + ':' + QByteArray::number(m_socket->peerPort());
        recorder->write(record(Kind::ConnectionOpened, m_openedAt), peer);
    }
    if (m_server.m_draining)
        m_protocol.setDraining();
    waitFor(Wait::Header);
    return true;
}

// --- the socket ---

void Connection::onReadable()
{
    if (m_closed)
        return;
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
        const trace::Recorder *recorder = m_server.tracing();
        take(QByteArrayView(m_server.m_readBuffer.data(), qsizetype(got)), recorder ? recorder->now() : 0);
        if (m_closed || got < qint64(m_server.m_readBuffer.size()))
            return;
    }
}

// Bytes read; 0 if there are none now, or no more will come.
qint64 Connection::receive()
{
    // QTcpSocket closes both ways when it reads the peer's FIN; a client that has only finished sending still wants
    // its answer. So the end is recognised before it is read.
    if (m_server.m_dispatcher->peerHasClosed(m_socket->socketDescriptor()) && m_socket->bytesAvailable() == 0) {
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
    if (m_wait == Wait::Send) {
        m_wait = Wait::Nothing;
        updateWait();
    }
    if (m_socket->bytesToWrite() > 0)
        return;
    const Cork cork(*this);
    if (m_needsDrained) {
        m_needsDrained = false;
        updateWait();
        traceBackpressure(false);
        if (m_exchange) {
            m_server.m_loop->setContext({m_request, m_number});
            const ExchangeRef kept = m_exchange;
            kept->onDrained();
        }
    }
    if (m_closed || waitingBytes() > 0)
        return;
    if (m_endPending) {
        m_server.m_loop->setContext({m_request, m_number});
        completeResponse();
    } else if (m_closing) {
        closeNow(m_closeReason);
    } else if (m_lingering) {
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
    const bool failed = writable && m_socket->write(bytes.constData(), bytes.size()) < 0;
    if (bytes.capacity() > keptBufferBytes)
        bytes = QByteArray();
    else
        bytes.resize(0);
    if (failed)
        onDisconnected();
}

qint64 Connection::waitingBytes() const
{
    return m_socket->bytesToWrite() + (m_corked ? m_server.m_out.size() : 0);
}

void Connection::watchWrites()
{
    if (m_watchesWrites)
        return;
    m_watchesWrites = true;
    QObject::connect(m_socket.get(), &QAbstractSocket::bytesWritten, m_socket.get(), [this] { onBytesWritten(); });
}

QByteArray Connection::peerAddress() const
{
    const QHostAddress address = m_socket->peerAddress();
    bool isV4 = false;
    const quint32 v4 = address.toIPv4Address(&isV4);
    return (isV4 ? QHostAddress(v4) : address).toString().toLatin1();
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
    if (m_firstByteAt == 0)
        m_firstByteAt = arrivedAt;
    http::EventList &events = m_server.m_events;
    events.clear();
    const qsizetype taken = m_protocol.feed(bytes, events);
    if (events.empty() && m_protocol.isIdle())
        m_firstByteAt = 0; // only empty lines: no request has begun
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
    const QByteArrayView target = head.target();
    m_requestLine.resize(0);
    m_requestLine.append(head.raw().first(target.data() + target.size() - head.raw().data()));
    if (trace::Recorder *recorder = m_server.tracing())
        traceHead(*recorder, head);

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
    traceChunk(Kind::BodyChunk, quint32(traced(m_requestFraming)), event.offset, event.bytes);
    if (m_exchange) {
        m_server.m_loop->setContext({m_request, m_number});
        const ExchangeRef kept = m_exchange;
        kept->onData(event.bytes);
        return;
    }
    // Nobody wants the rest of this body: it is read away so that the next request can be found, within a bound.
    m_lingeredBytes += event.bytes.size();
    if (m_lingeredBytes > m_server.m_options.limits.maxBodyBytes)
        linger(CloseReason::ByServer);
}

void Connection::onRequestEnd(qint64 bodyBytes)
{
    if (m_requestFraming != http::Framing::None) {
        if (trace::Recorder *recorder = m_server.tracing())
            traceComplete(*recorder, bodyBytes);
    }
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
    traceRefusal(error);
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
    const bool timeout = error == http::Error::HeaderTimeout || error == http::Error::RequestTimeout;
    linger(!timeout                                ? CloseReason::ByServer
               : error == http::Error::HeaderTimeout ? CloseReason::HeaderTimeout
                                                     : CloseReason::RequestTimeout);
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
    m_firstByteAt = 0;
    m_wait = Wait::Nothing;
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
}

void Connection::continueNow()
{
    m_continuing = false;
    if (m_closed)
        return;
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
    case Wait::Request: m_server.m_requestTimeouts.start(*this, now); break;
    case Wait::KeepAlive: m_server.m_keepAliveTimeouts.start(*this, now); break;
    case Wait::Send: m_server.m_sendTimeouts.start(*this, now); break;
    case Wait::Linger: m_server.m_lingerTimeouts.start(*this, now); break;
    }
    m_server.armTimer(deadline());
}

void Connection::updateWait()
{
    if (m_closed || m_lingering || m_closing)
        return;
    if (m_endPending || m_needsDrained) { // each time the client takes something it starts anew
        waitFor(Wait::Send);
    } else if (m_protocol.isIdle()) {
        if (m_served > 0 && m_wait != Wait::KeepAlive) {
            waitFor(Wait::KeepAlive);
            if (trace::Recorder *recorder = m_server.tracing()) {
                TraceRecord idle = record(Kind::ConnectionIdle, recorder->now());
                idle.value = idle.start + std::chrono::nanoseconds(m_server.m_options.timeouts.keepAlive).count();
                idle.request = 0;
                recorder->write(idle);
            }
        }
    } else if (m_protocol.inHead()) {
        waitFor(Wait::Header);
    } else {
        waitFor(m_protocol.inRequest() && m_reading ? Wait::Request : Wait::Nothing);
    }
}

void Connection::onTimeout()
{
    leave();
    const Wait expired = std::exchange(m_wait, Wait::Nothing);
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
    if (trace::Recorder *recorder = m_server.tracing()) {
        TraceRecord head = record(Kind::ResponseHead, recorder->now());
        head.value = status;
        head.detail = quint32(traced(m_protocol.responseFraming()));
        recorder->write(head, QByteArrayView(bytes).sliced(before));
        if (status >= 300 && status < 400 && headers.contains("Location"))
            recorder->write(record(Kind::Redirected, head.start), headers.value("Location"));
    }
    if (!m_corked)
        write();
}

bool Connection::sendData(QByteArrayView bytes)
{
    if (m_closed)
        return true;
    if (m_protocol.responseHasBody() && !bytes.isEmpty()) {
        const bool chunked = m_protocol.responseFraming() == http::ResponseFraming::Chunked;
        const qint64 left = m_contentLength - m_protocol.sentBodyBytes();
        traceChunk(Kind::ResponseChunk, quint32(traced(m_protocol.responseFraming())), m_protocol.sentBodyBytes(),
                   chunked || m_contentLength < 0 ? bytes : bytes.first(qMin(bytes.size(), qsizetype(left))));
    }
    if (bytes.size() >= directBytes && m_protocol.sendDataUnframed(bytes.size())) {
        write(); // what is before it
        limitUnsentBytes();
        if (!m_closed && m_socket->write(bytes.data(), bytes.size()) < 0)
            onDisconnected();
    } else {
        m_protocol.sendData(bytes, out());
    }
    if (!m_corked || out().size() >= flushBytes)
        write();
    if (waitingBytes() >= m_server.m_options.highWaterMark)
        write(); // what waits only for the callback's end does not wait for the client
    if (m_closed || m_socket->bytesToWrite() < m_server.m_options.highWaterMark)
        return true;
    if (!m_needsDrained) {
        m_needsDrained = true;
        watchWrites();
        updateWait();
        traceBackpressure(true);
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
    if (m_socket->bytesToWrite() > 0) {
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
    if (m_socket->bytesToWrite() == 0) {
        closeNow(reason);
        return;
    }
    m_closing = true;
    m_closeReason = reason;
    watchWrites();
    waitFor(Wait::Linger);
}

// Closing while the client still sends would reset the connection, and could take the answer with it that the client
// has not read yet. So: FIN, then read away what comes, for a bounded time (RFC 9112 §9.6).
void Connection::linger(CloseReason reason)
{
    if (m_closed || m_lingering)
        return;
    m_closeReason = reason;
    m_lingering = true;
    m_lingeredBytes = 0;
    m_pipelined.clear();
    if (m_inputEnded) {
        close(reason);
        return;
    }
    write();
    if (m_closed)
        return;
    if (m_socket->bytesToWrite() == 0)
        shutdownSending(m_socket->socketDescriptor());
    else
        watchWrites();
    waitFor(Wait::Linger);
    if (m_stalled)
        continueSoon();
}

void Connection::closeNow(CloseReason reason)
{
    m_closed = true;
    leave();
    m_wait = Wait::Nothing;
    m_server.bury(*this); // before anybody is told, who might cut the others
    release(reason == CloseReason::Cut               ? ResponseOutcome::Cut
                : reason == CloseReason::SendTimeout ? ResponseOutcome::TimedOut
                                                     : ResponseOutcome::ClientGone);
    if (trace::Recorder *recorder = m_server.tracing()) {
        const qint64 now = recorder->now();
        const qint64 opened = m_openedAt ? m_openedAt : now;
        TraceRecord closed = record(Kind::ConnectionClosed, opened);
        closed.duration = now - opened;
        closed.request = 0;
        closed.detail = quint32(reason);
        closed.value = qint64(m_served);
        recorder->write(closed);
    }
    m_socket->disconnect(m_socket.get());
    m_socket->abort();
}

// The exchange learns that its transport is gone.
void Connection::release(ResponseOutcome outcome)
{
    endResponse(outcome);
    if (const ExchangeRef exchange = std::exchange(m_exchange, ExchangeRef()))
        exchange->onClosed(outcome);
}

void Connection::endResponse(ResponseOutcome outcome)
{
    if (!m_answering)
        return;
    m_outcome = outcome;
    if (trace::Recorder *recorder = m_server.tracing()) {
        const qint64 now = recorder->now();
        const qint64 start = m_firstByteAt ? m_firstByteAt : now;
        TraceRecord end = record(Kind::ResponseEnd, start);
        end.duration = now - start;
        end.id = quint64(m_status);
        end.value = m_protocol.sentBodyBytes();
        end.detail = quint32(outcome);
        recorder->write(end);
    }
    m_answering = false;
}

CutConnection Connection::description() const
{
    CutConnection cut;
    cut.connection = m_number;
    cut.peer = peerAddress() + ':' + QByteArray::number(m_socket->peerPort());
    if (m_answering || (m_protocol.inRequest() && !m_protocol.inHead())) {
        cut.request = m_request;
        cut.requestLine = printable(m_requestLine);
        if (m_status != 0) {
            cut.sentBytes = m_protocol.sentBodyBytes() - m_socket->bytesToWrite();
            cut.contentLength = m_contentLength;
        }
    }
    return cut;
}

// --- trace ---

TraceRecord Connection::record(Kind kind, qint64 start) const noexcept
{
    TraceRecord r;
    r.kind = kind;
    r.start = start;
    r.request = m_answering ? m_request : 0;
    r.connection = m_number;
    return r;
}

void Connection::traceHead(trace::Recorder &recorder, const http::RequestHead &head)
{
    const qint64 now = recorder.now();
    const qint64 start = m_firstByteAt ? m_firstByteAt : now;
    TraceRecord r = record(Kind::RequestBegin, start);
    r.duration = now - start;
    r.value = head.raw().size();
    r.detail = quint32(traced(head.framing));
    recorder.write(r, head.raw());
}

void Connection::traceComplete(trace::Recorder &recorder, qint64 bodyBytes)
{
    TraceRecord r = record(Kind::RequestComplete, recorder.now());
    r.request = m_request; // the answer may have ended before the body
    r.value = bodyBytes;
    recorder.write(r);
}

void Connection::traceRefusal(http::Error error)
{
    trace::Recorder *recorder = m_server.tracing();
    if (!recorder)
        return;
    const qint64 now = recorder->now();
    if (m_answering && !m_exchange && m_status == 0) { // its head was never understood: show what came of it
        const qint64 start = m_firstByteAt ? m_firstByteAt : now;
        TraceRecord r = record(Kind::RequestBegin, start);
        r.duration = now - start;
        r.value = m_protocol.partialHead().size();
        recorder->write(r, m_protocol.partialHead());
    }
    TraceRecord r = record(Kind::ClientError, now);
    r.value = http::statusOf(error);
    r.name = http::toString(error);
    recorder->write(r);
}

void Connection::traceChunk(Kind kind, quint32 framing, qint64 offset, QByteArrayView bytes)
{
    trace::Recorder *recorder = m_server.tracing();
    if (!recorder)
        return;
    TraceRecord r = record(kind, recorder->now());
    r.request = m_request;
    r.id = quint64(offset);
    r.value = bytes.size();
    r.detail = framing;
    const qsizetype kept = qMin(bytes.size(), qsizetype(m_server.m_loop->trace()->capture.chunkBytes));
    recorder->write(r, bytes.first(kept));
}

void Connection::traceBackpressure(bool above)
{
    if (trace::Recorder *recorder = m_server.tracing()) {
        TraceRecord r = record(Kind::Backpressure, recorder->now());
        r.value = m_socket->bytesToWrite();
        r.detail = above ? 1 : 0;
        recorder->write(r);
    }
}

} // namespace loopscope::net
