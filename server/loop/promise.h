// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/task.h"

#include <cstddef>
#include <memory>
#include <vector>

// Several tasks awaited together, as JavaScript's Promise.all() and Promise.race(). For the loop's thread.
namespace loopscope::loop {

// What the tasks of one all() share.
template<typename T>
struct AllState {
    using Results = std::conditional_t<std::is_void_v<T>, void, std::vector<T>>;
    using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, std::vector<T>>;

    typename Deferred<Results>::Resolver resolver;
    std::size_t left; // that have not ended
    Stored values{};

    void oneIsDone()
    {
        if (--left > 0)
            return;
        if constexpr (std::is_void_v<T>)
            resolver.resolve();
        else
            resolver.resolve(std::move(values));
    }
};

template<typename T>
Task<> settleOneOfAll(std::shared_ptr<AllState<T>> state, std::size_t index, Task<T> task)
{
    try {
        if constexpr (std::is_void_v<T>)
            co_await task;
        else
            state->values[index] = co_await task;
        state->oneIsDone();
    } catch (...) {
        state->resolver.reject(std::current_exception());
    }
}

// co_await all(std::move(tasks)): their values in the order of the tasks (T with a default value), when all have ended;
// or the first error, when that comes; the others go on, and what becomes of them is not looked at. As Promise.all(), two
// microtasks after the last.
template<typename T>
[[nodiscard]] Deferred<typename AllState<T>::Results> all(std::vector<Task<T>> tasks, Site site = Site::here())
{
    Deferred<typename AllState<T>::Results> result(site);
    auto state = std::make_shared<AllState<T>>(AllState<T>{result.resolver(), tasks.size() + 1});
    if constexpr (!std::is_void_v<T>)
        state->values.resize(tasks.size());
    for (std::size_t i = 0; i < tasks.size(); ++i)
        settleOneOfAll(state, i, std::move(tasks[i])).detach();
    state->oneIsDone(); // this call: for none at all
    return result;
}

template<typename T>
Task<> settleOneOfRace(typename Deferred<T>::Resolver resolver, Task<T> task)
{
    try {
        if constexpr (std::is_void_v<T>) {
            co_await task;
            resolver.resolve();
        } else {
            resolver.resolve(co_await task);
        }
    } catch (...) {
        resolver.reject(std::current_exception());
    }
}

// co_await race(std::move(tasks)): what the first that ends gives, its value or its error; the others go on. As
// Promise.race(); with no task the coroutine never runs on, and is destroyed.
template<typename T>
[[nodiscard]] Deferred<T> race(std::vector<Task<T>> tasks, Site site = Site::here())
{
    Deferred<T> result(site);
    const auto resolver = result.resolver();
    for (Task<T> &task : tasks)
        settleOneOfRace<T>(resolver, std::move(task)).detach();
    return result;
}

} // namespace loopscope::loop
