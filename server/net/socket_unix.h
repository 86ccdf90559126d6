// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

namespace loopscope::net {

// Sends FIN and goes on receiving (shutdown(2), SHUT_WR): QTcpSocket can only close both ways.
void shutdownSending(qintptr descriptor) noexcept;

// Lets the kernel take no more than about `bytes` that it has not sent yet (TCP_NOTSENT_LOWAT), or as much as its send
// buffer holds again (0). Does nothing where the system has no such option.
void limitUnsent(qintptr descriptor, int bytes) noexcept;

} // namespace loopscope::net
