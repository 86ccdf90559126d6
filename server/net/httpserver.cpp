// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/httpserver.h"

#include "server/http/date.h"
#include "server/loop/uveventdispatcher.h"
#include "server/net/connection.h"
#include "server/net/socket_unix.h"
#include "server/net/tlslistener.h"
#include "server/trace/trace.h"

#include <QtCore/QDateTime>
#include <QtCore/QSocketNotifier>
#include <QtCore/QThread>
#include <QtNetwork/QHostAddress>
#include <QtNetwork/QSslConfiguration>
#include <QtNetwork/QSslSocket>
#include <QtNetwork/QNetworkProxy>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>

#include <algorithm>

namespace loopscope::net {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using trace::CloseReason;
using trace::Kind;
using trace::TraceRecord;

namespace {

// What is read from a socket at once, bytes. One buffer serves all connections of a server.
constexpr std::size_t readBufferBytes = 64 * 1024;
// After an error of accept (no descriptor is free), how long until it is tried again.
constexpr auto acceptPause = 100ms;
// Connections accepted at one readiness: a flood of them has to let the others in between.
constexpr int maximumAccepts = 256;

// How long until a request whose time once stood still is looked at again: its timeout is that exact. 0: it has none.
std::chrono::milliseconds checkInterval(const http::Timeouts &timeouts)
{
    if (timeouts.request == 0ms)
        return 0ms;
    return std::clamp<std::chrono::milliseconds>(timeouts.request / 16, 1ms, 1s);
}

QByteArray endpoint(const QHostAddress &address, quint16 port)
{
    const QByteArray host = address.toString().toLatin1();
    const bool isV6 = address.protocol() == QAbstractSocket::IPv6Protocol;
    return (isV6 ? '[' + host + ']' : host) + ':' + QByteArray::number(port);
}

// What the server registers for itself while it stands belongs to no request, whoever's callback runs.
class OwnWork {
public:
    explicit OwnWork(loop::EventLoop &loop, quint64 connection = 0)
        : m_loop(loop)
        , m_before(loop.context())
    {
        loop.setContext({0, connection});
    }
    ~OwnWork() { m_loop.setContext(m_before); }
    OwnWork(const OwnWork &) = delete;
    OwnWork &operator=(const OwnWork &) = delete;

private:
    loop::EventLoop &m_loop;
    const loop::Context m_before;
};

} // namespace

HttpServer::HttpServer(RequestHandler &handler, const ServerOptions &options, QObject *parent)
    : QObject(parent)
    , m_handler(handler)
    , m_options(options)
    , m_lastConnection(options.lastConnection)
    , m_lastRequest(options.lastRequest)
    , m_headerTimeouts(options.timeouts.header)
    , m_requestTimeouts(options.timeouts.request)
    , m_requestChecks(checkInterval(options.timeouts))
    , m_keepAliveTimeouts(options.timeouts.keepAlive)
    , m_sendTimeouts(options.timeouts.send)
    , m_lingerTimeouts(std::max<std::chrono::milliseconds>(options.lingerTimeout, 1ms))
    , m_rateTimeouts(std::max<std::chrono::milliseconds>(options.timeouts.rateWindow, 1ms))
    , m_sendRateTimeouts(m_rateTimeouts.timeout())
    , m_readBuffer(readBufferBytes)
{
    qRegisterMetaType<QList<CutConnection>>();
}

HttpServer::~HttpServer()
{
    if (m_loop) {
        for (const loop::TimerId timer : {m_timer, m_drainTimer, m_acceptTimer})
            m_loop->clearTimer(timer);
        m_loop->clearImmediate(m_expiry);
        while (!m_connections.empty())
            m_connections.back()->cut(CloseReason::Cut);
    }
    stopListening();
}

void HttpServer::setTls(const QSslConfiguration &configuration)
{
    Q_ASSERT(!isListening());
    m_tls = std::make_unique<QSslConfiguration>(configuration);
    m_tls->setProtocol(QSsl::TlsV1_2OrLater); // RFC 8996
    // No ALPN: Qt would name its protocol to clients that did not offer it, too, who then have to give up (RFC 7301 §3.2).
    // Without it a client speaks HTTP/1.1.
    m_tls->setAllowedNextProtocols({});
    m_tls->setPeerVerifyMode(QSslSocket::VerifyNone);
    m_tls->setCaCertificates({}); // each connection would take the system's in
}

bool HttpServer::listen(const QHostAddress &address, quint16 port)
{
    Q_ASSERT(QThread::currentThread() == thread());
    m_loop = loop::EventLoop::current();
    m_dispatcher = qobject_cast<loop::UvEventDispatcher *>(QAbstractEventDispatcher::instance());
    if (!m_loop || !m_dispatcher) {
        m_error = u"The server's thread has no libuv event dispatcher (loop::UvEventDispatcher)."_s;
        return false;
    }
    std::unique_ptr<QTcpServer> listener;
    if (m_tls)
        listener = std::make_unique<TlsListener>(*this, *m_tls);
    else
        listener = std::make_unique<QTcpServer>();
    listener->setProxy(QNetworkProxy::NoProxy); // or Qt asks the system for one, which starts a thread
    listener->setListenBacklogSize(m_options.backlog);
    const bool isAnyIPv6 = address == QHostAddress(QHostAddress::AnyIPv6);
    if (!listener->listen(isAnyIPv6 ? QHostAddress(QHostAddress::Any) : address, port)) {
        const QString where = QString::fromLatin1(endpoint(address, port));
        m_error = listener->serverError() == QAbstractSocket::AddressInUseError
            ? u"%1 is in use by another program."_s.arg(where)
            : u"Cannot listen on %1: %2."_s.arg(where, listener->errorString());
        return false;
    }
    stopListening();
    m_acceptDescriptor = duplicate(listener->socketDescriptor());
    if (m_acceptDescriptor < 0) {
        m_error = u"No descriptor is free to listen with."_s;
        return false;
    }
    listener->pauseAccepting(); // for good
    m_tlsListener = m_tls ? static_cast<TlsListener *>(listener.get()) : nullptr;
    m_listener = std::move(listener);
    m_acceptNotifier = std::make_unique<QSocketNotifier>(m_acceptDescriptor, QSocketNotifier::Read);
    connect(m_acceptNotifier.get(), &QSocketNotifier::activated, this, &HttpServer::onAcceptable);
    m_handle = std::make_unique<loop::HandleReference>(*m_loop);
    m_draining = false;
    m_drainedPending = false;
    m_cut.clear();
    if (trace::Recorder *recorder = tracing()) {
        TraceRecord record;
        record.kind = Kind::Listening;
        record.start = recorder->now();
        record.value = m_listener->serverPort();
        record.detail = m_tls ? 1 : 0;
        recorder->write(record, endpoint(address, m_listener->serverPort()));
    }
    return true;
}

void HttpServer::stopListening()
{
    m_acceptNotifier.reset();
    if (m_acceptDescriptor >= 0)
        closeDescriptor(std::exchange(m_acceptDescriptor, -1));
    m_tlsListener = nullptr;
    m_listener.reset();
    m_handle.reset();
}

bool HttpServer::isListening() const
{
    return m_listener && m_listener->isListening();
}

quint16 HttpServer::port() const
{
    return m_listener ? m_listener->serverPort() : quint16(0);
}

int HttpServer::inFlight() const noexcept
{
    return int(std::count_if(m_connections.begin(), m_connections.end(),
                             [](const auto &connection) { return connection->isInFlight(); }));
}

void HttpServer::accept(qintptr descriptor)
{
    if (isOverfull()) {
        closeUnanswered(descriptor);
        return;
    }
    auto connection = std::make_unique<Connection>(*this, ++m_lastConnection);
    if (connection->open(descriptor)) // else it is no socket any more: nothing was traced of it
        admit(std::move(connection));
}

void HttpServer::accept(std::unique_ptr<QSslSocket> socket)
{
    auto connection = std::make_unique<Connection>(*this, ++m_lastConnection);
    if (connection->open(std::move(socket)))
        admit(std::move(connection));
}

void HttpServer::admit(std::unique_ptr<Connection> connection)
{
    Connection &opened = *connection;
    const bool full = isFull();
    opened.m_index = m_connections.size();
    m_connections.push_back(std::move(connection));
    opened.begin();
    if (!full && countAddress(opened))
        return;
    const http::Error error = full ? http::Error::TooManyConnections : http::Error::TooManyConnectionsOfAddress;
    ++m_refused;
    if (m_refusing < m_options.maxRefusals) {
        ++m_refusing;
        opened.turnAway(error);
    } else {
        traceUnanswered(error, opened.connectionNumber());
        opened.cut(CloseReason::ByServer);
    }
}

bool HttpServer::isFull() const noexcept
{
    return int(m_connections.size()) - m_refusing >= m_options.maxConnections;
}

void HttpServer::closeUnanswered(qintptr descriptor)
{
    ++m_refused;
    traceUnanswered(http::Error::TooManyConnections, 0);
    QTcpSocket().setSocketDescriptor(descriptor); // takes it, and closes it as it dies
}

void HttpServer::traceUnanswered(http::Error error, quint64 connection)
{
    if (trace::Recorder *recorder = tracing()) {
        TraceRecord record;
        record.kind = Kind::ClientError;
        record.start = recorder->now();
        record.connection = connection;
        record.name = http::toString(error);
        recorder->write(record);
    }
}

// False: there are too many of its address.
bool HttpServer::countAddress(Connection &connection)
{
    if (m_options.maxConnectionsPerAddress >= m_options.maxConnections)
        return true;
    QByteArray address = connection.peerAddress();
    int &count = m_ofAddress[address];
    if (count >= m_options.maxConnectionsPerAddress)
        return false;
    ++count;
    connection.m_countedAddress = std::move(address);
    return true;
}

void HttpServer::discountAddress(const Connection &connection)
{
    const auto counted = m_ofAddress.find(connection.m_countedAddress);
    if (counted != m_ofAddress.end() && --*counted == 0)
        m_ofAddress.erase(counted);
}

void HttpServer::onHandshakeFailed(const QByteArray &peer, qint64 startedAt)
{
    const quint64 number = ++m_lastConnection;
    trace::Recorder *recorder = tracing();
    if (!recorder)
        return;
    TraceRecord record;
    record.connection = number;
    record.kind = Kind::ConnectionOpened;
    record.start = startedAt ? startedAt : recorder->now();
    recorder->write(record, peer);
    const qint64 opened = std::exchange(record.start, recorder->now());
    record.kind = Kind::ClientError;
    record.name = "TlsHandshakeFailed";
    recorder->write(record);
    record.kind = Kind::ConnectionClosed;
    record.name = nullptr;
    record.duration = record.start - opened;
    record.start = opened;
    record.detail = quint32(CloseReason::Error);
    recorder->write(record);
}

// Not QTcpServer's own accepting, whose engine keeps the first error of accept for good: after a plain "nobody waits",
// no free descriptor looks like that too, and the loop spins; after no free descriptor, every batch seems to fail.
void HttpServer::onAcceptable()
{
    for (int i = 0; i < maximumAccepts && m_listener; ++i) {
        const Accepted accepted = acceptConnection(m_acceptDescriptor);
        if (accepted.descriptor >= 0) {
            m_acceptFails = false;
            if (m_tlsListener)
                m_tlsListener->take(accepted.descriptor);
            else
                accept(accepted.descriptor);
        } else if (meansNobodyWaits(accepted.error)) {
            return;
        } else if (!meansGone(accepted.error)) {
            onAcceptError(accepted.error);
            return;
        }
    }
}

// No descriptor is free, most often: clients wait in the backlog until it is tried again.
void HttpServer::onAcceptError(int error)
{
    trace::Recorder *recorder = tracing();
    if (recorder && !m_acceptFails) { // once, until a connection is accepted again
        TraceRecord record;
        record.kind = Kind::Log;
        record.start = recorder->now();
        record.detail = quint32(trace::LogLevel::Error);
        const QByteArray text = "no connection can be accepted: " + qt_error_string(error).toUtf8();
        recorder->write(record, text);
    }
    m_acceptFails = true;
    m_acceptNotifier->setEnabled(false);
    const OwnWork own(*m_loop);
    m_acceptTimer = m_loop->setTimeout(
        [this] {
            m_acceptTimer = loop::TimerId::None;
            if (m_acceptNotifier)
                m_acceptNotifier->setEnabled(true);
        },
        acceptPause);
}

void HttpServer::bury(Connection &connection)
{
    const std::size_t index = connection.m_index;
    Q_ASSERT(m_connections[index].get() == &connection);
    std::swap(m_connections[index], m_connections.back());
    m_connections[index]->m_index = index;
    m_buried.push_back(std::move(m_connections.back()));
    m_connections.pop_back();
    m_refusing -= connection.m_turnedAway ? 1 : 0;
    if (!connection.m_countedAddress.isEmpty())
        discountAddress(connection);
    if (m_buried.size() == 1) {
        const OwnWork own(*m_loop, connection.m_number);
        m_loop->onClose([this, alive = std::weak_ptr<bool>(m_alive)] {
            if (!alive.expired())
                m_buried.clear();
        });
    }
    checkDrained();
}

void HttpServer::armTimer(std::chrono::milliseconds due)
{
    if (m_timer != loop::TimerId::None) {
        if (due >= m_timerDue)
            return;
        m_loop->clearTimer(m_timer);
    }
    m_timerDue = due;
    const OwnWork own(*m_loop);
    m_timer = m_loop->setTimeout([this] { onTimer(); }, std::max(due - m_loop->now(), 1ms));
}

// Whoever is due is judged after the poll that follows: what a client sent in time may still lie in the kernel, most of all
// when a callback has held the loop for longer than the timeout. Deviation: Node closes such a connection.
void HttpServer::onTimer()
{
    m_timer = loop::TimerId::None;
    const OwnWork own(*m_loop);
    m_loop->clearImmediate(m_expiry);
    m_expiry = m_loop->setImmediate([this, now = m_loop->now()] { expire(now); });
}

// Those who were due at `now`, for a callback in between may have held the loop again.
void HttpServer::expire(std::chrono::milliseconds now)
{
    m_expiry = loop::ImmediateId::None;
    std::chrono::milliseconds next = std::chrono::milliseconds::max();
    for (TimeoutList *list : {&m_headerTimeouts, &m_requestTimeouts, &m_requestChecks, &m_keepAliveTimeouts,
                              &m_sendTimeouts, &m_lingerTimeouts, &m_rateTimeouts, &m_sendRateTimeouts}) {
        while (TimeoutEntry *entry = list->front()) {
            if (entry->deadline() > now) {
                next = std::min(next, entry->deadline());
                break;
            }
            if (list == &m_rateTimeouts)
                Connection::ofRate(*entry).onRateWindow();
            else if (list == &m_sendRateTimeouts)
                Connection::ofRate(*entry).onSendRateWindow();
            else
                Connection::of(*entry).onTimeout();
        }
    }
    if (next != std::chrono::milliseconds::max())
        armTimer(next);
}

void HttpServer::drain(std::chrono::milliseconds deadline)
{
    if (!m_loop)
        return;
    m_loop->clearTimer(m_drainTimer);
    const OwnWork own(*m_loop);
    m_drainTimer = m_loop->setTimeout([this] { cut(); }, std::max(deadline, 1ms));
    trace::Recorder *recorder = tracing();
    if (!m_draining) {
        m_draining = true;
        stopListening();
        m_drainStart = recorder ? recorder->now() : 0;
    }
    if (recorder) {
        TraceRecord record;
        record.kind = Kind::DrainBegan;
        record.start = recorder->now();
        record.value = record.start + std::chrono::nanoseconds(deadline).count();
        record.id = quint64(inFlight());
        recorder->write(record);
    }
    for (std::size_t i = m_connections.size(); i-- > 0;) // one that closes is swapped with the last
        m_connections[i]->drain();
    checkDrained();
}

void HttpServer::cut()
{
    if (!m_loop)
        return;
    if (!m_draining)
        drain(0ms);
    m_loop->clearTimer(m_drainTimer);
    m_drainTimer = loop::TimerId::None;
    while (!m_connections.empty()) {
        Connection &connection = *m_connections.back();
        if (connection.isInFlight())
            m_cut.append(connection.description());
        connection.cut(connection.isInFlight() ? CloseReason::Cut : CloseReason::Drained);
    }
    checkDrained();
}

void HttpServer::checkDrained()
{
    if (!m_draining || m_drainedPending || !m_connections.empty())
        return;
    m_drainedPending = true;
    m_loop->clearTimer(m_drainTimer);
    m_drainTimer = loop::TimerId::None;
    const OwnWork own(*m_loop);
    m_loop->setImmediate([this, alive = std::weak_ptr<bool>(m_alive)] {
        if (alive.expired())
            return;
        if (trace::Recorder *recorder = tracing()) {
            const qint64 now = recorder->now();
            TraceRecord record;
            record.kind = Kind::DrainEnded;
            record.start = m_drainStart ? m_drainStart : now;
            record.duration = now - record.start;
            record.value = m_cut.size();
            recorder->write(record);
        }
        Q_EMIT drained(m_cut);
    });
}

QByteArrayView HttpServer::date()
{
    const std::chrono::milliseconds now = m_loop->now();
    if (now >= m_dateUntil) {
        const QDateTime time = QDateTime::currentDateTimeUtc();
        m_date = http::imfFixdate(time);
        m_dateUntil = now + std::chrono::milliseconds(1000 - time.time().msec());
    }
    return m_date;
}

} // namespace loopscope::net
