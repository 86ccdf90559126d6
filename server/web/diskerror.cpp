// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/diskerror.h"

#include <uv.h>

#include <cerrno>

namespace loopscope::web {

using namespace Qt::StringLiterals;

AppError diskError(int code, const QString &what)
{
    const QByteArray name(uv_err_name(code));
    switch (code) {
    case UV_EMFILE:
    case UV_ENFILE:
    case UV_ENOMEM:
    case UV_ENOBUFS:
    case UV_EAGAIN:
        return AppError::tryLater(u"The server is too busy for the %1. Try again later."_s.arg(what), name);
    case UV_ENOSPC:
    case UV_EFBIG:
    case -EDQUOT: // libuv has no name for it
        return AppError(507, u"The server has no room for the %1."_s.arg(what), "ENOSPC");
    default:
        return AppError(500, u"The server could not use its files for the %1: %2."_s.arg(what, QString::fromLatin1(name)), name);
    }
}

AppError diskError(const loop::fs::FsError &error, const QString &what)
{
    return diskError(error.code(), what).setDetail(error.message());
}

} // namespace loopscope::web
