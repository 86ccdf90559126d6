// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/fscalls.h"

#include <QtCore/QFile>
#include <QtCore/QRandomGenerator>

#include <uv.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace loopscope::loop::fs {

bool Stats::isFile() const noexcept
{
    return S_ISREG(mode);
}

bool Stats::isDirectory() const noexcept
{
    return S_ISDIR(mode);
}

namespace calls {

// Names that are tried for the temporary file before giving up; each is taken with a probability of 2^-64.
static constexpr int temporaryNames = 4;
static constexpr int newFileMode = 0666; // less the process's umask, as Node
static constexpr qint64 bytesOfOneCall = qint64(1) << 30; // libuv counts them in an unsigned
static constexpr qint64 blockBytes = 64 * 1024; // of a file that does not tell its size; as Node's kReadFileUnknownBufferLength
static constexpr int entriesOfOneCall = 64;

namespace {

// A libuv file call without a loop is a plain, blocking one. Gives its result: negative is an error.
struct Call {
    uv_fs_t request{};
    ~Call() { uv_fs_req_cleanup(&request); }
};

int openFile(const QByteArray &path, int flags, int mode = 0)
{
    Call call;
    return uv_fs_open(nullptr, &call.request, path.constData(), flags, mode, nullptr);
}

int closeFile(int file)
{
    Call call;
    return uv_fs_close(nullptr, &call.request, file, nullptr);
}

int writeAll(int file, const QByteArray &bytes)
{
    for (qsizetype written = 0; written < bytes.size();) {
        Call call;
        uv_buf_t buffer = uv_buf_init(const_cast<char *>(bytes.constData()) + written,
                                      unsigned(qMin<qint64>(bytesOfOneCall, bytes.size() - written)));
        const int result = uv_fs_write(nullptr, &call.request, file, &buffer, 1, -1, nullptr);
        if (result < 0)
            return result;
        written += result;
    }
    return 0;
}

int unlinkFile(const QByteArray &path)
{
    Call call;
    return uv_fs_unlink(nullptr, &call.request, path.constData(), nullptr);
}

// Where the bytes finally go: what a symbolic link points to; the path itself if nothing is there yet.
QByteArray resolved(const QByteArray &path)
{
    Call call;
    if (uv_fs_realpath(nullptr, &call.request, path.constData(), nullptr) != 0)
        return path;
    return QByteArray(static_cast<const char *>(call.request.ptr));
}

struct Failure {
    int code = 0;
    const char *call = nullptr;
    bool namesPath = false;

    [[nodiscard]] std::optional<FsError> toError(const QString &path) const
    {
        if (code == 0)
            return std::nullopt;
        return FsError(code, call, namesPath ? path : QString());
    }
};

} // namespace

// --- readFile ---

// Room for what is left of a file of `size` bytes, and one more byte, which finds its end.
static qint64 nextRead(qint64 filled, qint64 size, qint64 maximumBytes)
{
    const qint64 expected = size > filled ? size - filled + 1 : blockBytes;
    return qMin(qMin(expected, bytesOfOneCall), maximumBytes + 1 - filled);
}

static Result<QByteArray> readAll(int file, qint64 size, qint64 maximumBytes)
{
    QByteArray bytes;
    for (qint64 filled = 0;;) {
        if (filled > maximumBytes)
            return {FsError::fileTooLarge(filled, maximumBytes), {}};
        const qint64 room = nextRead(filled, size, maximumBytes);
        bytes.resize(filled + room);
        Call call;
        const uv_buf_t buffer = uv_buf_init(bytes.data() + filled, unsigned(room));
        const int result = uv_fs_read(nullptr, &call.request, file, &buffer, 1, -1, nullptr);
        if (result < 0)
            return {FsError(result, "read", {}), {}};
        filled += result;
        if (result == 0) {
            bytes.truncate(filled);
            return {std::nullopt, std::move(bytes)};
        }
    }
}

Result<QByteArray> readFile(const QString &path, ReadFileOptions options)
{
    const int file = openFile(QFile::encodeName(path), UV_FS_O_RDONLY);
    if (file < 0)
        return {FsError(file, "open", path), {}};
    Result<QByteArray> result;
    Call status;
    if (const int failed = uv_fs_fstat(nullptr, &status.request, file, nullptr)) {
        result.error = FsError(failed, "fstat", {});
    } else {
        const uv_stat_t &found = status.request.statbuf;
        const qint64 size = S_ISREG(found.st_mode) ? qint64(found.st_size) : 0;
        if (size > options.maximumBytes)
            result.error = FsError::fileTooLarge(size, options.maximumBytes);
        else
            result = readAll(file, size, options.maximumBytes);
    }
    closeFile(file);
    return result;
}

// --- writeFile, appendFile ---

// What is written, and with `flush` on the disk; as Node's writeFileHandle().
static Failure write(int file, const QByteArray &bytes, WriteFileOptions options)
{
    const int written = writeAll(file, bytes);
    if (written < 0 || !options.flush)
        return {written, "write"};
    Call call;
    return {uv_fs_fsync(nullptr, &call.request, file, nullptr), "fsync"};
}

static Failure writeDirectly(const QByteArray &target, const QByteArray &bytes, int flags, WriteFileOptions options)
{
    const int file = openFile(target, flags | UV_FS_O_WRONLY, newFileMode);
    if (file < 0)
        return {file, "open", true};
    const Failure failure = write(file, bytes, options);
    const int closed = closeFile(file);
    if (failure.code < 0)
        return failure;
    return {closed, "close"};
}

static Failure writeBeside(const QByteArray &target, const QByteArray &bytes, int mode, WriteFileOptions options)
{
    QByteArray temporary;
    int file = UV_EEXIST;
    for (int i = 0; i < temporaryNames && file == UV_EEXIST; ++i) {
        temporary = target + ".tmp-" + QByteArray::number(QRandomGenerator::system()->generate64(), 16);
        file = openFile(temporary, UV_FS_O_CREAT | UV_FS_O_EXCL | UV_FS_O_WRONLY, newFileMode);
    }
    if (file < 0)
        return {file, "open", true};
    Failure failure = write(file, bytes, options);
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

std::optional<FsError> writeFile(const QString &path, const QByteArray &bytes, WriteFileOptions options)
{
    const QByteArray target = resolved(QFile::encodeName(path));
    Call status;
    if (uv_fs_stat(nullptr, &status.request, target.constData(), nullptr) != 0)
        return writeBeside(target, bytes, -1, options).toError(path);
    const auto mode = status.request.statbuf.st_mode;
    if (!S_ISREG(mode)) // a device, a pipe: there may be nothing to flush
        return writeDirectly(target, bytes, 0, {}).toError(path);
    Call access;
    if (const int refused = uv_fs_access(nullptr, &access.request, target.constData(), W_OK, nullptr))
        return Failure{refused, "open", true}.toError(path);
    return writeBeside(target, bytes, int(mode & 07777), options).toError(path);
}

std::optional<FsError> appendFile(const QString &path, const QByteArray &bytes)
{
    return writeDirectly(QFile::encodeName(path), bytes, UV_FS_O_CREAT | UV_FS_O_APPEND, {}).toError(path);
}

// --- stat, readdir ---

static double inMs(const uv_timespec_t &time)
{
    return double(time.tv_sec) * 1e3 + double(time.tv_nsec) / 1e6;
}

Result<Stats> stat(const QString &path)
{
    Call call;
    if (const int failed = uv_fs_stat(nullptr, &call.request, QFile::encodeName(path).constData(), nullptr))
        return {FsError(failed, "stat", path), {}};
    const uv_stat_t &from = call.request.statbuf;
    return {std::nullopt,
            Stats{.size = qint64(from.st_size),
                  .mode = from.st_mode,
                  .inode = from.st_ino,
                  .device = from.st_dev,
                  .links = from.st_nlink,
                  .uid = from.st_uid,
                  .gid = from.st_gid,
                  .atimeMs = inMs(from.st_atim),
                  .mtimeMs = inMs(from.st_mtim),
                  .ctimeMs = inMs(from.st_ctim),
                  .birthtimeMs = inMs(from.st_birthtim)}};
}

static Result<QByteArrayList> entriesOf(uv_dir_t *folder, const QString &path, qsizetype maximumEntries)
{
    QByteArrayList names;
    std::array<uv_dirent_t, entriesOfOneCall> entries;
    folder->dirents = entries.data();
    folder->nentries = entries.size();
    for (;;) {
        Call call; // owns the names
        const int count = uv_fs_readdir(nullptr, &call.request, folder, nullptr);
        if (count < 0)
            return {FsError(count, "scandir", path), {}};
        if (count == 0)
            return {std::nullopt, std::move(names)};
        if (names.size() + count > maximumEntries)
            return {FsError::tooManyEntries(maximumEntries, path), {}};
        for (int i = 0; i < count; ++i)
            names.append(QByteArray(entries[std::size_t(i)].name));
    }
}

// Not uv_fs_scandir(), which takes the whole folder into memory before anybody could count.
Result<QStringList> readdir(const QString &path, ReaddirOptions options)
{
    Call opened;
    if (const int failed = uv_fs_opendir(nullptr, &opened.request, QFile::encodeName(path).constData(), nullptr))
        return {FsError(failed, "scandir", path), {}}; // as Node calls it
    auto *folder = static_cast<uv_dir_t *>(opened.request.ptr);
    Result<QByteArrayList> names = entriesOf(folder, path, options.maximumEntries);
    Call closed;
    uv_fs_closedir(nullptr, &closed.request, folder, nullptr);
    if (names.error)
        return {std::move(names.error), {}};
    std::sort(names.value.begin(), names.value.end());
    QStringList decoded;
    decoded.reserve(names.value.size());
    for (const QByteArray &name : std::as_const(names.value))
        decoded.append(QFile::decodeName(name));
    return {std::nullopt, std::move(decoded)};
}

// --- unlink, mkdir ---

std::optional<FsError> unlink(const QString &path)
{
    if (const int failed = unlinkFile(QFile::encodeName(path)))
        return FsError(failed, "unlink", path);
    return std::nullopt;
}

static int makeFolder(const QByteArray &path, int mode)
{
    Call call;
    return uv_fs_mkdir(nullptr, &call.request, path.constData(), mode, nullptr);
}

// What mkdir of a folder that is to be there means where something is: 0 if that is a folder.
static int judgeExisting(const QByteArray &path, int failed, bool isAbove)
{
    Call call;
    if (const int unknown = uv_fs_stat(nullptr, &call.request, path.constData(), nullptr))
        return unknown;
    if (S_ISDIR(call.request.statbuf.st_mode))
        return 0;
    return failed == UV_EEXIST && isAbove ? int(UV_ENOTDIR) : failed;
}

// As Node's MKDirpSync(): down to the first folder that can be made, and up again. `first` becomes the one made first.
static int makeFolders(const QByteArray &path, int mode, QByteArray &first)
{
    static constexpr int maximumSteps = 8'192; // twice PATH_MAX: somebody else removes what is made
    QByteArrayList wanted{path};
    for (int step = 0; step < maximumSteps && !wanted.isEmpty(); ++step) {
        const QByteArray next = wanted.last();
        int result = makeFolder(next, mode);
        if (result == 0 && first.isEmpty())
            first = next;
        if (result == UV_ENOENT) {
            const QByteArray above = next.first(qMax<qsizetype>(0, next.lastIndexOf('/')));
            if (above.isEmpty() || above == next)
                return result;
            wanted.append(above);
            continue;
        }
        if (result != 0 && result != UV_EACCES && result != UV_ENOSPC && result != UV_ENOTDIR && result != UV_EPERM)
            result = judgeExisting(next, result, wanted.size() > 1);
        if (result != 0)
            return result;
        wanted.removeLast();
    }
    return wanted.isEmpty() ? 0 : int(UV_ENOENT);
}

Result<QString> mkdir(const QString &path, MkdirOptions options)
{
    const QByteArray name = QFile::encodeName(path);
    QByteArray first = name;
    int failed = 0;
    if (options.recursive) {
        first.clear();
        failed = makeFolders(name, options.mode, first);
    } else {
        failed = makeFolder(name, options.mode);
    }
    if (failed)
        return {FsError(failed, "mkdir", path), {}};
    return {std::nullopt, first.isEmpty() ? QString() : QFile::decodeName(first)};
}

} // namespace calls
} // namespace loopscope::loop::fs
