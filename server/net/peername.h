// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>

QT_BEGIN_NAMESPACE
class QAbstractSocket;
QT_END_NAMESPACE

namespace loopscope::net {

// "127.0.0.1", "::1"; an IPv4 client of an IPv6 socket has its IPv4 address.
[[nodiscard]] QByteArray peerAddress(const QAbstractSocket &socket);
// "127.0.0.1:51234"
[[nodiscard]] QByteArray peerName(const QAbstractSocket &socket);

} // namespace loopscope::net
