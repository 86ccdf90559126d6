// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/exchange.h"

#include "server/http/status.h"
#include "server/loop/eventloop.h"
#include "server/trace/trace.h"
#include "server/web/apperror.h"
#include "server/web/log.h"

#include <algorithm>

namespace loopscope::web {

using trace::Kind;
using trace::TraceRecord;
using namespace Qt::StringLiterals;

namespace {

constexpr trace::LayerKind traced(Layer::Kind kind)
{
    switch (kind) {
    case Layer::Kind::Middleware: return trace::LayerKind::Middleware;
    case Layer::Kind::Mount: return trace::LayerKind::RouterMount;
    case Layer::Kind::Route: return trace::LayerKind::Route;
    case Layer::Kind::Error: return trace::LayerKind::Error;
    }
    return trace::LayerKind::BuiltIn;
}

trace::Recorder *recorderOfThisThread()
{
    loop::EventLoop *loop = loop::EventLoop::current();
    return loop ? loop->tracing() : nullptr;
}

quint8 methodBit(http::Method method)
{
    return quint8(1u << unsigned(method));
}

bool routeTakes(const Layer &layer, http::Method method)
{
    return (layer.methods & methodBit(method))
        || (method == http::Method::Head && (layer.methods & methodBit(http::Method::Get)));
}

} // namespace

// Times one layer's call and writes it as Kind::Layer when it has returned.
class WebExchange::Traced {
public:
    Traced(WebExchange &exchange, quint32 token, const QByteArray &name, loop::Site site, trace::LayerKind kind)
        : m_exchange(exchange)
        , m_recorder(recorderOfThisThread())
        , m_site(site)
        , m_kind(kind)
    {
        exchange.m_runs.push_back({token, 0, -1});
        if (!m_recorder)
            return;
        m_order = ++exchange.m_layers;
        m_name = exchange.m_application.tracedName(name, *loop::EventLoop::current()->trace());
        m_request = exchange.m_request.number();
        m_loop = loop::EventLoop::current();
        m_outer = m_loop->context();
        m_loop->setLayer(m_order, m_name);
        const qint64 start = m_recorder->now();
        exchange.m_runs.back().start = start;
        m_before = m_recorder->setLive({start, m_name, site.file, quint32(site.line), m_request, m_loop->phase()});
    }
    ~Traced()
    {
        const Run run = m_exchange.m_runs.back();
        m_exchange.m_runs.pop_back();
        if (!m_recorder)
            return;
        m_recorder->setLive(m_before);
        m_loop->setLayer(m_outer.layer, m_outer.layerName);
        TraceRecord record;
        record.kind = Kind::Layer;
        record.start = run.start;
        record.duration = m_recorder->now() - run.start;
        record.id = m_order;
        record.request = m_request;
        record.name = m_name;
        record.file = m_site.file;
        record.line = quint32(m_site.line);
        record.value = run.nextAt;
        record.detail = quint32(m_kind);
        m_recorder->write(record);
    }
    Traced(const Traced &) = delete;
    Traced &operator=(const Traced &) = delete;

private:
    WebExchange &m_exchange;
    trace::Recorder *m_recorder;
    loop::EventLoop *m_loop = nullptr;
    loop::Context m_outer; // whose layer runs on when this one has returned
    loop::Site m_site;
    trace::LayerKind m_kind;
    trace::LiveSlice m_before;
    const char *m_name = nullptr;
    quint32 m_order = 0;
    quint64 m_request = 0;
};

WebExchange::WebExchange(Application &application)
    : m_application(application)
    , m_applicationAlive(application.m_alive)
    , m_request(*this)
    , m_response(*this)
{
}

WebExchange::~WebExchange() = default;

void WebExchange::start(net::Transport &transport, http::RequestHead &head)
{
    m_transport = &transport;
    std::swap(m_request.m_head, head);
    m_request.m_number = transport.requestNumber();
    m_request.m_secure = transport.isSecure();
    m_request.m_bodyCeiling = m_application.options().bodyCeiling;
    m_request.setMaxBodyBytes(m_application.options().maxBodyBytes);
    m_request.setTarget();
    m_response.m_makesEtag = m_application.options().etag;
    m_frames.push_back({&m_application, 0, 0, 0, 0});
    if (m_request.m_head.contentLength > m_request.m_bodyCeiling) [[unlikely]] // whoever would have read it, or nobody
        advance(std::make_exception_ptr(AppError::bodyTooLarge(m_request.m_bodyCeiling)));
    else
        advance(nullptr);
}

void WebExchange::recycle() noexcept
{
    m_frames.clear();
    m_token = 0;
    m_layers = 0;
    m_allowed = 0;
    m_transport = nullptr;
    m_request.reset();
    m_response.reset();
    std::unique_ptr<WebExchange> self(this);
    if (!m_applicationAlive.expired())
        m_application.recycle(std::move(self));
}

// --- the transport's side ---

void WebExchange::onData(QByteArrayView bytes)
{
    m_request.receive(bytes);
}

void WebExchange::onEnd()
{
    m_request.end();
}

void WebExchange::onDrained()
{
    m_response.drain();
}

void WebExchange::onClosed(trace::ResponseOutcome outcome)
{
    m_transport = nullptr;
    m_response.close(outcome);
    m_request.close();
}

// --- the way through the layers ---

void WebExchange::markNext(quint32 token)
{
    const auto run = std::find_if(m_runs.rbegin(), m_runs.rend(), [&](const Run &r) { return r.token == token; });
    if (run != m_runs.rend()) {
        if (const trace::Recorder *recorder = recorderOfThisThread(); recorder && run->start)
            run->nextAt = recorder->now() - run->start;
        return;
    }
    if (trace::Recorder *recorder = recorderOfThisThread()) { // its function has returned before
        TraceRecord record;
        record.kind = Kind::LayerNext;
        record.start = recorder->now();
        record.id = m_layers;
        record.request = m_request.number();
        recorder->write(record);
    }
}

void WebExchange::next(quint32 token, std::exception_ptr error)
{
    if (m_applicationAlive.expired())
        return;
    if (token != m_token) {
        if (error && !m_response.isEnded())
            fail(error);
        else
            log(trace::LogLevel::Warning, "next() was called twice by the same middleware; the second call changes nothing");
        return;
    }
    markNext(token);
    advance(error);
}

void WebExchange::fail(std::exception_ptr error)
{
    if (m_applicationAlive.expired())
        return;
    if (m_frames.empty())
        finish(error);
    else
        advance(error);
}

Layer *WebExchange::findLayer(bool failed, qsizetype &prefixBytes)
{
    Frame &frame = m_frames.back();
    std::vector<Layer> &layers = frame.router->layers();
    const QByteArrayView path = m_request.path().sliced(frame.prefixBytes);
    m_request.m_params.resize(frame.params);
    while (frame.index < layers.size()) {
        Layer &layer = layers[frame.index++];
        if (layer.kind == Layer::Kind::Mount) {
            if (const qsizetype bytes = layer.pattern.matchPrefix(path, m_request.m_params); bytes >= 0) {
                prefixBytes = frame.prefixBytes + bytes;
                return &layer;
            }
        } else if (failed != (layer.kind == Layer::Kind::Error)) {
            continue;
        } else if (layer.kind != Layer::Kind::Route) {
            if (const qsizetype bytes = layer.pattern.matchPrefix(path, m_request.m_params); bytes >= 0) {
                prefixBytes = frame.prefixBytes + bytes;
                return &layer;
            }
        } else if (layer.pattern.match(path, m_request.m_params) >= 0) {
            if (routeTakes(layer, m_request.method())) {
                prefixBytes = frame.prefixBytes;
                return &layer;
            }
            m_allowed |= layer.methods;
            m_request.m_params.resize(frame.params);
        }
    }
    return nullptr;
}

void WebExchange::advance(std::exception_ptr error)
{
    while (!m_frames.empty()) {
        qsizetype prefixBytes = 0;
        if (Layer *layer = findLayer(error != nullptr, prefixBytes)) {
            run(*layer, prefixBytes, error);
            return;
        }
        const quint32 mount = m_frames.back().token;
        m_frames.pop_back();
        if (mount != 0)
            markNext(mount);
    }
    finish(error);
}

void WebExchange::run(Layer &layer, qsizetype prefixBytes, std::exception_ptr error)
{
    const net::ExchangeRef kept(this);
    const quint32 token = ++m_token;
    const Traced traced(*this, token, layer.name, layer.site, web::traced(layer.kind));
    if (layer.kind == Layer::Kind::Mount) {
        m_frames.push_back({layer.mounted.get(), 0, prefixBytes, m_request.m_params.size(), token});
        advance(error);
        return;
    }
    m_request.m_baseUrlBytes = prefixBytes;
    if (layer.kind == Layer::Kind::Route && layer.options.maxBodyBytes >= 0)
        m_request.setMaxBodyBytes(layer.options.maxBodyBytes);
    try {
        if (layer.kind == Layer::Kind::Error)
            layer.errorHandler(error, m_request, m_response, Next(kept, token));
        else
            layer.handler(m_request, m_response, Next(kept, token));
    } catch (...) {
        if (m_token == token)
            advance(std::current_exception());
        else // it had passed on before it threw
            fail(std::current_exception());
    }
}

// --- when no layer is left ---

void WebExchange::finish(std::exception_ptr error)
{
    ++m_token; // nobody may call next() any more
    if (!m_transport)
        return;
    static const QByteArray notFound = QByteArrayLiteral("notFound");
    static const QByteArray errorHandler = QByteArrayLiteral("built-in error handler");
    const Traced traced(*this, m_token, error ? errorHandler : notFound, loop::Site::here(), trace::LayerKind::BuiltIn);
    if (error)
        answerError(error);
    else if (!m_response.headersSent() && !m_response.isEnded())
        answerNotFound();
}

void WebExchange::answerNotFound()
{
    if (m_request.path() == QByteArrayView("*")) // RFC 9110 §9.3.7: of the server as a whole; with OPTIONS alone
        m_allowed = m_application.methods() | methodBit(http::Method::Options);
    if (m_allowed == 0) {
        m_response.status(404).type("text/plain; charset=utf-8");
        m_response.send(QByteArray("Cannot " + http::toString(m_request.method()).toByteArray() + ' '
                                   + m_request.path().toByteArray() + '\n'));
        return;
    }
    // RFC 9110 §15.5.6, §9.3.7: a path that exists says which methods it has.
    QByteArray allow;
    if (m_allowed & methodBit(http::Method::Get))
        m_allowed |= methodBit(http::Method::Head);
    m_allowed |= methodBit(http::Method::Options);
    for (int i = 0; i < http::methodCount; ++i) {
        if (m_allowed & (1u << unsigned(i)))
            allow += (allow.isEmpty() ? "" : ", ") + http::toString(static_cast<http::Method>(i)).toByteArray();
    }
    m_response.set("Allow", allow);
    if (m_request.method() == http::Method::Options) {
        m_response.status(204).end();
        return;
    }
    m_response.status(405).type("text/plain; charset=utf-8");
    m_response.send(QByteArray("This resource allows " + allow + ".\n"));
}

void WebExchange::answerError(std::exception_ptr error)
{
    int status = 500;
    QByteArray text = "Internal Server Error\n";
    http::HeaderList headers;
    try {
        std::rethrow_exception(error);
    } catch (const AppError &appError) { // operational: the client may know
        status = appError.status();
        text = appError.message().toUtf8() + '\n';
        if (m_application.options().environment == Application::Environment::Development)
            text = QByteArray(appError.what()) + '\n';
        headers = appError.headers();
        log(trace::LogLevel::Info, QByteArray(appError.code() + (appError.code().isEmpty() ? "" : ": ") + appError.what()));
    } catch (const RequestAborted &) {
        log(trace::LogLevel::Info, "the client went away");
        return;
    } catch (const std::exception &exception) { // a programmer error: logged whole
        log(trace::LogLevel::Error, exception.what());
        if (m_application.options().environment == Application::Environment::Development)
            text = QByteArray(exception.what()) + '\n';
    } catch (...) {
        log(trace::LogLevel::Error, "something was thrown that is no std::exception");
    }
    if (m_response.isEnded()) // it was answered; the log has the rest
        return;
    if (m_response.headersSent()) { // no second answer: the client must see that this one is cut short
        m_transport->abort(trace::ResponseOutcome::Failed);
        onClosed(trace::ResponseOutcome::Failed);
        return;
    }
    m_response.resetForError(headers);
    m_response.status(status).type("text/plain; charset=utf-8");
    m_response.send(text);
}

// --- Next ---

void Next::operator()() const
{
    static_cast<WebExchange *>(m_exchange.get())->next(m_token, nullptr);
}

void Next::operator()(std::exception_ptr error) const
{
    static_cast<WebExchange *>(m_exchange.get())->next(m_token, std::move(error));
}

} // namespace loopscope::web
