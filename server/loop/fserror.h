// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include <exception>

namespace loopscope::loop::fs {

// Why a file operation failed, in Node's words. https://nodejs.org/docs/latest-v20.x/api/errors.html#class-systemerror
// A value; any thread.
class FsError final : public std::exception {
public:
    // `code` is libuv's, which on Unix is the negated errno (UV_EACCES); `call` the system call; `path` may be empty.
    FsError(int code, const char *call, const QString &path);
    // A file of `size` bytes, or at least so many, is more than may be read at once. Code UV_EFBIG, name
    // "ERR_FS_FILE_TOO_LARGE". https://nodejs.org/docs/latest-v20.x/api/errors.html#err_fs_file_too_large
    [[nodiscard]] static FsError fileTooLarge(qint64 size, qint64 maximumBytes);
    // A folder has more entries than may be read at once. Code UV_E2BIG, name "ERR_FS_TOO_MANY_ENTRIES" (not Node's).
    [[nodiscard]] static FsError tooManyEntries(qsizetype maximumEntries, const QString &path);

    [[nodiscard]] int code() const noexcept { return m_code; }
    // "EACCES"
    [[nodiscard]] const QByteArray &name() const noexcept { return m_name; }
    // "EACCES: permission denied, open '/x'"
    [[nodiscard]] const QString &message() const noexcept { return m_message; }
    [[nodiscard]] const char *what() const noexcept override { return m_what.constData(); }

private:
    struct Words {
        int code;
        QByteArray name;
        QString message;
    };
    explicit FsError(const Words &words);

    int m_code;
    QByteArray m_name;
    QString m_message;
    QByteArray m_what;
};

} // namespace loopscope::loop::fs
