// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cerrno>
#include <limits>

#include <dlfcn.h>
#include <pthread.h>

namespace loopscope::test {

// Threads that may still be started in this program.
inline std::atomic<int> threadsLeft = std::numeric_limits<int>::max();

// As long as it lives only so many more threads start, as where the system's limit is reached (EAGAIN).
class NoThreads {
public:
    explicit NoThreads(int butSoMany = 0) { threadsLeft = butSoMany; }
    ~NoThreads() { threadsLeft = std::numeric_limits<int>::max(); }
    NoThreads(const NoThreads &) = delete;
    NoThreads &operator=(const NoThreads &) = delete;
};

} // namespace loopscope::test

// Comes before the C library's, or a sanitizer's, which it calls. A limit of the system's (RLIMIT_NPROC) would not do: root
// has none. Include this in one file of a program.
extern "C" int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument) noexcept
{
    using namespace loopscope;
    static const auto create = reinterpret_cast<decltype(&pthread_create)>(dlsym(RTLD_NEXT, "pthread_create"));
    if (test::threadsLeft.fetch_sub(1) <= 0) {
        test::threadsLeft.fetch_add(1);
        return EAGAIN;
    }
    return create(thread, attributes, run, argument);
}
