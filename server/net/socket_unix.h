// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

namespace loopscope::net {

// Sends FIN and goes on receiving (shutdown(2), SHUT_WR): QTcpSocket can only close both ways.
void shutdownSending(qintptr descriptor) noexcept;

// A TCP socket that is connected to nobody; the caller closes it. -1: no descriptor is free.
[[nodiscard]] qintptr unconnectedSocket() noexcept;

} // namespace loopscope::net
