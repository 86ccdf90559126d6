// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/request.h"

#include "server/http/date.h"
#include "server/web/accept.h"
#include "server/web/apperror.h"
#include "server/web/conditional.h"
#include "server/web/exchange.h"
#include "server/web/percent.h"
#include "server/web/requeststream.h"

#include <QtCore/QUrlQuery>

#include <algorithm>
#include <stdexcept>

namespace loopscope::web {

using namespace Qt::StringLiterals;

void Request::reset()
{
    m_authority = {};
    m_path = {};
    m_queryString = {};
    m_baseUrlBytes = 0;
    m_params.clear();
    m_number = 0;
    m_receivedBytes = 0;
    m_buffered.clear();
    m_onData = nullptr;
    m_onEnd = nullptr;
    m_onAborted = nullptr;
    m_onRefused = nullptr;
    m_tracedData = {};
    m_tracedEnd = {};
    if (m_stream)
        m_stream->destroy();
    m_stream.reset();
    m_leftStream.reset();
    m_flowing = m_paused = m_delivering = m_ended = m_endDelivered = m_aborted = m_refused = false;
    form.clear();
    files.clear();
    json = QJsonDocument();
    text = QString();
    raw = QByteArray();
    locals.clear();
}

// RFC 9112 §3.2.2: of an absolute form, the path is what follows the authority; none with OPTIONS is "*" (§3.2.4).
void Request::setTarget()
{
    QByteArrayView target = m_head.target();
    if (!target.isEmpty() && target.front() != '/' && target != QByteArrayView("*")) {
        const qsizetype authority = target.indexOf("://") + 3;
        qsizetype end = authority;
        while (end < target.size() && target[end] != '/' && target[end] != '?')
            ++end;
        m_authority = target.sliced(authority, end - authority);
        target = target.sliced(end);
        if (target.isEmpty() && m_head.method == http::Method::Options)
            target = "*";
    }
    const qsizetype question = target.indexOf('?');
    m_path = question < 0 ? target : target.first(question);
    m_queryString = question < 0 ? QByteArrayView() : target.sliced(question + 1);
    if (m_path.isEmpty())
        m_path = "/";
}

QString Request::query(const QString &name) const
{
    QByteArray encoded = m_queryString.toByteArray();
    encoded.replace('+', "%20");
    const QUrlQuery query(QString::fromLatin1(encoded));
    if (!query.hasQueryItem(name))
        return {};
    const QString value = query.queryItemValue(name, QUrl::FullyDecoded);
    return value.isNull() ? u""_s : value; // a name without '=' has an empty value, as in a form
}

QString Request::param(QByteArrayView name) const
{
    for (const auto &[known, encoded] : m_params) {
        if (known != name)
            continue;
        const std::optional<QByteArray> decoded = decodeUriComponent(encoded);
        if (!decoded)
            throw AppError(400, u"The path's percent-encoding is malformed."_s, "ERR_BAD_PATH");
        return QString::fromUtf8(*decoded);
    }
    return {};
}

int Request::accepts(std::initializer_list<QByteArrayView> types) const
{
    return negotiate(m_head.allHeaders("Accept"), types);
}

int Request::acceptsEncodings(std::initializer_list<QByteArrayView> codings) const
{
    return negotiateEncoding(m_head.allHeaders("Accept-Encoding"), codings);
}

int Request::acceptsCharsets(std::initializer_list<QByteArrayView> charsets) const
{
    return negotiateCharset(m_head.allHeaders("Accept-Charset"), charsets);
}

int Request::acceptsLanguages(std::initializer_list<QByteArrayView> languages) const
{
    return negotiateLanguage(m_head.allHeaders("Accept-Language"), languages);
}

RangeRequest Request::range(qint64 size) const
{
    return method() == http::Method::Get ? parseRange(m_head.allHeaders("Range"), size) : RangeRequest();
}

bool Request::fresh() const
{
    const Response &response = m_exchange.response();
    const int status = response.statusCode();
    if ((status < 200 || status > 299) && status != 304)
        return false;
    return isFresh(m_head, {response.get("ETag").toByteArray(), http::parseHttpDate(response.get("Last-Modified"))});
}

bool Request::xhr() const noexcept
{
    return http::equalsIgnoringCase(get("X-Requested-With"), "XMLHttpRequest");
}

QByteArrayView Request::hostname() const noexcept
{
    const QByteArrayView authority = host();
    const qsizetype bracket = authority.startsWith('[') ? authority.indexOf(']') + 1 : 0;
    const qsizetype colon = authority.indexOf(':', bracket);
    return colon < 0 ? authority : authority.first(colon);
}

Cookies Request::cookies() const
{
    QByteArray joined; // RFC 9113 §8.2.3: several fields are one, with "; " between
    for (qsizetype i = 0; i < m_head.headerCount(); ++i) {
        if (http::equalsIgnoringCase(m_head.name(i), "Cookie"))
            joined += (joined.isEmpty() ? "" : "; ") + m_head.value(i).toByteArray();
    }
    return parseCookies(joined);
}

QString Request::cookie(QByteArrayView name) const
{
    for (const auto &[known, value] : cookies()) {
        if (known == name)
            return value.isNull() ? u""_s : value;
    }
    return {};
}

bool Request::is(QByteArrayView type) const
{
    const QByteArrayView value = get("Content-Type");
    const qsizetype semicolon = value.indexOf(';');
    return http::equalsIgnoringCase(http::trimmedOws(semicolon < 0 ? value : value.first(semicolon)), type);
}

QByteArray Request::ip() const
{
    return m_exchange.transport() ? m_exchange.transport()->peerAddress() : QByteArray();
}

net::ExchangeRef Request::hold() noexcept
{
    return net::ExchangeRef(&m_exchange);
}

// --- the body ---

void Request::onData(loop::UniqueFunction<void(QByteArrayView)> callback, loop::Site site)
{
    m_onData = std::move(callback);
    m_tracedData = TracedCallback::registered("data", site);
    startFlowing();
}

void Request::onEnd(loop::Callback callback, loop::Site site)
{
    m_onEnd = std::move(callback);
    m_tracedEnd = TracedCallback::registered("end", site);
    if (m_flowing)
        flow();
}

void Request::onAborted(loop::Callback callback)
{
    m_onAborted = std::move(callback);
}

void Request::onRefused(loop::UniqueFunction<void(std::exception_ptr)> callback)
{
    m_onRefused = std::move(callback);
}

void Request::removeAllListeners()
{
    m_onRefused = nullptr;
    m_onAborted = nullptr;
    m_onEnd = nullptr;
    m_onData = nullptr;
}

void Request::pause()
{
    m_paused = true;
    if (net::Transport *transport = m_exchange.transport())
        transport->setReading(false);
}

void Request::resume()
{
    m_paused = false;
    if (net::Transport *transport = m_exchange.transport())
        transport->setReading(true);
    if (m_flowing)
        flow();
}

// Somebody wants the body now: a client that waits is told to send it, one that announces too much is refused.
void Request::startFlowing()
{
    m_flowing = true;
    // Of a chunked body too much may have come before anybody set the limit.
    if (isTooLarge(std::max(m_head.contentLength, m_receivedBytes))) {
        refuseBody();
        return;
    }
    if (net::Transport *transport = m_exchange.transport()) {
        if (m_head.expectsContinue && m_receivedBytes == 0)
            transport->sendContinue();
        if (!m_paused)
            transport->setReading(true);
    }
    flow();
}

void Request::flow()
{
    if (m_paused || m_delivering || m_refused)
        return;
    if (m_onData && !m_buffered.isEmpty()) {
        const QByteArray bytes = std::exchange(m_buffered, QByteArray());
        deliver(bytes);
    }
    const bool allDelivered = m_buffered.isEmpty() && !m_paused && !m_refused;
    if (m_ended && allDelivered && m_onEnd && !m_endDelivered) {
        m_endDelivered = true;
        const net::ExchangeRef kept = hold();
        loop::Callback callback = std::move(m_onEnd);
        m_onEnd = nullptr;
        m_onData = nullptr; // what they hold, maybe this request, is not needed any more
        m_onAborted = nullptr;
        m_tracedEnd.run(m_number, callback);
    }
}

void Request::deliver(QByteArrayView bytes)
{
    const net::ExchangeRef kept = hold();
    // The callback may lose the client, or register another in its place: it must outlive its own call.
    struct Running {
        Request &request;
        loop::UniqueFunction<void(QByteArrayView)> callback;
        ~Running()
        {
            request.m_delivering = false;
            if (!request.m_onData && !request.m_aborted && !request.m_refused)
                request.m_onData = std::move(callback);
        }
    } running{*this, std::move(m_onData)};
    m_onData = nullptr;
    m_delivering = true;
    m_tracedData.run(m_number, [&] { running.callback(bytes); });
}

void Request::receive(QByteArrayView bytes)
{
    m_receivedBytes += bytes.size();
    if (m_refused)
        return;
    if (m_flowing && isTooLarge(m_receivedBytes)) {
        refuseBody();
        return;
    }
    if (m_flowing && m_onData && !m_paused && m_buffered.isEmpty()) {
        deliver(bytes);
        return;
    }
    m_buffered.append(bytes);
    if (m_buffered.size() >= bufferBytes) {
        if (net::Transport *transport = m_exchange.transport())
            transport->setReading(false);
    }
}

void Request::end()
{
    m_ended = true;
    if (m_flowing)
        flow();
}

void Request::abort()
{
    if (m_ended || m_aborted)
        return;
    m_aborted = true;
    const net::ExchangeRef kept = hold();
    m_onData = nullptr;
    m_onEnd = nullptr;
    if (loop::Callback callback = std::move(m_onAborted)) {
        m_onAborted = nullptr;
        callback();
    }
}

// The exchange is over. What the stream's listeners hold, maybe this request, is theirs from now on.
void Request::close()
{
    const net::ExchangeRef kept = hold();
    if (const std::shared_ptr<RequestStream> stream = std::exchange(m_stream, nullptr)) {
        m_leftStream = stream;
        if (m_ended)
            stream->leave(std::exchange(m_buffered, QByteArray()));
        else
            stream->destroy();
    }
    abort();
}

std::shared_ptr<stream::Readable> Request::stream(loop::Site site)
{
    if (m_stream)
        return m_stream;
    if (std::shared_ptr<RequestStream> left = m_leftStream.lock())
        return left;
    const auto made = std::make_shared<RequestStream>(*this, site);
    m_stream = made;
    if (!m_exchange.transport())
        close();
    return made;
}

void Request::refuseBody()
{
    m_refused = true;
    m_buffered.clear();
    const net::ExchangeRef kept = hold();
    const auto error = std::make_exception_ptr(AppError::bodyTooLarge(m_maxBodyBytes));
    if (auto refused = std::move(m_onRefused))
        refused(error);
    else
        m_exchange.fail(error);
}

// Takes a request's callbacks back when the frame that they live in ends: the request may live on.
struct Request::BodyCallbacks {
    Request &request;
    ~BodyCallbacks() { request.removeAllListeners(); }
};

// Waits for the whole body of one request. Lives in the frame of read().
struct Request::BodyAwaiter {
    Request &request;
    loop::Site site;
    QByteArray bytes;
    std::exception_ptr error;
    std::optional<loop::Resumption> resumption;

    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template<typename Promise>
    void await_suspend(std::coroutine_handle<Promise> handle)
    {
        resumption.emplace(handle.promise(), site);
        if (request.m_endDelivered || request.m_refused || request.m_stream) {
            resume(std::make_exception_ptr(std::logic_error("the body was read already")));
            return;
        }
        if (request.m_aborted) {
            resume(std::make_exception_ptr(RequestAborted()));
            return;
        }
        request.m_onRefused = [this](std::exception_ptr why) { resume(std::move(why)); };
        request.onAborted([this] { resume(std::make_exception_ptr(RequestAborted())); });
        request.m_onEnd = [this] { resume(nullptr); };
        request.m_tracedEnd = TracedCallback::registered("end", site);
        request.onData([this](QByteArrayView piece) { bytes.append(piece); }, site);
    }
    void resume(std::exception_ptr why)
    {
        if (auto once = std::exchange(resumption, std::nullopt)) {
            error = std::move(why);
            once->resume();
        }
    }
    QByteArray await_resume()
    {
        if (error)
            std::rethrow_exception(error);
        return std::move(bytes);
    }
};

loop::Task<QByteArray> Request::read(loop::Site site)
{
    const net::ExchangeRef kept = hold();
    const BodyCallbacks callbacks{*this};
    co_return co_await BodyAwaiter{*this, site, {}, {}, {}};
}

} // namespace loopscope::web
