// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/socket_unix.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace loopscope::net {

void shutdownSending(qintptr descriptor) noexcept
{
    ::shutdown(int(descriptor), SHUT_WR); // fails only where the connection is gone already
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

} // namespace loopscope::net
