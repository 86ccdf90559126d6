// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/eventloop.h"
#include "server/loop/workerpool.h"

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace loopscope::loop {

template<typename T = void>
class Task;

// What all coroutines on the loop have in common: who awaits them, for whom they run, and how their frames end.
//
// A frame lives until its coroutine has ended and its Task object is gone. If a loop is destroyed while a coroutine
// waits for something on it, that coroutine can never run on: its frame and those that await it are destroyed.
class TaskPromise {
public:
    TaskPromise() noexcept
        : m_loop(EventLoop::current())
    {
    }
    TaskPromise(const TaskPromise &) = delete;
    TaskPromise &operator=(const TaskPromise &) = delete;

    std::suspend_never initial_suspend() const noexcept { return {}; }

    // Ends the frame if nobody holds it any more; else leaves it for the result to be taken.
    struct FinalAwaiter {
        bool detached;
        [[nodiscard]] bool await_ready() const noexcept { return detached; }
        void await_suspend(std::coroutine_handle<>) const noexcept { }
        void await_resume() const noexcept { }
    };
    FinalAwaiter final_suspend() noexcept
    {
        m_ended = true;
        wakeAwaiting();
        return {m_detached};
    }

    // Where the coroutine stands at a co_await is the site of what it registers there.
    template<typename T>
    auto await_transform(Task<T> &&task, Site site = Site::here());
    template<typename T>
    auto await_transform(Task<T> &task, Site site = Site::here());
    template<typename Awaitable>
    Awaitable &&await_transform(Awaitable &&awaitable, Site = Site::here()) const noexcept
    {
        return static_cast<Awaitable &&>(awaitable);
    }

    // --- for awaitables ---

    // Notes that the coroutine is suspended, and for whom it runs.
    void suspended(Site site) noexcept;
    // Queues the microtask in which it runs on.
    void queueResumption();
    // It is suspended and nobody will resume it.
    void abandon() noexcept;

protected:
    template<typename T>
    friend class Task;

    void setHandle(std::coroutine_handle<> handle) noexcept { m_handle = handle; }
    void wakeAwaiting();
    void reportRejection(std::exception_ptr error) const noexcept;

    EventLoop *const m_loop;
    std::coroutine_handle<> m_handle;
    TaskPromise *m_awaiting = nullptr; // who awaits this one
    Context m_context; // while suspended
    Site m_site; // of the co_await at which it is suspended
    bool m_ended = false;
    bool m_detached = false; // its Task object is gone
    bool m_abandoned = false;
};

// The right, and the duty, to let a suspended coroutine run on: resume() once, from the loop's thread.
// One that is destroyed without it abandons the coroutine, so that no frame leaks. Awaitables are built from it:
//   bool await_ready() { return false; }
//   template<typename Promise> void await_suspend(std::coroutine_handle<Promise> handle)
//   { start([resumption = Resumption(handle.promise(), site)]() mutable { resumption.resume(); }); }
class Resumption {
public:
    Resumption(TaskPromise &promise, Site site) noexcept
        : m_promise(&promise)
    {
        promise.suspended(site);
    }
    Resumption(Resumption &&other) noexcept
        : m_promise(std::exchange(other.m_promise, nullptr))
    {
    }
    Resumption &operator=(Resumption &&) = delete;
    ~Resumption()
    {
        if (m_promise)
            m_promise->abandon();
    }
    // The coroutine runs on in a microtask, in the Context that it had.
    void resume() { std::exchange(m_promise, nullptr)->queueResumption(); }

private:
    TaskPromise *m_promise;
};

template<typename T>
class ResultPromise : public TaskPromise {
public:
    template<typename Value>
        requires std::is_convertible_v<Value &&, T>
    void return_value(Value &&value)
    {
        m_result.template emplace<1>(std::forward<Value>(value));
    }
    void unhandled_exception() noexcept
    {
        if (m_detached)
            reportRejection(std::current_exception());
        else
            m_result.template emplace<2>(std::current_exception());
    }
    T takeResult()
    {
        if (std::exception_ptr error = takeError())
            std::rethrow_exception(std::move(error));
        return std::move(std::get<1>(m_result));
    }
    // Null if there is none, or it has been taken.
    std::exception_ptr takeError() noexcept
    {
        return m_result.index() == 2 ? std::exchange(std::get<2>(m_result), nullptr) : nullptr;
    }

private:
    std::variant<std::monostate, T, std::exception_ptr> m_result;
};

template<>
class ResultPromise<void> : public TaskPromise {
public:
    void return_void() noexcept { }
    void unhandled_exception() noexcept
    {
        if (m_detached)
            reportRejection(std::current_exception());
        else
            m_error = std::current_exception();
    }
    void takeResult()
    {
        if (m_error)
            std::rethrow_exception(std::exchange(m_error, nullptr));
    }
    std::exception_ptr takeError() noexcept { return std::exchange(m_error, nullptr); }

private:
    std::exception_ptr m_error;
};

// What a coroutine on the loop returns, as an async function returns a Promise.
//
// It starts at once and runs to its first suspension, as in JavaScript. It is awaited at most once, by a coroutine
// that returns a Task; that one runs on through the microtask queue, one microtask after this ended, in the Context that
// it had. A task that is dropped without being awaited goes on by itself to its end (an exception then goes to the loop's
// uncaught handler when ticks and microtasks are empty, as an unhandled rejection does). It belongs to the loop's thread, and what it refers to must live as long as it runs: a
// coroutine takes its parameters by value, and a lambda that is one captures nothing.
// Deviation: while its object is held, a failed task is not reported, whenever it is awaited; Node reports it before the
// loop goes on, and takes that back ('rejectionHandled') when it is awaited later.
template<typename T>
class [[nodiscard]] Task {
public:
    struct promise_type final : ResultPromise<T> {
        Task get_return_object() noexcept
        {
            const auto handle = std::coroutine_handle<promise_type>::from_promise(*this);
            this->setHandle(handle);
            return Task(handle);
        }
    };

    // A task of no coroutine; awaiting it is undefined.
    Task() noexcept = default;
    Task(Task &&other) noexcept
        : m_handle(std::exchange(other.m_handle, {}))
    {
    }
    Task &operator=(Task &&other) noexcept
    {
        if (this != &other) {
            drop();
            m_handle = std::exchange(other.m_handle, {});
        }
        return *this;
    }
    ~Task() { drop(); }

    [[nodiscard]] bool isValid() const noexcept { return bool(m_handle); }
    // Whether the coroutine has ended, by a value or an exception.
    [[nodiscard]] bool isEnded() const noexcept { return m_handle && m_handle.promise().m_ended; }
    // Lets it go on by itself: the same as destroying the Task object, said aloud.
    void detach() && { drop(); }
    // Of an ended task, at most once: its value, or its exception is thrown. For code that is no coroutine.
    T takeResult() { return m_handle.promise().takeResult(); }

    // What co_await of a Task gives.
    class Awaiter {
    public:
        Awaiter(std::coroutine_handle<promise_type> handle, Site site) noexcept
            : m_handle(handle)
            , m_site(site)
        {
        }
        // Even if it has ended the awaiting coroutine runs on later, as in JavaScript.
        [[nodiscard]] bool await_ready() const noexcept { return false; }
        template<typename Promise>
            requires std::is_base_of_v<TaskPromise, Promise>
        void await_suspend(std::coroutine_handle<Promise> awaiting)
        {
            TaskPromise &waiter = awaiting.promise();
            waiter.suspended(m_site);
            if (m_handle.promise().m_ended)
                waiter.queueResumption();
            else
                m_handle.promise().m_awaiting = &waiter;
        }
        T await_resume() { return m_handle.promise().takeResult(); }

    private:
        std::coroutine_handle<promise_type> m_handle;
        Site m_site;
    };

private:
    friend class TaskPromise;

    explicit Task(std::coroutine_handle<promise_type> handle) noexcept
        : m_handle(handle)
    {
    }

    void drop() noexcept
    {
        const auto handle = std::exchange(m_handle, {});
        if (!handle)
            return;
        promise_type &promise = handle.promise();
        promise.m_awaiting = nullptr;
        if (!promise.m_ended && !promise.m_abandoned) {
            promise.m_detached = true;
            return;
        }
        if (std::exception_ptr error = promise.takeError())
            promise.reportRejection(std::move(error));
        handle.destroy();
    }

    std::coroutine_handle<promise_type> m_handle;
};

template<typename T>
auto TaskPromise::await_transform(Task<T> &&task, Site site)
{
    return typename Task<T>::Awaiter(task.m_handle, site);
}

template<typename T>
auto TaskPromise::await_transform(Task<T> &task, Site site)
{
    return typename Task<T>::Awaiter(task.m_handle, site);
}

// --- what can be awaited ---

// A value that comes later, from a callback: JavaScript's Promise.withResolvers(). The first resolve() or reject()
// counts, later ones do nothing; it is awaited at most once. It belongs to the loop's thread.
//   Deferred<int> answer;
//   emitter.once([resolver = answer.resolver()](int value) { resolver.resolve(value); });
//   const int value = co_await answer;
// When the last Resolver is gone, or without one the Deferred, and nothing was resolved, then the coroutine that waits
// can never run on: its frame is destroyed, as a Promise that nobody can settle is collected in JavaScript.
template<typename T = void>
class Deferred {
    using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

    struct State {
        std::optional<Stored> value;
        std::exception_ptr error;
        std::optional<Resumption> resumption;
        bool settled = false;

        template<typename... Value>
        void resolve(Value &&...with)
        {
            if (settled)
                return;
            value.emplace(std::forward<Value>(with)...);
            settle();
        }
        void reject(std::exception_ptr with)
        {
            if (settled)
                return;
            error = std::move(with);
            settle();
        }
        void settle()
        {
            settled = true;
            if (resumption)
                resumption->resume();
        }
        void abandon()
        {
            if (resumption && !settled)
                const Resumption dropped = *std::exchange(resumption, std::nullopt);
        }
    };

    // What all resolvers of one Deferred share.
    struct Guard {
        std::shared_ptr<State> state;
        explicit Guard(std::shared_ptr<State> of)
            : state(std::move(of))
        {
        }
        Guard(const Guard &) = delete;
        Guard &operator=(const Guard &) = delete;
        ~Guard() { state->abandon(); }
    };

public:
    // Copies are equal: the first of them that settles does.
    class Resolver {
    public:
        template<typename... Value>
            requires(sizeof...(Value) == (std::is_void_v<T> ? 0 : 1))
        void resolve(Value &&...value) const
        {
            m_guard->state->resolve(std::forward<Value>(value)...);
        }
        void reject(std::exception_ptr error) const { m_guard->state->reject(std::move(error)); }

    private:
        friend class Deferred;
        explicit Resolver(std::shared_ptr<Guard> guard)
            : m_guard(std::move(guard))
        {
        }
        std::shared_ptr<Guard> m_guard;
    };

    class Awaiter {
    public:
        Awaiter(std::shared_ptr<State> state, Site site)
            : m_state(std::move(state))
            , m_site(site)
        {
        }
        [[nodiscard]] bool await_ready() const noexcept { return false; }
        template<typename Promise>
            requires std::is_base_of_v<TaskPromise, Promise>
        void await_suspend(std::coroutine_handle<Promise> awaiting)
        {
            Resumption resumption(awaiting.promise(), m_site);
            if (m_state->settled)
                resumption.resume();
            else
                m_state->resumption.emplace(std::move(resumption));
        }
        T await_resume()
        {
            if (m_state->error)
                std::rethrow_exception(m_state->error);
            if constexpr (!std::is_void_v<T>)
                return std::move(*m_state->value);
        }

    private:
        std::shared_ptr<State> m_state;
        Site m_site;
    };

    explicit Deferred(Site site = Site::here())
        : m_state(std::make_shared<State>())
        , m_site(site)
    {
    }
    Deferred(Deferred &&) noexcept = default;
    Deferred &operator=(Deferred &&) = delete;
    ~Deferred()
    {
        if (m_state && m_guard.expired())
            m_state->abandon();
    }

    [[nodiscard]] Resolver resolver()
    {
        auto guard = m_guard.lock();
        if (!guard)
            m_guard = guard = std::make_shared<Guard>(m_state);
        return Resolver(std::move(guard));
    }
    [[nodiscard]] bool isSettled() const noexcept { return m_state->settled; }
    template<typename... Value>
        requires(sizeof...(Value) == (std::is_void_v<T> ? 0 : 1))
    void resolve(Value &&...value)
    {
        m_state->resolve(std::forward<Value>(value)...);
    }
    void reject(std::exception_ptr error) { m_state->reject(std::move(error)); }

    Awaiter operator co_await() const { return Awaiter(m_state, m_site); }

private:
    std::shared_ptr<State> m_state;
    std::weak_ptr<Guard> m_guard;
    Site m_site;
};

// co_await resolved(value): a microtask later, as JavaScript's await of what is no promise, or of one that is resolved.
template<typename T = void>
class [[nodiscard]] ResolvedAwaiter {
    using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

public:
    ResolvedAwaiter(Stored value, Site site)
        : m_value(std::move(value))
        , m_site(site)
    {
    }
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template<typename Promise>
        requires std::is_base_of_v<TaskPromise, Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiting)
    {
        Resumption(awaiting.promise(), m_site).resume();
    }
    T await_resume()
    {
        if constexpr (!std::is_void_v<T>)
            return std::move(m_value);
    }

private:
    [[no_unique_address]] Stored m_value;
    Site m_site;
};

inline ResolvedAwaiter<> resolved(Site site = Site::here())
{
    return {std::monostate(), site};
}

template<typename T>
ResolvedAwaiter<std::decay_t<T>> resolved(T &&value, Site site = Site::here())
{
    return {std::forward<T>(value), site};
}

// co_await sleep(50ms): setTimeout.
class [[nodiscard]] SleepAwaiter {
public:
    SleepAwaiter(std::chrono::milliseconds delay, Site site) noexcept
        : m_delay(delay)
        , m_site(site)
    {
    }
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template<typename Promise>
        requires std::is_base_of_v<TaskPromise, Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiting)
    {
        start(Resumption(awaiting.promise(), m_site));
    }
    void await_resume() const noexcept { }

private:
    void start(Resumption resumption);

    std::chrono::milliseconds m_delay;
    Site m_site;
};

inline SleepAwaiter sleep(std::chrono::milliseconds delay, Site site = Site::here())
{
    return {delay, site};
}

// co_await nextTurn(): setImmediate.
class [[nodiscard]] NextTurnAwaiter {
public:
    explicit NextTurnAwaiter(Site site) noexcept
        : m_site(site)
    {
    }
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template<typename Promise>
        requires std::is_base_of_v<TaskPromise, Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiting)
    {
        start(Resumption(awaiting.promise(), m_site));
    }
    void await_resume() const noexcept { }

private:
    void start(Resumption resumption);

    Site m_site;
};

inline NextTurnAwaiter nextTurn(Site site = Site::here())
{
    return NextTurnAwaiter(site);
}

// What a function for the pool gives, whether or not it takes a JobProgress.
template<typename Function>
struct PoolResult {
    using Type = std::invoke_result_t<Function &>;
};
template<typename Function>
    requires std::is_invocable_v<Function &, JobProgress &>
struct PoolResult<Function> {
    using Type = std::invoke_result_t<Function &, JobProgress &>;
};

// co_await runOnPool("name", function): gives what `function` returns on a worker, or throws what it threw, or a
// JobError. `name` must be a literal or interned. What `function` captures is destroyed on the loop's thread.
// A function of (JobProgress &) may report how far it is; `progress` then hears it on the loop.
template<typename Function>
class [[nodiscard]] PoolAwaiter {
    using Result = typename PoolResult<Function>::Type;
    using Stored = std::conditional_t<std::is_void_v<Result>, std::monostate, std::optional<Result>>;
    static constexpr bool reports = std::is_invocable_v<Function &, JobProgress &>;

public:
    PoolAwaiter(const char *name, Function &&function, WorkerPool::Progress progress, Site site)
        : m_name(name)
        , m_function(std::move(function))
        , m_progress(std::move(progress))
        , m_site(site)
    {
    }
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template<typename Promise>
        requires std::is_base_of_v<TaskPromise, Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiting)
    {
        // The frame, and so *this, stays where it is while the coroutine is suspended.
        submit([this, resumption = Resumption(awaiting.promise(), m_site)](std::exception_ptr error) mutable {
            m_error = std::move(error);
            resumption.resume();
        });
    }
    Result await_resume()
    {
        if (m_error)
            std::rethrow_exception(std::move(m_error));
        if constexpr (!std::is_void_v<Result>)
            return std::move(*m_result);
    }

private:
    template<typename... Argument>
    void work(Argument &...argument)
    {
        if constexpr (std::is_void_v<Result>)
            m_function(argument...);
        else
            m_result.emplace(m_function(argument...));
    }
    void submit(WorkerPool::Done done)
    {
        WorkerPool &pool = EventLoop::current()->pool();
        if constexpr (reports)
            pool.submit(m_name, [this](JobProgress &job) { work(job); }, std::move(done), std::move(m_progress), m_site);
        else
            pool.submit(m_name, [this] { work(); }, std::move(done), m_site);
    }

    const char *m_name;
    Function m_function;
    WorkerPool::Progress m_progress;
    Site m_site;
    [[no_unique_address]] Stored m_result{};
    std::exception_ptr m_error;
};

template<typename Function>
PoolAwaiter<std::decay_t<Function>> runOnPool(const char *name, Function &&function, Site site = Site::here())
{
    return {name, std::decay_t<Function>(std::forward<Function>(function)), nullptr, site};
}

template<typename Function>
    requires std::is_invocable_v<std::decay_t<Function> &, JobProgress &>
PoolAwaiter<std::decay_t<Function>> runOnPool(const char *name, Function &&function, WorkerPool::Progress progress,
                                              Site site = Site::here())
{
    return {name, std::decay_t<Function>(std::forward<Function>(function)), std::move(progress), site};
}

} // namespace loopscope::loop
