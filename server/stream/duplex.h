// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/stream/readable.h"
#include "server/stream/writable.h"

namespace loopscope::stream {

struct DuplexOptions {
    qsizetype readableHighWaterMark = defaultHighWaterMark;
    qsizetype writableHighWaterMark = defaultHighWaterMark;
    bool autoDestroy = true; // once both sides have ended
    bool allowHalfOpen = true; // false: end() by itself after 'end'
    bool readable = true; // whether there is such a side at all
    bool writable = true;
};

// Both a Readable and a Writable, each with a buffer of its own, that end as one.
// https://nodejs.org/docs/latest-v20.x/api/stream.html#class-streamduplex
class Duplex : public Readable, public Writable {
public:
    ~Duplex() override;

    [[nodiscard]] bool allowsHalfOpen() const noexcept { return m_allowHalfOpen; }

protected:
    explicit Duplex(DuplexOptions options = {});

    void readableHasEnded() override;
    bool removeListener(Event event, ListenerId id) override;
    void dropListeners() override;
    void constructed() override;

private:
    void endAfterOtherSide();

    const bool m_allowHalfOpen;
};

} // namespace loopscope::stream
