// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

#include <chrono>
#include <optional>

namespace loopscope::net {

// Sends FIN and goes on receiving (shutdown(2), SHUT_WR): QTcpSocket can only close both ways.
void shutdownSending(qintptr descriptor) noexcept;

struct Accepted {
    qintptr descriptor = -1; // non-blocking; the caller closes it
    int error = 0; // errno, where there is none
};
// Takes one connection from a listening socket (accept4(2)).
[[nodiscard]] Accepted acceptConnection(qintptr listening) noexcept;
// The error means that nobody waits to be accepted.
[[nodiscard]] bool meansNobodyWaits(int error) noexcept;
// It means that this one is gone, and the next may be accepted.
[[nodiscard]] bool meansGone(int error) noexcept;

// A second descriptor of the same socket; the caller closes it. -1: no descriptor is free.
[[nodiscard]] qintptr duplicate(qintptr descriptor) noexcept;
void closeDescriptor(qintptr descriptor) noexcept;

// A TCP socket that is connected to nobody; the caller closes it. -1: no descriptor is free.
[[nodiscard]] qintptr unconnectedSocket() noexcept;

// Lets the kernel take no more than about `bytes` that it has not sent yet (TCP_NOTSENT_LOWAT), or as much as its send
// buffer holds again (0). Does nothing where the system has no such option.
void limitUnsent(qintptr descriptor, int bytes) noexcept;

// Bytes that the system has taken and the peer has not acknowledged (Linux: SIOCOUTQ). 0: the system does not tell.
[[nodiscard]] qint64 unacknowledgedBytes(qintptr descriptor) noexcept;

// How long ago the last data came on a TCP socket; on one that got none, how long ago it was connected, in the backlog
// too. By the system's own clock tick (Linux: tcpi_last_data_recv, in jiffies of 1 to 10 ms), so it is off by one tick
// at most, either way. Whether the data was read meanwhile makes no difference. None: the system does not tell.
[[nodiscard]] std::optional<std::chrono::milliseconds> sinceLastReceived(qintptr descriptor) noexcept;
// That clock tick, 1 ms at least: what came less than this ago may as well have come just now.
[[nodiscard]] std::chrono::nanoseconds lastReceivedResolution() noexcept;

} // namespace loopscope::net
