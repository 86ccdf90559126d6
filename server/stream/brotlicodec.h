// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/stream/codec.h"

#include <memory>

struct BrotliEncoderStateStruct;
struct BrotliDecoderStateStruct;

namespace loopscope::stream {

// brotli (RFC 7932), into it.
class BrotliCompressor final : public Codec {
public:
    // Ranges as in libbrotli's manual, checked by the caller. The memory is taken with the first step.
    BrotliCompressor(int quality, int windowBits, bool isText);
    ~BrotliCompressor() override;

    [[nodiscard]] Step step(QByteArrayView input, char *output, qsizetype outputBytes, Flush flush) override;
    [[nodiscard]] const char *name() const noexcept override { return "brotliCompress"; }
    [[nodiscard]] bool isQuick(qsizetype inputBytes) const noexcept override;

private:
    // Bytes of input, and the highest quality. Above it brotli looks so long for matches that even they take milliseconds.
    static constexpr qsizetype quickBytes = 2 * 1024;
    static constexpr int quickQuality = 5;

    [[nodiscard]] bool start();

    const int m_quality;
    const int m_windowBits;
    const bool m_isText;
    BrotliEncoderStateStruct *m_state = nullptr;
    qsizetype m_gatheredBytes = 0; // since the last flush: brotli compresses them all at once when it likes
};

// And out of it.
class BrotliDecompressor final : public Codec {
public:
    BrotliDecompressor() = default;
    ~BrotliDecompressor() override;

    [[nodiscard]] Step step(QByteArrayView input, char *output, qsizetype outputBytes, Flush flush) override;
    [[nodiscard]] const char *name() const noexcept override { return "brotliDecompress"; }
    [[nodiscard]] bool isQuick(qsizetype inputBytes) const noexcept override { return inputBytes <= quickBytes; }

private:
    static constexpr qsizetype quickBytes = 8 * 1024; // of input

    BrotliDecoderStateStruct *m_state = nullptr;
};

} // namespace loopscope::stream
