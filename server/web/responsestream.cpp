// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/responsestream.h"

#include "server/web/response.h"

#include <utility>

namespace loopscope::web {

using stream::StreamError;

ResponseStream::ResponseStream(Response *response, loop::Site site)
    : m_response(response)
    , m_site(site)
{
}

ResponseStream::~ResponseStream() = default;

void ResponseStream::doWrite(QByteArray chunk, Done done)
{
    if (m_response)
        afterWrite(m_response->write(chunk), std::move(done));
}

void ResponseStream::doWritev(std::vector<QByteArray> chunks, Done done)
{
    if (m_response)
        afterWrite(m_response->writev(chunks), std::move(done));
}

// A write may have found that the client is gone; then nothing waits.
void ResponseStream::afterWrite(bool wantsMore, Done &&done)
{
    if (wantsMore || !m_response)
        done(nullptr);
    else
        m_response->onDrain([done = std::move(done)]() mutable { done(nullptr); }, m_site);
}

// 'finish' is Node's: the last byte went to the kernel.
void ResponseStream::doFinal(Done done)
{
    if (!m_response || m_response->isEnded()) { // somebody else has ended the answer
        done(stream::makeError(StreamError::Code::WriteAfterEnd));
        return;
    }
    m_final = std::move(done);
    m_response->end();
}

void ResponseStream::responseClosed(bool whole)
{
    const auto kept = keep();
    m_response = nullptr;
    if (Done done = std::exchange(m_final, nullptr); done && whole)
        done(nullptr);
    else
        destroy();
}

// Part of the answer is out: the client must see that the rest is missing.
// Deviation: Node's ServerResponse takes the connection along in any case. Here an answer that has not begun is left to the
// handler and the error middleware: a file that cannot be opened is an error that can still be told.
void ResponseStream::doDestroy(std::exception_ptr error, Done done)
{
    Response *const response = std::exchange(m_response, nullptr);
    m_final = nullptr;
    if (response && response->headersSent())
        response->destroy();
    done(std::move(error));
}

} // namespace loopscope::web
