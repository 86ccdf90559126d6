// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/date.h"

#include <QtCore/QLocale>

namespace loopscope::http {

QByteArray imfFixdate(const QDateTime &time)
{
    return QLocale::c().toString(time.toUTC(), QStringLiteral("ddd, dd MMM yyyy hh:mm:ss")).toLatin1() + " GMT";
}

} // namespace loopscope::http
