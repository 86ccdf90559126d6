// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/fs.h"

#include <QtCore/QFile>
#include <QtCore/QRandomGenerator>

#include <uv.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace loopscope::loop::fs {

using namespace Qt::StringLiterals;

// Names that are tried for the temporary file before giving up; each is taken with a probability of 2^-64.
static constexpr int temporaryNames = 4;
static constexpr int newFileMode = 0666; // less the process's umask, as Node

FsError::FsError(int code, const char *call, const QString &path)
    : m_code(code)
    , m_name(uv_err_name(code))
    , m_message(QLatin1StringView(m_name) + u": "_s + QLatin1StringView(uv_strerror(code)) + u", "_s
                + QLatin1StringView(call))
{
    if (!path.isEmpty())
        m_message += u" '"_s + path + u'\'';
    m_what = m_message.toUtf8();
}

// A libuv file call without a loop is a plain, blocking one. Gives its result: negative is an error.
namespace {
struct Call {
    uv_fs_t request{};
    ~Call() { uv_fs_req_cleanup(&request); }
};
} // namespace

static int openFile(const QByteArray &path, int flags, int mode)
{
    Call call;
    return uv_fs_open(nullptr, &call.request, path.constData(), flags | UV_FS_O_WRONLY, mode, nullptr);
}

static int writeAll(int file, const QByteArray &bytes)
{
    for (qsizetype written = 0; written < bytes.size();) {
        constexpr qsizetype most = qsizetype(1) << 30; // of one call
        Call call;
        uv_buf_t buffer = uv_buf_init(const_cast<char *>(bytes.constData()) + written,
                                      unsigned(qMin(most, bytes.size() - written)));
        const int result = uv_fs_write(nullptr, &call.request, file, &buffer, 1, -1, nullptr);
        if (result < 0)
            return result;
        written += result;
    }
    return 0;
}

static int closeFile(int file)
{
    Call call;
    return uv_fs_close(nullptr, &call.request, file, nullptr);
}

static void unlinkFile(const QByteArray &path)
{
    Call call;
    uv_fs_unlink(nullptr, &call.request, path.constData(), nullptr);
}

// Where the bytes finally go: what a symbolic link points to; the path itself if nothing is there yet.
static QByteArray resolved(const QByteArray &path)
{
    Call call;
    if (uv_fs_realpath(nullptr, &call.request, path.constData(), nullptr) != 0)
        return path;
    return QByteArray(static_cast<const char *>(call.request.ptr));
}

namespace {
struct Failure {
    int code = 0;
    const char *call = nullptr;
    bool namesPath = false;
};
} // namespace

static Failure writeDirectly(const QByteArray &target, const QByteArray &bytes)
{
    const int file = openFile(target, 0, 0);
    if (file < 0)
        return {file, "open", true};
    const int written = writeAll(file, bytes);
    const int closed = closeFile(file);
    if (written < 0)
        return {written, "write"};
    return {closed, "close"};
}

static Failure writeBeside(const QByteArray &target, const QByteArray &bytes, int mode)
{
    QByteArray temporary;
    int file = UV_EEXIST;
    for (int i = 0; i < temporaryNames && file == UV_EEXIST; ++i) {
        temporary = target + ".tmp-" + QByteArray::number(QRandomGenerator::system()->generate64(), 16);
        file = openFile(temporary, UV_FS_O_CREAT | UV_FS_O_EXCL, newFileMode);
    }
    if (file < 0)
        return {file, "open", true};
    Failure failure{writeAll(file, bytes), "write"};
    if (mode >= 0 && failure.code == 0) {
        Call call;
        failure = {uv_fs_fchmod(nullptr, &call.request, file, mode, nullptr), "fchmod"};
    }
    const int closed = closeFile(file);
    if (failure.code == 0)
        failure = {closed, "close"};
    if (failure.code == 0) {
        Call call;
        failure = {uv_fs_rename(nullptr, &call.request, temporary.constData(), target.constData(), nullptr), "open",
                   true};
    }
    if (failure.code != 0)
        unlinkFile(temporary);
    return failure;
}

static std::optional<FsError> write(const QString &path, const QByteArray &bytes)
{
    const QByteArray target = resolved(QFile::encodeName(path));
    Call status;
    Failure failure;
    if (uv_fs_stat(nullptr, &status.request, target.constData(), nullptr) != 0) {
        failure = writeBeside(target, bytes, -1);
    } else if (const auto mode = status.request.statbuf.st_mode; !S_ISREG(mode)) {
        failure = writeDirectly(target, bytes);
    } else {
        Call access;
        if (const int refused = uv_fs_access(nullptr, &access.request, target.constData(), W_OK, nullptr))
            failure = {refused, "open", true};
        else
            failure = writeBeside(target, bytes, int(mode & 07777));
    }
    if (failure.code == 0)
        return std::nullopt;
    return FsError(failure.code, failure.call, failure.namesPath ? path : QString());
}

void writeFile(const QString &path, QByteArray bytes, WriteCallback callback, Site site)
{
    auto result = std::make_shared<std::optional<FsError>>();
    EventLoop::current()->pool().submit(
        "writeFile", [path, bytes = std::move(bytes), result] { *result = write(path, bytes); },
        [path, result, callback = std::move(callback)](std::exception_ptr error) mutable {
            if (error) // the pool refused it, or no memory
                *result = FsError(UV_EAGAIN, "open", path);
            callback(std::move(*result));
        },
        site);
}

Task<> writeFile(QString path, QByteArray bytes, Site site)
{
    const std::optional<FsError> error = co_await runOnPool(
        "writeFile", [&path, &bytes] { return write(path, bytes); }, site);
    if (error)
        throw *error;
}

std::optional<FsError> writeFileSync(const QString &path, const QByteArray &bytes, Site site)
{
    Span span("writeFileSync", site);
    span.setValue(bytes.size());
    return write(path, bytes);
}

} // namespace loopscope::loop::fs
