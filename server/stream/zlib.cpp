// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/zlib.h"

#include "server/stream/brotlicodec.h"
#include "server/stream/zlibcodec.h"

namespace loopscope::stream {

static void requireRange(int value, int least, int most, const char *name)
{
    if (value < least || value > most)
        throw StreamError(StreamError::Code::OutOfRange, name);
}

static std::shared_ptr<CodecStream> createZlib(ZlibCodec::Mode mode, const ZlibOptions &options, loop::Site site)
{
    requireRange(options.level, -1, 9, "level");
    requireRange(options.windowBits, 9, 15, "windowBits");
    requireRange(options.memLevel, 1, 9, "memLevel");
    auto codec = std::make_unique<ZlibCodec>(mode, options.level, options.windowBits, options.memLevel);
    return std::make_shared<CodecStream>(std::move(codec), options, site);
}

std::shared_ptr<CodecStream> createGzip(const ZlibOptions &options, loop::Site site)
{
    return createZlib(ZlibCodec::Mode::Gzip, options, site);
}

std::shared_ptr<CodecStream> createGunzip(const ZlibOptions &options, loop::Site site)
{
    return createZlib(ZlibCodec::Mode::Gunzip, options, site);
}

std::shared_ptr<CodecStream> createDeflate(const ZlibOptions &options, loop::Site site)
{
    return createZlib(ZlibCodec::Mode::Deflate, options, site);
}

std::shared_ptr<CodecStream> createInflate(const ZlibOptions &options, loop::Site site)
{
    return createZlib(ZlibCodec::Mode::Inflate, options, site);
}

std::shared_ptr<CodecStream> createBrotliCompress(const BrotliOptions &options, loop::Site site)
{
    requireRange(options.quality, 0, 11, "quality");
    requireRange(options.windowBits, 10, 24, "windowBits");
    auto codec = std::make_unique<BrotliCompressor>(options.quality, options.windowBits, options.isText);
    return std::make_shared<CodecStream>(std::move(codec), options, site);
}

std::shared_ptr<CodecStream> createBrotliDecompress(const BrotliOptions &options, loop::Site site)
{
    return std::make_shared<CodecStream>(std::make_unique<BrotliDecompressor>(), options, site);
}

} // namespace loopscope::stream
