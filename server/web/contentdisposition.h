// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QString>

namespace loopscope::web {

// The value of a Content-Disposition header that makes a user agent offer to save the body (RFC 6266), as the npm
// package content-disposition: "attachment", or with the last segment of `fileName` (both slashes separate).
// A name that is not plain ASCII, or holds something like "%20" that a user agent might decode, goes out twice:
// as filename with '?' for what ASCII does not have, and as filename* in UTF-8 (RFC 8187), which wins where it is
// understood. Control bytes become '?'. Deviation: Latin-1 is not sent as it is, for not every user agent reads it so.
[[nodiscard]] QByteArray contentDisposition(const QString &fileName = {}, const QByteArray &type = "attachment");

} // namespace loopscope::web
