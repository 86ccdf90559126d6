// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/error.h"

#include <QtCore/QByteArrayView>

#include <vector>

QT_BEGIN_NAMESPACE
class QDebug;
QT_END_NAMESPACE

namespace loopscope::http {

// What arrived. `bytes` points into what was fed and is valid until the caller reuses that.
struct Event {
    enum class Type : quint8 {
        Head, // a request's head is complete: ServerConnection::head()
        Data, // a piece of its body: bytes, offset
        End, // its body is complete
        Failed, // error; nothing more will come
    };

    Type type = Type::Head;
    Error error = Error::None;
    qint64 offset = 0; // of the first of `bytes` in the body
    QByteArrayView bytes;

    friend bool operator==(const Event &a, const Event &b) noexcept
    {
        return a.type == b.type && a.error == b.error && a.offset == b.offset && a.bytes == b.bytes;
    }
};

// Filled by feed(), which appends. Kept by the caller so that its storage is reused.
using EventList = std::vector<Event>;

[[nodiscard]] const char *toString(Event::Type type) noexcept;
QDebug operator<<(QDebug debug, const Event &event);

} // namespace loopscope::http
