// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cerrno>
#include <system_error>

#include <sys/resource.h>

#include <fcntl.h>
#include <unistd.h>

namespace loopscope::test {

// As long as it lives the process gets no further descriptor (EMFILE); those that are open stay.
class NoDescriptors {
public:
    NoDescriptors()
    {
        { // UBSan looks at the first object of a type through a pipe, for which there is no descriptor then
            const std::system_error error(EMFILE, std::generic_category());
            const std::runtime_error &base = error;
            (void)error.code();
            (void)base.what();
        }
        getrlimit(RLIMIT_NOFILE, &m_before);
        const int lowestFree = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        ::close(lowestFree);
        const rlimit limited{rlim_t(lowestFree), m_before.rlim_max};
        setrlimit(RLIMIT_NOFILE, &limited);
    }
    ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &m_before); }
    NoDescriptors(const NoDescriptors &) = delete;
    NoDescriptors &operator=(const NoDescriptors &) = delete;

private:
    rlimit m_before{};
};

} // namespace loopscope::test
