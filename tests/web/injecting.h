// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/web/application.h"
#include "tests/support/patience.h"

#include <initializer_list>
#include <utility>

namespace loopscope::test {

using Headers = std::initializer_list<std::pair<QByteArray, QByteArray>>;

// Runs a request through the application and waits for its answer.
inline web::InjectResponse inject(web::Application &application, const web::InjectRequest &request)
{
    web::InjectResponse response;
    bool done = false;
    application.inject(request, [&](web::InjectResponse answer) {
        response = std::move(answer);
        done = true;
    });
    if (!waitFor([&] { return done; }))
        response.body = "(never answered)";
    return response;
}

inline web::InjectResponse get(web::Application &application, const QByteArray &target, const Headers &headers = {},
                               const QByteArray &method = "GET")
{
    web::InjectRequest request;
    request.method = method;
    request.target = target;
    for (const auto &[name, value] : headers)
        request.headers.append(name, value);
    return inject(application, request);
}

} // namespace loopscope::test
