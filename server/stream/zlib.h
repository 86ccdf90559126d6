// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/stream/codecstream.h"

namespace loopscope::stream {

// Node's options of zlib. https://nodejs.org/docs/latest-v20.x/api/zlib.html#class-options
struct ZlibOptions : CodecStreamOptions {
    int level = -1; // 0 none, 1 fast, 9 small; -1: zlib's default, which is 6. A server of text takes 1 to 6.
    int windowBits = 15; // 9 to 15; to decompress, at least what it was compressed with
    int memLevel = 8; // 1 to 9; with 15 and 8 a compressor takes 256 KiB
};

// https://nodejs.org/docs/latest-v20.x/api/zlib.html#class-brotlioptions
struct BrotliOptions : CodecStreamOptions {
    int quality = 11; // 0 to 11, and libbrotli's default, which is very slow: a server of changing text takes 4 or 5
    int windowBits = 22; // 10 to 24
    bool isText = false; // UTF-8, which may then become smaller
};

// Streams that compress and decompress; see CodecStream. They throw StreamError OutOfRange for bad options.
// "deflate" is zlib's format (RFC 1950), as in HTTP (RFC 9110 §8.4.1.2).
std::shared_ptr<CodecStream> createGzip(const ZlibOptions &options = {}, loop::Site site = loop::Site::here());
std::shared_ptr<CodecStream> createGunzip(const ZlibOptions &options = {}, loop::Site site = loop::Site::here());
std::shared_ptr<CodecStream> createDeflate(const ZlibOptions &options = {}, loop::Site site = loop::Site::here());
std::shared_ptr<CodecStream> createInflate(const ZlibOptions &options = {}, loop::Site site = loop::Site::here());
std::shared_ptr<CodecStream> createBrotliCompress(const BrotliOptions &options = {},
                                                  loop::Site site = loop::Site::here());
std::shared_ptr<CodecStream> createBrotliDecompress(const BrotliOptions &options = {},
                                                    loop::Site site = loop::Site::here());

} // namespace loopscope::stream
