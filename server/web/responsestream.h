// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/stream/writable.h"

namespace loopscope::web {

class Response;

// A response's body as a Writable. Private to the room: Response::stream() makes it.
//
// The response owns it until the exchange is over; then it is destroyed, unless it has finished. A chunk counts as written
// when the connection takes more, so besides its own buffer net::ServerOptions::highWaterMark and one chunk wait. It is
// used as Stream says, and keeps no response alive.
class ResponseStream final : public stream::Writable {
public:
    // Null: the exchange is over; to be destroyed by who made it.
    ResponseStream(Response *response, loop::Site site);
    ~ResponseStream() override;

    // The exchange is over; `whole`: every byte of the answer went to the kernel.
    void responseClosed(bool whole);

protected:
    void doWrite(QByteArray chunk, Done done) override;
    void doWritev(std::vector<QByteArray> chunks, Done done) override;
    [[nodiscard]] bool hasWritev() const noexcept override { return true; }
    void doFinal(Done done) override;
    [[nodiscard]] bool hasFinal() const noexcept override { return true; }
    void doDestroy(std::exception_ptr error, Done done) override;

private:
    void afterWrite(bool wantsMore, Done &&done);

    Response *m_response; // null: it is over, or this is destroyed
    const loop::Site m_site;
    Done m_final; // until the answer went out
};

} // namespace loopscope::web
