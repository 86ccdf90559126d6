// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/method.h"

namespace loopscope::http {

static constexpr const char *names[methodCount] = {"GET",    "HEAD",    "POST",  "PUT",
                                                   "DELETE", "OPTIONS", "TRACE", "PATCH"};

QByteArrayView toString(Method method) noexcept
{
    return names[static_cast<int>(method)];
}

bool fromString(QByteArrayView name, Method &method) noexcept
{
    for (int i = 0; i < methodCount; ++i) {
        if (name == QByteArrayView(names[i])) {
            method = static_cast<Method>(i);
            return true;
        }
    }
    return false;
}

} // namespace loopscope::http
