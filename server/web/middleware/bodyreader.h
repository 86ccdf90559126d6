// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/web/encoder.h"
#include "server/web/request.h"

#include <QtCore/QByteArrayList>

namespace loopscope::web {

// What the middleware that reads bodies have in common; their errors carry the types that body-parser gives them.
// https://expressjs.com/en/resources/middleware/body-parser.html#errors

// Bytes of a body that json(), urlencoded(), text() and raw() take where nothing else is said. body-parser: '100kb'.
constexpr qint64 defaultBodyBytes = 100 * 1024;

// There is a body, nobody has read it, and its Content-Type is one of these (see matchesType()).
[[nodiscard]] bool wantsBody(const Request &req, const QByteArrayList &types);
// Its media type: lower case, without parameters; empty if it has none.
[[nodiscard]] QByteArray mediaTypeOf(const Request &req);
// The charset of the Content-Type, lower case, or `otherwise`. Throws AppError 415 "charset.unsupported" for a
// Content-Type that is malformed.
[[nodiscard]] QByteArray charsetOf(const Request &req, const QByteArray &otherwise = "utf-8");
// Throws AppError 415 "charset.unsupported" for what is not UTF-8.
void requireUtf8(const Request &req);
// How the body is coded: gzip (x-gzip, RFC 9110 §8.4.1.3), deflate or br, if `inflate`. Throws AppError 415
// "encoding.unsupported" for other codings and for more than one, with the Accept-Encoding that says what is read (RFC 9110
// §15.5.16).
[[nodiscard]] Coding codingOf(const Request &req, bool inflate);

// Sets a request's limit as long as it lives: a route's larger limit is not for what a middleware keeps in memory.
class BodyLimit {
public:
    BodyLimit(Request &req, qint64 bytes)
        : m_request(req)
        , m_before(req.maxBodyBytes())
    {
        req.setMaxBodyBytes(bytes);
    }
    ~BodyLimit() { m_request.setMaxBodyBytes(m_before); }
    BodyLimit(const BodyLimit &) = delete;
    BodyLimit &operator=(const BodyLimit &) = delete;

private:
    Request &m_request;
    qint64 m_before;
};

// The whole body without its coding, once. The request's limit is that of what comes out; what is coded may be a little
// larger, for there are bytes that no coding makes smaller. Throws AppError 413, 400 with zlib's name for the fault
// ("Z_DATA_ERROR") for what is not coded as it says, or RequestAborted.
[[nodiscard]] loop::Task<QByteArray> readBody(Request &req, Coding coding, loop::Site site = loop::Site::here());

// Gives a request's body to `take` piece by piece as it arrives, and ends when it has come whole. Throws what `take`
// throws, AppError 413, or RequestAborted; `take` is not called any more then.
[[nodiscard]] loop::Task<> receiveBody(Request &req, loop::UniqueFunction<void(QByteArrayView)> take,
                                       loop::Site site = loop::Site::here());

} // namespace loopscope::web
