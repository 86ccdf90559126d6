// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/stream/readable.h"

namespace loopscope::web {

class Request;

// A request's body as a Readable. Private to the room: Request::stream() makes it.
//
// The request owns it until the exchange is over; then it belongs to those who hold it, and gives what is left of a body
// that came whole. It asks the client for more only when somebody reads, so besides its own buffer at most
// Request::bufferBytes and one read of the socket wait. It is used as Stream says, and keeps no request alive.
class RequestStream final : public stream::Readable {
public:
    RequestStream(Request &request, loop::Site site);
    ~RequestStream() override;

    // The exchange is over, and the body came whole; `rest` of it was not read yet.
    void leave(QByteArray rest);

protected:
    void doRead(qsizetype bytes) override;
    void doDestroy(std::exception_ptr error, Done done) override;

private:
    void start();
    void take(QByteArrayView bytes);

    Request *m_request; // null: it is over, or this is destroyed
    const loop::Site m_site;
    QByteArray m_rest;
    bool m_started = false;
};

} // namespace loopscope::web
