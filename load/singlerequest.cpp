// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/singlerequest.h"

#include "load/loadloop.h"

#include <utility>

namespace loopscope::load {

SingleRequest::SingleRequest(LoadLoop &loop, const Address &address)
    : m_connection(HttpConnection::open(loop.uv(), address, *this, true))
{
    if (m_connection)
        return;
    m_error = LoadError::Connect;
    m_connectError = "no socket could be opened";
    m_endedNs = LoadLoop::nowNs();
}

SingleRequest::~SingleRequest()
{
    if (m_connection)
        m_connection->close();
}

bool SingleRequest::isReady() const
{
    return m_error || (m_connection && m_connection->isConnected());
}

void SingleRequest::send(const QByteArray &request)
{
    if (m_connection)
        m_connection->send(request);
}

void SingleRequest::answered(HttpConnection &connection)
{
    m_endedNs = LoadLoop::nowNs();
    m_sentNs = connection.sentNs();
    m_status = connection.status();
    m_body = connection.body();
    std::exchange(m_connection, nullptr)->close();
}

void SingleRequest::failed(HttpConnection &connection, LoadError error)
{
    m_endedNs = LoadLoop::nowNs();
    m_sentNs = connection.sentNs();
    m_connectError = connection.connectError();
    m_error = error;
    m_connection = nullptr;
}

} // namespace loopscope::load
