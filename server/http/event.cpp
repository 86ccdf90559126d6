// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/event.h"

#include <QtCore/QByteArray>
#include <QtCore/QDebug>

namespace loopscope::http {

const char *toString(Event::Type type) noexcept
{
    switch (type) {
    case Event::Type::Head: return "Head";
    case Event::Type::Data: return "Data";
    case Event::Type::End: return "End";
    case Event::Type::Failed: return "Failed";
    }
    return "?";
}

QDebug operator<<(QDebug debug, const Event &event)
{
    QDebugStateSaver saver(debug);
    debug.nospace() << toString(event.type);
    if (event.type == Event::Type::Data)
        debug << "(" << event.offset << ", " << event.bytes.toByteArray() << ")";
    if (event.type == Event::Type::Failed)
        debug << "(" << toString(event.error) << ")";
    return debug;
}

} // namespace loopscope::http
