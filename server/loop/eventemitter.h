// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/task.h"

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayList>
#include <QtCore/QList>

#include <cstddef>
#include <exception>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace loopscope::loop {

// What may be emitted: a name, and the types of what its listeners are given. Equal names are one event.
//   inline static const Event<Order> placed{"placed"};
//   shop.on(placed, [](const Order &order) { … });    shop.emit(placed, order);
template<typename... Args>
class Event {
public:
    explicit Event(QByteArray name)
        : m_name(std::move(name))
    {
    }
    [[nodiscard]] const QByteArray &name() const noexcept { return m_name; }

private:
    QByteArray m_name;
};

// 'error' was emitted without an error to throw, and without a listener: Node's ERR_UNHANDLED_ERROR.
class UnhandledError final : public std::exception {
public:
    [[nodiscard]] const char *what() const noexcept override { return "Unhandled error. ('error' without a listener)"; }
};

// Something that says when things happen to it. https://nodejs.org/docs/latest-v20.x/api/events.html
//
// A base class or a member. It and its listeners belong to one thread; with a loop there each call of a listener is traced
// as a Span, named as the event, with the place where the listener was added. Emitting is synchronous: the listeners run
// now, in the order in which they were added, each one that was there when emit() was called, also if another removes
// it meanwhile: what a listener refers to must outlive the emit() that runs. What a listener throws goes to whoever
// emitted, and those after it are not called. A listener may take only the first few of what is emitted.
//
// Deviations: a listener is known by the id that on() gives (a lambda cannot be compared), so that two of the same function
// are two; and once the emitter is destroyed, by a listener, no other is called. Streams keep their listeners by
// themselves (stream::ListenerList): there one that was removed is never called again.
class EventEmitter {
public:
    // Never reused within an emitter; 0 is none.
    enum class ListenerId : quint64 { None = 0 };
    struct Listener {
        ListenerId id = ListenerId::None;
        bool once = false;
        Site site; // where it was added
    };
    // Listeners of one event above which a warning is given, once: they are mostly a leak. 0: any number. Node's default.
    static constexpr int defaultMaxListeners = 10;

    // Before a listener is added, and after one was removed: the event's name, the listener. Not emitted if nobody listens.
    inline static const Event<QByteArray, ListenerId> newListenerEvent{QByteArrayLiteral("newListener")};
    inline static const Event<QByteArray, ListenerId> removeListenerEvent{QByteArrayLiteral("removeListener")};
    // Emitted without a listener, it is thrown.
    inline static const Event<std::exception_ptr> errorEvent{QByteArrayLiteral("error")};
    // events.errorMonitor: sees each 'error' before its listeners do, and does not count as one.
    inline static const Event<std::exception_ptr> errorMonitorEvent{QByteArrayLiteral("events.errorMonitor")};

    EventEmitter();
    virtual ~EventEmitter();
    EventEmitter(const EventEmitter &) = delete;
    EventEmitter &operator=(const EventEmitter &) = delete;

    template<typename... Args, typename Function>
    ListenerId on(const Event<Args...> &event, Function listener, Site site = Site::here())
    {
        return add(event.name(), typeOf<Args...>(), erased<Args...>(std::move(listener)), Place::Last, false, site);
    }
    template<typename... Args, typename Function>
    ListenerId addListener(const Event<Args...> &event, Function listener, Site site = Site::here())
    {
        return on(event, std::move(listener), site);
    }
    // Removed before it is called for the first time.
    template<typename... Args, typename Function>
    ListenerId once(const Event<Args...> &event, Function listener, Site site = Site::here())
    {
        return add(event.name(), typeOf<Args...>(), erased<Args...>(std::move(listener)), Place::Last, true, site);
    }
    // In front of all others.
    template<typename... Args, typename Function>
    ListenerId prependListener(const Event<Args...> &event, Function listener, Site site = Site::here())
    {
        return add(event.name(), typeOf<Args...>(), erased<Args...>(std::move(listener)), Place::First, false, site);
    }
    template<typename... Args, typename Function>
    ListenerId prependOnceListener(const Event<Args...> &event, Function listener, Site site = Site::here())
    {
        return add(event.name(), typeOf<Args...>(), erased<Args...>(std::move(listener)), Place::First, true, site);
    }
    // False if it has run (once), or was removed.
    bool off(ListenerId id);
    bool removeListener(ListenerId id) { return off(id); }
    // The last one first.
    template<typename... Args>
    void removeAllListeners(const Event<Args...> &event)
    {
        removeAll(event.name());
    }
    void removeAllListeners();

    // True if there were listeners.
    template<typename... Args>
    bool emit(const Event<Args...> &event, const std::type_identity_t<Args> &...args)
    {
        const std::tuple<const Args &...> arguments(args...);
        const std::exception_ptr *error = nullptr;
        if constexpr (std::is_same_v<std::tuple<Args...>, std::tuple<std::exception_ptr>>)
            error = &std::get<0>(arguments);
        return call(event.name(), typeOf<Args...>(), &arguments, error);
    }

    template<typename... Args>
    [[nodiscard]] qsizetype listenerCount(const Event<Args...> &event) const
    {
        return listenersOf(event.name()).size();
    }
    // In the order in which they are called.
    template<typename... Args>
    [[nodiscard]] QList<Listener> listeners(const Event<Args...> &event) const
    {
        return listenersOf(event.name());
    }
    // Those with a listener, in the order in which they got their first.
    [[nodiscard]] QByteArrayList eventNames() const;

    void setMaxListeners(int listeners) noexcept;
    [[nodiscard]] int maxListeners() const noexcept;
    // A listener that is a coroutine (returns Task<>) and fails: 'error' is emitted, in a tick. Off by default: then it
    // reaches the loop's uncaught handler, as any coroutine that nobody awaits.
    // https://nodejs.org/docs/latest-v20.x/api/events.html#capture-rejections-of-promises
    void setCaptureRejections(bool on) noexcept;

private:
    enum class Place : quint8 { First, Last };
    struct Private;
    // Takes a tuple of references to what is emitted. An invalid Task: the listener is no coroutine.
    using Erased = UniqueFunction<Task<>(const void *)>;

    // Says which types an event has; their address is all that counts.
    template<typename... Args>
    [[nodiscard]] static const void *typeOf() noexcept
    {
        static const char type = 0;
        return &type;
    }
    template<typename Function, typename Tuple, std::size_t... I>
    static constexpr bool takes(std::index_sequence<I...>) noexcept
    {
        return std::is_invocable_v<Function &, std::tuple_element_t<I, Tuple>...>;
    }
    template<typename Function, typename Tuple, std::size_t... I>
    static Task<> invoke(Function &listener, const Tuple &arguments, std::index_sequence<I...>)
    {
        if constexpr (std::is_same_v<decltype(listener(std::get<I>(arguments)...)), Task<>>) {
            return listener(std::get<I>(arguments)...);
        } else {
            listener(std::get<I>(arguments)...);
            return {};
        }
    }
    // With the first `Count` of them, or as many fewer as it takes.
    template<std::size_t Count, typename Function, typename Tuple>
    static Task<> invokeWith(Function &listener, const Tuple &arguments)
    {
        if constexpr (takes<Function, Tuple>(std::make_index_sequence<Count>())) {
            return invoke(listener, arguments, std::make_index_sequence<Count>());
        } else {
            static_assert(Count > 0, "a listener takes what its event gives, or the first few of it");
            return invokeWith<Count - 1>(listener, arguments);
        }
    }
    template<typename... Args, typename Function>
    static Erased erased(Function &&listener)
    {
        return [listener = std::forward<Function>(listener)](const void *arguments) mutable {
            using Tuple = std::tuple<const Args &...>;
            return invokeWith<sizeof...(Args)>(listener, *static_cast<const Tuple *>(arguments));
        };
    }

    ListenerId add(const QByteArray &name, const void *type, Erased listener, Place place, bool once, Site site);
    bool call(const QByteArray &name, const void *type, const void *arguments, const std::exception_ptr *error);
    void callError(const std::exception_ptr *error);
    void removeAll(const QByteArray &name);
    void warnOfMany(const QByteArray &name, std::size_t listeners);
    [[nodiscard]] QList<Listener> listenersOf(const QByteArray &name) const;
    static Task<> captureRejection(std::weak_ptr<Private> emitter, Task<> listener);

    const std::shared_ptr<Private> d;
};

// What JavaScript has beside the class. https://nodejs.org/docs/latest-v20.x/api/events.html
namespace events {

// What co_await once() gives of an event: nothing, the one thing that is emitted, or a tuple of all. Deviation: Node gives
// an array in any case.
template<typename... Args>
struct OnceResult {
    using Type = std::tuple<std::decay_t<Args>...>;
};
template<typename Arg>
struct OnceResult<Arg> {
    using Type = std::decay_t<Arg>;
};
template<>
struct OnceResult<> {
    using Type = void;
};

// JavaScript's once() is an async function that returns a promise, which is followed a microtask later.
template<typename T>
Task<T> follow(Deferred<T> promise)
{
    co_await resolved();
    co_return co_await promise;
}

// co_await events::once(emitter, event): what is emitted next. An 'error' that comes first is thrown, unless 'error' is
// what is waited for. It listens from the call on; if the emitter is destroyed before, the coroutine never runs on, and
// is destroyed. https://nodejs.org/docs/latest-v20.x/api/events.html#eventsonceemitter-name-options
template<typename... Args>
[[nodiscard]] Task<typename OnceResult<Args...>::Type> once(EventEmitter &emitter, const Event<Args...> &event,
                                                            Site site = Site::here())
{
    using Result = typename OnceResult<Args...>::Type;
    using Id = EventEmitter::ListenerId;
    Deferred<Result> promise(site);
    const auto onError = std::make_shared<Id>(Id::None);
    const Id onEvent = emitter.once(
        event,
        [&emitter, onError, resolver = promise.resolver()](const Args &...args) {
            emitter.off(*onError);
            if constexpr (sizeof...(Args) > 1)
                resolver.resolve(Result(args...));
            else
                resolver.resolve(args...);
        },
        site);
    if (event.name() != EventEmitter::errorEvent.name()) {
        *onError = emitter.once(
            EventEmitter::errorEvent,
            [&emitter, onEvent, resolver = promise.resolver()](const std::exception_ptr &error) {
                emitter.off(onEvent);
                resolver.reject(error ? error : std::make_exception_ptr(UnhandledError()));
            },
            site);
    }
    return follow(std::move(promise));
}

} // namespace events

} // namespace loopscope::loop
