// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/task.h"

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include <exception>
#include <optional>

namespace loopscope::loop::fs {

// Why a file operation failed, in Node's words. https://nodejs.org/docs/latest-v20.x/api/errors.html#class-systemerror
class FsError final : public std::exception {
public:
    // `code` is libuv's, which on Unix is the negated errno (UV_EACCES); `call` the system call; `path` may be empty.
    FsError(int code, const char *call, const QString &path);

    [[nodiscard]] int code() const noexcept { return m_code; }
    // "EACCES"
    [[nodiscard]] const QByteArray &name() const noexcept { return m_name; }
    // "EACCES: permission denied, open '/x'"
    [[nodiscard]] const QString &message() const noexcept { return m_message; }
    [[nodiscard]] const char *what() const noexcept override { return m_what.constData(); }

private:
    int m_code;
    QByteArray m_name;
    QString m_message;
    QByteArray m_what;
};

// Error-first, as Node's: empty if all went well.
using WriteCallback = UniqueFunction<void(std::optional<FsError>)>;

// Writes a whole file, or leaves the old one untouched: the bytes go to a temporary file beside it, which is then
// renamed. An old file keeps its permissions, a symbolic link stays one, and a file that may not be written is refused
// (EACCES) although its folder would allow the renaming. Devices and pipes are written to directly. Nothing is synced.
// Each is a job "writeFile" of the pool of the calling thread's loop; `callback` runs on the loop.
void writeFile(const QString &path, QByteArray bytes, WriteCallback callback, Site site = Site::here());
// co_await fs::writeFile(path, bytes): throws the FsError.
Task<> writeFile(QString path, QByteArray bytes, Site site = Site::here());
// The same on the calling thread, which waits for the disk: traced as the Span "writeFileSync". Throws nothing.
[[nodiscard]] std::optional<FsError> writeFileSync(const QString &path, const QByteArray &bytes,
                                                   Site site = Site::here());

} // namespace loopscope::loop::fs
