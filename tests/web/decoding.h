// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>

#include <brotli/decode.h>
#include <zlib.h>

namespace loopscope::test {

// What a client decodes of a body, as far as it has come; `whole` tells whether it was the end of the coded bytes.
inline QByteArray inflated(QByteArray coded, bool *whole = nullptr)
{
    z_stream stream{};
    inflateInit2(&stream, 15 + 32); // zlib's or gzip's format, by what it begins with
    stream.next_in = reinterpret_cast<Bytef *>(coded.data());
    stream.avail_in = uInt(coded.size());
    QByteArray out;
    int result = Z_OK;
    char piece[16 * 1024];
    do {
        stream.next_out = reinterpret_cast<Bytef *>(piece);
        stream.avail_out = sizeof piece;
        result = inflate(&stream, Z_SYNC_FLUSH);
        out.append(piece, qsizetype(sizeof piece - stream.avail_out));
    } while (result == Z_OK && (stream.avail_in > 0 || stream.avail_out == 0));
    inflateEnd(&stream);
    if (whole)
        *whole = result == Z_STREAM_END && stream.avail_in == 0;
    return out;
}

inline QByteArray unbrotlied(const QByteArray &coded, bool *whole = nullptr)
{
    BrotliDecoderState *state = BrotliDecoderCreateInstance(nullptr, nullptr, nullptr);
    size_t left = size_t(coded.size());
    auto *next = reinterpret_cast<const uint8_t *>(coded.constData());
    QByteArray out;
    BrotliDecoderResult result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
    while (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
        size_t room = 0;
        result = BrotliDecoderDecompressStream(state, &left, &next, &room, nullptr, nullptr);
        size_t ready = 0;
        const uint8_t *bytes = BrotliDecoderTakeOutput(state, &ready);
        out.append(reinterpret_cast<const char *>(bytes), qsizetype(ready));
    }
    BrotliDecoderDestroyInstance(state);
    if (whole)
        *whole = result == BROTLI_DECODER_RESULT_SUCCESS && left == 0;
    return out;
}

} // namespace loopscope::test
