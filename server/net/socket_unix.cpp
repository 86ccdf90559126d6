// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/socket_unix.h"

#include <netinet/in.h>
#include <sys/socket.h>

namespace loopscope::net {

void shutdownSending(qintptr descriptor) noexcept
{
    ::shutdown(int(descriptor), SHUT_WR); // fails only where the connection is gone already
}

qintptr unconnectedSocket() noexcept
{
    return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

} // namespace loopscope::net
