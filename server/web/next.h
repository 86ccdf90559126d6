// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/net/transport.h"
#include "server/web/apperror.h"

#include <exception>

namespace loopscope::web {

// What a middleware calls to pass a request on, as Express's next(). Copyable; it keeps the request and its response
// alive. Calling it a second time changes nothing and is logged as a warning. For the loop's thread.
class Next {
public:
    Next(net::ExchangeRef exchange, quint32 token) noexcept
        : m_exchange(std::move(exchange))
        , m_token(token)
    {
    }

    // To the next middleware or handler that matches.
    void operator()() const;
    // To the next error middleware that matches.
    void operator()(std::exception_ptr error) const;
    void operator()(const AppError &error) const { (*this)(std::make_exception_ptr(error)); }

private:
    net::ExchangeRef m_exchange;
    quint32 m_token;
};

} // namespace loopscope::web
