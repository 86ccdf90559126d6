// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/fs.h"

#include "server/loop/fscalls.h"

#include <uv.h>

namespace loopscope::loop::fs {

namespace {

// Why a job never came to an end of its own: the pool refused it, or there was no memory.
FsError failureOf(std::exception_ptr error, const char *call, const QString &path)
{
    try {
        std::rethrow_exception(std::move(error));
    } catch (const JobError &) {
        return FsError(UV_EAGAIN, call, path);
    } catch (...) {
        return FsError(UV_ENOMEM, call, path);
    }
}

// `work` as a job, then `callback` on the loop. `call` and `path` are for the error of a job that never ran.
template<typename T, typename Work>
void submit(const char *name, const char *call, const QString &path, Work work, ValueCallback<T> callback, Site site)
{
    auto result = std::make_shared<Result<T>>();
    EventLoop::current()->pool().submit(
        name, [work = std::move(work), result] { *result = work(); },
        [call, path, result, callback = std::move(callback)](std::exception_ptr error) mutable {
            if (error)
                result->error = failureOf(std::move(error), call, path);
            callback(std::move(result->error), std::move(result->value));
        },
        site);
}

template<typename Work>
void submit(const char *name, const char *call, const QString &path, Work work, Callback callback, Site site)
{
    auto result = std::make_shared<std::optional<FsError>>();
    EventLoop::current()->pool().submit(
        name, [work = std::move(work), result] { *result = work(); },
        [call, path, result, callback = std::move(callback)](std::exception_ptr error) mutable {
            if (error)
                *result = failureOf(std::move(error), call, path);
            callback(std::move(*result));
        },
        site);
}

template<typename T>
T valueOf(Result<T> &&result)
{
    if (result.error)
        throw *std::move(result.error);
    return std::move(result.value);
}

void throwIf(const std::optional<FsError> &error)
{
    if (error)
        throw *error;
}

} // namespace

// --- readFile ---

void readFile(const QString &path, ValueCallback<QByteArray> callback, Site site)
{
    readFile(path, ReadFileOptions(), std::move(callback), site);
}

void readFile(const QString &path, ReadFileOptions options, ValueCallback<QByteArray> callback, Site site)
{
    submit<QByteArray>("readFile", "open", path, [path, options] { return calls::readFile(path, options); },
                       std::move(callback), site);
}

Task<QByteArray> readFile(QString path, ReadFileOptions options, Site site)
{
    co_return valueOf(co_await runOnPool(
        "readFile", [&path, options] { return calls::readFile(path, options); }, site));
}

Result<QByteArray> readFileSync(const QString &path, ReadFileOptions options, Site site)
{
    Span span("readFileSync", site);
    Result<QByteArray> result = calls::readFile(path, options);
    span.setValue(result.value.size());
    return result;
}

// --- writeFile, appendFile ---

void writeFile(const QString &path, QByteArray bytes, Callback callback, Site site)
{
    writeFile(path, std::move(bytes), WriteFileOptions(), std::move(callback), site);
}

void writeFile(const QString &path, QByteArray bytes, WriteFileOptions options, Callback callback, Site site)
{
    submit(
        "writeFile", "open", path,
        [path, bytes = std::move(bytes), options] { return calls::writeFile(path, bytes, options); },
        std::move(callback), site);
}

Task<> writeFile(QString path, QByteArray bytes, WriteFileOptions options, Site site)
{
    throwIf(co_await runOnPool(
        "writeFile", [&path, &bytes, options] { return calls::writeFile(path, bytes, options); }, site));
}

std::optional<FsError> writeFileSync(const QString &path, const QByteArray &bytes, WriteFileOptions options, Site site)
{
    Span span("writeFileSync", site);
    span.setValue(bytes.size());
    return calls::writeFile(path, bytes, options);
}

void appendFile(const QString &path, QByteArray bytes, Callback callback, Site site)
{
    submit("appendFile", "open", path, [path, bytes = std::move(bytes)] { return calls::appendFile(path, bytes); },
           std::move(callback), site);
}

Task<> appendFile(QString path, QByteArray bytes, Site site)
{
    throwIf(co_await runOnPool(
        "appendFile", [&path, &bytes] { return calls::appendFile(path, bytes); }, site));
}

std::optional<FsError> appendFileSync(const QString &path, const QByteArray &bytes, Site site)
{
    Span span("appendFileSync", site);
    span.setValue(bytes.size());
    return calls::appendFile(path, bytes);
}

// --- stat, readdir ---

void stat(const QString &path, ValueCallback<Stats> callback, Site site)
{
    submit<Stats>("stat", "stat", path, [path] { return calls::stat(path); }, std::move(callback), site);
}

Task<Stats> stat(QString path, Site site)
{
    co_return valueOf(co_await runOnPool(
        "stat", [&path] { return calls::stat(path); }, site));
}

Result<Stats> statSync(const QString &path, Site site)
{
    const Span span("statSync", site);
    return calls::stat(path);
}

void readdir(const QString &path, ValueCallback<QStringList> callback, Site site)
{
    readdir(path, ReaddirOptions(), std::move(callback), site);
}

void readdir(const QString &path, ReaddirOptions options, ValueCallback<QStringList> callback, Site site)
{
    submit<QStringList>("readdir", "scandir", path, [path, options] { return calls::readdir(path, options); },
                        std::move(callback), site);
}

Task<QStringList> readdir(QString path, ReaddirOptions options, Site site)
{
    co_return valueOf(co_await runOnPool(
        "readdir", [&path, options] { return calls::readdir(path, options); }, site));
}

Result<QStringList> readdirSync(const QString &path, ReaddirOptions options, Site site)
{
    const Span span("readdirSync", site);
    return calls::readdir(path, options);
}

// --- unlink, mkdir ---

void unlink(const QString &path, Callback callback, Site site)
{
    submit("unlink", "unlink", path, [path] { return calls::unlink(path); }, std::move(callback), site);
}

Task<> unlink(QString path, Site site)
{
    throwIf(co_await runOnPool(
        "unlink", [&path] { return calls::unlink(path); }, site));
}

std::optional<FsError> unlinkSync(const QString &path, Site site)
{
    const Span span("unlinkSync", site);
    return calls::unlink(path);
}

void mkdir(const QString &path, ValueCallback<QString> callback, Site site)
{
    mkdir(path, MkdirOptions(), std::move(callback), site);
}

void mkdir(const QString &path, MkdirOptions options, ValueCallback<QString> callback, Site site)
{
    submit<QString>("mkdir", "mkdir", path, [path, options] { return calls::mkdir(path, options); },
                    std::move(callback), site);
}

Task<QString> mkdir(QString path, MkdirOptions options, Site site)
{
    co_return valueOf(co_await runOnPool(
        "mkdir", [&path, options] { return calls::mkdir(path, options); }, site));
}

Result<QString> mkdirSync(const QString &path, MkdirOptions options, Site site)
{
    const Span span("mkdirSync", site);
    return calls::mkdir(path, options);
}

} // namespace loopscope::loop::fs
