// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/storedfile.h"

#include "server/loop/workerpool.h"
#include "server/web/uploadedfile.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QRandomGenerator>

#include <uv.h>

#include <algorithm>

namespace loopscope::web {

namespace {

// A libuv file call without a loop is a plain, blocking one.
struct Call {
    uv_fs_t request{};
    ~Call() { uv_fs_req_cleanup(&request); }
};

QString randomName()
{
    QByteArray bytes;
    for (int i = 0; i < StoredFile::nameBytes / 8; ++i) {
        const quint64 random = QRandomGenerator::system()->generate64();
        bytes.append(reinterpret_cast<const char *>(&random), sizeof random);
    }
    return QString::fromLatin1(bytes.toHex());
}

} // namespace

StoredFile::StoredFile(const QString &directory)
    : m_directory(directory)
    , m_path(QDir(directory).filePath(randomName()))
{
}

StoredFile::~StoredFile()
{
    (void)close();
    if (m_made && !m_kept) {
        Call call;
        uv_fs_unlink(nullptr, &call.request, QFile::encodeName(m_path).constData(), nullptr);
    }
}

std::shared_ptr<StoredFile> StoredFile::create(const QString &directory)
{
    return {new StoredFile(directory), destroy};
}

// A job that the pool drops takes the file with it. Outside of a callback the loop may be at its own end.
void StoredFile::destroy(StoredFile *file)
{
    std::unique_ptr<StoredFile> owned(file);
    loop::EventLoop *loop = loop::EventLoop::current();
    if (loop && loop->runningCallback() != 0 && file->m_made && !file->m_kept)
        loop->pool().submit(
            "removeUpload", [removed = std::move(owned)]() mutable { removed.reset(); }, [](std::exception_ptr) {});
}

int StoredFile::open()
{
    if (!QDir().mkpath(m_directory))
        return UV_ENOTDIR;
    Call call;
    m_descriptor = uv_fs_open(nullptr, &call.request, QFile::encodeName(m_path).constData(),
                              UV_FS_O_WRONLY | UV_FS_O_CREAT | UV_FS_O_EXCL | UV_FS_O_NOFOLLOW, 0600, nullptr);
    m_made = m_descriptor >= 0;
    return std::min(m_descriptor, 0);
}

int StoredFile::write(QByteArrayView bytes)
{
    m_hash.addData(bytes);
    while (!bytes.isEmpty()) {
        constexpr qsizetype most = qsizetype(1) << 30; // of one call
        Call call;
        const uv_buf_t buffer = uv_buf_init(const_cast<char *>(bytes.data()), unsigned(std::min(most, bytes.size())));
        const int written = uv_fs_write(nullptr, &call.request, m_descriptor, &buffer, 1, -1, nullptr);
        if (written < 0)
            return written;
        m_size += written;
        bytes = bytes.sliced(written);
    }
    return 0;
}

int StoredFile::close()
{
    if (m_descriptor < 0)
        return 0;
    Call call;
    return uv_fs_close(nullptr, &call.request, std::exchange(m_descriptor, -1), nullptr);
}

void UploadedFile::keep() const
{
    if (stored)
        stored->keep();
}

} // namespace loopscope::web
