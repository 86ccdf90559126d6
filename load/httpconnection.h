// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "load/address.h"
#include "load/loadtally.h"

#include <QtCore/QByteArray>

#include <llhttp.h>
#include <uv.h>

#include <array>

namespace loopscope::load {

// One keep-alive connection of a load: HTTP/1.1 requests go out one after another, each answer is read whole.
//
// Made by open() on the loop's thread, which all of it is for. Whoever opened it keeps a plain pointer until close(),
// or until failed() has said that it is gone; the object deletes itself when libuv has closed it. It knows no due times
// and no deadlines, sends nothing twice, and never waits.
class HttpConnection final {
public:
    // Of an answer's body that is kept; a longer one is a Protocol error. That of an experiment has a few hundred
    // bytes.
    static constexpr qsizetype maximumBodyBytes = 1024 * 1024;
    // Read at once, bytes: what a probe answers fits in.
    static constexpr std::size_t readBytes = 4'096;

    class Listener {
    public:
        // The answer is whole: status(), body(). The connection can send the next if isReusable(), else close it.
        virtual void answered(HttpConnection &connection) = 0;
        // It has closed itself, with a request under way (isBusy()) or without: forget the pointer.
        virtual void failed(HttpConnection &connection, LoadError error) = 0;

    protected:
        ~Listener() = default;
    };

    // Begins to connect. Null if the system has no socket to give. `keepsBody`: of answers, for body(); else only
    // their end matters. The listener outlives the connection's last call, which close() is.
    [[nodiscard]] static HttpConnection *open(uv_loop_t *loop, const Address &address, Listener &listener,
                                              bool keepsBody);
    HttpConnection(const HttpConnection &) = delete;
    HttpConnection &operator=(const HttpConnection &) = delete;

    // Sends a whole request, at once or as soon as it is connected. Only while not isBusy().
    void send(const QByteArray &request);
    // The listener hears nothing more. The object is gone a turn later.
    void close();

    [[nodiscard]] bool isConnected() const noexcept { return m_isConnected; }
    // A request was given and its answer is not whole.
    [[nodiscard]] bool isBusy() const noexcept { return m_isBusy; }
    [[nodiscard]] bool isReusable() const noexcept { return m_isReusable; }
    // Of the request under way: a byte of its answer has come.
    [[nodiscard]] bool hasBegun() const noexcept { return m_hasBegun; }
    // Answers so far.
    [[nodiscard]] quint64 served() const noexcept { return m_served; }
    // When the latest request was given to the kernel, ns; 0 while it waits for the connection.
    [[nodiscard]] qint64 sentNs() const noexcept { return m_sentNs; }
    // Of the latest answer.
    [[nodiscard]] int status() const noexcept { return m_status; }
    [[nodiscard]] const QByteArray &body() const noexcept { return m_body; }
    // Why connecting failed: libuv's words.
    [[nodiscard]] const char *connectError() const noexcept { return m_connectError; }

    // Its owner's: when the request under way was due, ns; whether it went out once before; the connection's place.
    qint64 dueNs = 0;
    bool isRetry = false;
    std::size_t slot = 0;

private:
    HttpConnection(Listener &listener, bool keepsBody);
    ~HttpConnection() = default;

    static HttpConnection &of(uv_handle_t *handle) { return *static_cast<HttpConnection *>(handle->data); }
    static void onConnect(uv_connect_t *request, int status);
    static void onAllocate(uv_handle_t *handle, std::size_t suggested, uv_buf_t *buffer);
    static void onRead(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer);
    static void onWritten(uv_write_t *request, int status);
    static int onBody(llhttp_t *parser, const char *at, std::size_t length);
    static int onMessageComplete(llhttp_t *parser);

    [[nodiscard]] uv_stream_t *stream() noexcept { return reinterpret_cast<uv_stream_t *>(&m_socket); }
    void write();
    void take(std::size_t count);
    void finishAnswer();
    void onPeerClosed(bool orderly);
    void fail(LoadError error);

    Listener &m_listener;
    const bool m_keepsBody;
    uv_tcp_t m_socket{};
    uv_connect_t m_connect{};
    uv_write_t m_write{};
    llhttp_t m_parser{};
    llhttp_settings_t m_settings{};
    std::array<char, readBytes> m_buffer;
    QByteArray m_request; // under way
    QByteArray m_body;
    const char *m_connectError = "";
    qint64 m_sentNs = 0;
    quint64 m_served = 0;
    int m_status = 0;
    bool m_isConnected = false;
    bool m_isBusy = false;
    bool m_isReusable = false;
    bool m_hasBegun = false;
    bool m_isWhole = false; // the parser has seen the answer's end
    bool m_isClosing = false;
};

} // namespace loopscope::load
