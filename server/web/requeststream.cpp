// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/requeststream.h"

#include "server/web/request.h"

#include <stdexcept>
#include <utility>

namespace loopscope::web {

RequestStream::RequestStream(Request &request, loop::Site site)
    : m_request(&request)
    , m_site(site)
{
}

RequestStream::~RequestStream() = default;

void RequestStream::doRead(qsizetype)
{
    if (!m_request) {
        if (m_rest.isEmpty())
            push(nullptr);
        else
            push(std::exchange(m_rest, QByteArray()));
    } else if (m_started) {
        m_request->resume();
    } else {
        start();
    }
}

// The first read is what a client that waits with "Expect: 100-continue" is told to go on by.
void RequestStream::start()
{
    m_started = true;
    if (m_request->bodyUsed()) {
        destroy(std::make_exception_ptr(std::logic_error("the body was read already")));
        return;
    }
    m_request->onRefused([this](std::exception_ptr error) { destroy(std::move(error)); });
    m_request->onEnd([this] { push(nullptr); }, m_site);
    m_request->resume();
    m_request->onData([this](QByteArrayView bytes) { take(bytes); }, m_site);
}

void RequestStream::take(QByteArrayView bytes)
{
    if (!push(bytes.toByteArray()) && m_request)
        m_request->pause();
}

void RequestStream::leave(QByteArray rest)
{
    Request *const request = std::exchange(m_request, nullptr);
    if (request && m_started)
        request->removeAllListeners();
    m_rest = std::move(rest);
}

// What the client still sends is not wanted any more; it waits, until the answer is complete and the connection reads it away.
// Deviation: Node's IncomingMessage takes the connection along. Here a handler whose disk is full can still say so.
void RequestStream::doDestroy(std::exception_ptr error, Done done)
{
    m_rest.clear();
    Request *const request = std::exchange(m_request, nullptr);
    if (request && m_started) {
        request->removeAllListeners();
        if (!request->isComplete())
            request->pause();
    }
    done(std::move(error));
}

} // namespace loopscope::web
