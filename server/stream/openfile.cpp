// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/openfile.h"

#include "server/loop/workerpool.h"
#include "server/stream/streamerror.h"

#include <QtCore/QFile>

#include <uv.h>

namespace loopscope::stream {

std::atomic<int> OpenFile::maximumFiles = OpenFile::defaultMaximum;
std::atomic<int> OpenFile::openFiles = 0;

// A libuv file call without a loop is a plain, blocking one.
namespace {
struct Call {
    uv_fs_t request{};
    ~Call() { uv_fs_req_cleanup(&request); }
};
} // namespace

std::shared_ptr<OpenFile> OpenFile::reserve()
{
    if (++openFiles > maximumFiles) {
        --openFiles;
        return nullptr;
    }
    return std::shared_ptr<OpenFile>(new OpenFile);
}

OpenFile::~OpenFile()
{
    if (m_descriptor >= 0)
        (void)close();
    --openFiles;
}

int OpenFile::flagsOf(QByteArrayView flags)
{
    struct Known {
        const char *name;
        int flags;
    };
    static constexpr int write = UV_FS_O_CREAT | UV_FS_O_TRUNC;
    static constexpr int append = UV_FS_O_CREAT | UV_FS_O_APPEND;
    static constexpr Known known[] = {
        {"r", UV_FS_O_RDONLY},
        {"r+", UV_FS_O_RDWR},
        {"rs+", UV_FS_O_RDWR | UV_FS_O_SYNC},
        {"w", UV_FS_O_WRONLY | write},
        {"wx", UV_FS_O_WRONLY | write | UV_FS_O_EXCL},
        {"w+", UV_FS_O_RDWR | write},
        {"wx+", UV_FS_O_RDWR | write | UV_FS_O_EXCL},
        {"a", UV_FS_O_WRONLY | append},
        {"ax", UV_FS_O_WRONLY | append | UV_FS_O_EXCL},
        {"as", UV_FS_O_WRONLY | append | UV_FS_O_SYNC},
        {"a+", UV_FS_O_RDWR | append},
        {"ax+", UV_FS_O_RDWR | append | UV_FS_O_EXCL},
        {"as+", UV_FS_O_RDWR | append | UV_FS_O_SYNC},
    };
    for (const Known &one : known) {
        if (flags == one.name)
            return one.flags;
    }
    throw StreamError(StreamError::Code::InvalidArgument, "flags");
}

int OpenFile::open(const QString &path, int flags, int mode)
{
    Call call;
    const int result = uv_fs_open(nullptr, &call.request, QFile::encodeName(path).constData(), flags, mode, nullptr);
    if (result >= 0)
        m_descriptor = result;
    return qMin(result, 0);
}

qint64 OpenFile::read(char *bytes, qsizetype count, qint64 position)
{
    Call call;
    const uv_buf_t buffer = uv_buf_init(bytes, unsigned(count));
    return uv_fs_read(nullptr, &call.request, m_descriptor, &buffer, 1, position, nullptr);
}

qint64 OpenFile::write(const std::vector<QByteArray> &chunks, qint64 position)
{
    constexpr qsizetype most = qsizetype(1) << 30; // bytes of one buffer
    std::vector<uv_buf_t> buffers;
    for (const QByteArray &chunk : chunks) {
        for (qsizetype at = 0; at < chunk.size(); at += most)
            buffers.push_back(uv_buf_init(const_cast<char *>(chunk.constData()) + at, unsigned(qMin(most, chunk.size() - at))));
    }
    qint64 total = 0;
    for (std::size_t first = 0; first < buffers.size();) {
        Call call;
        const int result = uv_fs_write(nullptr, &call.request, m_descriptor, &buffers[first],
                                       unsigned(buffers.size() - first), position < 0 ? -1 : position + total, nullptr);
        if (result < 0)
            return result;
        total += result;
        std::size_t taken = std::size_t(result);
        while (first < buffers.size() && taken >= buffers[first].len)
            taken -= buffers[first++].len;
        if (first < buffers.size()) {
            buffers[first].base += taken;
            buffers[first].len -= taken;
        }
    }
    return total;
}

int OpenFile::sync()
{
    Call call;
    return uv_fs_fsync(nullptr, &call.request, m_descriptor, nullptr);
}

int OpenFile::close()
{
    Call call;
    return uv_fs_close(nullptr, &call.request, std::exchange(m_descriptor, -1), nullptr);
}

void OpenFile::runJob(const char *name, loop::UniqueFunction<qint64()> work, loop::UniqueFunction<void(qint64)> done,
                      loop::Site site)
{
    const auto result = std::make_shared<qint64>(UV_EAGAIN);
    loop::EventLoop::current()->pool().submit(
        name, [work = std::move(work), result]() mutable { *result = work(); },
        [done = std::move(done), result](const std::exception_ptr &) mutable { done(*result); }, site);
}

} // namespace loopscope::stream
