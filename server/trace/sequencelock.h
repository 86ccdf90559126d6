// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

#include <array>
#include <atomic>
#include <bit>
#include <type_traits>

namespace loopscope::trace {

// A small plain value that one thread writes and any thread reads, whole or not at all: a sequence lock. The writer
// never waits; a reader tries again if the value was being written meanwhile.
// https://docs.kernel.org/locking/seqlock.html
//
// T has no padding, so that it is words of 8 bytes and nothing unset is copied.
template<typename T>
class SequenceLock {
    static_assert(std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>);
    static_assert(sizeof(T) % sizeof(quint64) == 0);

public:
    // How often a reader tries before it gives up: the writer is done within nanoseconds, unless it is preempted.
    static constexpr int tries = 64;

    // The one writing thread.
    void store(const T &value) noexcept
    {
        const Words words = std::bit_cast<Words>(value);
        const quint32 sequence = m_sequence.load(std::memory_order_relaxed);
        m_sequence.store(sequence + 1, std::memory_order_relaxed); // odd: being written
        std::atomic_thread_fence(std::memory_order_release);
        for (std::size_t i = 0; i < words.size(); ++i)
            m_words[i].store(words[i], std::memory_order_relaxed);
        m_sequence.store(sequence + 2, std::memory_order_release);
    }

    // Any thread. False, and `value` is as it was, if the writer was quicker than all tries.
    [[nodiscard]] bool load(T &value) const noexcept
    {
        Words words;
        for (int i = 0; i < tries; ++i) {
            const quint32 before = m_sequence.load(std::memory_order_acquire);
            for (std::size_t at = 0; at < words.size(); ++at)
                words[at] = m_words[at].load(std::memory_order_relaxed);
            std::atomic_thread_fence(std::memory_order_acquire);
            if ((before & 1) == 0 && m_sequence.load(std::memory_order_relaxed) == before) {
                value = std::bit_cast<T>(words);
                return true;
            }
        }
        return false;
    }

private:
    using Words = std::array<quint64, sizeof(T) / sizeof(quint64)>;

    std::atomic<quint32> m_sequence = 0;
    std::array<std::atomic<quint64>, sizeof(T) / sizeof(quint64)> m_words{}; // T() must be all zeros
};

} // namespace loopscope::trace
