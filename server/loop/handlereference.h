// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

#include <memory>

namespace loopscope::loop {

class EventLoop;

// Keeps a loop alive for as long as it is there and referenced: what an open handle of Node is, a server that listens
// or a socket. Whoever has such a handle owns one, on the loop's thread. It does nothing else, and may outlive the loop.
// https://nodejs.org/docs/latest-v20.x/api/net.html#serverunref
class HandleReference {
public:
    explicit HandleReference(const EventLoop &loop);
    ~HandleReference() { unref(); }
    HandleReference(const HandleReference &) = delete;
    HandleReference &operator=(const HandleReference &) = delete;

    // Each as often as one likes.
    void ref() noexcept;
    void unref() noexcept;
    [[nodiscard]] bool hasRef() const noexcept { return m_referenced; }

private:
    const std::shared_ptr<qsizetype> m_count;
    bool m_referenced = false;
};

} // namespace loopscope::loop
