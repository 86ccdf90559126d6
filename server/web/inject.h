// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/headerlist.h"

#include <QtCore/QByteArray>

namespace loopscope::web {

// A request without a connection, for tests: as Fastify's inject(). Host and Content-Length are added where absent.
struct InjectRequest {
    QByteArray method = "GET";
    QByteArray target = "/";
    http::HeaderList headers;
    QByteArray body;
};

// What came of it.
struct InjectResponse {
    int status = 0; // 0: it was never answered, the exchange was dropped
    http::HeaderList headers;
    qint64 contentLength = -1; // bytes, as announced; -1: the end of the body was not known with the head
    QByteArray body;
    bool aborted = false; // the answer was cut short

    [[nodiscard]] QByteArrayView header(QByteArrayView name) const noexcept { return headers.value(name); }
};

} // namespace loopscope::web
