// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/stream/duplex.h"

namespace loopscope::stream {

// A Duplex whose output is made of its input. https://nodejs.org/docs/latest-v20.x/api/stream.html#class-streamtransform
//
// While nobody reads what came out, nothing goes in: besides the buffer of what was written, at most the high-water mark and
// what one chunk became wait.
class Transform : public Duplex {
public:
    // The error, or null, and what this chunk became, which may be nothing. It keeps the stream alive, as Done does.
    using TransformDone = loop::UniqueFunction<void(std::exception_ptr, QByteArray)>;

    ~Transform() override;

protected:
    explicit Transform(DuplexOptions options = {});

    // Makes something of a chunk: push() any number of times, then `done`, now or later.
    virtual void doTransform(QByteArray chunk, TransformDone done) = 0;
    // What is left, before the end.
    virtual void doFlush(TransformDone done) { done(nullptr, {}); }

    // What their `done` do, for who need not hold the stream.
    void endTransform(std::exception_ptr error, QByteArray data);
    void endFlush(std::exception_ptr error, QByteArray data);

    void doRead(qsizetype bytes) override;
    void doWrite(QByteArray chunk, Done done) final;
    void doFinal(Done done) final;
    [[nodiscard]] bool hasFinal() const noexcept final { return true; }

private:
    void endWriteNow() { endWrite(nullptr); }

    qsizetype m_lengthBefore = 0; // bytes that waited for a reader before this chunk
    bool m_waitsForReader = false; // its write ends with the next doRead()
};

// Gives on what it gets: to look at it, or to pipe what is pushed by hand.
class PassThrough final : public Transform {
public:
    explicit PassThrough(DuplexOptions options = {})
        : Transform(options)
    {
    }

protected:
    void doTransform(QByteArray chunk, TransformDone done) override { done(nullptr, std::move(chunk)); }
};

} // namespace loopscope::stream
