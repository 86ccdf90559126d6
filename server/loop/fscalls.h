// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Not part of the room's interface: what fs.cpp runs on the pool or, for the …Sync forms, on the caller's thread.

#include "server/loop/fs.h"

// The operations of fs.h as plain, blocking calls. Any thread; they know no loop and trace nothing.
namespace loopscope::loop::fs::calls {

[[nodiscard]] Result<QByteArray> readFile(const QString &path, ReadFileOptions options);
[[nodiscard]] std::optional<FsError> writeFile(const QString &path, const QByteArray &bytes,
                                               WriteFileOptions options);
[[nodiscard]] std::optional<FsError> appendFile(const QString &path, const QByteArray &bytes);
[[nodiscard]] Result<Stats> stat(const QString &path);
[[nodiscard]] Result<QStringList> readdir(const QString &path, ReaddirOptions options);
[[nodiscard]] std::optional<FsError> unlink(const QString &path);
[[nodiscard]] Result<QString> mkdir(const QString &path, MkdirOptions options);

} // namespace loopscope::loop::fs::calls
