// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/headerlist.h"
#include "server/loop/task.h"
#include "server/net/transport.h"
#include "server/web/bodyfilter.h"
#include "server/web/cookie.h"
#include "server/web/tracedcallback.h"

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include <functional>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

QT_BEGIN_NAMESPACE
class QJsonDocument;
QT_END_NAMESPACE

namespace loopscope::stream {
class Writable;
}

namespace loopscope::web {

class JsonWriter;
class ResponseStream;
class WebExchange;

// What the client gets, with Express's names. https://expressjs.com/en/5x/api.html#res
//
// Lives with its Request and is used on the loop's thread. The head goes out with the first bytes of the body. Once
// the answer has ended, or the client is gone, everything here does nothing but say so; changing the head after it
// went out throws std::logic_error (Node: ERR_HTTP_HEADERS_SENT), so does answering twice.
class Response {
public:
    Response(const Response &) = delete;
    Response &operator=(const Response &) = delete;

    // --- the head ---
    // 200 to 599.
    Response &status(int code);
    [[nodiscard]] int statusCode() const noexcept { return m_status; }
    // Throws std::invalid_argument for what no header may hold (see http::HeaderList). The connection's own headers
    // (Connection, Transfer-Encoding) are the server's and are refused the same way.
    Response &set(const QByteArray &header, const QByteArray &value);
    Response &append(const QByteArray &header, const QByteArray &value);
    Response &remove(QByteArrayView header);
    [[nodiscard]] QByteArrayView get(QByteArrayView header) const noexcept { return m_headers.value(header); }
    // Content-Type.
    Response &type(const QByteArray &mediaType);
    // Adds a header's name to Vary, unless it, or "*", is there already (res.vary).
    Response &vary(const QByteArray &header);
    // Location, percent-encoded where it must be.
    Response &location(const QByteArray &url);
    // Adds to Link (RFC 8288): {{"next", "/users?page=2"}, …}.
    Response &links(std::initializer_list<std::pair<QByteArrayView, QByteArrayView>> relations);
    // Content-Disposition, which has the client save the body, and the type that a file of that name has.
    Response &attachment(const QString &fileName = {});
    // Adds a Set-Cookie; throws std::invalid_argument for what a user agent would ignore: serializeCookie().
    Response &cookie(const QByteArray &name, const QString &value, const CookieOptions &options = {});
    // The same with an empty value and an Expires long past; `options` must name the domain and path it was set with.
    Response &clearCookie(const QByteArray &name, CookieOptions options = {});

    // --- whole answers ---
    // Of the type that was set, else text/html (QString: UTF-8) or application/octet-stream (bytes).
    void send(const QString &text);
    void send(const QByteArray &bytes);
    void json(const QJsonDocument &document);
    // Throws std::logic_error if an object or array in it has not ended.
    void json(const JsonWriter &writer);
    // `url` is percent-encoded where it must be (res.redirect). A relative one stays so (RFC 9110 §10.2.2).
    void redirect(const QByteArray &url, int status = 302);
    // The status and its reason phrase as text.
    void sendStatus(int code);
    // Calls the function of the media type that the client prefers, with that type set (res.format). Adds "Vary: Accept".
    // Throws AppError 406 if none is acceptable.
    using Format = std::pair<QByteArrayView, std::function<void()>>;
    void format(std::initializer_list<Format> formats);

    // --- in pieces ---
    // Length of the body that follows, bytes; without it an answer in pieces is chunked.
    Response &contentLength(qint64 bytes);
    // False: the client reads more slowly; go on after onDrain() or `co_await drained()`. Nothing is lost meanwhile.
    bool write(QByteArrayView bytes);
    void end(QByteArrayView bytes = {});
    // Sends the head now (Node's flushHeaders).
    void flushHeaders();
    // Sends what a body filter has kept of what was written (the npm package compression: res.flush()).
    // False, as write()'s: the client reads more slowly.
    bool flush();
    // Ends the connection without an end of the answer: the client can tell that it is cut short. Nothing after the end.
    void destroy();
    // What the body passes through from now on; replaces one that was set before. Before the head has gone out.
    void setBodyFilter(std::unique_ptr<BodyFilter> filter);
    void onDrain(loop::Callback callback, loop::Site site = loop::Site::here());
    // At once if nothing waits. Also when the client is gone: look at isWritable().
    [[nodiscard]] loop::Task<> drained(loop::Site site = loop::Site::here());
    // The body as a stream, always the same one (server/stream/writable.h): `co_await pipeline(createReadStream(path),
    // createGzip(), res.stream())`. It takes the place of write() and end(); whoever uses both must not end twice. It
    // finishes when the last byte went to the kernel. If the client goes away, or somebody else ends the answer, 'close' comes
    // without 'finish' (ERR_STREAM_PREMATURE_CLOSE). Destroyed, it cuts the answer short, unless that has not begun: then
    // the response is as it was, for an answer that says what failed. After its end it is destroyed already.
    [[nodiscard]] std::shared_ptr<loopscope::stream::Writable> stream(loop::Site site = loop::Site::here());
    // Interim answer to a client that waits with its body; reading the body sends it too.
    void writeContinue();

    [[nodiscard]] bool headersSent() const noexcept { return m_headSent; }
    // end() was called (res.writableEnded).
    [[nodiscard]] bool isEnded() const noexcept { return m_ended; }
    // An answer can still be given: it has not ended and the client is there.
    [[nodiscard]] bool isWritable() const noexcept { return !m_ended && !m_closed; }
    // Once: the answer went out whole ('finish'), or will never ('close' without it).
    void onFinish(loop::Callback callback);
    void onClose(loop::Callback callback);

    // Keeps the request and its response alive.
    [[nodiscard]] net::ExchangeRef hold() noexcept;

private:
    friend class ResponseStream;
    friend class WebExchange;
    struct DrainAwaiter;
    explicit Response(WebExchange &exchange)
        : m_exchange(exchange)
    {
    }
    void reset();
    // The head of an answer that tells of an error, with what the error sets.
    void resetForError(const http::HeaderList &headers);
    void requireHeadOpen(const char *what) const;
    void sendHead(qint64 contentLength);
    void beginFilter(qint64 contentLength);
    void sendWhole(QByteArrayView bytes, const QByteArray &defaultType);
    bool writev(const std::vector<QByteArray> &pieces);
    void endOnPool(QByteArrayView bytes);
    void endFiltered(QByteArrayView filtered, bool headSent);
    void drain();
    void close(trace::ResponseOutcome outcome);

    WebExchange &m_exchange;
    http::HeaderList m_headers;
    int m_status = 200;
    qint64 m_contentLength = -1;
    bool m_makesEtag = false; // Application::Options::etag
    bool m_headSent = false;
    bool m_ended = false;
    bool m_closed = false; // the transport is gone
    bool m_waiting = false; // write() said false
    std::unique_ptr<BodyFilter> m_filter; // null: none, or its work is done
    std::shared_ptr<ResponseStream> m_stream; // until close(); null: nobody wants it
    loop::Callback m_onDrain;
    TracedCallback m_tracedDrain;
    loop::Callback m_onFinish;
    loop::Callback m_onClose;
};

} // namespace loopscope::web
