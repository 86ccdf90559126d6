// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/address.h"

#include "load/loadloop.h"

#include <uv.h>

#include <cstring>

using namespace Qt::StringLiterals;

namespace loopscope::load {

namespace {

struct Lookup {
    uv_getaddrinfo_t request{};
    int status = 0;
    bool ended = false;
    std::optional<Address> address;

    static void onEnd(uv_getaddrinfo_t *request, int status, addrinfo *found)
    {
        auto *self = static_cast<Lookup *>(request->data);
        self->status = status;
        self->ended = true;
        if (status == 0 && found) {
            self->address.emplace();
            std::memcpy(&self->address->storage, found->ai_addr, found->ai_addrlen);
        }
        uv_freeaddrinfo(found);
    }
};

std::optional<Address> known(const Target &target)
{
    const QByteArray host = target.host == "localhost"_L1 ? QByteArrayLiteral("127.0.0.1") : target.host.toUtf8();
    Address address;
    if (uv_ip4_addr(host.constData(), target.port, reinterpret_cast<sockaddr_in *>(&address.storage)) == 0
        || uv_ip6_addr(host.constData(), target.port, reinterpret_cast<sockaddr_in6 *>(&address.storage)) == 0)
        return address;
    return {};
}

} // namespace

std::optional<Address> resolve(LoadLoop &loop, const Target &target, QString &error)
{
    if (const auto address = known(target))
        return address;
    Lookup lookup;
    lookup.request.data = &lookup;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    const QByteArray host = target.host.toUtf8();
    const QByteArray port = QByteArray::number(target.port);
    const int status =
        uv_getaddrinfo(loop.uv(), &lookup.request, &Lookup::onEnd, host.constData(), port.constData(), &hints);
    if (status != 0) {
        error = u"%1 is no address: %2"_s.arg(target.host, QString::fromUtf8(uv_strerror(status)));
        return {};
    }
    if (!loop.runUntil([&lookup] { return lookup.ended; })) {
        // The request is on this stack: it is waited for, which is as long as the system's resolver takes.
        uv_cancel(reinterpret_cast<uv_req_t *>(&lookup.request));
        while (!lookup.ended)
            uv_run(loop.uv(), UV_RUN_ONCE);
    }
    if (!lookup.address)
        error = u"%1 has no address: %2"_s.arg(target.host, QString::fromUtf8(uv_strerror(lookup.status)));
    return lookup.address;
}

} // namespace loopscope::load
