// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>

QT_BEGIN_NAMESPACE
class QSslConfiguration;
QT_END_NAMESPACE

namespace loopscope::net {

// The largest file that is read, bytes: a chain of certificates takes a few KiB.
inline constexpr qint64 maxTlsFileBytes = 1024 * 1024;

// Puts a server's certificate (and the chain that follows it in the file) and private key into `configuration`, both
// from PEM files; the key may be RSA, EC or DSA, without a password. False: `error` says why in one sentence.
// Reads files, so it is for the program's start.
[[nodiscard]] bool loadTlsFiles(const QString &certificateFile, const QString &keyFile,
                                QSslConfiguration &configuration, QString &error);

} // namespace loopscope::net
