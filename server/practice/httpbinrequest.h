// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/web/request.h"

#include <QtCore/QJsonObject>

namespace loopscope::practice {

// What a client sent, as httpbin's JSON says it. Plain functions for the loop's thread.

// Names of the query with their values, decoded. Throws AppError 400 for more than 1,000.
[[nodiscard]] web::FormData argsOf(const web::Request &req);
// A name's value, or the list of its values if it came more than once.
[[nodiscard]] QJsonObject toJson(const web::FormData &fields);
// "http://" and the Host; empty for a request without one.
[[nodiscard]] QString baseUrlOf(const web::Request &req);
[[nodiscard]] QJsonObject headersOf(const web::Request &req);
// UTF-8 as it is, other bytes as a data: URL in base64.
[[nodiscard]] QString jsonSafe(const QByteArray &bytes, const QByteArray &type = "application/octet-stream");

// args, headers, origin, url.
[[nodiscard]] QJsonObject describe(const web::Request &req);
// These and the body: form and files where multipart() or urlencoded() have read it, else data and json.
[[nodiscard]] loop::Task<QJsonObject> describeWithBody(web::Request &req);

// A whole number in this range, or AppError 400 that says which. `what` is its name, for the client.
[[nodiscard]] int wholeNumber(const QString &text, const QString &what, int minimum, int maximum);
// The same for a part of the query; `otherwise` if it is not there.
[[nodiscard]] int queryNumber(const web::Request &req, const QString &name, int otherwise, int minimum, int maximum);

} // namespace loopscope::practice
