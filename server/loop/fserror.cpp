// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/fserror.h"

#include <uv.h>

namespace loopscope::loop::fs {

using namespace Qt::StringLiterals;

FsError::FsError(int code, const char *call, const QString &path)
    : m_code(code)
    , m_name(uv_err_name(code))
    , m_message(QLatin1StringView(m_name) + u": "_s + QLatin1StringView(uv_strerror(code)) + u", "_s
                + QLatin1StringView(call))
{
    if (!path.isEmpty())
        m_message += u" '"_s + path + u'\'';
    m_what = m_message.toUtf8();
}

FsError::FsError(const Words &words)
    : m_code(words.code)
    , m_name(words.name)
    , m_message(words.message)
    , m_what(words.message.toUtf8())
{
}

FsError FsError::fileTooLarge(qint64 size, qint64 maximumBytes)
{
    constexpr qint64 gib = qint64(1) << 30;
    const QString limit = maximumBytes % gib == 0 ? u"%1 GiB"_s.arg(maximumBytes / gib) : u"%1 bytes"_s.arg(maximumBytes);
    return FsError(Words{UV_EFBIG, "ERR_FS_FILE_TOO_LARGE", u"File size (%1) is greater than %2"_s.arg(size).arg(limit)});
}

FsError FsError::tooManyEntries(qsizetype maximumEntries, const QString &path)
{
    return FsError(Words{UV_E2BIG, "ERR_FS_TOO_MANY_ENTRIES",
                         u"The folder has more than %1 entries, scandir '%2'"_s.arg(maximumEntries).arg(path)});
}

} // namespace loopscope::loop::fs
