// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/stream/codec.h"

#include <memory>

namespace loopscope::stream {

// gzip (RFC 1952) and zlib (RFC 1950, HTTP's "deflate") on zlib.
class ZlibCodec final : public Codec {
public:
    enum class Mode { Deflate, Inflate, Gzip, Gunzip };

    // Ranges as in zlib's manual, checked by the caller. The memory is taken with the first step.
    ZlibCodec(Mode mode, int level, int windowBits, int memLevel);
    ~ZlibCodec() override;

    [[nodiscard]] Step step(QByteArrayView input, char *output, qsizetype outputBytes, Flush flush) override;
    [[nodiscard]] const char *name() const noexcept override;
    [[nodiscard]] bool isQuick(qsizetype inputBytes) const noexcept override;

private:
    // Bytes of input.
    static constexpr qsizetype quickToCompress = 2 * 1024;
    static constexpr qsizetype quickToDecompress = 16 * 1024;

    struct Stream;
    [[nodiscard]] bool compresses() const noexcept { return m_mode == Mode::Deflate || m_mode == Mode::Gzip; }
    [[nodiscard]] int start();
    [[nodiscard]] int inflateMembers(int flush);
    [[nodiscard]] std::exception_ptr errorOf(int result, Flush flush) const;

    const Mode m_mode;
    const int m_level;
    const int m_windowBits;
    const int m_memLevel;
    std::unique_ptr<Stream> m_stream; // null before the first step
};

} // namespace loopscope::stream
