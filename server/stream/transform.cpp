// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/transform.h"

namespace loopscope::stream {

Transform::Transform(DuplexOptions options)
    : Duplex(options)
{
    setReadSynchronous(false);
}

Transform::~Transform() = default;

// `done` is not kept: it would keep the stream itself.
void Transform::doWrite(QByteArray chunk, Done)
{
    m_lengthBefore = readableLength();
    doTransform(std::move(chunk), [kept = shared(this)](std::exception_ptr error, QByteArray data) {
        kept->endTransform(std::move(error), std::move(data));
    });
}

void Transform::endTransform(std::exception_ptr error, QByteArray data)
{
    const auto kept = keep();
    if (error || isDestroyed()) {
        endWrite(std::move(error));
        return;
    }
    if (!data.isEmpty())
        push(std::move(data));
    if (hasReachedEnd()) { // by the implementer: whoever writes learns of it first
        nextTick(this, &Transform::endWriteNow);
    } else if (hasReturnedFromEnd() || m_lengthBefore == readableLength()
               || readableLength() < readableHighWaterMark()) {
        endWrite(nullptr);
    } else {
        m_waitsForReader = true;
    }
}

void Transform::doRead(qsizetype)
{
    if (m_waitsForReader) {
        m_waitsForReader = false;
        endWrite(nullptr);
    }
}

void Transform::doFinal(Done)
{
    if (isDestroyed()) {
        endFlush(nullptr, {});
        return;
    }
    doFlush([kept = shared(this)](std::exception_ptr error, QByteArray data) {
        kept->endFlush(std::move(error), std::move(data));
    });
}

void Transform::endFlush(std::exception_ptr error, QByteArray data)
{
    const auto kept = keep();
    if (!error) {
        if (!data.isEmpty())
            push(std::move(data));
        push(nullptr);
    }
    endFinal(std::move(error));
}

} // namespace loopscope::stream
