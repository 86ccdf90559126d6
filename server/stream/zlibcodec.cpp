// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/zlibcodec.h"

#include "server/stream/zliberror.h"

#include <zlib.h>

namespace loopscope::stream {

// Bytes that zlib's 32-bit counters take at once.
static constexpr qsizetype maximumStep = qsizetype(1) << 30;
// Added to the window's bits, these ask zlib for gzip's header and trailer.
static constexpr int gzipBits = 16;

struct ZlibCodec::Stream {
    z_stream state{};
    int (*end)(z_stream *);
    ~Stream() { end(&state); }
};

ZlibCodec::ZlibCodec(Mode mode, int level, int windowBits, int memLevel)
    : m_mode(mode)
    , m_level(level)
    , m_windowBits(windowBits)
    , m_memLevel(memLevel)
{
}

ZlibCodec::~ZlibCodec() = default;

const char *ZlibCodec::name() const noexcept
{
    switch (m_mode) {
    case Mode::Deflate:
        return "deflate";
    case Mode::Inflate:
        return "inflate";
    case Mode::Gzip:
        return "gzip";
    case Mode::Gunzip:
        return "gunzip";
    }
    Q_UNREACHABLE();
}

bool ZlibCodec::isQuick(qsizetype inputBytes) const noexcept
{
    return inputBytes <= (compresses() ? quickToCompress : quickToDecompress);
}

int ZlibCodec::start()
{
    auto stream = std::make_unique<Stream>();
    const int bits = m_windowBits + (m_mode == Mode::Gzip || m_mode == Mode::Gunzip ? gzipBits : 0);
    stream->end = compresses() ? deflateEnd : inflateEnd;
    const int result = compresses()
        ? deflateInit2(&stream->state, m_level, Z_DEFLATED, bits, m_memLevel, Z_DEFAULT_STRATEGY)
        : inflateInit2(&stream->state, bits);
    if (result == Z_OK)
        m_stream = std::move(stream);
    return result;
}

// A file of gzip may have several members (RFC 1952 §2.2), and zeros after them, as tar pads it.
int ZlibCodec::inflateMembers(int flush)
{
    z_stream &state = m_stream->state;
    int result = inflate(&state, flush);
    while (m_mode == Mode::Gunzip && result == Z_STREAM_END && state.avail_in > 0 && *state.next_in != 0) {
        inflateReset(&state);
        result = inflate(&state, flush);
    }
    return result;
}

Codec::Step ZlibCodec::step(QByteArrayView input, char *output, qsizetype outputBytes, Flush flush)
{
    if (!m_stream) {
        if (const int result = start(); result != Z_OK)
            return {State::Failed, 0, 0, errorOf(result, flush)};
    }
    const qsizetype given = qMin(input.size(), maximumStep);
    if (given < input.size())
        flush = Flush::None; // the rest comes first
    static constexpr int flushes[] = {Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_FINISH};
    z_stream &state = m_stream->state;
    state.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(input.data()));
    state.avail_in = uInt(given);
    state.next_out = reinterpret_cast<Bytef *>(output);
    state.avail_out = uInt(qMin(outputBytes, maximumStep));
    const uInt room = state.avail_out;
    const int zflush = flushes[int(flush)];
    const int result = compresses() ? deflate(&state, zflush) : inflateMembers(zflush);

    Step step{State::Done, given - qsizetype(state.avail_in), qsizetype(room - state.avail_out), nullptr};
    const bool goesOn = state.avail_out == 0 || given < input.size();
    if (result == Z_STREAM_END)
        step.state = State::Ended;
    else if ((result == Z_OK || result == Z_BUF_ERROR) && goesOn)
        step.state = State::OutputFull;
    else if ((step.error = errorOf(result, flush)))
        step.state = State::Failed;
    return step;
}

// As Node's ZlibContext::GetErrorInfo().
std::exception_ptr ZlibCodec::errorOf(int result, Flush flush) const
{
    const auto error = [](const char *name, const char *message) {
        return std::make_exception_ptr(ZlibError(name, message));
    };
    const char *said = m_stream && m_stream->state.msg ? m_stream->state.msg : "Zlib error";
    switch (result) {
    case Z_OK:
    case Z_BUF_ERROR: // no progress is no error, but at the end
        return flush == Flush::Finish ? error("Z_BUF_ERROR", "unexpected end of file") : nullptr;
    case Z_STREAM_END:
        return nullptr;
    case Z_NEED_DICT:
        return error("Z_NEED_DICT", "Missing dictionary");
    case Z_DATA_ERROR:
        return error("Z_DATA_ERROR", said);
    case Z_MEM_ERROR:
        return error("Z_MEM_ERROR", said);
    default:
        return error("Z_STREAM_ERROR", said);
    }
}

} // namespace loopscope::stream
