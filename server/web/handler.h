// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/task.h"
#include "server/web/next.h"
#include "server/web/request.h"
#include "server/web/response.h"

#include <concepts>
#include <exception>
#include <type_traits>
#include <utility>

namespace loopscope::web {

using Handler = loop::UniqueFunction<void(Request &, Response &, Next)>;
using ErrorHandler = loop::UniqueFunction<void(std::exception_ptr, Request &, Response &, Next)>;

// What may stand where a handler is asked for: callables of (Request &, Response &) or (Request &, Response &, Next),
// that return nothing or a loop::Task<>. What a plain one throws, and what a coroutine ends with, goes to the error
// middleware. Coroutine handlers must take their parameters as written here; the framework keeps them alive.
template<typename F>
concept HandlerLike = std::is_invocable_v<std::decay_t<F> &, Request &, Response &, Next>
    || std::is_invocable_v<std::decay_t<F> &, Request &, Response &>;

// (std::exception_ptr, Request &, Response &, Next): error middleware, Express's function of four parameters.
template<typename F>
concept ErrorHandlerLike = std::is_invocable_v<std::decay_t<F> &, std::exception_ptr, Request &, Response &, Next>;

// Awaits a coroutine handler: holds the exchange until it has ended, and gives what it threw to next().
void supervise(loop::Task<> task, Next next);

template<HandlerLike F>
[[nodiscard]] Handler makeHandler(F &&function)
{
    using Function = std::decay_t<F>;
    if constexpr (std::is_same_v<Function, Handler>) {
        return std::forward<F>(function);
    } else {
        return [f = Function(std::forward<F>(function))](Request &req, Response &res, Next next) mutable {
            const auto call = [&]() -> decltype(auto) {
                if constexpr (std::is_invocable_v<Function &, Request &, Response &, Next>)
                    return f(req, res, next);
                else
                    return f(req, res);
            };
            if constexpr (std::is_void_v<decltype(call())>)
                call();
            else
                supervise(call(), next);
        };
    }
}

template<ErrorHandlerLike F>
[[nodiscard]] ErrorHandler makeErrorHandler(F &&function)
{
    return [f = std::decay_t<F>(std::forward<F>(function))](std::exception_ptr error, Request &req, Response &res,
                                                            Next next) mutable {
        if constexpr (std::is_void_v<decltype(f(error, req, res, next))>)
            f(error, req, res, next);
        else
            supervise(f(error, req, res, next), next);
    };
}

} // namespace loopscope::web
