// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/serverconnection.h"
#include "tests/wire/echo.h"
#include "tests/wire/wirecase.h"

namespace loopscope::test {

// A connection to an Echo without a socket: what net::Connection does around an http::ServerConnection, at its
// shortest, written down as a transcript. One connection, one thread.
class WireServer final : public net::Transport {
public:
    // What was seen and said. Equal for equal bytes, however they were split.
    struct Transcript {
        QByteArray events;
        QByteArray answers;
        bool closed = false;
        friend bool operator==(const Transcript &, const Transcript &) = default;
    };

    explicit WireServer(const http::Limits &limits)
        : m_protocol(limits)
    {
    }

    void receive(QByteArrayView bytes)
    {
        while (!bytes.isEmpty() && !m_said.closed) {
            http::EventList events;
            bytes = bytes.sliced(m_protocol.feed(bytes, events));
            take(events);
            if (!m_said.closed && m_protocol.isReadyForNext())
                m_protocol.nextRequest();
        }
    }
    void finish()
    {
        http::EventList events;
        if (!m_said.closed)
            m_protocol.endOfInput(events);
        take(events);
        m_said.closed = true;
    }
    [[nodiscard]] Transcript transcript() const
    {
        Transcript said = m_said;
        said.events += body();
        return said;
    }

    // Transport
    bool cork() override { return false; }
    void uncork() override { }
    void sendContinue() override { m_protocol.sendContinue(m_said.answers); }
    void sendHead(int status, const http::HeaderList &headers, qint64 contentLength) override
    {
        m_protocol.sendHead(status, headers, contentLength, {}, m_said.answers);
    }
    bool sendData(QByteArrayView bytes) override { return m_protocol.sendData(bytes, m_said.answers); }
    void sendEnd() override { m_protocol.sendEnd(m_said.answers); }
    void abort(trace::ResponseOutcome) override { m_said.closed = true; }
    void setReading(bool) override { }
    [[nodiscard]] QByteArray peerAddress() const override { return {}; }
    [[nodiscard]] bool isSecure() const noexcept override { return false; }
    [[nodiscard]] quint64 requestNumber() const noexcept override { return 0; }
    [[nodiscard]] quint64 connectionNumber() const noexcept override { return 0; }

private:
    void take(const http::EventList &events)
    {
        using Type = http::Event::Type;
        for (const http::Event &event : events) {
            if (m_said.closed)
                return;
            switch (event.type) {
            case Type::Head: onHead(); break;
            case Type::Data:
                Q_ASSERT(event.offset == m_body.size());
                m_body += event.bytes;
                if (m_exchange)
                    m_exchange->onData(event.bytes);
                break;
            case Type::End:
                m_said.events += body() + "end\n";
                m_body.clear();
                if (m_exchange)
                    m_exchange->onEnd();
                break;
            case Type::Failed: onFailed(event.error); break;
            }
            if (m_protocol.response() == http::ServerConnection::Response::Complete)
                m_exchange = {};
            m_said.closed = m_said.closed || m_protocol.mustClose();
        }
    }
    void onHead()
    {
        const http::RequestHead &head = m_protocol.head();
        QByteArray line = toString(head.method).toByteArray() + ' ' + escaped(head.target())
            + (head.version == http::Version::Http11 ? " 1.1" : " 1.0") + (head.keepAlive ? " keep" : " close")
            + (head.expectsContinue ? " expects" : "");
        for (qsizetype i = 0; i < head.headerCount(); ++i)
            line += " | " + head.name(i).toByteArray() + '=' + escaped(head.value(i));
        m_said.events += line + '\n';
        http::RequestHead mine;
        m_protocol.takeHead(mine);
        m_exchange = m_echo.handle(*this, mine);
    }
    void onFailed(http::Error error)
    {
        m_said.events += body() + "refused " + toString(error) + ' ' + QByteArray::number(statusOf(error)) + '\n';
        m_body.clear();
        m_exchange = {};
        if (m_protocol.response() == http::ServerConnection::Response::Expected) {
            const QByteArray text = QByteArray(http::sentence(error)) + '\n';
            http::HeaderList headers;
            headers.set("Content-Type", "text/plain; charset=utf-8");
            sendHead(statusOf(error), headers, text.size());
            sendData(text);
            sendEnd();
        }
        m_said.closed = true;
    }
    [[nodiscard]] QByteArray body() const { return m_body.isEmpty() ? QByteArray() : "body " + escaped(m_body) + '\n'; }

    http::ServerConnection m_protocol;
    Echo m_echo;
    net::ExchangeRef m_exchange;
    Transcript m_said;
    QByteArray m_body;
};

} // namespace loopscope::test
