// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/headerlist.h"

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include <exception>

namespace loopscope::web {

// An operational error: something that a client or the world did, with the status that tells of it. Its message is
// shown to the client; any other exception is a programmer error and is not. Throw it, or give it to next().
// https://expressjs.com/en/guide/error-handling.html
class AppError final : public std::exception {
public:
    // `status`: 400 to 599. `code`: a name for programs, as Node's error.code ("ERR_BODY_TOO_LARGE"), or empty.
    explicit AppError(int status, const QString &message, const QByteArray &code = {});
    // 503 with Retry-After (RFC 9110 §15.6.4): something has run out that others give back soon.
    [[nodiscard]] static AppError tryLater(const QString &message, const QByteArray &code);

    // 413 "ERR_BODY_TOO_LARGE": a body of more than `most` bytes.
    [[nodiscard]] static AppError bodyTooLarge(qint64 most);

    // A header of the answer, as err.headers of Express's errors.
    AppError &setHeader(const QByteArray &name, const QByteArray &value);
    // What only the log may tell, and in development the answer: where a file lies.
    AppError &setDetail(const QString &detail);

    [[nodiscard]] int status() const noexcept { return m_status; }
    [[nodiscard]] const QString &message() const noexcept { return m_message; }
    [[nodiscard]] const QByteArray &code() const noexcept { return m_code; }
    [[nodiscard]] const http::HeaderList &headers() const noexcept { return m_headers; }
    // The message, and the detail if there is one.
    [[nodiscard]] const char *what() const noexcept override { return m_what.constData(); }

private:
    int m_status;
    QString m_message;
    QByteArray m_code;
    http::HeaderList m_headers;
    QByteArray m_what;
};

// The client went away while its body was awaited. Node: ECONNRESET, "aborted".
class RequestAborted final : public std::exception {
public:
    [[nodiscard]] const char *what() const noexcept override { return "the client went away"; }
};

} // namespace loopscope::web
