// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/httpconnection.h"

#include "load/loadloop.h"

namespace loopscope::load {

HttpConnection::HttpConnection(Listener &listener, bool keepsBody)
    : m_listener(listener)
    , m_keepsBody(keepsBody)
{
    llhttp_settings_init(&m_settings);
    m_settings.on_body = &onBody;
    m_settings.on_message_complete = &onMessageComplete;
    llhttp_init(&m_parser, HTTP_RESPONSE, &m_settings);
    m_parser.data = this;
    m_socket.data = this;
    m_connect.data = this;
    m_write.data = this;
}

HttpConnection *HttpConnection::open(uv_loop_t *loop, const Address &address, Listener &listener, bool keepsBody)
{
    auto *connection = new HttpConnection(listener, keepsBody);
    if (uv_tcp_init(loop, &connection->m_socket) != 0) {
        delete connection;
        return nullptr;
    }
    if (uv_tcp_connect(&connection->m_connect, &connection->m_socket, address.get(), &onConnect) != 0) {
        connection->close();
        return nullptr;
    }
    uv_tcp_nodelay(&connection->m_socket, 1);
    return connection;
}

void HttpConnection::close()
{
    if (m_isClosing)
        return;
    m_isClosing = true;
    uv_close(reinterpret_cast<uv_handle_t *>(&m_socket), [](uv_handle_t *handle) { delete &of(handle); });
}

void HttpConnection::fail(LoadError error)
{
    if (m_isClosing)
        return;
    close();
    m_listener.failed(*this, error);
}

void HttpConnection::onConnect(uv_connect_t *request, int status)
{
    auto &self = *static_cast<HttpConnection *>(request->data);
    if (self.m_isClosing)
        return;
    if (status != 0) {
        self.m_connectError = uv_strerror(status);
        self.fail(LoadError::Connect);
        return;
    }
    self.m_isConnected = true;
    uv_read_start(self.stream(), &onAllocate, &onRead);
    if (self.m_isBusy)
        self.write();
}

// --- the request ---

void HttpConnection::send(const QByteArray &request)
{
    Q_ASSERT(!m_isBusy && !m_isClosing);
    m_request = request;
    m_isBusy = true;
    m_hasBegun = false;
    m_isWhole = false;
    m_isReusable = false;
    m_sentNs = 0;
    m_body.clear();
    llhttp_reset(&m_parser);
    if (m_isConnected)
        write();
}

// A request is small: nearly always the kernel takes it at once, and libuv has nothing to remember.
void HttpConnection::write()
{
    m_sentNs = LoadLoop::nowNs();
    // libuv only reads it; data() would copy what all requests share.
    uv_buf_t buffer = uv_buf_init(const_cast<char *>(m_request.constData()), unsigned(m_request.size()));
    const int written = uv_try_write(stream(), &buffer, 1);
    if (written == int(m_request.size()))
        return;
    if (written > 0) {
        buffer.base += written;
        buffer.len -= std::size_t(written);
    }
    // Whatever else went wrong comes back from here, and not from within send().
    if (uv_write(&m_write, stream(), &buffer, 1, &onWritten) != 0)
        qFatal("A request could not be handed to libuv");
}

void HttpConnection::onWritten(uv_write_t *request, int status)
{
    auto &self = *static_cast<HttpConnection *>(request->data);
    if (status != 0 && status != UV_ECANCELED)
        self.fail(LoadError::Closed);
}

// --- the answer ---

void HttpConnection::onAllocate(uv_handle_t *handle, std::size_t, uv_buf_t *buffer)
{
    HttpConnection &self = of(handle);
    *buffer = uv_buf_init(self.m_buffer.data(), unsigned(self.m_buffer.size()));
}

void HttpConnection::onRead(uv_stream_t *stream, ssize_t count, const uv_buf_t *)
{
    HttpConnection &self = of(reinterpret_cast<uv_handle_t *>(stream));
    if (count > 0)
        self.take(std::size_t(count));
    else if (count < 0)
        self.onPeerClosed(count == UV_EOF);
}

void HttpConnection::take(std::size_t count)
{
    if (!m_isBusy) { // an answer that nobody asked for
        fail(LoadError::Protocol);
        return;
    }
    m_hasBegun = true;
    const llhttp_errno_t result = llhttp_execute(&m_parser, m_buffer.data(), count);
    if (m_isWhole) {
        // What follows on the same connection answers nothing: it is not used again.
        m_isReusable = m_isReusable && result == HPE_OK;
        finishAnswer();
    } else if (result != HPE_OK) {
        fail(LoadError::Protocol);
    }
}

int HttpConnection::onBody(llhttp_t *parser, const char *at, std::size_t length)
{
    auto &self = *static_cast<HttpConnection *>(parser->data);
    if (!self.m_keepsBody)
        return 0;
    if (self.m_body.size() + qsizetype(length) > maximumBodyBytes)
        return HPE_USER;
    self.m_body.append(at, qsizetype(length));
    return 0;
}

int HttpConnection::onMessageComplete(llhttp_t *parser)
{
    auto &self = *static_cast<HttpConnection *>(parser->data);
    const int status = llhttp_get_status_code(parser);
    if (status >= 100 && status < 200) // interim: the answer follows (RFC 9110 §15.2)
        return 0;
    if (self.m_isWhole)
        return HPE_USER; // a second one
    self.m_isWhole = true;
    self.m_status = status;
    self.m_isReusable = llhttp_should_keep_alive(parser) != 0;
    return 0;
}

void HttpConnection::finishAnswer()
{
    m_isBusy = false;
    ++m_served;
    m_listener.answered(*this);
}

// An answer without a length ends with its connection (RFC 9112 §6.3).
void HttpConnection::onPeerClosed(bool orderly)
{
    if (m_isBusy && m_hasBegun && orderly) {
        llhttp_finish(&m_parser);
        if (m_isWhole) {
            m_isReusable = false;
            finishAnswer();
            return;
        }
    }
    fail(LoadError::Closed);
}

} // namespace loopscope::load
