// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

#include <atomic>
#include <functional>
#include <memory>

struct uv_loop_s;

namespace loopscope::load {

// The libuv loop of a load generator's thread: its owner tells on that thread, step by step, what to wait for.
//
// Made by the owner on any thread, run on one, and destroyed when that one no longer uses it. stop() may be called from
// any thread while it lives; everything else is for the thread that runs it. It never sleeps: it waits for the kernel.
class LoadLoop final {
public:
    LoadLoop();
    // Runs the close callbacks of what was closed on it. Handles that are still open are a mistake of their owner.
    ~LoadLoop();
    LoadLoop(const LoadLoop &) = delete;
    LoadLoop &operator=(const LoadLoop &) = delete;

    [[nodiscard]] uv_loop_s *uv() const noexcept;

    // Turns the loop until `done` says so, which is asked between turns. False: stop() came first.
    bool runUntil(const std::function<bool()> &done);
    // Any thread, at any time: a running runUntil() and all later ones return false.
    void stop() noexcept;
    [[nodiscard]] bool isStopped() const noexcept { return m_stopped.load(std::memory_order_acquire); }

    // The monotonic clock of the process, ns: the one that uv_hrtime() and the trace's records have.
    [[nodiscard]] static qint64 nowNs() noexcept;

private:
    struct Private;
    std::unique_ptr<Private> d;
    std::atomic<bool> m_stopped = false;
};

} // namespace loopscope::load
