// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/response.h"

#include "server/http/requesthead.h"
#include "server/http/status.h"
#include "server/loop/workerpool.h"
#include "server/web/accept.h"
#include "server/web/apperror.h"
#include "server/web/contentdisposition.h"
#include "server/web/exchange.h"
#include "server/web/jsonwriter.h"
#include "server/web/mediatypes.h"
#include "server/web/percent.h"
#include "server/web/responsestream.h"

#include <QtCore/QCryptographicHash>
#include <QtCore/QJsonDocument>

#include <stdexcept>

namespace loopscope::web {

using namespace Qt::StringLiterals;

namespace {

const QByteArray contentType = QByteArrayLiteral("Content-Type");

bool isOfTheConnection(QByteArrayView header)
{
    return http::equalsIgnoringCase(header, "Connection") || http::equalsIgnoringCase(header, "Transfer-Encoding")
        || http::equalsIgnoringCase(header, "Keep-Alive") || http::equalsIgnoringCase(header, "Upgrade");
}

// Corks a transport as long as it stands.
class Cork {
public:
    explicit Cork(net::Transport *transport)
        : m_transport(transport && transport->cork() ? transport : nullptr)
    {
    }
    ~Cork()
    {
        if (m_transport)
            m_transport->uncork();
    }
    Cork(const Cork &) = delete;
    Cork &operator=(const Cork &) = delete;

private:
    net::Transport *const m_transport; // null: it was corked already
};

} // namespace

void Response::reset()
{
    m_headers.clear();
    m_status = 200;
    m_contentLength = -1;
    m_headSent = m_ended = m_closed = m_waiting = false;
    m_filter.reset();
    if (m_stream)
        m_stream->responseClosed(false);
    m_stream.reset();
    m_onDrain = nullptr;
    m_tracedDrain = {};
    m_onFinish = nullptr;
    m_onClose = nullptr;
}

net::ExchangeRef Response::hold() noexcept
{
    return net::ExchangeRef(&m_exchange);
}

void Response::requireHeadOpen(const char *what) const
{
    if (m_headSent)
        throw std::logic_error(std::string("Cannot ") + what + " after the headers were sent to the client");
}

// --- the head ---

Response &Response::status(int code)
{
    requireHeadOpen("set the status");
    if (code < 200 || code > 599)
        throw std::invalid_argument("a response's status is a number from 200 to 599");
    m_status = code;
    return *this;
}

Response &Response::set(const QByteArray &header, const QByteArray &value)
{
    requireHeadOpen("set headers");
    if (isOfTheConnection(header))
        throw std::invalid_argument("the server sets " + header.toStdString() + " itself");
    if (http::equalsIgnoringCase(header, "Content-Length")) {
        bool ok = false;
        const qint64 bytes = value.toLongLong(&ok);
        if (!ok)
            throw std::invalid_argument("Content-Length is a number of bytes");
        return contentLength(bytes);
    }
    m_headers.set(header, value);
    return *this;
}

Response &Response::append(const QByteArray &header, const QByteArray &value)
{
    requireHeadOpen("set headers");
    if (isOfTheConnection(header) || http::equalsIgnoringCase(header, "Content-Length"))
        throw std::invalid_argument("the server sets " + header.toStdString() + " itself");
    m_headers.append(header, value);
    return *this;
}

Response &Response::remove(QByteArrayView header)
{
    requireHeadOpen("remove headers");
    m_headers.remove(header);
    return *this;
}

// What middleware has set stays (security, CORS, Vary, cookies); what described the answer that does not come goes. A text
// of an error is nothing else, whatever it quotes. As Express does: https://github.com/pillarjs/finalhandler
// Deviation: that leaves validators and Cache-Control, with which a cache could keep the error in the answer's place.
void Response::resetForError(const http::HeaderList &headers)
{
    if (m_headers.fields().size() > http::HeaderList::maximumFields / 2)
        m_headers.clear(); // so that there is room for the error's own
    for (const char *header : {"Content-Type", "Content-Length", "Content-Encoding", "Content-Language", "Content-Range",
                               "Content-Disposition", "Content-Location", "ETag", "Last-Modified", "Cache-Control", "Expires",
                               "Accept-Ranges", "Transfer-Encoding", "Trailer", "Location"})
        m_headers.remove(header);
    if (!m_headers.contains("Content-Security-Policy"))
        m_headers.set("Content-Security-Policy", "default-src 'none'");
    if (!m_headers.contains("X-Content-Type-Options"))
        m_headers.set("X-Content-Type-Options", "nosniff");
    for (const http::HeaderList::Field &field : headers.fields())
        m_headers.set(field.name, field.value);
    m_contentLength = -1;
}

Response &Response::type(const QByteArray &mediaType)
{
    requireHeadOpen("set headers");
    m_headers.set(contentType, mediaType);
    return *this;
}

Response &Response::contentLength(qint64 bytes)
{
    requireHeadOpen("set headers");
    if (bytes < 0)
        throw std::invalid_argument("Content-Length is a number of bytes");
    m_contentLength = bytes;
    return *this;
}

Response &Response::vary(const QByteArray &header)
{
    const QByteArrayView before = get("Vary");
    if (http::listContains(before, "*") || http::listContains(before, header))
        return *this;
    return set("Vary", before.isEmpty() || header == "*" ? header : QByteArray(before.toByteArray() + ", " + header));
}

Response &Response::location(const QByteArray &url)
{
    return set("Location", encodeUrl(url));
}

// RFC 8288 §3.
Response &Response::links(std::initializer_list<std::pair<QByteArrayView, QByteArrayView>> relations)
{
    QByteArray value = get("Link").toByteArray();
    for (const auto &[relation, url] : relations) {
        if (relation.isEmpty() || relation.contains('"') || relation.contains('\\'))
            throw std::invalid_argument("a link's relation is a name, or several with a space between");
        if (!value.isEmpty())
            value += ", ";
        value += '<' + encodeUrl(url) + ">; rel=\"" + relation.toByteArray() + '"';
    }
    return set("Link", value);
}

Response &Response::attachment(const QString &fileName)
{
    if (!fileName.isEmpty())
        type(mediaTypeOf(fileName.toUtf8()).toByteArray());
    return set("Content-Disposition", contentDisposition(fileName));
}

Response &Response::cookie(const QByteArray &name, const QString &value, const CookieOptions &options)
{
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return append("Set-Cookie", serializeCookie(name, value, options, now));
}

// Express 5 does not look at maxAge and expires here either.
Response &Response::clearCookie(const QByteArray &name, CookieOptions options)
{
    options.maxAge.reset();
    options.expires = std::chrono::sys_seconds{};
    return cookie(name, QString(), options);
}

void Response::setBodyFilter(std::unique_ptr<BodyFilter> filter)
{
    requireHeadOpen("filter the body");
    m_filter = std::move(filter);
}

// Afterwards there is a filter only if it takes part in this answer.
void Response::beginFilter(qint64 contentLength)
{
    if (m_filter && !m_filter->begin(*this, contentLength))
        m_filter.reset();
}

void Response::sendHead(qint64 contentLength)
{
    m_headSent = true;
    net::Transport *transport = m_exchange.transport();
    if (!transport)
        return;
    if (const Request &request = m_exchange.request(); request.hasBody() && !request.bodyUsed())
        transport->bodyIsLeft();
    transport->sendHead(m_status, m_headers, contentLength);
}

// --- whole answers ---

static const QByteArray &jsonType()
{
    static const QByteArray type = QByteArrayLiteral("application/json; charset=utf-8");
    return type;
}

// As the npm package etag makes it: length and SHA-1. https://github.com/jshttp/etag
static QByteArray weakEtag(QByteArrayView bytes)
{
    QCryptographicHash hash(QCryptographicHash::Sha1);
    hash.addData(bytes);
    return "W/\"" + QByteArray::number(bytes.size(), 16) + '-' + hash.result().toBase64().first(27) + '"';
}

void Response::sendWhole(QByteArrayView bytes, const QByteArray &defaultType)
{
    if (m_ended)
        throw std::logic_error("Cannot send a second answer: this one has ended");
    requireHeadOpen("send an answer");
    if (!m_headers.contains(contentType))
        m_headers.set(contentType, defaultType);
    if (m_makesEtag && m_status < 300 && !m_headers.contains("ETag"))
        m_headers.set("ETag", weakEtag(bytes));
    if (m_makesEtag && m_exchange.request().fresh()) {
        m_headers.remove(contentType);
        status(304).end();
        return;
    }
    m_contentLength = bytes.size();
    end(bytes);
}

void Response::send(const QString &text)
{
    static const QByteArray html = QByteArrayLiteral("text/html; charset=utf-8");
    sendWhole(text.toUtf8(), html);
}

void Response::send(const QByteArray &bytes)
{
    static const QByteArray binary = QByteArrayLiteral("application/octet-stream");
    sendWhole(bytes, binary);
}

void Response::json(const QJsonDocument &document)
{
    sendWhole(document.toJson(QJsonDocument::Compact), jsonType());
}

void Response::json(const JsonWriter &writer)
{
    if (!writer.isComplete())
        throw std::logic_error("An answer in JSON must be one whole value");
    sendWhole(writer.text(), jsonType());
}

void Response::redirect(const QByteArray &url, int code)
{
    status(code).location(url).type("text/plain; charset=utf-8");
    send(QByteArray(http::reasonPhrase(code).toByteArray() + ". Redirecting to " + get("Location").toByteArray() + '\n'));
}

void Response::sendStatus(int code)
{
    status(code).type("text/plain; charset=utf-8");
    send(http::reasonPhrase(code).toByteArray());
}

void Response::format(std::initializer_list<Format> formats)
{
    std::vector<QByteArrayView> types;
    for (const Format &offered : formats)
        types.push_back(offered.first);
    vary("Accept");
    const int chosen = negotiate(m_exchange.request().head().allHeaders("Accept"), types);
    if (chosen < 0)
        throw AppError(406, u"This resource has no representation that the client accepts."_s, "ERR_NOT_ACCEPTABLE");
    const Format &format = formats.begin()[chosen];
    type(format.first.toByteArray() + (format.first.startsWith("text/") ? "; charset=utf-8" : ""));
    format.second();
}

// --- in pieces ---

bool Response::write(QByteArrayView bytes)
{
    if (m_ended)
        throw std::logic_error("Cannot write after the answer has ended");
    net::Transport *transport = m_exchange.transport();
    if (!transport) // the client is gone: what is written has nowhere to go, and nothing waits
        return true;
    const Cork cork(m_headSent ? nullptr : transport);
    if (!m_headSent) {
        beginFilter(m_contentLength);
        sendHead(m_filter ? -1 : m_contentLength);
    }
    QByteArray filtered;
    if (m_filter) {
        m_filter->write(bytes, filtered);
        bytes = filtered;
    }
    m_waiting = !transport->sendData(bytes);
    return !m_waiting;
}

// As write() of each, with one system call.
bool Response::writev(const std::vector<QByteArray> &pieces)
{
    const Cork cork(m_exchange.transport());
    bool wantsMore = true;
    for (const QByteArray &piece : pieces)
        wantsMore = write(piece);
    return wantsMore;
}

void Response::end(QByteArrayView bytes)
{
    if (m_ended)
        throw std::logic_error("Cannot end an answer twice");
    net::Transport *transport = m_exchange.transport();
    const qint64 length = m_contentLength >= 0 ? m_contentLength : bytes.size();
    if (transport && !m_headSent)
        beginFilter(length);
    m_ended = true;
    if (!transport)
        return;
    if (m_filter && m_filter->wantsPool(bytes.size()) && loop::EventLoop::current()) {
        endOnPool(bytes);
        return;
    }
    if (const auto filter = std::move(m_filter)) {
        QByteArray filtered;
        filter->write(bytes, filtered);
        filter->end(filtered);
        endFiltered(filtered, m_headSent);
        return;
    }
    const net::ExchangeRef kept = hold();
    const Cork cork(transport);
    if (!m_headSent)
        sendHead(length);
    if (!bytes.isEmpty())
        transport->sendData(bytes);
    transport->sendEnd();
}

void Response::endFiltered(QByteArrayView filtered, bool headSent)
{
    net::Transport *transport = m_exchange.transport();
    if (!transport)
        return; // the client has gone meanwhile
    const net::ExchangeRef kept = hold();
    const Cork cork(transport);
    // Of HEAD's answer nothing was filtered: how much it would be is not known (RFC 9110 §8.6).
    if (!headSent)
        sendHead(m_exchange.request().method() == http::Method::Head ? -1 : filtered.size());
    if (!filtered.isEmpty())
        transport->sendData(filtered);
    transport->sendEnd();
}

// For the handler the answer has ended, its head can no longer be changed; it goes out when the worker is done. If the pool
// takes no more jobs the loop does it.
void Response::endOnPool(QByteArrayView bytes)
{
    struct Job {
        std::unique_ptr<BodyFilter> filter;
        QByteArray bytes;
        QByteArray filtered;
        void run()
        {
            filter->write(bytes, filtered);
            filter->end(filtered);
        }
    };
    const auto job = std::make_shared<Job>(Job{std::move(m_filter), bytes.toByteArray(), {}});
    const bool headSent = std::exchange(m_headSent, true);
    loop::EventLoop::current()->pool().submit(
        "compress", [job] { job->run(); },
        [this, job, headSent, kept = hold()](std::exception_ptr error) {
            try {
                if (error)
                    std::rethrow_exception(error);
            } catch (const loop::JobError &) {
                job->run();
            } catch (const std::exception &) { // no memory: the client sees that the answer is cut
                m_ended = false;
                destroy();
                return;
            }
            endFiltered(job->filtered, headSent);
        });
}

void Response::flushHeaders()
{
    if (!m_headSent && isWritable())
        write({});
}

bool Response::flush()
{
    net::Transport *transport = m_exchange.transport();
    if (!transport || !m_filter || !m_headSent)
        return !m_waiting;
    QByteArray flushed;
    m_filter->flush(flushed);
    m_waiting = !transport->sendData(flushed);
    return !m_waiting;
}

void Response::destroy()
{
    net::Transport *transport = m_exchange.transport();
    if (!transport || m_ended)
        return;
    const net::ExchangeRef kept = hold();
    transport->abort(trace::ResponseOutcome::Failed);
    m_exchange.onClosed(trace::ResponseOutcome::Failed);
}

std::shared_ptr<stream::Writable> Response::stream(loop::Site site)
{
    if (m_stream)
        return m_stream;
    const bool isOver = m_closed || !m_exchange.transport();
    const auto made = std::make_shared<ResponseStream>(isOver ? nullptr : this, site);
    if (isOver)
        made->destroy();
    else
        m_stream = made;
    return made;
}

void Response::onDrain(loop::Callback callback, loop::Site site)
{
    m_onDrain = std::move(callback);
    m_tracedDrain = TracedCallback::registered("drain", site);
}

void Response::onFinish(loop::Callback callback)
{
    m_onFinish = std::move(callback);
}

void Response::onClose(loop::Callback callback)
{
    m_onClose = std::move(callback);
}

void Response::writeContinue()
{
    if (net::Transport *transport = m_exchange.transport())
        transport->sendContinue();
}

void Response::drain()
{
    m_waiting = false;
    if (loop::Callback callback = std::move(m_onDrain)) {
        const TracedCallback traced = m_tracedDrain;
        traced.run(m_exchange.request().number(), callback);
    }
}

void Response::close(trace::ResponseOutcome outcome)
{
    if (m_closed)
        return;
    m_closed = true;
    m_filter.reset();
    const net::ExchangeRef kept = hold();
    if (const auto stream = std::exchange(m_stream, nullptr))
        stream->responseClosed(outcome == trace::ResponseOutcome::Complete);
    if (m_waiting)
        drain(); // whoever waits for the client must go on, and see that it is gone
    loop::Callback finish = std::move(m_onFinish);
    loop::Callback close = std::move(m_onClose);
    if (finish && outcome == trace::ResponseOutcome::Complete)
        finish();
    if (close)
        close();
}

// Waits until the client has taken what was written. Lives in the frame of drained().
struct Response::DrainAwaiter {
    Response &response;
    loop::Site site;
    [[nodiscard]] bool await_ready() const noexcept { return !response.m_waiting; }
    template<typename Promise>
    void await_suspend(std::coroutine_handle<Promise> handle)
    {
        response.onDrain([resumption = loop::Resumption(handle.promise(), site)]() mutable { resumption.resume(); },
                         site);
    }
    void await_resume() const noexcept { }
};

loop::Task<> Response::drained(loop::Site site)
{
    const net::ExchangeRef kept = hold();
    co_await DrainAwaiter{*this, site};
}

} // namespace loopscope::web
