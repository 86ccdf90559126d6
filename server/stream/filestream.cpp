// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/filestream.h"

#include "server/loop/fs.h"

#include <uv.h>

namespace loopscope::stream {

using loop::fs::FsError;

FileStream::FileStream(const QString &path, int flags, int mode, loop::Site site)
    : m_path(path)
    , m_site(site)
    , m_flags(flags)
    , m_mode(mode)
{
}

FileStream::~FileStream() = default;

void FileStream::onOpen(loop::Callback listener)
{
    listen(Event::Open, m_openListeners, std::move(listener), Times::Once);
}

void FileStream::dropListeners()
{
    m_openListeners.clear();
}

void FileStream::doConstruct(Done done)
{
    auto file = OpenFile::reserve();
    if (!file) {
        done(std::make_exception_ptr(FsError(UV_EMFILE, "open", m_path)));
        return;
    }
    m_file = file;
    OpenFile::runJob(
        "open",
        [file, path = m_path, flags = m_flags, mode = m_mode]() -> qint64 { return file->open(path, flags, mode); },
        [self = shared(this), done = std::move(done)](qint64 result) mutable { self->hasOpened(result, done); },
        m_site);
}

void FileStream::hasOpened(qint64 result, Done &done)
{
    if (result < 0) {
        m_file.reset();
        done(std::make_exception_ptr(FsError(int(result), "open", m_path)));
        return;
    }
    m_open = true;
    done(nullptr);
    m_openListeners.call();
}

void FileStream::close(std::exception_ptr error, bool flush)
{
    if (!m_open) {
        endDestroy(std::move(error));
        return;
    }
    m_open = false;
    OpenFile::runJob(
        "close",
        [file = m_file, flush]() -> qint64 {
            const int synced = flush ? file->sync() : 0;
            const int closed = file->close();
            return synced < 0 ? synced : closed;
        },
        [self = shared(this), error = std::move(error)](qint64 result) mutable {
            self->m_file.reset();
            if (result < 0 && !error)
                error = std::make_exception_ptr(FsError(int(result), "close", {}));
            self->endDestroy(std::move(error));
        },
        m_site);
}

} // namespace loopscope::stream
