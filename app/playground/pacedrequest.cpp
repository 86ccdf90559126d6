// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/pacedrequest.h"

#include <QtCore/QUrl>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

namespace loopscope::app {

namespace {

// What the socket may hold of an answer that we have not read yet, bytes: the rest stays with the kernel and the
// server feels it as backpressure.
constexpr qint64 readBufferBytes = 256 * 1024;

// RFC 9110 §5.6.2
bool isToken(QByteArrayView text)
{
    constexpr QByteArrayView marks = "!#$%&'*+-.^_`|~";
    return !text.isEmpty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || marks.contains(c);
    });
}

bool hasControls(QByteArrayView text)
{
    return std::any_of(text.begin(), text.end(), [](char c) { return (uchar(c) < 0x20 && c != '\t') || c == 0x7f; });
}

QByteArray valueOf(const QList<HeaderField> &headers, QByteArrayView name)
{
    ResponseHead head;
    head.headers = headers;
    return head.header(name);
}

bool hasHeader(const QList<HeaderField> &headers, QByteArrayView name)
{
    return std::any_of(headers.begin(), headers.end(),
                       [&](const HeaderField &h) { return name.compare(h.name, Qt::CaseInsensitive) == 0; });
}

bool isChunked(const PacedRequest::Request &request)
{
    return valueOf(request.headers, "transfer-encoding").trimmed().toLower() == "chunked";
}

// A body is announced for the methods that give it a meaning, even when it is empty (RFC 9110 §8.6).
bool announcesLength(const PacedRequest::Request &request)
{
    return !request.body.isEmpty() || request.method == "POST" || request.method == "PUT"
        || request.method == "PATCH";
}

QByteArray hostAndPort(const QString &host, quint16 port)
{
    const QByteArray name = host.contains(u':') ? '[' + host.toLatin1() + ']' : QUrl::toAce(host);
    return (name.isEmpty() ? host.toLatin1() : name) + ':' + QByteArray::number(port);
}

QByteArray serialiseHead(const PacedRequest::Request &request)
{
    QByteArray head = request.method + ' ' + request.target + " HTTP/1.1\r\n";
    const auto add = [&](QByteArrayView name, QByteArrayView value) {
        head.append(name).append(": ").append(value).append("\r\n");
    };
    if (!hasHeader(request.headers, "host"))
        add("Host", hostAndPort(request.host, request.port));
    for (const HeaderField &field : request.headers)
        add(field.name, field.value);
    if (!hasHeader(request.headers, "content-length") && !isChunked(request) && announcesLength(request))
        add("Content-Length", QByteArray::number(request.body.size()));
    if (!hasHeader(request.headers, "connection"))
        add("Connection", "close"); // each exchange has a connection of its own
    return head.append("\r\n");
}

} // namespace

PacedRequest::PacedRequest(Request request, QObject *parent)
    : QObject(parent)
    , m_request(std::move(request))
{
    m_pauseTimer.setSingleShot(true);
    m_pauseTimer.setTimerType(Qt::PreciseTimer);
    m_timeoutTimer.setTimerType(Qt::PreciseTimer); // a coarse one may come 5 % too early
    m_timeoutTimer.setSingleShot(true);
    connect(&m_pauseTimer, &QTimer::timeout, this, &PacedRequest::sendNextPiece);
    connect(&m_timeoutTimer, &QTimer::timeout, this, [this] {
        fail(m_state == State::Connecting
                 ? tr("The server did not accept the connection within %1 s.").arg(m_request.timeout.count() / 1000.0)
                 : tr("Nothing was heard from the server for %1 s.").arg(m_request.timeout.count() / 1000.0));
    });
}

PacedRequest::~PacedRequest()
{
    dropSocket();
}

QString PacedRequest::problemWith(const Request &request)
{
    if (!isToken(request.method))
        return tr("“%1” is no HTTP method.").arg(QString::fromUtf8(request.method));
    if (request.host.isEmpty() || request.port == 0)
        return tr("There is no server to send this to: start the server first.");
    if (!request.target.startsWith('/') && request.target != "*")
        return tr("A path starts with “/”.");
    if (hasControls(request.target) || request.target.contains(' '))
        return tr("A path has no spaces and no control characters: write them as %20 and the like.");
    for (const HeaderField &field : request.headers) {
        if (!isToken(field.name))
            return tr("“%1” is no name of a header.").arg(QString::fromUtf8(field.name));
        if (hasControls(field.value))
            return tr("The header “%1” has a line break or a control character in its value.")
                .arg(QString::fromUtf8(field.name));
    }
    if (request.pieces < 1 || request.pieces > maximumPieces)
        return tr("A request is sent in 1 to %1 pieces.").arg(maximumPieces);
    if (request.pause.count() < 0 || request.pause > maximumPause)
        return tr("The pause between pieces is 0 to %1 ms.").arg(maximumPause.count());
    if (request.body.size() > maximumBodyBytes)
        return tr("A body has at most 64 MiB here.");
    return {};
}

QList<QByteArray> PacedRequest::split(const QByteArray &bytes, int pieces)
{
    QList<QByteArray> parts;
    const qsizetype count = std::clamp<qsizetype>(pieces, 1, std::max<qsizetype>(bytes.size(), 1));
    qsizetype from = 0;
    for (qsizetype i = 0; i < count; ++i) {
        const qsizetype to = bytes.size() * (i + 1) / count;
        parts.append(bytes.mid(from, to - from));
        from = to;
    }
    return parts;
}

QList<QByteArray> PacedRequest::serialise(const Request &request)
{
    const QByteArray head = serialiseHead(request);
    if (request.body.isEmpty() && !isChunked(request))
        return split(head, request.pieces);
    QList<QByteArray> parts = split(request.body, request.pieces);
    if (isChunked(request)) { // RFC 9112 §7.1
        for (QByteArray &part : parts) {
            if (!part.isEmpty())
                part = QByteArray::number(part.size(), 16) + "\r\n" + part + "\r\n";
        }
        parts.last() += "0\r\n\r\n";
    }
    parts.first().prepend(head);
    return parts;
}

std::chrono::nanoseconds PacedRequest::elapsed() const
{
    if (m_state == State::New)
        return std::chrono::nanoseconds(0);
    return m_state == State::Ended ? m_total : std::chrono::nanoseconds(m_clock.nsecsElapsed());
}

void PacedRequest::start()
{
    Q_ASSERT(m_state == State::New);
    m_clock.start();
    m_state = State::Connecting;
    if (const QString problem = problemWith(m_request); !problem.isEmpty()) {
        QMetaObject::invokeMethod(this, [this, problem] { fail(problem); }, Qt::QueuedConnection);
        return;
    }
    beginExchange();
}

void PacedRequest::beginExchange()
{
    dropSocket();
    m_state = State::Connecting;
    m_pieces = serialise(m_request);
    m_nextPiece = 0;
    m_pieceInFlight = false;
    m_head = {};
    m_body.clear();
    m_bodyBytes = 0;
    const auto onHead = [this](const ResponseHead &head) {
        m_head = head;
        Q_EMIT headReceived(head, elapsed());
    };
    const auto onBody = [this](QByteArrayView bytes) {
        m_bodyBytes += bytes.size();
        if (m_body.size() < maximumKeptBytes)
            m_body.append(bytes.first(std::min(bytes.size(), maximumKeptBytes - m_body.size())));
        Q_EMIT bodyReceived(bytes.toByteArray(), elapsed());
    };
    m_reader = std::make_unique<ResponseReader>(ResponseReader::Events{onHead, onBody}, m_request.method == "HEAD");
    m_socket = std::make_unique<QTcpSocket>();
    m_socket->setReadBufferSize(readBufferBytes);
    connect(m_socket.get(), &QTcpSocket::connected, this, [this] {
        m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1); // without Nagle a piece is a segment
        m_state = State::Exchanging;
        Q_EMIT connected(elapsed());
        if (m_state == State::Exchanging)
            sendNextPiece();
    });
    connect(m_socket.get(), &QTcpSocket::bytesWritten, this, &PacedRequest::noteWritten);
    connect(m_socket.get(), &QTcpSocket::readyRead, this, &PacedRequest::read);
    connect(m_socket.get(), &QTcpSocket::errorOccurred, this, &PacedRequest::onSocketError);
    m_timeoutTimer.start(m_request.timeout);
    m_socket->connectToHost(m_request.host, m_request.port);
}

void PacedRequest::sendNextPiece()
{
    if (m_state != State::Exchanging || m_nextPiece >= m_pieces.size())
        return;
    m_pieceInFlight = true;
    m_socket->write(m_pieces.at(m_nextPiece));
    m_socket->flush();
    noteWritten();
}

void PacedRequest::noteWritten()
{
    m_timeoutTimer.start(m_request.timeout);
    if (!m_pieceInFlight || !m_socket || m_socket->bytesToWrite() > 0)
        return;
    m_pieceInFlight = false;
    const qint64 bytes = std::exchange(m_pieces[m_nextPiece], {}).size();
    ++m_nextPiece;
    Q_EMIT pieceSent(m_nextPiece, int(m_pieces.size()), bytes, elapsed());
    if (m_state == State::Exchanging && m_nextPiece < m_pieces.size())
        m_pauseTimer.start(m_request.pause);
}

void PacedRequest::read()
{
    while (m_state == State::Exchanging && m_socket->bytesAvailable() > 0) {
        m_timeoutTimer.start(m_request.timeout);
        const QByteArray bytes = m_socket->read(readBufferBytes);
        const bool understood = m_reader->feed(bytes);
        if (m_state != State::Exchanging) // a receiver of our signals cancelled
            return;
        if (!understood) {
            fail(tr("The answer is not HTTP/1: %1.").arg(QString::fromUtf8(m_reader->errorString())));
            return;
        }
        if (m_reader->isComplete()) {
            completeExchange();
            return;
        }
    }
}

void PacedRequest::onSocketError(QAbstractSocket::SocketError error)
{
    if (m_state != State::Connecting && m_state != State::Exchanging)
        return;
    if (error == QAbstractSocket::RemoteHostClosedError) {
        onPeerClosed();
        return;
    }
    const QString server = QString::fromLatin1(hostAndPort(m_request.host, m_request.port));
    if (error == QAbstractSocket::ConnectionRefusedError)
        fail(tr("Nothing listens on %1: start the server first.").arg(server));
    else if (error == QAbstractSocket::HostNotFoundError)
        fail(tr("There is no host “%1”.").arg(m_request.host));
    else
        fail(tr("The connection to %1 failed: %2.").arg(server, m_socket->errorString()));
}

void PacedRequest::onPeerClosed()
{
    read(); // what came before the end
    if (m_state != State::Exchanging)
        return;
    if (m_reader->finish()) {
        completeExchange();
    } else if (!m_reader->hasBegun()) {
        fail(m_nextPiece < m_pieces.size() ? tr("The server closed the connection before the request was sent whole.")
                                           : tr("The server closed the connection without an answer."));
    } else {
        const QByteArray length = m_head.header("content-length");
        fail(length.isEmpty()
                 ? tr("The server closed the connection in the middle of the answer, after %n byte(s).", nullptr,
                      int(std::min<qint64>(m_bodyBytes, std::numeric_limits<int>::max())))
                 : tr("The server closed the connection in the middle of the answer: %1 of %2 bytes arrived.")
                       .arg(m_bodyBytes)
                       .arg(QString::fromLatin1(length)));
    }
}

void PacedRequest::completeExchange()
{
    if (m_request.followRedirects && followRedirect())
        return;
    if (m_state == State::Ended) // the redirect could not be followed
        return;
    end();
    Q_EMIT finished(m_total);
}

// RFC 9110 §15.4; a POST becomes a GET at 301 and 302 as the Fetch standard has it. True if a new exchange began.
bool PacedRequest::followRedirect()
{
    const int status = m_head.status;
    if (status != 301 && status != 302 && status != 303 && status != 307 && status != 308)
        return false;
    const QByteArray location = m_head.header("location");
    if (location.isEmpty())
        return false;
    QUrl base(u"http://"_s + QString::fromLatin1(hostAndPort(m_request.host, m_request.port)));
    base.setPath(u"/"_s);
    const QUrl current = base.resolved(QUrl::fromEncoded(m_request.target));
    const QUrl next = current.resolved(QUrl::fromEncoded(location));
    // Elsewhere is not followed: the playground drives one server.
    if (next.scheme() != "http"_L1 || next.host() != base.host() || next.port(80) != m_request.port)
        return false;
    if (++m_redirects > maximumRedirects) {
        fail(tr("The server answered with more than %1 redirects in a row.").arg(maximumRedirects));
        return false;
    }
    m_request.target = next.toEncoded(QUrl::RemoveScheme | QUrl::RemoveAuthority | QUrl::RemoveFragment);
    if (!m_request.target.startsWith('/'))
        m_request.target.prepend('/');
    if (status < 307 && m_request.method != "HEAD") {
        m_request.method = "GET";
        m_request.body.clear();
        m_request.pieces = 1;
        m_request.headers.removeIf([](const HeaderField &h) {
            const QByteArray name = h.name.toLower();
            return name.startsWith("content-") || name == "transfer-encoding" || name == "expect";
        });
    }
    Q_EMIT redirected(m_request.method, m_request.target, elapsed());
    if (m_state == State::Exchanging)
        beginExchange();
    return true;
}

void PacedRequest::cancel()
{
    if (!isRunning())
        return;
    end();
    Q_EMIT cancelled(m_total);
}

void PacedRequest::fail(const QString &sentence)
{
    if (!isRunning())
        return;
    end();
    Q_EMIT failed(sentence, m_total);
}

void PacedRequest::end()
{
    m_total = elapsed();
    m_state = State::Ended;
    dropSocket();
}

// The socket may be the sender of the running signal, so it dies later.
void PacedRequest::dropSocket()
{
    m_pauseTimer.stop();
    m_timeoutTimer.stop();
    if (!m_socket)
        return;
    m_socket->disconnect(this);
    m_socket->abort();
    m_socket.release()->deleteLater();
}

} // namespace loopscope::app
