// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/apperror.h"

namespace loopscope::web {

AppError::AppError(int status, const QString &message, const QByteArray &code)
    : m_status(status)
    , m_message(message)
    , m_code(code)
    , m_what(message.toUtf8())
{
    Q_ASSERT(status >= 400 && status <= 599);
}

} // namespace loopscope::web
