// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/web/handler.h"
#include "server/web/multipartparser.h"

namespace loopscope::web {

struct MultipartOptions {
    // Where files are written, made if it is not there. Empty: they are kept in memory (UploadedFile::buffer), as
    // Multer does without `dest`; then all files of a request together are bounded by memoryBytes.
    QString directory{};
    MultipartLimits limits{};
    // The whole body, bytes; -1: the application's limit, for that of the route is not known before it is reached. The
    // limits above are for its parts.
    qint64 maxBodyBytes = -1;
    // Files of one request kept in memory, bytes; beyond: LIMIT_FILE_SIZE. nginx: client_max_body_size 1 MiB.
    qint64 memoryBytes = 1024 * 1024;
    // Forms that this middleware receives at once, each with one open file at the most; beyond: 503. No precedent in
    // Multer; nginx: limit_conn.
    int maxUploads = 256;
};

// Receives a form of multipart/form-data into Request::form and Request::files, before it passes on; any other body is
// left alone. Multer's any(): https://expressjs.com/en/resources/middleware/multer.html#any
//
// Files go to the disk as they arrive, written by the worker pool. While multipartHighWaterMark waits to be written the
// client's socket is not read: of a request's files never more than twice that is in memory, half of it in the hands of
// a worker. Files have random names, and those of a request that failed, or whose client went away, are removed (see
// UploadedFile). What a process leaves that was killed stays.
// A file input that was left empty gives no file, as with Multer. A value is decoded as UTF-8, or
// in the charset of its part.
//
// 400 for what is no form; 413 with Multer's codes ("LIMIT_FILE_SIZE") beyond a limit; 415 "encoding.unsupported"
// for a Content-Encoding (Multer inflates nothing either); 503 for too many uploads; what diskError() makes of a failing disk.
[[nodiscard]] Handler multipart(const MultipartOptions &options = {});

// Bytes of files that may wait for the disk before the client has to. Node's file streams: 64 KiB; four of those, so
// that a worker has a full batch while the next one comes.
inline constexpr qsizetype multipartHighWaterMark = 256 * 1024;

} // namespace loopscope::web
