// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/stream/openfile.h"
#include "server/stream/stream.h"

#include <QtCore/QString>

namespace loopscope::stream {

// What ReadStream and WriteStream have in common: the file, opened and closed by jobs of the loop's pool.
class FileStream : public virtual Stream {
public:
    ~FileStream() override;

    // 'open'
    void onOpen(loop::Callback listener);
    [[nodiscard]] const QString &path() const noexcept { return m_path; }
    // It is not open yet, or no more.
    [[nodiscard]] bool isPending() const noexcept { return !m_open; }

protected:
    // `flags`: open(2)'s.
    FileStream(const QString &path, int flags, int mode, loop::Site site);

    void doConstruct(Done done) override;
    void dropListeners() override;
    // Closes it if it is open, and then ends the destruction with `error`, or with what closing failed with. `flush`: after
    // fsync(2). No job may use the file: its number may be another file's by then.
    void close(std::exception_ptr error, bool flush);
    [[nodiscard]] const std::shared_ptr<OpenFile> &file() const noexcept { return m_file; }
    [[nodiscard]] loop::Site site() const noexcept { return m_site; }

private:
    void hasOpened(qint64 result, Done &done);

    const QString m_path;
    const loop::Site m_site;
    const int m_flags;
    const int m_mode;
    std::shared_ptr<OpenFile> m_file;
    ListenerList<> m_openListeners;
    bool m_open = false;
};

} // namespace loopscope::stream
