// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/socket_unix.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/sockios.h>
#include <sys/ioctl.h>
#endif

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <ctime>

namespace loopscope::net {

void shutdownSending(qintptr descriptor) noexcept
{
    ::shutdown(int(descriptor), SHUT_WR); // fails only where the connection is gone already
}

Accepted acceptConnection(qintptr listening) noexcept
{
    const int descriptor = ::accept4(int(listening), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    return {descriptor, descriptor < 0 ? errno : 0};
}

bool meansNobodyWaits(int error) noexcept
{
    return error == EAGAIN || error == EWOULDBLOCK;
}

bool meansGone(int error) noexcept
{
    return error == ECONNABORTED || error == EINTR || error == EPROTO;
}

qintptr duplicate(qintptr descriptor) noexcept
{
    return ::fcntl(int(descriptor), F_DUPFD_CLOEXEC, 0);
}

void closeDescriptor(qintptr descriptor) noexcept
{
    ::close(int(descriptor));
}

qintptr unconnectedSocket() noexcept
{
    return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

void limitUnsent(qintptr descriptor, int bytes) noexcept
{
#ifdef TCP_NOTSENT_LOWAT
    ::setsockopt(int(descriptor), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes);
#else
    Q_UNUSED(descriptor)
    Q_UNUSED(bytes)
#endif
}

qint64 unacknowledgedBytes(qintptr descriptor) noexcept
{
#ifdef __linux__
    int bytes = 0;
    if (::ioctl(int(descriptor), SIOCOUTQ, &bytes) == 0)
        return bytes;
#else
    Q_UNUSED(descriptor)
#endif
    return 0;
}

std::optional<std::chrono::milliseconds> sinceLastReceived(qintptr descriptor) noexcept
{
#ifdef __linux__
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(int(descriptor), IPPROTO_TCP, TCP_INFO, &info, &size) == 0
        && size >= offsetof(tcp_info, tcpi_last_data_recv) + sizeof info.tcpi_last_data_recv)
        return std::chrono::milliseconds(info.tcpi_last_data_recv);
#else
    Q_UNUSED(descriptor)
#endif
    return std::nullopt;
}

std::chrono::nanoseconds lastReceivedResolution() noexcept
{
    constexpr std::chrono::nanoseconds atLeast = std::chrono::milliseconds(1); // the unit of tcpi_last_data_recv
#ifdef CLOCK_MONOTONIC_COARSE
    timespec tick{};
    if (::clock_getres(CLOCK_MONOTONIC_COARSE, &tick) == 0)
        return std::max(atLeast, std::chrono::seconds(tick.tv_sec) + std::chrono::nanoseconds(tick.tv_nsec));
#endif
    return atLeast;
}

} // namespace loopscope::net
