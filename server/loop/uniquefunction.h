// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace loopscope::loop {

template<typename Signature>
class UniqueFunction;

// A move-only std::function (g++ 12 has no std::move_only_function), so that a callback may own what is not
// copyable. Callables of up to inlineBytes that move without throwing are stored in place, without an allocation.
// It belongs to one thread at a time. Calling an empty one is undefined; test it first.
template<typename R, typename... Args>
class UniqueFunction<R(Args...)> {
public:
    static constexpr std::size_t inlineBytes = 48;

    UniqueFunction() noexcept = default;
    UniqueFunction(std::nullptr_t) noexcept { }

    template<typename F>
        requires(!std::is_same_v<std::remove_cvref_t<F>, UniqueFunction>
                 && std::is_invocable_r_v<R, std::decay_t<F> &, Args...>)
    UniqueFunction(F &&function) // NOLINT: implicit, as std::function's
    {
        using Stored = std::decay_t<F>;
        if constexpr (sizeof(Stored) <= inlineBytes && alignof(Stored) <= alignof(std::max_align_t)
                      && std::is_nothrow_move_constructible_v<Stored>) {
            ::new (static_cast<void *>(m_place)) Stored(std::forward<F>(function));
            m_operations = &inlineOperations<Stored>;
        } else {
            ::new (static_cast<void *>(m_place)) Stored *(new Stored(std::forward<F>(function)));
            m_operations = &heapOperations<Stored>;
        }
    }

    UniqueFunction(UniqueFunction &&other) noexcept
        : m_operations(std::exchange(other.m_operations, nullptr))
    {
        if (m_operations)
            m_operations->move(other.m_place, m_place);
    }
    UniqueFunction &operator=(UniqueFunction &&other) noexcept
    {
        if (this != &other) {
            reset();
            m_operations = std::exchange(other.m_operations, nullptr);
            if (m_operations)
                m_operations->move(other.m_place, m_place);
        }
        return *this;
    }
    UniqueFunction(const UniqueFunction &) = delete;
    UniqueFunction &operator=(const UniqueFunction &) = delete;
    ~UniqueFunction() { reset(); }

    explicit operator bool() const noexcept { return m_operations != nullptr; }
    R operator()(Args... args) { return m_operations->call(m_place, std::forward<Args>(args)...); }

private:
    struct Operations {
        R (*call)(void *, Args &&...);
        void (*move)(void *from, void *to) noexcept; // leaves `from` destroyed
        void (*destroy)(void *) noexcept;
    };

    template<typename Stored>
    static constexpr Operations inlineOperations{
        [](void *at, Args &&...args) -> R { return std::invoke(*static_cast<Stored *>(at), std::forward<Args>(args)...); },
        [](void *from, void *to) noexcept {
            ::new (to) Stored(std::move(*static_cast<Stored *>(from)));
            static_cast<Stored *>(from)->~Stored();
        },
        [](void *at) noexcept { static_cast<Stored *>(at)->~Stored(); },
    };
    template<typename Stored>
    static constexpr Operations heapOperations{
        [](void *at, Args &&...args) -> R { return std::invoke(**static_cast<Stored **>(at), std::forward<Args>(args)...); },
        [](void *from, void *to) noexcept { ::new (to) Stored *(*static_cast<Stored **>(from)); },
        [](void *at) noexcept { delete *static_cast<Stored **>(at); },
    };

    void reset() noexcept
    {
        if (m_operations)
            std::exchange(m_operations, nullptr)->destroy(m_place);
    }

    alignas(std::max_align_t) std::byte m_place[inlineBytes];
    const Operations *m_operations = nullptr;
};

} // namespace loopscope::loop
