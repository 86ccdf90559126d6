// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/encoder.h"

#include <brotli/encode.h>
#include <zlib.h>

#include <limits>
#include <new>

namespace loopscope::web {

namespace {

// Room that is made in `out` at a time, bytes.
constexpr qsizetype stepBytes = 16 * 1024;

} // namespace

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

class Encoder::Engine {
public:
    enum class Operation : quint8 { Write, Flush, End };
    virtual ~Engine() = default;
    virtual void run(QByteArrayView bytes, Operation operation, QByteArray &out) = 0;
};

class Encoder::Zlib final : public Engine {
public:
    Zlib(bool gzip, int level)
    {
        constexpr int windowBits = 15;
        constexpr int gzipFormat = 16; // added to windowBits, it asks for gzip's header and checksum
        constexpr int memLevel = 8; // zlib's default
        if (deflateInit2(&m_stream, level, Z_DEFLATED, windowBits + (gzip ? gzipFormat : 0), memLevel, Z_DEFAULT_STRATEGY)
            != Z_OK)
            throw std::bad_alloc();
    }
    ~Zlib() override { deflateEnd(&m_stream); }

    void run(QByteArrayView bytes, Operation operation, QByteArray &out) override
    {
        constexpr qsizetype most = std::numeric_limits<uInt>::max();
        do { // zlib counts in 32 bits
            const QByteArrayView piece = bytes.first(qMin(bytes.size(), most));
            bytes = bytes.sliced(piece.size());
            runPiece(piece, bytes.isEmpty() ? operation : Operation::Write, out);
        } while (!bytes.isEmpty());
    }

private:
    void runPiece(QByteArrayView piece, Operation operation, QByteArray &out)
    {
        const int how = operation == Operation::Write ? Z_NO_FLUSH
            : operation == Operation::Flush           ? Z_SYNC_FLUSH
                                                      : Z_FINISH;
        m_stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(piece.data()));
        m_stream.avail_in = uInt(piece.size());
        do { // until it leaves room: then it has said all that it has to say
            const qsizetype before = out.size();
            out.resize(before + stepBytes);
            m_stream.next_out = reinterpret_cast<Bytef *>(out.data() + before);
            m_stream.avail_out = uInt(stepBytes);
            ::deflate(&m_stream, how);
            out.resize(before + stepBytes - qsizetype(m_stream.avail_out));
        } while (m_stream.avail_out == 0);
    }

    z_stream m_stream{};
};

class Encoder::Brotli final : public Engine {
public:
    Brotli(int quality, int windowBits)
        : m_state(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr))
    {
        if (!m_state)
            throw std::bad_alloc();
        BrotliEncoderSetParameter(m_state, BROTLI_PARAM_QUALITY, uint32_t(quality));
        BrotliEncoderSetParameter(m_state, BROTLI_PARAM_LGWIN, uint32_t(windowBits));
    }
    ~Brotli() override { BrotliEncoderDestroyInstance(m_state); }

    void run(QByteArrayView bytes, Operation operation, QByteArray &out) override
    {
        const BrotliEncoderOperation how = operation == Operation::Write ? BROTLI_OPERATION_PROCESS
            : operation == Operation::Flush                              ? BROTLI_OPERATION_FLUSH
                                                                         : BROTLI_OPERATION_FINISH;
        size_t left = size_t(bytes.size());
        auto *next = reinterpret_cast<const uint8_t *>(bytes.data());
        do {
            size_t room = 0; // the output is taken from the encoder's own buffer
            if (!BrotliEncoderCompressStream(m_state, how, &left, &next, &room, nullptr, nullptr))
                throw std::bad_alloc(); // the only way in which it fails
            while (BrotliEncoderHasMoreOutput(m_state)) {
                size_t ready = 0;
                const uint8_t *output = BrotliEncoderTakeOutput(m_state, &ready);
                out.append(reinterpret_cast<const char *>(output), qsizetype(ready));
            }
        } while (left > 0 || BrotliEncoderHasMoreOutput(m_state));
    }

private:
    BrotliEncoderState *m_state;
};

Encoder::Encoder(Coding coding, const Options &options)
{
    Q_ASSERT(coding != Coding::Identity);
    if (coding == Coding::Brotli)
        m_engine = std::make_unique<Brotli>(options.quality, options.windowBits);
    else
        m_engine = std::make_unique<Zlib>(coding == Coding::Gzip, options.level);
}

Encoder::~Encoder() = default;

void Encoder::write(QByteArrayView bytes, QByteArray &out)
{
    if (!bytes.isEmpty())
        m_engine->run(bytes, Engine::Operation::Write, out);
}

void Encoder::flush(QByteArray &out)
{
    m_engine->run({}, Engine::Operation::Flush, out);
}

void Encoder::end(QByteArray &out)
{
    m_engine->run({}, Engine::Operation::End, out);
}

} // namespace loopscope::web
