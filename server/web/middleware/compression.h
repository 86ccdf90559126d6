// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/web/encoder.h"
#include "server/web/handler.h"

namespace loopscope::web {

struct CompressionOptions {
    // A body that is known to be smaller goes out as it is, bytes. The npm package compression: 1 KiB.
    qint64 threshold = 1024;
    // A body that is sent whole and is larger is compressed by a worker, bytes: on the loop 64 KiB take 1.5 to 2.5 ms.
    qint64 poolThreshold = 64 * 1024;
    Encoder::Options encoder;
};

// Compresses what comes after it with the coding that the client prefers (Accept-Encoding; of equals br, gzip,
// deflate), as the npm package compression: only types that become smaller by it, nothing below the threshold, no
// 204 or 206, nothing that is encoded already or says "Cache-Control: no-transform". Adds "Vary: Accept-Encoding" where the
// type could be compressed, and makes a strong ETag weak (RFC 9110 §8.8.3.3), of a 304 as well. An answer to HEAD says what
// GET's would, but for the Content-Length, which nobody knows before it is compressed (RFC 9110 §8.6).
//
// A body that is sent at once gets the compressed Content-Length; a large one is compressed by a worker, and goes out when
// that has done so. One in pieces is chunked, and what was written waits in the encoder until there is enough of it, the
// end, or Response::flush(); this runs on the loop's thread, some 20 ms (gzip) to 40 ms (br) a megabyte. What is large and
// does not change is better compressed beforehand (FileOptions::precompressed).
// https://expressjs.com/en/resources/middleware/compression.html
[[nodiscard]] Handler compression(const CompressionOptions &options = {});

} // namespace loopscope::web
