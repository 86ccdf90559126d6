// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/cpuwait_unix.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

namespace loopscope::loop {

CpuWait::~CpuWait()
{
    if (m_file >= 0)
        ::close(m_file);
}

qint64 CpuWait::waitedNs() noexcept
{
    if (m_file == notOpened)
        m_file = ::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
    if (m_file < 0)
        return -1;
    char text[96]; // three numbers of 64 bits
    const ssize_t got = ::pread(m_file, text, sizeof text - 1, 0);
    if (got <= 0)
        return -1;
    text[got] = '\0';
    char *second = nullptr;
    char *end = nullptr;
    (void)std::strtoull(text, &second, 10);
    const unsigned long long waited = std::strtoull(second, &end, 10);
    return end != second ? qint64(waited) : -1;
}

} // namespace loopscope::loop
