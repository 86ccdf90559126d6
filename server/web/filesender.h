// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/web/openbeneath_unix.h"
#include "server/web/request.h"
#include "server/web/response.h"
#include "server/web/staticpath.h"

#include <chrono>
#include <functional>
#include <memory>

namespace loopscope::web {

// What a FileSender does; names and defaults are those of Express and the npm package send where they have them.
// https://expressjs.com/en/5x/api.html#express.static
struct FileOptions {
    Dotfiles dotfiles = Dotfiles::Ignore;
    // The file that answers for a folder; empty: none does.
    QByteArray index = "index.html";
    // A folder without its slash is redirected (301) to the path with it; else it is not found.
    bool redirect = true;
    bool etag = true; // weak, of the size and the time of the last change: W/"<size>-<milliseconds>", in hex, as send's
    bool lastModified = true;
    bool acceptRanges = true;
    // "Cache-Control: public, max-age=…", unless the answer has one.
    bool cacheControl = true;
    std::chrono::seconds maxAge{0}; // 0 or more
    bool immutable = false;
    // name.br and name.gz answer instead of name where the client takes that coding, if they are regular files and not
    // older, and name is of a type that could be compressed; answers of those types then say "Vary: Accept-Encoding".
    // Several ranges are always of name itself. nginx: gzip_static, off too.
    bool precompressed = false;
    // Called first, with the file's path below the root: what it sets takes the place of the headers above, and is in a
    // 304 as in a 200 or 206. As send's event 'headers'.
    std::function<void(Response &, const QByteArray &file)> setHeaders;

    // Files open at once; beyond it 503 with Retry-After. A large one holds its descriptor, a block of memory, and what its
    // connection buffers (its high-water mark and a piece, 64 KiB each) as long as the client takes: 384 KiB, 192 MiB of 512
    // such readers. A file that fits into a block is open only while a worker reads it, any with HEAD only while it looks;
    // those are answered beyond it, too, so that slow readers do not keep them from others.
    int maxOpenFiles = 512;
    // Bytes that a worker reads at a time, and that are sent in one turn. nginx: output_buffers 2 × 32 KiB, aio threads
    // profit from larger ones.
    qsizetype blockBytes = 256 * 1024;
    PathResolver resolver = PathResolver::Kernel;
};

// Answers requests with the files of one folder, as the npm package send: types, validators, conditional requests and
// ranges (one, or several as multipart/byteranges). Nothing outside of the folder is ever opened (openBeneath()).
//
// A handle: copies share the count of open files. Used on the loop's thread; whatever may wait for a disk runs on the
// loop's worker pool. A file goes through one block of memory, so a slow reader costs that and what its connection
// buffers: its high-water mark and a piece of 64 KiB. What the system has in its cache is read on the loop, a piece right
// before it is sent, a block a turn. The length that the head promised is kept: what a file gains meanwhile is not sent,
// and if it loses some the connection is cut.
class FileSender {
public:
    enum class Result : quint16 { Answered = 0, BadRequest = 400, Forbidden = 403, NotFound = 404 };

    // `root`: a folder; a relative path is one of the current folder. It need not exist yet.
    explicit FileSender(const QString &root, const FileOptions &options = {});

    // The file of a URL's path, percent-encoded, relative to the root: what follows baseUrl() in the request's path, for
    // that is what a redirect to a folder adds a slash to. Anything but Answered has left the response untouched. Errors
    // of the file system other than these are thrown.
    [[nodiscard]] loop::Task<Result> sendUrl(Request &request, Response &response, QByteArrayView path) const;
    // res.sendFile(): the file of a path below the root; throws AppError 400, 403 or 404 if it cannot be sent.
    [[nodiscard]] loop::Task<> sendFile(Request &request, Response &response, const QString &path) const;
    // res.download(): the same, for the client to save under `fileName`, or under its own name.
    // https://expressjs.com/en/5x/api.html#res.download
    [[nodiscard]] loop::Task<> download(Request &request, Response &response, const QString &path,
                                        const QString &fileName = {}) const;

    [[nodiscard]] int openFiles() const noexcept;
    [[nodiscard]] const FileOptions &options() const noexcept;

    struct State;

private:
    std::shared_ptr<State> m_state;
};

} // namespace loopscope::web
