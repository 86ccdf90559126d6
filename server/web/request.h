// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/requesthead.h"
#include "server/loop/task.h"
#include "server/net/transport.h"
#include "server/web/cookie.h"
#include "server/web/formdata.h"
#include "server/web/pathpattern.h"
#include "server/web/range.h"
#include "server/web/tracedcallback.h"
#include "server/web/uploadedfile.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QString>
#include <QtCore/QVariantHash>

#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

namespace loopscope::stream {
class Readable;
}

namespace loopscope::web {

class RequestStream;
class WebExchange;

// What a client asks, with Express's names. https://expressjs.com/en/5x/api.html#req
//
// A part of an exchange that lives as long as the handler runs (a coroutine: until it ends), a Next or a hold() of it
// exists, or the answer is outstanding. A plain handler that goes on later, in a timer or a job, must take a hold()
// along. Used on the loop's thread. Views are valid as long as the request.
class Request {
public:
    Request(const Request &) = delete;
    Request &operator=(const Request &) = delete;

    // --- the head ---
    [[nodiscard]] http::Method method() const noexcept { return m_head.method; }
    // The target as it came, "/users?sort=name" (req.originalUrl).
    [[nodiscard]] QByteArrayView originalUrl() const noexcept { return m_head.target(); }
    // Its path as it came, percent-encoded: "/users" (req.path of the application). "*" of an OPTIONS for the server as
    // a whole, whose target may also be "http://host" (RFC 9112 §3.2.4).
    [[nodiscard]] QByteArrayView path() const noexcept { return m_path; }
    // The part of path() that the prefix of a middleware, or the mounts of a router, took: "/static" (req.baseUrl).
    // Of the handler that runs: to be asked before its first co_await, and before it calls next().
    [[nodiscard]] QByteArrayView baseUrl() const noexcept { return m_path.first(m_baseUrlBytes); }
    // Its query as it came, without '?'.
    [[nodiscard]] QByteArrayView queryString() const noexcept { return m_queryString; }
    // The first value of that name in the query, decoded ('+' is a space); null if there is none.
    [[nodiscard]] QString query(const QString &name) const;
    // The decoded value of a route's ":name" or "*name"; null if there is none. Throws AppError 400 for a malformed
    // percent-encoding, as Express does.
    [[nodiscard]] QString param(QByteArrayView name) const;
    // A header's first value, compared without case; null if there is none (req.get).
    [[nodiscard]] QByteArrayView get(QByteArrayView header) const noexcept { return m_head.header(header); }
    [[nodiscard]] const http::RequestHead &head() const noexcept { return m_head; }
    // The index of the media type that the Accept header prefers, or -1 (req.accepts).
    [[nodiscard]] int accepts(std::initializer_list<QByteArrayView> types) const;
    // The same for codings ("br"), charsets ("utf-8") and languages ("en-US"): server/web/accept.h has the rules.
    [[nodiscard]] int acceptsEncodings(std::initializer_list<QByteArrayView> codings) const;
    [[nodiscard]] int acceptsCharsets(std::initializer_list<QByteArrayView> charsets) const;
    [[nodiscard]] int acceptsLanguages(std::initializer_list<QByteArrayView> languages) const;
    // True if the body is of this media type ("application/json"), whatever its parameters (req.is).
    [[nodiscard]] bool is(QByteArrayView type) const;
    // What the Range header asks of a representation of `size` bytes (req.range); of a GET (RFC 9110 §14.2).
    [[nodiscard]] RangeRequest range(qint64 size) const;
    // What the client has is as good as what the Response, by its status, ETag and Last-Modified, is about to send: it may
    // be answered with 304 (req.fresh). For GET and HEAD.
    [[nodiscard]] bool fresh() const;
    // "X-Requested-With: XMLHttpRequest" (req.xhr).
    [[nodiscard]] bool xhr() const noexcept;
    // The host with its port, if one was given (req.host): the authority of a target in absolute form, else the Host
    // header (RFC 9112 §3.2.2, §3.3). What a client says, to be trusted as such; null if it says nothing (HTTP/1.0).
    [[nodiscard]] QByteArrayView host() const noexcept { return m_authority.isNull() ? get("Host") : m_authority; }
    // The same without the port, an IPv6 address in its brackets.
    [[nodiscard]] QByteArrayView hostname() const noexcept;
    // How the request came: "https" over TLS, else "http" (req.protocol), whatever scheme its target names.
    [[nodiscard]] QByteArrayView protocol() const noexcept { return m_secure ? "https" : "http"; }
    // It came over TLS (req.secure).
    [[nodiscard]] bool secure() const noexcept { return m_secure; }
    // What parseCookies() finds (req.cookies), and the value of one cookie, null if there is none.
    [[nodiscard]] Cookies cookies() const;
    [[nodiscard]] QString cookie(QByteArrayView name) const;
    // The peer's address; empty for an injected request.
    [[nodiscard]] QByteArray ip() const;
    // The number that the trace knows it by.
    [[nodiscard]] quint64 number() const noexcept { return m_number; }

    // --- the body ---
    [[nodiscard]] bool hasBody() const noexcept { return m_head.framing != http::Framing::None; }
    // Bytes that this request may send; at first the limit of its route. Beyond it: AppError 413 (ERR_BODY_TOO_LARGE).
    void setMaxBodyBytes(qint64 bytes) noexcept { m_maxBodyBytes = qMin(bytes, m_bodyCeiling); }
    [[nodiscard]] qint64 maxBodyBytes() const noexcept { return m_maxBodyBytes; }
    // The body piece by piece as it arrives, then its end; or onAborted if the client went away before. Before the
    // first of these (or read()) is called nothing is lost: up to bufferBytes wait, then the socket is not read.
    // The piece is valid during the call. https://nodejs.org/docs/latest-v20.x/api/stream.html#event-data
    void onData(loop::UniqueFunction<void(QByteArrayView)> callback, loop::Site site = loop::Site::here());
    void onEnd(loop::Callback callback, loop::Site site = loop::Site::here());
    void onAborted(loop::Callback callback);
    // The body is larger than it may be, and no more of it will come: AppError 413. Without it the error middleware is
    // told.
    void onRefused(loop::UniqueFunction<void(std::exception_ptr)> callback);
    // Takes all four back (Node: removeAllListeners()).
    void removeAllListeners();
    // Stops and resumes onData; the client is slowed down by TCP.
    void pause();
    void resume();
    // The whole body, once. Throws AppError 413, or RequestAborted.
    [[nodiscard]] loop::Task<QByteArray> read(loop::Site site = loop::Site::here());
    // The body as a stream, always the same one, to be read or piped (server/stream/readable.h) in place of all the above:
    // `co_await pipeline(req.stream(), createGunzip(), createWriteStream(path))`. The client is slowed down to its readers'
    // pace. Errors: AppError 413; std::logic_error if the body was asked for by other means. If the client goes away before
    // the end, 'close' without 'end' (ERR_STREAM_PREMATURE_CLOSE). Destroying it leaves the answer to be given.
    [[nodiscard]] std::shared_ptr<loopscope::stream::Readable> stream(loop::Site site = loop::Site::here());
    [[nodiscard]] qint64 receivedBytes() const noexcept { return m_receivedBytes; }
    [[nodiscard]] bool isComplete() const noexcept { return m_ended; }
    // The client went away before it had.
    [[nodiscard]] bool isAborted() const noexcept { return m_aborted; }
    // Somebody has asked for the body, by onData() or read() (Fetch: Request.bodyUsed).
    [[nodiscard]] bool bodyUsed() const noexcept { return m_flowing; }

    // --- what middleware found (req.body) ---
    // Fields of a form, by the middleware urlencoded() and multipart().
    FormData form;
    // Its files, by the middleware multipart() (Multer: req.files). What nobody keeps goes with the request.
    std::vector<UploadedFile> files;
    // By the middleware json().
    QJsonDocument json;
    // By the middleware text() and raw(); null if the body was not theirs.
    QString text;
    QByteArray raw;
    // For middleware to leave something for what follows (res.locals).
    QVariantHash locals;

    // Keeps the request and its response alive.
    [[nodiscard]] net::ExchangeRef hold() noexcept;

    // Bytes of a body kept while nobody wants it, then the client has to wait. Node's highWaterMark: 64 KiB.
    static constexpr qsizetype bufferBytes = 64 * 1024;

private:
    friend class WebExchange;
    struct BodyAwaiter;
    struct BodyCallbacks;
    explicit Request(WebExchange &exchange)
        : m_exchange(exchange)
    {
    }
    void reset();
    void setTarget();
    void startFlowing();
    void flow();
    void deliver(QByteArrayView bytes);
    void receive(QByteArrayView bytes);
    void end();
    void abort();
    void close();
    [[nodiscard]] bool isTooLarge(qint64 bytes) const noexcept { return bytes > m_maxBodyBytes; }
    void refuseBody();

    WebExchange &m_exchange;
    http::RequestHead m_head;
    QByteArrayView m_authority; // of a target in absolute form
    QByteArrayView m_path;
    QByteArrayView m_queryString;
    qsizetype m_baseUrlBytes = 0;
    PathPattern::Params m_params;
    quint64 m_number = 0;

    qint64 m_bodyCeiling = std::numeric_limits<qint64>::max(); // Application::Options::bodyCeiling
    qint64 m_maxBodyBytes = 0;
    qint64 m_receivedBytes = 0;
    QByteArray m_buffered;
    loop::UniqueFunction<void(QByteArrayView)> m_onData;
    loop::Callback m_onEnd;
    TracedCallback m_tracedData;
    TracedCallback m_tracedEnd;
    loop::Callback m_onAborted;
    loop::UniqueFunction<void(std::exception_ptr)> m_onRefused; // empty: the error middleware is told
    std::shared_ptr<RequestStream> m_stream; // until close(); null: nobody wants it
    std::weak_ptr<RequestStream> m_leftStream; // afterwards
    bool m_secure = false;
    bool m_flowing = false; // somebody wants the body
    bool m_paused = false;
    bool m_delivering = false;
    bool m_ended = false; // it has come whole
    bool m_endDelivered = false;
    bool m_aborted = false;
    bool m_refused = false;
};

} // namespace loopscope::web
