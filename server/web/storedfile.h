// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>
#include <QtCore/QCryptographicHash>
#include <QtCore/QString>

#include <memory>

namespace loopscope::web {

// A file that is being written under a random name and is removed again unless it is kept.
//
// Made on the loop's thread; open(), write() and close() run on a worker, one at a time; what they leave is read on the
// loop after the job. It closes and removes the file at its end: on a worker, if a callback of a loop lets go of it
// last, for that may have to wait for the disk.
class StoredFile {
public:
    // Random bytes of a name: two files get the same one with a probability of 2^-128. Multer: 16.
    static constexpr int nameBytes = 16;

    [[nodiscard]] static std::shared_ptr<StoredFile> create(const QString &directory);
    ~StoredFile();
    StoredFile(const StoredFile &) = delete;
    StoredFile &operator=(const StoredFile &) = delete;

    // Makes the directory if it is not there, and in it a file that was not (O_EXCL), for this user alone (0600).
    // Each of these gives 0 or libuv's error, which on Unix is the negated errno.
    [[nodiscard]] int open();
    [[nodiscard]] int write(QByteArrayView bytes);
    [[nodiscard]] int close();

    void keep() noexcept { m_kept = true; }
    [[nodiscard]] const QString &path() const noexcept { return m_path; }
    [[nodiscard]] qint64 size() const noexcept { return m_size; }
    // Of what was written; after close().
    [[nodiscard]] QByteArray sha256() const { return m_hash.result(); }

private:
    explicit StoredFile(const QString &directory);
    static void destroy(StoredFile *file);

    const QString m_directory;
    const QString m_path;
    int m_descriptor = -1;
    bool m_made = false;
    bool m_kept = false;
    qint64 m_size = 0;
    QCryptographicHash m_hash{QCryptographicHash::Sha256};
};

} // namespace loopscope::web
