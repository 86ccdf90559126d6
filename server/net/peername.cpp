// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/peername.h"

#include <QtNetwork/QAbstractSocket>
#include <QtNetwork/QHostAddress>

namespace loopscope::net {

QByteArray peerAddress(const QAbstractSocket &socket)
{
    const QHostAddress address = socket.peerAddress();
    bool isV4 = false;
    const quint32 v4 = address.toIPv4Address(&isV4);
    return (isV4 ? QHostAddress(v4) : address).toString().toLatin1();
}

QByteArray peerName(const QAbstractSocket &socket)
{
    return peerAddress(socket) + ':' + QByteArray::number(socket.peerPort());
}

} // namespace loopscope::net
