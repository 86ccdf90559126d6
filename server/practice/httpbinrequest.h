// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/web/conditional.h"
#include "server/web/request.h"
#include "server/web/response.h"

#include <QtCore/QJsonObject>

#include <chrono>

namespace loopscope::practice {

// What a client sent, as httpbin's JSON says it. Plain functions for the loop's thread.

// Names of the query with their values, decoded. Throws AppError 400 for more than 1,000.
[[nodiscard]] web::FormData argsOf(const web::Request &req);
// A name's value, or the list of its values if it came more than once.
[[nodiscard]] QJsonObject toJson(const web::FormData &fields);
// "http://" or "https://", and the host; empty for a request without one.
[[nodiscard]] QString baseUrlOf(const web::Request &req);
[[nodiscard]] QJsonObject headersOf(const web::Request &req);
// UTF-8 as it is, other bytes as a data: URL in base64.
[[nodiscard]] QString jsonSafe(const QByteArray &bytes, const QByteArray &type = "application/octet-stream");

// args, headers, origin, url.
[[nodiscard]] QJsonObject describe(const web::Request &req);
// These and the body: form and files where multipart() or urlencoded() have read it, else data and json.
[[nodiscard]] loop::Task<QJsonObject> describeWithBody(web::Request &req);

// Refuses the request: AppError 400 with one sentence.
[[noreturn]] void refuse(const QString &sentence);
// True: 304 or 412 was the answer to the client's preconditions (RFC 9110 §13.2.2).
[[nodiscard]] bool answersPreconditions(web::Request &req, web::Response &res, const web::Validators &validators);
void sendJson(web::Response &res, const QJsonObject &object);

// /delay, and each time of /drip, /range and /sse. httpbin: 10 s for /delay.
constexpr int maximumDelaySeconds = 10;
// Seconds up to that, with a fraction or not, or AppError 400. `what` is their name, for the client.
[[nodiscard]] std::chrono::milliseconds secondsOf(const QString &text, const QString &what);
// The same for a part of the query; `otherwise` if it is not there.
[[nodiscard]] std::chrono::milliseconds querySeconds(const web::Request &req, const QString &name,
                                                     std::chrono::milliseconds otherwise);
// A status from 200 to 599, or AppError 400.
[[nodiscard]] int statusOf(const QString &text);
// A whole number in this range, or AppError 400 that says which. `what` is its name, for the client.
[[nodiscard]] int wholeNumber(const QString &text, const QString &what, int minimum, int maximum);
// The same for a part of the query; `otherwise` if it is not there.
[[nodiscard]] int queryNumber(const web::Request &req, const QString &name, int otherwise, int minimum, int maximum);

} // namespace loopscope::practice
