// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/fserror.h"
#include "server/loop/task.h"

#include <QtCore/QByteArray>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include <optional>

// Files, as Node's fs: each operation in three forms. https://nodejs.org/docs/latest-v20.x/api/fs.html
//
//   fs::readFile(path, [](std::optional<fs::FsError> error, QByteArray bytes) { … });   // error-first
//   const QByteArray bytes = co_await fs::readFile(path);                               // throws the FsError
//   const auto [error, bytes] = fs::readFileSync(path);                                 // the caller's thread waits
//
// The first two are a job of the pool of the calling thread's loop, named as the function; the callback runs on the loop.
// A full pool is UV_EAGAIN to a callback, a JobError to who awaits. The third waits for the disk on the calling thread,
// traced as a Span of its name; it throws nothing. Streams of files are in server/stream.
namespace loopscope::loop::fs {

// What a blocking call gives: the error, or the value.
template<typename T>
struct Result {
    std::optional<FsError> error;
    T value{};
};

// Error-first, as Node's: empty if all went well.
using Callback = UniqueFunction<void(std::optional<FsError>)>;
template<typename T>
using ValueCallback = UniqueFunction<void(std::optional<FsError>, T)>;

// --- whole files ---

struct ReadFileOptions {
    // Bytes that are read at most; a larger file is ERR_FS_FILE_TOO_LARGE. Node: 2 GiB, and no option.
    static constexpr qint64 defaultMaximumBytes = qint64(1) << 30;
    qint64 maximumBytes = defaultMaximumBytes;
};

// The whole of a file, also of one that does not tell its size (/proc), to its end.
void readFile(const QString &path, ValueCallback<QByteArray> callback, Site site = Site::here());
void readFile(const QString &path, ReadFileOptions options, ValueCallback<QByteArray> callback, Site site = Site::here());
Task<QByteArray> readFile(QString path, ReadFileOptions options = {}, Site site = Site::here());
[[nodiscard]] Result<QByteArray> readFileSync(const QString &path, ReadFileOptions options = {}, Site site = Site::here());

// https://nodejs.org/docs/latest-v20.x/api/fs.html#fswritefilefile-data-options-callback
struct WriteFileOptions {
    // fsync(): it has ended when the bytes are on the disk, and not when the system has them and writes them some time.
    bool flush = false;
};

// Writes a whole file, or leaves the old one untouched: the bytes go to a temporary file beside it, which is then
// renamed. An old file keeps its permissions, a symbolic link stays one, and a file that may not be written is refused
// (EACCES) although its folder would allow the renaming. Devices and pipes are written to directly.
// Deviation: Node empties the file and writes into it, so that who reads meanwhile, or a disk that is full, leaves a part.
// What the renaming costs: the folder must be writable, the file is the writer's from then on, and other hard links to
// the old one keep the old bytes.
void writeFile(const QString &path, QByteArray bytes, Callback callback, Site site = Site::here());
void writeFile(const QString &path, QByteArray bytes, WriteFileOptions options, Callback callback,
               Site site = Site::here());
Task<> writeFile(QString path, QByteArray bytes, WriteFileOptions options = {}, Site site = Site::here());
[[nodiscard]] std::optional<FsError> writeFileSync(const QString &path, const QByteArray &bytes,
                                                   WriteFileOptions options = {}, Site site = Site::here());

// Adds to the end of a file, which is made if it is not there. As in Node, what was written before the disk was full stays.
void appendFile(const QString &path, QByteArray bytes, Callback callback, Site site = Site::here());
Task<> appendFile(QString path, QByteArray bytes, Site site = Site::here());
[[nodiscard]] std::optional<FsError> appendFileSync(const QString &path, const QByteArray &bytes,
                                                    Site site = Site::here());

// --- what is there ---

// https://nodejs.org/docs/latest-v20.x/api/fs.html#class-fsstats
struct Stats {
    qint64 size = 0; // bytes
    quint64 mode = 0; // st_mode: type and permissions
    quint64 inode = 0; // Node: ino
    quint64 device = 0; // dev
    quint64 links = 0; // nlink
    quint64 uid = 0;
    quint64 gid = 0;
    // ms since 1970, with a fraction.
    double atimeMs = 0;
    double mtimeMs = 0;
    double ctimeMs = 0;
    double birthtimeMs = 0;

    [[nodiscard]] bool isFile() const noexcept;
    [[nodiscard]] bool isDirectory() const noexcept;
};

// Of what a symbolic link points to.
void stat(const QString &path, ValueCallback<Stats> callback, Site site = Site::here());
Task<Stats> stat(QString path, Site site = Site::here());
[[nodiscard]] Result<Stats> statSync(const QString &path, Site site = Site::here());

struct ReaddirOptions {
    // Entries at most; a folder with more is ERR_FS_TOO_MANY_ENTRIES. Node: none.
    static constexpr qsizetype defaultMaximumEntries = 100'000;
    qsizetype maximumEntries = defaultMaximumEntries;
};

// The names in a folder without "." and "..", in the order of their bytes, as libuv sorts them.
void readdir(const QString &path, ValueCallback<QStringList> callback, Site site = Site::here());
void readdir(const QString &path, ReaddirOptions options, ValueCallback<QStringList> callback, Site site = Site::here());
Task<QStringList> readdir(QString path, ReaddirOptions options = {}, Site site = Site::here());
[[nodiscard]] Result<QStringList> readdirSync(const QString &path, ReaddirOptions options = {}, Site site = Site::here());

// --- folders and names ---

void unlink(const QString &path, Callback callback, Site site = Site::here());
Task<> unlink(QString path, Site site = Site::here());
[[nodiscard]] std::optional<FsError> unlinkSync(const QString &path, Site site = Site::here());

struct MkdirOptions {
    bool recursive = false; // with all folders above it; then it is no error if it is there
    int mode = 0777; // less the process's umask, as Node
};

// The value is the first folder that was made, and so null if `recursive` found all of them. Deviation: Node gives it
// only with `recursive`.
void mkdir(const QString &path, ValueCallback<QString> callback, Site site = Site::here());
void mkdir(const QString &path, MkdirOptions options, ValueCallback<QString> callback, Site site = Site::here());
Task<QString> mkdir(QString path, MkdirOptions options = {}, Site site = Site::here());
[[nodiscard]] Result<QString> mkdirSync(const QString &path, MkdirOptions options = {}, Site site = Site::here());

} // namespace loopscope::loop::fs
