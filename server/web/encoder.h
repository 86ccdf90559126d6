// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/stream/codec.h"

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

#include <memory>

namespace loopscope::web {

// A content coding (RFC 9110 §8.4.1). Deflate is the zlib format, as the RFC says.
enum class Coding : quint8 { Identity, Gzip, Deflate, Brotli };

// "gzip", "br", …: what Content-Encoding says.
[[nodiscard]] QByteArrayView toString(Coding coding) noexcept;

// Compresses one body, piece by piece and at once, with a codec of the stream room: for what is small, or comes in small
// pieces. What is large is piped through createGzip() and its like, which use the pool.
// Belongs to one thread at a time; never waits. Everything here throws stream::ZlibError if there is no memory.
// What it holds until end(): about 300 KiB for Gzip and Deflate (zlib's window of 32 KiB, memLevel 8), and up to 6 MiB
// for Brotli (windowBits).
class Encoder {
public:
    struct Options {
        int level = 6; // Gzip and Deflate, 1 to 9; zlib's and Node's default
        int quality = 4; // Brotli, 0 to 11; the npm package compression's default
        int windowBits = 19; // Brotli, 10 to 24: a window of 512 KiB. Node: 22, at eight times the memory
    };

    // `coding` is not Identity.
    Encoder(Coding coding, const Options &options);
    ~Encoder();
    Encoder(const Encoder &) = delete;
    Encoder &operator=(const Encoder &) = delete;

    // Appends what is ready to `out`; often nothing.
    void write(QByteArrayView bytes, QByteArray &out);
    // Appends all of what was written so far (Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH).
    void flush(QByteArray &out);
    // Appends the rest. Once; nothing comes after it.
    void end(QByteArray &out);

private:
    void run(QByteArrayView bytes, stream::Codec::Flush flush, QByteArray &out);

    const std::unique_ptr<stream::Codec> m_codec;
};

} // namespace loopscope::web
