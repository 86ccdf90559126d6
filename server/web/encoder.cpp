// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/encoder.h"

#include "server/stream/brotlicodec.h"
#include "server/stream/zlibcodec.h"

namespace loopscope::web {

using stream::Codec;
using stream::ZlibCodec;

// Room that is made in `out` at a time, bytes.
static constexpr qsizetype stepBytes = 16 * 1024;

QByteArrayView toString(Coding coding) noexcept
{
    switch (coding) {
    case Coding::Identity: return "identity";
    case Coding::Gzip: return "gzip";
    case Coding::Deflate: return "deflate";
    case Coding::Brotli: return "br";
    }
    return {};
}

static std::unique_ptr<Codec> makeCodec(Coding coding, const Encoder::Options &options)
{
    Q_ASSERT(coding != Coding::Identity);
    if (coding == Coding::Brotli)
        return std::make_unique<stream::BrotliCompressor>(options.quality, options.windowBits, false);
    constexpr int windowBits = 15; // the most, and zlib's default, as is the memLevel
    constexpr int memLevel = 8;
    const auto mode = coding == Coding::Gzip ? ZlibCodec::Mode::Gzip : ZlibCodec::Mode::Deflate;
    return std::make_unique<ZlibCodec>(mode, options.level, windowBits, memLevel);
}

Encoder::Encoder(Coding coding, const Options &options)
    : m_codec(makeCodec(coding, options))
{
}

Encoder::~Encoder() = default;

void Encoder::run(QByteArrayView bytes, Codec::Flush flush, QByteArray &out)
{
    Codec::Step step;
    do {
        const qsizetype before = out.size();
        out.resize(before + stepBytes);
        step = m_codec->step(bytes, out.data() + before, stepBytes, flush);
        out.resize(before + step.produced);
        bytes = bytes.sliced(step.consumed);
    } while (step.state == Codec::State::OutputFull);
    if (step.error)
        std::rethrow_exception(step.error);
}

void Encoder::write(QByteArrayView bytes, QByteArray &out)
{
    if (!bytes.isEmpty())
        run(bytes, Codec::Flush::None, out);
}

void Encoder::flush(QByteArray &out)
{
    run({}, Codec::Flush::Sync, out);
}

void Encoder::end(QByteArray &out)
{
    run({}, Codec::Flush::Finish, out);
}

} // namespace loopscope::web
