// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArrayView>

#include <exception>

namespace loopscope::stream {

// A compressor or decompressor, step by step, without a stream around it.
//
// Owned by a CodecStream and used by one thread at a time, the loop's or a worker. Each step is bounded by its output.
class Codec {
public:
    // How much must come out, from the least to the most.
    enum class Flush {
        None, // what the codec likes
        Sync, // all that went in can be read by the other side (Z_SYNC_FLUSH)
        Full, // and the other side can start here (Z_FULL_FLUSH)
        Finish, // nothing follows
    };
    enum class State {
        Done, // all input is taken, and with a flush all output given
        OutputFull, // call again with what is left of the input
        Ended, // the compressed data ended here; what is left of the input is not part of it
        Failed,
    };
    struct Step {
        State state = State::Done;
        qsizetype consumed = 0; // bytes
        qsizetype produced = 0;
        std::exception_ptr error; // of Failed
    };

    virtual ~Codec() = default;
    Codec(const Codec &) = delete;
    Codec &operator=(const Codec &) = delete;

    // Writes at most `outputBytes` to `output`.
    [[nodiscard]] virtual Step step(QByteArrayView input, char *output, qsizetype outputBytes, Flush flush) = 0;
    // "gzip": what its jobs are called in the trace; a literal.
    [[nodiscard]] virtual const char *name() const noexcept = 0;
    // Whether a step with so much input takes no longer than some 0.1 ms, what a job costs on a busy pool.
    [[nodiscard]] virtual bool isQuick(qsizetype inputBytes) const noexcept = 0;

protected:
    Codec() = default;
};

} // namespace loopscope::stream
