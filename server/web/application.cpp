// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/application.h"

#include "server/http/requestparser.h"
#include "server/trace/trace.h"
#include "server/web/exchange.h"

#include <cstdint>

namespace loopscope::web {

Application::Application(const Options &options)
    : m_options(options)
{
    m_pool.reserve(maximumPooled);
}

Application::Application()
    : Application(Options())
{
}

Application::~Application() = default;

net::ExchangeRef Application::handle(net::Transport &transport, http::RequestHead &head)
{
    std::unique_ptr<WebExchange> exchange;
    if (m_pool.empty()) {
        exchange = std::make_unique<WebExchange>(*this);
    } else {
        exchange = std::move(m_pool.back());
        m_pool.pop_back();
    }
    ++m_exchanges;
    WebExchange *started = exchange.release();
    net::ExchangeRef reference(started); // owns it by counting; recycle() takes it back
    started->start(transport, head);
    return reference;
}

void Application::recycle(std::unique_ptr<WebExchange> exchange) noexcept
{
    --m_exchanges;
    if (m_pool.size() < maximumPooled)
        m_pool.push_back(std::move(exchange)); // within the reserved capacity
}

const char *Application::tracedName(const QByteArray &name, trace::Trace &trace)
{
    if (m_namesOf != &trace) {
        m_namesOf = &trace;
        m_names.fill({});
    }
    const auto address = reinterpret_cast<std::uintptr_t>(name.constData());
    TracedName &known = m_names[(address ^ (address >> 8)) / 16 % m_names.size()]; // 16: how malloc() aligns
    if (known.name != name.constData()) [[unlikely]]
        known = {name.constData(), trace.intern(name)};
    return known.interned;
}

namespace {

// Keeps what an exchange answers. Deletes itself when the exchange is done with it.
class InjectTransport final : public net::Transport {
public:
    explicit InjectTransport(loop::UniqueFunction<void(InjectResponse)> done)
        : m_done(std::move(done))
    {
    }

    static void run(Application &application, const InjectRequest &request,
                    loop::UniqueFunction<void(InjectResponse)> done)
    {
        auto *transport = new InjectTransport(std::move(done));
        transport->start(application, request);
        transport->leave();
    }

    bool cork() override { return false; }
    void uncork() override { }
    void sendContinue() override { }
    void sendHead(int status, const http::HeaderList &headers, qint64 contentLength) override
    {
        m_response.status = status;
        m_response.headers = headers;
        m_response.contentLength = m_expected = contentLength;
    }
    bool sendData(QByteArrayView bytes) override
    {
        if (!m_isHead)
            m_response.body.append(bytes);
        return true;
    }
    void sendEnd() override
    {
        m_response.aborted = !m_isHead && m_expected >= 0 && m_response.body.size() != m_expected;
        finish();
    }
    void abort(trace::ResponseOutcome) override
    {
        m_response.aborted = true;
        finish();
    }
    void setReading(bool) override { } // the body is in memory as it is
    [[nodiscard]] QByteArray peerAddress() const override { return {}; }
    [[nodiscard]] bool isSecure() const noexcept override { return false; }
    [[nodiscard]] quint64 requestNumber() const noexcept override { return 0; }
    [[nodiscard]] quint64 connectionNumber() const noexcept override { return 0; }

private:
    ~InjectTransport() = default;

    // The request goes through the parser like any other.
    void start(Application &application, const InjectRequest &request)
    {
        QByteArray bytes = request.method + ' ' + request.target + " HTTP/1.1\r\n";
        for (const http::HeaderList::Field &field : request.headers.fields())
            bytes += field.name + ": " + field.value + "\r\n";
        if (!request.headers.contains("Host"))
            bytes += "Host: inject\r\n";
        if (!request.body.isEmpty() && !request.headers.contains("Content-Length")
            && !request.headers.contains("Transfer-Encoding"))
            bytes += "Content-Length: " + QByteArray::number(request.body.size()) + "\r\n";
        bytes += "\r\n" + request.body;

        http::RequestParser parser(http::Limits{});
        http::EventList events;
        parser.feed(bytes, events);
        for (const http::Event &event : events)
            take(application, parser, event);
    }

    void take(Application &application, http::RequestParser &parser, const http::Event &event)
    {
        switch (event.type) {
        case http::Event::Type::Head: {
            http::RequestHead head;
            parser.takeHead(head);
            m_isHead = head.method == http::Method::Head;
            m_exchange = application.handle(*this, head);
            break;
        }
        case http::Event::Type::Data:
            if (!m_finished)
                m_exchange->onData(event.bytes);
            break;
        case http::Event::Type::End:
            if (!m_finished)
                m_exchange->onEnd();
            break;
        case http::Event::Type::Failed:
            m_response.status = http::statusOf(event.error);
            m_response.body = http::sentence(event.error);
            finish();
            break;
        }
    }

    void finish()
    {
        m_finished = true;
        if (m_started)
            deleteSelf();
    }
    // start() is over: an answer that came meanwhile is given now.
    void leave()
    {
        m_started = true;
        if (m_finished)
            deleteSelf();
    }
    void deleteSelf()
    {
        if (const net::ExchangeRef exchange = std::exchange(m_exchange, net::ExchangeRef()))
            exchange->onClosed(m_response.aborted ? trace::ResponseOutcome::Failed : trace::ResponseOutcome::Complete);
        auto done = std::move(m_done);
        InjectResponse response = std::move(m_response);
        delete this;
        done(std::move(response));
    }

    loop::UniqueFunction<void(InjectResponse)> m_done;
    net::ExchangeRef m_exchange;
    InjectResponse m_response;
    qint64 m_expected = -1;
    bool m_isHead = false;
    bool m_started = false;
    bool m_finished = false;
};

} // namespace

void Application::inject(const InjectRequest &request, loop::UniqueFunction<void(InjectResponse)> done)
{
    InjectTransport::run(*this, request, std::move(done));
}

} // namespace loopscope::web
