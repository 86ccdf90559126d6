// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/apperror.h"

namespace loopscope::web {

using namespace Qt::StringLiterals;

AppError::AppError(int status, const QString &message, const QByteArray &code)
    : m_status(status)
    , m_message(message)
    , m_code(code)
    , m_what(message.toUtf8())
{
    Q_ASSERT(status >= 400 && status <= 599);
}

AppError AppError::tryLater(const QString &message, const QByteArray &code)
{
    AppError error(503, message, code);
    error.setHeader("Retry-After", "1");
    return error;
}

AppError AppError::bodyTooLarge(qint64 most)
{
    return AppError(413, u"The body is larger than the %1 bytes that this resource accepts."_s.arg(most), "ERR_BODY_TOO_LARGE");
}

AppError &AppError::setHeader(const QByteArray &name, const QByteArray &value)
{
    m_headers.set(name, value);
    return *this;
}

AppError &AppError::setDetail(const QString &detail)
{
    m_what = m_message.toUtf8() + " (" + detail.toUtf8() + ')';
    return *this;
}

} // namespace loopscope::web
