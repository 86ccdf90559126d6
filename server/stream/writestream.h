// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/stream/filestream.h"
#include "server/stream/writable.h"

#include <QtCore/QString>

#include <optional>

namespace loopscope::stream {

struct WriteStreamOptions {
    QByteArrayView flags = "w"; // a literal: "a": to its end; "wx": only if it is not there
    int mode = 0666; // of a file that is created; less the umask
    std::optional<qint64> start = std::nullopt; // where the first byte goes; needs "r+" to keep what is before it
    qsizetype highWaterMark = defaultHighWaterMark;
    bool autoClose = true;
    bool flush = false; // fsync(2) before it is closed
};

// A file as a Writable. https://nodejs.org/docs/latest-v20.x/api/fs.html#fscreatewritestreampath-options
//
// Made by createWriteStream(), used as Stream says. It is opened at once. Opening, each write of all that waits, and closing
// are a job of the loop's pool, one at a time ("open", "write", "close"); their errors are loop::fs::FsError. It holds one of
// OpenFile::maximum() files until 'close'. An error leaves the file with what was written until then.
class WriteStream final : public Writable, public FileStream {
public:
    // Throws StreamError for bad options.
    WriteStream(const QString &path, const WriteStreamOptions &options, loop::Site site);
    ~WriteStream() override;

    [[nodiscard]] qint64 bytesWritten() const noexcept { return m_bytesWritten; }

protected:
    void doWrite(QByteArray chunk, Done done) override;
    void doWritev(std::vector<QByteArray> chunks, Done done) override;
    [[nodiscard]] bool hasWritev() const noexcept override { return true; }
    void doDestroy(std::exception_ptr error, Done done) override;
    void dropListeners() override;

private:
    friend std::shared_ptr<WriteStream> createWriteStream(const QString &, const WriteStreamOptions &, loop::Site);
    void hasWritten(qint64 result, Done &done);

    const bool m_flush;
    qint64 m_position; // -1: the file's own
    qint64 m_bytesWritten = 0;
    std::exception_ptr m_destroyError;
    bool m_writing = false; // a job uses the file
    bool m_closesAfterWrite = false;
};

std::shared_ptr<WriteStream> createWriteStream(const QString &path, const WriteStreamOptions &options = {},
                                               loop::Site site = loop::Site::here());

} // namespace loopscope::stream
