// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/brotlicodec.h"

#include "server/stream/zliberror.h"

#include <brotli/decode.h>
#include <brotli/encode.h>

#include <QtCore/QStringBuilder>

namespace loopscope::stream {

BrotliCompressor::BrotliCompressor(int quality, int windowBits, bool isText)
    : m_quality(quality)
    , m_windowBits(windowBits)
    , m_isText(isText)
{
}

BrotliCompressor::~BrotliCompressor()
{
    BrotliEncoderDestroyInstance(m_state);
}

bool BrotliCompressor::isQuick(qsizetype inputBytes) const noexcept
{
    return m_quality <= quickQuality && m_gatheredBytes + inputBytes <= quickBytes;
}

bool BrotliCompressor::start()
{
    m_state = BrotliEncoderCreateInstance(nullptr, nullptr, nullptr);
    return m_state && BrotliEncoderSetParameter(m_state, BROTLI_PARAM_QUALITY, quint32(m_quality))
        && BrotliEncoderSetParameter(m_state, BROTLI_PARAM_LGWIN, quint32(m_windowBits))
        && BrotliEncoderSetParameter(m_state, BROTLI_PARAM_MODE, m_isText ? BROTLI_MODE_TEXT : BROTLI_MODE_GENERIC);
}

Codec::Step BrotliCompressor::step(QByteArrayView input, char *output, qsizetype outputBytes, Flush flush)
{
    static constexpr BrotliEncoderOperation operations[] = {BROTLI_OPERATION_PROCESS, BROTLI_OPERATION_FLUSH,
                                                            BROTLI_OPERATION_FLUSH, BROTLI_OPERATION_FINISH};
    auto *nextIn = reinterpret_cast<const quint8 *>(input.data());
    auto *nextOut = reinterpret_cast<quint8 *>(output);
    std::size_t availableIn = std::size_t(input.size());
    std::size_t availableOut = std::size_t(outputBytes);
    if ((!m_state && !start())
        || !BrotliEncoderCompressStream(m_state, operations[int(flush)], &availableIn, &nextIn, &availableOut, &nextOut,
                                        nullptr)) {
        return {State::Failed, 0, 0,
                std::make_exception_ptr(ZlibError("ERR_BROTLI_COMPRESSION_FAILED", "Compression failed"))};
    }
    m_gatheredBytes = flush == Flush::None ? m_gatheredBytes + input.size() - qsizetype(availableIn) : 0;
    const bool goesOn = availableIn > 0 || BrotliEncoderHasMoreOutput(m_state);
    return {goesOn ? State::OutputFull : State::Done, input.size() - qsizetype(availableIn),
            outputBytes - qsizetype(availableOut), nullptr};
}

BrotliDecompressor::~BrotliDecompressor()
{
    BrotliDecoderDestroyInstance(m_state);
}

// Node's "ERR__ERROR_FORMAT_PADDING_2". Of the library's name some versions leave out where it belongs.
static QByteArray nameOf(BrotliDecoderErrorCode code)
{
    const QByteArray name = BrotliDecoderErrorString(code);
    if (name.startsWith("_ERROR"))
        return QByteArray("ERR_") + name;
    if (code >= BROTLI_DECODER_ERROR_FORMAT_DISTANCE)
        return QByteArray("ERR__ERROR_FORMAT_") + name;
    const bool isAllocation = code > BROTLI_DECODER_ERROR_UNREACHABLE && code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES;
    return (isAllocation ? QByteArray("ERR__ERROR_ALLOC_") : QByteArray("ERR__ERROR_")) + name;
}

// As Node's BrotliDecoderContext.
Codec::Step BrotliDecompressor::step(QByteArrayView input, char *output, qsizetype outputBytes, Flush flush)
{
    const auto failed = [](const char *name, const char *message) {
        return Step{State::Failed, 0, 0, std::make_exception_ptr(ZlibError(name, message))};
    };
    if (!m_state)
        m_state = BrotliDecoderCreateInstance(nullptr, nullptr, nullptr);
    if (!m_state)
        return failed("ERR_ZLIB_INITIALIZATION_FAILED", "Initialization failed");
    auto *nextIn = reinterpret_cast<const quint8 *>(input.data());
    auto *nextOut = reinterpret_cast<quint8 *>(output);
    std::size_t availableIn = std::size_t(input.size());
    std::size_t availableOut = std::size_t(outputBytes);
    const BrotliDecoderResult result
        = BrotliDecoderDecompressStream(m_state, &availableIn, &nextIn, &availableOut, &nextOut, nullptr);
    Step step{State::Done, input.size() - qsizetype(availableIn), outputBytes - qsizetype(availableOut), nullptr};
    switch (result) {
    case BROTLI_DECODER_RESULT_ERROR: {
        return failed(nameOf(BrotliDecoderGetErrorCode(m_state)).constData(), "Decompression failed");
    }
    case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:
        if (flush == Flush::Finish)
            return failed("Z_BUF_ERROR", "unexpected end of file");
        break;
    case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT:
        step.state = State::OutputFull;
        break;
    case BROTLI_DECODER_RESULT_SUCCESS:
        step.state = State::Ended;
        break;
    }
    return step;
}

} // namespace loopscope::stream
