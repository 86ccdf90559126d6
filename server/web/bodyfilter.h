// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

namespace loopscope::web {

class Response;

// Stands between a response's write() and the client, and changes the body: compression. Set by a middleware with
// Response::setBodyFilter(); owned by the Response, used on the loop's
// thread but for wantsPool(). A response without one pays a null check.
// It appends its bytes to `out` and never talks to the client itself.
class BodyFilter {
public:
    BodyFilter() = default;
    BodyFilter(const BodyFilter &) = delete;
    BodyFilter &operator=(const BodyFilter &) = delete;
    virtual ~BodyFilter() = default;

    // The head is about to go out and may still be changed. `contentLength`: bytes of the body, -1 if not known. False:
    // this answer is left alone, and the filter is dropped. Of an answer to HEAD only the head is sent, without a length.
    [[nodiscard]] virtual bool begin(Response &response, qint64 contentLength) = 0;
    // A piece of the body.
    virtual void write(QByteArrayView bytes, QByteArray &out) = 0;
    // Whether a whole body of so many bytes should be filtered by a worker, for it would hold the loop up: then write() and
    // end() are called there, once each, after begin() and with nothing on the loop beside them.
    [[nodiscard]] virtual bool wantsPool(qint64 bytes) const
    {
        Q_UNUSED(bytes)
        return false;
    }
    // All that was written so far must be in `out`, as far as a reader needs it.
    virtual void flush(QByteArray &out) = 0;
    // The end of the body. Nothing comes after it.
    virtual void end(QByteArray &out) = 0;
};

} // namespace loopscope::web
