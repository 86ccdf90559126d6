// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/stream/filestream.h"
#include "server/stream/readable.h"

#include <QtCore/QString>

namespace loopscope::stream {

struct ReadStreamOptions {
    QByteArrayView flags = "r"; // a literal, or what lives as long as the call
    int mode = 0666; // if the flags make it be created; less the umask
    std::optional<qint64> start = std::nullopt; // of the first byte; unset: from the file's own position, as a pipe needs
    std::optional<qint64> end = std::nullopt; // of the last byte, itself included
    // Bytes of one read. More make a large file come faster, up to some 256 KiB.
    qsizetype highWaterMark = defaultHighWaterMark;
    bool autoClose = true;
};

// A file as a Readable. https://nodejs.org/docs/latest-v20.x/api/fs.html#fscreatereadstreampath-options
//
// Made by createReadStream(), used as Stream says. It is opened at once. Opening, each read and closing are a job of the loop's
// pool, one at a time ("open", "read", "close"); their errors are loop::fs::FsError. It holds one of
// OpenFile::maximum() files until 'close'. A read that waits, on a named pipe, keeps a thread of the pool.
class ReadStream final : public Readable, public FileStream {
public:
    // Throws StreamError for bad options.
    ReadStream(const QString &path, const ReadStreamOptions &options, loop::Site site);
    ~ReadStream() override;

    [[nodiscard]] qint64 bytesRead() const noexcept { return m_bytesRead; }

protected:
    void doRead(qsizetype bytes) override;
    void doDestroy(std::exception_ptr error, Done done) override;
    void dropListeners() override;

private:
    friend std::shared_ptr<ReadStream> createReadStream(const QString &, const ReadStreamOptions &, loop::Site);
    void hasRead(qint64 result, QByteArray &&chunk);

    qint64 m_position; // -1: the file's own
    qint64 m_left; // bytes until the end that was asked for
    qint64 m_bytesRead = 0;
    std::exception_ptr m_destroyError;
    bool m_reading = false; // a job uses the file
};

std::shared_ptr<ReadStream> createReadStream(const QString &path, const ReadStreamOptions &options = {},
                                             loop::Site site = loop::Site::here());

} // namespace loopscope::stream
